"""A network of layers, and how it becomes a system of equations."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from chainrule.symbolic.index.failures import InvalidDescription, KeyPath, expected_one_of, located, shown
from chainrule.symbolic.index.kink import Kink, chosen_kink
from chainrule.symbolic.index.limits import MOST_AXES, MOST_FEATURES
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.language.from_sympy import SymPyEquation, text_of_equations
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import Numbers, System

from . import Dense, Layer, Layout
from .assembly import Assembly
from .connections import Connected, Input, connected
from .cost_equations import cost_equations
from .costs import COSTS, LABEL_COSTS, PENALTIES, Cost, NetworkCost
from .feedforward import is_plain_dense

TARGETS: dict[str, Values] = {
    "numbers": Values.REAL,
    "one-hot": Values.ONE_HOT,
    "one_hot": Values.ONE_HOT,
    "labels": Values.LABELS,
    "probabilities": Values.BINARY,
    "signs": Values.SIGNS,
    "distribution": Values.DISTRIBUTION,
}
REDUCTIONS = ("mean", "sum")
#: What a dense layer owns: weights, biases, pre-activations, activations.
STEMS = ("W", "b", "z", "a")
#: Modules that Python and pytest look for and run without being asked.
RUN_BY_ITSELF = ("conftest", "sitecustomize", "usercustomize")
#: What Windows takes for a device, whatever the ending.
DEVICE = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])")
RESERVED_INPUTS = ("n", "N", "y", "C", "R", "mask")


@dataclass(frozen=True)
class Network:
    """Layers, a cost over their output, and the layout of the arrays.

    Args:
        input: the features of one example, its shape, or an `Input`; several inputs by their names.
        layers: the layers, first to last; each reads the one before unless it says otherwise.
        cost: a name of the table, a formula in `a` and `y`, or a `Cost`; `constants` gives values to its named constants.
        targets: what the targets are where the cost leaves a choice: "labels", "one-hot", "numbers".
        reduction: "mean" or "sum" over the examples, the steps of a sequence and, where the cost is of classes, the places of an image.
        regularisation: factors of `l1`, `l2`, `l1_half`, `l2_half`; weights only, not biases.
        cost_sources: the layers that the cost is of, where it is not the last one.
        cost_axis: the axis of an example along which the cost's classes lie, counted from 0 or by its word; None is that of classes.
        from_logits: whether the cost makes the probabilities of which it takes logarithms itself, by softmax or sigmoid.
        initial: first values of parameters, by name; those of the others are random.
        mask: whether the cost takes a mask, which says by 1 and 0 which steps of a sequence count.
        kink: "left", "middle" or "right": the slope that is taken at kinks, where a layer says nothing else; None is what functions have.

    Raises:
        InvalidDescription: where a name, a size or a combination is not possible.
    """

    input: int | Sequence[int] | Input | Mapping[str, int | Sequence[int] | Input]
    layers: Sequence[Layer]
    cost: str | Cost = "quadratic"
    name: str = "network"
    targets: str | None = None
    reduction: str = "mean"
    regularisation: Mapping[str, float] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    layout: Layout = field(default_factory=Layout)
    cost_sources: tuple[str, ...] = ()
    mask: bool = False
    cost_axis: int | str | None = None
    from_logits: bool = False
    initial: Mapping[str, Numbers] = field(default_factory=dict)
    kink: str | None = None

    def __post_init__(self) -> None:
        usable_name(self.name)
        _ = self.given_inputs, self.chosen_kink
        if not self.layers:
            raise InvalidDescription("a network needs at least one layer, found none", ("layers",))
        if self.reduction not in REDUCTIONS:
            message = f"reduction: {expected_one_of(self.reduction, REDUCTIONS)}; found {self.reduction!r}"
            raise InvalidDescription(message, ("cost", "reduction"))
        for key in self.regularisation:
            if key not in PENALTIES:
                raise InvalidDescription(f"unknown regularisation {key!r}; {expected_one_of(key, PENALTIES)}", ("regularisation", key))
        called: set[str] = set()
        for number, suffix in enumerate(self.suffixes):
            with located(("layers", number, "name")):
                if suffix in called:
                    raise InvalidDescription(f"two layers are called {suffix!r}; names of layers differ")
                called.add(suffix)
                for tensor in (f"{stem}{suffix}" for stem in STEMS):
                    if keyword.iskeyword(tensor):
                        raise InvalidDescription(f"a layer called {suffix!r} would own {tensor!r}, a word of Python's; choose another name")

    @cached_property
    def given_inputs(self) -> dict[str, Input]:
        """What the network is given, by name."""
        if isinstance(self.input, Mapping):
            if not self.input:
                raise InvalidDescription("inputs: found none, expected at least one", ("inputs",))
            return {_input_name(name): _input(given, f"input {name}", ("inputs", name)) for name, given in self.input.items()}
        return {"x": _input(self.input, "input", ("input",))}

    @cached_property
    def chosen_kink(self) -> Kink | None:
        return chosen_kink(self.kink)

    @cached_property
    def suffixes(self) -> tuple[str, ...]:
        """What distinguishes the layers' tensors: the number, or the layer's own name."""
        return tuple(layer.name or str(number) for number, layer in enumerate(self.layers, 1))

    @cached_property
    def connections(self) -> tuple[Connected, ...]:
        """The layers in their places: what each reads, its equations, and the shape of its output."""
        return connected(self.given_inputs, self.layers, self.suffixes, self.layout)

    @property
    def output(self) -> str:
        """The tensor that the network predicts: the last layer's, or the first that the cost is of."""
        *_, last = self.suffixes
        named = self.cost_sources[0] if self.cost_sources else last
        return f"a{named}" if named in self.suffixes else named

    @cached_property
    def is_stack(self) -> bool:
        """Whether it is dense layers in a row over flat features called x, the form that has prose of its own in documents."""
        (*_, given) = self.given_inputs.values()
        plain = all(layer.kind == "dense" and not layer.sources and is_plain_dense(layer.chosen_options) for layer in self.layers)
        shared = any(layer.weights_of is not None for layer in self.layers)
        one = [*self.given_inputs] == ["x"] and len(given.shape) == 1 and given.vocabulary is None
        own_ways = self.cost_sources or self.from_logits or shared
        return plain and one and not own_ways

    @property
    def sizes(self) -> tuple[int, ...]:
        """Features of the input, then units of every layer of a stack."""
        (first, *_) = self.given_inputs.values()
        return (first.shape[0], *(layer.units for layer in self.layers))

    @cached_property
    def chosen_cost(self) -> Cost:
        """The cost as a formula, with what its targets are."""
        return _chosen_cost(self.cost, self.targets, self.constants)

    @cached_property
    def system(self) -> System:
        """The network as equations."""
        cost = NetworkCost(
            self.chosen_cost,
            self.cost_sources,
            self.cost_axis,
            self.from_logits,
            self.mask,
            self.reduction,
            self.regularisation,
            self.chosen_kink,
        )
        assembly = Assembly(self.given_inputs, self.connections, cost, self.layout, self.is_stack)
        return replace(assembly.system(cost_equations(assembly), self.name), initial=self.initial, outputs=(self.output,))

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
        implicit: Sequence[str] = (),
        kink: str | None = None,
        output: str | Sequence[str] = (),
    ) -> System:
        """The system of any network that can be written as index equations; see `chainrule.symbolic.language.system_reader`.

        `equations` is a text in the equation language, or SymPy's own: `Eq(z[n, j], Sum(W[j, k]*x[n, k], (k, 0, K - 1)))`, …
        The tensors that are named `implicit` solve their equations: z = f(z, …) is written as it stands. Functions have at a `kink` the
        slope to the "left", to the "right" or in the "middle". The `output` is the tensor that the network predicts, or several.
        """
        if not isinstance(equations, str):
            equations, ranges = text_of_equations(equations)
            sizes = {**ranges, **(sizes or {})}
        outputs = (output,) if isinstance(output, str) else output
        name, slope = usable_name(name), chosen_kink(kink)
        return system_from_equations(
            equations, parameters, inputs, targets, sizes, constants, batch, name, values, implicit, slope, outputs
        )

    @classmethod
    def stack(cls, shorthand: str, activation: str = "sigmoid", cost: str = "quadratic", targets: str | None = None) -> Network:
        """The network that `784-16-16-10` stands for: dense layers in a row, one activation for all."""
        sizes = []
        with located((), f"{shorthand}: "):
            for part in shorthand.split("-"):
                if not (part.isascii() and part.isdigit() and len(part) <= 8 and int(part) > 0):
                    raise InvalidDescription(f"sizes are whole numbers joined by '-', as in 784-16-16-10; found {part!r}")
                sizes.append(int(part))
            if len(sizes) < 2:
                raise InvalidDescription("an input size and at least one layer are needed, as in 784-16-16-10")
            layers = [Dense(units, activation) for units in sizes[1:]]
            return cls(sizes[0], layers, cost, name="network_" + "_".join(map(str, sizes)), targets=targets)


