"""What a long computation says while it runs: an estimate before, the time passed meanwhile."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

# Shorter ones say nothing.
LONG_S = 5.0
# How often progress is said on a terminal, and where lines stay.
SECONDS_BETWEEN_TICKS = 1.0
SECONDS_BETWEEN_LINES = 30.0


@contextmanager
def reported(task: str, *, seconds: float, memory_bytes: float) -> Iterator[None]:
    """Say on standard error what a long task will take, by an estimate, and how long it has run.

    Args:
        task: what is computed.
        seconds: estimate of the time.
        memory_bytes: estimate of the memory.

    Raises:
        ValueError: if the memory would not suffice.
    """
    free = free_memory_bytes()
    if free is not None and memory_bytes > free:
        raise ValueError(
            f"{task} would take about {memory_bytes / 1e9:.1f} GB of memory, but only"
            f" {free / 1e9:.1f} GB are free"
        )
    if seconds < LONG_S:
        yield
        return
    expected = _in_words(seconds)
    print(
        f"{task}: about {expected} and {memory_bytes / 1e9:.1f} GB, by an estimate for two cores",
        file=sys.stderr,
        flush=True,
    )
    done = threading.Event()
    clock = threading.Thread(target=_tick, args=(done, expected, sys.stderr), daemon=True)
    clock.start()
    try:
        yield
    finally:
        done.set()
        clock.join()


def free_memory_bytes() -> int | None:
    """Return the memory that this computer has left, or None where Linux does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(sizes[0]) if sizes else None


def _tick(done: threading.Event, expected: str, stream: TextIO) -> None:
    """Say how much time has passed: in one line of a terminal, else now and then in a new one."""
    began = time.monotonic()
    terminal = stream.isatty()
    while not done.wait(SECONDS_BETWEEN_TICKS if terminal else SECONDS_BETWEEN_LINES):
        passed = f"{_in_words(time.monotonic() - began)} of about {expected}"
        print(passed, end="\x1b[K\r" if terminal else "\n", file=stream, flush=True)
    if terminal:
        print("\x1b[K", end="", file=stream, flush=True)


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
