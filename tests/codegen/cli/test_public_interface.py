"""What other programs rely on: commands, options, exit statuses, names, signatures. A test that fails here breaks somebody's program.

Things may be added: new commands, options with defaults, further names. What stands in these tables may not change or go.
"""

from __future__ import annotations

import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from sympy import pretty
from test_command_line import chainrule

import chainrule as package
from chainrule import Dense, Network, derive, from_keras, from_onnx, from_torch, load, mark, summary, write_handout, write_module
from chainrule.codegen.backends.registry import STYLES
from chainrule.codegen.cli.main import main_group

#: Arguments and options of every command.
COMMANDS = {
    "build": "spec -o --output --style --target --formats --module-only "
    "--notation --language --length --markdown --exercises --seed --seeds --input-gradients --per-example --training --templates --force",
    "derive": "spec --wrt --of --level --latex --notation --language",
    "snippet": "spec --wrt --of --part --level --as --notation --language --no-reasons --no-steps --all -o --output --force",
    "equations": "spec",
    "check": "spec --input-gradients --per-example",
    "summary": "spec --batch",
    "train": "spec --data --target --leave-out --leave-out-missing --optimiser --rate --batch --epochs --patience "
    "--held-out --seed --window --scheduler --workers -o --output --resume --force",
    "predict": "run --data --go-on --seed -o --output",
    "import": "model -o --output --cost --name --force",
    "mark": "spec works --function --language --hints --json --csv",
    "schema": "",
    "serve": "--host --port --public --workers",
    "list": "what",
}
#: What is asked for where it is not SPEC alone.
REQUIRED = {"list": [], "schema": [], "serve": [], "mark": ["spec", "works"], "predict": ["run", "data"], "import": ["model"]}
#: Options of a shorthand such as 784-16-16-10.
SHORTHAND = "--activation --cost --targets"
#: What `chainrule list` knows, and names that each list must have.
LISTS = {
    "activations": "sigmoid tanh relu softplus softmax gelu",
    "costs": "quadratic squared_error cross_entropy",
    "layers": "dense",
    "notations": "neuron superscript brackets graph delta",
    "languages": "en zh-TW zh-CN",
    "formats": "tex html md ipynb slides typ pdf moodle nbgrader json",
    "pieces": "latex markdown pandoc html text",
}
#: Parameters of the Python functions, those without a default first.
SIGNATURES: dict[Any, tuple[str, str]] = {
    derive: ("network", "wrt"),
    load: ("derivation", "style target verify"),
    mark: ("derivation work", "function"),
    from_keras: ("model", "cost name training"),
    from_onnx: ("model", "cost name"),
    from_torch: ("module example_inputs", "cost name"),
    summary: ("derivation", "batch"),
    write_module: ("derivation path", "style target force verify"),
    write_handout: ("derivation path", "title notation force language length"),
}
#: Functions of a generated module and the names of their parameters.
MODULE = {
    "init": "rng dtype",
    "forward": "params x",
    "backward": "params cache y",
    "cost": "params x y",
    "cost_and_gradients": "params x y",
    "predict": "params x",
    "check": "rng",
}
LAYERS = """
name = "{name}"
title = "A title"
input = 2

[[layers]]
kind = "dense"
units = 3
activation = "sigmoid"

[[layers]]
kind = "dense"
units = 5
activation = "z*tanh(log(1 + exp(z)))"

[[layers]]
kind = "dense"
name = "enc"
units = 2
activation = {{ expression = "where(z > 0, z, alpha*z)", alpha = 0.01 }}

[cost]
kind = "quadratic"
reduction = "mean"

[regularisation]
l2 = 0.05

[layout]
examples = "{examples}"
weights = "{weights}"

[symbols]
a1 = "h"
"""
EQUATIONS = """
name = "logistic"
inputs = ["X[n,k]"]
targets = ["y[n]"]
parameters = ["w[k]", "b"]
equations = '''
s[n] = sum(k, X[n,k]*w[k]) + b
L = sum(n, log(1 + exp(-y[n]*s[n]))) + eps*mean(k, maximum(w[k], 0)) + where(b > 0, b, minimum(b, 1))
'''
batch = "n"
sizes = { k = 3 }
[constants]
eps = 1e-5
"""


