"""Over which letters a sum runs where an index is a sum of letters: over as few positions as possible.

    Σ_r f[r] K[i − r]     is      Σ_r,s f[r] K[s] δ(i, r + s)      K is read as it is, and the products are added up at i = r + s
    Σ_u f[u] K[u − 2 l]   is      Σ_s f[2 l + s] K[s]              the windows are those of f

On the left K is read once for every i and r, most of it out of range. The three letters of i = r + s depend on each other; the one that is
the sum of the others has most positions, and is the one to do without. Documents show the formula as it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol

from chainrule.symbolic.index.affine_index import AffineIndex, affine
from chainrule.symbolic.index.axes import axis_name, fresh
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, holds, is_letter, letters, nodes, substitute
from chainrule.symbolic.system.system import System


def stored_axes(name: str, system: System) -> tuple[Symbol, ...] | None:
    """The axes of a tensor or an adjoint as it is stored; None of anything else."""
    return system.stored[name].axes if name in system.stored else None


def with_short_sums(expression: Expr, system: System, outside: Sequence[Symbol]) -> Expr:
    """The expression, of the same value at every index, with every sum over few positions; new letters keep off `outside`."""
    if isinstance(expression, Piecewise | Indexed) or not holds(expression, Sum):
        return expression
    if isinstance(expression, Sum):
        return _Total(expression, system, outside).shortened()
    parts = [with_short_sums(part, system, outside) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


class _Total:
    """A sum of a product while it is rewritten."""

    def __init__(self, total: Sum, system: System, outside: Sequence[Symbol]) -> None:
        self.total, self.system = total, system
        self.over = {limit[0] for limit in total.limits}
        self.factors = [with_short_sums(factor, system, outside) for factor in Mul.make_args(total.function)]
        self.taken = {*outside, *letters(total)}

    def shortened(self) -> Expr:
        before = list(Mul.make_args(self.total.function))
        while self.one_read() or self.one_place():
            pass
        return bound_sum(Mul(*self.factors), *self.over) if self.factors != before else self.total

    def one_read(self) -> bool:
        """K[i − r] becomes K[s], with i = r + s."""
        for number, factor in enumerate(self.factors):
            axes = stored_axes(factor.base.name, self.system) if isinstance(factor, Indexed) else None
            for position, index in enumerate(factor.indices if axes else ()):
                place = affine(index)
                largest = _largest(place)
                assert axes is not None
                if largest is None or not self.is_shorter(axes[position], largest, factor):
                    continue
                own = fresh(axes[position], self.taken)
                read = factor.func(factor.base, *(own if other == position else part for other, part in enumerate(factor.indices)))
                changed = [read if other == number else part for other, part in enumerate(self.factors)]
                value = own - index + largest
                if largest in self.over and self.is_guarded(largest, changed):
                    self.over = self.over - {largest} | {own}
                    self.factors = [substitute(part, {largest: value}) for part in changed]
                elif self.can_be_placed(largest, value, changed):
                    self.over = self.over | {own}
                    self.factors = [*changed, KroneckerDelta(largest, value)]
                else:
                    continue
                self.taken.add(own)
                return True
        return False

    def one_place(self) -> bool:
        """δ(s, u − 2 l) in a sum over u: u is s + 2 l."""
        for delta in self.factors:
            if not isinstance(delta, KroneckerDelta):
                continue
            for into, index in (delta.args, delta.args[::-1]):
                place = affine(index)
                largest = _largest(place)
                if not is_letter(into) or into in self.over or largest is None or largest not in self.over:
                    continue
                others = [factor for factor in self.factors if factor is not delta]
                if self.is_shorter(into, largest, into) and self.is_guarded(largest, others):
                    self.over = self.over - {largest}
                    self.factors = [substitute(factor, {largest: into - index + largest}) for factor in others]
                    return True
        return False

    def is_shorter(self, short: Symbol, long: Symbol, reader: Expr) -> bool:
        """Whether an axis has fewer positions than another; where that is not known, a parameter's axis is taken for the shorter one."""
        sizes = self.system.axis(short).size, self.system.axis(long).size
        if sizes[0] is not None and sizes[1] is not None:
            return sizes[0] < sizes[1]
        examples = {letter for factor in self.factors for letter in free_letters(factor) if axis_name(letter) == self.system.batch}
        return axis_name(short) != axis_name(long) and bool(examples) and not examples & free_letters(reader)

    def is_guarded(self, letter: Symbol, factors: list[Expr]) -> bool:
        """Whether the product is 0 wherever the letter is out of range: some tensor is read there, and nothing divides by 0."""
        reads = [factor for factor in factors if isinstance(factor, Indexed) and letter in factor.indices]
        known = [(read, stored_axes(read.base.name, self.system)) for read in reads]
        return any(axes is not None and axis_name(axes[read.indices.index(letter)]) == axis_name(letter) for read, axes in known) and all(
            _is_finite_at_zero(factor) for factor in factors if letter in free_letters(factor)
        )

    def can_be_placed(self, letter: Symbol, value: Expr, factors: list[Expr]) -> bool:
        """Whether products can be added up along a letter: nothing else reads it, and no place shares a letter with another one."""
        if letter in self.over or any(letter in free_letters(factor) for factor in factors):
            return False
        deltas = [factor for factor in factors if isinstance(factor, KroneckerDelta)]
        return all(affine(part) is not None and not free_letters(part) & free_letters(value) for delta in deltas for part in delta.args)


def _largest(place: AffineIndex | None) -> Symbol | None:
    """The letter that is the sum of the others: i in a place i − r, which is s when i = r + s."""
    if place is None or len(place.steps) < 2:
        return None
    positive = [(letter, step) for letter, step in place.steps if step > 0]
    return positive[0][0] if len(positive) == 1 and positive[0][1] == 1 else None


def _is_finite_at_zero(factor: Expr) -> bool:
    """A polynomial in entries, or a condition on indices."""
    if isinstance(factor, Indexed | KroneckerDelta):
        return True
    if isinstance(factor, Pow):
        return bool(factor.exp.is_Integer and factor.exp.is_positive) and _is_finite_at_zero(factor.base)
    if isinstance(factor, Add | Mul):
        return all(_is_finite_at_zero(part) for part in factor.args)
    return not factor.has(Indexed) and not any(is_letter(node) for node in nodes(factor))
