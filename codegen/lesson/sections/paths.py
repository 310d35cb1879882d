"""A gradient as a product of derivatives along each way to the cost: ∂C/∂a · ∂a/∂z · ∂z/∂W, and as many products as there are ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from chainrule.codegen.document.document import Block, Display, Formula, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.nodes import Letter, Node, derivative, separated
from chainrule.codegen.lesson.equation_writer import in_terms
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.checking.interpreter import jacobian
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.dependence import passed_to
from chainrule.symbolic.system.system import System

#: More ways are no help to a reader, and neither are longer ones.
MOST_WAYS = 3
MOST_FACTORS = 40
MOST_WRITTEN = 9

PathToCost = tuple[str, ...]


def ways_section(material: Material, adjoint: Adjoint) -> list[Block]:
    """The sum over all ways, without indices; nothing where it would be long, or where a quantity depends on itself."""
    name = adjoint.tensor.name
    ways = ways_to_the_cost(material.system, name)
    if not ways or len(ways[0]) < 3:
        return []
    left = Formula(derivative(material.by_index.cost, material.bare(name)))
    products = [_product(material, way) for way in ways]
    whole = Formula(separated(products, "+"))
    line = Line(left, whole, evidence=_evaluated(material, name, ways, (left, whole)))
    direction = "back" if material.notation.chain_from_cost else "forwards"
    key = f"gradient.path.{direction}" if len(products) == 1 else f"gradient.paths.{direction}"
    return [Paragraph(say(key, parameter=Math(material.bare(name)))), Display(in_terms(line, products)), Paragraph(say("gradient.factor"))]


def ways_to_the_cost(system: System, name: str) -> list[PathToCost]:
    """Every chain of quantities from a tensor to the cost, each read by the next, the shortest first.

    None where there are too many, or where one of them leads through a recurrence.
    """
    cost = system.cost.tensor.name
    leading = passed_to([cost], system.definition)
    found: list[PathToCost] = []
    waiting: list[PathToCost] = [(name,)]
    while waiting:
        way = waiting.pop(0)
        if way[-1] == cost:
            found.append(way)
            continue
        readers = (reader for reader in system.readers.get(way[-1], ()) if way[-1] in reader.passes_to)
        following = [reader.tensor.name for reader in readers if reader.tensor.name in leading]
        if any(reader in way for reader in following) or len(way) > MOST_FACTORS:
            return []
        waiting += [(*way, reader) for reader in following]
        if len(found) + len(waiting) > MOST_WAYS:
            return []
    return found


def _evaluated(material: Material, name: str, ways: list[PathToCost], shown: Sequence[Formula]) -> Evaluated:
    """The products of the local derivatives, found by complex steps, against the gradient."""
    total = sum(_along(material, way) for way in ways)
    expected = material.numbers.arrays[material.system.adjoint_name(name)]
    return material.checker.numbers_agree(f"∂C/∂{name} as a product along its ways", total, expected, *shown)


def _along(material: Material, way: PathToCost) -> NumericArray:
    """∂C/∂v of the last quantity but one, times its local derivative, and so on back to the first."""
    product: NumericArray = np.ones(())
    for under, over in reversed(list(pairwise(way))):
        known = material.numbers.jacobians
        if (over, under) not in known:
            known[over, under] = jacobian(material.numbers, over, under)
        product = np.tensordot(product, known[over, under], axes=product.ndim)
    return product


def _product(material: Material, way: PathToCost) -> Node:
    factors = list(_factors(material, way))
    if material.notation.chain_from_cost:
        factors.reverse()
    if len(factors) > MOST_WRITTEN:
        factors = [*factors[:4], Letter("⋯"), *factors[-3:]]
    return separated(factors, "·")


def _factors(material: Material, way: PathToCost) -> Iterator[Node]:
    for under, over in pairwise(way):
        yield derivative(material.bare(over), material.bare(under))
