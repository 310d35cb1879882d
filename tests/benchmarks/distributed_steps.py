"""A step of training by two workers against one process: what it costs to ask them, and from what size of a batch they are quicker.

python tests/benchmarks/distributed_steps.py [--rounds N] [BATCH …]

Every process has one thread. Both get the gradients of the same batches in turn, and have to agree.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from printing import busy, machine

from chainrule import Dense, Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.files.array_files import npz_bytes
from chainrule.codegen.training.choices import TrainingChoices
from chainrule.codegen.training.cluster import cluster
from chainrule.codegen.training.data_set import read_data
from chainrule.codegen.training.distributed_examples import DistributedExamples
from chainrule.codegen.training.given import given
from chainrule.codegen.training.parts import parts_of
from chainrule.codegen.training.run import begin
from chainrule.symbolic.derivation.derivation import Derivation

GALLERY = Path(__file__).parents[2] / "generated"
#: The second has work to do for each example, and few parameters to be sent.
NETWORKS = {
    "3-2": derive(Network(3, [Dense(2, "softmax")], "cross_entropy", targets="labels", name="little")),
    "LeNet": derive(read_description(GALLERY / "lenet" / "lenet.toml").network),
}
BATCHES = (16, 64, 256, 1024)
ROUNDS = 15
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TOLERANCE = 1e-10


def parts(derivation: Derivation, examples: int, folder: Path) -> list[Path]:
    """Two files with random examples, whose sum is enough."""
    module, rng, names = load(derivation), np.random.default_rng(0), [each.name for each in given(derivation.system)]
    paths = [folder / f"part-{number}.npz" for number in range(2)]
    for path in paths:
        samples = [module.sample(rng)]
        while sum(len(sample[0]) for sample in samples) < examples:
            samples.append(module.sample(rng))
        path.write_bytes(npz_bytes({name: np.concatenate([sample[at] for sample in samples]) for at, name in enumerate(names)}))
    return paths


def times(derivation: Derivation, batches: Sequence[int], rounds: int, folder: Path) -> list[tuple[int, list[float], list[float]]]:
    """For each size of a batch the seconds of a step in one process, and by two workers."""
    rng, paths, takes = np.random.default_rng(1), parts(derivation, max(batches), folder), given(derivation.system)
    source = module_source(derivation, style="fast")
    run = begin(derivation, source, read_data(paths, takes), TrainingChoices(), folder / "run")
    sources = tuple((path.stem, path.read_text(encoding="utf-8")) for path in (folder / "run" / f"{run.name}.py", run.script))
    found = []
    with run.modules(run.script.stem) as (script,), cluster(None, 2) as client:
        one, two = script.read_examples(), DistributedExamples(client, parts_of(paths, derivation.system), script, sources)
        params = script.network.init(rng)
        for size in batches:
            seconds: tuple[list[float], list[float]] = ([], [])
            for turn in range(rounds + 2):
                places, results = rng.choice(one.training, size, replace=False), []
                for examples, kept in zip((one, two), seconds, strict=True):
                    started = time.perf_counter()
                    results.append(examples.gradients(params, places))
                    # The first turns make workspaces.
                    kept.extend([time.perf_counter() - started] if turn > 1 else [])
                for ours, theirs in zip(*(result[1] for result in results), strict=True):
                    assert np.abs(ours - theirs).max() <= TOLERANCE * np.abs(ours).max()
            found.append((size, *seconds))
    return found


def quicker_from(found: Sequence[tuple[int, list[float], list[float]]]) -> int | None:
    """From what size of a batch on the median step of two workers is the shorter one; None where it is at none that was measured."""
    slower = [size for size, one, two in found if statistics.median(two) >= statistics.median(one)]
    return next((size for size, *_ in sorted(found) if size > max(slower, default=0)), None)


def main() -> None:
    """Prints a table of both networks."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("batches", nargs="*", type=int, default=BATCHES)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = asked.parse_args()
    # Libraries of matrix products ask for the number of threads when they are loaded.
    if any(os.environ.get(variable) != "1" for variable in ONE_THREAD):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **dict.fromkeys(ONE_THREAD, "1")})
    print(machine())
    print(busy(), end="")
    print("milliseconds of a step: the least, which says most on a busy machine, and the median")
    for name, derivation in NETWORKS.items():
        with tempfile.TemporaryDirectory() as folder:
            found = times(derivation, chosen.batches, chosen.rounds, Path(folder))
            for size, *both in found:
                one, two = (f"{1e3 * min(each):8.2f}, {1e3 * statistics.median(each):8.2f}" for each in both)
                print(f"{name:6}  batch {size:5}   one process {one}   two workers {two}")
            first = quicker_from(found)
            print(f"{name:6}  two workers are quicker {f'from a batch of {first} on' if first else 'at none of these sizes'}", flush=True)


if __name__ == "__main__":
    main()
