"""The tiny run, computed for real: every file is there, whole, and means what it says."""

import json
from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml

from moirespin.figures import registry
from moirespin.io import csv_tables, netcdf, provenance, run_files
from moirespin.io.schemas.columns import column
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS
from moirespin.io.schemas.states import PHASE_DIAGRAM
from snakefile import JOBS

pytestmark = pytest.mark.workflow

PROJECT = Path(__file__).parents[2]
FIGURES = [figure.name for figure in registry.FIGURES if figure.by_default]


@pytest.fixture(scope="module")
def results(finished):
    return finished / "results/test"


@pytest.fixture(scope="module")
def settings(finished):
    """The tiny config; where it is silent, the default one holds."""
    return yaml.safe_load((finished / "tests/config.yaml").read_text())


def test_second_call_does_nothing(finished, planned):
    assert planned(finished) == {}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_drawn(name, results):
    picture = matplotlib.image.imread(results / f"figures/{name}.png")
    inked = (picture[..., :3] < 0.9).any(axis=-1)
    # Each ninth of the picture holds something.
    for band in np.array_split(inked, 3):
        for piece in np.array_split(band, 3, axis=1):
            assert piece.mean() > 0.001
    pdf = (results / f"figures/{name}.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")
    table = pd.read_csv(results / f"figures/{name}.csv", low_memory=False)
    assert len(table) >= 3
    assert not table.columns.str.startswith("Unnamed").any()
    assert table.notna().any().all()


def test_every_netcdf_file_is_of_its_schema(results):
    checked = set()
    for pattern, schema in run_files.SCHEMAS.items():
        paths = list(results.glob(pattern))
        assert paths, pattern
        for path in paths:
            netcdf.read(schema, path)
        checked.update(paths)
    assert checked == set(results.rglob("*.nc"))


def test_every_column_is_described(results):
    tables = [*results.glob("tables/*.csv"), *results.glob("figures/*.csv")]
    unknown = {
        f"{path.stem}: {name}"
        for path in tables
        for name in path.read_text(encoding="utf-8").partition("\n")[0].split(",")
        if column(path.stem, name) is None
    }
    assert not unknown, "say in io/schemas/columns.py what they are"


def test_every_dataset_model_and_table_says_what_made_it(results, settings, config):
    made = {}
    for path in results.rglob("*.nc"):
        with xr.open_dataset(path) as file:
            made[path] = file.attrs | {n: json.loads(file.attrs[n]) for n in ("config", "versions")}
    for path in results.glob("models/*.json"):
        made[path] = json.loads(path.read_text())["made"]
    for path in results.rglob("*.csv"):
        about = json.loads(csv_tables.sidecar(path).read_text())
        header = path.read_text().partition("\n")[0]
        assert [column["titles"] for column in about["tableSchema"]["columns"]] == header.split(",")
        assert about["url"] == path.name
        (made[path],) = about["notes"]
    assert {path.suffix for path in made} == {".nc", ".json", ".csv"}
    assert len(list(results.glob("models/*.safetensors"))) == len(
        list(results.glob("models/*.js*"))
    )
    for path, record in made.items():
        # The tiny config, with the default one where it is silent.
        assert record["config"].keys() == config.keys(), path
        assert record["config"]["sweep"] == config["sweep"] | settings["sweep"], path
        assert record["seed"] == config["seed"], path
        assert record["versions"]["numpy"] == np.__version__, path
        assert record["moirespin_version"] == provenance.moirespin_version(), path
        assert record["code"] == JOBS[record["rule"]].params.get("code")(None), path
    # A gathered file has its own record, not that of its parts.
    for name, rule in [("phase_diagram.nc", "gather_shards"), ("dataset.nc", "build_dataset")]:
        assert made[results / name]["rule"] == rule
    assert made[results / "phase_lines.nc"]["rule"] == "gather_lines"
    assert made[results / "shards/m10/000.nc"]["rule"] == "relax_shard"


def test_every_set_of_the_sweep_is_there_once(results, settings):
    diagram = netcdf.read(PHASE_DIAGRAM, results / "phase_diagram.nc")
    sweep = settings["sweep"]
    names = zip(diagram["twist_index"].values, diagram["set_number"].values, strict=True)
    assert list(names) == [
        (m, number) for m in sweep["twist_indices"] for number in range(sweep["sets_per_angle"])
    ]
    assert diagram["converged"].values.all()
    parameters = np.stack([diagram[name].values for name in netcdf.PARAMETERS], axis=1)
    assert len(np.unique(parameters, axis=0)) == diagram.sizes["set"]


def test_all_phases_occur(results):
    diagram = netcdf.read(PHASE_DIAGRAM, results / "phase_diagram.nc")
    phases = np.bincount(diagram["phase"].values, minlength=3)
    assert (phases > 0).all()
    table = pd.read_csv(results / "tables/phases.csv").set_index("twist_index")
    assert table.loc["all", ["fm", "ncd", "md"]].tolist() == phases.tolist()


