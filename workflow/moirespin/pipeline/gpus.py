"""GPUs of a computer, shared out among jobs: each is locked by the job that runs on it."""

import fcntl
import logging
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TextIO

# Locks of the GPUs that this process has claimed; a lock lasts as long as its file is open.
CLAIMS: list[TextIO] = []


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
