"""What every job does first: its log, its GPU, and how a failure reads."""

import fcntl
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from moirespin.io.damage import one_line
from moirespin.pipeline.arithmetic import pin_arithmetic

# Locks of the GPUs that this process has claimed; a lock lasts as long as its file is open.
CLAIMS: list[TextIO] = []
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
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def own_folder() -> Path | None:
    """Return a folder on this computer that only this user can write to, or nothing."""
    folder = Path(tempfile.gettempdir()) / f"moirespin-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        own = folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & 0o022
    except OSError:
        own = False
    return folder if own else None


def use_gpus(count: int, logger: logging.Logger) -> None:
    """Make JAX run on `count` GPUs that no other job of this user uses, once they are free.

    JAX_PLATFORMS=cpu in the user's environment keeps jobs on the CPU. GPUs that Slurm chose stay.

    Raises:
        RuntimeError: if this computer has fewer GPUs.
    """
    if not os.environ.setdefault("JAX_PLATFORMS", "cuda").startswith(("cuda", "gpu")):
        return
    # One process has the GPU to itself; JAX would take 0.75 of its memory.
    os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", "0.9")
    # JAX then counts as nvidia-smi does, not the fastest first.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    visible = visible_gpus()
    # Inside a job of one GPU all nodes may call it 0. A larger allocation is shared out as a
    # computer is. Without any GPU, JAX says what is wrong.
    if not visible or ("SLURM_JOB_ID" in os.environ and len(visible) <= count):
        return
    if len(visible) < count:
        raise RuntimeError(f"the profile grants the job {count} GPUs, but there are {len(visible)}")
    claimed = claim_gpus(visible, count)
    if not claimed:
        logger.info("waiting for a free GPU among %s", ", ".join(visible))
    while not claimed:
        time.sleep(1)
        claimed = claim_gpus(visible, count)
    logger.info("runs on GPU %s", ", ".join(claimed))
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(claimed)


def visible_gpus() -> list[str]:
    """Return what CUDA_VISIBLE_DEVICES lists, else the numbers of all GPUs of this computer."""
    listed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if listed is None:
        query = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
        try:
            listed = subprocess.run(query, capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            listed = ""
    return listed.replace(",", " ").split()


def claim_gpus(names: list[str], count: int) -> list[str]:
    """Lock `count` of the GPUs until this process ends, however it ends; none if too few are free.

    Raises:
        RuntimeError: if the folder of the locks is not the user's own.
    """
    folder = own_folder()
    if not folder:
        raise RuntimeError(
            f"no folder for locks of GPUs: {tempfile.gettempdir()}/moirespin-{os.getuid()} must be"
            " writable by you alone, or set TMPDIR"
        )
    # Each allocation of Slurm may count its GPUs from 0.
    place = os.environ.get("SLURM_JOB_ID", "here")
    claimed = {}
    with (folder / "gpus.lock").open("w") as gate:
        # One job looks at a time. Otherwise two jobs that need two GPUs each could hold one each.
        fcntl.flock(gate, fcntl.LOCK_EX)
        for name in names:
            claim = (folder / f"gpu-{place}-{name.replace('/', '-')}.lock").open("w")
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                claim.close()
                continue
            claimed[name] = claim
            if len(claimed) == count:
                CLAIMS.extend(claimed.values())
                return list(claimed)
        for claim in claimed.values():
            claim.close()
    return []


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
