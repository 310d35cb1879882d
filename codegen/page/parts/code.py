"""The module in each style; the number behind a comment leads to its equation in the derivation."""

from __future__ import annotations

from chainrule.codegen.backends.registry import BACKENDS, NUMPY
from chainrule.codegen.document.document import Listing
from chainrule.codegen.document.equation_references import with_numbers
from chainrule.codegen.formats.html import html_block
from chainrule.codegen.handout import handout
from chainrule.codegen.templating.environments import html_template
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.index.failures import expected_one_of

from .prepared import prepared
from .question import InvalidField, Question

#: Those that no compiler has to be asked about, which a worker process does not start.
STYLES = BACKENDS[NUMPY].styles
FIRST = "plain"


def code_part(question: Question) -> str:
    """The source, with the numbers that the derivation of this notation and length gives to its equations."""
    style = question.fields.get("style", FIRST)
    if style not in STYLES:
        raise InvalidField("style", f"unknown style {style[:40]!r}; {expected_one_of(style[:40], STYLES)}")
    made = prepared(question.text)
    material = made.material(question)
    _ = handout(material, question.language)
    with speaking(question.language):
        listing = with_numbers(Listing(made.source(style)), material.numbering.of)
        return html_template("page_code.html.jinja", question.language).render(
            styles=list(STYLES), chosen=style, listing=html_block(listing, "")
        )
