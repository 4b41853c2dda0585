"""The archive of a run, made of stand-ins for its files: whole, checkable, always the same."""

import hashlib
import json
import os
import subprocess
import zipfile

import pytest

from moirespin.io import provenance
from moirespin.pipeline import archive, products

DAY = 1_700_000_000  # 2023-11-14


@pytest.fixture
def run(tmp_path, config):
    """A folder that holds what a finished run does, with other contents."""
    folder = tmp_path / "results" / "laptop"
    names = [*products.figures(), *products.tables(), *products.models(), *archive.REQUIRED]
    names += ["scores/regression.nc", "shards/m08/000.nc", "logs/all.log"]
    for name in [*names, archive.LAST_TABLE]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"contents of {name}\n" * 100)
        os.utime(path, (DAY, DAY))
    made = {"moirespin_version": "1.2.3", "rule": "compare_with_paper", "seed": config["seed"]}
    made |= {"config": config, "versions": provenance.versions()}
    (folder / archive.LAST_TABLE).write_text(json.dumps({"notes": [made]}))
    os.utime(folder / archive.LAST_TABLE, (DAY, DAY))
    return folder


def refusal(folder, capsys):
    """Return what is said, and that nothing is written."""
    assert archive.main([str(folder)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
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
        cwd=unpacked,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    listed = (unpacked / archive.MANIFEST).read_text().splitlines()
    assert found - {archive.MANIFEST} == {line.partition("  ")[2] for line in listed}
    needed = {*products.figures(), *products.tables(), *products.models(), *archive.REQUIRED}
    needed |= {"scores/regression.nc", "config.yaml", "README.md", "envs/requirements.txt"}
    assert needed <= found
    assert not {"shards/m08/000.nc", "logs/all.log"} & found
    assert archive.yaml.safe_load((unpacked / "config.yaml").read_text()) == config
    for name in products.tables():
        assert (unpacked / name).read_bytes() == (run / name).read_bytes()


def test_changed_byte_is_found_by_the_sums(run, tmp_path):
    with zipfile.ZipFile(archive.pack(run)) as packed:
        sums = dict(
            reversed(line.split("  "))
            for line in packed.read(archive.MANIFEST).decode().splitlines()
        )
        content = packed.read("phase_diagram.nc")
    assert hashlib.sha256(content).hexdigest() == sums["phase_diagram.nc"]
    assert hashlib.sha256(content[:-1] + b"!").hexdigest() != sums["phase_diagram.nc"]


def test_metadata_is_a_crate_that_names_every_file(run):
    with zipfile.ZipFile(archive.pack(run)) as packed:
        names = set(packed.namelist())
        crate = json.loads(packed.read(archive.METADATA))
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
                if isinstance(link, dict) and link["@id"] != archive.CONTEXT:
                    assert link["@id"] in graph
    assert str(run.parent) not in text


def test_the_same_run_gives_the_same_bytes(run):
    first = archive.pack(run).read_bytes()
    archive.pack(run).unlink()
    assert archive.pack(run).read_bytes() == first


def test_table_of_the_exchange_is_packed(run, config):
    made = json.loads((run / archive.LAST_TABLE).read_text())
    made["notes"][0]["config"]["interlayer"]["model"] = "stacking_map"
    (run / archive.LAST_TABLE).write_text(json.dumps(made))
    os.utime(run / archive.LAST_TABLE, (DAY, DAY))
    with zipfile.ZipFile(archive.pack(run)) as packed:
        table = packed.read("exchange/sivadas2018_rigid.csv")
    source = archive.PROJECT / config["interlayer"]["stacking_map"]["table"]
    assert table == source.read_bytes()


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (["report.html"], "lacks report.html: run make report"),
        (["figures/fig03.pdf"], "lacks figures/fig03.pdf: run make"),
        (["tables/phases.csv", "phase_lines.nc"], "lacks tables/phases.csv and 1 more files"),
        (["models/generator.json"], "lacks models/generator.json: run make"),
        ([archive.LAST_TABLE], f"lacks {archive.LAST_TABLE}: run rm "),
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
    assert capsys.readouterr().err == "archive: disk is full\n"
    assert [path.name for path in run.parent.iterdir() if path.is_file()] == ["laptop.zip"]
    assert run.with_name("laptop.zip").read_bytes() == before
