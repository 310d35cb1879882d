"""Arrays that are multiplied with each other, entry by entry, and nothing else: in such a product no slope is taken anywhere."""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Indexed, Mul, Sum

from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.mistakes.kinds import MistakeKind
from chainrule.symbolic.system.system import Equation, System

from .hypotheses import Mistake


def as_operand(mistake: Mistake, equation: Equation, system: System) -> Mistake:
    """A mistake of a place is one of an operand where an array is multiplied with a delta as it is."""
    printer = PlainPrinter(system)
    products = [Mul.make_args(term.function if isinstance(term, Sum) else term) for term in Add.make_args(equation.expression)]
    factors = [printer.text(factor) for product in products for factor in product if all(isinstance(each, Indexed) for each in product)]
    is_factor = mistake.kind is MistakeKind.PLACE and mistake.mentions["right"] in factors
    return replace(mistake, kind=MistakeKind.OPERAND, sentence="marking.operand") if is_factor else mistake
