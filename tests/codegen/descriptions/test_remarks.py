"""What a description is used with all the same and its author should know."""

from __future__ import annotations

from pathlib import Path

import pytest
from normalised_stack import NORMALISED

from chainrule import InvalidDescription, Network, derive
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.descriptions.remarks import remarks, remarks_on_effect
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.value_bounds import doubtful_logarithms


@pytest.mark.parametrize(
    ("last", "cost", "argument"),
    [
        ("relu", "-y*log(a)", "a3[n,k]"),
        ("identity", "-y*log(a)", "a3[n,k]"),
        ("tanh", "-y*log(a + 1) - log(1 - a**2 + eps)\neps = 0.1", None),
        ("sigmoid", "-y*log(a) - (1 - y)*log(1 - a)", None),
        ("sigmoid", "-y*log(a) - (1 - y)*log(0.5 - a)", "1/2 - a3[n,k]"),
        ("softmax", "-y*log(1 - a/2)", None),
        ("relu", "y*log(1 + a)", None),
        ("relu", "y*where(a > 0, log(a), 0)", None),
        ("identity", "log(a**2 + 1) + log(exp(a)*abs(y) + exp(a/9))", None),
    ],
)
def test_a_logarithm_of_what_may_be_0_or_less_is_named(tmp_path: Path, last: str, cost: str, argument: str | None) -> None:
    cost = 'expression = "' + cost.replace("\n", '"\n', 1) + ("" if "\n" in cost else '"')
    (tmp_path / "net.toml").write_text(NORMALISED.format(before="tanh", last=last, cost=cost))
    found = list(remarks(read_description(tmp_path / "net.toml")))
    words = f"C takes the logarithm of {argument}, which may be 0 or less"
    assert [(words in remark.message, remark.line) for remark in found] == ([(True, 17)] if argument else [])


@pytest.mark.parametrize(
    ("equations", "is_doubtful"),
    [
        # Of a recurrence, what each step makes of the one before it stays above 0.
        ("h[t] = exp(x[t]) + h[t-1]*exp(w)\nC = sum(t, log(h[t]))", False),
        ("h[t] = x[t] + h[t-1]*exp(w)\nC = sum(t, log(h[t]))", True),
        ("p[t] = exp(w*x[t])/sum(t_, exp(w*x[t_]))\nC = sum(t, log(1 - p[t]))", False),
        ("m = mean(t, sigmoid(w*x[t]))\nC = log(m) + log(1 - m)", False),
        ("m = sum(t, sigmoid(w*x[t]))\nC = log(m) + log(1 - m)", True),
        # Of a parameter alone: where it is above 0 is for a training to say.
        ("C = log(w) + sum(t, x[t]*w)", False),
    ],
)
def test_bounds_follow_through_equations(tmp_path: Path, equations: str, is_doubtful: bool) -> None:
    (tmp_path / "net.toml").write_text(f'name = "net"\ninputs = ["x[t]"]\nparameters = ["w"]\nequations = """\n{equations}\n"""\n')
    assert bool(list(remarks(read_description(tmp_path / "net.toml")))) == is_doubtful


@pytest.mark.parametrize("argument", ["maximum(w*x[n], 0)", "relu(w*x[n])"])
def test_a_slope_that_is_no_number_is_refused(argument: str) -> None:
    with pytest.raises(InvalidDescription, match=r"the derivative by w divides by 0.*as in log\(relu"):
        derive(Network.from_equations(f"C = sum(n, log({argument}))", ["w"], ["x[n]"]))
    assert derive(Network.from_equations(f"C = sum(n, log({argument} + 0.1))", ["w"], ["x[n]"])).needed


@pytest.mark.parametrize(
    ("equations", "is_doubtful"),
    [
        ("S[i,i_] = x[i]*x[i_] + [i = i_]\nL = cholesky(S)\nC = sum(i, log(L[i,i]*exp(w)))", False),
        ("S[i,i_] = x[i]*x[i_] + [i = i_]\nL = cholesky(S)\nd[i] = 2*L[i,i]\nC = w*sum(i, log(d[i]))", False),
        ("S[i,i_] = x[i]*x[i_] + [i = i_]\nL = cholesky(S)\nC = w*sum(i, i_, log(L[i,i_]))", True),
        # A weight of 0 times a logarithm of 0 is 0; what it divides by must be above 0 all the same.
        ("q[i] = abs(x[i])*exp(w)\nC = sum(i, q[i]*log(q[i]/2))", False),
        ("q[i] = abs(x[i])*exp(w)\nC = sum(i, q[i]*log(q[i]*x[i]))", True),
    ],
)
def test_factors_and_weights_of_logarithms(equations: str, is_doubtful: bool) -> None:
    system = system_from_equations(equations, inputs=["x[i]"], parameters=["w"], name="net")
    assert bool(list(doubtful_logarithms(system))) == is_doubtful


def test_what_is_stopped_alone_is_not_said_to_have_no_effect() -> None:
    """A mean that training leaves as it is has no gradient, as was asked for; a bias that is taken away again is said."""
    text = """
    name = "kept"
    inputs = ["x[n,i]"]
    parameters = ["W[i]", "m", "b"]
    equations = '''
    z[n] = sum(i, W[i]*x[n,i]) - stop(m)
    C = mean(n, (z[n] + b - mean(n_, z[n_] + b))**2)
    '''
    """
    assert [remark.message.split("'")[1] for remark in remarks_on_effect(read_description(text), ["m", "b"])] == ["b"]
