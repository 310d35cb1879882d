"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from places import ROOT
from test_command_line import chainrule

from chainrule import Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.cli.main import main_group
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.layers import KINDS

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_first_description_gives_the_formula_and_the_lines(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(blocks("toml")[0])
    derivation = derive(read_description(tmp_path / "tiny.toml").network)
    assert PlainPrinter(derivation.system).equation(derivation.adjoint("z2").equation) == blocks("text")[0].strip()
    assert blocks("python")[0] in module_source(derivation)
    assert README.splitlines().index("    dW1 = dz1.T @ x") < 45


def test_the_long_description_is_read(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(blocks("toml")[1])
    network = read_description(tmp_path / "net.toml").network
    assert isinstance(network, Network)
    assert network.suffixes == ("1", "out")


def test_the_layers_of_other_kinds_are_checked(tmp_path: Path) -> None:
    (tmp_path / "reader.toml").write_text(blocks("toml")[2])
    checked = checked_module(derive(read_description(tmp_path / "reader.toml").network))
    assert checked.largest_error < 1e-6


def test_every_kind_of_layer_is_named() -> None:
    named = README[README.index("`chainrule list layers` prints") : README.index("A layer is a few equations of text")]
    assert set(re.findall(r"[a-z]\w+", named.split(":")[1])) - {"and"} == set(KINDS)


def test_the_equations_are_built(tmp_path: Path) -> None:
    (tmp_path / "rnn.toml").write_text(blocks("toml")[3])
    derivation = derive(read_description(tmp_path / "rnn.toml").network)
    assert "    for t in range(N_t):\n" in module_source(derivation)


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(blocks("python")[1], {})
    assert {path.name for path in tmp_path.iterdir()} == {"pair.py", "pair.html"}


def test_the_fast_module_runs() -> None:
    found: dict[str, Any] = {}
    exec(blocks("python")[2], found)
    assert found["cost"] > 0
    assert found["workspace"].cost_and_gradients(found["params"], found["x"], found["y"])[1] is found["gradients"]


def test_the_fast_modules_are_built(tmp_path: Path) -> None:
    commands = next(block for block in blocks("sh") if "--explain" in block).splitlines()
    printed = [chainrule(*shlex.split(command)[1:], cwd=tmp_path) for command in commands]
    assert [done.returncode for done in printed] == [0] * len(commands), printed
    assert "at N = 64" in printed[0].stdout


def test_the_commands_exist() -> None:
    commands = set(re.findall(r"^\| `chainrule (\w+)", README, flags=re.MULTILINE))
    assert commands == set(main_group.commands)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([\w./]+)\)", README):
        assert (ROOT / target).exists(), target
