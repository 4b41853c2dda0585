"""Pack a finished run into one file: results/<run>.zip, an RO-Crate with checksums.

Inside, in one folder: the config that made it, tables, figures, models, phase diagram and lines,
scores and predictions, page of results, report, what every file and column means, the locked
packages, licence and citation. `ro-crate-metadata.json` says what each file is (RO-Crate 1.1,
JSON-LD), and `sha256sum -c manifest-sha256.txt` checks them.

Only files of a list are packed, never through links, and only if they are what a job wrote. The
same run gives the same bytes.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from moirespin.io.atomic import FOR_JOBS, replaced
from moirespin.io.checksum import check_seal, digest
from moirespin.io.csv_tables import CHECKSUM, sidecar
from moirespin.io.damage import reading, unusable
from moirespin.pipeline import products

PROJECT = Path(__file__).parents[3]
REPORT, METADATA, MANIFEST = "report.html", "ro-crate-metadata.json", "manifest-sha256.txt"
CONFIG = "config.yaml"
# The networks can be trained again from the dataset; the generator draws its images again.
DATASET, DRAWN = "dataset.nc", "predictions/images.nc"
# Files of the project that go into the archive: name there, and where the file lies.
ALONGSIDE = {
    "README.md": "results/README.md",
    "FILES.md": "docs/files.md",
    "LICENSE": "LICENSE",
    "CITATION.cff": "CITATION.cff",
}
# Stored in each entry instead of a time: the earliest that a zip can hold.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
LICENCE = "https://spdx.org/licenses/MIT"
MEDIA_TYPES = {
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".nc": "application/x-netcdf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m moirespin.pipeline.archive", description="Pack a run."
    )
    parser.add_argument("run", type=Path, help="folder of a finished run, such as results/laptop")
    parser.add_argument(
        "--with-dataset",
        action="store_true",
        help="pack dataset.nc too, whose split the networks were trained on",
    )
    options = parser.parse_args(arguments)
    try:
        path = pack(options.run, options.with_dataset)
    except (OSError, ValueError) as error:
        print(f"archive: {str(error).removesuffix(FOR_JOBS)}", file=sys.stderr)
        return 1
    print(f"Archive: {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0


def pack(folder: Path, with_dataset: bool = False) -> Path:
    """Write `<folder>.zip`, whole or not at all, and return its path.

    Raises:
        OSError: if the archive cannot be written.
        ValueError: one sentence, if the run is not finished or a file is not what a job wrote.
    """
    made = require_finished(folder)
    sources = collect(folder, made["config"], with_dataset)
    for name, source in sources.items():
        require_written(source, folder.resolve() / name)
    sources |= alongside(made["config"])
    texts = {CONFIG: yaml.safe_dump(made["config"], sort_keys=False)}
    crate = describe(folder, {name: path.stat().st_size for name, path in sources.items()}, made)
    texts[METADATA] = json.dumps(crate, indent=1) + "\n"
    path = folder.with_name(f"{folder.name}.zip")
    with replaced(path) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        top = f"{folder.resolve().name}/"
        sums = {name: _add(archive, top + name, source) for name, source in sources.items()}
        sums |= {name: _add_text(archive, top + name, text) for name, text in texts.items()}
        lines = [f"{checksum}  {name}\n" for name, checksum in sorted(sums.items())]
        _add_text(archive, top + MANIFEST, "".join(lines))
    return path


def kept() -> list[str]:
    """Return the files that every archive holds, as paths within the run's folder."""
    return [name for name in products.everything() if name not in (DATASET, DRAWN)] + [REPORT]


def require_finished(folder: Path) -> dict[str, Any]:
    """Return what the youngest table of the run, of a figure or by itself, says of its making.

    Raises:
        ValueError: if a file is missing, or younger than the report.
    """
    needed = kept()
    missing = [name for name in needed if not (folder / name).exists()]
    if missing:
        others = len(missing) - 1
        more = f" and {others} more file{'s' * (others > 1)}" if others else ""
        remedy = "make report" if missing == [REPORT] else "make"
        if missing[0].endswith(sidecar("").name):
            remedy = f"rm {folder / missing[0].removesuffix(sidecar('').name)} && make"
        raise ValueError(f"{folder} is not finished, it lacks {missing[0]}{more}: run {remedy}")
    written = (folder / REPORT).stat().st_mtime
    younger = [name for name in needed if (folder / name).stat().st_mtime > written]
    if younger:
        raise ValueError(f"{folder}/{REPORT} is older than {younger[0]}: run make report")
    # A table says with which config it was made; the youngest knows the last edits.
    records = [folder / name for name in needed if name.endswith(sidecar("").name)]
    last = max(records, key=lambda path: (path.stat().st_mtime_ns, path.name))
    with reading(last):
        (made,) = json.loads(last.read_text(encoding="utf-8"))["notes"]
        _ = made["config"]["run"], made["seed"], made["versions"], made["moirespin_version"]
    return made


