"""Compiled programs of the command line, kept in the user's cache folder."""

import os
from pathlib import Path

from moirespin.pipeline.arithmetic import pin_arithmetic

# Some hundred programs; what has not been used for longest makes room.
LARGEST_CACHE_BYTES = 400 * 2**20


def set_up_jax() -> None:
    """Make JAX compute as in the workflow's jobs, and keep what it compiles for the next call."""
    pin_arithmetic(double=True)
    import jax

    folder = cache_folder()
    if folder:
        drop_unfinished(folder)
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_compilation_cache_max_size", LARGEST_CACHE_BYTES)
        # Many small programs cost more together than the large ones.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)


def drop_unfinished(folder: Path) -> None:
    """Remove programs of a call that was killed before it had written when they were last used.

    JAX writes that second, and keeps nothing new as long as it is missing.
    """
    for program in folder.glob("*-cache"):
        if not program.with_name(f"{program.name.removesuffix('-cache')}-atime").exists():
            program.unlink(missing_ok=True)


def cache_folder() -> Path | None:
    """Return the folder of the compiled programs, made if there is none; None without a safe one.

    `moirespin` in XDG_CACHE_HOME or in ~/.cache. Programs that someone else could have put there
    must not run: the folder must be the user's own, and nobody else may write to it.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG rules: a path that is not absolute is to be ignored.
    cache = Path(base) if os.path.isabs(base) else Path(os.path.expanduser("~"), ".cache")
    folder = cache / "moirespin"
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.stat()
        own = about.st_uid == os.getuid() and not about.st_mode & 0o022
    except OSError:
        return None
    return folder if own and os.access(folder, os.W_OK) else None
