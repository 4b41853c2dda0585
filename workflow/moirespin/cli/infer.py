"""`moirespin infer`: theta, J and D from a measured image, with error bars."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from moirespin.cli import compiled, progress
from moirespin.cli.options import number, shorten
from moirespin.cli.state import print_found
from moirespin.textures.model_files import SHIPPED

if TYPE_CHECKING:
    from moirespin.inference.infer import Posterior
    from moirespin.inference.measurement import Knowledge, Textures

ROOT = Path(__file__).parents[3]
SUMMARY = "read theta, J and D from a measured image, with error bars"
DESCRIPTION = (
    "Find the twist angle, exchange and anisotropy of a twisted bilayer from one image of its"
    " moire texture. Period, rotation, place, handedness, gain, background and noise level are"
    " found by the command. docs/measure.md says what each option means."
)
CHANNELS = ("net", "top", "both", "stray-field")
# Seconds for two cores, mostly to start and compile, and bytes.
SECONDS, BYTES = 30.0, 1.5e9


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "image",
        type=Path,
        metavar="IMAGE",
        help=".npy, .npz, .nc, .csv, .txt, .png or .tif, grey; NaN marks missing pixels",
    )
    parser.add_argument(
        "--pixel-nm",
        type=number(0, 1000, above=True),
        required=True,
        metavar="NM",
        help="distance of neighbouring pixels",
    )
    parser.add_argument(
        "--channel",
        choices=CHANNELS,
        required=True,
        help="what the probe sees: the mean of both layers, the top layer, both layers (two"
        " images), or the stray field above them",
    )
    parser.add_argument(
        "--units",
        choices=("spin", "arbitrary"),
        default="arbitrary",
        help="spin: S^z itself (uT for a stray field), gain 1 without background; arbitrary"
        " (default): gain of either sign, offset and tilted background unknown",
    )
    parser.add_argument(
        "--rows",
        choices=("up", "down"),
        help="how the rows of the file run (default: down in pictures, up in all other files)",
    )
    probe = parser.add_argument_group("instrument")
    probe.add_argument(
        "--psf-nm",
        type=number(0, 1000),
        nargs="+",
        default=[0.0],
        metavar=("NM", "ERROR"),
        help="standard deviation of the Gaussian point spread, and how well it is known"
        " (default: 0, sharp)",
    )
    probe.add_argument(
        "--aperture-nm",
        type=number(0, 1000),
        default=0.0,
        metavar="NM",
        help="side of the square that a pixel averages over (default: 0, a point)",
    )
    probe.add_argument(
        "--height-nm",
        type=number(0, 10_000),
        nargs="+",
        metavar=("NM", "ERROR"),
        help="height of the sensor above the top layer, and how well it is known; stray field only",
    )
    probe.add_argument(
        "--axis",
        type=number(-1e6, 1e6),
        nargs=3,
        default=(0.0, 0.0, 1.0),
        metavar=("X", "Y", "Z"),
        help="direction that the sensor measures, x and y along the image (default: 0 0 1)",
    )
    ranges = parser.add_argument_group("what is known (default: all that the texture model knows)")
    for name, what in (
        ("twist-deg", "twist angle"),
        ("exchange-mev", "exchange J"),
        ("anisotropy-mev", "anisotropy D"),
    ):
        ranges.add_argument(
            f"--{name}",
            type=number(0, 1000),
            nargs=2,
            metavar=("LO", "HI"),
            help=f"range of the {what}",
        )
    ranges.add_argument(
        "--excess-mev",
        type=number(0, 1e6),
        default=1.0,
        metavar="MEV",
        help="how far above the ground state the sample may be, per moire cell (default: 1)",
    )
    ranges.add_argument(
        "--interlayer",
        type=Path,
        default=SHIPPED,
        metavar="PATH",
        help="texture model of the interlayer exchange, a .safetensors file (default: c3z, the one"
        " in resources/textures)",
    )
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out",
        type=_folder,
        metavar="FOLDER",
        help="write posterior.nc, summary.csv, fit.png and corner.png there",
    )
    output.add_argument("--json", action="store_true", help="print JSON")
    output.add_argument(
        "--samples",
        type=number(100, 1_000_000, whole=True),
        default=4000,
        metavar="N",
        help="samples of the posterior (default: 4000)",
    )
    output.add_argument(
        "--seed",
        type=number(0, 2**32 - 1, whole=True),
        default=0,
        metavar="N",
        help="seed of the samples (default: 0)",
    )


def run(options: argparse.Namespace) -> int:
    """Print the posterior, write what was asked for, and return the exit status.

    Raises:
        ValueError: one sentence, if image or options make no sense or the image has no period.
        OSError: if a file cannot be written.
    """
    for name in ("psf_nm", "height_nm"):
        given = getattr(options, name)
        if given is not None and len(given) > 2:
            option = f"--{name.replace('_', '-')}"
            raise ValueError(f"{option} has {len(given)} numbers: it takes a value and its error")
    if options.channel == "stray-field" and options.height_nm is None:
        raise ValueError("--height-nm is missing: a stray field needs the height of the sensor")
    from moirespin.io.measured_images import read_image

    image = read_image(options.image, options.channel, options.rows)
    compiled.set_up_jax()
    from moirespin.inference.infer import infer, summarise
    from moirespin.inference.measurement import check_knowledge, check_measurement

    measurement = check_measurement(image, options.pixel_nm, options.channel)
    model = _load(options.interlayer)
    known = check_knowledge(_knowledge(options, model), model)
    task = f"reading {image.shape[-1]} x {image.shape[-2]} pixels"
    with progress.reported(task, seconds=SECONDS, memory_bytes=BYTES):
        found = infer(measurement, known, model, samples=options.samples, seed=options.seed)
    numbers = summarise(found)
    numbers["warnings"] = [*_doubts(options), *numbers["warnings"]]
    if options.json:
        print_found(numbers, as_json=True)
    else:
        _print(numbers)
    if options.out:
        _write(options, found, numbers=numbers)
    return 0


def _knowledge(options: argparse.Namespace, model: Textures) -> Knowledge:
    from moirespin.inference.measurement import Knowledge

    def with_error(values: list[float]) -> tuple[float, float]:
        return (values[0], values[1] if len(values) > 1 else 0.0)

    return Knowledge(
        options.channel,
        options.units,
        tuple(options.twist_deg or model.twist_deg),
        tuple(options.exchange_mev or model.exchange_mev),
        tuple(options.anisotropy_mev or model.anisotropy_mev),
        with_error(options.psf_nm),
        with_error(options.height_nm or [50.0]),
        tuple(options.axis),
        options.aperture_nm,
        options.excess_mev,
    )


def _doubts(options: argparse.Namespace) -> list[str]:
    """Return what the error bars leave out although the options or files tell of it."""
    from moirespin.inference.error_examples import errors_path
    from moirespin.io.measured_images import INTERPOLATION_NM, was_drawn_here

    doubts = []
    if not errors_path(options.interlayer).is_file():
        doubts.append(
            f"there is no {errors_path(options.interlayer)}: the error of the texture model is not"
            " known and not part of the error bars"
        )
    if was_drawn_here(options.image) and options.psf_nm[0] < INTERPOLATION_NM:
        doubts.append(
            "the image was drawn by this project, which interpolates linearly between the spins:"
            f" that blurs like a point spread of {INTERPOLATION_NM:g} nm, so J and D are off unless"
            f" --psf-nm is at least {INTERPOLATION_NM:g}"
        )
    return doubts


def _load(path: Path) -> Textures:
    """Return a texture model, with the moments of the project's config."""
    from moirespin.inference.model_files import load_textures
    from moirespin.pipeline import config_files
    from moirespin.probes.stray_field import Moment

    moment = config_files.read_configs([ROOT / "config.yaml"])["magnet"]
    return load_textures(path, Moment(**moment))


