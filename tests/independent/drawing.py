"""Random descriptions, made of pieces: a piece adds one or more equations of a kind, and reads what is there already or declares it.

What a system is made of is drawn first, then its axes, then the pieces in turn. Sizes are small, often equal for different axes, often 1;
some are fixed above 8, some are open. Whether the numbers stay moderate is not thought about here: who reads the system sees it, and draws
again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .equation_grammar import Name as NameNode
from .equation_grammar import Read, equations, every

AXIS_LETTERS = ("n", "t", "i", "j", "k", "c", "s", "d", "row", "q", "u", "h1", "l")
#: What axes that placements make up begin with.
PLACED = "zy"
STEMS = {
    "parameters": ("w", "W", "b", "beta", "gain", "U", "v0", "theta", "K"),
    "inputs": ("x", "X", "data", "img", "z_in", "feature", "e"),
    "targets": ("y", "target", "goal", "label_"),
    "integers": ("tok", "idx", "cls", "where_", "perm"),
    "defined": ("a", "hid", "z", "out", "r", "act", "score", "m", "prob", "g", "f", "S"),
}
NUMBERS = ("2", "0.5", "3", "0.25", "1", "-1", "0.1", "1.5", "pi", "4", "1e-3")
MOST_ENTRIES = 120


@dataclass(frozen=True)
class Drawn:
    """A description as a TOML file would hold it, the kinds of numbers for its arrays, sizes for its open axes, and what it is made of."""

    description: dict[str, Any]
    kinds: dict[str, str]
    sizes: dict[str, int]
    pieces: tuple[str, ...]


@dataclass
class Drawing:
    """A description on its way. Axes are called by their letters; a size of 0 is one that follows from others."""

    rng: random.Random
    size: dict[str, int] = field(default_factory=dict)
    is_open: set[str] = field(default_factory=set)
    tensors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    into: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    positive: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    constants: dict[str, float] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)
    #: Letters of sums around, though nothing inside reads them.
    bound: list[str] = field(default_factory=list)
    #: Axes that placements make up, whose sizes are not said, with the tensors that are placed.
    follows: dict[str, str] = field(default_factory=dict)

    # Choices.

    def odds(self, share: float) -> bool:
        return self.rng.random() < share

    def one_of(self, *choices: Any) -> Any:
        return self.rng.choice(choices)

    def subset(self, axes: Sequence[str], most: int, least: int = 0) -> tuple[str, ...]:
        """Some axes, in any order, which together have not too many entries."""
        wanted, entries, found = self.rng.randint(least, max(least, most)), 1, []
        for axis in self.rng.sample(list(axes), len(axes)):
            if len(found) < wanted and entries * max(1, self.size[axis]) <= MOST_ENTRIES:
                found.append(axis)
                entries *= max(1, self.size[axis])
        return tuple(found)

    # Names and declarations.

    def name(self, stem_of: str) -> str:
        stems = STEMS[stem_of]
        free = [stem for stem in stems if stem not in self.taken and stem not in self.size and stem not in AXIS_LETTERS]
        name = self.rng.choice(free) if free else f"{self.rng.choice(stems)}{len(self.taken)}"
        self.taken.add(name)
        return name

    def given(self, axes: Sequence[str], role: str = "", kind: str = "") -> str:
        role = role or self.one_of("parameters", "parameters", "inputs", "targets" if self.odds(0.3) else "inputs")
        if not axes and role != "parameters":
            role = "parameters"
        name = self.name(role)
        self.tensors[name], self.roles[name] = tuple(axes), role
        self.kinds[name] = kind or self.one_of("normal", "normal", "normal", "halves", "positive")
        if not kind and role != "parameters" and axes and self.odds(0.12):
            self.kinds[name] = self.one_of("unit", "signs", "one_hot")
            self.words[name] = self.kinds[name]
        if self.kinds[name] == "positive":
            self.positive.add(name)
        return name

    def label(self, axes: Sequence[str], into: str) -> str:
        """An integer tensor into an axis."""
        fitting = [name for name, axis in self.into.items() if axis == into and set(self.tensors[name]) <= set(axes)]
        if fitting and self.odds(0.6):
            return self.rng.choice(fitting)
        name = self.name("integers")
        self.tensors[name], self.roles[name], self.into[name] = tuple(axes), self.one_of("inputs", "inputs", "targets"), into
        self.kinds[name] = "label"
        return name

    def define(self, name: str, left: str, right: str, axes: Sequence[str]) -> None:
        self.lines.append(f"{left} = {right}")
        if name not in self.tensors:
            self.tensors[name] = tuple(axes)
            self.unread.append(name)

    def plain(self, axes: Sequence[str], right: str, stem: str = "defined") -> str:
        name = self.name(stem)
        left = f"{name}[{','.join(axes)}]" if axes else name
        self.define(name, left, right, axes)
        return name

    # Entries. `letters` are those that may be used, each with its axis.

    def read(self, letters: dict[str, str], positive: bool = False) -> str:
        here = set(letters.values())
        known = [
            name
            for name, axes in self.tensors.items()
            if name not in self.into
            and (not positive or name in self.positive)
            and sum(axis not in here for axis in axes) <= self.odds(0.2)
        ]
        recent = [name for name in self.unread if name in known]
        if recent and self.odds(0.55):
            name = self.rng.choice(recent)
        elif known and self.odds(0.5):
            name = self.rng.choice(known)
        else:
            axes = self.subset([axis for axis in dict.fromkeys(letters.values()) if self.size[axis]], 3)
            name = self.given(axes, kind="positive" if positive else "")
        return self.entry(name, letters)

    def entry(self, name: str, letters: dict[str, str]) -> str:
        if name in self.unread:
            self.unread.remove(name)
        if not self.tensors[name]:
            return name
        return f"{name}[{', '.join(self.place(axis, letters) for axis in self.tensors[name])}]"

    def place(self, axis: str, letters: dict[str, str]) -> str:
        own = [letter for letter, along in letters.items() if along == axis]
        if own and self.odds(0.78):
            return self.rng.choice(own)
        others = [letter for letter, along in letters.items() if self.size[along]]
        kinds = ["number"]
        if own:
            kinds += ["shift", "shift"]
        if others and self.size[axis]:
            kinds += ["sum", "backwards", "label", "label"]
        match self.rng.choice(kinds):
            case "shift":
                return f"{self.rng.choice(own)}{self.one_of('-1', '+1', '-2', '+3')}"
            case "sum":
                first, second = self.rng.choice(others), self.rng.choice(others)
                last = self.one_of("", "", "+1", "-1")
                if first == second:
                    return f"{self.one_of(2, 3)}*{first}{last}"
                return f"{self.one_of('', '2*')}{first}{self.one_of('+', '-')}{self.one_of('', '2*')}{second}{last}"
            case "backwards":
                letter = self.rng.choice(own or others)
                return f"{max(0, self.size[axis] - 1 + self.one_of(0, 0, 1, -1))}-{letter}"
            case "label":
                return self.computed(axis, {letter: letters[letter] for letter in others})
            case _:
                fixed = axis not in self.is_open and self.size[axis]
                return str(self.rng.randrange(self.size[axis]) if fixed else 0)

    def computed(self, axis: str, letters: dict[str, str]) -> str:
        """A place that an integer tensor says, itself read at a letter, at a shifted one or at a place that another one says."""
        axes = self.subset(list(dict.fromkeys(letters.values())), 2, 1)
        name = self.label(axes, axis)
        places = []
        for along in self.tensors[name]:
            letter = next((letter for letter, own in letters.items() if own == along), None)
            if letter is None:
                places.append("0")
            elif self.odds(0.2):
                places.append(f"{letter}{self.one_of('-1', '+1')}")
            elif self.odds(0.07):
                other = self.label((along,), along)
                places.append(f"{other}[{letter}]")
            else:
                places.append(letter)
        shift = self.one_of("+1", "-1") if self.odds(0.1) else ""
        if axis[0] in PLACED:
            # Beside a number nothing says that this is the axis of the labels.
            shift = ""
        return f"{name}[{', '.join(places)}]{shift}"

    # Expressions.

    def fresh(self, axis: str, taken: Sequence[str]) -> str:
        letter = axis
        while letter in (*taken, *self.bound):
            letter += "_"
        return letter

    def reduction(self, letters: dict[str, str], depth: int) -> str:
        inner = dict(letters)
        chosen = []
        usable = [axis for axis, size in self.size.items() if size]
        for axis in self.subset(usable, self.one_of(1, 1, 2), 1):
            letter = self.fresh(axis, list(inner))
            inner[letter] = axis
            chosen.append(letter)
        kind = self.one_of("sum", "sum", "sum", "mean", "max")
        read = self.odds(0.93)
        inside = self.expression(inner, depth - 1) if read else self.under(chosen, lambda: self.expression(letters, depth - 1))
        return f"{kind}({', '.join(chosen)}, {inside})"

    def under(self, chosen: Sequence[str], draw: Callable[[], str]) -> str:
        """What stands in a sum over letters that it does not read."""
        self.bound += chosen
        text = draw()
        del self.bound[-len(chosen) :]
        return text

    def bracketed(self, text: str) -> str:
        return f"({text})"

    def positive_expression(self, letters: dict[str, str], depth: int) -> str:
        match self.rng.randrange(8):
            case 0 | 1:
                return self.read(letters, positive=True)
            case 2:
                return f"exp({self.bounded(letters, depth - 1)})"
            case 3:
                return f"({self.one_of('0.5', '1', '0.1')} + ({self.expression(letters, depth - 1)})**2)"
            case 4:
                return f"sigmoid({self.expression(letters, depth - 1)})"
            case 5:
                return f"softplus({self.expression(letters, depth - 1)})"
            case 6:
                return f"(abs({self.expression(letters, depth - 1)}) + 0.3)"
            case _:
                return f"cosh({self.bounded(letters, depth - 1)})"

    def bounded(self, letters: dict[str, str], depth: int) -> str:
        inside = self.expression(letters, depth)
        return f"{self.one_of('tanh', 'sin', 'cos', 'sigmoid', 'arctan', 'erf')}({inside})"

    def condition(self, letters: dict[str, str], depth: int) -> str:
        sign = self.one_of(">", ">=", "<", "<=")
        names = list(letters)
        if names and self.odds(0.5):
            left = self.rng.choice(names)
            other = [name for name in names if name != left]
            return f"{left} {sign} {self.rng.choice(other) if other and self.odds(0.6) else self.one_of('0', '1', '2')}"
        left = self.read(letters) if self.odds(0.8) else f"({self.expression(letters, depth - 1)} + {self.read(letters)})"
        right = self.one_of("0", "0.5", self.read(letters))
        return f"{left} {sign} {right if right != left else '0'}"

    def expression(self, letters: dict[str, str], depth: int) -> str:
        if depth <= 0 or self.odds(0.12):
            return self.leaf(letters)
        kind = self.rng.choices(
            ("add", "product", "quotient", "function", "log", "reduction", "where", "extreme", "power", "negative"),
            (4, 4, 1, 3, 0.7, 3 if len(letters) < 5 else 0, 1.2, 1, 1.2, 0.4),
        )[0]

        def below() -> str:
            return self.expression(letters, depth - 1)

        match kind:
            case "add":
                return f"{below()} {self.one_of('+', '-')} {self.bracketed(below())}"
            case "product":
                return f"({below()})*({below()})"
            case "quotient":
                return f"({below()})/{self.positive_expression(letters, depth - 1)}"
            case "function":
                kind = self.one_of("bounded", "bounded", "abs", "relu", "softplus", "sign", "gauss", "arc", "tan")
                return {
                    "bounded": lambda: self.bounded(letters, depth - 1),
                    "abs": lambda: f"abs({below()})",
                    "relu": lambda: f"relu({below()})",
                    "softplus": lambda: f"softplus({below()})",
                    "sign": lambda: f"sign({below()})*{self.leaf(letters)}",
                    "gauss": lambda: f"exp(-({below()})**2)",
                    "arc": lambda: f"{self.one_of('arcsin', 'arccos')}({self.bounded(letters, depth - 1)}/2)",
                    "tan": lambda: f"{self.one_of('tan', 'sinh', 'cosh')}({self.bounded(letters, depth - 1)})",
                }[kind]()
            case "log":
                return f"{self.one_of('log', 'log', 'sqrt')}({self.positive_expression(letters, depth - 1)})"
            case "reduction":
                return self.reduction(letters, depth)
            case "where":
                return f"where({self.condition(letters, depth)}, {below()}, {below()})"
            case "extreme":
                first, second = below(), self.one_of("0", "0.5", below(), below())
                return f"{self.one_of('maximum', 'minimum')}({', '.join(self.rng.sample([first, second], 2))})"
            case "power":
                return self.power(letters, depth)
            case _:
                return f"-({below()})"

    def power(self, letters: dict[str, str], depth: int) -> str:
        match self.rng.randrange(6):
            case 0 | 1:
                return f"({self.expression(letters, depth - 1)})**{self.one_of(2, 2, 3)}"
            case 2:
                return f"({self.positive_expression(letters, depth - 1)})**{self.one_of('(-1)', '0.5', '1.5', '(-2)')}"
            case 3:
                return f"({self.positive_expression(letters, depth - 1)})**({self.bounded(letters, depth - 1)})"
            case 4:
                self.constants["gamma"] = self.constants.get("gamma", self.one_of(2, 3.0, 2.0))
                return f"({self.leaf(letters)})**gamma"
            case _:
                return f"{self.one_of('2', '0.5')}**({self.bounded(letters, depth - 1)})"

    def leaf(self, letters: dict[str, str]) -> str:
        choice = self.rng.random()
        if choice < 0.07:
            return str(self.one_of(*NUMBERS))
        if choice < 0.1:
            self.constants["eps"] = self.constants.get("eps", self.one_of(0.5, 1e-5, 0.7, 3))
            return "eps"
        if choice < 0.13 and letters:
            return self.rng.choice(list(letters))
        if choice < 0.16 and self.into:
            fitting = [name for name in self.into if set(self.tensors[name]) <= set(letters.values())]
            if fitting:
                return self.entry(self.rng.choice(fitting), letters)
        return self.read(letters)

    # The whole.

    def depends(self, names: set[str]) -> bool:
        """Whether what these names stand for depends on a parameter."""
        reads: dict[str, set[str]] = {}
        for line in self.lines:
            left, _, right = line.partition(" = ")
            reads.setdefault(next(iter(re.findall(r"\w+", left))), set()).update(names_in(right))
        waiting, seen = list(names), set()
        while waiting:
            name = waiting.pop()
            if self.roles.get(name) == "parameters":
                return True
            if name not in seen:
                seen.add(name)
                waiting += reads.get(name, ())
        return False

    def start(self) -> None:
        count = self.one_of(1, 2, 2, 3, 3, 4)
        same = self.one_of(2, 3)
        for letter in self.rng.sample(AXIS_LETTERS, count):
            kind = self.rng.choices(("small", "same", "one", "large"), (5, 3, 1.2, 0.8))[0]
            self.size[letter] = {"small": self.one_of(2, 3, 4, 5), "same": same, "one": 1, "large": self.rng.randint(9, 12)}[kind]
            if self.odds(0.3) and kind != "large":
                self.is_open.add(letter)

    def finished(self) -> Drawn:
        text = "\n".join(self.lines)
        used = {node.name for row in equations(text) for top in (*row.places, row.right) for node in every(top) if hasattr(node, "name")}
        given = {name: axes for name, axes in self.tensors.items() if name in self.roles and name in used}
        written: dict[str, list[str]] = {"inputs": [], "targets": [], "parameters": []}
        for name, axes in given.items():
            places = f"{name}[{','.join(axes)}]" if axes else name
            word = self.into.get(name) or self.words.get(name)
            written[self.roles[name]].append(f"{places} in {word}" if word else places)
        from_arrays = {axis for name, axes in given.items() for axis in axes}
        letters = {
            node.name.rstrip("_")
            for row in equations(text)
            for top in (*row.places, row.right)
            for node in every(top)
            if isinstance(node, NameNode)
        }
        named = letters | from_arrays | {axis for name, axis in self.into.items() if name in given}
        # An axis that placements make up has a letter where something reads along it.
        rights = [node for row in equations(text) for node in every(row.right) if isinstance(node, Read)]
        along = {(read.name, place.name.rstrip("_")) for read in rights for place in read.places if isinstance(place, NameNode)}
        follows = {axis for axis, name in self.follows.items() if (name, axis) in along}
        fixed = {
            axis: size for axis, size in self.size.items() if size and axis in named and axis not in (self.is_open & from_arrays) | follows
        }
        description: dict[str, Any] = {"name": "drawn", "equations": text, **{role: names for role, names in written.items() if names}}
        if fixed:
            description["sizes"] = fixed
        constants = {name: value for name, value in self.constants.items() if name in used}
        if constants:
            description["constants"] = constants
        # Rows of classes lie along another axis than the examples.
        rows = {axes[0] for name, axes in given.items() if self.words.get(name) == "one_hot" and len(axes) == 1}
        batches = [axis for name, axes in given.items() if self.roles[name] == "inputs" for axis in axes[:1] if axis not in rows]
        if batches and self.odds(0.2):
            description["batch"] = batches[0]
        kinds = {name: self.kinds[name] for name in given}
        return Drawn(description, kinds, {axis: size for axis, size in self.size.items() if size and axis not in fixed}, tuple(self.pieces))


def names_in(text: str) -> set[str]:
    """All words of a text."""
    return set(re.findall(r"[A-Za-z_]\w*", text))


Piece = Callable[[Drawing], None]