def test_examples_are_what_they_stand_for(results):
    table = pd.read_csv(results / "figures/fig02.csv", low_memory=False)
    examples = table[table["item"] == "example"]
    assert examples["phase"].tolist() == list(netcdf.PHASES)


def test_dataset_is_every_set_that_is_not_ferromagnetic(results):
    diagram = netcdf.read(PHASE_DIAGRAM, results / "phase_diagram.nc")
    samples = netcdf.read(DATASET, results / "dataset.nc")
    kept = diagram.isel(set=diagram["phase"].values != netcdf.PHASES.index("FM"))
    for name in ("twist_index", "set_number", "phase", "exchange", "anisotropy"):
        np.testing.assert_array_equal(samples[name].values, kept[name].values)
    # The mean of an image is not that of the supercell, but has its sign where that is clear.
    clear = np.abs(samples["magnetization"].values) > 0.7
    means = samples["image"].values.mean(axis=(2, 3))
    assert clear.any()
    np.testing.assert_array_equal(
        np.sign(means[clear]), np.sign(samples["magnetization"].values[clear])
    )


def test_split_has_its_shares(results, config):
    samples = netcdf.read(DATASET, results / "dataset.nc")
    count = samples.sizes["sample"]
    train, validation, test = np.bincount(samples["split"].values, minlength=3)
    split = config["split"]
    assert test == round(split["test_fraction"] * count)
    assert validation == round(split["validation_fraction"] * (count - test))
    assert train == count - test - validation
    for schema, path in [(PARAMETER_PREDICTIONS, "parameters"), (IMAGE_PREDICTIONS, "images")]:
        predictions = netcdf.read(schema, results / f"predictions/{path}.nc")
        chosen = samples.isel(sample=samples["split"].values == netcdf.SPLITS.index("test"))
        np.testing.assert_array_equal(predictions["set_number"], chosen["set_number"])
        np.testing.assert_array_equal(predictions["twist_index"], chosen["twist_index"])


@pytest.mark.parametrize("name", [*netcdf.PARAMETERS, "generator"])
def test_network_has_learned_something(name, results, settings):
    about = json.loads((results / f"models/{name}.json").read_text())
    losses = [row["validation_loss"] for row in about["history"]]
    assert len(losses) <= settings["regressor"]["training"]["max_epochs"]
    assert min(losses[1:]) < losses[0]


def test_comparison_with_the_paper_is_filled_in(results):
    comparison = pd.read_csv(results / "tables/paper_comparison.csv")
    comparison = comparison.set_index("quantity")
    # A tiny network may exceed 5 % at every SNR, and few samples may lie near CrI3.
    known = ~comparison.index.str.contains("lowest SNR|CrI3")
    assert np.isfinite(comparison.loc[known, "ours"]).all()
    assert np.isfinite(comparison.loc["MAPE of J (%)", ["error", "joint", "joint_error"]]).all()
    regression = pd.read_csv(results / "tables/regression.csv").set_index("quantity")
    assert np.isfinite(regression.loc[["mape_exchange", "pc1_share"], "value"]).all()


def test_nothing_is_left_over(finished, results):
    files = [path for path in results.rglob("*") if path.is_file()]
    written = [path for path in files if path.suffix != ".log"]
    assert len(files) > 100
    odd = [path for path in files if path.name.startswith(".") or path.suffix == ".checkpoint"]
    assert odd == []
    assert [path for path in written if path.stat().st_size == 0] == []
    assert list((finished / ".snakemake/incomplete").iterdir()) == []


def test_no_file_names_a_folder_of_this_machine(finished, results):
    places = {str(finished), str(PROJECT), str(Path.home())} - {"/"}
    for path in results.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [place for place in places if place.encode() in content], path


def test_cut_of_the_sweep_into_shards_changes_nothing(finished, fresh, snakemake):
    sweep = {"twist_indices": [10], "sets_per_shard": 32}
    target = "results/test/phase_diagram.nc"
    answer = snakemake(fresh, target, changes={"sweep": sweep})
    assert answer.returncode == 0, answer.stdout
    assert len(list(fresh.rglob("results/test/shards/*/*.nc"))) == 1
    other = netcdf.read(PHASE_DIAGRAM, fresh / target)
    diagram = netcdf.read(PHASE_DIAGRAM, finished / target)
    same = diagram.isel(set=diagram["twist_index"].values == 10)
    assert other.sizes == same.sizes
    for name in ("set_number", "exchange", "anisotropy", "phase", "winner", "steps"):
        np.testing.assert_array_equal(other[name], same[name], err_msg=name)
    # The last bit of a sum can depend on how many textures are summed at once.
    for name in ("energy", "start_energy"):
        np.testing.assert_allclose(other[name], same[name], rtol=1e-14, err_msg=name)
