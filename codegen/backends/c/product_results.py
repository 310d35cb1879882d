"""What is done to the result of a product and to nothing else is done by its kernel, while the sums are in registers.

s_1[t,u] = Σ_d q[t,d] k[u,d];   s[t,u] = s_1[t,u] / 4             s = 1/4 · Σ, one call
v_block[d,u] = Σ_t p[t,u] w[t,d];   v[d,u] = v[d,u] + v_block     v += Σ, one call
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation, Scalar

from .nests import Nest
from .places import Places
from .products import product_kernel


def read_by(operation: Operation) -> list[ArrayOperand]:
    """All that an operation and its members read."""
    return [*operation.entries, *(entry for member in operation.members for entry in read_by(member))]


def with_own_results(nests: Sequence[Nest], reads: Mapping[str, int], places: Places) -> list[Nest]:
    """Products that multiply their sums by a number, or add them to what is there, in place of a loop; `reads` counts who reads what."""
    found: list[Nest] = []
    for nest in nests:
        made = _taken_in(found[-1], nest, reads, places) if found else None
        if made is None:
            found.append(nest)
        else:
            found[-1] = made
    return found


def _taken_in(before: Nest, after: Nest, reads: Mapping[str, int], places: Places) -> Nest | None:
    """The product with what comes after it; None where it is no product, or somebody else reads its sums."""
    (operation, *more), (then, *others) = before.operations, after.operations
    if more or others or operation.function not in ("product", "inner") or before.is_added or not after.is_entrywise:
        return None
    name = operation.result.name
    operands = [operand for operand in then.operands if isinstance(operand, Scalar) or operand.name != name]
    own = [operand for operand in then.entries if operand.name == name]
    if reads.get(name) != 1 or len(own) != 1 or len(operands) != 1 or places.values[name].is_part:
        return None
    letters = dict(zip(own[0].letters, operation.result.letters, strict=True))
    if len(letters) < len(own[0].letters) or set(letters) != set(then.result.letters):
        return None
    result = ArrayOperand(then.result.name, tuple(letters[letter] for letter in then.result.letters))
    # The sums are written while the operands are still read.
    if places.memory_key(result.name) in {places.memory_key(entry.name) for entry in operation.entries}:
        return None
    made = replace(operation, result=result)
    if product_kernel(made, places) is None:
        return None
    (operand,) = operands
    if then.function == "multiply" and isinstance(operand, Scalar) and before.factor is None:
        return Nest([made], (), False, {result.name}, factor=operand)
    if then.function == "add" and isinstance(operand, ArrayOperand) and _is_in_place(operand, then.result, places):
        return Nest([made], (), False, {result.name}, factor=before.factor, is_added=True)
    return None


def _is_in_place(operand: ArrayOperand, result: ArrayOperand, places: Places) -> bool:
    """Whether each entry of the operand lies where that of the result will."""
    values = places.values
    if operand.letters != result.letters or places.memory_key(operand.name) != places.memory_key(result.name):
        return False
    if operand.name in places.windows or result.name in places.windows:
        return False
    if places.layouts.stored(operand) != places.layouts.stored(result):
        return False
    one, other = values[operand.name], values[result.name]
    if one.tile is None or other.tile is None:
        return not one.is_part and not other.is_part
    return replace(one.tile, whole="") == replace(other.tile, whole="")
