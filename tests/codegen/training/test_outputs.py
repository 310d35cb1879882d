"""Networks of equations say what they predict: the module, the command and the script give that, and a mistake is one message."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from test_command_line import chainrule
from test_train import run_of

from chainrule import Dense, InvalidDescription, Network, derive, load, read_description
from chainrule.codegen.training.choices import TrainingChoices
from chainrule.codegen.training.predictions import predictions
from chainrule.codegen.training.run_folder import found_run

SPREAD = """
name = "spread"
inputs = ["x[n,i]"]
targets = ["y[n]"]
parameters = ["w[i]", "b", "v[i,j]"]
equations = '''
mu[n] = sum(i, w[i]*x[n,i]) + b
s[n,j] = softplus(sum(i, v[i,j]*x[n,i]))
beside[n] = sigmoid(mu[n])
L = mean(n, (mu[n] - y[n])**2 + sum(j, (s[n,j] - 1)**2))
'''
batch = "n"
sizes = { i = 3, j = 2 }
"""
RNG = np.random.default_rng(5)


def spread(output: str) -> str:
    return f"output = {output}\n{SPREAD}"


def expected(params: object, x: np.ndarray) -> dict[str, np.ndarray]:
    w, b, v = params  # type: ignore[misc]
    mu = x @ w + b
    return {"mu": mu, "s": np.log1p(np.exp(x @ v)), "beside": 1 / (1 + np.exp(-mu))}


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("name", ["mu", "s", "beside"])
def test_one_output_even_where_the_cost_does_not_read_it(name: str, style: str) -> None:
    module = load(derive(spread(f'"{name}"')), style=style)
    params, x = module.init(RNG), RNG.standard_normal((7, 3))
    np.testing.assert_allclose(module.predict(params, x), expected(params, x)[name], rtol=1e-12)
    if style == "fast":
        np.testing.assert_allclose(module.Workspace(7).predict(params, x), expected(params, x)[name], rtol=1e-12)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_several_outputs_have_their_names(style: str) -> None:
    module = load(derive(spread('["s", "mu"]')), style=style)
    params, x = module.init(RNG), RNG.standard_normal((7, 3))
    callers = [module, *([module.Workspace(7)] if style == "fast" else [])]
    for caller in callers:
        found = caller.predict(params, x)
        assert found._fields == ("s", "mu")
        for name, array in found._asdict().items():
            np.testing.assert_allclose(array, expected(params, x)[name], rtol=1e-12)


def test_a_single_number_that_only_the_cost_reads() -> None:
    text = "name = 'one'\noutput = 'yhat'\ninputs = ['x[i]']\ntargets = ['y']\nparameters = ['w[i]']\nsizes = {i = 3}\n"
    module = load(derive(f"{text}equations = '''\nyhat = sum(i, w[i]*x[i])\nC = (yhat - y)**2\n'''\n"))
    params, x = module.init(RNG), RNG.standard_normal(3)
    assert module.predict(params, x) == pytest.approx(params.w @ x, rel=1e-12)


def test_a_layer_network_predicts_what_its_equations_say_they_predict() -> None:
    """One word for both: the system of layers has its output too."""
    network = Network(3, [Dense(5, "tanh"), Dense(2, "softmax")], "cross_entropy", name="layers")
    assert network.system.outputs == ("a2",)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ('"nu"', r"description:1: output: no equation computes 'nu'; expected one of mu, s, beside; did you mean 'mu'\?"),
        ('["s", "L"]', r"description:1: output: 'L' is the cost; expected one of mu, s, beside"),
        ('"x"', r"description:1: output: 'x' is given, not computed; expected one of mu, s, beside"),
        ("3", r"description:1: output: found 3, expected the name of a tensor in quotes, such as .yhat., or a list of several"),
        ("[]", r"description:1: output: .*expected the name of a tensor in quotes"),
    ],
)
def test_what_is_no_output(output: str, message: str) -> None:
    with pytest.raises(InvalidDescription, match=message):
        read_description(spread(output))


def test_what_reads_a_target_is_no_prediction() -> None:
    text = spread('"r"').replace("L = mean", "r[n] = mu[n] - y[n]\nL = mean")
    with pytest.raises(InvalidDescription, match=r"output: 'r' is computed from the target y, which a new example does not have"):
        read_description(text)


def test_trained_on_a_table_it_predicts_of_another(tmp_path: Path) -> None:
    x = RNG.standard_normal((151, 3))
    y = x @ [1.0, 2.0, -1.0] + 3
    for name, rows, header in (("old.csv", np.c_[x, y], "a,b,c,t"), ("new.csv", x[:13, ::-1], "c,b,a")):
        np.savetxt(tmp_path / name, rows, "%.17g", ",", header=header, comments="")
    (tmp_path / "spread.toml").write_text(spread('["mu", "s"]'))
    asked = ["--data", "old.csv", "--target", "t", "--epochs", "60", "--rate", "0.05", "-o", "run"]
    done = chainrule("train", "spread.toml", *asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = chainrule("predict", "run", "--data", "new.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    header, *rows = csv.reader(done.stdout.splitlines())
    assert header == ["t", "s 0", "s 1"]
    np.testing.assert_allclose([float(row[0]) for row in rows], y[:13], atol=0.2)
    np.testing.assert_allclose([float(cell) for row in rows for cell in row[1:]], 1, atol=0.9)


def test_without_an_output_the_description_is_asked_for_one(tmp_path: Path) -> None:
    run_of(derive(SPREAD), {"x": RNG.standard_normal((29, 3)), "y": np.ones(29)}, tmp_path, TrainingChoices(epochs=2))
    np.save(tmp_path / "x.npy", np.ones((5, 3)))
    with pytest.raises(InvalidDescription, match=r'the network has no output: its description says which .* such as output = "yhat"'):
        predictions(found_run(tmp_path / "run"), [tmp_path / "x.npy"])


def test_examples_as_columns_come_as_rows(tmp_path: Path) -> None:
    text = SPREAD.replace("s[n,j]", "s[j,n]").replace("x[n,i]", "x[i,n]")
    x = RNG.standard_normal((3, 29))
    run_of(derive(f'output = ["mu", "s"]\n{text}'), {"x": x, "y": np.ones(29)}, tmp_path, TrainingChoices(epochs=2))
    np.save(tmp_path / "x.npy", x.T[:5])
    header, *rows = csv.reader(predictions(found_run(tmp_path / "run"), [tmp_path / "x.npy"]).splitlines())
    assert header == ["mu", "s 0", "s 1"]
    assert len(rows) == 5


def test_numbers_that_are_no_probabilities_are_not_called_chances(tmp_path: Path) -> None:
    """With the softmax in the cost, the output is its logits."""
    rows = [[*RNG.standard_normal(2), label] for label in ["red", "green", "blue"] * 11]
    with (tmp_path / "d.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["u", "v", "colour"], *rows])
    layers = "name = 'logits'\ninput = 2\nlayers = [{units = 3}]\n[cost]\nkind = 'cross_entropy'\ntargets = 'labels'\n"
    (tmp_path / "logits.toml").write_text(f"{layers}from_logits = true\n")
    done = chainrule("train", "logits.toml", "--data", "d.csv", "--target", "colour", "--epochs", "3", "-o", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, *_ = csv.reader(predictions(found_run(tmp_path / "run"), [tmp_path / "d.csv"]).splitlines())
    assert first == ["colour", "output blue", "output green", "output red"]
