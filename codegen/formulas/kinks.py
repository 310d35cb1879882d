"""Where a network's formulas have no derivative, and what is taken there; entries that are read outside of their array.

Handout and module say the same, by the same keys.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Abs, Expr, Indexed, Piecewise, Symbol, sign

from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.index_letters import free_letters, nodes
from chainrule.symbolic.index.kink import Kink
from chainrule.symbolic.index.named_functions import axis_max, clip, of_determinant
from chainrule.symbolic.index.step_functions import StepFunction, stop
from chainrule.symbolic.system.norms import has_root_of_squares
from chainrule.symbolic.system.system import System

CASES = "kink.cases"
#: Key of a sentence, and what a formula must hold for it to be said.
KINKS: tuple[tuple[str, type[Expr]], ...] = (
    (CASES, Piecewise),
    ("kink.clip", clip),
    ("kink.absolute", Abs),
    ("kink.sign", sign),
    ("kink.steps", StepFunction),
    ("kink.maximum", axis_max),
    ("kink.stop", stop),
    ("kink.implicit", implicit),
)
NORM = "kink.norm"


def kinks(system: System) -> tuple[str, ...]:
    """The keys of what is to be said about a network's kinks, in a fixed order."""
    # A matrix whose determinant is 0 has no inverse, beside which it is differentiated: there is no kink.
    every = (node for equation in system.equations for node in nodes(equation.expression) if of_determinant(node) is None)
    found = {type(node) for node in every}
    keys = [key for key, kind in KINKS if any(issubclass(other, kind) for other in found)]
    if CASES in keys:
        keys[keys.index(CASES)] = _of_cases(system)
    if any(has_root_of_squares(equation.expression, system) for equation in system.equations):
        keys.append(NORM)
    return tuple(keys)


def _of_cases(system: System) -> str:
    """Where two cases meet, one slope is taken for all, with an example where the network has it, or one for each layer."""
    if len(system.kinks) > 1:
        return "kink.each"
    side = min(system.kinks, default=None)
    cases = [node for equation in system.equations for node in nodes(equation.expression) if isinstance(node, Piecewise)]
    key = f"kink.{side}" if side else CASES
    if any(_is_relu(node, side) for node in cases):
        return f"{key}.relu"
    return f"{key}.leaky_relu" if side is None and any(map(_is_leaky, cases)) else key


def _is_relu(node: Piecewise, side: Kink | None) -> bool:
    """Whether it is u where u > 0, and otherwise 0, as the rule of the side writes it."""
    u, last = node.args[0][0], node.args[-1][0]
    # SymPy looks long at conditions of long formulas.
    if len(node.args) != 2 or (last != 0 and side is not Kink.MIDDLE):
        return False
    otherwise = Piecewise((0, u < 0), (u / 2, True)) if side is Kink.MIDDLE else 0
    return bool(node == Piecewise((u, u >= 0 if side is Kink.RIGHT else u > 0), (otherwise, True)))


def _is_leaky(node: Piecewise) -> bool:
    """Whether it is u where u > 0, and otherwise so small a part of u that its slope has the same sign."""
    (u, _), (other, _) = node.args[0], node.args[-1]
    if len(node.args) != 2 or other == 0:
        return False
    part = other / u
    return bool(not part.has(u) and part.is_negative is not True and node == Piecewise((u, u > 0), (other, True)))


def solved(system: System) -> tuple[str, ...]:
    """The keys of what is to be said about equations that their own tensor solves."""
    forms = [ImplicitEquation(each, system.stored) for each in system.equations if isinstance(each.expression, implicit)]
    found = {"forward.solve" if form.right is not None else "forward.fixed" for form in forms if form.factored is None}
    return tuple(sorted(found, reverse=True))


def read_outside(system: System, expressions: Iterable[Expr], under_maximum: bool = False) -> Indexed | None:
    """The first entry, of all or of those under a maximum, that some position reads outside of its array: h[n, t-1]."""
    for expression in expressions:
        searched = [node for node in nodes(expression) if isinstance(node, axis_max)] if under_maximum else [expression]
        for node in (node for part in searched for node in nodes(part)):
            if isinstance(node, Indexed) and _reaches_outside(node, system):
                return node
    return None


def _reaches_outside(node: Indexed, system: System) -> bool:
    tensor = system.stored[node.base.name]
    return any(_exceeds(place, axis_name(letter), system) for place, letter in zip(node.indices, tensor.axes, strict=True))


def _exceeds(place: Expr, axis: str, system: System) -> bool:
    """Whether an index sum such as 2 i + p - 1 leaves the axis at its smallest or at its largest value."""
    if isinstance(place, Symbol) or place.has(Indexed):
        return False
    size = system.axes[axis].size_expression
    lowest = highest = place
    for letter in free_letters(place):
        last = system.axis(letter).size_expression - 1
        rising = place.coeff(letter) > 0
        lowest = lowest.subs(letter, 0 if rising else last)
        highest = highest.subs(letter, last if rising else 0)
    return bool(lowest.is_negative or (size - 1 - highest).is_negative)
