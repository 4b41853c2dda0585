"""Time the training of the paper's networks against plain PyTorch, in one run.

    pip install -r benchmarks/requirements.txt
    python benchmarks/train.py [--threads 1 2] [--samples 768] [--epochs 3]

Both networks at the widths of workflow/presets/paper.yaml on random samples: 2 x 100 x 100 pixels
in, 2 x 197 x 197 out. PyTorch runs the same layers, batches and loss, from the same weights, with
its Adam as it comes and with its fused one; the losses of the first epoch must agree. Epochs of all
three alternate, and the median counts. Prints a table in Markdown.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import moirespin.io.packed_images
import moirespin.learning.training

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

# What an epoch of the paper run has.
TRAINING_SAMPLES = 12_452
MATMUL_SIZE = 3072
# Both libraries' threads spin for a while after their work.
PAUSE_S = 0.5


def seconds(function, repeats):
    """Return the median wall time of `function`, which waits for its own end."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def matmul_ceiling() -> float:
    """Return the better rate (flop/s) of both libraries for one large float32 product."""
    import jax
    import jax.numpy as jnp
    import torch

    ours, theirs = jnp.ones((MATMUL_SIZE,) * 2, jnp.float32), torch.ones((MATMUL_SIZE,) * 2)
    product = jax.jit(jnp.matmul)
    calls = (lambda: product(ours, ours).block_until_ready(), lambda: theirs @ theirs)
    for call in calls:
        call()
    return 2 * MATMUL_SIZE**3 / min(seconds(call, 5) for call in calls)


def products(kind: str, shape: dict) -> tuple[int, int]:
    """Return multiply-adds per sample of all layers, and of those that the data enter."""
    if kind == "generator":
        first = 3 * shape["first"]
        rest = shape["first"] * shape["second"] + shape["second"] * 2 * shape["pixels"] ** 2
        return first + rest, first
    features, third = shape["features"], shape["third"]
    first = 2 * shape["pixels"] ** 2 * shape["first"]
    rest = 2 * shape["first"] * features + 2 * features * third + third * features + features
    return first + rest, first


