"""The command as people type it: exit statuses, messages, files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner
from normalised_stack import NORMALISED

from chainrule.codegen.cli import main as command_line
from chainrule.codegen.cli import start

GOOD = """
name = "net"
input = 3

[[layers]]
units = 5
activation = "tanh"

[[layers]]
units = 2
activation = "sigmoid"

[cost]
kind = "quadratic"
"""


@cache
def import_what_it_takes() -> None:
    """The command imports what it needs as it needs it; what this process has by then, no copy of it has to import again."""
    with tempfile.TemporaryDirectory() as folder:
        for words in (["derive", "2-2", "--level", "matrix"], ["check", "2-2"], ["build", "2-2", "-o", str(Path(folder) / "net")]):
            assert CliRunner().invoke(command_line.main_group, words).exit_code == 0


def chainrule(*arguments: str, cwd: Path, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: a copy of this one, which need not import what it has."""
    import_what_it_takes()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if not child:
            _run(arguments, cwd, output.fileno(), errors.fileno(), encoding)
        _, status = os.waitpid(child, 0)
        said = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(encoding) for file in (output, errors)]
    return subprocess.CompletedProcess(arguments, os.waitstatus_to_exitcode(status), *said)


def _run(arguments: tuple[str, ...], cwd: Path, output: int, errors: int, encoding: str) -> NoReturn:
    status = 70
    try:
        os.chdir(cwd)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(errors, 2)
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(place, mode, encoding=encoding, closefd=False) for place, mode in enumerate("rww"))
        sys.argv = ["chainrule", *arguments]
        warnings.simplefilter("error", SyntaxWarning)
        signal.alarm(120)
        start.main()
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.toml"
    path.write_text(GOOD)
    return path


