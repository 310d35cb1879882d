"""Sentences as HTML, and the elements that all of a page is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from markupsafe import Markup, escape

from chainrule.codegen.document.chinese_letters import CLOSING_SIGNS
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.document.sentence import Code, Math, Reference, Sentence, Words
from chainrule.codegen.document.spoken import write_spoken
from chainrule.codegen.formulas.folding import terms
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.templating.environments import one_line

from .mathml import write_mathml

#: In em: a formula in a sentence that is wider may be broken at its terms.
_INLINE_WIDTH = 12.0
#: In em: a single term that is wider may not fit on a telephone, and can be moved there.
_TELEPHONE_WIDTH = 16.0
#: What does not begin a line, though a browser breaks lines on both sides of a formula.
_NEVER_FIRST = (*CLOSING_SIGNS, *",.;:?!)")
_EMPTY = Markup("")
_beginning: ContextVar[str] = ContextVar("beginning of anchors", default="")


def html_sentence(sentence: Sentence) -> Markup:
    """Words, formulas, code and links, with no sign alone at the start of a line."""
    parts: list[Markup] = []
    for position, piece in enumerate(sentence):
        behind_formula = position > 0 and isinstance(sentence[position - 1], Math)
        if behind_formula and isinstance(piece, Words) and piece.text.startswith(_NEVER_FIRST):
            space = Markup(" ") if parts[-1].startswith(" ") else _EMPTY
            parts[-1] = space + element("span", parts[-1].lstrip() + escape(piece.text[0]), class_="joined")
            parts.append(_inline(Words(piece.text[1:])))
        elif isinstance(piece, Math) and formula_width(piece.shown) > _INLINE_WIDTH:
            # A browser breaks lines between formulas, not inside of them.
            first, *others = map(_term, terms(piece.shown))
            parts += [first, *(Markup(" ") + term for term in others)]
        else:
            parts.append(_inline(piece))
    return joined(parts)


def _term(shown: Node) -> Markup:
    """One term of a formula that may be broken."""
    written = write_mathml(shown)
    return written if formula_width(shown) <= _TELEPHONE_WIDTH else element("span", written, class_="wide")


def _inline(piece: Words | Math | Code | Reference) -> Markup:
    match piece:
        case Words(text):
            return escape(one_line(text))
        case Math():
            return write_mathml(piece.shown)
        case Code(text):
            return element("code", one_line(text))
        case Reference(number):
            return element("a", f"({number})", href=f"#equation-{number}")


@contextmanager
def anchors_behind(beginning: str) -> Iterator[None]:
    """Anchors written inside begin so, and so do the links to them: of several documents on one page, each has its own."""
    before = _beginning.set(beginning)
    try:
        yield
    finally:
        _beginning.reset(before)


def anchor_of(name: str) -> str:
    """A name by which a page refers to one of its elements."""
    return _beginning.get() + name


def _of_page(key: str, value: str) -> str:
    if key in ("id", "aria_labelledby"):
        return anchor_of(value)
    return f"#{anchor_of(value[1:])}" if key == "href" and value.startswith("#") else value


def spoken_name(sentence: Sentence) -> str:
    """A caption as the name of what it stands above."""
    return one_line(write_spoken(sentence))


def element(name: str, content: Markup | str, **attributes: str | None) -> Markup:
    """An element with those of the attributes that have a value: `class_` is class, and `aria_label` aria-label."""
    written = [
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _of_page(key, value))
        for key, value in attributes.items()
        if value is not None
    ]
    return Markup("<{}{}>{}</{}>").format(Markup(name), Markup("").join(written), content, Markup(name))


def joined(parts: Iterable[Markup], separator: str = "") -> Markup:
    """One after the other."""
    return Markup(separator).join(parts)
