"""What every job does first: its log, JAX, and how a failure reads."""

import logging
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from moirespin.io.damage import one_line
from moirespin.pipeline.arithmetic import pin_arithmetic
from moirespin.pipeline.gpus import own_folder, require_platform, use_gpus

# An error may quote a file without end.
LONGEST_SENTENCE = 1000


def start(job: Any) -> logging.Logger:
    """Send log records to the rule's log file and to the terminal, and return the logger.

    An uncaught exception ends the job with one sentence on the terminal and the traceback in the
    log file.

    Args:
        job: the object `snakemake` of a script; its first log file is used.
    """
    path = Path(job.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger("moirespin")
    logger.setLevel(logging.INFO)
    # A log on a full disk must not bury the sentence under tracebacks of its own.
    logging.raiseExceptions = False
    terminal = logging.StreamHandler(sys.stderr)
    terminal.addFilter(lambda record: not record.exc_info)
    for handler in (logging.FileHandler(path, mode="w", encoding="utf-8"), terminal):
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
        logger.addHandler(handler)

    def report(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        logger.error("error: %s", one_line(error, longest=LONGEST_SENTENCE))
        logger.error("traceback", exc_info=(kind, error, traceback))

    sys.excepthook = report
    require_own_package(job)
    return logger


def require_own_package(job: Any) -> None:
    """Raise unless this package is the one beside the script of the job.

    Raises:
        RuntimeError: naming both folders.
    """
    here, own = Path(__file__).parents[1], Path(job.scriptdir).parent / "moirespin"
    if own.is_dir() and not own.samefile(here):
        raise RuntimeError(
            f"the job runs the package in {here}, not its own in {own}: start snakemake in the"
            " folder of the workflow, without -E or -I for Python"
        )


def start_learning(job: Any) -> logging.Logger:
    """Do as `start`, and set up JAX for networks: the job's threads and GPUs, single precision."""
    logger = start(job)
    set_up_jax(job, logger, double=False)
    return logger


def start_simulation(job: Any) -> logging.Logger:
    """Do as `start`, and set up JAX for relaxations: each CPU thread a device, double precision.

    Relaxations run side by side on the devices, which takes less waiting than splitting each of
    their small operations over threads.
    """
    logger = start(job)
    set_up_jax(job, logger, double=True)
    import jax

    jax.config.update("jax_num_cpu_devices", job.threads)
    return logger


def start_inference(job: Any) -> logging.Logger:
    """Do as `start`, and set up JAX for fits of images: on the CPU, in double precision.

    Dozens of small programs, each of which runs a few times, are no work for a GPU.
    """
    os.environ["JAX_PLATFORMS"] = "cpu"
    logger = start(job)
    set_up_jax(job, logger, double=True)
    return logger


def set_up_jax(job: Any, logger: logging.Logger, double: bool) -> None:
    """Set everything about JAX that the user's shell could set otherwise, before JAX first runs.

    Args:
        job: the object `snakemake` of a script. `threads` limits JAX on the CPU; `resources.gpu`
            is how many GPUs the profile grants: a job that is granted one runs on it or not at all.
        logger: of the job.
        double: whether 64-bit numbers are allowed.

    Raises:
        RuntimeError: if a GPU is granted or asked for, and there is none.
        ValueError: if the shell sets what changes arithmetic and cannot be pinned.
    """
    # XLA's thread pool reads this; otherwise jobs side by side would take all cores each.
    os.environ["NPROC"] = str(job.threads)
    gpus = job.resources.get("gpu")
    if gpus:
        use_gpus(gpus, logger)
    pin_arithmetic(double)
    import jax

    if "JAX_PLATFORMS" in os.environ:
        jax.config.update("jax_platforms", os.environ["JAX_PLATFORMS"])
    keep_compiled()
    require_platform()


def keep_compiled() -> None:
    """Let JAX keep what it compiles, for the other jobs of a run and for reruns.

    In JAX_COMPILATION_CACHE_DIR, or in a folder of the user's own on this computer: compiled code
    may not suit another. Without such a folder nothing is kept.
    """
    import jax

    folder = os.environ.get("JAX_COMPILATION_CACHE_DIR") or own_folder()
    # Code that someone else could have put there is not to be run.
    if folder:
        jax.config.update("jax_compilation_cache_dir", str(folder))
        # Small programs too: compiling a hundred of them takes a job a second.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