def _input(given: object, place: str, at: KeyPath) -> Input:
    """One input with its shape checked."""
    found = given if isinstance(given, Input) else Input(tuple(given) if isinstance(given, Sequence) else (given,))  # type: ignore[arg-type]
    for size in (*found.shape, *([found.vocabulary] if found.vocabulary is not None else [])):
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= MOST_FEATURES:
            raise InvalidDescription(f"{place} is a whole number from 1 to {MOST_FEATURES}, found {shown(size)}", at)
    if len(found.shape) > MOST_AXES:
        raise InvalidDescription(f"{place} has at most {MOST_AXES} axes, found {len(found.shape)}", at)
    return found


def _input_name(name: object) -> str:
    if not (isinstance(name, str) and name.isascii() and name.isidentifier() and not keyword.iskeyword(name)) or name in RESERVED_INPUTS:
        message = f"inputs: a name is letters, digits and underscores, and none of {', '.join(RESERVED_INPUTS)}; found {name!r}"
        raise InvalidDescription(message, ("inputs", str(name)))
    return name


def usable_name(name: str) -> str:
    """The name of a network, which files and the module are called by.

    Raises:
        InvalidDescription: where it is no identifier, or the module would hide one of Python's.
    """
    if not (name.isascii() and name.isidentifier() and not keyword.iskeyword(name)):
        raise InvalidDescription(f"name is an identifier (letters, digits, underscores), found {name!r}", ("name",))
    if name.startswith("__") or name in RUN_BY_ITSELF or DEVICE.fullmatch(name):
        message = f"name: a file called {name!r} has a meaning of its own to Python or to Windows; choose another name"
        raise InvalidDescription(message, ("name",))
    if name in sys.stdlib_module_names or name == "numpy":
        raise InvalidDescription(f"name: a module called {name!r} would hide Python's own; choose another name", ("name",))
    return name


