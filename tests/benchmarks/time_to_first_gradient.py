"""From nothing to the first gradient, by depth: import, description, derivation, module, one backward pass, in a fresh process.

python tests/benchmarks/time_to_first_gradient.py [LAYERS …]          dense layers
python tests/benchmarks/time_to_first_gradient.py --blocks [NUMBER …]  transformer blocks

With --jax, the total of the same in JAX beside it, where it is installed: import, trace and compile, one gradient.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy
import sympy

UNITS, BATCH = 64, 32
DEPTHS = (2, 20, 100, 300, 1000)
#: Of a transformer: 4 heads, 64 features, 32 steps, 256 hidden units, a batch of 8.
STEPS, HEADS, HIDDEN, FEW = 32, 4, 256, 8
BLOCKS = (1, 12)

RUN = """
import time
start = time.perf_counter()
import json, resource, sys
import numpy as np
from codegen.description import read_description
from codegen.loading import load
from symbolic import derive
imported = time.perf_counter()
network = read_description(sys.argv[1]).network
described = time.perf_counter()
derivation = derive(network)
derived = time.perf_counter()
module = load(derivation)
loaded = time.perf_counter()
rng = np.random.default_rng(0)
params = module.init(rng)
x, y = rng.standard_normal((2, int(sys.argv[2]), *network.given_inputs["x"].shape))
cost, gradients = module.cost_and_gradients(params, x, y)
done = time.perf_counter()
assert np.isfinite(cost) and all(gradient.any() for gradient in gradients)
stages = {"import": imported - start, "description": described - imported, "derive": derived - described,
          "load": loaded - derived, "gradient": done - loaded, "total": done - start}
print(json.dumps(stages | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

JAX_START = """
import time
start = time.perf_counter()
import json, sys
import jax
import jax.numpy as jnp
import numpy as np
imported = time.perf_counter()
depth, batch = int(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(0)

def random(*shape):
    return jnp.asarray(rng.standard_normal(shape, np.float32) / shape[-1] ** 0.5)

def constant(value, *shape):  # made by NumPy: not even this is to be compiled
    return jnp.asarray(np.full(shape, value, np.float32))
"""
JAX_LAYERS = f"""
UNITS = {UNITS}
params = [(random(UNITS, UNITS), constant(0, UNITS)) for _ in range(depth)]
x, y = random(batch, UNITS), random(batch, UNITS)

def output(params, a):
    for W, b in params:
        a = jnp.tanh(a @ W.T + b)
    return a
"""
JAX_BLOCKS = f"""
STEPS, UNITS, HEADS, HIDDEN = {STEPS}, {UNITS}, {HEADS}, {HIDDEN}
PART = UNITS // HEADS

def block_params():
    norm = lambda: (constant(1, UNITS), constant(0, UNITS))
    heads = [random(HEADS, PART, UNITS) for _ in range(3)]
    dense = (random(HIDDEN, UNITS), constant(0, HIDDEN), random(UNITS, HIDDEN), constant(0, UNITS))
    return (*norm(), *heads, random(UNITS, HEADS, PART), *norm(), *dense)

params = [block_params() for _ in range(depth)]
x, y = random(batch, STEPS, UNITS), random(batch, STEPS, UNITS)

def layer_norm(x, gain, bias):
    return gain * (x - x.mean(-1, keepdims=True)) * jax.lax.rsqrt(x.var(-1, keepdims=True) + 1e-5) + bias

def output(params, x):
    for g1, c1, Wq, Wk, Wv, Wo, g2, c2, W1, b1, W2, b2 in params:
        normal = layer_norm(x, g1, c1)
        q, k, v = (jnp.einsum("nti,hdi->nhtd", normal, W) for W in (Wq, Wk, Wv))
        p = jax.nn.softmax(q @ k.mT / PART ** 0.5)
        x = x + jnp.einsum("nhtd,ihd->nti", p @ v, Wo)
        x = x + jax.nn.gelu(layer_norm(x, g2, c2) @ W1.T + b1, approximate=False) @ W2.T + b2
    return x
"""
JAX_END = """
def cost(params, x, y):
    return jnp.sum((output(params, x) - y) ** 2) / (2 * x[..., 0].size)

value, gradients = jax.block_until_ready(jax.jit(jax.value_and_grad(cost))(params, x, y))
done = time.perf_counter()
assert np.isfinite(value) and all(gradient.any() for gradient in jax.tree.leaves(gradients))
print(json.dumps({"import": imported - start, "total": done - start}))
"""


def description(layers: int) -> str:
    dense = f'[[layers]]\nkind = "dense"\nunits = {UNITS}\nactivation = "tanh"\n'
    return f'name = "deep"\ninput = {UNITS}\n' + dense * layers + '[cost]\nkind = "quadratic"\n'


def transformer(blocks: int) -> str:
    block = f'[[layers]]\nkind = "transformer_block"\nheads = {HEADS}\nhidden = {HIDDEN}\n'
    return f'name = "deep"\ninput = [{STEPS}, {UNITS}]\n' + block * blocks + '[cost]\nkind = "quadratic"\n'


def measured(program: str, given: str, batch: int) -> dict[str, float]:
    """One run in a process of its own: seconds of each stage (and, of this project's, peak memory in MiB)."""
    found = subprocess.run([sys.executable, "-c", program, given, str(batch)], capture_output=True, text=True)
    if found.returncode:
        raise SystemExit(found.stderr[-2000:])
    numbers: dict[str, float] = json.loads(found.stdout)
    return numbers


def medians(program: str, given: str, batch: int, runs: int) -> dict[str, float]:
    """The first run is not counted: it finds no compiled bytecode and a cold disk."""
    measured(program, given, batch)
    found = [measured(program, given, batch) for _ in range(runs)]
    return {key: statistics.median(run[key] for run in found) for key in found[0]}


def row(depth: int, text: str, batch: int, jax_program: str = "") -> str:
    runs = 3 if depth >= 1000 else 5
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.toml"
        path.write_text(text, encoding="utf-8")
        ours = medians(RUN, str(path), batch, runs)
    stages = " | ".join(f"{ours[key]:.3f}" for key in ("import", "description", "derive", "load", "gradient", "total"))
    peer = f" {medians(jax_program, str(depth), batch, runs)['total']:.3f} |" if jax_program else ""
    return f"| {depth} | {stages} | {ours['memory']:.0f} |{peer}"


def main(words: Sequence[str]) -> None:
    of_blocks = "--blocks" in words
    depths = [int(word) for word in words if word.isdigit()] or (BLOCKS if of_blocks else DEPTHS)
    what = f"transformer blocks, {HEADS} heads, {STEPS} × {UNITS}, hidden {HIDDEN}" if of_blocks else f"dense tanh layers of {UNITS}"
    batch = FEW if of_blocks else BATCH
    with_jax = "--jax" in words and importlib.util.find_spec("jax") is not None
    jax_program = JAX_START + (JAX_BLOCKS if of_blocks else JAX_LAYERS) + JAX_END if with_jax else ""
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, ", end="")
    print(f"NumPy {numpy.__version__}, SymPy {sympy.__version__}; {what}, batch {batch}; median seconds\n")
    if "--jax" in words and not with_jax:
        print(f"jax.jit is left out: jax is not installed beside {sys.executable}.\n")
    print(f"| {'blocks' if of_blocks else 'layers'} | import | description | derive | load | first gradient | total | peak MiB |", end="")
    print(" jax.jit, total |" if with_jax else "")
    print("|" + " ---: |" * (9 if with_jax else 8))
    for depth in depths:
        print(row(depth, transformer(depth) if of_blocks else description(depth), batch, jax_program), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
