"""Random systems of equations: every step holds, generated gradients agree with numeric ones, costs with a second reading of the text.

Modules in `fast` style have the numbers of plain ones, in both float types.

Systems are numbered; a failure prints the number and the equations.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count, islice
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sympy
from numpy.typing import NDArray
from random_systems import WORDS, RandomSystem, random_system
from scalar_reading import SYMBOLS, Reading, step
from test_fast import assert_fast_is_plain

from chainrule import CheckFailed, InvalidDescription, derive
from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

Array = NDArray[Any]
SYSTEMS = 300
CHUNK = 10
#: Longer ones take seconds each; those with words say more.
LONGEST_TEXT, LONGEST_WITH_WORDS = 300, 190
SYSTEMS_WITH_WORDS = 60
REFUSED_AT_MOST = 0.1
EXPANDED_AT_LEAST = 0.2
#: Entries of parameters, characters of text, and nodes, up to which a cost is written out in symbols for SymPy's own `diff`.
FEW_ENTRIES = 30
SHORT_TEXT = 170
LARGEST_TREE = 600
#: Steps of a recurrence, each written into the next.
FEW_STEPS = 3
#: How many of the systems have it, at least.
FEATURES = {
    6: [
        *"exp decay log logit sqrt abs sign sin cos tan sinh cosh tanh arcsin arccos arctan erf sigmoid relu softplus".split(),
        *"quotient power maximum minimum where constant label dilated".split(),
        "integer tensor as a number",
    ],
    15: [
        *"sum mean max shift stride reversed window padding".split(),
        "constant index",
        "integer tensor as an index",
        "target as an index",
        "recurrence",
        "recurrence forwards in the axis",
        "recurrence over two steps",
        "recurrence of several tensors",
        "boundary value",
        "parameter of several equations",
        "parameter read several times",
        "scalar parameter",
        "parameter of rank 1",
        "parameter of rank 2",
        "parameter of rank 3",
        "size read from the arrays",
        "rank 0",
        "rank 1",
        "rank 2",
        "rank 3",
    ],
    3: ["a tensor of rank 4", *(f"{count} equations" for count in range(2, 7))],
}


@cache
def systems() -> list[tuple[int, RandomSystem]]:
    """The first systems that are short enough, with their numbers."""
    short = ((number, made) for number in count() if len((made := random_system(number)).description["equations"]) <= LONGEST_TEXT)
    return list(islice(short, SYSTEMS))


@cache
def systems_with_words() -> list[tuple[int, RandomSystem]]:
    """Softmax, running sums, conditions, ranges, roundings …, inside of each other."""
    made = ((number, random_system(number, has_words=True)) for number in count())
    short = ((number, system) for number, system in made if len(system.description["equations"]) <= LONGEST_WITH_WORDS)
    return list(islice(short, SYSTEMS_WITH_WORDS))


@pytest.mark.parametrize("chunk", range(SYSTEMS // CHUNK))
def test_systems_are_right(chunk: int) -> None:
    check_systems(systems()[chunk * CHUNK : (chunk + 1) * CHUNK], in_fast_style=True)


@pytest.mark.parametrize("chunk", range(SYSTEMS_WITH_WORDS // CHUNK))
def test_systems_with_words_are_right(chunk: int) -> None:
    check_systems(systems_with_words()[chunk * CHUNK : (chunk + 1) * CHUNK])


def check_systems(some: Sequence[tuple[int, RandomSystem]], in_fast_style: bool = False) -> None:
    found = []
    for number, made in some:
        try:
            with np.errstate(all="ignore"):
                found.append(check_system(made, in_fast_style))
        except Exception as failure:
            raise AssertionError(f"system {number}: {type(failure).__name__}: {failure}\n{made}") from failure
    assert sum(result.startswith("refused") for result in found) <= CHUNK // 2


def test_every_word_occurs() -> None:
    assert set(WORDS) <= {feature for _, made in systems_with_words() for feature in made.features}


def test_few_are_refused_and_many_are_short_enough_to_expand() -> None:
    refused = []
    for number, made in systems():
        try:
            system_from_equations(**made.description)
        except InvalidDescription as refusal:
            refused.append(f"system {number}: {refusal}")
    assert len(refused) <= REFUSED_AT_MOST * SYSTEMS, "\n".join(refused)
    assert sum(is_small(made) for _, made in systems()) >= EXPANDED_AT_LEAST * SYSTEMS


@pytest.mark.parametrize("least", FEATURES)
def test_every_feature_occurs(least: int) -> None:
    having = Counter(feature for _, made in systems() for feature in made.features)
    rare = {feature: having[feature] for feature in FEATURES[least] if having[feature] < least}
    assert not rare


def is_small(made: RandomSystem) -> bool:
    """Whether to try the expansion to scalars."""
    if not made.features.keys().isdisjoint(WORDS):
        # They are read in numbers alone.
        return False
    entries = sum(prod(made.sizes[axis] for axis in re.findall(r"\w+", text)[1:]) for text in made.description["parameters"])
    is_recurrent = any(feature.startswith("recurrence") for feature in made.features)
    # A maximum of many is a case distinction of as many levels, which SymPy takes very long to compare.
    if (is_recurrent or "max(" in made.description["equations"]) and max(made.sizes.values()) > FEW_STEPS:
        return False
    return entries <= FEW_ENTRIES and len(made.description["equations"]) <= SHORT_TEXT


def check_system(made: RandomSystem, in_fast_style: bool) -> str:
    """What became of a system: checked, also expanded, or refused with a message."""

    try:
        system = system_from_equations(**made.description)
    except InvalidDescription as refusal:
        return f"refused: {refusal}"
    derivation = derive(system)
    try:
        verify(derivation)
    except CheckFailed as failure:
        if "was not checked" not in str(failure):
            raise
        if in_fast_style:
            assert_fast_is_plain(derivation)
        # What is read out of range at every size is 0, and so is all that is made of it: no evidence is what such a system has.
        return f"refused: {failure}"
    checked = checked_module(derivation)
    if in_fast_style:
        assert_fast_is_plain(derivation, plain_source=checked.source)
    module = checked.module
    params, data = drawn(system, module)
    found, gradients = module.cost_and_gradients(params, *data)
    given = params._asdict() | {tensor.name: array for tensor, array in zip((*system.inputs, *system.targets), data, strict=True)}
    sizes = made.sizes | real_sizes(system, made)
    constants = made.description.get("constants", {})
    expected = Reading(made.description["equations"], sizes, {name: table(array) for name, array in given.items()}, constants).cost
    assert found == pytest.approx(float(expected), rel=1e-9, abs=1e-12)
    check_float32(module, params, data)
    expanded = is_small(made) and compare_with_diff(made, sizes, given, gradients._asdict())
    return "expanded" if expanded else "checked"


def drawn(system: System, module: ModuleType) -> tuple[Any, tuple[Any, ...]]:
    rng = np.random.default_rng(5)
    params = module.Parameters(*(np.asarray(rng.standard_normal(array.shape)) for array in module.init(rng)))
    return params, module.sample(rng)


def real_sizes(system: System, made: RandomSystem) -> dict[str, int]:
    """The sizes of letters whose axes are read from the arrays: what the module's sample takes."""
    chosen = sample_sizes(system)
    return {letter: chosen[made.axes[letter]] for letter in made.sizes if letter not in made.description["sizes"]}


