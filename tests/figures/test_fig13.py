"""Figure 13: the generative network as its file holds it."""

from drawn import texts
from moirespin.figures import fig13


def test_figure_13_counts_every_weight(written):
    path, size = written["generator"]
    figure, table = fig13.draw(path)
    words = texts(figure)
    assert f"{size:,} weights and biases" in words
    assert table[["weights", "biases"]].to_numpy().sum() == size
    assert table["outputs"].tolist() == [6, 7, 50]
    assert {"3", "6", "7", "50", "24", "49", "400", r"$D$ × 3", "top\n5 × 5"} <= set(words)
