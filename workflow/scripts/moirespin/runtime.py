"""What every job does first: its log, and how a failure reads."""

import logging
import os
import sys
import tempfile
from pathlib import Path


def start(log: str, threads: int | None = None) -> logging.Logger:
    """Send log records to the rule's log file and to the terminal, and return the logger.

    `threads` is given by jobs that use JAX: it limits JAX on the CPU, and takes effect only if JAX
    is imported later.

    An uncaught exception ends the job with one sentence on the terminal and the traceback in the
    log file.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    if threads:
        # Read by XLA's thread pool; jobs side by side would otherwise take all cores each.
        os.environ["NPROC"] = str(threads)
        keep_compiled()
    logger = logging.getLogger("moirespin")
    logger.setLevel(logging.INFO)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.addFilter(lambda record: not record.exc_info)
    for handler in (logging.FileHandler(log, mode="w"), terminal):
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
        logger.addHandler(handler)

    def report(kind, error, traceback):
        logger.error("error: %s", error if str(error) else kind.__name__)
        logger.error("traceback", exc_info=(kind, error, traceback))

    sys.excepthook = report
    if threads:
        require_platform()
    return logger


def start_simulation(log: str, threads: int) -> logging.Logger:
    """Do as `start`, and make each CPU thread a device of its own.

    The lanes of a relaxation are spread over devices, which takes less waiting than splitting each
    of its small operations over threads.
    """
    os.environ["JAX_NUM_CPU_DEVICES"] = str(threads)
    return start(log, threads)


def keep_compiled() -> None:
    """Let JAX keep what it compiles, for the other shards of a twist angle and for reruns.

    In JAX_COMPILATION_CACHE_DIR, or in a folder of the user's own on this computer: compiled code
    may not suit another. Without such a folder nothing is kept.
    """
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        folder = Path(tempfile.gettempdir()) / f"moirespin-{os.getuid()}"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            own = folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & 0o022
        except OSError:
            own = False
        # Code that someone else could have put there is not to be run.
        if not own:
            return
        os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder)
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")


def require_platform() -> None:
    """Raise if JAX_PLATFORMS asks for a GPU and there is none: a slow run would be worse.

    Raises:
        RuntimeError: naming the variable and what to check.
    """
    platform = os.environ.get("JAX_PLATFORMS", "")
    if not platform.startswith(("cuda", "gpu")):
        return
    import jax

    try:
        jax.devices()
    except (AssertionError, RuntimeError) as error:
        raise RuntimeError(
            f"JAX_PLATFORMS is {platform}, but JAX finds no GPU: check nvidia-smi, and that make"
            " ACCELERATOR=cuda installed the packages"
        ) from error
