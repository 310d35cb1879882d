"""Sums of products of two rows, number by number, of which no array holds the products.

ds_1[t,u] = ds[t,u] p[t,u]          for t:   s[t] = inner_of(row t of ds, row t of p)
s[t] = Σ_u ds_1[t,u]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ElementType, Operation

from .nests import Nest
from .places import Places
from .products import ONE


def is_row_product(operation: Operation, places: Places) -> bool:
    """Whether it is one sum for each row of two arrays that have the same dimensions, along what lies side by side in both."""
    if operation.function != "product" or operation.apart or len(operation.over) != 1 or not operation.result.letters:
        return False
    (over,) = operation.over
    letters = {*operation.result.letters, over}
    return all(
        places.values[entry.name].kind is ElementType.FLOAT
        and len(entry.letters) == len(letters)
        and set(entry.letters) == letters
        and places.layouts.stored(entry)[-1] == over
        and places.apart(entry, over) == ONE
        for entry in operation.entries
    )


def with_row_products(nests: Sequence[Nest], reads: Mapping[str, int], places: Places) -> list[Nest]:
    """Such sums in place of products that are added up right behind; `reads` counts who reads what."""
    found: list[Nest] = []
    for nest in nests:
        made = _row_product(found[-1], nest, reads, places) if found else None
        if made is None:
            found.append(nest)
        else:
            found[-1] = Nest([made], (), False, {made.result.name})
    return found


def _row_product(before: Nest, after: Nest, reads: Mapping[str, int], places: Places) -> Operation | None:
    (operation, *more), (then, *others) = before.operations, after.operations
    if more or others or then.function != "sum" or operation.function not in ("multiply", "square"):
        return None
    result = operation.result
    entries = [operand for operand in operation.operands if isinstance(operand, ArrayOperand)]
    if len(entries) < len(operation.operands) or reads.get(result.name) != 1 or places.values[result.name].is_part:
        return None
    (summed,) = then.entries
    if summed.name != result.name:
        return None
    letters = dict(zip(result.letters, summed.letters, strict=True))
    left, *_, right = [ArrayOperand(entry.name, tuple(letters[letter] for letter in entry.letters)) for entry in (*entries, *entries)]
    made = Operation("product", (left, right), then.result, then.equation, over=then.over)
    keys = {places.memory_key(entry.name) for entry in (left, right)}
    return made if is_row_product(made, places) and places.memory_key(then.result.name) not in keys else None
