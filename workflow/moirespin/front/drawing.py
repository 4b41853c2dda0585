"""Textures in Python without a run: draw one by the texture model, plot it, write it to a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from moirespin.images.state_texture import pose
from moirespin.images.window import Window
from moirespin.io.export import formats
from moirespin.io.export.texture import Texture
from moirespin.io.schemas.base import PHASES
from moirespin.textures import drawing
from moirespin.textures.model import TextureModel
from moirespin.textures.model_files import SHIPPED, load_model

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES = (".png", ".pdf", ".svg")
# The paper's images have this window.
PAPER_WINDOW = Window(100.0, 200)


def draw(
    twist_angle_deg: float,
    exchange_mev: float,
    anisotropy_mev: float,
    *,
    window: Window = PAPER_WINDOW,
    model: str | Path = SHIPPED,
) -> Texture:
    """Return the ground state of one parameter set, drawn by a texture model.

    Args:
        twist_angle_deg: any angle that the model knows.
        exchange_mev: intralayer exchange J.
        anisotropy_mev: anisotropy D.
        window: through which the images are seen.
        model: a .safetensors file, such as `Run.texture_model`; the shipped one by default.

    Raises:
        ValueError: if the model does not know the parameters or cannot be read.
    """
    loaded = load_model(model)
    parameters = twist_angle_deg, exchange_mev, anisotropy_mev
    drawn = drawing.draw(
        loaded,
        angle_deg=twist_angle_deg,
        exchange_mev=exchange_mev,
        anisotropy_mev=anisotropy_mev,
    )
    return as_texture(loaded, drawn, parameters, window=window)


def as_texture(
    model: TextureModel,
    drawn: drawing.Drawn,
    parameters: tuple[float, float, float],
    *,
    window: Window,
) -> Texture:
    """Return a drawn state through a window; `parameters` are theta (degree), J, D (meV)."""
    images = drawing.images(model, drawn, angle_deg=parameters[0], window=window)
    about = describe(model, drawn, parameters) | pose(window)
    return Texture(images, None, model.about["lattice"]["layer_spacing_nm"], about)


def describe(
    model: TextureModel, drawn: drawing.Drawn, parameters: tuple[float, float, float]
) -> dict[str, Any]:
    """Return what a drawn state is; `parameters` are theta (degree), J, D (meV)."""
    top, bottom = map(float, drawing.cell_magnetization(model.waves, drawn.tilt))
    angle_deg, exchange_mev, anisotropy_mev = parameters
    return {
        "twist_angle_deg": angle_deg,
        "exchange_mev": exchange_mev,
        "anisotropy_mev": anisotropy_mev,
        "phase": PHASES[drawn.phase],
        "energy_per_spin_mev": drawn.energy_mev,
        "gap_per_spin_mev": drawn.gap_mev,
        "magnetization_top": top,
        "magnetization_bottom": bottom,
    }


def plot(texture: Texture) -> "Figure":
    """Return a figure of S^z in both layers."""
    # Imported here: drawing without a picture needs no matplotlib.
    from moirespin.figures import state

    return state.draw(texture.images)


def save(texture: Texture, path: str | Path) -> None:
    """Write a texture as the ending of `path` says: a picture, or one of `formats.WRITERS`.

    Raises:
        ValueError: if there is no such format, or it holds sites and the texture has none.
        OSError: if the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() in PICTURES:
        from moirespin.figures import style

        style.save_picture(plot(texture), path)
    else:
        formats.write(texture, path)
