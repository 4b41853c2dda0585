"""Config files: one sentence with file and line for every slip, and Snakemake's way of merging."""

import copy
import os
import tempfile

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from snakemake.utils import update_config

from moirespin.pipeline.config_files import overlay, read_config, read_configs

REPEATABLE = settings(derandomize=True, database=None, deadline=None, max_examples=100)
SCALARS = st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none() | st.text("ab: -#")
CONFIGS = st.recursive(
    SCALARS | st.lists(SCALARS, max_size=3),
    lambda inner: st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
)
BLOCKS = st.dictionaries(st.text("abc", min_size=1), CONFIGS, min_size=1, max_size=4)
SLIPS = {
    "equal keys": (b"seed: 1\nsweep:\n  a: 1\n  a: 2\n", ", line 4: the key a occurs twice"),
    "equal keys, quoted": (b'seed: 1\n"seed": 1\n', ", line 2: the key seed occurs twice"),
    "tab": (b"sweep:\n\ta: 1\n", ", line 2: a tab stands where YAML takes spaces only"),
    "tab below spaces": (b"sweep:\n  a: 1\n\tb: 1\n", ", line 3: a tab stands where YAML takes"),
    "missing colon": (b"run: a\nseed 1\nx: 1\n", ", line 3: this is no YAML"),
    "open bracket": (b"a: [1, 2\nb: 3\n", ", line 2: this is no YAML"),
    "open quote": (b'a: "x\nb: 3\n', ", line 3: this is no YAML"),
    "empty": (b"", " is empty: it must hold keys with values"),
    "comments only": (b"# run: a\n", " is empty: it must hold keys with values"),
    "list": (b"- a\n- b\n", ' holds no keys with values, such as "seed: 1"'),
    "text": (b"hello\n", ' holds no keys with values, such as "seed: 1"'),
    "Latin-1": (b"run: a\n# caf\xe9\n", ", line 2: this is not UTF-8: save the file as UTF-8"),
    "UTF-16": ("run: a\n".encode("utf-16"), ", line 1: this is not UTF-8"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00", ", line 1: this is not UTF-8"),
    "control character": (b"run: a\nb: \x01\n", ", line 2: character 0x1 is not allowed in YAML"),
    "5,000 digits": (b"seed: " + b"9" * 5000, f", line 1: {'9' * 60}... is no value"),
    "no date": (b"run: 2024-13-45\n", ", line 1: 2024-13-45 is no value"),
    "date": (b"run: 2024-01-05\n", ", line 1: 2024-01-05 is neither a number nor text: put text"),
    "two documents": (b"a: 1\n---\nb: 1\n", ", line 2: this is no YAML"),
    "object of Python": (b"a: !!python/object:os.system x\n", ", line 1: could not determine"),
    "nested deep": (b"[" * 5000, ": its blocks are nested too deep"),
    "list as a key": (b"? [1]\n: 2\n", ", line 1: found unhashable key"),
}


@pytest.mark.parametrize(("content", "said"), SLIPS.values(), ids=SLIPS)
def test_slip_is_refused_with_its_line(content, said, tmp_path):
    path = tmp_path / "slip.yaml"
    path.write_bytes(content)
    with pytest.raises(ValueError) as error:
        read_config(path)
    (sentence,) = str(error.value).splitlines()
    assert sentence.startswith(tuple(f"{name}{said}" for name in (path, os.path.relpath(path))))


@pytest.mark.parametrize(("name", "said"), [("", "Is a directory"), ("no.yaml", "No such file")])
def test_what_is_no_file_is_named(name, said, tmp_path):
    with pytest.raises(ValueError) as error:
        read_config(tmp_path / name)
    path = tmp_path / name
    names = (path, os.path.relpath(path))
    assert str(error.value).startswith(tuple(f"{shown}: {said}" for shown in names))


@REPEATABLE
@given(BLOCKS)
def test_what_yaml_writes_is_read(config):
    assert _read(yaml.safe_dump(config)) == config


def test_the_default_config_is_read_as_by_others(config):
    assert _read(yaml.safe_dump(config)) == config
    anchored = "a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n"
    assert _read(anchored) == yaml.safe_load(anchored)


def clash(below, above):
    """Return whether a block lies on or below something that is no block."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return isinstance(below, dict) or isinstance(above, dict)
    return any(
        (isinstance(below[key], dict) or isinstance(above[key], dict))
        and clash(below[key], above[key])
        for key in below.keys() & above.keys()
    )


@REPEATABLE
@given(BLOCKS, BLOCKS)
def test_files_are_laid_on_each_other_as_snakemake_does(below, above):
    # Where a block meets a value Snakemake keeps either; the check of the config refuses both.
    assume(not clash(below, above))
    expected = copy.deepcopy(below)
    update_config(expected, above)
    before = copy.deepcopy((below, above))
    assert overlay(below, above) == expected
    assert (below, above) == before


def test_the_later_file_lies_on_top(tmp_path):
    paths = [tmp_path / name for name in "abc"]
    texts = ["x: {y: 1, z: [1, 2]}\n", "x: {z: [3]}\n", "x: {w: 0}\nv: 1\n"]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    assert read_configs(paths) == {"x": {"y": 1, "z": [3], "w": 0}, "v": 1}


def _read(text):
    # Hypothesis takes no fixture that lasts a function.
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        return read_config(file.name)
