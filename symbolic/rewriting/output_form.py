"""A derivative written through the output: σ′(z) = a (1 − a) where a = σ(z), found by solving the forward equation.

    a = 1/(1 + t), t = exp(−z)      solve for t:  t = 1/a − 1      put into  t/(1 + t)² :  a (1 − a)

The same steps give tanh′ = 1 − a², elu′ = a + α on its lower branch, and the Jacobian of the softmax, δ(j,k) a_k − a_j a_k (there
the sum over units is one more unknown, and cancels). The result is kept where it is cheaper than what stood there.
"""

from __future__ import annotations

from functools import cache

import sympy
from sympy import Add, Expr, Function, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import free_letters, is_letter, nodes, substitute, tidy
from chainrule.symbolic.index.named_functions import BINDERS, clip
from chainrule.symbolic.index.ranges import bounds
from chainrule.symbolic.index.step_functions import StepFunction, stop
from chainrule.symbolic.system.system import Equation

from .algebra import cheapest, operations
from .definition_matching import bindings, patterns
from .deltas import Term
from .own_name import by_own_name

#: Functions that take few values, or whose values are held: an equation is not solved for them.
NO_GENERATORS = (Piecewise, KroneckerDelta, sympy.Abs, sympy.sign, StepFunction, stop, clip, *BINDERS)
#: No tensor and no constant is called so.
OUTPUT = Symbol("output@", real=True)
#: What is added to an exponent where a mask hides it: −∞ or 0.
HIDDEN = Function("hidden", real=True)
#: The exponential of this is 0, in every precision that modules compute in.
VANISHES = -20000


def output_form(derivative: Expr, equation: Equation, outside: frozenset[Symbol]) -> Expr:
    """`derivative` of `equation`, written through the equation's left side wherever that is cheaper.

    Sums inside keep off the letters `outside`.
    """
    by_name = by_own_name(derivative, equation, outside)
    if not derivative.has(Function):
        return min([derivative, *by_name], key=operations)
    hidden = _masked_exponentials(equation.expression)
    if hidden:
        plain = Equation(equation.tensor, equation.expression.xreplace(hidden))
        shorter = output_form(_without_switches(derivative.xreplace(_masked_exponentials(derivative))), plain, outside)
        return derivative if shorter.has(HIDDEN) else shorter
    allowed = _denominators(derivative)
    candidates = [form for found in _candidates(derivative, equation, outside) for form in (found, sympy.expand_mul(found, deep=False))]
    return min([derivative, *by_name, *(form for form in candidates if _denominators(form) <= allowed)], key=operations)


def _masked_exponentials(expression: Expr) -> dict[Expr, Expr]:
    """where(c, 0, exp(u)), as a mask leaves it, as exp(u + h) with h = −∞ where c holds and 0 elsewhere: its derivative is itself.

    exp(where(c, −10⁹, u)) is the same.
    """
    found: dict[Expr, Expr] = {}
    for part in expression.atoms(sympy.exp):
        if isinstance(part.args[0], Piecewise) and (shown := _shown_under(part.args[0])):
            found[part] = sympy.exp(shown[0] + _hidden(shown[1]))
    for part in expression.atoms(Piecewise):
        branches = [(value, condition) for value, condition in part.args]
        values = [value for value, _ in branches]
        if len(branches) != 2 or 0 not in values or not any(isinstance(value, sympy.exp) for value in values):
            continue
        shown = branches[0][1] if isinstance(values[0], sympy.exp) else sympy.Not(branches[0][1])
        if isinstance(shown, Relational) and not shown.has(Indexed):
            exponential = next(value for value in values if value != 0)
            found[part] = sympy.exp(exponential.args[0] + _hidden(shown))
    return found


def _without_switches(expression: Expr) -> Expr:
    """exp(u + h) where(c, 1, 0) as exp(u + h), which is 0 where the same mask hides it."""

    def is_needless(factor: Expr, product: Expr) -> bool:
        if not _is_switch(factor) or not isinstance(factor.args[0][1], Relational):
            return False
        hidden = _hidden(factor.args[0][1])
        return any(isinstance(other, sympy.exp) and hidden in Add.make_args(other.args[0]) for other in product.args)

    return expression.replace(
        lambda part: isinstance(part, Mul) and any(is_needless(factor, part) for factor in part.args),
        lambda part: Mul(*(factor for factor in part.args if not is_needless(factor, part))),
    )


