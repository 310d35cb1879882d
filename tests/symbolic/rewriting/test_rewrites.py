"""Every rewrite keeps the value, on random formulas made to break it: what a rule relies on has to be asked for, not assumed.

The formulas have powers with symbols for exponents (two of one base side by side, and quotients of them), sums, means and maxima over
letters that nothing reads, entries at shifted and computed places, several letters of one axis. Bases are positive. Each rule is
applied to each formula, to its derivative, and to a part of a sum; the interpreter evaluates both sides.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import sympy
from sympy import Expr

from chainrule.codegen.program.index_sums import with_short_sums
from chainrule.codegen.program.stability import stable
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.checking.tensor_draw import TensorDraw
from chainrule.symbolic.checking.verification import difference, random_arrays
from chainrule.symbolic.derivation.differentiation import differentiated
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, tidy
from chainrule.symbolic.index.tensors import entry, scalar
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.algebra import cheapest, common_factor
from chainrule.symbolic.rewriting.collecting_rewrites import COLLECTING
from chainrule.symbolic.rewriting.deltas import eliminate_deltas
from chainrule.symbolic.rewriting.factoring import with_common_front
from chainrule.symbolic.rewriting.output_form import output_form
from chainrule.symbolic.rewriting.recognition import recognised
from chainrule.symbolic.rewriting.rewrites import REWRITES
from chainrule.symbolic.rewriting.rule import Facts
from chainrule.symbolic.rewriting.substitution import substituted
from chainrule.symbolic.system.system import Equation, System

SIZES = {"n": 3, "j": 2, "k": 5}
FORMULAS = 60
#: Besides the random formula e[n,j]: a mean and what deviates from it, their variance, and rows divided by their sum.
BEFORE = """m[j] = mean(n, X[n,j])
d[n,j] = X[n,j] - m[j]
v[j] = mean(n, d[n,j]**2)
t[n] = sum(k, exp(B[k]*w + X[n,0]))
r[n,k] = exp(B[k]*w + X[n,0])/t[n]
"""
#: Beside the random ones: where a condition is all but met.
CHOSEN = (
    "sum(k, Y[n-1,k])*W[j]",
    "sum(k, Y[n+1,k]*r[n,q[n]])*W[j]",
    "sum(k, k_, Y[n,k]*B[k_])*W[j]",
    "sum(k, Y[n,k]*B[k])*W[j]",
    "W[j]*sum(k, r[n-1,k])",
    "sum(n_, k, r[n_,k]*W[j])",
    "sum(n_, d[n_,j-1]*W[j]) + sum(n_, d[n_,j]*W[j]) + sum(n_, d[n_,j]**2*W[j])",
    "sum(k, k_, W[j]) + mean(k, W[j]) + max(k, k_, W[j]*2)",
    "log(sum(k, exp(W[j]))) + exp(W[j])/sum(k, exp(W[j]))",
    "log(sum(k, k_, exp(B[k])))*V[n,j]",
    "w*(1 + w**2)**p + w**3*(1 + w**2)**p/(1 + w**2)",
    "W[j]*(1 + W[j]**2)**V[n,j]",
    "(2 + sin(w))**pi/(2 + sin(w)) + 2*(2 + sin(w))**pi",
    "tanh(W[j])**3 + sqrt(1 + tanh(W[j]))*W[j]",
    "sign(W[j])*W[j]*V[n,j] + abs(W[j])*abs(V[n,j])**p",
    "abs(max(k, B[k]*w))*W[j] + abs(exp(W[j])*where(W[j] > 0, w, V[n,j]))",
    "sum(k, where(W[j] > 0, B[k], w)) + sum(k, where(k > 1, B[k], w))*W[j]",
    "sum(k, X[n,j-k]*B[k])*W[j]",
    "sum(k, k_, B[k]*W[k-j])*V[n,j]",
)
AXES = {"W": "j", "V": "nj", "B": "k", "X": "nj", "Y": "nk", "w": "", "m": "j", "d": "nj", "v": "j", "r": "nk", "t": "n"}


@dataclass
class Formula:
    """A random formula as text."""

    rng: random.Random

    def any(self, letters: list[str], depth: int) -> str:
        kinds = [self.power] * 4 + [self.reduction] * 4 + [self.total] * 2 + [self.product] * 3 + [self.function, self.cases]
        return self.rng.choice(kinds)(letters, depth) if depth else self.leaf(letters)

    def leaf(self, letters: list[str]) -> str:
        share = self.rng.random()
        if share < 0.8:
            return self.read(letters)
        return self.rng.choice(["p", "g", "2", "0.5", "1"]) if share < 0.95 or not letters else self.rng.choice(letters)

    def read(self, letters: list[str]) -> str:
        name = self.rng.choice(list(AXES))
        places = []
        for axis in AXES[name]:
            known = [letter for letter in letters if letter.rstrip("_") == axis]
            if not known:
                return self.read(letters)
            place = self.rng.choice(known)
            share = self.rng.random()
            shift = self.rng.choice([" - 1", " + 1"]) if share < 0.1 else ""
            places.append(f"q[{self.rng.choice(['n', place])}]" if axis == "k" and share > 0.95 and "n" in letters else place + shift)
        places = [place.replace("q[k", "q[n").replace("q[n_", "q[n") for place in places]
        return f"{name}[{','.join(places)}]" if places else name

    def positive(self, letters: list[str], depth: int) -> str:
        ways = ["(1 + ({})**2)", "(0.3 + abs({}))", "(2 + sin({}))", "exp(tanh({}))", "(1 + exp(tanh({})))"]
        return self.rng.choice(ways).format(self.any(letters, depth - 1))

    def exponent(self, letters: list[str]) -> str:
        number = self.rng.choice(["p", "g", "(p - 1)", "(-p)", "pi", "0.5", "(-1.5)", "sqrt(2)", "(2*p)", "2", "3"])
        return self.rng.choice([number, f"tanh({self.read(letters)})", f"sin({self.read(letters)})"])

    def power(self, letters: list[str], depth: int) -> str:
        base = self.positive(letters, depth)
        written = f"{base}**{self.exponent(letters)}"
        beside = self.rng.choice(["", f"*{base}**{self.exponent(letters)}", f"/{base}", f"*{base}"])
        return f"{self.read(letters)}*{written}{beside}" if self.rng.random() < 0.5 else written + beside

    def reduction(self, letters: list[str], depth: int) -> str:
        possible = [axis + primes for axis in "njk" for primes in ("", "_", "__") if axis + primes not in letters]
        own = self.rng.sample(possible, self.rng.choice([1, 1, 2]))
        read = [letter for letter in own if self.rng.random() < 0.6]
        return f"{self.rng.choice(['sum', 'sum', 'mean', 'max'])}({', '.join(own)}, {self.any(letters + read, depth - 1)})"

    def total(self, letters: list[str], depth: int) -> str:
        return f"({self.any(letters, depth - 1)} {self.rng.choice('+-')} {self.any(letters, depth - 1)})"

    def product(self, letters: list[str], depth: int) -> str:
        return f"{self.any(letters, depth - 1)}*{self.any(letters, depth - 1)}"

    def function(self, letters: list[str], depth: int) -> str:
        ways = ["tanh({})", "sigmoid({})", "abs({})", "log(1 + exp(tanh({})))", "relu({})", "sign({0})*({0})", "1/(1 + exp(sin({})))"]
        return self.rng.choice(ways).format(self.any(letters, depth - 1))

    def cases(self, letters: list[str], depth: int) -> str:
        return f"where({self.read(letters)} > 0.2, {self.any(letters, depth - 1)}, {self.any(letters, depth - 1)})"


def system_with(formula: str) -> System:
    return system_from_equations(
        f"{BEFORE}e[n,j] = {formula}\nC = sum(n, j, e[n,j]*V[n,j]) + sum(n, k, r[n,k]*Y[n,k]) + sum(j, v[j]*W[j])",
        ["w", "W[j]", "V[n,j]", "B[k]"],
        ["X[n,j]", "Y[n,k] in one_hot", "q[n] in k"],
        sizes=SIZES,
        constants={"p": 0.3, "g": -1.7},
        batch="n",
    )


@dataclass(frozen=True)
class Given:
    """A system with numbers, and formulas to rewrite: the right side of e, and its derivatives."""

    text: str
    system: System
    numbers: Numbers
    formulas: tuple[Expr, ...]

    @property
    def equation(self) -> Equation:
        return self.system.definition["e"]

    @property
    def facts(self) -> Facts:
        before = tuple(equation for equation in self.system.equations if equation.tensor.name in "mdvtr")
        return Facts(self.system, frozenset(index(letter) for letter in ("n", "j", "k_", "j_", "n_")), before, frozenset({"V"}))


@cache
def given(seed: int) -> Given:
    text = CHOSEN[seed] if seed < len(CHOSEN) else Formula(random.Random(seed)).any(["n", "j"], 2)
    system = system_with(text)
    arrays = random_arrays(system, SIZES, np.random.default_rng(seed), TensorDraw(0.7, 0.0))
    numbers = forward(system, {name: array if array.dtype.kind == "i" else array.astype(complex) for name, array in arrays.items()}, SIZES)
    right = system.definition["e"].expression
    letters = {axis: index(axis + "_") for axis in "njk"}
    by = [entry(name, tuple(letters[axis] for axis in AXES[name])) if AXES[name] else scalar(name) for name in ("w", "W", "V", "B")]
    slopes = [differentiated(tidy(right, frozenset({*letters.values(), index("n"), index("j")})), wanted) for wanted in by]
    # As the chain rule meets it: times an adjoint, summed over the letters of the left side.
    summed = [bound_sum(entry("V", (index("n"), index("j"))) * slope, index("n"), index("j")) for slope in slopes if slope != 0]
    return Given(text, system, numbers, (right, *(slope for slope in slopes if slope != 0), *summed))


Rule = Callable[[Expr, Given], Expr]

RULES: dict[str, Rule] = {
    **{rewrite.rule: lambda part, here, rewrite=rewrite: rewrite.apply(part, here.facts) for rewrite in (*REWRITES, *COLLECTING)},
    "cheapest": lambda part, _: cheapest(part),
    "common factor alone": lambda part, _: common_factor(part),
    "common front": lambda part, _: with_common_front(part, frozenset({"V"})),
    "tidy": lambda part, here: tidy(part, here.facts.outside),
    "recognised": lambda part, _: recognised(part),
    "deltas": lambda part, here: eliminate_deltas(part, here.system.stored, here.facts.outside),
    "safe forms": lambda part, here: stable(part, here.system),
    "short sums": lambda part, here: with_short_sums(part, here.system, tuple(here.facts.outside)),
    "output form": lambda part, here: output_form(part, here.equation, here.facts.outside),
    "put in": lambda part, here: substituted(part, here.system.definition["d"], here.facts.outside, here.system),
}


def error(before: Expr, after: Expr, numbers: Numbers) -> float:
    over = tuple(sorted(free_letters(before) | free_letters(after), key=lambda letter: letter.name))
    return difference(evaluate(before, numbers, over), evaluate(after, numbers, over))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_keeps_the_value(name: str) -> None:
    changed = 0
    for seed in range(FORMULAS):
        here = given(seed)
        for formula in here.formulas:
            parts = [formula, *formula.args] if isinstance(formula, sympy.Add | sympy.Mul) else [formula]
            for part in parts:
                after = RULES[name](part, here)
                changed += after != part
                if after != part:
                    assert error(part, after, here.numbers) < 1e-9, f"{name}, seed {seed}: {here.text}\n  {part}\n  {after}"
    assert changed > 0 or name == "maximum"