@pytest.fixture(scope="module")
def mazur() -> Any:
    return load(derive(Network(2, [Dense(2, "sigmoid"), Dense(2, "sigmoid")], cost="quadratic", name="mazur")))


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_and_options(name: str) -> None:
    command = main_group.commands[name]
    known = {word for parameter in command.params for word in (*parameter.opts, *parameter.secondary_opts)}
    assert set(COMMANDS[name].split()) <= known
    if "spec" in REQUIRED.get(name, ["spec"]):
        assert set(SHORTHAND.split()) <= known
    assert [parameter.name for parameter in command.params if parameter.required] == REQUIRED.get(name, ["spec"])


def test_levels_and_styles() -> None:
    level = next(parameter for parameter in main_group.commands["derive"].params if parameter.name == "level")
    assert isinstance(level, click.Option)
    assert level.default == "index"
    for words in ("scalar", "index", "matrix", "graph"):
        assert words in (level.help or "")
    assert tuple(STYLES)[:2] == ("plain", "fast")


@pytest.mark.parametrize("what", LISTS)
def test_lists(what: str, tmp_path: Path) -> None:
    done = chainrule("list", what, cwd=tmp_path)
    assert done.returncode == 0
    assert set(LISTS[what].split()) <= {line.split()[0] for line in done.stdout.splitlines()}


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__name__)
def test_signatures(function: Any) -> None:
    parameters = inspect.signature(function).parameters.values()
    required = [parameter.name for parameter in parameters if parameter.default is parameter.empty]
    optional = {parameter.name for parameter in parameters if parameter.default is not parameter.empty}
    assert required == SIGNATURES[function][0].split()
    assert set(SIGNATURES[function][1].split()) <= optional


def test_names_of_the_package() -> None:
    assert {"Network", "Dense", "derive", "load", "read_description", "write_module", "write_handout"} <= set(package.__all__)
    assert callable(package.load_ipython_extension)
    assert re.fullmatch(r"\d+\.\d+\.\d+", package.__version__)


def test_a_derivation(mazur: Any) -> None:
    derivation = derive(Network(2, [Dense(2, "sigmoid"), Dense(2, "sigmoid")], cost="quadratic", name="mazur"))
    gradient = derivation.gradient("W1")
    assert hasattr(gradient, "free_symbols"), "an expression of SymPy"
    assert len(derivation.steps("W1")) > 1
    gradient = derivation["W1"]
    assert gradient.sympy == derivation.gradient("W1")
    assert gradient.steps == derivation.steps("W1")
    assert list(inspect.signature(gradient.latex).parameters) == ["level", "notation"]
    assert gradient.latex() in gradient._repr_latex_()
    assert gradient.numpy == "dW1 = dz1.T @ x"


@pytest.mark.parametrize("name", MODULE)
def test_functions_of_a_module(mazur: Any, name: str) -> None:
    parameters = inspect.signature(getattr(mazur, name)).parameters
    known = MODULE[name].split()
    assert list(parameters)[: len(known)] == known
    assert all(parameter.default is not parameter.empty for parameter in list(parameters.values())[len(known) :])


def test_what_a_module_gives_back(mazur: Any, tmp_path: Path) -> None:
    params = mazur.init(np.random.default_rng(0))
    assert params._fields == ("W1", "b1", "W2", "b2")
    assert mazur.Parameters is type(params)
    assert mazur.init(np.random.default_rng(0), dtype=np.float32).W1.dtype == np.float32
    x, y = np.ones((3, 2)), np.zeros((3, 2))
    cache = mazur.forward(params, x)
    assert {"z1", "a1", "z2", "a2"} <= set(cache._fields)
    gradients = mazur.backward(params, cache, y)
    assert type(gradients) is mazur.Parameters
    value, again = mazur.cost_and_gradients(params, x, y)
    assert type(value) is type(mazur.cost(params, x, y)) is float
    assert all(np.array_equal(one, other) for one, other in zip(gradients, again, strict=True))
    assert np.array_equal(mazur.predict(params, x), cache.a2)
    errors = mazur.check(np.random.default_rng(0))
    assert set(errors) == {"W1", "b1", "W2", "b2"}
    assert max(errors.values()) < 1e-6
    with pytest.raises(ValueError, match=r"x.*\(3, 5\)"):
        mazur.cost(params, np.ones((3, 5)), y)