def collect(folder: Path, config: dict, with_dataset: bool) -> dict[str, Path]:
    """Return the run's files to pack: names in the archive and where they are."""
    names = kept() + [DATASET] * with_dataset + products.measured(config)
    names += [name for name in products.on_request() if (folder / name).exists()]
    return {name: folder / name for name in sorted(names)}


def require_written(path: Path, place: Path) -> None:
    """Raise unless `path` is what a job wrote there, by its checksum if it has one.

    Args:
        path: file of a run.
        place: where it lies if no link leads there.

    Raises:
        ValueError: naming the file and what mends it.
    """
    if path.resolve() != place:
        raise ValueError(f"{path} is a link or lies behind one: put the file itself there")
    with reading(path):
        if path.suffix == ".nc":
            check_seal(path, required=True)
    recorded = None
    if path.suffix == ".csv":
        recorded = sidecar(path), CHECKSUM
    elif path.suffix == ".safetensors":
        recorded = path.with_suffix(".json"), "sha256"
    if recorded:
        beside, key = recorded
        with reading(beside):
            checksum = json.loads(beside.read_text(encoding="utf-8"))[key]
        if checksum != digest(path):
            raise unusable(path, f"is not what was written: {beside.name} has another checksum")


def alongside(config: dict[str, Any]) -> dict[str, Path]:
    """Return the project's files to pack: names in the archive and where they are.

    A table of the interlayer exchange is put where the config in the archive names it: `config` is
    changed if that is an absolute path.
    """
    # Jobs run in these environments; the others are for docs and tests.
    locks = sorted(
        path
        for pattern in ("requirements*.txt", "jax*.yaml")
        for path in (PROJECT / "envs").glob(pattern)
    )
    found = {f"envs/{path.name}": path for path in locks}
    found |= {name: PROJECT / place for name, place in ALONGSIDE.items()}
    found = {name: path for name, path in found.items() if path.is_file()}
    interlayer = config["interlayer"]
    if interlayer["model"] == "stacking_map":
        block = interlayer["stacking_map"]
        table = PROJECT / block["table"]
        if Path(block["table"]).is_absolute():
            block["table"] = f"resources/exchange/{table.name}"
        found[block["table"]] = table
    return found


def describe(folder: Path, sizes: dict[str, int], made: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON-LD that says what each file is and which software made it."""
    crate = ROCrate(version="1.1")
    crate.name = f"moirespin run {made['config']['run']}"
    crate.description = (
        "Ground states of a twisted bilayer magnet, networks that read and draw their images, and"
        " how well they do"
    )
    # No clock: the day on which the report was written.
    day = datetime.fromtimestamp((folder / REPORT).stat().st_mtime, UTC).date()
    crate.datePublished = day.isoformat()
    licence = {"@type": "CreativeWork", "name": "MIT License"}
    crate.license = crate.add(ContextEntity(crate, LICENCE, licence))
    for name, size in sizes.items():
        kind = MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")
        crate.add_file(
            dest_path=name, properties={"encodingFormat": kind, "contentSize": str(size)}
        )
    about = {"name": "config that made the run", "encodingFormat": MEDIA_TYPES[".yaml"]}
    config = crate.add_file(dest_path=CONFIG, properties=about)
    software = {"moirespin": made["moirespin_version"]} | made["versions"]
    programs = []
    for name, number in software.items():
        entity = {"@type": "SoftwareApplication", "name": name, "softwareVersion": number}
        if name == "moirespin":
            entity |= source_of_the_code()
        programs.append(crate.add(ContextEntity(crate, f"#{name}", entity)))
    title = f"run {made['config']['run']} with seed {made['seed']}"
    crate.add_action(
        programs,
        identifier="#run",
        object=config,
        result=crate.root_dataset,
        properties={"name": title},
    )
    return crate.metadata.generate()


def source_of_the_code() -> dict[str, str]:
    """Return the commit that is checked out, and the repository if CITATION.cff names it."""
    found: dict[str, str] = {}
    citation = PROJECT / "CITATION.cff"
    if citation.is_file():
        address = yaml.safe_load(citation.read_text(encoding="utf-8")).get("repository-code")
        found |= {"codeRepository": address} if address else {}
    if (PROJECT / ".git").exists():
        try:
            commit = _git("rev-parse", "HEAD")
            edited = ", edited" if _git("status", "--porcelain", "--untracked-files=no") else ""
            found["identifier"] = f"commit {commit}{edited}"
        except (OSError, subprocess.CalledProcessError):
            # Without git the archive lacks the commit only.
            pass
    return found


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(PROJECT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_TIME)
    entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, size
    entry.external_attr = 0o644 << 16
    return entry


def _add(archive: zipfile.ZipFile, name: str, source: Path) -> str:
    """Add a file and return its checksum."""
    with source.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        with archive.open(_entry(name, source.stat().st_size), "w") as target:
            shutil.copyfileobj(file, target)
    return checksum


def _add_text(archive: zipfile.ZipFile, name: str, text: str) -> str:
    archive.writestr(_entry(name, len(text.encode())), text)
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