def _shown_under(exponent: Piecewise) -> tuple[Expr, Relational] | None:
    """An exponent, and the comparison of places under which it is one; elsewhere it is a number whose exponential is 0."""
    (first, condition), *others = exponent.args
    if len(others) != 1 or not isinstance(condition, Relational) or condition.has(Indexed):
        return None
    second, _ = others[0]
    if second.is_number and second <= VANISHES:
        return first, condition
    return (second, sympy.Not(condition)) if first.is_number and first <= VANISHES else None


def _hidden(shown: Relational) -> Expr:
    """What is added where a mask shows an entry only under a condition; the same function whatever the letters are called."""
    ordered = shown.reversed if isinstance(shown, sympy.StrictGreaterThan | sympy.GreaterThan) else shown
    letters = [node for node in dict.fromkeys(nodes(ordered)) if is_letter(node)]
    places = {letter: Symbol(f"place{number}@") for number, letter in enumerate(letters)}
    left, right = (part.xreplace(places) for part in ordered.args)
    return HIDDEN(Symbol(f"{type(ordered).__name__} {left} {right}"), *letters)


def _denominators(expression: Expr) -> set[Expr]:
    """What an expression divides by. exp(x) = u/w for u = w exp(x) is no help where w is 0, as a bias is at first."""
    return {node.base for node in nodes(expression) if isinstance(node, Pow) and node.exp.is_negative and not node.base.is_number}


def _candidates(derivative: Expr, equation: Equation, outside: frozenset[Symbol]) -> list[Expr]:
    forward = equation.expression
    if isinstance(derivative, Mul) and (switch := next(filter(_is_switch, derivative.args), None)) is not None:
        # where(c, 1, 0) u is written through what the output is where c holds.
        there = Equation(equation.tensor, _where(switch.args[0][1], forward))
        return [Mul(switch, output_form(derivative.func(*(part for part in derivative.args if part is not switch)), there, outside))]
    if isinstance(derivative, Mul) and any(isinstance(part, Piecewise) for part in derivative.args):
        # Each factor by itself: the deltas in front of a case distinction are no part of it.
        parts = [output_form(part, equation, outside) if isinstance(part, Piecewise) else part for part in derivative.args]
        return [Mul(*parts)]
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


def _is_switch(factor: Expr) -> bool:
    return isinstance(factor, Piecewise) and [value for value, _ in factor.args] == [1, 0] and not factor.has(Indexed)


def _where(condition: Relational, formula: Expr) -> Expr:
    """A formula where a comparison of places holds: its case there, and no term at a place that does not keep it."""
    cases = {part: part.args[0][0] for part in formula.atoms(Piecewise) if part.args[0][1] == condition}
    kept = formula.xreplace(cases)
    beyond = (delta for delta in kept.atoms(KroneckerDelta) for pair in (delta.args, delta.args[::-1]) if _breaks(pair, condition))
    return kept.xreplace(dict.fromkeys(beyond, sympy.S.Zero))


def _breaks(equal: tuple[Expr, Expr], condition: Relational) -> bool:
    letter, place = equal
    return is_letter(letter) and condition.xreplace({letter: place}) == sympy.false


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
    sums = _masks(forward)
    unknown = _mask("generator@", generator)
    masked = forward.xreplace({generator: unknown}).xreplace(sums)
    if any(part.has(Indexed, unknown) for part in masked.atoms(Function)):
        return None
    if masked.has(KroneckerDelta):
        return None  # a placement: away from its place the output says nothing of the generator
    solution = _linear_solution(masked, unknown)
    reads_more = any(part in generator.free_symbols for part in masked.atoms(Indexed))
    if solution is None or (reads_more and (solution / OUTPUT).has(OUTPUT)):
        return None  # tanh(z) = z - a: a difference of what the formula reads twice loses digits; exp(-x²/(2 s²)) = a s loses none
    return solution.xreplace({symbol: part for part, symbol in sums.items()})


def _linear_solution(formula: Expr, unknown: Symbol) -> Expr | None:
    """unknown = −b/a where formula − output = (a unknown + b)/c: the one solution there is, whatever the other symbols are."""
    above, _ = sympy.fraction(sympy.together(formula - OUTPUT))
    if not above.is_polynomial(unknown):
        return None
    found = sympy.Poly(above, unknown)
    if found.degree() != 1:
        return None
    slope, rest = found.all_coeffs()
    return sympy.cancel(-rest / slope)


def _masks(expression: Expr) -> dict[Expr, Symbol]:
    """A symbol for every sum."""
    return {part: _mask(f"total{number}@", part.function) for number, part in enumerate(_outer_sums(expression))}


