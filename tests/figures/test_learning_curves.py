"""Learning curves: what is plotted is the history, whatever its length."""

import numpy as np
import pytest

from moirespin.figures import learning_curves, style
from moirespin.io.netcdf import PARAMETERS

NETWORKS = (*PARAMETERS, "generator", "joint")


def make_history(epochs, seed=0):
    losses = np.random.default_rng(seed).uniform(0.01, 1, (epochs, 2))
    return [
        {"training_loss": one, "validation_loss": other, "learning_rate": 1e-3 / (epoch + 1)}
        for epoch, (one, other) in enumerate(losses.tolist())
    ]


def draw(epochs):
    histories = {name: make_history(epochs, seed) for seed, name in enumerate(NETWORKS)}
    records = {name: {"history": history} for name, history in histories.items()}
    return histories, *learning_curves.draw(**records)


@pytest.mark.parametrize("epochs", [1, 12])
def test_lines_and_table_are_the_histories(epochs):
    histories, figure, table = draw(epochs)
    losses, generated, together, rates = figure.axes
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        f"({letter})" for letter in "abcd"
    ]
    # Training, validation and the kept epoch of each network.
    drawn = [line.get_ydata() for line in (*losses.lines, *generated.lines, *together.lines)]
    for number, name in enumerate(NETWORKS):
        rows = table[table["network"] == name]
        assert rows["epoch"].tolist() == list(range(1, epochs + 1))
        for offset, key in enumerate(("training_loss", "validation_loss")):
            expected = [row[key] for row in histories[name]]
            np.testing.assert_array_equal(rows[key], expected)
            np.testing.assert_array_equal(drawn[3 * number + offset], expected)
        np.testing.assert_array_equal(
            rates.lines[number].get_ydata(), [row["learning_rate"] for row in histories[name]]
        )
        kept = rows[rows["kept"] == 1]
        assert kept["validation_loss"].tolist() == [rows["validation_loss"].min()]
        np.testing.assert_array_equal(drawn[3 * number + 2], kept["validation_loss"])


def test_each_network_has_one_colour_throughout():
    _, figure, _ = draw(3)
    losses, generated, together, rates = figure.axes
    colors = [style.PARAMETER_COLORS[name] for name in PARAMETERS] + [style.NEUTRAL_COLOR]
    colors += [style.JOINT_COLOR]
    assert [line.get_color() for line in rates.lines] == colors
    assert [line.get_color() for line in (*losses.lines, *generated.lines, *together.lines)][
        ::3
    ] == colors


@pytest.mark.slow
def test_the_same_histories_give_the_same_bytes(tmp_path):
    for folder in ("first", "second"):
        _, figure, table = draw(4)
        paths = {kind: str(tmp_path / folder / f"curves.{kind}") for kind in ("png", "pdf", "csv")}
        style.save(figure, table, **paths)
    for kind in ("png", "pdf", "csv"):
        first, second = (tmp_path / folder / f"curves.{kind}" for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
