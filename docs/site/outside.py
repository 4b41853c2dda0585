"""Links of the docs that lead out of their folder, such as to config.yaml, for the site.

A file outside is copied to `source/`, as text that a browser shows, and links lead there. A link to
a folder, which is no page, becomes its text. A link to nothing is left as it is: MkDocs then ends
with its name.
"""

import re
from pathlib import Path

from mkdocs.structure.files import File

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"
LINK = re.compile(r"\[([^\]\[]*)\]\((?!\w+:)([^)#\s]+)(#[^)\s]*)?\)")
PICTURES = (".png", ".pdf", ".svg")


def outside(page: Path, target: str) -> Path | None:
    """Return where a link of a page leads if that exists outside of the docs."""
    path = (page.parent / target).resolve()
    return path if path.exists() and not path.is_relative_to(DOCS) else None


def place(path: Path) -> str:
    """Return the address on the site of a file outside of the docs."""
    name = path.relative_to(PROJECT).as_posix()
    return f"source/{name}" if path.suffix in PICTURES else f"source/{name}.txt"


def on_files(files, config):
    """Add the files outside that pages link."""
    linked = set()
    for page in [file for file in files if file.src_uri.endswith(".md")]:
        own = DOCS / page.src_uri
        targets = [match[2] for match in LINK.finditer(own.read_text(encoding="utf-8"))]
        linked |= {path for target in targets if (path := outside(own, target)) and path.is_file()}
    for path in sorted(linked):
        files.append(File.generated(config, place(path), abs_src_path=str(path)))
    return files


def on_page_markdown(markdown, page, **_):
    """Lead links to where their files are on the site."""
    own = DOCS / page.file.src_uri

    def led(match):
        if (own.parent / match[2]).is_dir():
            return match[1]
        path = outside(own, match[2])
        if path is None:
            return match[0]
        return f"[{match[1]}]({'../' * page.file.src_uri.count('/')}{place(path)})"

    return LINK.sub(led, markdown)
