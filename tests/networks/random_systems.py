"""Random networks in the equation language, as text.

Sizes are different small primes. Every letter has a size, so that a reader who knows nothing of axes can follow: a letter's range is
what `sizes` says, wherever it stands. Arguments of functions are kept in their domains, and values moderate, by the way they are written.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PRIMES = (2, 3, 5, 7)
MOST_ENTRIES = 70
MOST_TERMS = 40
#: How a function keeps its argument where it is defined and its value moderate.
FUNCTIONS = {
    "exp": "exp(tanh({}))",
    "decay": "exp(-({})**2)",
    "log": "log(1 + ({})**2)",
    "logit": "log(1 + exp(3*tanh({})))",
    "sqrt": "sqrt(1 + ({})**2)",
    "abs": "abs({})",
    "sign": "sign({0})*({0})",
    "sin": "sin({})",
    "cos": "cos({})",
    "tan": "tan(tanh({})/2)",
    "sinh": "sinh(sin({}))",
    "cosh": "cosh(sin({}))",
    "tanh": "tanh({})",
    "arcsin": "arcsin(tanh({})/2)",
    "arccos": "arccos(tanh({})/2)",
    "arctan": "arctan({})",
    "erf": "erf({})",
    "sigmoid": "sigmoid({})",
    "relu": "relu({})",
    "softplus": "softplus({})",
}
#: Words over letters at hand, whose value is one for each of their places, and words that take letters away.
ALONG = {
    "softmax": "softmax({0}, {1})",
    "log_softmax": "log_softmax({0}, {1})",
    "cumsum": "cumsum({0}, {1})",
    "cumprod": "cumprod({0}, 1 + tanh({1})/2)",
}
OVER = {
    "logsumexp": "logsumexp({0}, {1})",
    "prod": "prod({0}, 1 + tanh({1})/2)",
    "norm": "norm({0}, 0.5 + ({1}))",
    "var": "var({0}, {1})",
    "std": "std({0}, {1})",
}
#: Those that may run over a part of an axis.
OVER_A_PART = ("softmax", "logsumexp", "prod", "norm")
OF_ONE_NUMBER = {
    "clip": "clip({0}, -0.5, 0.7)",
    "stop": "stop({0})*({1})",
    "round": "{0} + stop(round({0}) - ({0}))",
    "floor": "floor(3*tanh({0}))*({1})",
    "ceil": "ceil(2*sin({0}))/2 + {1}",
}
WORDS = (*ALONG, *OVER, *OF_ONE_NUMBER, "part of an axis", "bracket", "condition")
BOUNDED = ("tanh({})", "sigmoid({})", "sin({})", "0.5*arctan({})", "({})/4", "tanh({})/2")


@dataclass(frozen=True)
class RandomSystem:
    """What `system_from_equations` takes, the size and the axis of every letter, and what occurs in the equations."""

    description: dict[str, Any]
    sizes: dict[str, int]
    axes: dict[str, str]
    features: Counter[str]

    def __str__(self) -> str:
        rest = {key: value for key, value in self.description.items() if key != "equations"}
        return f"{self.description['equations']}\n{rest}\nsizes of all letters: {self.sizes}"


@dataclass
class _Writer:
    """One system on its way. `axis` says along which axis a letter runs; a tensor is its name with the axes of its places."""

    rng: random.Random
    axis: dict[str, str] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)
    tensors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    declared: dict[str, list[str]] = field(default_factory=lambda: {"inputs": [], "targets": [], "parameters": []})
    integers: dict[str, str] = field(default_factory=dict)
    defined: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    features: Counter[str] = field(default_factory=Counter)
    constants: dict[str, float] = field(default_factory=dict)
    #: Inside of a recurrence: its tensors, and the written places at which each may be read along the recurrent axis.
    members: dict[str, list[str]] = field(default_factory=dict)
    recurrent: str = ""
    last_number: int = 0
    #: Whether it is written with the words that are short for others, too.
    has_words: bool = False

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def note(self, feature: str) -> None:
        self.features[feature] += 1

    def next_number(self) -> int:
        self.last_number += 1
        return self.last_number

    def start(self) -> None:
        for name, size in zip("ijkm", self.rng.sample(PRIMES, self.rng.choice((2, 3, 3, 4))), strict=False):
            self.axis[name], self.size[name] = name, size

    @property
    def axes(self) -> list[str]:
        return list(dict.fromkeys(self.axis.values()))

    # Tensors.

    def new(self, role: str, axes: Sequence[str], points_into: str = "") -> str:
        stem = {"parameters": "W" if axes else "b", "inputs": "X", "targets": "Y"}[role]
        name = f"{'q' if points_into else stem}{self.next_number()}"
        self.tensors[name] = tuple(axes)
        written = f"{name}[{','.join(axes)}]" if axes else name
        if points_into:
            self.integers[name] = points_into
        self.declared[role].append(f"{written} in {points_into}" if points_into else written)
        return name

    def axes_for(self, letters: Sequence[str], most: int) -> list[str]:
        """Some different axes, mostly those of the letters at hand; all, where there are four and that many are wanted."""
        if 3 < most == len(self.axes) and letters:
            return self.rng.sample(self.axes, most)
        near = list(dict.fromkeys(self.axis[letter] for letter in letters))
        far = [axis for axis in self.axes if axis not in near and self.chance(0.12)]
        chosen: list[str] = []
        entries = 1
        for axis in self.rng.sample(near + far, len(near) + len(far)):
            if len(chosen) < most and entries * self.size[axis] <= MOST_ENTRIES and self.chance(0.8):
                chosen.append(axis)
                entries *= self.size[axis]
        return chosen

    def integer_tensor(self, into: str, letters: Sequence[str]) -> str | None:
        """An integer tensor into an axis, whose own axes some letters at hand have."""
        here = {self.axis[letter] for letter in letters}
        fitting = [name for name, target in self.integers.items() if target == into and set(self.tensors[name]) <= here]
        if fitting and self.chance(0.7):
            return self.rng.choice(fitting)
        axes = self.axes_for(letters, 2)
        if not axes or not set(axes) <= here:
            return fitting[0] if fitting else None
        return self.new("targets" if self.chance(0.3) else "inputs", axes, into)

    def plainly(self, name: str, letters: Sequence[str]) -> str:
        """A tensor read at letters of its own axes."""
        places = [self.rng.choice([letter for letter in letters if self.axis[letter] == axis]) for axis in self.tensors[name]]
        return f"{name}[{','.join(places)}]"

    # Places.

    def place(self, axis: str, letters: Sequence[str], special: float) -> str:
        """One index along an axis."""
        plain = [letter for letter in letters if self.axis[letter] == axis]
        if plain and not self.chance(special):
            return self.rng.choice(plain)
        size = self.size[axis]
        kinds = ["constant", "integer"]
        if letters:
            kinds += ["shift", "shift", "stride", "reversed"]
        if len(letters) > 1:
            kinds += ["window", "window", "dilated"]
        kind = self.rng.choice(kinds)
        if kind == "integer" and (name := self.integer_tensor(axis, letters)):
            self.note(
                "target as an index" if any(text.startswith(name) for text in self.declared["targets"]) else "integer tensor as an index"
            )
            return self.plainly(name, letters)
        if kind in ("constant", "integer"):
            self.note("constant index")
            return str(self.rng.randrange(size))
        letter = self.rng.choice(plain if plain and self.chance(0.6) else list(letters))
        other = self.rng.choice([own for own in letters if own != letter] or [letter])
        self.note({"window": "window"}.get(kind, kind))
        offset = self.rng.choice(("", "", " - 1", " + 1", " - 2"))
        if offset.startswith(" -"):
            self.note("padding")
        match kind:
            case "shift":
                return f"{letter}{self.rng.choice(('-1', '+1', '-2', '+2'))}"
            case "stride":
                return f"{self.rng.choice((2, 3))}*{letter}{offset}"
            case "reversed":
                return f"{size - 1} - {letter}"
            case "window":
                return f"{self.rng.choice(('', '', '2*'))}{letter} {self.rng.choice('++-')} {other}{offset}"
            case _:
                return f"{letter} + {self.rng.choice((2, 3))}*{other}{offset}"

    # Expressions.

    def read(self, letters: Sequence[str]) -> str:
        """One entry of some tensor, an old one or a new one."""
        if self.members and self.chance(0.4):
            name = self.rng.choice(list(self.members))
            return self.entry(name, letters, 0.15)
        here = {self.axis[letter] for letter in letters}
        known = [name for name in self.tensors if name not in self.integers and name not in self.members]
        near = [name for name in known if set(self.tensors[name]) <= here]
        recent = [name for name in self.defined[-2:] if name not in self.members]
        if recent and self.chance(0.35):
            return self.entry(self.rng.choice(recent), letters, 0.25)
        if near and self.chance(0.3):
            return self.entry(self.rng.choice(near), letters, 0.2)
        if known and self.chance(0.12):
            return self.entry(self.rng.choice(known), letters, 0.3)
        if self.integers and letters and self.chance(0.2):
            fitting = [name for name in self.integers if set(self.tensors[name]) <= here]
            if fitting:
                self.note("integer tensor as a number")
                return self.plainly(self.rng.choice(fitting), letters)
        role = self.rng.choices(("parameters", "inputs", "targets"), (6, 3, 0.4))[0]
        axes = self.axes_for(letters, 4 if self.chance(0.1) else 3)
        if not axes:
            role = "parameters"
        return self.entry(self.new(role, axes), letters, 0.2)

    def entry(self, name: str, letters: Sequence[str], special: float) -> str:
        axes = self.tensors[name]
        if not axes:
            return name
        places = []
        for axis in axes:
            if name in self.members and axis == self.recurrent:
                places.append(self.rng.choice(self.members[name]))
            else:
                places.append(self.place(axis, letters, special))
        return f"{name}[{','.join(places)}]"

    def letter(self, axis: str, taken: Sequence[str]) -> str:
        """A letter along an axis that is not taken: i, i2, i3."""
        number = 1
        while (name := axis if number == 1 else f"{axis}{number}") in taken:
            number += 1
        self.axis[name], self.size[name] = axis, self.size[axis]
        return name

    def reduction(self, letters: Sequence[str], depth: int) -> str:
        chosen: list[str] = []
        terms = 1
        for axis in self.rng.sample(self.axes, self.rng.choice((1, 1, 1, 2)) if len(self.axes) > 1 else 1):
            if terms * self.size[axis] <= MOST_TERMS:
                chosen.append(self.letter(axis, [*letters, *chosen]))
                terms *= self.size[axis]
        kind = self.rng.choices(("sum", "mean", "max"), (6, 2, 1.5))[0]
        inside = self.product([*letters, *chosen], depth - 1) if self.chance(0.6) else self.expression([*letters, *chosen], depth - 1)
        if kind == "max" and not all(re.search(rf"\b{letter}\b", inside) for letter in chosen):
            kind = "sum"
        self.note(kind)
        return f"{kind}({', '.join(chosen)}, {inside})"

    def product(self, letters: Sequence[str], depth: int) -> str:
        parts = [self.expression(letters, depth - 1) for _ in range(self.rng.choice((2, 2, 3)))]
        return "*".join(f"({part})" if " " in part else part for part in parts)

    def expression(self, letters: Sequence[str], depth: int) -> str:
        if depth <= 0:
            return self.read(letters)
        if self.has_words and self.chance(0.45):
            return self.word(letters, depth)
        weights = {"read": 2, "add": 3, "product": 3, "reduction": 4 if len(letters) < 4 else 0, "function": 3, "quotient": 1.2}
        weights |= {"power": 0.8, "cases": 1.5, "number": 0.7}
        kind = self.rng.choices(list(weights), list(weights.values()))[0]
        match kind:
            case "add":
                sign = self.rng.choice("+-")
                right = self.expression(letters, depth - 1)
                return f"{self.expression(letters, depth - 1)} {sign} {right if sign == '+' else f'({right})'}"
            case "product":
                return self.product(letters, depth)
            case "reduction":
                return self.reduction(letters, depth)
            case "function":
                name = self.rng.choice(list(FUNCTIONS))
                self.note(name)
                return FUNCTIONS[name].format(self.expression(letters, depth - 1))
            case "quotient":
                self.note("quotient")
                above, below = self.expression(letters, depth - 1), self.expression(letters, depth - 1)
                return f"({above})/{self.rng.choice((f'(1 + ({below})**2)', f'(2 + sin({below}))', f'(1 + exp({below}))'))}"
            case "power":
                self.note("power")
                return f"tanh({self.expression(letters, depth - 1)})**{self.rng.choice((2, 3, 4))}"
            case "cases":
                return self.cases(letters, depth)
            case "number":
                return f"{self.number()}*{self.factor(letters, depth)}"
        return self.read(letters)

    def word(self, letters: Sequence[str], depth: int) -> str:
        """What is short for something else."""
        kinds = ["number", "bracket", "condition"]
        if not self.members:
            # A step of a recurrence reads no sum over all steps of it.
            kinds += ["along"] * 2 * bool(letters) + ["over", "part"] * (len(letters) < 4)
        match self.rng.choice(kinds):
            case "along":
                letter = self.rng.choice(list(letters))
                name = self.rng.choice([name for name in ALONG if self.is_alone(letter, letters) or name in OVER_A_PART])
                inside = self.reading(letter, letters, depth - 1)
                self.note(name)
                return ALONG[name].format(self.part(letter, letters) if name in OVER_A_PART and self.chance(0.25) else letter, inside)
            case "over":
                letter = self.letter(self.rng.choice(self.axes), letters)
                name = self.rng.choice([name for name in OVER if self.is_alone(letter, letters) or name != "prod"])
                inside = self.reading(letter, [*letters, letter], depth - 1)
                self.note(name)
                return OVER[name].format(self.part(letter, letters) if name in OVER_A_PART and self.chance(0.25) else letter, inside)
            case "part":
                letter = self.letter(self.rng.choice(self.axes), letters)
                kind = self.rng.choice(("sum", "sum", "mean"))
                return f"{kind}({self.part(letter, letters)}, {self.expression([*letters, letter], depth - 1)})"
            case "bracket":
                self.note("bracket")
                return f"[{self.condition(letters)}]*{self.factor(letters, depth)}"
            case "condition":
                self.note("condition")
                test = self.rng.choice(("{} and {}", "{} or {}", "not {}", "{} and not {}", "{}"))
                joined = test.format(*(self.condition(letters) for _ in range(2)))
                return f"where({joined}, {self.expression(letters, depth - 1)}, {self.expression(letters, depth - 1)})"
        name = self.rng.choice(list(OF_ONE_NUMBER))
        self.note(name)
        return OF_ONE_NUMBER[name].format(self.expression(letters, depth - 1), self.read(letters))

    def is_alone(self, letter: str, letters: Sequence[str]) -> bool:
        """Whether no other letter runs along its axis: a running product is a recurrence over the first place along an axis."""
        return all(self.axis[other] != self.axis[letter] for other in letters if other != letter)

    def reading(self, letter: str, letters: Sequence[str], depth: int) -> str:
        """An expression that has a letter."""
        inside = self.expression(letters, depth)
        if not re.search(rf"\b{letter}\b", inside):
            inside = f"{inside} + {self.entry(self.new('inputs', [self.axis[letter]]), [letter], 0.0)}"
        return inside

    def part(self, letter: str, letters: Sequence[str]) -> str:
        """A letter over a part of its axis that has at least one place."""
        self.note("part of an axis")
        axis, size = self.axis[letter], self.size[letter]
        last = axis.upper()
        others = [own for own in letters if self.axis[own] == axis and own != letter]
        kinds = [f"{letter} < {last}", f"{letter} <= 1", f"{letter} != {size}", f"0 <= {letter} < {last}"]
        kinds += [f"{letter} < {last} - 1", f"1 <= {letter} < {last}", f"{letter} != 0", f"{letter} > 0"] * (size > 1)
        kinds += [f"{letter} <= {other}" for other in others] * 3
        return self.rng.choice(kinds)

    def condition(self, letters: Sequence[str]) -> str:
        """A comparison of numbers, or of places."""
        if letters and self.chance(0.4):
            letter = self.rng.choice(list(letters))
            other = self.rng.choice([own for own in letters if own != letter] or ["1"])
            tests = (f"{letter} == 1", f"{letter} != {other}", f"{letter} < {other} + 1", f"0 < {letter} <= 2", f"{letter} == {other}")
            return self.rng.choice(tests)
        left, right = self.read(letters), self.read(letters)
        return self.rng.choice(("{} > {}", "{} <= {}", "-0.5 < {} <= 0.5 + {}**2")).format(left, right if right != left else "0.1")

    def factor(self, letters: Sequence[str], depth: int) -> str:
        inside = self.expression(letters, depth - 1)
        return f"({inside})" if " " in inside else inside

    def number(self) -> str:
        if self.chance(0.2):
            self.note("constant")
            self.constants["alpha"] = 0.7
            return "alpha"
        return self.rng.choice(("2", "0.5", "-1", "0.3", "-0.7", "pi"))

    def cases(self, letters: Sequence[str], depth: int) -> str:
        first, second = self.expression(letters, depth - 1), self.expression(letters, depth - 1)
        kind = self.rng.choice(("maximum", "minimum", "where"))
        self.note(kind)
        if kind != "where":
            return f"{kind}({first}, {self.rng.choice(('0', '0.1', second, second))})"
        left, right = self.read(letters), self.rng.choice(("0", "0.2", self.read(letters)))
        return f"where({left} {self.rng.choice(('>', '>=', '<', '<='))} {right}, {first}, {second})"

    # Equations.

    def left_side(self, most: int) -> list[str]:
        axes: list[str] = []
        entries = 1
        for axis in self.rng.sample(self.axes, len(self.axes)):
            if len(axes) < most and entries * self.size[axis] <= 35:
                axes.append(axis)
                entries *= self.size[axis]
        return axes

    def define(self, name: str, axes: Sequence[str], right: str) -> None:
        self.tensors[name] = tuple(axes)
        self.defined.append(name)
        self.lines.append(f"{name}[{','.join(axes)}] = {right}" if axes else f"{name} = {right}")
        self.note(f"rank {len(axes)}")

    def equation(self) -> None:
        axes = self.left_side(self.rng.choice((0, 1, 1, 2, 2, 2, 3)))
        self.define(f"u{self.next_number()}", axes, self.expression(axes, self.rng.choice((1, 2, 2, 3))))

    def recurrence(self, count: int) -> None:
        """One or two tensors that read each other some steps before, or after; `recurrent` is the axis of the steps."""
        letters = self.left_side(self.rng.choice((1, 2, 2, 3)))
        self.recurrent = self.rng.choice(letters)
        forwards = self.chance(0.3)
        sign = "+" if forwards else "-"
        names = [f"h{self.next_number()}" for _ in range(count)]
        steps = [1] if self.chance(0.6) else [1, 2] if self.chance(0.7) else [2]
        for name in names:
            self.tensors[name] = tuple(letters)
        shifted = [f"{self.recurrent}{sign}{step}" for step in steps]
        self.note("recurrence forwards in the axis" if forwards else "recurrence")
        if 2 in steps:
            self.note("recurrence over two steps")
        if count > 1:
            self.note("recurrence of several tensors")
        for number, name in enumerate(names):
            self.members = {other: [*shifted, self.recurrent] if place < number else shifted for place, other in enumerate(names)}
            # One read for certain; the rest as it comes.
            certain = self.entry(name if count == 1 else self.rng.choice(names[number:]), letters, 0.0)
            if self.chance(0.3):
                other = self.expression(letters, 2)
                right = self.rng.choice(
                    (
                        f"sigmoid({other})*{certain} + (1 - sigmoid({other}))*tanh({self.expression(letters, 1)})",
                        f"{certain}/2 + tanh({other})",
                    )
                )
            else:
                inside = self.rng.choice(("{0} + {1}", "{1}*{2} + {0}", "({0})*{1}", "{1} - ({0})"))
                right = self.rng.choice(BOUNDED).format(inside.format(self.expression(letters, 2), certain, self.parameter(letters)))
            self.define(name, letters, right)
        self.boundaries(names, letters, steps, forwards)
        self.members, self.recurrent = {}, ""

    def boundaries(self, names: Sequence[str], letters: Sequence[str], steps: Sequence[int], forwards: bool) -> None:
        others = [letter for letter in letters if letter != self.recurrent]
        for name in names:
            for step in range(1, max(steps) + 1):
                if self.chance(0.35):
                    self.note("boundary value")
                    fixed = self.size[self.recurrent] - 1 + step if forwards else -step
                    left = ",".join(str(fixed) if letter == self.recurrent else letter for letter in letters)
                    # What it reads is defined before the recurrence.
                    hidden = {own: self.tensors.pop(own) for own in names}
                    self.members, self.defined = {}, [own for own in self.defined if own not in names]
                    value = self.parameter(others) if self.chance(0.5) else self.expression(others, 1)
                    self.tensors |= hidden
                    self.defined += names
                    self.lines.append(f"{name}[{left}] = {value}")

    def parameter(self, letters: Sequence[str]) -> str:
        fitting = [name for name in self.tensors if name[0] in "Wb" and set(self.tensors[name]) <= {self.axis[own] for own in letters}]
        if not fitting or self.chance(0.5):
            return self.entry(self.new("parameters", self.axes_for(letters, 2)), letters, 0.1)
        return self.entry(self.rng.choice(fitting), letters, 0.1)

    def cost(self) -> None:
        read = {name for line in self.lines for name in re.findall(r"\w+", line.partition("=")[2])}
        terms = [self.cost_term(name) for name in self.defined if name not in read] or [self.cost_term(self.defined[-1])]
        if not self.declared["parameters"] or self.chance(0.15):
            terms.append(f"{self.number()}*{self.new('parameters', ())}**2")
        self.lines.append(f"C = {' + '.join(terms)}")

    def cost_term(self, name: str) -> str:
        axes = self.tensors[name]
        own = f"{name}[{','.join(axes)}]" if axes else name
        if not axes:
            return self.rng.choice(("{}**2", "sin({})", "log(2 + cos({}))")).format(own)
        kind = self.rng.choices(("sum", "mean", "max"), (5, 4, 0.5))[0]
        self.note(kind)
        if self.chance(0.2) and len(axes) > 1 and (label := self.integer_tensor(axes[-1], axes[:-1])):
            self.note("label")
            rest = ", ".join(axes[:-1])
            places = ",".join(axes[:-1])
            return f"mean({rest}, log(sum({axes[-1]}, exp({own}))) - {name}[{places},{self.plainly(label, axes[:-1])}])"
        wrapped = self.rng.choice(("({0} - {1})**2", "{0}*{1}", "{0}**2/2", "log(1 + ({0} - {1})**2)", "tanh({0})*{1}", "abs({0} - {1})"))
        other = self.read(axes)
        return f"{kind}({', '.join(axes)}, {wrapped.format(own, other if other != own else self.parameter(axes))})"

    def finished(self) -> RandomSystem:
        text = "\n".join(self.lines)
        self.count_features()
        sizes = {
            letter: size for letter, size in self.size.items() if re.search(rf"\b{letter}\b", text) or self.is_axis_of_a_tensor(letter)
        }
        given = {axis for axes in (self.tensors[name] for name in self.given) for axis in axes}
        open_axes = [axis for axis in given if self.may_stay_open(axis, text)]
        opened = sorted(open_axes)[: self.rng.choice((0, 0, 1, 2))]
        if opened:
            self.note("size read from the arrays")
        description = {
            "equations": text,
            **{role: names for role, names in self.declared.items() if names},
            "sizes": {letter: size for letter, size in sizes.items() if self.axis[letter] not in opened},
        }
        if self.constants:
            description["constants"] = dict(self.constants)
        return RandomSystem(description, sizes, self.axis, self.features)

    @property
    def given(self) -> list[str]:
        return [re.match(r"\w+", text).group() for role in self.declared.values() for text in role]  # type: ignore[union-attr]

    def is_axis_of_a_tensor(self, letter: str) -> bool:
        return any(letter in axes for axes in self.tensors.values()) or letter in self.integers.values()

    def may_stay_open(self, axis: str, text: str) -> bool:
        """Whether every letter along the axis stands alone in some index: then its size is read where the axis's is."""
        letters = [letter for letter, own in self.axis.items() if own == axis and re.search(rf"\b{letter}\b", text)]
        return all(re.search(rf"[\[,]{letter}[\],]", text) for letter in letters)

    def count_features(self) -> None:
        parameters = [name for name in self.tensors if name[0] in "Wb"]
        for name in parameters:
            times = [len(re.findall(rf"\b{name}\b", line)) for line in self.lines]
            if sum(map(bool, times)) > 1:
                self.note("parameter of several equations")
            if max(times) > 1:
                self.note("parameter read several times")
            self.note("scalar parameter" if not self.tensors[name] else f"parameter of rank {len(self.tensors[name])}")
        self.note(f"{len(self.defined) + 1} equations")
        if any(len(axes) >= 4 for axes in self.tensors.values()):
            self.note("a tensor of rank 4")


def random_system(number: int, has_words: bool = False) -> RandomSystem:
    """The system with this number; always the same one. Others have the words that are short for something, too."""
    writer = _Writer(random.Random(number), has_words=has_words)
    writer.start()
    count = writer.rng.choice((0, 1, 1, 2, 2, 3, 4, 5))
    done = 0
    while done < count:
        if writer.chance(0.3):
            group = min(writer.rng.choice((1, 1, 2)), count - done)
            writer.recurrence(group)
            done += group
        else:
            writer.equation()
            done += 1
    if not count:
        writer.define("u1", (), writer.reduction([], 3))
    writer.cost()
    return writer.finished()
