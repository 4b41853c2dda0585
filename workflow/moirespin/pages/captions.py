"""The report's captions as HTML: Jinja fills them in and Docutils sets them, as in Snakemake.

The texts of `workflow/report` are part of the fingerprint of whatever imports this module.
"""

from pathlib import Path
from types import SimpleNamespace

from docutils.core import publish_parts
from docutils.utils import SystemMessage
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

TEXTS = Path(__file__).parents[2] / "report"
# A caption is text: it can neither read a file nor hold HTML of its own.
SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "embed_stylesheet": False,
    "smart_quotes": False,
    "report_level": 2,
    "halt_level": 2,
    "warning_stream": False,
}
# Names in single backticks are columns and tables.
LITERAL = ".. default-role:: literal\n\n"


def environment() -> Environment:
    """Return the templates of `workflow/report`; a name that nothing fills in is an error."""
    return Environment(
        loader=FileSystemLoader(TEXTS),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def caption(name: str, config: dict, **wildcards: str) -> Markup:
    """Return a caption as HTML.

    Args:
        name: of a figure, a table or the text `workflow`.
        config: of the run, which captions know as `snakemake.config`.
        **wildcards: those of the rule, which captions know as `snakemake.wildcards`.

    Raises:
        ValueError: naming the caption, if it is not reStructuredText.
    """
    template = environment().get_template(f"{name}.rst")
    known = SimpleNamespace(config=config, wildcards=SimpleNamespace(**wildcards))
    text = template.render(snakemake=known)
    try:
        parts = publish_parts(LITERAL + text, writer="html5", settings_overrides=SETTINGS)
    except SystemMessage as error:
        raise ValueError(f"workflow/report/{name}.rst is no reStructuredText: {error}") from error
    # Docutils has escaped what the text holds.
    return Markup(parts["body"])  # noqa: S704
