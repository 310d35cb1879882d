"""From nothing to the first gradient: import, description, derivation, module, one backward pass, each time in a fresh process.

python tests/benchmarks/time_to_first_gradient.py [LAYERS …]            dense layers of 64, and 3 layers of several widths
python tests/benchmarks/time_to_first_gradient.py --widths [UNITS …]    3 dense layers of these widths
python tests/benchmarks/time_to_first_gradient.py --blocks [NUMBER …]   transformer blocks

With --jax, --torch and --compile, the same by jax.jit, torch and torch.compile beside it, where they are installed: import, trace and
compilation, one gradient. Everybody has a turn in every round, and has to find the same cost and gradients.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from first_networks import BATCH, FEW, HEADS, HIDDEN, STEPS, Network
from printing import busy, machine

from chainrule.codegen.backends.registry import STYLES

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
DEPTHS = (2, 20, 100, 300, 1000)
WIDTHS, WIDE_LAYERS = (16, 64, 256, 1024), 3
BLOCKS = (1, 12)
STAGES = {
    "import": "import",
    "description": "description",
    "derive": "derive",
    "load": "load",
    "first gradient": "gradient",
    "total": "total",
    "peak MiB": "memory",
}
#: In single precision, where the generated module is as precise as its arrays.
TOLERANCE = 1e-3

Run = Mapping[str, float]


@dataclass(frozen=True)
class Runner:
    """Who finds the gradient: a script, and its words after the network's."""

    name: str
    script: str
    words: tuple[str, ...] = ()
    package: str = ""

    def missing(self) -> str:
        """Why it cannot be measured here; nothing where it can."""
        if importlib.util.find_spec(self.package) is None:
            return f"{self.package} is not installed beside {sys.executable}"
        if "compiled" in self.words and not (shutil.which("g++") or shutil.which("c++")):
            return "it needs a C++ compiler (g++), and none was found"
        return ""

    def run(self, network: Network) -> Run:
        """Seconds, peak memory, and what was found."""
        command = [sys.executable, str(FOLDER / self.script), network.kind, str(network.depth), str(network.units), *self.words]
        # What is installed beside the environment may be named by the variable.
        path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
        found = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path, "JAX_PLATFORMS": "cpu"})
        if found.returncode:
            raise SystemExit(f"{self.name}, {network.title}: {found.stderr[-2000:]}")
        numbers: Run = json.loads(found.stdout)
        return numbers


PEERS = {
    "jax": Runner("jax.jit", "first_by_jax.py", package="jax"),
    "torch": Runner("torch", "first_by_torch.py", ("eager",), package="torch"),
    "compile": Runner("torch.compile", "first_by_torch.py", ("compiled",), package="torch"),
}


def ours(style: str, path: Path) -> Runner:
    return Runner("ours", "first_by_ours.py", (style, str(path)))


def agree(name: str, network: Network, here: Run, other: Run) -> None:
    """Nobody is timed who computes something else."""
    for key in ("cost", "length"):
        if abs(other[key] - here[key]) > TOLERANCE * abs(here[key]):
            raise SystemExit(f"{name}, {network.title}: found {key} {other[key]!r}, ours is {here[key]!r}")


def medians(runners: Sequence[Runner], network: Network, rounds: int) -> list[dict[str, float]]:
    """Of each runner, in turns. The first round is not counted: it finds no compiled bytecode and a cold disk."""
    first, *counted = ([runner.run(network) for runner in runners] for _ in range(1 + rounds))
    for runner, found in zip(runners, first, strict=True):
        agree(runner.name, network, first[0], found)
    return [{key: statistics.median(run[key] for run in runs) for key in runs[0]} for runs in zip(*counted, strict=True)]


def row(network: Network, style: str, peers: Sequence[Runner], rounds: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.toml"
        path.write_text(network.description, encoding="utf-8")
        own, *others = medians([ours(style, path), *peers], network, rounds)
    cells = [cell(own[key], key) for key in STAGES.values()]
    cells += [cell(other[key], key) for other in others for key in ("total", "memory")]
    return f"| {network.title} | {' | '.join(cells)} |"


def cell(value: float, key: str) -> str:
    return f"{value:.0f}" if key == "memory" else f"{value:.3f}"


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", type=int, nargs="*", help="how many layers, units or blocks")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--widths", action="store_true", help=f"the numbers are units of {WIDE_LAYERS} dense layers")
    what.add_argument("--blocks", action="store_true", help="the numbers are transformer blocks")
    parser.add_argument("--jax", action="store_true", help="measure jax.jit beside it")
    parser.add_argument("--torch", action="store_true", help="measure torch, eager")
    parser.add_argument("--compile", action="store_true", help="measure torch.compile, which takes a while to start")
    parser.add_argument("--style", default="plain", help=f"of the module: {', '.join(STYLES)}")
    parser.add_argument("--rounds", type=int, default=5, help="how many times everybody has a turn; at 1,000 layers three at most")
    found = parser.parse_args(words)
    for name, numbers in {"--rounds": [found.rounds], "numbers": found.numbers}.items():
        if any(number < 1 for number in numbers):
            parser.error(f"{name}: found {min(numbers)}, expected at least 1")
    if found.style not in STYLES:
        parser.error(f"--style: found {found.style!r}, expected {' or '.join(STYLES)}")
    return found


def networks(options: argparse.Namespace) -> list[Network]:
    if options.blocks:
        return [Network("block", number) for number in options.numbers or BLOCKS]
    wide = [Network("dense", WIDE_LAYERS, units) for units in (options.numbers if options.widths else ()) or WIDTHS]
    if options.widths:
        return wide
    return [Network("dense", number) for number in options.numbers or DEPTHS] + ([] if options.numbers else wide)


def main(words: Sequence[str]) -> None:
    options = arguments(words)
    asked = [runner for name, runner in PEERS.items() if getattr(options, name)]
    left_out = {runner: runner.missing() for runner in asked if runner.missing()}
    peers = [runner for runner in asked if runner not in left_out]
    transformer = f"{HEADS} heads, {STEPS} steps, {HIDDEN} hidden units, a batch of {FEW}"
    print(f"{machine()}; {transformer if options.blocks else f'tanh, a batch of {BATCH}'}; style {options.style}; median seconds\n{busy()}")
    for runner, reason in left_out.items():
        print(f"{runner.name} is left out: {reason}.\n")
    heading = [*STAGES, *(f"{peer.name}, {key}" for peer in peers for key in ("total", "peak MiB"))]
    print(f"| network | {' | '.join(heading)} |\n| --- |{' ---: |' * len(heading)}")
    for network in networks(options):
        print(row(network, options.style, peers, min(options.rounds, 3) if network.depth >= 1000 else options.rounds), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
