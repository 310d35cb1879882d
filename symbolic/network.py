"""A network of layers, and how it becomes a system of equations."""

from __future__ import annotations

import keyword
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import Expr, Integer, Symbol

from .axes import Axis, index, limits, size_symbol
from .costs import COSTS, LABEL_COSTS, Cost
from .declared import system_from_equations
from .equations import Equation, System
from .failures import InvalidDescription, expected_one_of, shown
from .from_sympy import SymPyEquation, text_of_equations
from .language import RESERVED, Scope, parse_expression
from .layers import Dense, Layout, affine_text
from .letters import free_letters
from .sums import IndexSum
from .tensors import Role, Tensor, Values, adjoint_name, scalar

#: Letters for the axes of features and units; n is the example. Networks with more layers number theirs: i0, i1, …
LETTERS = "ijkmpqrstuv"
#: What a layer owns: weights, biases, pre-activations, activations.
STEMS = ("W", "b", "z", "a")
TAKEN_NAMES = frozenset({"x", "y", "z", "a", "n", "N", "C", "R"})
#: Regularisation: key → (factor, penalty of one weight)
PENALTIES: dict[str, str] = {
    "l1": "l1*sum({letters}, abs({weight}))",
    "l1_half": "l1_half*sum({letters}, abs({weight}))/2",
    "l2": "l2*sum({letters}, {weight}**2)",
    "l2_half": "l2_half*sum({letters}, {weight}**2)/2",
}
TARGETS: dict[str, Values] = {
    "numbers": Values.REAL,
    "one-hot": Values.ONE_HOT,
    "labels": Values.LABELS,
    "probabilities": Values.BINARY,
    "signs": Values.SIGNS,
}
REDUCTIONS = ("mean", "sum")


@dataclass(frozen=True)
class Network:
    """Layers in a row, a cost over their output, and the layout of the arrays.

    Args:
        input: number of features of one example.
        layers: the layers, first to last.
        cost: a name of the table, a formula in `a` and `y`, or a `Cost`; `constants` gives values to its named constants.
        targets: what the targets are where the cost leaves a choice: "labels", "one-hot", "numbers".
        reduction: "mean" or "sum" over the examples.
        regularisation: factors of `l1`, `l2`, `l1_half`, `l2_half`; weights only, not biases.

    Raises:
        InvalidDescription: where a name, a size or a combination is not possible.
    """

    input: int
    layers: Sequence[Dense]
    cost: str | Cost = "quadratic"
    name: str = "network"
    targets: str | None = None
    reduction: str = "mean"
    regularisation: Mapping[str, float] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    layout: Layout = field(default_factory=Layout)

    def __post_init__(self) -> None:
        usable_name(self.name)
        if not isinstance(self.input, int) or isinstance(self.input, bool) or not 1 <= self.input <= 10_000_000:
            raise InvalidDescription(f"input is a whole number from 1 to 10000000, found {shown(self.input)}")
        if not self.layers:
            raise InvalidDescription("a network needs at least one layer, found none")
        if self.reduction not in REDUCTIONS:
            raise InvalidDescription(f"reduction: {expected_one_of(self.reduction, REDUCTIONS)}; found {self.reduction!r}")
        for key in self.regularisation:
            if key not in PENALTIES:
                raise InvalidDescription(f"unknown regularisation {key!r}; {expected_one_of(key, PENALTIES)}")
        for suffix, times in Counter(self.suffixes).items():
            if times > 1:
                raise InvalidDescription(f"two layers are called {suffix!r}; names of layers differ")
            for tensor in (f"{stem}{suffix}" for stem in STEMS):
                if keyword.iskeyword(tensor):
                    raise InvalidDescription(f"a layer called {suffix!r} would own {tensor!r}, a word of Python's; choose another name")

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What distinguishes the layers' tensors: the number, or the layer's own name."""
        return tuple(layer.name or str(number) for number, layer in enumerate(self.layers, 1))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Features of the input, then units of every layer."""
        return (self.input, *(layer.units for layer in self.layers))

    @cached_property
    def chosen_cost(self) -> Cost:
        """The cost as a formula, with what its targets are."""
        return _chosen_cost(self.cost, self.targets, self.constants)

    @cached_property
    def system(self) -> System:
        """The network as equations."""
        return _Assembly(self).system()

    @staticmethod
    def from_equations(
        equations: str | Sequence[SymPyEquation],
        parameters: Sequence[str],
        inputs: Sequence[str] = (),
        targets: Sequence[str] = (),
        sizes: Mapping[str, int] | None = None,
        constants: Mapping[str, float] | None = None,
        batch: str | None = None,
        name: str = "network",
        values: Mapping[str, Values] | None = None,
    ) -> System:
        """The system of any network that can be written as index equations; see `symbolic.declared`.

        `equations` is a text in the equation language, or SymPy's own: `Eq(z[n, j], Sum(W[j, k]*x[n, k], (k, 0, K - 1)))`, …
        """
        if not isinstance(equations, str):
            equations, ranges = text_of_equations(equations)
            sizes = {**ranges, **(sizes or {})}
        return system_from_equations(equations, parameters, inputs, targets, sizes, constants, batch, usable_name(name), values)

    @classmethod
    def stack(cls, shorthand: str, activation: str = "sigmoid", cost: str = "quadratic", targets: str | None = None) -> Network:
        """The network that `784-16-16-10` stands for: dense layers in a row, one activation for all."""
        sizes = []
        for part in shorthand.split("-"):
            if not (part.isascii() and part.isdigit() and len(part) <= 8 and int(part) > 0):
                raise InvalidDescription(f"{shorthand!r}: sizes are whole numbers joined by '-', as in 784-16-16-10; found {part!r}")
            sizes.append(int(part))
        if len(sizes) < 2:
            raise InvalidDescription(f"{shorthand!r}: an input size and at least one layer are needed, as in 784-16-16-10")
        layers = [Dense(units, activation) for units in sizes[1:]]
        return cls(sizes[0], layers, cost, name="network_" + "_".join(map(str, sizes)), targets=targets)