def test_build_writes_a_folder_of_its_own(spec: Path, tmp_path: Path) -> None:
    done = chainrule("build", "net.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "net").iterdir()}
    assert {name for name in names if not name.endswith(".svg")} == {"net.py", "test_net.py", "net.tex", "net.html", "net.md"}
    page = (tmp_path / "net" / "net.md").read_text()
    assert names >= {"net_overview.svg", "net_network.svg", "net_reversed.svg", "net_learning.svg"}
    assert all(f"({name})" in page for name in names if name.endswith(".svg"))
    assert "def backward" not in page
    assert "equations checked" in done.stdout
    how = "Every entry of every parameter was moved by itself. The sizes were those of the network, and "
    assert how in done.stdout
    assert how in (tmp_path / "net" / "net.md").read_text()
    ran = subprocess.run([sys.executable, "net/net.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "W1" in ran.stdout
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_net.py"],
        cwd=tmp_path / "net",
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout


def test_building_again_gives_the_same_and_only_asked_formats(spec: Path, tmp_path: Path) -> None:
    assert chainrule("build", "net.toml", "-o", "out", "--formats", "html", cwd=tmp_path).returncode == 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".py", ".html"}
    before = (tmp_path / "out" / "net.html").read_bytes()
    assert chainrule("build", "net.toml", "-o", "out", "--formats", "html", cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / "net.html").read_bytes() == before


def test_an_edited_file_is_kept(spec: Path, tmp_path: Path) -> None:
    assert chainrule("build", "net.toml", cwd=tmp_path).returncode == 0
    page = tmp_path / "net" / "net.md"
    page.write_text(page.read_text().replace("The network", "My network"))
    module = (tmp_path / "net" / "net.py").read_bytes()
    refused = chainrule("build", "net.toml", cwd=tmp_path)
    assert refused.returncode == 2
    assert "net.md" in refused.stderr
    assert "--force" in refused.stderr
    assert "My network" in page.read_text()
    assert (tmp_path / "net" / "net.py").read_bytes() == module
    assert chainrule("build", "net.toml", "--force", cwd=tmp_path).returncode == 0
    assert "My network" not in page.read_text()


def test_a_file_of_somebody_else_is_kept(spec: Path, tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "net.py").write_text("print('mine')\n")
    assert chainrule("build", "net.toml", cwd=tmp_path).returncode == 2
    assert (tmp_path / "net" / "net.py").read_text() == "print('mine')\n"
    assert [path.name for path in (tmp_path / "net").iterdir()] == ["net.py"]


def test_derive_in_each_level(spec: Path, tmp_path: Path) -> None:
    index = chainrule("derive", "net.toml", "--wrt", "W1", cwd=tmp_path)
    assert "dW1[j,i] = " in index.stdout
    assert "Σ_n dz1[n,j] x[n,i]" in index.stdout
    matrix = chainrule("derive", "net.toml", "--wrt", "W1", "--level", "matrix", cwd=tmp_path)
    assert matrix.stdout.strip() == "dW1 (5, 3) = dz1ᵀ x"
    scalar = chainrule("derive", "net.toml", "--wrt", "W1", "--level", "scalar", cwd=tmp_path)
    assert len(scalar.stdout.splitlines()) == 15
    latex = chainrule("derive", "net.toml", "--wrt", "W1", "--latex", cwd=tmp_path)
    assert r"\frac{\partial C}{\partial w^{(1)}_{ji}}" in latex.stdout


def test_equations(tmp_path: Path) -> None:
    done = chainrule("equations", "3-2", "--activation", "softmax", "--cost", "cross_entropy", "--targets", "labels", cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "z1[n,j] = sum(i, W1[j,i]*x[n,i]) + b1[j]",
        "a1[n,j] = exp(z1[n,j])/sum(j_, exp(z1[n,j_]))",
        "C = -mean(n, log(a1[n,y[n]]))",
    ]


def test_check_prints_a_table(spec: Path, tmp_path: Path) -> None:
    done = chainrule("check", "net.toml", cwd=tmp_path)
    assert done.returncode == 0
    assert "W2" in done.stdout
    assert "right" in done.stdout


def test_a_wrong_gradient_is_exit_status_1(spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule import derive
    from chainrule.codegen.backends.module_files import ModuleFiles
    from chainrule.codegen.backends.registry import BACKENDS
    from chainrule.codegen.checking import gradient_check
    from chainrule.codegen.descriptions.reader import read_description
    from chainrule.symbolic.index.failures import CheckFailed

    sound = BACKENDS["numpy"]

    def render(*given: Any) -> ModuleFiles:
        return ModuleFiles(sound.render(*given).source.replace("dz2.T @ a1", "-(dz2.T @ a1)"))

    monkeypatch.setitem(BACKENDS, "numpy", replace(sound, render=render))
    with pytest.raises(CheckFailed, match="W2"):
        gradient_check.checked_module(derive(read_description(spec).network))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["build", "nope.toml"], ["nope.toml", "no such file"]),
        (["build", "."], ["folder"]),
        (["build", "net.toml", "--style", "fats"], ["--style", "'fats'", "plain"]),
        (["build", "net.toml", "--formats", "htm"], ["--formats", "did you mean 'html'"]),
        (["build", "net.toml", "--notation", "superscrip"], ["did you mean 'superscript'"]),
        (["build", "net.toml", "--language", "fr"], ["--language", "en"]),
        (["build", "net.toml", "--activation", "tanh"], ["--activation"]),
        (["derive", "net.toml", "--wrt", "w1"], ["no gradient of 'w1'", "did you mean 'W1'"]),
        (["derive", "net.toml", "--level", "skalar"], ["did you mean 'scalar'"]),
        (["derive", "3-0-2"], ["3-0-2", "whole numbers"]),
        (["derive", "3-4", "--activation", "sigmod"], ["did you mean 'sigmoid'"]),
        (["list", "activation"], ["did you mean 'activations'"]),
        (["biuld"], ["No such command"]),
        (["build"], ["Missing argument"]),
    ],
)
def test_bad_calls_are_one_message(spec: Path, tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    done = chainrule(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"net.toml"}


def test_an_unwritable_place_is_a_message(spec: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    done = chainrule("build", "net.toml", "-o", "taken", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["build", "--help"], ["derive", "-h"], ["equations", "-h"], ["check", "-h"], ["list", "-h"]]
)
def test_help_shows_examples(arguments: list[str], tmp_path: Path) -> None:
    done = chainrule(*arguments, cwd=tmp_path)
    assert done.returncode == 0
    assert "Examples:" in done.stdout


def test_a_network_that_does_not_fit_in_memory_is_one_message(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def too_large(**_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(command_line, "main_group", too_large)
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    assert stopped.value.code == 2
    assert "too large for this machine's memory" in capsys.readouterr().err


def test_what_is_declared_in_vain_is_named(tmp_path: Path) -> None:
    """A forgotten bias and a mask that is not applied; an array from which an axis has its size is of use."""
    (tmp_path / "net.toml").write_text(
        'name = "net"\nbatch = "n"\ninputs = ["x[n,i]", "mask[n]", "L[k]"]\nparameters = ["w[i]", "b"]\nconstants = { lam = 0.1 }\n'
        'equations = """\no[n] = sum(i, w[i]*x[n,i])\nC = mean(n, o[n]**2) + sum(k, w[0])\n"""\n'
    )
    for command in ("derive", "check"):
        ran = chainrule(command, "net.toml", cwd=tmp_path)
        assert ran.returncode == 0
        assert ran.stderr.splitlines() == [
            f"chainrule: net.toml:{line}: warning: {name!r} is declared, and no equation reads it"
            for name, line in (("mask", 3), ("b", 4), ("lam", 5))
        ]
    used = (tmp_path / "net.toml").read_text().replace("+ sum", "+ b*mean(n, mask[n]*o[n])*lam + sum")
    (tmp_path / "net.toml").write_text(used)
    assert chainrule("derive", "net.toml", cwd=tmp_path).stderr == ""


def test_a_parameter_without_effect_is_named(tmp_path: Path) -> None:
    """Times a constant that is 0, read past the end of a short axis, and in what the cost does not read; it is built all the same."""
    (tmp_path / "net.toml").write_text(
        'name = "net"\nbatch = "n"\ninputs = ["x[n,i]"]\nparameters = ["w[i]", "b", "late[t]", "g", "p"]\nsizes = { i = 2, t = 3 }\n'
        'constants = { lam = 0 }\nequations = """\nh[t] = tanh(p*t)\nu[t] = h[t]*late[t+3]\nq[n] = g*x[n,0]\n'
        'o[n] = sum(i, w[i]*x[n,i]) + lam*b + sum(t, u[t])\nC = mean(n, o[n]**2)\n"""\n'
    )
    said = [
        f"chainrule: net.toml:4: warning: the cost does not depend on {name!r} at these sizes: "
        "its gradient is 0 at all numbers that were tried"
        for name in ("b", "late", "g", "p")
    ]
    ran = chainrule("build", "net.toml", "--formats", "md", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.splitlines() == said
    # A derivation is tried at sizes of its own, at which there is an entry of late.
    assert chainrule("derive", "net.toml", cwd=tmp_path).stderr.splitlines() == said[::2]
    assert chainrule("check", "net.toml", cwd=tmp_path).stderr.splitlines()[: len(said)] == said
    assert (tmp_path / "net" / "net.py").exists()
    used = (tmp_path / "net.toml").read_text().replace("lam = 0", "lam = 0.5").replace("t+3", "t+1").replace("lam*b", "lam*b + q[n]")
    (tmp_path / "net.toml").write_text(used)
    assert chainrule("build", "net.toml", "--formats", "md", cwd=tmp_path).stderr == ""


@pytest.mark.parametrize("command", [("derive",), ("check",)])
def test_a_bias_that_a_normalisation_takes_away_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Its gradient is 0 up to rounding alone, wherever it is tried."""
    (tmp_path / "net.toml").write_text(NORMALISED.format(before="identity", last="sigmoid", cost='kind = "binary_cross_entropy"'))
    ran = chainrule(command[0], "net.toml", *command[1:], cwd=tmp_path)
    assert ran.returncode == 0
    assert [line.split(": its")[0] for line in ran.stderr.splitlines()] == [
        "chainrule: net.toml:5: warning: the cost does not depend on 'b1' at these sizes"
    ]
    (tmp_path / "net.toml").write_text(NORMALISED.format(before="tanh", last="sigmoid", cost='kind = "binary_cross_entropy"'))
    assert chainrule(command[0], "net.toml", *command[1:], cwd=tmp_path).stderr == ""


def test_a_module_without_documents(tmp_path: Path) -> None:
    done = chainrule("build", "2-2", "-o", "out", "--module-only", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["network_2_2.py", "test_network_2_2.py"]
    both = chainrule("build", "2-2", "--module-only", "--formats", "md", cwd=tmp_path)
    assert (both.returncode, both.stderr) == (2, "chainrule: --module-only makes no documents; leave it out, or --formats\n")
    sheet = chainrule("build", "2-2", "--module-only", "--exercises", "3", cwd=tmp_path)
    assert sheet.returncode == 2
    assert "--exercises goes with one of the formats" in sheet.stderr
