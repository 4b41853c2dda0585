"""The archive of a run, made of stand-ins for its files: whole, checkable, always the same."""

import copy
import hashlib
import json
import os
import subprocess
import zipfile

import pytest
import yaml

from moirespin.io import checksum, provenance
from moirespin.pipeline import archive, products

DAY = 1_700_000_000  # 2023-11-14


def write_record(folder, name, **more):
    """Write the JSON beside a file of the run as a job does."""
    path = folder / name
    if path.suffix == ".csv":
        record = {archive.CHECKSUM: checksum.digest(path), "notes": [more]}
        archive.sidecar(path).write_text(json.dumps(record))
    else:
        path.with_suffix(".json").write_text(json.dumps({"sha256": checksum.digest(path)}))


@pytest.fixture
def run(tmp_path, config):
    """A folder that holds what a finished run does, with other contents."""
    folder = tmp_path / "results" / "laptop"
    made = {"moirespin_version": "1.2.3", "rule": "compare_with_paper", "seed": config["seed"]}
    made |= {"config": config, "versions": provenance.versions()}
    names = [*products.everything(), archive.REPORT, "shards/m08/000.nc", "logs/all.log"]
    for name in [name for name in names if not name.endswith(".json")]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"contents of {name}\n" * 100)
        if path.suffix == ".nc":
            checksum.add_seal(path)
        elif path.suffix in (".csv", ".safetensors"):
            write_record(folder, name, **made)
    set_times(folder)
    return folder


def set_times(folder):
    for path in folder.rglob("*"):
        os.utime(path, (DAY, DAY))


