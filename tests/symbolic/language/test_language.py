"""The equation language: what it reads, what it refuses (never running any of it), and that printed equations read back as the same."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, Piecewise, Rational, Sum

from chainrule import Dense, InvalidDescription, Layout, Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.index.axes import index, size_symbol
from chainrule.symbolic.index.index_letters import bound_sum, tidy
from chainrule.symbolic.index.named_functions import written_out
from chainrule.symbolic.index.real_functions import Abs
from chainrule.symbolic.index.tensors import base, entry, scalar
from chainrule.symbolic.language.expression_reader import Scope, parse_expression
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.layers.activations import ACTIVATIONS
from chainrule.symbolic.layers.costs import COSTS, LABEL_COSTS
from chainrule.symbolic.system.system import System

n, k, k_ = index("n"), index("k"), index("k_")
Z = entry("z1", (n, k))
UNIT = Scope(entries={"z": Z}, values={"alpha": scalar("alpha")}, unit=k)


def read(text: str) -> Expr:
    return parse_expression(text, UNIT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z", Z),
        ("  z  ", Z),
        ("(z)", Z),
        ("+z", Z),
        ("--z", Z),
        ("-z**2", -(Z**2)),
        ("2*z/3", 2 * Z / 3),
        ("z - 1 - 2", Z - 3),
        ("2**z", 2**Z),
        ("z**-1", 1 / Z),
        ("0.01*z", Z / 100),
        ("1e-5", Rational(1, 100000)),
        ("1_000*z", 1000 * Z),
        ("pi*z", sympy.pi * Z),
        ("alpha*z", scalar("alpha") * Z),
        ("exp(z)", sympy.exp(Z)),
        ("abs(z)", Abs(Z)),
        ("arctan(z)", sympy.atan(Z)),
        ("sqrt(2)*z", sympy.sqrt(2) * Z),
        ("sigmoid(z)", 1 / (1 + sympy.exp(-Z))),
        ("softplus(z)", sympy.log(1 + sympy.exp(Z))),
        ("relu(z)", Piecewise((Z, Z > 0), (0, True))),
        ("maximum(z, 0)", Piecewise((Z, Z > 0), (0, True))),
        ("where(z > 0, z, alpha*z)", Piecewise((Z, Z > 0), (scalar("alpha") * Z, True))),
        ("where(z >= 1, 1, 0)", Piecewise((1, Z >= 1), (0, True))),
        ("sum(m, z[m])", bound_sum(entry("z1", (n, k_)), k_)),
        ("mean(m, z[m])", bound_sum(entry("z1", (n, k_)), k_) / size_symbol("k")),
    ],
)
def test_what_is_read(text: str, expected: Expr) -> None:
    assert read(text) == expected


def test_a_letter_of_a_sum_ends_with_it() -> None:
    with pytest.raises(InvalidDescription, match="unknown name 'm'"):
        read("sum(m, z[m]) + m")


ATTACKS = [
    "__import__('os').system('x')",
    "__import__('os')",
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "z.__class__",
    "z.base",
    "exp.__globals__",
    "z[0].__class__",
    "exp(z).func",
    "exec('x')",
    "eval('1')",
    "open('/etc/passwd')",
    "globals()",
    "print(z)",
    "breakpoint()",
    "getattr(z, 'args')",
    "lambda: z",
    "(lambda: z)()",
    "[z for z in ()]",
    "{z for z in ()}",
    "{z: z for z in ()}",
    "(z for z in ())",
    "sum(z for z in range(9))",
    "f'{z}'",
    "f'{__import__(\"os\")}'",
    "(z := 1)",
    "(z := 1) + z",
    "'text'",
    "b'bytes'",
    "...",
    "None",
    "True",
    "1j",
    "z if z else 1",
    "z and z",
    "not z",
    "~z",
    "z @ z",
    "z // 2",
    "z % 2",
    "z << 2",
    "z | 1",
    "z > 0",
    "z < 0 < 1",
    "z == 0",
    "z is z",
    "z in z",
    "await z",
    "yield z",
    "*z",
    "[z]",
    "(z, z)",
    "{}",
    "z; z",
    "z = 1",
    "import os",
    "z\nz",
    "exp(*z)",
    "exp(**z)",
    "exp(z=1)",
    "exp(x=z)",
    "exp()",
    "exp(z, z)",
    "exp",
    "exp[z]",
    "z(1)",
    "z()",
    "where(z, z, z)",
    "where(z is 0, z, z)",
    "where(z > 0 > 1, z, z)",
    "where(z > 0, z)",
    "where(1 > 0, z, 1)",
    "where(not z, z, z)",
    "maximum(z)",
    "sum(z)",
    "sum(k)",
    "sum(1, z)",
    "sum(z, z)",
    "sum(alpha, z)",
    "sum(m, sum(m, z[m]))",
    "sum('m', z)",
    "sum()",
    "z[1]",
    "z[:]",
    "z[z]",
    "z[m]",
    "z[1, 2]",
    "alpha[1]",
    "w",
    "w[1]",
    "nosuch(z)",
    "1/0",
    "z/0",
    "z/(1 - 1)",
    "0**-1",
    "log(0)",
    "log(-1)",
    "sqrt(-1)",
    "arcsin(2)",
    "(-1)**0.5",
    "(-8)**(1/3)",
    "9**9**9**9",
    "9**9**9",
    "2**65",
    "z**65",
    "z**-65",
    "z**1e9",
    "((9**64)**64)**64",
    "exp(exp(exp(exp(9))))**64",
    "z**exp(exp(exp(exp(9))))",
    "sin(exp(exp(exp(9))))",
    "maximum(exp(exp(exp(exp(9)))), z)",
    "where(exp(exp(exp(exp(9)))) > 1, z, 0)",
    "2.0**64**64",
    "1e400",
    "1e-400",
    "-1e400",
    "1e31",
    "9" * 40,
    "9" * 5000,
    "0." + "1" * 100,
    "0x" + "f" * 500,
    "1" + "_1" * 60,
    "1e" + "9" * 30,
    "(" * 10_000,
    "(" * 10_000 + "z" + ")" * 10_000,
    "-" * 10_000 + "z",
    "exp(" * 5_000 + "z" + ")" * 5_000,
    "(" * 90 + "z" + ")" * 90 + "+" * 100,
    "z[" * 3000,
    "z" + "+z" * 9_000,
    "z" + "**2" * 100,
    "z\0",
    "\0",
    "z + \x00 1",
    "\ud800",
    "z + \ufeff1",
    "",
    " ",
    "\n",
    "#",
    "z #",
    "z +",
    ")",
    "z z",
    "'" * 3,
    "\\",
    "z\\",
    "$z",
    "z?",
    "z!",
    "`z`",
    "z" * 20_001,
    "ｅｘｐ(z) + __ｉｍｐｏｒｔ__('os')",
]


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: ascii(text[:40]))
def test_what_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(os, "system", lambda *_: pytest.fail("a text was run"))
    if text == "z #":
        assert read(text) == Z  # a comment
        return
    with pytest.raises(InvalidDescription) as caught:
        read(text)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("text", ["exp(1", "z ** ** 2", "nosuch(z)", "z + w", "z[1]", "z/0"])
def test_a_refusal_marks_the_place(text: str) -> None:
    with pytest.raises(InvalidDescription) as caught:
        read(text)
    _message, shown, mark = str(caught.value).split("\n")
    assert shown.strip() == text
    assert mark.strip() == "^"
    assert 4 <= mark.index("^") <= 4 + len(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="z+-*/()[],.0123456789 eaxpsumkwhr<>=_:'\"\\\n\0{}!#%é", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        result = read(text)
    except InvalidDescription:
        return
    assert isinstance(result, Expr)


@pytest.mark.parametrize("text", ATTACKS[:40], ids=lambda text: ascii(text[:40]))
def test_a_network_refuses_it_too(text: str) -> None:
    with pytest.raises(InvalidDescription):
        _ = Network(2, [Dense(3, text)]).system
    with pytest.raises(InvalidDescription):
        _ = Network(2, [Dense(3, "tanh")], cost=text.replace("z", "a")).system


# What is printed is read back.

FORMULAS = (
    "z - mean(k, z[k])",
    "z/(1 + abs(z))",
    "where(z > t, z, slope*z)",
    "z**3/sqrt(1 + z**4)",
    "-z**2",
    "2**z",
    "minimum(z, 1)",
    "1/(2*z**2 + 1)",
)
ONE_LAYER = [name for name, cost in COSTS.items() if len(cost.layers) == 1]
FORMULA_COSTS = ("log(cosh(a - y))", "sqrt(1 + (a - y)**2) - 1", "sum(k, exp(a[k]))*(a - y)**2")


def reading_scope(system: System) -> Scope:
    """Every tensor and constant by its own name; letters stand for themselves."""
    plain = [*system.constants, *(name for name, tensor in system.tensors.items() if not tensor.axes)]
    return Scope(
        values={name: scalar(name) for name in plain},
        tensors={name: tensor.at for name, tensor in system.tensors.items() if tensor.axes},
        ranks={name: len(tensor.axes) for name, tensor in system.tensors.items()},
    )


def check_round_trip(network: Network) -> None:
    system = network.system
    lines = LanguageText(system).equations().splitlines()
    assert len(lines) == len(system.equations)
    scope = reading_scope(system)
    for line, equation in zip(lines, system.equations, strict=True):
        assert line.isascii()
        left, _, right = line.partition(" = ")
        (statement,) = ast.parse(line).body
        assert isinstance(statement, ast.Assign)
        assert left.split("[")[0] == equation.tensor.name
        if equation.indices:
            assert parse_expression(left, scope) == base(equation.tensor.name)[equation.indices]
        expected = tidy(written_out(equation.expression)).xreplace(system.known_sizes)
        found = tidy(parse_expression(right, scope)).xreplace(system.known_sizes)
        assert same(found, expected), f"{line}\n{found}\n{expected}"


def same(found: Expr, expected: Expr) -> bool:
    """Equal as they stand, or after multiplying out: 1/2 before a sum or in it is the same."""

    def plain(expression: Expr) -> Expr:
        return tidy(expression.replace(Sum, _without_front).expand())

    return found == expected or plain(found) == plain(expected) or bool(sympy.simplify(plain(found) - plain(expected)) == 0)


def _without_front(function: Expr, *limits: tuple[object, ...]) -> Expr:
    """Σ c u as c Σ u for a number c."""
    number, rest = function.expand().as_coeff_Mul()
    return number * Sum(rest, *limits) if number != Integer(1) else Sum(function, *limits)


LAYOUTS = tuple(Layout(examples, weights) for examples, weights in product(("rows", "columns"), ("out-in", "in-out")))  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("activation", [*ACTIVATIONS, *FORMULAS])
def test_activations_read_back(activation: str, layout: Layout) -> None:
    constants = {"t": 0.25, "slope": 0.125} if "slope" in activation else {}
    layers = [Dense(5, activation, constants=constants), Dense(3, "elu", constants={"alpha": 0.3})]
    check_round_trip(Network(2, layers, regularisation={"l1_half": 0.1, "l2": 0.2}, layout=layout))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    ("cost", "targets"),
    [
        *((cost, None) for cost in (*ONE_LAYER, *FORMULA_COSTS)),
        *((cost, "labels") for cost in (*LABEL_COSTS, "log(sum(k, exp(a[k]))) - a[y]")),
    ],
)
@pytest.mark.parametrize("last", ["softmax", "sigmoid"])
def test_costs_read_back(cost: str, targets: str | None, reduction: str, last: str) -> None:
    check_round_trip(Network(2, [Dense(5, "tanh"), Dense(3, last)], cost, targets=targets, reduction=reduction))


@pytest.mark.parametrize(
    ("test", "holds"),
    [
        ("k == 1", lambda k, _: k == 1),
        ("k != 1", lambda k, _: k != 1),
        ("2 == k", lambda k, _: k == 2),
        ("k <= 1", lambda k, _: k <= 1),
        ("X[k] == 1", lambda _, x: x == 1),
        ("X[k] != 0", lambda _, x: x != 0),
        ("X[k] >= 1", lambda _, x: x >= 1),
    ],
)
@pytest.mark.parametrize("style", ["plain", "fast"])
def test_equal_and_different(test: str, holds: Callable[[int, float], bool], style: str) -> None:
    derivation = derive(system_from_equations(f"C = sum(k, where({test}, W[k]**2, 3*W[k]))", ["W[k]"], ["X[k]"], sizes={"k": 5}))
    verify(derivation)
    module = load(derivation, style=style)
    w, x = np.array([0.5, -1.5, 2.5, 0.25, -3.0]), np.array([0.0, 1.0, 1.0, 0.0, 2.0])
    chosen = np.array([holds(k, value) for k, value in enumerate(x)])
    cost, gradients = module.cost_and_gradients(module.Parameters(w), x)
    assert cost == pytest.approx(np.where(chosen, w**2, 3 * w).sum(), rel=1e-14)
    assert pytest.approx(np.where(chosen, 2 * w, 3.0), rel=1e-14) == gradients.W


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("where(z > 0 and z, z, 0)", "a comparison with <, <=, >, >=, == or !="),
        ("[z]", "hold one condition, as in [i = j] or [u > 0]"),
        ("z > 0", "write [u > 0], which is 1 where it holds and else 0"),
        ("where(" + " or ".join(["z > 0"] * 11) + ", 1, 0)", "a condition of more than 10 comparisons"),
        ("softmax(z)", "softmax takes its letters and an expression"),
        ("cumsum(k, z)", "cumsum makes an equation of its own"),
        ("where(z, 1, 0)", "a comparison with <, <=, >, >=, == or !="),
        ("where(z = 1, 1, 0)", "equality is written =="),
        ("max(0, z)", "the larger of two values is maximum(u, v)"),
        ("inv(z)", "'inv' is written 1/u"),
        ("swish(z)", "'swish' is written u*sigmoid(u)"),
        ("ln(z)", "did you mean 'log'?"),
        ("tnh(z)", "did you mean 'tanh'?"),
    ],
)
def test_what_others_write_is_said_rightly(text: str, said: str) -> None:
    with pytest.raises(InvalidDescription) as raised:
        read(text)
    assert said in str(raised.value)


def test_a_likeness_alone_is_no_suggestion() -> None:
    with pytest.raises(InvalidDescription) as raised:
        read("foo(z)")
    assert "did you mean" not in str(raised.value)
    with pytest.raises(InvalidDescription, match=r"did you mean 'squared_error'\?"):
        _ = Network(3, [Dense(2)], "mse").system
    with pytest.raises(InvalidDescription, match=r"did you mean 'silu'\?"):
        _ = Network(3, [Dense(2, "swish")], "quadratic").system
