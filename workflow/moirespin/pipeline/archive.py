"""Pack a finished run into one file: results/<run>.zip, an RO-Crate with checksums.

Inside: the config that made it, tables, figures, models, phase diagram and lines, scores, report
and the locked packages; `ro-crate-metadata.json` says what each file is (RO-Crate 1.1, JSON-LD),
`manifest-sha256.txt` holds the checksums: `sha256sum -c manifest-sha256.txt`.

The same run gives the same bytes.
"""

import argparse
import hashlib
import json
import shutil
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import yaml

from moirespin.pipeline import products

PROJECT = Path(__file__).parents[3]
REPORT, METADATA, MANIFEST = "report.html", "ro-crate-metadata.json", "manifest-sha256.txt"
RECORDS = "*.csv-metadata.json"
# The record of the table that needs everything else: it is there only if the run is whole.
LAST_TABLE = "tables/paper_comparison.csv-metadata.json"
REQUIRED = ["phase_diagram.nc", "phase_lines.nc", REPORT]
PATTERNS = ("tables/*", "figures/*", "models/*.safetensors", "models/*.json", "scores/*.nc")
# Stored in each entry instead of a time: the earliest that a zip can hold.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
CONTEXT = "https://w3id.org/ro/crate/1.1"
LICENCE = "https://spdx.org/licenses/MIT"
MEDIA_TYPES = {
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
    folder = parser.parse_args(arguments).run
    try:
        path = pack(folder)
    except (OSError, ValueError) as error:
        print(f"archive: {error}", file=sys.stderr)
        return 1
    print(f"Archive: {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0


def pack(folder: Path) -> Path:
    """Write `<folder>.zip`, whole or not at all, and return its path.

    Raises:
        ValueError: one sentence, if the run is not finished.
    """
    made = require_finished(folder)
    sources = collect(folder, made["config"])
    texts = {"config.yaml": yaml.safe_dump(made["config"], sort_keys=False)}
    texts[METADATA] = json.dumps(describe(folder, sources, made), indent=1) + "\n"
    path = folder.with_name(f"{folder.name}.zip")
    unfinished = path.with_name(f".{path.name}")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            sums = {name: _add(archive, name, source) for name, source in sources.items()}
            sums |= {name: _add_text(archive, name, text) for name, text in texts.items()}
            lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
            _add_text(archive, MANIFEST, "".join(lines))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def require_finished(folder: Path) -> dict:
    """Return what the youngest table of the run, of a figure or by itself, says of its making.

    Raises:
        ValueError: if a file is missing, or younger than the report.
    """
    needed = [*products.figures(), *products.tables(), *products.models(), *REQUIRED, LAST_TABLE]
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        more = f" and {len(missing) - 1} more files" if missing[1:] else ""
        remedy = "make report" if missing == [REPORT] else "make"
        if missing == [LAST_TABLE]:
            remedy = f"rm {folder / LAST_TABLE.removesuffix('-metadata.json')} && make"
        raise ValueError(f"{folder} is not finished, it lacks {missing[0]}{more}: run {remedy}")
    written = (folder / REPORT).stat().st_mtime
    younger = [name for name in needed if (folder / name).stat().st_mtime > written]
    if younger:
        raise ValueError(f"{folder}/{REPORT} is older than {younger[0]}: run make report")
    # A table says with which config it was made; the youngest knows the last edits.
    records = [path for part in ("tables", "figures") for path in (folder / part).glob(RECORDS)]
    last = max(records, key=lambda path: (path.stat().st_mtime_ns, path.name))
    (made,) = json.loads(last.read_text(encoding="utf-8"))["notes"]
    return made


def collect(folder: Path, config: dict) -> dict[str, Path]:
    """Return the files to pack: names in the archive and where they are, sorted by name."""
    paths = [path for pattern in PATTERNS for path in folder.glob(pattern)]
    # Left by jobs that were killed.
    paths = [path for path in paths if not path.name.startswith(".")]
    paths += [folder / name for name in REQUIRED]
    found = {path.relative_to(folder).as_posix(): path for path in paths}
    locks = [path for path in (PROJECT / "envs").iterdir() if path.suffix in (".txt", ".yaml")]
    found |= {f"envs/{path.name}": path for path in locks}
    found["README.md"] = PROJECT / "results" / "README.md"
    if config["interlayer"]["model"] == "stacking_map":
        table = PROJECT / config["interlayer"]["stacking_map"]["table"]
        found[f"exchange/{table.name}"] = table
    return dict(sorted(found.items()))


def describe(folder: Path, sources: dict[str, Path], made: dict) -> dict:
    """Return the JSON-LD that says what each file is and which software made it."""
    # No clock: the day on which the report was written.
    day = datetime.fromtimestamp((folder / REPORT).stat().st_mtime, UTC).date().isoformat()
    files = [_file(name, source.stat().st_size) for name, source in sources.items()]
    files.append({"@id": "config.yaml", "@type": "File", "name": "config that made the run"})
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"moirespin run {made['config']['run']}",
        "description": "Ground states of a twisted bilayer magnet, networks that read and draw"
        " their images, and how well they do",
        "datePublished": day,
        "license": {"@id": LICENCE},
        "hasPart": [{"@id": file["@id"]} for file in files],
        "mentions": {"@id": "#run"},
    }
    run = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"run {made['config']['run']} with seed {made['seed']}",
        "instrument": [{"@id": "#moirespin"}, *({"@id": f"#{name}"} for name in made["versions"])],
        "object": {"@id": "config.yaml"},
        "result": {"@id": "./"},
    }
    software = {"moirespin": made["moirespin_version"]} | made["versions"]
    about = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}}
    programs = [
        {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": number}
        for name, number in software.items()
    ]
    licence = {"@id": LICENCE, "@type": "CreativeWork", "name": "MIT License"}
    return {
        "@context": f"{CONTEXT}/context",
        "@graph": [about | {"conformsTo": {"@id": CONTEXT}}, root, run, licence, *programs, *files],
    }


def _file(name: str, size: int) -> dict:
    kind = MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")
    return {"@id": name, "@type": "File", "encodingFormat": kind, "contentSize": str(size)}


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_TIME)
    entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, size
    entry.external_attr = 0o644 << 16
    return entry


def _add(archive: zipfile.ZipFile, name: str, source: Path) -> str:
    """Add a file and return its checksum."""
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        with archive.open(_entry(name, source.stat().st_size), "w") as target:
            shutil.copyfileobj(file, target)
    return digest


def _add_text(archive: zipfile.ZipFile, name: str, text: str) -> str:
    archive.writestr(_entry(name, len(text.encode())), text)
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