def usable_name(name: str) -> str:
    """The name of a network, which files and the module are called by.

    Raises:
        InvalidDescription: where it is no identifier, or the module would hide one of Python's.
    """
    if not (name.isascii() and name.isidentifier() and not keyword.iskeyword(name)):
        raise InvalidDescription(f"name is an identifier (letters, digits, underscores), found {name!r}")
    if name in sys.stdlib_module_names or name == "numpy":
        raise InvalidDescription(f"name: a module called {name!r} would hide Python's own; choose another name")
    return name


def _chosen_cost(choice: str | Cost, targets: str | None, constants: Mapping[str, float]) -> Cost:
    if targets is not None and targets not in TARGETS:
        raise InvalidDescription(f"targets: {expected_one_of(targets, TARGETS)}; found {targets!r}")
    if isinstance(choice, str) and choice not in COSTS:
        if choice.isidentifier() and choice not in ("a", "y") and choice not in constants:
            raise InvalidDescription(f"unknown cost {choice!r}; {expected_one_of(choice, [*COSTS, 'a formula in a and y'])}")
        return Cost("formula", choice, TARGETS[targets or "numbers"], dict(constants))
    known = COSTS[choice] if isinstance(choice, str) else choice
    if targets is not None and TARGETS[targets] is not known.targets:
        if TARGETS[targets] is not Values.LABELS or known.name not in LABEL_COSTS:
            with_labels = " or ".join(LABEL_COSTS)
            raise InvalidDescription(
                f"the cost {known.name} takes {known.targets.value} as targets, found targets = {targets!r}"
                + (f"; labels go with {with_labels}" if targets == "labels" else "")
            )
        known = LABEL_COSTS[known.name]
    unknown = [name for name in constants if name not in known.constants]
    if unknown:
        allowed = ", ".join(known.constants) or "none"
        raise InvalidDescription(f"the cost {known.name} has no constant {unknown[0]!r}; its constants: {allowed}")
    return replace(known, constants={**known.constants, **constants})


