"""Networks as their files hold them, and their block diagrams."""

from pathlib import Path

import numpy as np
import pytest

from drawn import GENERATOR_SHAPE, REGRESSOR_SHAPE
from moirespin.figures import blocks, fig12, fig13


def test_network_of_another_form_is_refused(networks, written):
    other = networks["exchange"]._replace(source="wider", layers=networks["exchange"].layers[:-1])
    with pytest.raises(ValueError, match=r"wider has other layers than .*regressor"):
        fig12.draw_networks(networks | {"exchange": other})
    about = {"shape": REGRESSOR_SHAPE | {"pixels": 6}}
    with pytest.raises(ValueError, match="top/0 takes 25 numbers, 36 come"):
        fig12.draw_networks({name: model._replace(about=about) for name, model in networks.items()})
    generator = blocks.read_model(written["generator"][0], "generator")
    with pytest.raises(ValueError, match="50 numbers are not two images of 6 pixels"):
        fig13.draw_network(generator._replace(about={"shape": GENERATOR_SHAPE | {"pixels": 6}}))
    with pytest.raises(ValueError, match="is a network of the kind 'regressor', not 'generator'"):
        blocks.read_model(written["regressor"][0], "generator")


@pytest.mark.parametrize("suffix", ["safetensors", "json"])
def test_broken_network_is_refused_by_name(suffix, written, tmp_path):
    for name in ("safetensors", "json"):
        source = Path(written["generator"][0]).with_suffix(f".{name}").read_bytes()
        (tmp_path / f"network.{name}").write_bytes(source[:9] if name == suffix else source)
    with pytest.raises(ValueError, match=r"network\.safetensors is .*: repair it with: rm -f"):
        blocks.read_model(str(tmp_path / "network.safetensors"), "generator")


def test_bars_grow_with_the_logarithm():
    heights = [blocks.bar_height(number) for number in (1, 10, 100, 1000)]
    np.testing.assert_allclose(np.diff(heights), heights[1] - heights[0])
