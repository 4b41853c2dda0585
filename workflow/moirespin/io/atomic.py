"""Files that are written whole or not at all, and the sentence when the disk does not take them."""

import errno
import glob
import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SENTENCE = "cannot be written"
FOR_JOBS = ", then run snakemake again"
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
# After this time even a file of another computer's process is taken for abandoned.
ABANDONED_S = 86_400.0


@contextmanager
def replaced(path: str | Path) -> Iterator[str]:
    """Yield a temporary name in the folder of `path`; rename it to `path` on success.

    The file gets the permissions that the user's umask gives to new files, whatever library
    writes it.

    Raises:
        OSError: if the disk takes no more or not at all, naming `path`.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        temporary.touch(exist_ok=False)
        mode = temporary.stat().st_mode
        yield str(temporary)
        temporary.chmod(mode)
        os.replace(temporary, path)
    except Exception as error:
        # HDF5 raises RuntimeError; the error of safetensors is of neither kind.
        if not isinstance(error, OSError | RuntimeError) and "os error" not in str(error):
            raise
        # When several files are written together, the first one says what is wrong.
        if SENTENCE in str(error):
            raise
        raise OSError(_sentence(path, error)) from error
    finally:
        # A disk that cannot be written holds no temporary file.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _remove_abandoned(path: Path) -> None:
    """Remove what killed jobs have left of `path`, but nothing that a live process writes."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        host, _, process = left.name.removeprefix(f".{path.name}.").rpartition("-")
        if host == socket.gethostname() and process.isdecimal():
            abandoned = int(process) == os.getpid() or not _is_alive(int(process))
        else:
            abandoned = time.time() - left.stat().st_mtime > ABANDONED_S
        if abandoned:
            left.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    # A killed process keeps its number until its parent asks how it ended; its state is Z then.
    with suppress(OSError):
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        return status.rpartition(")")[2].split()[0] not in ("Z", "X")
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _sentence(path: Path, error: Exception) -> str:
    """Return what is wrong and what mends it, as far as the error and the disk tell."""
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    disk = os.statvfs(folder)
    free_mb = disk.f_bavail * disk.f_frsize / 1e6
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    number = getattr(error, "errno", None)
    # HDF5 says so of a full disk too.
    if number in FORBIDDEN and os.access(folder, os.W_OK):
        number = None
    if number == errno.EISDIR or path.is_dir():
        remedy = "a folder has its name: move it away"
    elif number in FORBIDDEN:
        remedy = "mend its permissions"
    elif largest != resource.RLIM_INFINITY and number in (None, errno.EFBIG):
        remedy = f"files may have at most {largest / 1e6:.1f} MB: raise the limit of ulimit -f"
    elif disk.f_files and not disk.f_favail:
        remedy = "its disk takes no more files (inodes used up): delete some"
    elif number == errno.ENOSPC:
        remedy = "make room"
    else:
        remedy = "make room or mend its permissions"
    reason = getattr(error, "strerror", None) or error
    return f"{path} {SENTENCE} ({reason}; {free_mb:.1f} MB free on its disk): {remedy}{FOR_JOBS}"
