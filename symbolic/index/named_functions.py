"""Functions that formulas get shorter with, or safer to compute.

None has a derivative of its own, but for maxima and open powers: before anything is differentiated they are written out by their
definitions. All are real, as every value here is; SymPy takes what may be complex apart into a real and an imaginary part.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Basic, Dummy, Expr, Function, Piecewise, Pow, S, Symbol
from sympy.core.relational import Relational

from .axes import fresh, limits
from .failures import NotExpressible
from .index_sum import IndexSum


class sigmoid(Function):  # type: ignore[misc]  # noqa: N801
    """The logistic function 1/(1 + exp(-u))."""

    nargs = 1
    is_positive = True

    def _eval_evalf(self, prec: int) -> Expr:
        return written_out(self)._eval_evalf(prec)


class softplus(Function):  # type: ignore[misc]  # noqa: N801
    """log(1 + exp(u))."""

    nargs = 1
    is_positive = True

    def _eval_evalf(self, prec: int) -> Expr:
        return written_out(self)._eval_evalf(prec)


class expm1(Function):  # type: ignore[misc]  # noqa: N801
    """exp(u) - 1, with all its digits also where u is near 0."""

    nargs = 1
    is_real = True

    def _eval_evalf(self, prec: int) -> Expr:
        return written_out(self)._eval_evalf(prec)


class log1p(Function):  # type: ignore[misc]  # noqa: N801
    """log(1 + u), with all its digits also where u is near 0."""

    nargs = 1
    is_real = True

    def _eval_evalf(self, prec: int) -> Expr:
        return written_out(self)._eval_evalf(prec)


class clip(Function):  # type: ignore[misc]  # noqa: N801
    """u, but at least the second argument and at most the third; its slope is 1 between them, and 0 outside and at them."""

    nargs = 3
    is_real = True

    @classmethod
    def eval(cls, u: Expr, low: Expr, high: Expr) -> Expr | None:
        return sympy.Min(sympy.Max(u, low), high) if u.is_number and low.is_number and high.is_number else None


class softmax(Function):  # type: ignore[misc]  # noqa: N801
    """exp(u) / Σ_k exp(u) where u depends on the letter k, the second argument, which stays free."""

    nargs = 2
    is_real = True


class log_sum_exp(Function):  # type: ignore[misc]  # noqa: N801
    """log Σ_k exp(u); the second argument is the letter k, which is bound."""

    nargs = 2
    is_real = True


class axis_max(Function):  # type: ignore[misc]  # noqa: N801
    """The largest u over the letter k, the second argument, which is bound.

    Its derivative is that of u where u is largest, the first such place in a tie.
    """

    nargs = 2
    is_real = True

    def _eval_derivative(self, by: Expr) -> Expr:
        u, letter = self.args
        slope = u.diff(by)
        return slope.xreplace({letter: arg_max(without_distinctions(u), letter)}) if slope != 0 else S.Zero


class arg_max(Function):  # type: ignore[misc]  # noqa: N801
    """The first place along the letter k, the second argument, which is bound, at which u is largest."""

    nargs = 2
    is_integer = True

    def _eval_derivative(self, by: Expr) -> Expr:
        return S.Zero


class determinant(Function):  # type: ignore[misc]  # noqa: N801
    """det A of the matrix whose entry is the first argument; the second and third, letters of one axis, are bound: its row and column.

    Where it is differentiated, the fourth is the entry (A⁻¹)[column, row] by name; it has no part in the value. det A is taken row by row:
    it is Σ_j A[i,j] c[i,j] for every row i (Laplace), in which no cofactor of a row reads the row, and c[i,j] = det A (A⁻¹)[j,i] (Cramer).
    """

    nargs = (3, 4)
    is_real = True

    def _eval_derivative(self, by: Expr) -> Expr:
        value, row, column, *inverse = self.args
        held = Dummy("c")
        slope = IndexSum(value * held, limits(row), limits(column)).diff(by)
        if slope == 0:
            return S.Zero
        if not inverse:
            raise NotExpressible("a determinant is differentiated beside the inverse of its matrix")
        return self * slope.xreplace({held: inverse[0]})


class gradient(Function):  # type: ignore[misc]  # noqa: N801
    """∂of/∂by: `of` is a number that an equation computes, `by` an entry that it depends on. It is put in when a system is derived."""

    nargs = 2
    is_real = True


class cases(Function):  # type: ignore[misc]  # noqa: N801
    """A case distinction inside of a place: value, condition, value, condition, …

    SymPy moves a `Piecewise` in the place of an entry out of the condition that reads the entry, and a bound letter with it.
    """

    is_real = True

    @property
    def distinction(self) -> Expr:
        return Piecewise(*zip(self.args[::2], self.args[1::2], strict=True), evaluate=False)


def without_distinctions(expression: Expr) -> Expr:
    """The expression with `cases` for every `Piecewise`."""
    return expression.replace(Piecewise, lambda *branches: cases(*(part for branch in branches for part in branch)))


class open_power(Function):  # type: ignore[misc]  # noqa: N801
    """u^g with an exponent that is no number, while it is differentiated: ∂(u^g)/∂u = g u^(g − 1), also at u = 0.

    SymPy says g u^g / u, in which it cancels what u and ∂u share, so that a division is left that is none: (w x)^g g/w for ∂(w x)^g/∂w.
    """

    nargs = 2

    def fdiff(self, argindex: int = 1) -> Expr:
        base, exponent = self.args
        if argindex == 1:
            return exponent * open_power(base, exponent - 1)
        # 0^v, which a maximum leaves, is 0 for every v > 0.
        return S.Zero if base == 0 else open_power(base, exponent) * sympy.log(base)


def open_powers(expression: Expr) -> Expr:
    """The expression with `open_power` for every power of a variable with an exponent that is no number."""
    if not any(map(_is_open, expression.atoms(Pow))):
        return expression
    return expression.replace(_is_open, lambda power: open_power(*power.args))


def _is_open(part: Expr) -> bool:
    return isinstance(part, Pow) and not part.exp.is_number and (not part.base.is_number or part.base == 0)


def of_determinant(inside: Expr) -> Expr | None:
    """The determinant of |det A|."""
    return inside.args[0] if isinstance(inside, sympy.Abs) and isinstance(inside.args[0], determinant) else None


#: Functions whose second argument is a letter that they bind, as a sum does; a determinant binds the third too.
BINDERS = (log_sum_exp, axis_max, arg_max, determinant)


def bound_letters(binder: Expr) -> tuple[Symbol, ...]:
    """The letters that a function binds."""
    return tuple(binder.args[1:3]) if isinstance(binder, determinant) else (binder.args[1],)


def _softmax(u: Expr, letter: Symbol) -> Expr:
    own = fresh(letter, u.atoms(Symbol))
    return sympy.exp(u) / IndexSum(sympy.exp(u.xreplace({letter: own})), limits(own))


DEFINITIONS: dict[type[Basic], Callable[..., Expr]] = {
    sigmoid: lambda u: 1 / (1 + sympy.exp(-u)),
    softplus: lambda u: sympy.log(1 + sympy.exp(u)),
    expm1: lambda u: sympy.exp(u) - 1,
    log1p: lambda u: sympy.log(1 + u),
    log_sum_exp: lambda u, letter: sympy.log(IndexSum(sympy.exp(u), limits(letter))),
    softmax: _softmax,
}


def written_out(expression: Expr) -> Expr:
    """Named functions replaced by their definitions."""
    if expression.has(*DEFINITIONS):
        for function, definition in DEFINITIONS.items():
            expression = expression.replace(function, definition)
    return expression


def in_cases(expression: Expr) -> Expr:
    """`clip` case by case, as it is differentiated; in conditions, which are not, it stays."""
    if isinstance(expression, Relational) or not expression.has(clip):
        return expression
    parts = [in_cases(part) for part in expression.args]
    if not isinstance(expression, clip):
        return expression.func(*parts)
    value, least, most = parts
    u, low, high = map(without_distinctions, expression.args)
    # Where the bounds are the other way round it is the upper one, as in NumPy and PyTorch.
    within = Piecewise((value, u < high), (most, True))
    below = Piecewise((least, low < high), (most, True))
    return Piecewise((within, u > low), (below, True))
