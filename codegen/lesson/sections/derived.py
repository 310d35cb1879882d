"""The section on what is made of gradients: products with Jacobians, gradients of single examples, curvature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.codegen.document.document import Block, Display, Heading, Math, Paragraph
from chainrule.codegen.document.nodes import Letter
from chainrule.codegen.formulas.derived_printer import DerivedPrinter
from chainrule.codegen.formulas.letters import upright
from chainrule.codegen.formulas.printers import in_notation
from chainrule.codegen.lesson.equation_writer import LineWriter, SourceParts
from chainrule.codegen.lesson.jacobian_document import jacobian_blocks
from chainrule.codegen.lesson.ledger import PREFIXES
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.program.derived_functions import DerivedFunction, output_of
from chainrule.codegen.words.sentences import Field, say, say_with
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.derivation.jacobian import derive_jacobian

from .numbers import limit

#: Equations of one function that a reader can take.
MOST_EQUATIONS = 40
SEED = 9


def derived_section(material: Material) -> list[Block]:
    """Each kind of function with its equations; of several of a kind, that of the last tensor."""
    further = material.checked.further
    if further is None or further.derived is None:
        return []
    derived = further.derived
    blocks: list[Block] = [Heading(1, say("heading.derived"), "derived")]
    for kind in dict.fromkeys(function.kind for function in derived.functions):
        *_, last = derived.of_kind(kind)
        # Of products the last tensor, to which the way is longest; of Jacobians the first parameter.
        function = derived.of_kind(kind)[0] if kind == "jacobian" else last
        blocks += material.ledger.to_themselves(list(_of_function(material, function)), (), PREFIXES)
    return [*blocks, Paragraph(say("derived.checked", error=Math(limit(derived.verified.largest_error))))]


def _of_function(material: Material, function: DerivedFunction) -> Iterator[Block]:
    numbers = function_numbers(function, material.numbers)
    printer = DerivedPrinter(numbers.system, material.notation, material.system)
    yield Heading(2, say(f"heading.derived.{function.kind}"), f"derived-{function.kind}")
    yield Paragraph(say_with(f"derived.{function.kind}", _signs(material, function, printer)))
    if function.kind == "jacobian":
        jacobian = derive_jacobian(material.derivation, output_of(material.derivation), function.of)
        yield from jacobian_blocks(jacobian, in_notation(material.notation, jacobian.system), material.checker)
        return
    writer = LineWriter(SourceParts(numbers, material.checker), printer)
    shown = function.equations if len(function.equations) <= MOST_EQUATIONS else function.equations[-MOST_EQUATIONS:]
    yield Display(tuple(writer.equation(equation) for equation in shown))


def _signs(material: Material, function: DerivedFunction, printer: DerivedPrinter) -> dict[str, Field]:
    """What the sentences mention."""
    of = function.of or material.system.parameters[0].name
    tensor = Math(printer.entry(of, ()))
    cotangent = next((given.name for name, given in function.given if not name), f"u{of}")
    return {
        "of": tensor,
        "u": Math(printer.entry(cotangent, ())),
        "v": Math(upright("v")),
        "delta": Math(Letter("δ")),
        "output": Math(printer.entry(output_of(material.derivation), ())),
    }


def function_numbers(function: DerivedFunction, known: Numbers) -> Numbers:
    """Random numbers for what a function is given, and those that its equations then have."""
    rng = np.random.default_rng(SEED)
    given = {tensor.name: rng.standard_normal(known.shape(tensor)).astype(complex) for _, tensor in function.given}
    arrays = {name: array for name, array in known.arrays.items() if name in known.system.tensors}
    return solved(function.equations, Numbers(function.whole, {**arrays, **given}, known.sizes))
