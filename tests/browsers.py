"""Where the browsers of the tests are, and how one is installed where a variable asks for it."""

import os
import shutil
import subprocess


def find(names: tuple[str, ...], *, package: str, variable: str) -> str | None:
    """Return the path of the first browser of these names, or None.

    Where there is none and the environment variable is 1, Debian's package is installed.
    """
    found = next(filter(None, map(shutil.which, names)), None)
    if found or os.environ.get(variable) != "1" or not shutil.which("apt-get"):
        return found
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
        subprocess.run(["apt-get", *command], env=environment, **quiet)
    return next(filter(None, map(shutil.which, names)), None)
