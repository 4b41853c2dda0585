"""Images of measurements, from the files that microscopes and people write.

.npy, .npz (`top` and `bottom` as `moirespin draw` writes them, or one array), .nc (the same names),
.csv and .txt (rows of numbers), .png and .tif (grey, 8 or 16 bit). NaN marks a missing pixel.

The rows of a picture run downwards, those of all other files upwards, unless the reader is told.
"""

import warnings
from pathlib import Path

import numpy as np

PICTURES = (".png", ".tif", ".tiff")
TABLES = (".csv", ".txt")
READABLE = (".npy", ".npz", ".nc", *TABLES, *PICTURES)
LAYERS = ("top", "bottom")
# Modes of Pillow that are grey without a palette.
GREY = ("L", "F", "I", "1")
# Standard deviation of the point spread that linear interpolation between the sites amounts to.
INTERPOLATION_NM = 0.2


def read_image(path: str | Path, channel: str, rows: str | None = None) -> np.ndarray:
    """Return the image for a channel, rows upwards, shape (y, x), or (2, y, x) for `both`.

    A file with both layers gives `top` its top layer, `net` their mean and `both` both.

    Args:
        path: file with a known ending.
        channel: one of `probes.instrument.CHANNELS`.
        rows: "up" or "down", how the file's rows run; None for what its ending says.

    Raises:
        ValueError: one sentence, if the file cannot be read or holds no image for the channel.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in READABLE:
        raise ValueError(f"{path} has an unknown ending: it must be one of {' '.join(READABLE)}")
    if not path.is_file():
        raise ValueError(f"{path} is not a file")
    try:
        found = _READERS[ending](path)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path} cannot be read as an image: {reason}") from error
    image = _choose(path, found, channel)
    down = rows == "down" or (rows is None and ending in PICTURES)
    return image[..., ::-1, :] if down else image


def was_drawn_here(path: str | Path) -> bool:
    """Return whether a file is one of images that `moirespin draw` or `state` has written."""
    if Path(path).suffix.lower() != ".npz":
        return False
    with np.load(path, allow_pickle=False) as file:
        return {"centres_nm", *LAYERS} <= set(file.files)


def _choose(path: Path, found: dict[str, np.ndarray], channel: str) -> np.ndarray:
    """Return the image that a channel looks at."""
    if all(name in found for name in LAYERS):
        layers = np.stack([np.asarray(found[name], float) for name in LAYERS])
        if channel == "both":
            return layers
        if channel in ("net", "top"):
            return layers.mean(axis=0) if channel == "net" else layers[0]
    images = {name: array for name, array in found.items() if array.ndim >= 2}
    if channel == "both":
        stacked = [array for array in images.values() if array.ndim == 3 and len(array) == 2]
        if len(stacked) == 1:
            return np.asarray(stacked[0], float)
        raise ValueError(f"{path} has no two images: channel both needs arrays top and bottom")
    if len(images) != 1:
        names = ", ".join(sorted(found)) or "nothing"
        raise ValueError(f"{path} holds {names}: it must hold one image for channel {channel}")
    (array,) = images.values()
    if array.ndim != 2:
        raise ValueError(
            f"{path} has shape {array.shape}: an image has rows and columns, and no colours"
        )
    return np.asarray(array, float)


def _read_npy(path: Path) -> dict[str, np.ndarray]:
    return {"image": np.load(path, allow_pickle=False)}


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _read_netcdf(path: Path) -> dict[str, np.ndarray]:
    import xarray as xr

    with xr.open_dataset(path) as file:
        return {str(name): file[name].values for name in file.data_vars}


def _read_table(path: Path) -> dict[str, np.ndarray]:
    text = path.read_text(encoding="utf-8-sig")
    separator = "," if "," in text else ";" if ";" in text else None
    with warnings.catch_warnings():
        # An empty file is told by its shape.
        warnings.simplefilter("ignore", UserWarning)
        return {"image": np.genfromtxt(text.splitlines(), delimiter=separator, ndmin=2)}


def _read_picture(path: Path) -> dict[str, np.ndarray]:
    from PIL import Image

    with Image.open(path) as picture:
        if picture.mode.split(";")[0] not in GREY:
            raise ValueError(f"it is in colour ({picture.mode}), but must be grey")
        return {"image": np.asarray(picture, float)}


_READERS = (
    dict.fromkeys(TABLES, _read_table)
    | dict.fromkeys(PICTURES, _read_picture)
    | {".npy": _read_npy, ".npz": _read_npz, ".nc": _read_netcdf}
)
