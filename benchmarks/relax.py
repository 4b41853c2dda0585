"""Time the relaxation engine against a plain SciPy reference, in one run.

    python benchmarks/relax.py [--threads 1 2] [--sets 64]

For m = 8, 16, 32 and three (J, D): iterations of the three structured starts, seconds per ground
state, raw field evaluations, the share of the memory bandwidth measured in the same process, and
the same starts relaxed by benchmarks/reference.py. Prints a table in Markdown.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

TWIST_INDICES = (8, 16, 32)
PARAMETERS_MEV = ((2.01, 0.22), (5.0, 0.05), (9.0, 0.02))
LANES = 32


def seconds(function, *arguments, repeats=5):
    """Return the median wall time of a JAX function, after one call that compiles it."""
    import jax

    jax.block_until_ready(function(*arguments))
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(function(*arguments))
        times.append(time.perf_counter() - start)
    return sorted(times)[repeats // 2]


def bandwidth() -> float:
    """Return the bandwidth (byte/s) of a + s b over arrays far larger than the caches."""
    import jax
    import jax.numpy as jnp

    a, b = jnp.ones(2**25, jnp.float32), jnp.ones(2**25, jnp.float32)
    return 3 * a.nbytes / seconds(jax.jit(lambda a, b: a + 2 * b), a, b)


def measure(sets: int) -> None:
    """Print the table's rows for the threads that this process has."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    import yaml
    from reference import relax as reference

    from moirespin.ground_state import STRUCTURED_STARTS, Search, structured_starts
    from moirespin.ground_state import find_ground_states as find
    from moirespin.hamiltonian import Parameters, effective_field, in_precision
    from moirespin.relax import Solver
    from moirespin.simulate import build_model

    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    solver = Solver(**config["relax"])
    search = Search(STRUCTURED_STARTS, 0, config["ground_state"]["degeneracy_mev"])
    threads = os.environ["NPROC"]
    ceiling = bandwidth()
    for m in TWIST_INDICES:
        bilayer, couplings = build_model(m, config["lattice"], config["exchange"])
        single = in_precision(couplings, jnp.float32)
        spins = jnp.ones((2, bilayer.sites, LANES), jnp.float32)
        field = jax.jit(effective_field)
        both = Parameters(*jnp.ones((2, LANES), jnp.float32))
        rate = bilayer.sites * LANES / seconds(field, spins, single, both)
        for exchange, anisotropy in PARAMETERS_MEV:
            spread = np.linspace(0.98, 1.02, sets)[:, None] * (exchange, anisotropy)
            arguments = (bilayer, couplings, spread, None, search, solver, LANES)
            find(*arguments)
            start = time.perf_counter()
            states = find(*arguments)
            each = (time.perf_counter() - start) / sets
            steps = states.start_steps.mean(axis=0)
            # Least traffic of an iteration: each array of the state read and written once.
            floats = 2 * (5 * 2 + 2) + 2 * 2 * solver.memory
            traffic = 4 * floats * bilayer.sites * states.start_steps.sum(axis=1).mean()
            starts = structured_starts(couplings, STRUCTURED_STARTS)
            begun = time.perf_counter()
            peers = [reference(start, couplings, exchange, anisotropy) for start in starts]
            peer = time.perf_counter() - begun
            print(
                f"| {threads} | {m} | {exchange:g}, {anisotropy:g} | {rate / 1e6:.0f} |"
                f" {' / '.join(f'{n:.0f}' for n in steps)} | {each * 1e3:.2f} |"
                f" {traffic / each / ceiling:.2f} |"
                f" {' / '.join(str(n) for _, n, _ in peers)} | {peer * 1e3:.1f} |"
                f" {peer / each:.1f} |",
                flush=True,
            )


def main() -> None:
    """Run once for each number of threads, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--sets", type=int, default=64, help="parameter sets per batch")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.sets)
        return
    print(
        "| threads | m | J, D (meV) | field, 10⁶ spins/s | iterations of the starts |"
        " ms per ground state | share of bandwidth | reference: evaluations | reference: ms |"
        " ratio |\n|---|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    for threads in options.threads:
        command = [sys.executable, __file__, "--measure", "--sets", str(options.sets)]
        # With more threads SciPy's L-BFGS waits for them: the reference is fastest with one.
        limits = {"NPROC": str(threads), "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run(command, env=os.environ | limits, check=True)


if __name__ == "__main__":
    main()
