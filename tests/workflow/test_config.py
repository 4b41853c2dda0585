"""Every config is described and checked: bad input ends in one sentence before any job."""

import copy
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import yaml

from moirespin.analysis.error_pca import FEWEST_SAMPLES_FOR_PCA
from moirespin.images.image_set import Split, draw_parts
from moirespin.io.schemas.base import SPLITS
from moirespin.learning.split_parts import FEWEST_TRAINING_SAMPLES
from moirespin.pipeline.config_check import FEWEST_SAMPLES, check_config, check_split, load_schema
from moirespin.pipeline.config_files import overlay, read_config

PROJECT = Path(__file__).parents[2]
SCHEMA = load_schema(PROJECT / "workflow/schemas/config.schema.yaml")
PRESETS = sorted((PROJECT / "workflow/presets").glob("*.yaml"))
OVERLAYS = [PROJECT / "tests/config.yaml", *PRESETS]
# What a key's suffix says about its unit, and how the description must say it.
UNITS = {"_mev": "meV", "_per_nm": "1/nm", "_nm": "nm", "_rad": "rad", "_db": "dB"}


def objects(schema, path=()):
    """Yield (path, schema) of every block of keys."""
    if schema.get("type") == "object":
        yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from objects(part, (*path, name))


def keys(schema):
    """Yield (dotted key, schema) of every key."""
    for path, block in objects(schema):
        for name, part in block.get("properties", {}).items():
            yield ".".join((*path, name)), part


BLOCKS = list(objects(SCHEMA))
BLOCK_NAMES = [".".join(path) or "all" for path, _ in BLOCKS]
KEYS = list(keys(SCHEMA))


def load(path):
    return read_config(path)


def test_schema_is_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert len(KEYS) > 60


def test_default_config_passes_and_is_left_as_it_was(config):
    before = copy.deepcopy(config)
    check_config(config, SCHEMA, PROJECT)
    assert config == before


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_overlay_is_valid_and_changes_only_keys_that_exist(path, config):
    check_config(overlay(config, load(path)), SCHEMA, PROJECT)
    assert load(path)["run"] != config["run"]


def test_default_config_has_every_key_of_the_schema(config):
    for key, _ in KEYS:
        value = config
        for name in key.split("."):
            assert name in value, key
            value = value[name]


@pytest.mark.parametrize(("path", "block"), BLOCKS, ids=BLOCK_NAMES)
def test_unknown_keys_are_refused_everywhere(path, block):
    assert block["additionalProperties"] is False
    optional = {"c3z", "stacking_map"} if path == ("interlayer",) else set()
    assert set(block["required"]) == set(block["properties"]) - optional


@pytest.mark.parametrize(("key", "about"), KEYS, ids=[key for key, _ in KEYS])
def test_key_has_a_description_with_its_unit(key, about):
    assert len(about["description"]) >= 2
    unit = next((unit for suffix, unit in UNITS.items() if key.endswith(suffix)), None)
    if unit:
        assert re.search(rf"(?<!\w){re.escape(unit)}(?!\w)", about["description"]), key


