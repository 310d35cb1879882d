"""From nothing to the first gradient, by depth: import, description, derivation, module, one backward pass, in a fresh process.

python tests/benchmarks/time_to_first_gradient.py [LAYERS …]          dense layers
python tests/benchmarks/time_to_first_gradient.py --blocks [NUMBER …]  transformer blocks
"""

from __future__ import annotations

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


def description(layers: int) -> str:
    dense = f'[[layers]]\nkind = "dense"\nunits = {UNITS}\nactivation = "tanh"\n'
    return f'name = "deep"\ninput = {UNITS}\n' + dense * layers + '[cost]\nkind = "quadratic"\n'


def transformer(blocks: int) -> str:
    block = f'[[layers]]\nkind = "transformer_block"\nheads = {HEADS}\nhidden = {HIDDEN}\n'
    return f'name = "deep"\ninput = [{STEPS}, {UNITS}]\n' + block * blocks + '[cost]\nkind = "quadratic"\n'


def measured(path: Path, batch: int) -> dict[str, float]:
    """One run: seconds of each stage, and peak memory in MiB."""
    found = subprocess.run([sys.executable, "-c", RUN, str(path), str(batch)], capture_output=True, text=True)
    if found.returncode:
        raise SystemExit(found.stderr[-2000:])
    numbers: dict[str, float] = json.loads(found.stdout)
    return numbers


def row(depth: int, text: str, batch: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.toml"
        path.write_text(text, encoding="utf-8")
        measured(path, batch)
        runs = [measured(path, batch) for _ in range(3 if depth >= 1000 else 5)]
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    stages = " | ".join(f"{medians[key]:.3f}" for key in ("import", "description", "derive", "load", "gradient", "total"))
    return f"| {depth} | {stages} | {medians['memory']:.0f} |"


def main(words: Sequence[str]) -> None:
    of_blocks = "--blocks" in words
    depths = [int(word) for word in words if word.isdigit()] or (BLOCKS if of_blocks else DEPTHS)
    what = f"transformer blocks, {HEADS} heads, {STEPS} × {UNITS}, hidden {HIDDEN}" if of_blocks else f"dense tanh layers of {UNITS}"
    batch = FEW if of_blocks else BATCH
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, ", end="")
    print(f"NumPy {numpy.__version__}, SymPy {sympy.__version__}; {what}, batch {batch}; median seconds\n")
    print(f"| {'blocks' if of_blocks else 'layers'} | import | description | derive | load | first gradient | total | peak MiB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for depth in depths:
        print(row(depth, transformer(depth) if of_blocks else description(depth), batch), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
