"""Time and memory of `moirespin state` against the number of spins: the source of its estimate.

Usage: python benchmarks/state_cost.py [M ...]

Each call is a process of its own, made twice: the second one finds its programs compiled. Prints
what each took beside what `moirespin.cli.state.cost` says. The two states are quick and slow to
relax: far from the phase lines, and large domains with narrow walls.
"""

import os
import subprocess
import sys
import time

from moirespin.cli.state import cost

STATES = (("9", "0.02"), ("2.01", "0.22"))
INDICES = (8, 30, 60, 100, 150)


def call(index: int, exchange: str, anisotropy: str) -> tuple[float, float, float]:
    """Return seconds of the wall and of the processors, and megabytes, of one call."""
    command = [sys.executable, "-m", "moirespin.cli", "state", "--m", str(index)]
    command += ["--exchange-mev", exchange, "--anisotropy-mev", anisotropy]
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, command
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print one line for each index and state."""
    print("   m    spins    J     D    s first  second  cpu   MB  estimate s  MB")
    for index in map(int, sys.argv[1:] or INDICES):
        spins = 4 * (3 * index**2 + 3 * index + 1)
        for exchange, anisotropy in STATES:
            first, *_ = call(index, exchange, anisotropy)
            wall, processors, megabytes = call(index, exchange, anisotropy)
            seconds, size = cost(spins, random_starts=0, lanes=32)
            print(
                f"{index:4d} {spins:8d} {exchange:>5} {anisotropy:>5}  {first:7.1f} {wall:7.1f}"
                f" {processors:5.1f} {megabytes:5.0f}  {seconds:9.1f} {size / 2**20:5.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
