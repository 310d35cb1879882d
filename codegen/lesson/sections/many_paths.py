"""A quantity that reaches the cost by several paths: what comes along each of them, with numbers."""

from __future__ import annotations

from sympy import Expr, Mul

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import Node, derivative, separated
from chainrule.codegen.lesson.entry_numbers import EntryNumbers
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.index.tensors import scalar


def many_paths_section(material: Material) -> list[Block]:
    """Nothing where every quantity has one path to the cost, or where there are too many entries."""
    added = sum_over_paths(material)
    return [Heading(1, say("heading.paths"), "many-paths"), *added] if added else []


def sum_over_paths(material: Material) -> list[Block]:
    """What comes along each of the paths of one quantity; nothing as above."""
    numbers = material.entry_numbers
    adjoint = _with_several(numbers) if numbers is not None else None
    if numbers is None or adjoint is None:
        return []
    entry = numbers.by_index.node(numbers.entry_of(adjoint))
    through = [numbers.by_index.node(numbers.entry_of(other)) for other in numbers.passed_on_by(adjoint)]
    return [
        Paragraph(say("paths.several", u=Math(entry), through=listed([formula(each) for each in through]))),
        Display((_sum(numbers, adjoint, material.by_index.cost),)),
    ]


def _with_several(numbers: EntryNumbers) -> Expr | None:
    """The adjoint's entry that the fewest paths, but two at least, lead on from."""
    several = {adjoint: len(numbers.passed_on_by(adjoint)) for adjoint in numbers.backward}
    several = {adjoint: count for adjoint, count in several.items() if count > 1 and _are_read(numbers, adjoint)}
    return min(several, key=lambda adjoint: several[adjoint]) if several else None


def _are_read(numbers: EntryNumbers, adjoint: Expr) -> bool:
    """Whether its entry is read by all that the adjoint is passed on by itself, and by nothing else."""
    entry = numbers.entry_of(adjoint)
    return numbers.is_passed_on_alone(adjoint) and all(
        numbers.is_read_by(entry, numbers.entry_of(other)) for other in numbers.passed_on_by(adjoint)
    )


def _sum(numbers: EntryNumbers, adjoint: Expr, cost: Node) -> Line:
    """∂C/∂a = ∂C/∂z₁ ∂z₁/∂a + ∂C/∂z₂ ∂z₂/∂a = numbers = value"""
    u = numbers.by_index.node(numbers.entry_of(adjoint))
    products, values, terms = [], {}, []
    for place, other in enumerate(numbers.passed_on_by(adjoint)):
        v = numbers.by_index.node(numbers.entry_of(other))
        products.append(separated([derivative(cost, v), derivative(v, u)], "·"))
        slope = scalar(f"slope{place}")
        values[slope] = numbers.slope(numbers.entry_of(other), numbers.entry_of(adjoint))
        terms.append(Mul(other, slope, evaluate=False))
    whole = sum(terms[1:], terms[0])
    left, letters = numbers.by_index.formula(adjoint), Formula(separated(products, "+"))
    found = numbers.put_in(write_latex(left.node), whole, values)
    agree = numbers.checker.numbers_agree(write_latex(left.node), found.value, numbers.values[adjoint], left, letters)
    right = letters.joined("=", found.joined())
    return Line(left, right, evidence=together([agree, found.evidence], right))