class _Assembly:
    """A network on its way to a system: names, letters and constants are given out here."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.constants: dict[str, float] = {}
        self.tensors: dict[str, Tensor] = {}
        self.equations: list[Equation] = []
        own_names = {f"{stem}{suffix}" for stem in STEMS for suffix in network.suffixes}
        self.tensor_names = own_names | TAKEN_NAMES
        used = {name for layer in network.layers for name in layer.formula.constants} | set(network.chosen_cost.constants)
        available = [letter for letter in LETTERS if letter not in used | self.tensor_names]
        widths = len(network.sizes)
        self.letters = available[:widths] if widths <= len(available) else [f"i{number}" for number in range(widths)]
        adjoints = {adjoint_name(name) for name in self.tensor_names}
        self.own_names = self.tensor_names | adjoints | {*self.letters} | {f"N_{letter}" for letter in self.letters}

    def system(self) -> System:
        network, layout = self.network, self.network.layout
        letters = self.letters
        self.declare("x", layout.data("n", letters[0]), Role.INPUT)
        source = "x"
        for number, (layer, suffix) in enumerate(zip(network.layers, network.suffixes, strict=True)):
            source = self.dense(layer, suffix, source, letters[number], letters[number + 1])
        self.cost(source, letters[-1])
        axes = {"n": Axis("n")} | {letter: Axis(letter, size) for letter, size in zip(letters, network.sizes, strict=True)}
        return System(network.name, axes, self.tensors, tuple(self.equations), self.constants)

    def declare(self, name: str, axes: tuple[str, ...], role: Role, values: Values = Values.REAL, into: str | None = None) -> Tensor:
        tensor = Tensor(name, tuple(index(letter) for letter in axes), role, values, into)
        self.tensors[name] = tensor
        return tensor

    def define(self, tensor: Tensor, expression: Expr) -> None:
        self.equations.append(Equation(tensor, expression))

    def dense(self, layer: Dense, suffix: str, source: str, feature: str, unit: str) -> str:
        layout = self.network.layout
        weight, bias, z, a = (f"{stem}{suffix}" for stem in STEMS)
        data = layout.data("n", unit)
        self.declare(weight, layout.weight(unit, feature), Role.PARAMETER)
        self.declare(bias, (unit,), Role.PARAMETER)
        _, text = affine_text(z, weight, bias, source, ("n", feature, unit), layout)
        self.define(self.declare(z, data, Role.INTERMEDIATE), parse_expression(text, self.scope(weight, bias, source)))
        formula = layer.formula
        values = self.constant_symbols(formula.constants, suffix, f"layer {suffix}")
        scope = Scope(values=values, entries={"z": self.tensors[z].own_entry}, unit=index(unit))
        self.define(self.declare(a, data, Role.INTERMEDIATE), self.parse(formula.expression, scope, f"layer {suffix}: activation"))
        return a

    def cost(self, output: str, unit: str) -> None:
        network, cost = self.network, self.network.chosen_cost
        labels = cost.targets is Values.LABELS
        axes = ("n",) if labels else network.layout.data("n", unit)
        target = self.declare("y", axes, Role.TARGET, cost.targets, unit if labels else None)
        values = self.constant_symbols(cost.constants, "_cost", "cost")
        entries = {"a": self.tensors[output].own_entry}
        if labels:
            values = {**values, "y": target.own_entry}
        else:
            entries["y"] = target.own_entry
        formula = self.parse(cost.expression, Scope(values=values, entries=entries, unit=index(unit)), "cost")
        body = _summed(formula, index(unit), network.reduction)
        if network.regularisation:
            body += self.penalty()
        self.define(self.declare("C", (), Role.COST), body)

    def penalty(self) -> Expr:
        """The regularisation as an equation of its own, R."""
        total: Expr = Integer(0)
        for key, factor in self.network.regularisation.items():
            self.constants[key] = _finite(factor, f"regularisation {key}")
            for tensor in list(self.tensors.values()):
                if tensor.role is Role.PARAMETER and len(tensor.axes) == 2:
                    letters = ",".join(str(axis) for axis in tensor.axes)
                    text = PENALTIES[key].format(letters=letters, weight=f"{tensor.name}[{letters}]")
                    total += parse_expression(text, self.scope(tensor.name, values={key: scalar(key)}))
        penalty = self.declare("R", (), Role.INTERMEDIATE)
        self.define(penalty, total)
        return penalty.own_entry

    def parse(self, text: str, scope: Scope, place: str) -> Expr:
        try:
            return parse_expression(text, scope)
        except InvalidDescription as problem:
            raise InvalidDescription(f"{place}: {problem}") from None

    def scope(self, *names: str, values: Mapping[str, Expr] | None = None) -> Scope:
        return Scope(
            values=values or {},
            tensors={name: self.tensors[name].at for name in names},
            ranks={name: len(self.tensors[name].axes) for name in names},
        )

    def constant_symbols(self, constants: Mapping[str, float], suffix: str, place: str) -> dict[str, Symbol]:
        """A symbol for each constant; one name with two values in a network gets the layer's number."""
        symbols = {}
        for name, value in constants.items():
            if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
                raise InvalidDescription(f"{place}: a constant's name is an identifier, found {name!r}")
            if name in RESERVED or name in PENALTIES or name in self.own_names:
                raise InvalidDescription(f"{place}: {name!r} already has a meaning; give the constant another name")
            number = _finite(value, f"{place}: constant {name}")
            unique = name
            while self.constants.get(unique, number) != number:
                unique += suffix
            self.constants[unique] = number
            symbols[name] = scalar(unique)
        return symbols


def _summed(formula: Expr, unit: Symbol, reduction: str) -> Expr:
    """A cost's formula summed over the outputs it speaks of, and over the examples."""
    if formula.could_extract_minus_sign():
        return -_summed(-formula, unit, reduction)
    body = IndexSum(formula, limits(unit)) if unit in free_letters(formula) else formula
    total: Expr = IndexSum(body, limits(index("n")))
    return total / size_symbol("n") if reduction == "mean" else total


def _finite(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise InvalidDescription(f"{what} is a finite number, found {shown(value)}")
    return float(value)