def _folder(text: str) -> Path:
    """Return a folder that exists or can be made, as the type of an option.

    Raises:
        argparse.ArgumentTypeError: if it can be neither.
    """
    path = Path(text)
    if not text.isprintable():
        raise argparse.ArgumentTypeError(f"is {shorten(text)}, but its letters must be printable")
    if path.exists() and not path.is_dir():
        raise argparse.ArgumentTypeError(f"is {shorten(text)}, but that is not a folder")
    above = next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
    if not os.access(above, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"is {shorten(text)}, but {above} cannot be written")
    return path


def _print(numbers: dict) -> None:
    """Print the numbers for a person."""
    for name, found in numbers.items():
        if isinstance(found, dict) and "interval95" in found:
            lower, upper = found["interval95"]
            print(
                f"{name:26}  {found['mean']:.6g} +- {found['std']:.2g}"
                f"   (95 %: {lower:.6g} to {upper:.6g})"
            )
    shares = ", ".join(f"{name} {share:.1%}" for name, share in numbers["phase"].items())
    print(f"{'phase':26}  {shares}")
    for name in ("rotation_deg", "noise_std", "goodness_of_fit"):
        value = numbers[name]
        print(f"{name:26}  {'none' if value is None else f'{value:.4g}'}")
    for sentence in numbers["warnings"]:
        print(f"warning: {sentence}")
    sys.stdout.flush()


def _write(options: argparse.Namespace, found: Posterior, *, numbers: dict) -> None:
    from moirespin.figures import measured, style
    from moirespin.io.posterior_files import write_samples, write_summary

    folder = options.out
    folder.mkdir(parents=True, exist_ok=True)
    write_samples(
        found.samples,
        folder / "posterior.nc",
        image=options.image.name,
        channel=options.channel,
        pixel_nm=options.pixel_nm,
        noise_std=found.noise_std,
    )
    write_summary(numbers, folder / "summary.csv")
    fitted = found.measurement
    if found.goodness is not None:
        fit = measured.draw_fit(
            fitted.images,
            found.goodness.residual,
            fitted.seen,
            pixel_nm=fitted.pixel_nm,
        )
        style.save_picture(fit, folder / "fit.png")
    corner = measured.draw_corner(found.samples, found.warnings)
    style.save_picture(corner, folder / "corner.png")
    names = ["posterior.nc", "summary.csv", *["fit.png"] * (found.goodness is not None)]
    print(f"wrote {', '.join(names)} and corner.png in {folder}", file=sys.stderr)
