"""Products of two arrays over some of their letters: `@` where it fits, `np.tensordot` over several letters.

Both are one call of the BLAS matrix product, or one for each matrix of a stack. Einsum, which has loops of its own, is left for what is no
product of matrices: Σ_d a[n,d] b[n,m,d], a matrix and a vector for each n.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sympy import Symbol

from chainrule.codegen.formulas.printer import Precedence
from chainrule.symbolic.forms.arrays import Array, Letters, Product, Window, everything

from .source import Source, made_of

#: The source of an array in an order of dimensions.
Print = Callable[[Array, Letters], Source]
#: How many positions a letter has; a large number where that is not fixed.
Count = Callable[[Symbol], int]


def product_source(array: Product, own: Letters, write: Print, count: Count) -> Source:
    """The product with its dimensions in the order `own`."""
    left, right = array.left, array.right
    left_own = tuple(letter for letter in own if letter in left.axes)
    right_own = tuple(letter for letter in own if letter in right.axes)
    if left_own and right_own and own == right_own + left_own:
        left, right, left_own, right_own = right, left, right_own, left_own
    shared = tuple(letter for letter in own if letter in left_own and letter in right_own)
    if not left_own and len(right_own) > 1:
        left, right, left_own, right_own = right, left, right_own, left_own
    if shared:
        found = _stack(array, own, shared, write)
        if found is not None:
            return found
        are_matrices = len(left_own) > len(shared) and len(right_own) > len(shared)
        if are_matrices or len(array.over) > 1:
            return _stacked_tensordot(array, own, shared, write, count)
        return _einsum(array, own, write)
    if len(array.over) == 1 and len(right_own) <= 1 and own == left_own + right_own:
        # NumPy's @ multiplies the last axis of a stack with a matrix.
        first, second = write(left, left_own + array.over), write(right, array.over + right_own)
        return _matrix_product(first, second)
    return _tensordot(array, own, write, count)


def _stack(array: Product, own: Letters, shared: Letters, write: Print) -> Source | None:
    """A matrix product for every position of the shared letters."""
    candidates = []
    for left, right in ((array.left, array.right), (array.right, array.left)):
        rows = tuple(letter for letter in own if letter in left.axes and letter not in shared)
        columns = tuple(letter for letter in own if letter in right.axes and letter not in shared)
        if len(array.over) == len(rows) == len(columns) == 1:
            candidates.append((_inversions(shared + rows + columns, own), left, right, rows, columns))
    if not candidates:
        return None
    _, left, right, rows, columns = min(candidates, key=lambda candidate: candidate[0])
    first, second = write(left, shared + rows + array.over), write(right, shared + array.over + columns)
    return transposed(_matrix_product(first, second), shared + rows + columns, own)


def _matrix_product(first: Source, second: Source) -> Source:
    return made_of(f"{first.bracketed} @ {second.bracketed}", (first, second), Precedence.PRODUCT)


@dataclass(frozen=True, slots=True)
class _Call:
    """np.tensordot(first, second): its dimensions are those of the first that stay, then those of the second; shared ones come first."""

    first: Array
    second: Array
    over: Letters
    shared: Letters

    @property
    def stays_first(self) -> Letters:
        return tuple(letter for letter in self.first.axes if letter not in self.over + self.shared)

    @property
    def stays_second(self) -> Letters:
        return tuple(letter for letter in self.second.axes if letter not in self.over + self.shared)

    @property
    def found(self) -> Letters:
        return self.shared + self.stays_first + self.stays_second

    def source(self, function: str, write: Print, *axes: str, uses: Collection[str] = ()) -> Source:
        operands = [write(part, part.axes) for part in (self.first, self.second)]
        return made_of(f"{function}({', '.join([*(operand.text for operand in operands), *axes])})", operands, uses=uses)

    def axes(self, letters: Letters) -> str:
        """The numbers of letters in the first and in the second, as NumPy's tensordot takes them."""
        first, second = (tuple(part.axes.index(letter) for letter in letters) for part in (self.first, self.second))
        return f"({first[0]}, {second[0]})" if len(letters) == 1 and not self.shared else f"({first}, {second})"

    def short_runs(self, count: Count) -> int:
        """How far a window is copied in pieces shorter than they could be: tensordot copies the first with the summed letters last."""
        found = 0
        for array, innermost in ((self.first, self.over), (self.second, self.stays_second)):
            along_memory = [part.places[-1].letters for part in everything(array) if isinstance(part, Window)]
            for letters in along_memory:
                found += bool(innermost) and count(innermost[-1]) < max(map(count, letters), default=0)
        return found


def _best_call(array: Product, own: Letters, shared: Letters, count: Count) -> _Call:
    """Which of the two comes first: windows copied in long pieces, then few transpositions."""
    calls = []
    for first, second in ((array.left, array.right), (array.right, array.left)):
        larger = max(first, second, key=lambda part: len(part.axes))
        calls.append(_Call(first, second, tuple(letter for letter in larger.axes if letter in array.over), shared))

    def cost(call: _Call) -> tuple[int, bool, int]:
        return call.short_runs(count), bool(own) and call.found[-1] != own[-1], _inversions(call.found, own)

    return min(calls, key=cost)


def _tensordot(array: Product, own: Letters, write: Print, count: Count) -> Source:
    call = _best_call(array, own, (), count)
    return transposed(call.source("np.tensordot", write, call.axes(call.over)), call.found, own)


def _stacked_tensordot(array: Product, own: Letters, shared: Letters, write: Print, count: Count) -> Source:
    call = _best_call(array, own, shared, count)
    function = "stacked_tensordot"
    return transposed(call.source(function, write, call.axes(call.over), call.axes(shared), uses=(function,)), call.found, own)


def _einsum(array: Product, own: Letters, write: Print) -> Source:
    every = dict.fromkeys((*array.left.axes, *array.right.axes))
    names = {letter: "abcdefghijklmnopqrstuvwxyz"[place] for place, letter in enumerate(every)}
    subscripts = ["".join(names[letter] for letter in part.axes) for part in (array.left, array.right)]
    result = "".join(names[letter] for letter in own)
    operands = [write(part, part.axes) for part in (array.left, array.right)]
    return made_of(f'np.einsum("{",".join(subscripts)}->{result}", {", ".join(operand.text for operand in operands)})', operands)


def transposed(source: Source, found: Letters, wanted: Letters) -> Source:
    """An array whose dimensions are `found`, in the order `wanted`."""
    if found == wanted:
        return source
    turned = ".T" if len(wanted) == 2 else f".transpose{tuple(found.index(letter) for letter in wanted)}"
    return source.rewritten(f"{source.bracketed}{turned}")


def _inversions(found: Letters, wanted: Letters) -> int:
    """How many pairs of dimensions stand the other way round."""
    places = [wanted.index(letter) for letter in found]
    return sum(before > after for place, before in enumerate(places) for after in places[place + 1 :])