def table(array: Array) -> dict[tuple[int, ...], float]:
    return {place: array[place].item() for place in np.ndindex(np.shape(array))}


def check_float32(module: ModuleType, params: Any, data: tuple[Any, ...]) -> None:
    narrow = module.Parameters(*(array.astype(np.float32) for array in params))
    narrow_data = [array.astype(np.float32) if array.dtype.kind == "f" else array for array in data]
    value, found = module.cost_and_gradients(narrow, *narrow_data)
    assert isinstance(value, float)
    for name, gradient in found._asdict().items():
        assert gradient.dtype == np.float32, f"d{name} has {gradient.dtype}"


def tree_size(expression: Any, known: dict[Any, int]) -> int:
    """The number of nodes, equal ones counted as often as they stand there, as SymPy visits them."""
    if expression not in known:
        known[expression] = 1 + sum(tree_size(part, known) for part in expression.args)
    return known[expression]


def compare_with_diff(made: RandomSystem, sizes: dict[str, int], given: dict[str, Array], gradients: Mapping[str, Array]) -> bool:
    """SymPy's derivative of the cost written out in plain symbols, in every entry of every parameter; False where that is too long."""
    entries = {name: table(array) for name, array in given.items()}
    symbols: dict[str, dict[tuple[int, ...], Any]] = {}
    for name in gradients:
        symbols[name] = {place: sympy.Symbol(f"{name}_{'_'.join(map(str, place))}", real=True) for place in entries[name]}
    constants = {name: sympy.Rational(str(value)) for name, value in made.description.get("constants", {}).items()}
    cost = sympy.sympify(Reading(made.description["equations"], sizes, {**entries, **symbols}, constants, SYMBOLS).cost)
    if tree_size(cost, {}) > LARGEST_TREE:
        return False
    flat = [symbol for places in symbols.values() for symbol in places.values()]
    numbers = [entries[name][place] for name, places in symbols.items() for place in places]
    names = [{step.__name__: lambda value: float(value > 0), "erf": math.erf}, "math"]
    values = sympy.lambdify(flat, [cost.diff(symbol) for symbol in flat], modules=names, cse=True)(*numbers)
    position = 0
    for name, places in symbols.items():
        exact = np.array(values[position : position + len(places)], dtype=float).reshape(np.shape(gradients[name]))
        position += len(places)
        scale = max(float(np.abs(exact).max(initial=0)), 1e-3)
        np.testing.assert_allclose(gradients[name], exact, rtol=0, atol=1e-9 * scale, err_msg=name)
    return True
