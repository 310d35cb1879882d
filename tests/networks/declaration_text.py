"""Tensors as declarations of them are written."""

from __future__ import annotations

from chainrule.symbolic.index.tensors import Tensor, Values
from chainrule.symbolic.language.declarations import IN_ROWS, VALUE_WORDS


def declaration_text(tensor: Tensor) -> str:
    """A tensor as it is declared: X[n,k], tok[n,t] in v, y[n,k] in one_hot, y[n,c,h,w] in one_hot(c)."""
    indices = f"[{','.join(str(letter) for letter in tensor.axes)}]" if tensor.axes else ""
    if tensor.values is Values.MASK:
        return f"{tensor.name}{indices} in {{0, 1}}"
    if tensor.limits is not None:
        return f"{tensor.name}{indices} in [{tensor.limits[0]!r}, {tensor.limits[1]!r}]"
    if tensor.values is Values.LENGTHS:
        return f"{tensor.name}{indices} in lengths {tensor.points_into}"
    words = [word for word, values in VALUE_WORDS.items() if values is tensor.values]
    into = tensor.points_into or (words[0] if words else None)
    along = f"({tensor.classes})" if tensor.classes is not None and tensor.values in IN_ROWS else ""
    return f"{tensor.name}{indices}" + (f" in {into}{along}" if into else "")
