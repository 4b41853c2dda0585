"""The tests mirror the package: a file for each module, or the file that stands for it."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "workflow/moirespin"
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix()
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py"
}
# Modules without a test file of their own, and the file that tests them.
ELSEWHERE = {
    # Lists and names.
    "analysis/paper_statements": "analysis/test_paper_trends.py",
    "analysis/registry": "workflow/test_rules.py",
    "figures/registry": "workflow/test_rules.py",
    "learning/changes": "learning/test_variants.py",
    "io/contents": "workflow/test_page.py",
    "io/export/texture": "io/export/test_formats.py",
    "io/schemas/beyond": "io/schemas/test_base.py",
    "io/schemas/columns": "pages/test_reference.py",
    "io/schemas/images": "io/schemas/test_base.py",
    "io/schemas/scores": "io/schemas/test_base.py",
    "io/schemas/states": "io/schemas/test_base.py",
    "io/schemas/textures": "io/schemas/test_base.py",
    "io/schemas/trials": "io/schemas/test_base.py",
    "pipeline/products": "workflow/test_page.py",
    "solver/outcomes": "solver/test_relaxation.py",
    # Figures of the same panels.
    "figures/fig04": "figures/test_panels.py",
    "figures/fig06": "figures/test_panels.py",
    "figures/fig09": "figures/test_panels.py",
    "figures/fig10": "figures/test_panels.py",
    "figures/state": "cli/test_state.py",
    "figures/worst_samples": "analysis/test_worst_samples.py",
    # Steps that are seen through what they lead to.
    "cli/__main__": "cli/test_state.py",
    "cli/export": "front/test_runs.py",
    "cli/options": "cli/test_state.py",
    "cli/outputs": "cli/test_state.py",
    "front/measuring": "front/test_drawing.py",
    "images/state_texture": "images/test_window.py",
    "inference/model_files": "workflow/test_measurements.py",
    "inference/modes": "inference/test_infer.py",
    "inference/seen_waves": "inference/test_forward.py",
    "pages/markdown": "pages/test_reference.py",
    "pages/model_cards": "pages/test_reference.py",
    "states/description": "cli/test_state.py",
    "states/parameter_sets": "states/test_robustness.py",
    "textures/examples": "textures/test_shipped_model.py",
    "textures/from_sweep": "workflow/test_run.py",
    "textures/training": "workflow/test_run.py",
}
# Tests of the project as a whole, and of what is no module.
OF_NO_MODULE = {"io/export/test_readers.py", "textures/test_shipped_model.py"}


def mirrored(module):
    path = Path(module)
    return (path.parent / f"test_{path.name}.py").as_posix()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_module_has_a_test_file_or_names_it(module):
    own = TESTS / mirrored(module)
    assert own.is_file() != (module in ELSEWHERE), f"tests/{mirrored(module)}"
    assert own.is_file() or (TESTS / ELSEWHERE[module]).is_file()


def test_no_test_file_is_left_without_its_module():
    files = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    of_modules = {mirrored(module) for module in MODULES}
    whole = {name for name in files if "/" not in name or name.startswith("workflow/")}
    assert files - of_modules - whole == OF_NO_MODULE
    assert ELSEWHERE.keys() <= MODULES
