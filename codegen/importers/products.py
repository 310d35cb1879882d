"""Products of matrices: Gemm, MatMul, Einsum."""

from __future__ import annotations

from . import attributes
from .graph import Node
from .places import Axis, Place
from .translation import Translation, Writer, number
from .values import Value, entry


def _gemm(translation: Translation, node: Node) -> None:
    """alpha A B + beta C, A and B as they are or transposed."""
    left, right = translation.value(node.inputs[0]), translation.weight(node.inputs[1], "W")
    left = _turned(left) if attributes.whole(node, "transA", 0) else left
    right = _turned(right) if attributes.whole(node, "transB", 0) else right
    axes = (left.axes[0], _other(right.axes[1], left.axes))
    inner = left.axes[1]
    factors = [right.at(inner, axes[1]), left.at(axes[0], inner)]
    # A weight stands before what it weighs.
    factors = factors if node.inputs[1] in translation.constants else factors[::-1]
    text = f"sum({inner}, {'*'.join(factors)})"
    text = _times(attributes.real(node, "alpha", 1), text)
    if attributes.has(node, 2):
        bias = translation.value(node.inputs[2]) if _is_number(translation, node.inputs[2]) else translation.weight(node.inputs[2], "b")
        text += f" + {_times(attributes.real(node, 'beta', 1), entry(bias, axes))}"
    translation.values[node.outputs[0]] = translation.define("z", axes, text)


def _is_number(translation: Translation, name: str) -> bool:
    return name in translation.constants and translation.constants[name].ndim == 0


def _times(factor: float, text: str) -> str:
    return text if factor == 1 else f"{number(factor)}*{text}"


def _turned(value: Value) -> Value:
    return value.viewed(value.axes[::-1], lambda places: places[::-1])


def _other(axis: Axis, taken: tuple[Axis, ...]) -> Axis:
    """The axis, or another one of its size where it is taken."""
    return Axis.new(axis.size, axis.hint) if axis in taken else axis


def _matmul(translation: Translation, node: Node) -> None:
    """As NumPy has it: the last axis of one with the last but one of the other, those before broadcast; vectors lose theirs.

    A bias may be a third input, as patterns put it there.
    """
    left, right = (translation.value(name, "W") for name in node.inputs[:2])
    bias = translation.weight(node.inputs[2], "b") if attributes.has(node, 2) else None
    translation.values[node.outputs[0]] = _product(translation, left, right, node.inputs[1] in translation.constants, bias)


def _product(translation: Translation, left: Value, right: Value, weight_first: bool, bias: Value | None) -> Value:
    inner = left.axes[-1]
    rows = left.axes[-2:-1]
    columns = right.axes[-1:] if len(right.axes) > 1 else ()
    columns = tuple(_other(axis, left.axes) for axis in columns)
    before = _leading([left.axes[:-2], right.axes[:-2]])
    axes = (*before, *rows, *columns)

    def read(value: Value, own: tuple[Axis, ...]) -> str:
        outer = value.axes[: len(value.axes) - len(own)]
        here = before[len(before) - len(outer) :]
        places = [Place.at(0 if axis.size == 1 and of.size != 1 else of) for axis, of in zip(outer, here, strict=True)]
        return value.at(*places, *own)

    factors = [read(left, (*rows, inner)), read(right, (inner, *columns) if len(right.axes) > 1 else (inner,))]
    text = "*".join(factors[::-1] if weight_first else factors)
    return translation.define("z", axes, f"sum({inner}, {text})" + (f" + {entry(bias, axes)}" if bias else ""))


def _leading(groups: list[tuple[Axis, ...]]) -> tuple[Axis, ...]:
    """The axes in front of matrices, those of 1 as long as the others'."""
    longest = max(map(len, groups))
    found = []
    for place in range(-longest, 0):
        here = [group[place] for group in groups if len(group) >= -place]
        found.append(next((axis for axis in here if axis.size != 1), here[0]))
    return tuple(found)


def _einsum(translation: Translation, node: Node) -> None:
    """Letters as the equation of the node has them; what is not on its right side is summed over."""
    written = attributes.word(node, "equation", "").replace(" ", "")
    reads, _, result = written.partition("->")
    terms = reads.split(",")
    values = [translation.value(name, "W") for name in node.inputs]
    axes: dict[str, Axis] = {}
    spelled = []
    for term, value in zip(terms, values, strict=True):
        dots = len(value.axes) - len(term.replace("...", ""))
        letters = [*term.partition("...")[0], *(f".{dots - place}" for place in range(dots)), *term.partition("...")[2]]
        spelled.append(letters)
        for letter, axis in zip(letters, value.axes, strict=True):
            if letter not in axes or axes[letter].size == 1:
                axes[letter] = _other(axis, tuple(axes.values()))
    repeated = [letter for letters in spelled for letter in letters]
    dotted = [letter for letter in dict.fromkeys(sorted(repeated, reverse=True)) if letter[0] == "."]
    if "->" in written:
        ahead, _, behind = result.partition("...")
        own = [*ahead, *(dotted if "..." in result else ()), *behind]
    else:
        own = [*dotted, *sorted(letter for letter in set(repeated) if repeated.count(letter) == 1 and letter[0] != ".")]
    entries = [
        value.at(
            *(0 if axis.size == 1 and axes[letter].size != 1 else axes[letter] for letter, axis in zip(letters, value.axes, strict=True))
        )
        for letters, value in zip(spelled, values, strict=True)
    ]
    summed = [str(axis) for letter, axis in axes.items() if letter not in own]
    text = "*".join(entries)
    text = f"sum({', '.join([*summed, text])})" if summed else text
    translation.values[node.outputs[0]] = translation.define("z", [axes[letter] for letter in own], text)


OPERATORS: dict[str, Writer] = {"Gemm": _gemm, "MatMul": _matmul, "Einsum": _einsum}
