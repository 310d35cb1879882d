"""From layers to equations: names and letters are given out, and every layer's equations written with them.

What comes out is declarations and equations as a user would write them, so layers and equations share one way to a system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.symbolic.index.axes import PRIME
from chainrule.symbolic.index.failures import InvalidDescription, located
from chainrule.symbolic.index.kink import Kink
from chainrule.symbolic.language.formula_text import Formulas, NamedEntry, with_slopes, written_for
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

from .connections import Connected, Input, own_letters
from .costs import NetworkCost
from .layer_equations import LayerEquations, spread
from .layout import Layout
from .names import NameAllocator

WORD = re.compile(r"[A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class Signal:
    """What a layer gives to the next: a tensor, the letters of an example's axes, and the axis that labels point into.

    `classes` is the place of the axis of classes among the letters: channels or features.
    """

    name: str
    letters: tuple[str, ...]
    points_into: str | None = None
    classes: int = -1

    @property
    def unit(self) -> str:
        """The letter of the axis of classes; empty where an example is a single number."""
        return self.letters[self.classes] if self.letters else ""


def declaration(name: str, axes: Iterable[str], into: str | None) -> str:
    """A declaration in the equation language: tok[n,t] in v."""
    return f"{name}[{','.join(axes)}]" + (f" in {into}" if into else "")


class Assembly:
    """A network on its way to a system: the equations of its layers, to which those of its cost are added."""

    def __init__(
        self, given_inputs: Mapping[str, Input], layers: tuple[Connected, ...], cost: NetworkCost, layout: Layout, is_stack: bool
    ) -> None:
        self.given_inputs, self.layers, self.cost, self.layout = given_inputs, layers, cost, layout
        self.inputs: list[str] = []
        self.parameters: list[str] = []
        self.lines: list[str] = []
        self.shared: dict[tuple[str, int], str] = {}
        self.signals: dict[str, Signal] = {}
        self.weights: dict[str, dict[str, str]] = {}
        self.order: list[str] = []
        self.formulas = Formulas()
        tensor_names = {f"{name}{layer.suffix}" for layer in self.layers for name in own_names(layer)} | {*given_inputs}
        for placed in self.layers:
            for name in own_names(placed):
                if f"{name}{placed.suffix}" in given_inputs:
                    message = f"inputs: {name + placed.suffix!r} is a tensor of layer {placed.suffix}; choose another name"
                    raise InvalidDescription(message, ("inputs", name + placed.suffix))
        if cost.from_logits:
            tensor_names.add(cost.probabilities_name(given_inputs))
        constants = {name for placed in layers for name in placed.layer.formula.constants} | set(cost.cost.constants)
        self.given_out = NameAllocator(tensor_names, constants, 1 + len(layers), numbered=is_stack)
        for name, given in given_inputs.items():
            self.input(name, given)
        for number, placed in enumerate(layers):
            with located(("layers", number), f"layer {placed.suffix}: "):
                self.layer(placed)

    def system(self, targets: Sequence[str], name: str) -> System:
        """All lines as a system; a network's targets are its cost's."""
        system = system_from_equations(
            "\n".join(self.lines),
            self.parameters,
            self.inputs,
            targets,
            self.given_out.sizes,
            self.given_out.constants,
            "n",
            name,
        )
        # A layer's weights beside its equations, as they are read.
        tensors = {name: system.tensors[name] for name in self.order} | dict(system.tensors)
        axes = {letter: system.axes[letter] for letter in ("n", *self.given_out.sizes) if letter in system.axes} | dict(system.axes)
        # The letters are those of the layers' texts, and no user's.
        axes = {name: replace(axis, letters=()) for name, axis in axes.items()}
        kinks = frozenset(kink for kink in (self.cost.kink, *map(self.kink, self.layers)) if kink is not None)
        return replace(system, tensors=tensors, axes=axes, kinks=kinks)

    def input(self, name: str, given: Input) -> None:
        first = next((layer for layer in self.layers if name in layer.sources), None)
        wanted = [letter for letter in own_letters(first.forward.sources[first.sources.index(name)]) if letter != ".."] if first else []
        if len(wanted) != len(given.shape):
            rest = [] if given.vocabulary or not given.shape else ["i"]
            wanted = [*"tucdef"[: len(given.shape) - len(rest)], *rest]
        letters = tuple(
            self.given_out.feature(size, name) if letter == "i" else self.given_out.letter(letter, size, name)
            for letter, size in zip(wanted, given.shape, strict=True)
        )
        into = self.given_out.letter("v", given.vocabulary, name) if given.vocabulary else None
        self.signals[name] = Signal(name, letters, into)
        self.inputs.append(declaration(name, self.layout.data(*letters), into))
        self.order.append(name)

    def layer(self, placed: Connected) -> None:
        """One layer's declarations and equations, its own names replaced by the network's."""
        forward, layer, suffix = placed.forward, placed.layer, placed.suffix
        signals = [self.signals[source] for source in placed.sources]
        names, between = self.names(placed, signals)
        left = "z" if layer.has_activation else "a"
        names["out"] = f"{left}{suffix}"
        for declared in forward.parameters:
            if layer.weights_of is None:
                self.declare(self.parameters, declared, names, between, layer.kind)
        for declared in forward.inputs:
            self.declare(self.inputs, declared, names, between)
        for name, value in forward.constants.items():
            names[name] = self.given_out.constant(name, value, suffix)
        for equation in forward.equations:
            written = with_slopes(self.renamed(equation, names, between, layer.kind), self.kink(placed))
            self.lines.append(written)
            self.order.append(written.split(" = ", 1)[0].split("[")[0])
        letters = tuple(letter for letter in self.renamed(f",{forward.result}", names, between)[1:].split(",") if letter)
        output = f"a{suffix}"
        if layer.has_activation:
            before = names["out"] if forward.equations else signals[0].name
            self.activation(before, output, letters, placed)
        self.signals[output] = Signal(output, letters, classes=placed.classes)

    def names(self, placed: Connected, signals: list[Signal]) -> tuple[dict[str, str], tuple[str, ...]]:
        """The network's names for a layer's tensors and letters, and the letters that two dots stand for."""
        forward, suffix = placed.forward, placed.suffix
        names = {name: f"{name}{suffix}" for name in own_names(placed)}
        between: tuple[str, ...] = ()
        for declared, signal in zip(forward.sources, signals, strict=True):
            local = own_letters(declared)
            names[declared.split("[")[0]] = signal.name
            start = local.index("..") if ".." in local else len(local)
            behind = len(local) - start - 1
            names |= dict(zip(local[:start], signal.letters, strict=False))
            if ".." in local:
                between = signal.letters[start : len(signal.letters) - behind]
                names |= dict(zip(local[start + 1 :], signal.letters[len(signal.letters) - behind :], strict=True))
            if signal.points_into:
                names["v"] = signal.points_into
        for letter, size in forward.sizes.items():
            names[letter] = self.new_letter(letter, size, placed)
        self.keep_apart(forward, names)
        if placed.layer.weights_of is not None:
            names |= self.weights_of(placed)
        else:
            self.weights[suffix] = names
        return names, between

    def keep_apart(self, forward: LayerEquations, names: dict[str, str]) -> None:
        """Two letters of a layer over one axis of the network, as the steps t and u of queries and keys, become t and t_."""
        given: set[str] = set()
        for letter in dict.fromkeys(letter for declared in forward.sources for letter in own_letters(declared) if letter != ".."):
            while names[letter] in given:
                names[letter] += PRIME
            given.add(names[letter])

    def new_letter(self, letter: str, size: int, placed: Connected) -> str:
        if letter in placed.forward.shared:
            if (letter, size) not in self.shared:
                self.shared[letter, size] = self.given_out.letter(letter, size, placed.suffix)
            return self.shared[letter, size]
        if letter in placed.forward.features:
            return self.given_out.feature(size, placed.suffix)
        return self.given_out.letter(letter, size, placed.suffix)

    def weights_of(self, placed: Connected) -> dict[str, str]:
        """The parameters of another layer, which this one uses as its own."""
        other = next((layer for layer in self.layers if layer.suffix == placed.layer.weights_of), None)
        with located(("weights_of",), "weights_of: "):
            if other is None or other.suffix not in self.weights:
                raise InvalidDescription(f"found {placed.layer.weights_of!r}, expected the number or name of a layer before this one")
            if other.forward.parameters != placed.forward.parameters:
                raise InvalidDescription(f"layer {other.suffix} has other parameters ({other.layer.kind}); both have to be alike")
        theirs = self.weights[other.suffix]
        found = {}
        for declared in placed.forward.parameters:
            name = declared.split("[")[0]
            found[name] = theirs[name]
        return found

    def declare(self, where: list[str], declared: str, names: Mapping[str, str], between: tuple[str, ...], kind: str = "") -> None:
        written = self.renamed(declared, names, between, kind)
        where.append(written)
        self.order.append(written.split("[")[0])

    def renamed(self, text: str, names: Mapping[str, str], between: tuple[str, ...], kind: str = "") -> str:
        """A text of a layer in the network's names; a letter keeps its primes."""

        def rename(match: re.Match[str]) -> str:
            word = match[0]
            stem = word.rstrip(PRIME)
            return names.get(word) or (names[stem] + word[len(stem) :] if stem in names else word)

        written = spread(WORD.sub(rename, text), between)
        return self.laid_out(written, names) if kind == "dense" else written

    def laid_out(self, text: str, names: Mapping[str, str]) -> str:
        """The text of a dense layer with data and weights in the layout of the network: x[i,n], W[i,j]."""
        layout = self.layout
        if layout.weights == "in-out":
            text = text.replace(f"{names['W']}[{names['j']},{names['i']}]", f"{names['W']}[{names['i']},{names['j']}]")
        if layout.examples == "columns":
            text = re.sub(r"\[n,(\w+)\]", r"[\1,n]", text)
        return text

    def activation(self, before: str, output: str, letters: tuple[str, ...], placed: Connected) -> None:
        formula, suffix = placed.layer.formula, placed.suffix
        axes = self.layout.data(*letters)
        with located(("activation",)):
            constants = {name: self.given_out.constant(name, value, suffix) for name, value in formula.constants.items()}
        with located(("activation", "expression"), "activation: "):
            self.formulas.checked(formula.expression, ("z",), constants)
        entry = NamedEntry(before, axes, letters[placed.classes] if letters else None)
        written = written_for(formula.expression, {"z": entry}, constants, self.kink(placed), formula.meeting)
        self.lines.append(f"{output}[{','.join(axes)}] = {written}")
        self.order.append(output)

    def kink(self, placed: Connected) -> Kink | None:
        """The slope that is taken at the kinks of a layer."""
        return placed.layer.chosen_kink or self.cost.kink


def own_names(layer: Connected) -> Iterable[str]:
    """The local names of the tensors that a layer has, without those that come in."""
    forward = layer.forward
    written = [*forward.parameters, *forward.inputs, *(equation.split(" = ", 1)[0] for equation in forward.equations)]
    found = dict.fromkeys(text.split("[")[0] for text in written)
    found.pop("out", None)
    return [*found, *(["z"] if layer.layer.has_activation else []), "a"]