def as_torch(kind: str, network):
    """Return the same network in PyTorch, with the same weights."""
    import numpy as np
    import torch

    def dense(layer):
        kernel, bias = np.array(layer.kernel[...]), np.array(layer.bias[...])
        linear = torch.nn.Linear(*kernel.shape)
        linear.weight.data = torch.from_numpy(kernel.T.copy())
        linear.bias.data = torch.from_numpy(bias)
        return linear

    def chain(layers):
        gelu = torch.nn.GELU(approximate="tanh")
        return torch.nn.Sequential(*[part for layer in layers for part in (dense(layer), gelu)])

    if kind == "generator":
        return torch.nn.Sequential(chain(network.hidden), dense(network.output))

    class Regressor(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.top, self.bottom = chain(network.top), chain(network.bottom)
            self.head = torch.nn.Sequential(chain(network.head), dense(network.output))

        def forward(self, images):
            top, bottom = self.top(images[:, 0].flatten(1)), self.bottom(images[:, 1].flatten(1))
            return self.head(torch.cat([top, bottom], dim=1))

    return Regressor()


def our_epoch(network, loss, samples, *, batches, rate):
    """Return a function that trains one epoch and returns its mean loss."""
    import jax
    import jax.numpy as jnp
    import optax
    from flax import nnx

    from moirespin.learning.training import _on_device, _run_epoch, unchanged

    graph, weights, fixed = nnx.split(network, nnx.Param, ...)
    state = [jax.tree.map(jnp.copy, weights), optax.scale_by_adam().init(weights)]
    resident, order = _on_device(samples), jnp.asarray(batches, jnp.int32)

    def epoch(weights, optimiser):
        return _run_epoch(
            graph,
            loss,
            weights=weights,
            optimiser=optimiser,
            fixed=fixed,
            samples=resident,
            batches=order,
            learning_rate=rate,
            augment=unchanged,
            key=jax.random.key(0),
        )

    def run():
        *state[:], value = epoch(*state)
        return float(value)

    return run


def torch_epoch(network, loss, samples, *, batches, rate, fused):
    """Return a function that trains one epoch and returns its mean loss."""
    import torch

    inputs, targets = (torch.from_numpy(x) for x in samples)
    optimiser = torch.optim.Adam(network.parameters(), lr=rate, fused=fused)

    def run():
        total = 0.0
        for batch in map(torch.from_numpy, batches):
            optimiser.zero_grad()
            value = loss(network(inputs[batch]), targets[batch])
            value.backward()
            optimiser.step()
            total += value.item()
        return total / len(batches)

    return run


def prepare(kind: str, config: dict, samples: int):
    """Return shape, batches and the three functions that train an epoch of `kind`."""
    import numpy as np
    import torch

    from moirespin.learning.networks import build

    pixels = config["images"]["pixels"] // 2
    shape = {"pixels": pixels} | config["regressor"]["widths"]
    loss, torch_loss = moirespin.learning.training.mean_squared_error, torch.nn.functional.mse_loss
    if kind == "generator":
        pixels = config["images"]["generator_pixels"]
        # Stretching the inputs is no layer.
        shape = {"pixels": pixels, "input_scale": [1.0] * 3} | config["generator"]["widths"]
        loss, torch_loss = (
            moirespin.learning.training.mean_absolute_error,
            torch.nn.functional.l1_loss,
        )
    generator = np.random.default_rng(0)
    images = moirespin.io.packed_images.pack(
        generator.uniform(-1, 1, (samples, 2, pixels, pixels)).astype(np.float32)
    )
    unpacked = moirespin.io.packed_images.unpack(images)
    numbers = generator.random((samples, 3 if kind == "generator" else 1), np.float32)
    batch, rate = (config[kind]["training"][key] for key in ("batch_size", "learning_rate"))
    batches = generator.permutation(samples)[: samples // batch * batch].reshape(-1, batch)
    if kind == "generator":
        ours, theirs = (numbers, images), (numbers, unpacked.reshape(samples, -1))
    else:
        ours, theirs = (images, numbers), (unpacked, numbers)
    network = build(kind, shape, 0)
    epochs = {"ours": our_epoch(network, loss, ours, batches=batches, rate=rate)}
    for name, fused in {"PyTorch": None, "PyTorch, fused Adam": True}.items():
        copy = as_torch(kind, network)
        epochs[name] = torch_epoch(
            copy, torch_loss, theirs, batches=batches, rate=rate, fused=fused
        )
    return shape, batches, epochs


def measure(samples: int, repeats: int) -> None:
    """Print the table's rows for the threads that this process has."""
    import torch
    import yaml

    threads = int(os.environ["NPROC"])
    torch.set_num_threads(threads)
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    preset = yaml.safe_load((ROOT / "workflow/presets/paper.yaml").read_text(encoding="utf-8"))
    config["images"] |= preset["images"]
    for kind in ("regressor", "generator"):
        for block in ("widths", "training"):
            config[kind][block] |= preset[kind].get(block, {})
    ceiling = matmul_ceiling()
    for kind in ("regressor", "generator"):
        shape, batches, epochs = prepare(kind, config, samples)
        # The first epoch compiles, warms up, and says whether all three do the same.
        losses = [run() for run in epochs.values()]
        if max(losses) > 1.001 * min(losses):
            sys.exit(f"{kind}: the losses of the first epoch differ: {losses}")
        times = {name: [] for name in epochs}
        for _ in range(repeats):
            for name, run in epochs.items():
                time.sleep(PAUSE_S)
                times[name].append(seconds(run, 1))
        epoch = {name: statistics.median(values) for name, values in times.items()}
        multiplied, entered = products(kind, shape)
        # Forward, and backward to the weights and, but for the first layer, to the inputs.
        flops = 2 * batches.size * (3 * multiplied - entered)
        ours, plain, fused = epoch.values()
        print(
            f"| {kind} | {threads} | {1e3 * ours / len(batches):.0f}"
            f" | {1e3 * plain / len(batches):.0f} | {1e3 * fused / len(batches):.0f}"
            f" | {ours / plain:.2f} | {ours / fused:.2f}"
            f" | {ceiling / 1e9:.0f} | {flops / ours / ceiling:.2f}"
            f" | {flops / fused / ceiling:.2f} | {TRAINING_SAMPLES / batches.size * ours:.0f} |",
            flush=True,
        )


def main() -> None:
    """Print the table; each thread count runs in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--samples", type=int, default=768)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit("PyTorch is missing: pip install -r benchmarks/requirements.txt")
    if options.measure:
        return measure(options.samples, options.epochs)
    columns = ["network", "threads", "ours, ms/step", "PyTorch, ms/step", "fused Adam, ms/step"]
    columns += ["ours / PyTorch", "ours / fused", "matmul, Gflop/s", "our share of it"]
    columns += ["share, fused", f"our epoch of {TRAINING_SAMPLES} samples, s"]
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns), flush=True)
    for threads in options.threads:
        limits = dict.fromkeys(("NPROC", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
        arguments = ["--measure", f"--samples={options.samples}", f"--epochs={options.epochs}"]
        subprocess.run([sys.executable, __file__, *arguments], env=os.environ | limits, check=True)


if __name__ == "__main__":
    main()
