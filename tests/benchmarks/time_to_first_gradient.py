"""From nothing to the first gradient, by depth: import, description, derivation, module, one backward pass, in a fresh process.

python tests/benchmarks/time_to_first_gradient.py [LAYERS …]
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
size = network.input
x, y = rng.standard_normal((2, int(sys.argv[2]), size))
cost, gradients = module.cost_and_gradients(params, x, y)
done = time.perf_counter()
assert np.isfinite(cost) and gradients.W1.any()
stages = {"import": imported - start, "description": described - imported, "derive": derived - described,
          "load": loaded - derived, "gradient": done - loaded, "total": done - start}
print(json.dumps(stages | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def description(layers: int) -> str:
    dense = f'[[layers]]\nkind = "dense"\nunits = {UNITS}\nactivation = "tanh"\n'
    return f'name = "deep"\ninput = {UNITS}\n' + dense * layers + '[cost]\nkind = "quadratic"\n'


def measured(path: Path) -> dict[str, float]:
    """One run: seconds of each stage, and peak memory in MiB."""
    found = subprocess.run([sys.executable, "-c", RUN, str(path), str(BATCH)], capture_output=True, text=True)
    if found.returncode:
        raise SystemExit(found.stderr[-2000:])
    numbers: dict[str, float] = json.loads(found.stdout)
    return numbers


def row(layers: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.toml"
        path.write_text(description(layers), encoding="utf-8")
        measured(path)
        runs = [measured(path) for _ in range(3 if layers >= 1000 else 5)]
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    stages = " | ".join(f"{medians[key]:.3f}" for key in ("import", "description", "derive", "load", "gradient", "total"))
    return f"| {layers} | {stages} | {medians['memory']:.0f} |"


def main(depths: Sequence[int]) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, ", end="")
    print(f"NumPy {numpy.__version__}, SymPy {sympy.__version__}; dense tanh layers of {UNITS}, batch {BATCH}; median seconds\n")
    print("| layers | import | description | derive | load | first gradient | total | peak MiB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for layers in depths:
        print(row(layers), flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or DEPTHS)
