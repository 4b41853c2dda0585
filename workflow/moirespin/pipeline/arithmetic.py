"""What in the user's shell could change numbers in silence: pinned where possible, else refused."""

import os

# JAX takes these from variables of the same names; here are their values in this project.
PINNED = {
    "jax_default_matmul_precision": "highest",
    "jax_default_prng_impl": "threefry2x32",
    "jax_disable_jit": False,
    "jax_disable_most_optimizations": False,
    "jax_enable_custom_prng": False,
    "jax_enable_pgle": False,
    "jax_high_dynamic_range_gumbel": False,
    "jax_numpy_dtype_promotion": "standard",
    "jax_numpy_rank_promotion": "allow",
    "jax_random_seed_offset": 0,
    "jax_softmax_custom_jvp": False,
    "jax_threefry_gpu_kernel_lowering": False,
    "jax_threefry_partitionable": True,
}
# Parts of names of XLA's flags that change arithmetic, unless their value is "false".
ALTERING: tuple[str, ...] = (
    "fast_math",
    "fast_min_max",
    "precision",
    "bf16",
    "f16",
    "tf32",
    "optimization_level",
)
ALTERING += ("disable_hlo_passes", "disable_all_hlo_passes", "enable_hlo_passes", "reassoc")


def pin_arithmetic(double: bool) -> None:
    """Make JAX compute as this project does, whatever the user's shell says; before JAX first runs.

    Args:
        double: whether 64-bit numbers are allowed.

    Raises:
        ValueError: if a variable that cannot be pinned changes arithmetic.
    """
    refuse_altering_flags()
    import jax

    for name, value in PINNED.items():
        jax.config.update(name, value)
    jax.config.update("jax_enable_x64", double)


def refuse_altering_flags() -> None:
    """Raise if XLA_FLAGS or NVIDIA_TF32_OVERRIDE changes arithmetic.

    Raises:
        ValueError: naming the variable and what to do.
    """
    if os.environ.get("NVIDIA_TF32_OVERRIDE") == "1":
        raise ValueError("NVIDIA_TF32_OVERRIDE is 1, which changes results: unset it")
    for flag in os.environ.get("XLA_FLAGS", "").split():
        name, _, value = flag.partition("=")
        if not name.startswith("--"):
            raise ValueError(
                f"XLA_FLAGS names the file {flag}, whose flags could change results: put the flags"
                " themselves into XLA_FLAGS, or unset it"
            )
        if any(part in name for part in ALTERING) and value.lower() not in ("false", "0"):
            raise ValueError(
                f"XLA_FLAGS holds {flag}, which changes results: take it out, or unset XLA_FLAGS"
            )
