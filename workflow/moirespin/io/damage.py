"""What is said of a file that cannot be used: its name, what is wrong, and what mends it."""

import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_REASON = 300


class UnusableFile(ValueError):
    """A file that is damaged or is not what its name says; the message is one sentence."""


def unusable(path: str | Path, problem: str) -> UnusableFile:
    """Return the error that names a file, its problem and the command that mends it."""
    if Path(path).exists() and not Path(path).is_file():
        return UnusableFile(f"{path} {problem}: move it away and run snakemake again")
    # The command of the run, with its config files, as the Snakefile sets it for its jobs.
    remedy = (
        f"rm -f {shlex.quote(str(path))} && {os.environ.get('MOIRESPIN_SNAKEMAKE', 'snakemake')}"
    )
    return UnusableFile(f"{path} {problem}: repair it with: {remedy}")


def unreadable(path: str | Path, error: BaseException) -> UnusableFile:
    """Return the error of a file that a library cannot read."""
    reason = one_line(error)
    if isinstance(error, MemoryError):
        return unusable(path, f"does not fit into memory ({reason}) or is damaged")
    return unusable(path, f"is unreadable ({reason})")


def one_line(error: BaseException, longest: int = LONGEST_REASON) -> str:
    """Return what an error says as one line of limited length, or else its name."""
    text = " ".join(str(error).split())
    if len(text) > longest:
        text = f"{text[:longest]}..."
    return text or type(error).__name__


def require_regular(path: str | Path) -> None:
    """Raise unless `path` is a regular file or a link to one: others could be read for ever.

    Raises:
        OSError: if there is no such file.
        ValueError: if it is a folder, a pipe or a device.
    """
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise ValueError("it is no regular file")


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn whatever a library raises while it reads `path` into one sentence.

    Raises:
        UnusableFile: if `path` is no regular file, or the body raises anything.
    """
    try:
        require_regular(path)
        yield
    except UnusableFile:
        raise
    except Exception as error:
        raise unreadable(path, error) from error