def _mask(name: str, value: Expr) -> Symbol:
    """A symbol that is positive only where what it stands for is: √(t²) is not t otherwise."""
    return Symbol(name, positive=True) if value.is_positive else Symbol(name, real=True)


def _outer_sums(expression: Expr) -> list[Sum]:
    if isinstance(expression, Sum):
        return [expression]
    return list(dict.fromkeys(found for part in expression.args for found in _outer_sums(part)))


def _through_output(derivative: Expr, equation: Equation, generator: Expr, solution: Expr, outside: frozenset[Symbol]) -> Expr | None:
    """The generator's solution put in at every index at which the derivative reads it."""
    clean = tidy(derivative, outside)
    replaced = _exchange(clean, equation, generator, solution, outside)
    if not replaced:
        return None
    own = {total for value in replaced.values() for total in _outer_sums(value)}
    further = {
        total: _sum_through_output(total, equation, generator, solution, outside) for total in _outer_sums(clean) if total not in own
    }
    clean = clean.xreplace(further)
    masked = _masks(clean)
    result = clean.xreplace(masked).xreplace({key.xreplace(masked): value.xreplace(masked) for key, value in replaced.items()})
    return cheapest(result.xreplace({symbol: part for part, symbol in masked.items()}))


def _sum_through_output(total: Sum, equation: Equation, generator: Expr, solution: Expr, outside: frozenset[Symbol]) -> Expr:
    """Σ_k exp(z_k) u_k as r Σ_k p_k u_k where p_k = exp(z_k)/r."""
    own = tuple(limit[0] for limit in total.limits)
    replaced = _exchange(total.function, equation, generator, solution, outside | set(own))
    inside = total.function.xreplace(replaced)
    return tidy(Term(own, Mul.make_args(inside)).expression(), outside) if replaced else total


def _exchange(derivative: Expr, equation: Equation, generator: Expr, solution: Expr, outside: frozenset[Symbol]) -> dict[Expr, Expr]:
    """The generator's solution for the generator, wherever the derivative reads it without a letter that is summed over."""
    replaced: dict[Expr, Expr] = {}
    exponentials = derivative.atoms(sympy.exp)
    for here, places in _occurrences(derivative, generator, equation, outside):
        output = equation.tensor.at(*(places.get(letter, letter) for letter in equation.indices))
        value = tidy(solution.xreplace(places), outside).xreplace({OUTPUT: output})
        replaced[here] = value
        # exp(z) beside exp(-z): one is the other's reciprocal.
        if isinstance(here, sympy.exp) and exponentials - {here}:
            powers = {sympy.exp(power * here.args[0]): power for power in (-2, -1, 2)}
            replaced |= {other: value**power for other, power in powers.items() if other in exponentials}
    return replaced


def _occurrences(
    derivative: Expr, generator: Expr, equation: Equation, outside: frozenset[Symbol]
) -> list[tuple[Expr, dict[Symbol, Expr]]]:
    """The generator as the derivative reads it, with what stands in place of the equation's letters.

    It may be read at other indices too, as in a softmax: exp(z[n,j]) at another j, or exp(Σ_i W[j,i] x[n,i]).
    """
    entries = [part for part in nodes(generator) if isinstance(part, Indexed)]
    if len(entries) != 1 or set(entries[0].indices) - set(equation.indices):
        return _elsewhere(derivative, generator, equation, outside) or [(tidy(generator, outside), {})]
    inside, found = entries[0], []
    for part in nodes(derivative):
        if isinstance(part, Indexed) and part.base == inside.base and free_letters(part) <= free_letters(derivative):
            places = dict(zip(inside.indices, part.indices, strict=True))
            # Out of range the output is 0 whatever goes in.
            if not any(bounds(place, axis_name(letter), {}) for letter, place in places.items()):
                found.append((generator.xreplace(places), places))
    return found


def _elsewhere(derivative: Expr, generator: Expr, equation: Equation, outside: frozenset[Symbol]) -> list[tuple[Expr, dict[Symbol, Expr]]]:
    """A function of many entries, as the derivative reads it; most often it reads it as it stands."""
    found: list[tuple[Expr, dict[Symbol, Expr]]] = []
    for part in dict.fromkeys(node for node in nodes(derivative) if isinstance(node, generator.func)):
        if part == tidy(generator, outside):
            found.append((part, {}))
        elif free_letters(part) <= free_letters(derivative):
            (pattern,) = patterns((Equation(equation.tensor, generator),))
            own = tidy(part)
            places = [places for places in bindings(pattern, nodes(part)) if tidy(substitute(generator, places)) == own]
            found += [(part, each) for each in places[:1]]
    return found
