"""The two cases of the chain rule: one quantity behind the other, and two ways from one quantity to the last."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Display, Heading, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import Letter, bracketed, fraction, row, with_commas
from chainrule.codegen.formulas.letters import upright
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.layers.network import Network

#: Any functions would do: their derivatives stay unwritten, and the rule is evaluated at these.
ONE_WAY = ("y = sin(x)\nz = exp(y)", ("x",))
OWN_LETTERS = "xyzsghk"
TWO_WAYS = ("x = sin(s)\ny = exp(s)\nz = x*y + x", ("s",))


def chain_rule_cases_section(material: Material) -> list[Block]:
    """Case 1: dz/dx = dz/dy dy/dx. Case 2: dz/ds = ∂z/∂x dx/ds + ∂z/∂y dy/ds."""
    blocks: list[Block] = [
        Heading(1, say("heading.cases"), "chain-rule-cases"),
        Paragraph(say("letters.own", letters=Math(with_commas(*OWN_LETTERS)))),
        Paragraph(say("cases.one", given=_any("y", "g", "x"), then=_any("z", "h", "y"), x=Math(Letter("x")), z=Math(Letter("z")))),
        Display((_total(material, *ONE_WAY),)),
        Paragraph(
            say(
                "cases.two",
                first=_any("x", "g", "s"),
                second=_any("y", "h", "s"),
                then=_any("z", "k", "x", "y"),
                s=Math(Letter("s")),
                z=Math(Letter("z")),
            )
        ),
        Display((_total(material, *TWO_WAYS),)),
        Paragraph(say("cases.network")),
    ]
    return material.ledger.to_themselves(blocks, OWN_LETTERS)


def _any(result: str, function: str, *arguments: str) -> Math:
    """y = g(x)"""
    return Math(row(result, "=", function, bracketed(with_commas(*arguments))), Defined("any functions"))


def _total(material: Material, equations: str, parameters: tuple[str, ...]) -> Line:
    system = Network.from_equations(equations, parameters, name="cases")
    view = NetworkView(system, material.notation.adapted({}, of_layers=False), material.checker)
    writer = view.writer(Spelling(is_total=True))
    chain, d = view.chain(parameters[0]), upright("d")
    return writer.line(chain.tensor.own_entry, chain.expression, written=fraction(row(d, "z"), row(d, parameters[0])))
