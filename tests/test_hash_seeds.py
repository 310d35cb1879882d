"""What is made does not depend on the order of sets and hashes: an interpreter for each seed makes all of it, the same every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from places import SOURCE, TESTS

SEEDS = ("0", "1", "7")
PROGRAM = """
import json, sys
from pathlib import Path
from equation_networks import NETWORKS
from chainrule import Dense, Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.cli.main import main_group
from chainrule.symbolic.language.system_reader import system_from_equations

folder = Path(sys.argv[1])
net = Network(2, [Dense(3, "gelu"), Dense(5, "softmax")], "cross_entropy", regularisation={"l1": 0.1, "l2": 0.3})
main_group(["build", "2-2-2", "-o", str(folder), "--exercises", "14", "--seed", "4"], standalone_mode=False)
made = {
    "module": module_source(derive(net)),
    "second derivatives": module_source(derive(net), derivatives=("hvp", "hessian")),
    "collected forms": [
        f"{form.put_in} {form.steps}"
        for name in ("character_model", "layer_norm", "transformer_block")
        for form in derive(system_from_equations(**NETWORKS[name])).collected_forms
    ],
    "build with exercises": {path.name: path.read_bytes().hex() for path in sorted(folder.iterdir())},
}
(folder / "made.json").write_text(json.dumps(made))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """By each seed, started together."""
    folders = [tmp_path_factory.mktemp(f"seed_{seed}") for seed in SEEDS]
    path = os.pathsep.join([str(SOURCE), str(TESTS / "networks")])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": path},
        )
        for seed, folder in zip(SEEDS, folders, strict=True)
    ]
    for process in processes:
        said, _ = process.communicate()
        assert process.returncode == 0, said
    return [json.loads((folder / "made.json").read_text()) for folder in folders]


@pytest.mark.parametrize("what", ["module", "second derivatives", "collected forms", "build with exercises"])
def test_it_does_not_depend_on_the_hash_seed(what: str, made: list[dict[str, object]]) -> None:
    first, *others = made
    assert first[what]
    assert [found[what] for found in others] == [first[what]] * len(others)