def _chosen_cost(choice: str | Cost, targets: str | None, constants: Mapping[str, float]) -> Cost:
    if targets is not None and targets not in TARGETS:
        raise InvalidDescription(f"targets: {expected_one_of(targets, TARGETS)}; found {targets!r}", ("cost", "targets"))
    if isinstance(choice, str) and choice not in COSTS:
        if choice.isidentifier() and choice not in ("a", "y") and choice not in constants:
            message = f"unknown cost {choice!r}; {expected_one_of(choice, [*COSTS, 'a formula in a and y'])}"
            raise InvalidDescription(message, ("cost", "kind"))
        return Cost("formula", choice, TARGETS[targets or "numbers"], dict(constants))
    known = COSTS[choice] if isinstance(choice, str) else choice
    if targets is not None and TARGETS[targets] is not known.targets:
        if TARGETS[targets] is not Values.LABELS or known.name not in LABEL_COSTS:
            with_labels = " or ".join(LABEL_COSTS)
            raise InvalidDescription(
                f"the cost {known.name} takes {known.targets.value} as targets, found targets = {targets!r}"
                + (f"; labels go with {with_labels}" if targets == "labels" else ""),
                ("cost", "targets"),
            )
        known = LABEL_COSTS[known.name]
    unknown = [name for name in constants if name not in known.constants]
    if unknown:
        allowed = ", ".join(known.constants) or "none"
        raise InvalidDescription(f"the cost {known.name} has no constant {unknown[0]!r}; its constants: {allowed}", ("cost", unknown[0]))
    return replace(known, constants={**known.constants, **constants})
