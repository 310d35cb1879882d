"""A derivative written through the output: σ′(z) = a (1 − a) where a = σ(z), found by solving the forward equation.

    a = 1/(1 + t), t = exp(−z)      solve for t:  t = 1/a − 1      put into  t/(1 + t)² :  a (1 − a)

The same steps give tanh′ = 1 − a², elu′ = a + α on its lower branch, and the Jacobian of the softmax, δ(j,k) a_k − a_j a_k (there
the sum over units is one more unknown, and cancels). The result is kept where it is cheaper than what stood there.
"""

from __future__ import annotations

from functools import cache

import sympy
from sympy import Expr, Function, Indexed, KroneckerDelta, Piecewise, Pow, Sum, Symbol

from .algebra import cheapest, operations
from .equations import Equation
from .letters import free_letters, nodes, tidy
from .named_functions import BINDERS

#: Functions that take few values: an equation is not solved for them.
NO_GENERATORS = (Piecewise, KroneckerDelta, sympy.Abs, sympy.sign, *BINDERS)
OUTPUT, GENERATOR = Symbol("output", real=True), Symbol("generator", positive=True)


def output_form(derivative: Expr, equation: Equation, outside: frozenset[Symbol]) -> Expr:
    """`derivative` of `equation`, written through the equation's left side wherever that is cheaper.

    Sums inside keep off the letters `outside`.
    """
    if not derivative.has(Function):
        return derivative
    candidates = _candidates(derivative, equation, outside)
    if not divides_by_entries(derivative):
        # tanh(c) is not h/o where h = o tanh(c): a gate o may be 0.
        candidates = [candidate for candidate in candidates if not divides_by_entries(candidate)]
    return min([derivative, *candidates], key=operations)


def divides_by_entries(expression: Expr) -> bool:
    """Whether it divides by entries themselves, and not by a function of them such as 1 + exp(z), which has no zero to fear."""
    return any(isinstance(node, Pow) and node.exp.is_negative and _reads_plainly(node.base) for node in nodes(expression))


def _reads_plainly(expression: Expr) -> bool:
    if isinstance(expression, Indexed):
        return True
    inside = expression.args[:1] if isinstance(expression, Sum) else expression.args
    return not isinstance(expression, Function) and any(_reads_plainly(part) for part in inside)


def _candidates(derivative: Expr, equation: Equation, outside: frozenset[Symbol]) -> list[Expr]:
    forward = equation.expression
    if isinstance(derivative, sympy.Mul) and any(isinstance(part, Piecewise) for part in derivative.args):
        # Each factor by itself: the deltas in front of a case distinction are no part of it.
        parts = [output_form(part, equation, outside) if isinstance(part, Piecewise) else part for part in derivative.args]
        return [sympy.Mul(*parts)]
    if isinstance(forward, Piecewise) and isinstance(derivative, Piecewise):
        return _branchwise(derivative, equation, forward, outside)
    if forward.has(Piecewise):
        return []
    return [
        result
        for generator in _generators(forward)
        for solution in [_solved(forward, generator)]
        if solution is not None
        for result in [_through_output(derivative, equation, generator, solution, outside)]
        if result is not None
    ]


def _branchwise(derivative: Piecewise, equation: Equation, forward: Piecewise, outside: frozenset[Symbol]) -> list[Expr]:
    """Branch by branch, where both distinguish the same cases."""
    if [condition for _, condition in derivative.args] != [condition for _, condition in forward.args]:
        return []
    pairs = zip(derivative.args, forward.args, strict=True)
    branches = [(output_form(slope, Equation(equation.tensor, value), outside), condition) for (slope, condition), (value, _) in pairs]
    return [Piecewise(*branches)]


def _generators(forward: Expr) -> list[Expr]:
    """The functions of one entry in a formula outside of its sums, innermost last: exp(z[n,j]), tanh(z[n,j]), …"""
    found = []
    stack = [forward]
    while stack:
        part = stack.pop()
        if isinstance(part, Sum | Indexed):
            continue
        if isinstance(part, Function) and not isinstance(part, NO_GENERATORS):
            found.append(part)
        stack.extend(part.args)
    return sorted(dict.fromkeys(found), key=sympy.default_sort_key)


@cache
def _solved(forward: Expr, generator: Expr) -> Expr | None:
    """The generator as a formula in the output, if there is exactly one: t = 1/a − 1."""
    sums = {part: Symbol(f"total{number}", positive=True) for number, part in enumerate(_outer_sums(forward))}
    masked = forward.xreplace({generator: GENERATOR}).xreplace(sums)
    if masked.has(Function) and any(part.has(Indexed) for part in masked.atoms(Function)):
        return None
    if any(part in generator.free_symbols for part in masked.atoms(Indexed)):
        return None  # the formula reads the entry outside of the generator too: z exp(z)
    try:
        solutions = sympy.solve(masked - OUTPUT, GENERATOR)
    except NotImplementedError:
        return None
    if len(solutions) != 1 or solutions[0].has(GENERATOR, sympy.LambertW):
        return None
    return solutions[0].xreplace({symbol: part for part, symbol in sums.items()})


def _outer_sums(expression: Expr) -> list[Sum]:
    if isinstance(expression, Sum):
        return [expression]
    return list(dict.fromkeys(found for part in expression.args for found in _outer_sums(part)))


def _through_output(derivative: Expr, equation: Equation, generator: Expr, solution: Expr, outside: frozenset[Symbol]) -> Expr | None:
    """The generator's solution put in at every index at which the derivative reads it."""
    replaced: dict[Expr, Expr] = {}
    for here, places in _occurrences(derivative, generator, equation, outside):
        output = equation.tensor.at(*(places.get(letter, letter) for letter in equation.indices))
        value = tidy(solution.xreplace(places), outside).xreplace({OUTPUT: output})
        replaced[here] = value
        # exp(z) beside exp(-z): one is the other's reciprocal.
        if isinstance(here, sympy.exp):
            replaced |= {sympy.exp(power * here.args[0]): value**power for power in (-2, -1, 2)}
    if not replaced:
        return None
    clean = tidy(derivative, outside)
    masked = {part: Symbol(f"total{number}", positive=True) for number, part in enumerate(_outer_sums(clean))}
    result = clean.xreplace(masked).xreplace({key.xreplace(masked): value.xreplace(masked) for key, value in replaced.items()})
    return cheapest(result.xreplace({symbol: part for part, symbol in masked.items()}))


def _occurrences(
    derivative: Expr, generator: Expr, equation: Equation, outside: frozenset[Symbol]
) -> list[tuple[Expr, dict[Symbol, Expr]]]:
    """The generator as the derivative reads it, with what stands in place of the equation's letters.

    A function of one entry may be read at other indices too, as in a softmax; one of many entries is read as it stands.
    """
    entries = [part for part in nodes(generator) if isinstance(part, Indexed)]
    if len(entries) != 1 or set(entries[0].indices) - set(equation.indices):
        return [(tidy(generator, outside), {})]
    inside, found = entries[0], []
    for part in nodes(derivative):
        if isinstance(part, Indexed) and part.base == inside.base and free_letters(part) <= free_letters(derivative):
            places = dict(zip(inside.indices, part.indices, strict=True))
            found.append((generator.xreplace(places), places))
    return found
