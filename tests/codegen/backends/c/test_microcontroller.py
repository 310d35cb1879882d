"""A module in C on a small board: an emulated Cortex-M3 with 8 KB of memory, which trains a 4-8-2 network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from chainrule import Dense, Network, derive, load, write_module

BOARD = Path(__file__).with_name("board")
#: All of the memory, stack included: what the linker is told that the board has.
MEMORY = 8 * 1024
TOOLS = ("arm-none-eabi-gcc", "arm-none-eabi-size", "qemu-system-arm")
NETWORK = Network(4, [Dense(8, "tanh"), Dense(2, "softmax")], "cross_entropy", name="small")
X = np.array([[0.5, -1, 0.25, 2], [-0.75, 1, 0.125, -1], [1.5, 0.5, -2, 0.25]])
Y = np.array([[1, 0], [0, 1], [1, 0]])


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"not installed: {', '.join(missing)}")


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True, timeout=120)
    return done.stdout


def test_a_network_learns_in_8_kb(tmp_path: Path) -> None:
    write_module(derive(NETWORK), tmp_path / "small_c.py", target="c", verify=False)
    for file in BOARD.iterdir():
        shutil.copy(file, tmp_path)
    flags = "-std=c99 -mcpu=cortex-m3 -mthumb -Os -Wall -Wextra -DSMALL_FLOAT".split()
    run(tmp_path, TOOLS[0], *flags, "-Werror", "-pedantic", "-c", "small.c")
    run(tmp_path, TOOLS[0], *flags, "-nostartfiles", "--specs=nosys.specs", "-T", "board.ld", "main.c", "small.o", "-lm", "-o", "main.elf")
    text, data, zeros = map(int, run(tmp_path, TOOLS[1], "main.elf").splitlines()[1].split()[:3])
    # Half of the memory is left for the stack.
    assert data + zeros < MEMORY // 2
    assert text < 32 * 1024
    found = run(tmp_path, TOOLS[2], *"-M lm3s6965evb -nographic -semihosting -kernel main.elf".split())
    first, last = (int(line) / 1e6 for line in re.findall(r"^\d+$", found, re.M))
    assert (first, last) == pytest.approx(costs_by_numpy(), abs=2e-5)
    assert last < 0.01 * first


def costs_by_numpy() -> tuple[float, float]:
    """Of the first and the last of 200 steps, from the same first weights: they lie input by input in C, neuron by neuron here."""
    module = load(derive(NETWORK), verify=False)
    numbers = (np.arange(58) * 37 % 101) / 101 - 0.5
    shapes = {"W1": (4, 8), "b1": (8,), "W2": (8, 2), "b2": (2,)}
    parts = dict(zip(shapes, np.split(numbers, np.cumsum([np.prod(shape) for shape in shapes.values()])[:-1]), strict=True))
    params = module.Parameters(**{name: parts[name].reshape(shape).T for name, shape in shapes.items()})
    costs = []
    for _ in range(200):
        costs.append(0.0)
        for n in range(3):
            cost, gradients = module.cost_and_gradients(params, X[n : n + 1], Y[n : n + 1].astype(float))
            params = module.sgd(params, gradients, 0.1)
            costs[-1] += cost
    return costs[0], costs[-1]
