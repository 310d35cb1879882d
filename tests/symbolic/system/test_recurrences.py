"""Recurrences: the same gradients as the network unrolled by hand, boundary values, loops with what can leave them outside."""

from __future__ import annotations

import re

import numpy as np
import pytest

from chainrule import InvalidDescription, Network, derive, load
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.system.system import System

SIZES = {"i": 2, "j": 3, "t": 3}
STEPS = 3

RNN = """
z[n,t,j] = sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]) + b[j]
h[n,t,j] = tanh(z[n,t,j])
"""
GRU = """
r[n,t,j] = sigmoid(sum(i, Wr[j,i]*x[n,t,i]) + sum(k, Ur[j,k]*h[n,t-1,k]) + br[j])
q[n,t,j] = sigmoid(sum(i, Wq[j,i]*x[n,t,i]) + sum(k, Uq[j,k]*h[n,t-1,k]) + bq[j])
u[n,t,j] = tanh(sum(i, Wu[j,i]*x[n,t,i]) + sum(k, Uu[j,k]*r[n,t,k]*h[n,t-1,k]) + bu[j])
h[n,t,j] = (1 - q[n,t,j])*u[n,t,j] + q[n,t,j]*h[n,t-1,j]
"""
LSTM = """
g[n,t,j] = sigmoid(sum(i, Wg[j,i]*x[n,t,i]) + sum(k, Ug[j,k]*h[n,t-1,k]) + bg[j])
f[n,t,j] = sigmoid(sum(i, Wf[j,i]*x[n,t,i]) + sum(k, Uf[j,k]*h[n,t-1,k]) + bf[j])
o[n,t,j] = sigmoid(sum(i, Wo[j,i]*x[n,t,i]) + sum(k, Uo[j,k]*h[n,t-1,k]) + bo[j])
u[n,t,j] = tanh(sum(i, Wu[j,i]*x[n,t,i]) + sum(k, Uu[j,k]*h[n,t-1,k]) + bu[j])
c[n,t,j] = f[n,t,j]*c[n,t-1,j] + g[n,t,j]*u[n,t,j]
h[n,t,j] = o[n,t,j]*tanh(c[n,t,j])
"""
CELLS = {"rnn": (RNN, [""]), "gru": (GRU, list("rqu")), "lstm": (LSTM, list("gfou"))}
COST = "C = sum(n, t, j, (h[n,t,j] - y[n,t,j])**2)/2\n"


def parameters(gates: list[str]) -> list[str]:
    return [text for gate in gates for text in (f"W{gate}[j,i]", f"U{gate}[j,k]", f"b{gate}[j]")]


def recurrent(cell: str) -> System:
    equations, gates = CELLS[cell]
    return Network.from_equations(equations + COST, parameters(gates), ["x[n,t,i]"], ["y[n,t,j]"], sizes=SIZES, batch="n")


def unrolled(cell: str) -> System:
    """The same with an equation for each step: z0, h0, z1, h1, …; before the first step everything is 0."""
    equations, gates = CELLS[cell]
    names = re.findall(r"^(\w+)\[n,t,j\]", equations, flags=re.MULTILINE)
    lines = []
    for step in range(STEPS):
        for line in equations.strip().splitlines():
            for name in names:
                before = f"{name}{step - 1}[n,\\1]" if step else "0"
                line = re.sub(rf"\b{name}\[n,t-1,(\w)\]", before, line)
                line = re.sub(rf"\b{name}\[n,t,(\w)\]", rf"{name}{step}[n,\1]", line)
            lines.append(line.replace("x[n,t,i]", f"x[n,{step},i]"))
    terms = " + ".join(f"sum(n, j, (h{step}[n,j] - y[n,{step},j])**2)/2" for step in range(STEPS))
    return Network.from_equations(
        "\n".join([*lines, f"C = {terms}"]), parameters(gates), ["x[n,t,i]"], ["y[n,t,j]"], sizes=SIZES, batch="n", name="unrolled"
    )


@pytest.mark.parametrize("cell", CELLS)
def test_every_step_holds_and_gradients_agree(cell: str) -> None:
    derivation = derive(recurrent(cell))
    assert verify(derivation).equations > 25
    assert checked_module(derivation).largest_error < 1e-7


@pytest.mark.parametrize("cell", CELLS)
def test_the_same_as_unrolled_by_hand(cell: str) -> None:
    looped, flat = (checked_module(derive(system)).module for system in (recurrent(cell), unrolled(cell)))
    rng = np.random.default_rng(3)
    params = looped.Parameters(*(rng.standard_normal(array.shape) for array in looped.init(rng)))
    x, y = rng.standard_normal((5, STEPS, 2)), rng.standard_normal((5, STEPS, 3))
    cost, gradients = looped.cost_and_gradients(params, x, y)
    flat_cost, flat_gradients = flat.cost_and_gradients(flat.Parameters(**params._asdict()), x, y)
    assert cost == pytest.approx(flat_cost, rel=1e-13)
    for name, gradient in gradients._asdict().items():
        np.testing.assert_allclose(gradient, getattr(flat_gradients, name), rtol=1e-11, atol=1e-12)


def test_a_boundary_value_gets_its_gradient() -> None:
    system = Network.from_equations(
        RNN + "h[n,-1,j] = s[j]\n" + COST, [*parameters([""]), "s[j]"], ["x[n,t,i]"], ["y[n,t,j]"], sizes=SIZES, batch="n"
    )
    derivation = derive(system)
    verify(derivation)
    module = checked_module(derivation).module
    rng = np.random.default_rng(4)
    params, data = module.init(rng), module.sample(rng)
    assert np.abs(module.cost_and_gradients(params, *data)[1].s).max() > 1e-3


