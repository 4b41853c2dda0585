"""Time the relaxation engine against a plain SciPy reference, in one run.

    python benchmarks/relax.py [--threads 1 2] [--sets 64] [--lanes 64 32 32]

For m = 8, 16, 32 and three (J, D): iterations of the three structured starts, seconds per ground
state, raw field evaluations, the share of the memory bandwidth measured in the same process, and
the same starts relaxed by benchmarks/reference.py. Then where an iteration's time goes. Prints
tables in Markdown. With JAX_PLATFORMS=cuda the engine runs on the GPU, and threads do not count.
"""

import argparse
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

TWIST_INDICES = (8, 16, 32)
# Per device; the workflow's own choice.
LANES = (16, 16, 16)
PARAMETERS_MEV = ((2.01, 0.22), (5.0, 0.05), (9.0, 0.02))


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


def measure(sets: int, lanes_of: list[int]) -> None:
    """Print the table's rows for the threads that this process has."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    import yaml
    from reference import relax as reference

    from moirespin.physics.hamiltonian import Parameters, effective_field, in_precision
    from moirespin.solver.relaxation import Solver
    from moirespin.states.ground_state import STRUCTURED_STARTS, Search, structured_starts
    from moirespin.states.ground_state import find_ground_states as find
    from moirespin.states.settings import build_model, read_material

    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    solver = Solver(**config["relax"])
    search = Search(STRUCTURED_STARTS, 0, config["ground_state"]["degeneracy_mev"])
    threads = os.environ["NPROC"]
    field = jax.jit(effective_field)

    def fields(everywhere):
        # Calls return before they are done: the devices work side by side.
        return [field(*own) for own in everywhere]

    ceiling = bandwidth()
    for m, lanes in zip(TWIST_INDICES, lanes_of, strict=True):
        bilayer, couplings = build_model(m, read_material(config))
        single = in_precision(couplings, jnp.float32)
        spins = jnp.ones((2, bilayer.sites, lanes), jnp.float32)
        both = Parameters(*jnp.ones((2, lanes), jnp.float32))
        everywhere = [jax.device_put((spins, single, both), device) for device in jax.devices()]
        spent = seconds(fields, everywhere)
        rate = spins[0].size * len(everywhere) / spent
        for exchange, anisotropy in PARAMETERS_MEV:
            spread = np.linspace(0.98, 1.02, sets)[:, None] * (exchange, anisotropy)
            settings = {"random_start": None, "search": search, "solver": solver, "lanes": lanes}
            find(bilayer, couplings, spread, **settings)
            times = []
            for _ in range(3):
                start = time.perf_counter()
                states = find(bilayer, couplings, spread, **settings)
                times.append((time.perf_counter() - start) / sets)
            each = sorted(times)[1]
            steps = states.start_steps.mean(axis=0)
            # Least traffic of an iteration: each array of the state read and written once.
            floats = 2 * (3 * 2 + 2) + 2 * 2 * solver.memory
            traffic = 4 * floats * bilayer.sites * states.start_steps.sum(axis=1).mean()
            starts = structured_starts(couplings, STRUCTURED_STARTS)
            begun = time.perf_counter()
            constants = {"exchange_mev": exchange, "anisotropy_mev": anisotropy}
            peers = [reference(start, couplings, **constants) for start in starts]
            peer = time.perf_counter() - begun
            print(
                f"| {threads} | {m} | {exchange:g}, {anisotropy:g} | {rate / 1e6:.0f} |"
                f" {' / '.join(f'{n:.0f}' for n in steps)} | {each * 1e3:.2f} |"
                f" {traffic / each / ceiling:.2f} |"
                f" {' / '.join(str(n) for _, n, _ in peers)} | {peer * 1e3:.1f} |"
                f" {peer / each:.1f} |",
                flush=True,
            )


def profile(lanes_of: list[int]) -> None:
    """Print where the time of one coplanar iteration goes, in ns per spin."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    import yaml

    from moirespin.physics.hamiltonian import (
        Parameters,
        dot,
        effective_field,
        energy_change,
        in_precision,
        sum_over_sites,
    )
    from moirespin.solver.relaxation import Solver, advance, begin, displacement, precondition
    from moirespin.states.ground_state import STRUCTURED_STARTS, structured_starts
    from moirespin.states.settings import build_model, read_material

    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    solver = Solver(**config["relax"])
    for m, lanes in zip(TWIST_INDICES, lanes_of, strict=True):
        bilayer, couplings = build_model(m, read_material(config))
        single = in_precision(couplings, jnp.float32)
        starts = structured_starts(couplings, STRUCTURED_STARTS).astype(np.float32)
        spins = jnp.stack([starts[n % 3] for n in range(lanes)], axis=-1)
        own = Parameters(*jnp.tile(jnp.array([[2.01], [0.22]], jnp.float32), lanes))

        def turn(state, couplings, own):
            def step(count, state):
                return advance(
                    state, count % solver.memory, couplings, parameters=own, solver=solver
                )

            return jax.lax.fori_loop(0, 6, step, state)

        state = jax.jit(turn)(begin(spins, solver), single, own)
        steps = state.moves[0], state.gradient
        parts = {
            "one array, a + 1": (jax.jit(lambda x: x + 1), state.gradient),
            "field": (jax.jit(effective_field), state.spins, single, own),
            "preconditioner": (
                jax.jit(partial(precondition, solver=solver)),
                *(state.gradient[0], single, own),
            ),
            "energy change": (jax.jit(energy_change), state.spins, state.field, state.field),
            "scalar product": (jax.jit(lambda x, y: sum_over_sites(dot(x, y))), *steps),
            "turning of spins": (jax.jit(displacement), state.spins, state.field),
        }
        size = bilayer.sites * lanes
        row = {name: 1e9 * seconds(*call) / size for name, call in parts.items()}
        row["whole iteration"] = 1e9 * seconds(jax.jit(turn), state, single, own) / size / 6
        if m == TWIST_INDICES[0]:
            print("\n| threads | m | " + " | ".join(row) + " |")
            print("|---" * (len(row) + 2) + "|")
        cells = " | ".join(f"{value:.2f}" for value in row.values())
        print(f"| {os.environ['NPROC']} | {m} | {cells} |", flush=True)


def main() -> None:
    """Run once for each number of threads, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--sets", type=int, default=64, help="parameter sets per batch")
    parser.add_argument(
        "--lanes", type=int, nargs=3, default=LANES, help="starts at once on each device, per m"
    )
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--profile", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.profile:
        profile(options.lanes)
        return
    if options.measure:
        measure(options.sets, options.lanes)
        return
    print(
        "| threads | m | J, D (meV) | field, 10⁶ spins/s | iterations of the starts |"
        " ms per ground state | share of bandwidth | reference: evaluations | reference: ms |"
        " ratio |\n|---|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    command = [sys.executable, __file__, "--sets", str(options.sets)]
    command += ["--lanes", *map(str, options.lanes)]
    for threads in options.threads:
        # With more threads SciPy's L-BFGS waits for them: the reference is fastest with one.
        limits = {"NPROC": str(threads), "OPENBLAS_NUM_THREADS": "1"}
        # As the workflow does: one device, with its share of the lanes, for each thread.
        limits["JAX_NUM_CPU_DEVICES"] = str(threads)
        subprocess.run([*command, "--measure"], env=os.environ | limits, check=True)
    # One thread: what is spread over devices scales with them.
    limits = {"NPROC": "1", "JAX_NUM_CPU_DEVICES": "1"}
    subprocess.run([*command, "--profile"], env=os.environ | limits, check=True)


if __name__ == "__main__":
    main()