# Change of the default config, and what the sentence must say.
BAD = {
    "unknown key": ({"seeds": 1}, "unknown key seeds: did you mean seed?"),
    "unknown inner key": (
        {"sweep": {"set_per_angle": 9}},
        "unknown key sweep.set_per_angle: did you mean sets_per_angle?",
    ),
    "key of an older version": (
        {"exchange": {"scale": 1.0}},
        "exchange is the name of an older version: call it interlayer",
    ),
    "key like no other": ({"split": {"zzz": 1}}, "allowed are test_fraction, validation_fraction"),
    "key that is a number": ({"split": {7: 1}}, "unknown key split.7"),
    "exponential as text": (
        yaml.safe_load("relax: {torque_tolerance_mev: 1e-4}"),
        "relax.torque_tolerance_mev is '1e-4', but must be a number from 1e-05 to 1"
        " (YAML reads 1e-4 as text: write 1.0e-4)",
    ),
    "text for a number": ({"seed": "one"}, "seed is 'one', but must be a whole number"),
    "number for text": ({"run": 7}, "run is 7, but must be text"),
    "boolean for a number": ({"seed": True}, "seed is true, but must be a whole number"),
    "float for a whole number": (
        {"sweep": {"sets_per_angle": 80.0}},
        "sweep.sets_per_angle is 80.0, but must be a whole number",
    ),
    "not a number": (
        {"interlayer": {"scale": float("nan")}},
        "interlayer.scale is nan, but must be a",
    ),
    "infinite": (
        {"interlayer": {"c3z": {"sine_mev": float("inf")}}},
        "sine_mev is inf, but must be",
    ),
    "empty block": ({"sweep": None}, "sweep is empty, but must be a block of keys"),
    "number for a list": ({"noise": {"levels_db": 10.0}}, "noise.levels_db is 10.0, but must be a"),
    "untwisted": (
        {"sweep": {"twist_indices": [1, 8]}},
        "the first value of sweep.twist_indices is 1, but must be a whole number from 2 to 200",
    ),
    "no angle": ({"sweep": {"twist_indices": []}}, "twist_indices has 0 entries, but must have"),
    "angle twice": ({"sweep": {"twist_indices": [8, 8]}}, "[8, 8], but its entries must differ"),
    "range of J reversed": (
        {"sweep": {"exchange_mev": [10.0, 1.0]}},
        "sweep.exchange_mev is [10.0, 1.0], but its first value must be below its second",
    ),
    "range of one end": (
        {"sweep": {"exchange_mev": [1.0]}},
        "sweep.exchange_mev has 1 entry, but must have exactly 2",
    ),
    "negative D": (
        {"sweep": {"anisotropy_mev": [-0.1, 0.3]}},
        "the first value of sweep.anisotropy_mev is -0.1, but must be a number from 0 to 1000",
    ),
    "no J": (
        {"sweep": {"exchange_mev": [0.0, 1.0]}},
        "sweep.exchange_mev is 0.0, but must be a number above 0 and up to 1000",
    ),
    "zero sets": (
        {"sweep": {"sets_per_angle": 0}},
        "sets_per_angle is 0, but must be a whole number from 1 to 1000000",
    ),
    "unknown start": (
        {"ground_state": {"structured": ["spiral"]}},
        "is 'spiral', but must be one of tilted, noncollinear, domain",
    ),
    "no start": (
        {"ground_state": {"structured": [], "random_starts": 0}},
        "ground_state.structured is empty and ground_state.random_starts is 0, but at least one",
    ),
    "crop larger than the image": (
        {"images": {"pixels": 80, "generator_pixels": 81}},
        "images.generator_pixels is 81, but must be at most images.pixels, 80",
    ),
    "everything is test": (
        {"split": {"test_fraction": 1}},
        "split.test_fraction is 1, but must be a number above 0 and below 1",
    ),
    "everything as a fraction": (
        {"sample_curve": {"fractions": [0.5, 1.0]}},
        "the second value of sample_curve.fractions is 1.0, but must be a number above 0 and",
    ),
    "cutoff below the spacing": (
        {"interlayer": {"cutoff_nm": 0.5}},
        "interlayer.cutoff_nm is 0.5, but must exceed lattice.layer_spacing_nm, 0.67",
    ),
    "unknown exchange model": (
        {"interlayer": {"model": "dft"}},
        "must be one of c3z, stacking_map",
    ),
    "no such table": (
        {"interlayer": {"model": "stacking_map", "stacking_map": {"table": "none.csv"}}},
        "interlayer.stacking_map.table is none.csv, but there is no such file in ",
    ),
    "table outside of the project": (
        {"interlayer": {"stacking_map": {"table": "resources/../../x.csv"}}},
        "table is resources/../../x.csv, which leaves the project: give an absolute path if that",
    ),
    "table that is no CSV": (
        {"interlayer": {"stacking_map": {"table": "table.xlsx"}}},
        "interlayer.stacking_map.table is 'table.xlsx', but must be a path that ends in .csv",
    ),
    "table with a brace": (
        {"interlayer": {"stacking_map": {"table": "my/{run}.csv"}}},
        "table is my/{run}.csv, but braces and backslashes mean something else to Snakemake",
    ),
    "rates out of order": (
        {"generator": {"training": {"lowest_learning_rate": 0.1}}},
        "generator.training.lowest_learning_rate is 0.1, but must be at most learning_rate",
    ),
    "folder as name of the run": (
        {"run": "a/b"},
        "run is 'a/b', but must be text of 1 to 100 letters",
    ),
    "no name of the run": ({"run": ""}, "run is '', but must be text of 1 to 100 letters"),
}


@pytest.mark.parametrize(("changes", "said"), BAD.values(), ids=BAD)
def test_bad_config_ends_in_one_sentence(changes, said, config):
    with pytest.raises(ValueError) as error:
        check_config(overlay(config, changes), SCHEMA, PROJECT)
    (sentence,) = str(error.value).splitlines()
    assert sentence.startswith("config: ")
    assert said in sentence