def test_backwards_in_time() -> None:
    equations = "h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t+1,k]))\n"
    derivation = derive(Network.from_equations(equations + COST, ["W[j,i]", "U[j,k]"], ["x[n,t,i]"], ["y[n,t,j]"], sizes=SIZES, batch="n"))
    verify(derivation)
    assert checked_module(derivation).largest_error < 1e-7
    assert "for t in reversed(range(3)):" in module_source(derivation)


def test_what_can_leave_the_loop_is_outside() -> None:
    source = module_source(derive(recurrent("rnn")))
    assert "    z = x @ W.T + b\n" in source
    assert "        z[:, t] += step(h, 1, t - 1) @ U.T\n" in source
    backward = source[source.index("def backward") : source.index("def cost(")]
    loop = backward[backward.index("    for t") :].split("\n\n")[0]
    assert "dW" not in loop
    assert "dU" not in loop


def test_a_closed_gate_has_finite_gradients() -> None:
    """∂h/∂c is o (1 - tanh² c) and not (o² - h²)/o: where the output gate o underflows to 0 the latter is not a number."""
    derivation = derive(recurrent("lstm"))
    module = checked_module(derivation).module
    rng = np.random.default_rng(5)
    params = module.init(rng)
    closed = params._replace(bo=np.full_like(params.bo, -1e4))
    x, y = rng.standard_normal((5, STEPS, 2)), rng.standard_normal((5, STEPS, 3))
    assert np.all(module.forward(closed, x).o == 0)
    assert all(np.all(np.isfinite(gradient)) for gradient in module.backward(closed, module.forward(closed, x), y))


def test_a_boundary_value_does_not_split_the_sums() -> None:
    folded = "h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]) + b[j])\nh[n,-1,j] = s[j]\n" + COST
    system = Network.from_equations(folded, [*parameters([""]), "s[j]"], ["x[n,t,i]"], ["y[n,t,j]"], sizes=SIZES, batch="n")
    source = module_source(derive(system))
    assert "# dW[j,i] = Σ_n,t dh[n,t,j] x[n,t,i] (1 - h[n,t,j]²)" in source
    assert "(1 + h" not in source


def test_weights_start_from_their_own_fan_in() -> None:
    """Wu[j,i] is summed over i alone, though the sum over h[n,t-1,k] beside it runs over the axis of j."""
    source = module_source(derive(recurrent("gru")))
    assert "Wu=((1 / 2) ** 0.5 * rng.standard_normal((3, 2)))" in source
    assert "Uu=((1 / 3) ** 0.5 * rng.standard_normal((3, 3)))" in source


@pytest.mark.parametrize(
    ("equations", "words"),
    [
        ("h[n,t,j] = tanh(h[n,t,j] + x[n,t,j])\n", "a cycle needs a shift"),
        ("h[n,t,j] = u[n,t,j]\nu[n,t,j] = tanh(h[n,t,j] + x[n,t,j])\n", "a cycle needs a shift"),
        ("h[n,t,j] = tanh(h[n,t-1,j] + h[n,t+1,j] + x[n,t,j])\n", "a cycle needs a shift"),
    ],
)
def test_a_cycle_without_a_shift_is_refused(equations: str, words: str) -> None:
    with pytest.raises(InvalidDescription, match=words):
        derive(Network.from_equations(equations + "C = sum(n, t, j, w*h[n,t,j]**2)", ["w"], ["x[n,t,j]"]))


def test_what_reads_nothing_of_the_recurrence_leaves_the_loop() -> None:
    """Also from inside of a function: the input's projection is one product for all steps."""
    text = "h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]) + b[j])\nC = sum(n, t, j, h[n,t,j]**2)"
    system = Network.from_equations(text, ["W[j,i]", "U[j,k]", "b[j]"], ["x[n,t,i]"], sizes={"i": 2, "j": 3})
    source = checked_module(derive(system)).source
    before, loop = source[: source.index("for t in")], source[source.index("for t in") : source.index("return Cache")]
    assert "h_before = x @ W.T" in before
    assert "W" not in loop
    assert "h_before" not in source[source.index("class Cache") : source.index("def init")]


def test_what_depends_on_what_through_steps() -> None:
    system = recurrent("rnn")
    assert system.depending_on(["U"]) == {"U", "z", "h", "C"}
    assert system.leading_to(["z"]) == {"z", "h", "W", "U", "b", "x"}
    assert system.depending_on(["y"]) == {"y", "C"}


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_what_only_conditions_read_inside_of_a_recurrence_has_no_name_in_other_adjoints(style: str) -> None:
    """dg = 0 is found after dh was written, which goes through g as well."""
    equations = "g[t] = tanh(h[t-1]*w)\nh[t] = where(g[t-1] > 0, h[t-1]*v, h[t-1]) + x[t]\nC = sum(t, (h[t] - y[t])**2)"
    system = Network.from_equations(equations, ["w", "v"], ["x[t]"], ["y[t]"], sizes={"t": 5})
    derivation = derive(system)
    assert derivation.gradient("g") == 0
    verify(derivation)
    module = load(derivation, style=style)
    x, y = np.array([1.0, -2.0, 0.5, 3.0, -1.0]), np.array([0.5, 1.0, -1.0, 2.0, 0.0])

    def cost(v: complex) -> complex:
        state, gate, total = 0j, 0.0, 0j
        for now, wanted in zip(x, y, strict=True):
            state, gate = (state * v if gate > 0 else state) + now, np.tanh(state.real * 0.7)
            total += (state - wanted) ** 2
        return total

    found, gradients = module.cost_and_gradients(module.Parameters(np.array(0.7), np.array(1.3)), x, y)
    assert found == pytest.approx(cost(1.3).real)
    assert gradients.w == 0
    assert gradients.v == pytest.approx(cost(1.3 + 1e-20j).imag / 1e-20)
