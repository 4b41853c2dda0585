"""What a long computation says, and where its compiled programs are kept."""

import io
import sys
import time

import pytest

from moirespin.cli import progress, state


def test_a_short_task_says_nothing(capsys):
    with progress.reported("task", seconds=4.9, memory_bytes=1e6):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_long_task_says_its_estimate_first(capsys):
    with progress.reported("relaxing 9 spins", seconds=300, memory_bytes=1.5e8):
        said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "relaxing 9 spins: about 5 min and 0.1 GB, by an estimate for two cores\n"


def test_a_terminal_shows_the_time_in_one_line(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_TICKS", 0.01)
    with progress.reported("task", seconds=60, memory_bytes=1e6):
        deadline = time.monotonic() + 30
        while "of about" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    _, _, ticks = terminal.getvalue().partition("\n")
    assert ticks.startswith("0 s of about 60 s\x1b[K\r") and ticks.endswith("\x1b[K")
    assert "\n" not in ticks


def test_what_does_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(progress, "free_memory_bytes", lambda: 10**9)
    with (
        pytest.raises(ValueError, match=r"task would take about 2\.0 GB .* only 1\.0 GB are free"),
        progress.reported("task", seconds=1, memory_bytes=2e9),
    ):
        pytest.fail("runs though it does not fit")


def test_the_estimate_grows_with_all_that_costs():
    few = state.cost(868, random_starts=0, lanes=32)
    for more in ({"spins": 11164}, {"random_starts": 50}, {"random_starts": 50, "spins": 11164}):
        arguments = {"spins": 868, "random_starts": 0} | more
        found = state.cost(arguments["spins"], random_starts=arguments["random_starts"], lanes=32)
        assert all(new > old for new, old in zip(found, few, strict=True))