def test_a_module_in_fast_style_has_a_workspace() -> None:
    fast = load(derive(Network(2, [Dense(3)], name="net")), style="fast")
    assert list(inspect.signature(fast.Workspace).parameters)[:2] == ["batch", "dtype"]
    workspace = fast.Workspace(5, np.float64)
    params = fast.init(np.random.default_rng(0))
    x, y = np.ones((5, 2)), np.zeros((5, 3))
    value, gradients = workspace.cost_and_gradients(params, x, y)
    assert np.isclose(value, fast.cost(params, x, y), rtol=1e-12)
    assert gradients._fields == ("W1", "b1")


@pytest.mark.parametrize(("examples", "weights"), [("rows", "out-in"), ("columns", "in-out"), ("rows", "in-out"), ("columns", "out-in")])
def test_a_description_of_layers(tmp_path: Path, examples: str, weights: str) -> None:
    (tmp_path / "net.toml").write_text(LAYERS.format(name="net", examples=examples, weights=weights))
    done = chainrule("build", "net.toml", "-o", "out", "--formats", "md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    ran = subprocess.run([sys.executable, "net.py"], cwd=tmp_path / "out", capture_output=True, text=True, check=True)
    assert {line.split()[0] for line in ran.stdout.splitlines() if re.match(r"[Wb]", line)} == {"W1", "b1", "W2", "b2", "Wenc", "benc"}


def test_a_description_of_equations(tmp_path: Path) -> None:
    (tmp_path / "logistic.toml").write_text(EQUATIONS)
    done = chainrule("equations", "logistic.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    # What is printed is a description's `equations` again.
    text = EQUATIONS[: EQUATIONS.index("s[n]")] + done.stdout + EQUATIONS[EQUATIONS.index("'''\nbatch") :]
    (tmp_path / "again.toml").write_text(text)
    assert chainrule("equations", "again.toml", cwd=tmp_path).stdout == done.stdout


def test_exit_statuses(tmp_path: Path) -> None:
    assert chainrule("check", "2-3-2", cwd=tmp_path).returncode == 0
    wrong = chainrule("check", "2-3-2", "--activation", "sigmod", cwd=tmp_path)
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") <= 2
    assert "did you mean 'sigmoid'" in wrong.stderr


def test_exit_status_1_where_a_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.codegen.cli import main as command_line
    from chainrule.symbolic.index.failures import CheckFailed

    def failing(**_: object) -> None:
        raise CheckFailed("dW1 is wrong")

    monkeypatch.setattr(command_line, "main_group", failing)
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    assert stopped.value.code == 1


def test_a_file_edited_by_hand_is_not_overwritten_without_force(tmp_path: Path) -> None:
    assert chainrule("build", "2-2", "-o", "out", "--formats", "md", cwd=tmp_path).returncode == 0
    path = next((tmp_path / "out").glob("*.md"))
    path.write_text(path.read_text() + "mine\n")
    assert chainrule("build", "2-2", "-o", "out", "--formats", "md", cwd=tmp_path).returncode == 2
    assert path.read_text().endswith("mine\n")
    assert chainrule("build", "2-2", "-o", "out", "--formats", "md", "--force", cwd=tmp_path).returncode == 0
    assert not path.read_text().endswith("mine\n")


def test_a_step_in_a_notebook_tells_primed_letters_apart() -> None:
    """SymPy's printers, which a notebook picks up, would write δ(j, j_) as δ_jj."""
    steps = derive(Network(3, [Dense(2, "softmax")], "cross_entropy")).steps("z1")
    assert steps[0].before._repr_latex_() == r"$\displaystyle \frac{\partial {a_{1}}_{{n}^{\prime},{j}^{\prime}}}{\partial {z_{1}}_{n,j}}$"
    assert r"\delta_{j {j}^{\prime}}" in steps[0].after._repr_latex_()
    assert r"\delta_{j {j}^{\prime\prime}}" in steps[0].after._repr_latex_()
    assert "δ" in pretty(steps[0].after)
    assert "j′" in pretty(steps[0].after)
    assert pretty(steps[0].before) == "∂a1[n_, j_]/∂z1[n, j]"
    assert pickle.loads(pickle.dumps(steps[0].after)) == steps[0].after
