"""What arguments are declared to hold, in NumPy: the condition by which a module refuses others, and entries for its self-check."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.declared_values import CLOSEST, Chosen, OneHotRows, OwnTranspose, Reals, Shares, Uniform, Whole, meaning

from .source import tuple_text


def condition(tensor: Tensor, size: str | None = None) -> tuple[str, str] | None:
    """Where the entries of a tensor are right, in NumPy, and what they are then, in words; None where nothing is declared that is checked.

    `size` is that of the axis that lengths are along, where it is known.
    """
    name, declared = tensor.name, meaning(tensor)
    if not declared.is_checked:
        return None
    if declared.is_symmetric:
        return f"{name} == np.swapaxes({name}, -1, -2)", declared.words
    if declared.choices:
        return " | ".join(f"({name} == {choice})" for choice in declared.choices), declared.words
    low, high = declared.bounds.low, declared.bounds.high
    parts = [f"{name} {'>' if declared.bounds.is_above else '>='} {low!r}"] if low > -inf else []
    parts += [f"{name} == np.floor({name})"] if declared.is_whole else []
    parts += [f"{name} <= {high!r}"] if high < inf else [f"{name} <= {size}"] if size else []
    return (parts[0] if len(parts) == 1 else " & ".join(f"({part})" for part in parts)), declared.words


def check_line(tensor: Tensor, size: str | None, described: str) -> str | None:
    """The line of a module that refuses other entries of what the description calls so."""
    found = condition(tensor, size)
    return f'_expect_values("{described}", {tensor.name}, {found[0]}, "{found[1]}")' if found else None


def random_lines(tensor: Tensor, sizes: Mapping[str, int], batch: str | None) -> list[str]:
    """Lines that draw such entries."""
    name, extents = tensor.name, [sizes[axis_name(letter)] for letter in tensor.axes]
    shape = tuple_text([*map(str, extents)])
    match meaning(tensor).draw:
        case Reals():
            value = f"rng.standard_normal({shape})"
        case Uniform(low, high):
            room = CLOSEST * (high - low)
            value = f"rng.uniform({low + room!r}, {high - room!r}, {shape})"
        case Whole(below, is_along_axis):
            most = below + (sizes[tensor.points_into or ""] if is_along_axis else 0)
            value = f"rng.integers(0, {most}, {shape}){'' if tensor.is_integer else '.astype(float)'}"
        case Chosen(choices):
            value = f"rng.choice({[*choices]}, {shape})"
        case OwnTranspose():
            return [f"{name} = rng.standard_normal({shape})", f"{name} = ({name} + np.swapaxes({name}, -1, -2)) / 2"]
        case Shares():
            place = tensor.axes.index(tensor.class_axis(batch))
            return [f"{name} = rng.uniform(0.1, 1, {shape})", f"{name} = {name} / {name}.sum(axis={place}, keepdims=True)"]
        case OneHotRows():
            place = tensor.axes.index(tensor.class_axis(batch))
            classes, rows = extents[place], extents[:place] + extents[place + 1 :]
            drawn = str(rows[0]) if len(rows) == 1 else tuple_text([*map(str, rows)])
            value = f"np.eye({classes})[rng.integers(0, {classes}, {drawn})]"
            if place != len(rows):
                value = f"{value}.T" if len(rows) == 1 else f"np.moveaxis({value}, -1, {place})"
    return [f"{name} = {value}"]
