"""The module in each style and target; the number behind a comment leads to its equation in the derivation."""

from __future__ import annotations

from chainrule.codegen.backends.registry import STYLES, backend_of
from chainrule.codegen.document.document import Listing
from chainrule.codegen.document.equation_references import with_numbers
from chainrule.codegen.formats.html import html_block
from chainrule.codegen.handout import handout
from chainrule.codegen.templating.environments import html_template
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .prepared import prepared
from .question import InvalidField, Question

FIRST = "plain"
#: The style whose module no compiler was asked about: a worker process starts none.
C = "c"


def code_part(question: Question) -> str:
    """The source, with the numbers that the derivation of this notation and length gives to its equations; or why there is none."""
    style = question.fields.get("style", FIRST)
    if style not in STYLES:
        raise InvalidField("style", f"unknown style {style[:40]!r}; {expected_one_of(style[:40], STYLES)}")
    made = prepared(question.text)
    material = made.material(question)
    _ = handout(material, question.language)
    listing, refused = None, ""
    with speaking(question.language):
        try:
            code = Listing(made.c_source, "c") if style == C else Listing(made.source(style))
            listing = html_block(with_numbers(code, material.numbering.of), "")
        except InvalidDescription as problem:
            refused = problem.words
        return html_template("page_code.html.jinja", question.language).render(
            styles={each: backend_of(each).styles[each] for each in STYLES},
            chosen=style,
            listing=listing,
            refused=refused,
            is_compiled_elsewhere=style == C and listing is not None,
        )
