"""From layers to a system: names and letters are given out, and every layer's equations written with them.

What comes out is declarations and equations as a user would write them, so layers and equations share one way to a system.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sympy import Expr

from .axes import PRIME, index
from .costs import Cost
from .declared import system_from_equations
from .equations import System
from .failures import InvalidDescription, shown
from .formulas import Entry, written_for
from .language import RESERVED, Scope, parse_expression
from .layers.connections import Connected, Input, connected, own_letters
from .layers.forward import Forward, spread
from .letters import free_letters
from .penalties import PENALTIES
from .tensors import Values, adjoint_name, entry, scalar

if TYPE_CHECKING:
    from .network import Network

#: Letters for the axes of features and units; n is the example. Networks with more layers number theirs: i0, i1, …
LETTERS = "ijkmpqrstuv"
TAKEN_NAMES = frozenset({"x", "y", "z", "a", "n", "N", "C", "R"})
#: Terms of a penalty in one equation.
MOST_TERMS = 5  # of up to five indices each
WORD = re.compile(r"[A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class Signal:
    """What a layer gives to the next: a tensor, the letters of an example's axes, and the axis that labels point into."""

    name: str
    letters: tuple[str, ...]
    points_into: str | None = None


class Assembly:
    """A network on its way to a system."""

    def __init__(self, network: Network) -> None:
        self.network, self.layout = network, network.layout
        self.layers = connected(network.given_inputs, network.layers, network.suffixes, network.layout)
        self.constants: dict[str, float] = {}
        self.sizes: dict[str, int] = {}
        self.inputs: list[str] = []
        self.parameters: list[str] = []
        self.lines: list[str] = []
        self.read: dict[tuple[object, ...], Expr] = {}
        self.shared: dict[tuple[str, int], str] = {}
        self.signals: dict[str, Signal] = {}
        self.weights: dict[str, dict[str, str]] = {}
        self.order: list[str] = []
        self.tensor_names = (
            {f"{name}{layer.suffix}" for layer in self.layers for name in _own_names(layer)} | TAKEN_NAMES | {*network.given_inputs}
        )
        used = {name for layer in network.layers for name in layer.formula.constants} | set(network.chosen_cost.constants)
        self.available = [letter for letter in LETTERS if letter not in used | self.tensor_names]
        widths = 1 + len(self.layers)
        if network.is_stack and widths > len(self.available):
            self.available = [f"i{number}" for number in range(widths)]
        self.taken = set(self.tensor_names) | used | {"n", "N"}
        adjoints = {adjoint_name(name) for name in self.tensor_names}
        self.own_names = self.tensor_names | adjoints | {*self.available[:widths]} | {f"N_{letter}" for letter in self.available[:widths]}

    def system(self) -> System:
        for name, given in self.network.given_inputs.items():
            self.input(name, given)
        for layer in self.layers:
            self.layer(layer)
        targets, values = self.cost()
        system = system_from_equations(
            "\n".join(self.lines),
            self.parameters,
            self.inputs,
            targets,
            self.sizes,
            self.constants,
            "n",
            self.network.name,
            values,
        )
        # A layer's weights beside its equations, as they are read.
        tensors = {name: system.tensors[name] for name in self.order} | dict(system.tensors)
        axes = {letter: system.axes[letter] for letter in ("n", *self.sizes) if letter in system.axes} | dict(system.axes)
        return replace(system, tensors=tensors, axes=axes)

    def letter(self, wanted: str, size: int, suffix: str) -> str:
        """A letter that no other axis has: the wanted one, with the layer's number where that is taken."""
        free = wanted if wanted not in self.taken else f"{wanted}{suffix}"
        while free in self.taken:
            free += "a"
        return self.take(free, size)

    def take(self, letter: str, size: int) -> str:
        self.taken.add(letter)
        self.sizes[letter] = size
        return letter

    def feature(self, size: int, suffix: str) -> str:
        """The letter of an axis of features or units: the next of the alphabet."""
        free = next((letter for letter in self.available if letter not in self.taken), None)
        return self.take(free, size) if free else self.letter("j", size, suffix)

    def input(self, name: str, given: Input) -> None:
        first = next((layer for layer in self.layers if name in layer.sources), None)
        wanted = [letter for letter in own_letters(first.forward.sources[first.sources.index(name)]) if letter != ".."] if first else []
        if len(wanted) != len(given.shape):
            rest = [] if given.vocabulary or not given.shape else ["i"]
            wanted = [*"tucdef"[: len(given.shape) - len(rest)], *rest]
        letters = tuple(
            self.feature(size, name) if letter == "i" else self.letter(letter, size, name)
            for letter, size in zip(wanted, given.shape, strict=True)
        )
        into = self.letter("v", given.vocabulary, name) if given.vocabulary else None
        self.signals[name] = Signal(name, letters, into)
        self.inputs.append(_declaration(name, self.layout.data(*letters), into))
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
            names[name] = self.constant(name, value, suffix, f"layer {suffix}")
        for equation in forward.equations:
            written = self.renamed(equation, names, between, layer.kind)
            self.lines.append(written)
            self.order.append(written.split("[")[0])
        letters = tuple(letter for letter in self.renamed(f",{forward.result}", names, between)[1:].split(",") if letter)
        output = f"a{suffix}"
        if layer.has_activation:
            before = names["out"] if forward.equations else signals[0].name
            self.activation(before, output, letters, placed)
        self.signals[output] = Signal(output, letters)
        self.order = list(dict.fromkeys(self.order))

    def names(self, placed: Connected, signals: list[Signal]) -> tuple[dict[str, str], tuple[str, ...]]:
        """The network's names for a layer's tensors and letters, and the letters that two dots stand for."""
        forward, suffix = placed.forward, placed.suffix
        names = {name: f"{name}{suffix}" for name in _own_names(placed)}
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

    def keep_apart(self, forward: Forward, names: dict[str, str]) -> None:
        """Two letters of a layer over one axis of the network, as the steps t and u of queries and keys, become t and t_."""
        given: set[str] = set()
        for letter in dict.fromkeys(letter for declared in forward.sources for letter in own_letters(declared) if letter != ".."):
            while names[letter] in given:
                names[letter] += PRIME
            given.add(names[letter])

    def new_letter(self, letter: str, size: int, placed: Connected) -> str:
        if letter in placed.forward.shared:
            if (letter, size) not in self.shared:
                self.shared[letter, size] = self.letter(letter, size, placed.suffix)
            return self.shared[letter, size]
        if letter in placed.forward.features:
            return self.feature(size, placed.suffix)
        return self.letter(letter, size, placed.suffix)

    def weights_of(self, placed: Connected) -> dict[str, str]:
        """The parameters of another layer, which this one uses as its own."""
        other = next((layer for layer in self.layers if layer.suffix == placed.layer.weights_of), None)
        here = f"layer {placed.suffix}: weights_of"
        if other is None or other.suffix not in self.weights:
            raise InvalidDescription(f"{here}: found {placed.layer.weights_of!r}, expected the number or name of a layer before this one")
        if other.forward.parameters != placed.forward.parameters:
            raise InvalidDescription(f"{here}: layer {other.suffix} has other parameters ({other.layer.kind}); both have to be alike")
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
        place = f"layer {suffix}"
        constants = {name: self.constant(name, value, suffix, place) for name, value in formula.constants.items()}
        self.checked(formula.expression, ("z",), constants, f"{place}: activation")
        entry = Entry(before, axes, letters[-1] if letters else None)
        self.lines.append(f"{output}[{','.join(axes)}] = {written_for(formula.expression, {'z': entry}, constants)}")
        self.order.append(output)

    def checked(self, text: str, names: tuple[str, ...], constants: Mapping[str, str], place: str, labels: bool = False) -> Expr:
        """A formula as it is read by itself, so that what is wrong with it is said in its own words.

        `names` are entries of the unit j; with `labels`, y is a place of it.
        """
        key = (text, names, tuple(constants), labels)
        if key not in self.read:
            n, j = index("n"), index("j")
            entries = {name: entry(name, (n, j)) for name in names}
            values: dict[str, Expr] = {name: scalar(name) for name in constants}
            if "y" not in names:
                values["y"] = entry("y", (n,), labels)
            try:
                self.read[key] = parse_expression(text, Scope(values=values, entries=entries, unit=j))
            except InvalidDescription as problem:
                raise InvalidDescription(f"{place}: {problem}") from None
        return self.read[key]

    def cost(self) -> tuple[list[str], dict[str, Values]]:
        """The cost and the penalty as equations; the targets that they take."""
        network, cost = self.network, self.network.chosen_cost
        outputs = self.outputs(cost)
        letters = outputs[0].letters
        *between, unit = letters or ("",)
        labels = cost.targets is Values.LABELS
        per_example = labels or cost.one_target_an_example
        axes = self.layout.data(*between) if per_example else self.layout.data(*letters)
        constants = {name: self.constant(name, value, "_cost", "cost") for name, value in cost.constants.items()}
        entries = {name: Entry(output.name, self.layout.data(*letters), unit) for name, output in zip("abc", outputs, strict=False)}
        targets: list[str] = []
        kinds: dict[str, Values] = {}
        names = tuple(entries)
        if cost.has_target:
            targets.append(_declaration("y", axes, unit if labels else None))
            kinds = {} if labels else {"y": cost.targets}
            entries["y"] = Entry("y", axes, None if per_example else unit)
            names = names if per_example else tuple(entries)
        formula = self.checked(cost.expression, names, constants, "cost", labels)
        written = written_for(cost.expression, entries, constants)
        # −Σ y log a rather than Σ −y log a.
        sign, written = ("-", f"-({written})") if formula.could_extract_minus_sign() else ("", written)
        body = f"sum({unit}, {written})" if index("j") in free_letters(formula) else written
        places = ", ".join(("n", *between))
        if network.mask:
            targets.append(_declaration("mask", axes, None))
            mask = f"mask[{','.join(axes)}]"
            total = f"sum({places}, {mask}*({body}))" + (f"/sum({places}, {mask})" if network.reduction == "mean" else "")
        else:
            total = f"{network.reduction}({places}, {body})"
        penalty = self.penalty() if network.regularisation else ""
        self.lines.append(f"C = {sign}{total}{penalty}")
        self.order += [declared.split("[")[0] for declared in targets]
        return targets, kinds

    def outputs(self, cost: Cost) -> list[Signal]:
        """The layers that the cost is of: the last one, or those that it names."""
        chosen = self.network.cost_sources or (self.layers[-1].output,)
        if len(chosen) != len(cost.layers):
            expected = "one layer" if len(cost.layers) == 1 else f"{len(cost.layers)} layers: {', '.join(cost.layers)}"
            raise InvalidDescription(f"cost: from: found {len(chosen)}, but {cost.name} is of {expected}")
        named = {layer.suffix: layer.output for layer in self.layers}
        found = []
        for name in chosen:
            output = named.get(name, name)
            if output not in self.signals:
                raise InvalidDescription(f"cost: from: unknown layer {name!r}; expected one of {', '.join(self.signals)}")
            found.append(self.signals[output])
        first = [self.sizes[letter] for letter in found[0].letters]
        for other in found[1:]:
            sizes = [self.sizes[letter] for letter in other.letters]
            if sizes != first:
                raise InvalidDescription(
                    f"cost: from: {found[0].name} has the shape {first} and {other.name} {sizes}; they have to be equal"
                )
        # The same places of all outputs are compared, so they have the same letters.
        return [Signal(output.name, found[0].letters) for output in found]

    def penalty(self) -> str:
        """The regularisation as an equation of its own, R: of weights, which have two axes or more, not of biases."""
        terms = []
        for key, factor in self.network.regularisation.items():
            self.constants[key] = _finite(factor, f"regularisation {key}")
            for declared in self.parameters:
                letters = own_letters(declared)
                if len(letters) >= 2:
                    terms.append(f"{key}*sum({', '.join(letters)}, {written_for(PENALTIES[key], {'w': Entry(declared, ())}, {})})")
        # A deep network's in parts, since an equation has its limits.
        part = 0
        while len(terms) > MOST_TERMS:
            parts = [terms[start : start + MOST_TERMS] for start in range(0, len(terms), MOST_TERMS)]
            self.lines += [f"R_{part + number} = {' + '.join(some)}" for number, some in enumerate(parts)]
            terms = [f"R_{part + number}" for number in range(len(parts))]
            part += len(parts)
        self.lines.append(f"R = {' + '.join(terms) or '0'}")
        self.order.append("R")
        return " + R"

    def constant(self, name: str, value: float, suffix: str, place: str) -> str:
        """The name of a constant in the system; one name with two values in a network gets the layer's number."""
        if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
            raise InvalidDescription(f"{place}: a constant's name is an identifier, found {name!r}")
        if name in RESERVED or name in PENALTIES or name in self.own_names:
            raise InvalidDescription(f"{place}: {name!r} already has a meaning; give the constant another name")
        number = _finite(value, f"{place}: constant {name}")
        unique = name
        while self.constants.get(unique, number) != number:
            unique += suffix
        self.constants[unique] = number
        self.taken.add(unique)
        return unique


def _own_names(layer: Connected) -> Iterable[str]:
    """The local names of the tensors that a layer has, without those that come in."""
    forward = layer.forward
    written = [*forward.parameters, *forward.inputs, *(equation.split(" = ", 1)[0] for equation in forward.equations)]
    found = dict.fromkeys(text.split("[")[0] for text in written)
    found.pop("out", None)
    return [*found, *(["z"] if layer.layer.has_activation else []), "a"]


def _declaration(name: str, axes: Iterable[str], into: str | None) -> str:
    return f"{name}[{','.join(axes)}]" + (f" in {into}" if into else "")


def _finite(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise InvalidDescription(f"{what} is a finite number, found {shown(value)}")
    return float(value)