@pytest.mark.parametrize(("path", "block"), BLOCKS, ids=BLOCK_NAMES)
def test_missing_key_is_named(path, block, config):
    incomplete = copy.deepcopy(config)
    values = incomplete
    for name in path:
        values = values[name]
    missing = block["required"][-1]
    del values[missing]
    sentence = f"^config: {re.escape('.'.join((*path, missing)))} is missing$"
    with pytest.raises(ValueError, match=sentence):
        check_config(incomplete, SCHEMA, PROJECT)


def test_model_without_its_block_is_refused(config):
    incomplete = copy.deepcopy(config)
    del incomplete["interlayer"]["c3z"]
    with pytest.raises(ValueError, match=r"block interlayer\.c3z is missing"):
        check_config(incomplete, SCHEMA, PROJECT)


def test_absolute_path_of_a_table_is_looked_up_as_it_is(config, tmp_path):
    path = tmp_path / "table.csv"
    table = {"interlayer": {"model": "stacking_map", "stacking_map": {"table": str(path)}}}
    with pytest.raises(ValueError, match=re.escape(str(path))):
        check_config(overlay(config, table), SCHEMA, PROJECT)
    path.touch()
    check_config(overlay(config, table), SCHEMA, PROJECT)


@pytest.mark.parametrize("sets", range(1, 40))
def test_too_few_sets_are_refused_and_enough_are_not(sets, config):
    """Against the split itself, of sets that all have an image."""
    few = overlay(config, {"sweep": {"twist_indices": [8], "sets_per_angle": sets}})
    parts = draw_parts(
        Split(**few["split"]), seed=0, twist_index=np.full(sets, 8), number=np.arange(sets)
    )
    counts = {
        name: int(np.sum(parts == SPLITS.index(part)))
        for name, part in (("training", "train"), ("validation", "validation"), ("test", "test"))
    }
    if all(counts[name] >= fewest for name, fewest in FEWEST_SAMPLES.items()):
        check_split(few)
        return
    with pytest.raises(ValueError) as error:
        check_split(few)
    numbers = r"the (\d+) sets .* at most (\d+) (\w+) samples, but at least (\d+)"
    said = re.search(numbers, str(error.value))
    assert int(said[1]) == sets
    assert int(said[2]) == counts[said[3]] < int(said[4]) == FEWEST_SAMPLES[said[3]]


def test_what_is_too_few_is_what_the_networks_and_scores_say():
    assert FEWEST_SAMPLES["training"] == FEWEST_TRAINING_SAMPLES
    assert FEWEST_SAMPLES["test"] == FEWEST_SAMPLES_FOR_PCA


@pytest.mark.workflow
def test_too_few_sets_end_a_training_but_no_simulation(project, snakemake):
    few = {
        "sweep": {"twist_indices": [10], "sets_per_angle": 10},
        "challenge": {"twist_indices": [10]},
    }
    answer = snakemake(project, "--dry-run", changes=few)
    assert answer.returncode == 1
    sentence = answer.stdout.splitlines()[-1]
    assert "the 10 sets of the sweep leave at most 7 training samples, but at least 8" in sentence
    assert "Traceback" not in answer.stdout
    answer = snakemake(project, "results/test/tables/phases.csv", "--dry-run", changes=few)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("run: x\nseed: 1\nseed: 2\n", ", line 3: the key seed occurs twice"),
        ("run:\n\tx\n", ", line 2: a tab stands where YAML takes spaces only"),
        ("", " is empty: it must hold keys with values"),
    ],
)
def test_config_file_with_a_slip_is_refused_with_its_line(text, said, project):
    (project / "config.yaml").write_text(text)
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1"]
    answer = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1] == f"config: config.yaml{said}"
    assert "Traceback" not in answer.stderr


@pytest.mark.workflow
@pytest.mark.parametrize("case", ["unknown key", "exponential as text", "no such table"])
def test_snakemake_says_the_sentence_and_no_more(case, project, snakemake):
    changes, said = BAD[case]
    answer = snakemake(project, "--dry-run", changes=changes)
    assert answer.returncode == 1
    sentence = answer.stdout.splitlines()[-1]
    assert sentence.startswith("config: ")
    assert said in sentence
    assert "Traceback" not in answer.stdout
    assert "Error" not in answer.stdout
    assert not (project / "results/test").exists()