def refusal(folder, capsys):
    """Return what is said, and that nothing is written."""
    assert archive.main([str(folder)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    if folder.parent.exists():
        assert not list(folder.parent.glob("*.zip*")) + list(folder.parent.glob(".*"))
    return line


def test_archive_holds_the_run_and_its_sums_are_right(run, tmp_path, config, capsys):
    assert archive.main([str(run)]) == 0
    assert "laptop.zip" in capsys.readouterr().out
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(run.with_name("laptop.zip")) as packed:
        assert packed.testzip() is None
        packed.extractall(unpacked)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", archive.MANIFEST],
        cwd=unpacked / "laptop",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in unpacked.iterdir()] == ["laptop"]
    unpacked = unpacked / "laptop"
    found = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    listed = (unpacked / archive.MANIFEST).read_text().splitlines()
    assert found - {archive.MANIFEST} == {line.partition("  ")[2] for line in listed}
    needed = {*products.everything()} - {"dataset.nc", "predictions/images.nc"}
    needed |= {"report.html", "config.yaml", "README.md", "LICENSE"}
    needed |= {"CITATION.cff", "FILES.md"}
    assert needed | {archive.METADATA, archive.MANIFEST} <= found
    assert {name.partition("/")[0] for name in found - needed} <= {
        "envs",
        archive.METADATA,
        archive.MANIFEST,
    }
    assert yaml.safe_load((unpacked / "config.yaml").read_text()) == config
    for name in products.tables():
        assert (unpacked / name).read_bytes() == (run / name).read_bytes()


def test_changed_byte_is_found_by_the_sums(run, tmp_path):
    with zipfile.ZipFile(archive.pack(run)) as packed:
        sums = dict(
            reversed(line.split("  "))
            for line in packed.read(f"laptop/{archive.MANIFEST}").decode().splitlines()
        )
        content = packed.read("laptop/phase_diagram.nc")
    assert hashlib.sha256(content).hexdigest() == sums["phase_diagram.nc"]
    assert hashlib.sha256(content[:-1] + b"!").hexdigest() != sums["phase_diagram.nc"]


def test_metadata_is_a_crate_that_names_every_file(run):
    with zipfile.ZipFile(archive.pack(run)) as packed:
        names = {name.removeprefix("laptop/") for name in packed.namelist()}
        crate = json.loads(packed.read(f"laptop/{archive.METADATA}"))
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    graph = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(graph) == len(crate["@graph"])
    about, root = graph[archive.METADATA], graph["./"]
    assert about["about"] == {"@id": "./"}
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["datePublished"] == "2023-11-14"
    assert {"name", "description", "license"} <= root.keys()
    parts = {part["@id"] for part in root["hasPart"]}
    assert parts == names - {archive.METADATA, archive.MANIFEST}
    assert all(graph[part]["@type"] == "File" for part in parts)
    assert graph["#moirespin"]["softwareVersion"] == "1.2.3"
    # Whatever is referred to is described.
    text = json.dumps(crate)
    for entity in crate["@graph"]:
        for value in entity.values():
            for link in value if isinstance(value, list) else [value]:
                if isinstance(link, dict) and link["@id"] != "https://w3id.org/ro/crate/1.1":
                    assert link["@id"] in graph
    assert str(run.parent) not in text


def test_the_same_run_gives_the_same_bytes(run):
    first = archive.pack(run).read_bytes()
    archive.pack(run).unlink()
    assert archive.pack(run).read_bytes() == first


def test_commit_is_named_in_a_checkout(run, tmp_path, monkeypatch):
    project = tmp_path / "project"
    (project / "envs").mkdir(parents=True)
    (project / "CITATION.cff").write_text("repository-code: https://example.org/moirespin\n")
    git = ["git", "-C", project, "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    monkeypatch.setattr(archive, "PROJECT", project)
    expected = {"codeRepository": "https://example.org/moirespin"}
    expected["identifier"] = f"commit {head.stdout.strip()}"
    assert archive.source_of_the_code() == expected
    (project / "CITATION.cff").write_text("title: another\n")
    assert archive.source_of_the_code() == {"identifier": f"{expected['identifier']}, edited"}
    # Without README, licence and citation there is an archive all the same.
    assert archive.main([str(run)]) == 0


def test_dataset_is_packed_if_it_is_asked_for(run):
    assert archive.main([str(run), "--with-dataset"]) == 0
    with zipfile.ZipFile(run.with_name("laptop.zip")) as packed:
        assert packed.read("laptop/dataset.nc") == (run / "dataset.nc").read_bytes()


def test_what_was_made_on_request_is_packed(run):
    name = "tables/exchange_scale.csv"
    (run / name).write_text("a,b\n")
    write_record(run, name)
    set_times(run)
    with zipfile.ZipFile(archive.pack(run)) as packed:
        assert f"laptop/{name}" in packed.namelist()


@pytest.mark.parametrize("absolute", [False, True])
def test_interlayer_table_lies_where_the_packed_config_names_it(run, config, absolute):
    config = copy.deepcopy(config)
    table = config["interlayer"]["stacking_map"]["table"]
    source = archive.PROJECT / table
    config["interlayer"]["model"] = "stacking_map"
    config["interlayer"]["stacking_map"]["table"] = str(source) if absolute else table
    made = json.loads(archive.sidecar(run / "tables/phases.csv").read_text())["notes"][0]
    for name in products.everything():
        if name.endswith(".csv"):
            write_record(run, name, **made | {"config": config})
    set_times(run)
    with zipfile.ZipFile(archive.pack(run)) as packed:
        named = yaml.safe_load(packed.read("laptop/config.yaml"))["interlayer"]["stacking_map"]
        assert packed.read(f"laptop/{named['table']}") == source.read_bytes()


def link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def link_folder(path):
    path.parent.rename(path.parent.with_name("elsewhere"))
    path.parent.symlink_to("elsewhere")


def shorten(path):
    path.write_bytes(path.read_bytes()[:70])


def make_pipe(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("tables/phases.csv", link, "is a link or lies behind one"),
        ("scores/regression.nc", link_folder, "is a link or lies behind one"),
        ("figures/fig05.png", make_pipe, "it is no regular file"),
        ("tables/phases.csv", make_pipe, "it is no regular file"),
        ("models/generator.safetensors", shorten, "generator.json has another checksum"),
        ("models/joint.json", shorten, "is unreadable"),
        ("tables/phases.csv", shorten, "phases.csv-metadata.json has another checksum"),
        ("tables/phases.csv-metadata.json", shorten, "is unreadable"),
        ("tables/phases.csv-metadata.json", lambda path: path.write_text(""), "is unreadable"),
        ("phase_diagram.nc", shorten, "it has no checksum"),
    ],
)
def test_what_no_job_has_written_is_refused(run, capsys, name, damage, said):
    damage(run / name)
    set_times(run)
    line = refusal(run, capsys)
    assert said in line
    assert line.startswith(f"archive: {run}/{name.partition('/')[0]}")


def test_links_to_the_whole_folder_are_followed(run, tmp_path):
    (tmp_path / "scratch").mkdir()
    moved = run.rename(tmp_path / "scratch" / "laptop")
    run.symlink_to(moved)
    assert archive.pack(run) == run.with_name("laptop.zip")


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (["report.html"], "lacks report.html: run make report"),
        (["figures/fig03.pdf"], "lacks figures/fig03.pdf: run make"),
        (["tables/phases.csv", "phase_lines.nc"], "lacks tables/phases.csv and 1 more file: run"),
        (["models/generator.json"], "lacks models/generator.json: run make"),
        (["tables/phases.csv-metadata.json"], "lacks tables/phases.csv-metadata.json: run rm "),
    ],
)
def test_unfinished_run_is_refused(run, capsys, lost, said):
    for name in lost:
        (run / name).unlink()
    assert f"{run} is not finished, it {said}" in refusal(run, capsys)


def test_run_that_went_on_after_the_report_is_refused(run, capsys):
    os.utime(run / "figures/fig05.csv", (DAY + 60, DAY + 60))
    said = refusal(run, capsys)
    assert said.endswith("report.html is older than figures/fig05.csv: run make report")


def test_run_that_does_not_exist_is_refused(tmp_path, capsys):
    assert "is not finished" in refusal(tmp_path / "results" / "none", capsys)


def test_nothing_is_left_when_packing_fails(run, monkeypatch, capsys):
    before = archive.pack(run).read_bytes()

    def fail(*_):
        raise OSError("disk is full")

    monkeypatch.setattr(archive.shutil, "copyfileobj", fail)
    assert archive.main([str(run)]) == 1
    said = f"archive: {run.with_name('laptop.zip')} cannot be written (disk is full"
    assert capsys.readouterr().err.startswith(said)
    assert [path.name for path in run.parent.iterdir() if path.is_file()] == ["laptop.zip"]
    assert run.with_name("laptop.zip").read_bytes() == before


def test_readings_of_measured_images_are_packed(run, config):
    names = products.measured(config | {"measurements": [{"name": "film"}]})
    assert "measurements/film/fit.png" in names
    packed = archive.collect(run, config | {"measurements": [{"name": "film"}]}, False)
    assert set(names) <= packed.keys()
    assert not [name for name in archive.collect(run, config, False) if "film" in name]
