"""Figure 12: the regression network as its file holds it."""

from drawn import texts
from moirespin.figures import fig12
from moirespin.io import netcdf


def test_figure_12_counts_every_weight(networks, written):
    size = written["regressor"][1]
    figure, table = fig12.draw_networks(networks)
    words = texts(figure)
    assert any(text.startswith(f"{size:,} weights and biases\nin each of 3") for text in words)
    counts = table.groupby("network")[["weights", "biases"]].sum().sum(axis=1)
    assert counts.to_dict() == dict.fromkeys(netcdf.PARAMETERS, size)
    rows = table[table["network"] == "exchange"].set_index("layer")
    assert rows.loc["top/0", ["inputs", "outputs"]].tolist() == [25, 6]
    assert rows.loc["head/0", ["inputs", "outputs"]].tolist() == [14, 9]
    # Lists: input, h1, h2 of each layer, joined, h3, h4, output.
    for number, times in {"25": 2, "6": 2, "7": 3, "14": 1, "9": 1, "1": 1}.items():
        assert words.count(number) == times, number
    # Layers, with their biases.
    for number, times in {"156": 2, "49": 2, "135": 1, "70": 1, "8": 1}.items():
        assert words.count(number) == times, number
    assert "top\n5 × 5" in words and "bottom\n5 × 5" in words
