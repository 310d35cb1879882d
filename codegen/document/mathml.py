"""LaTeX as MathML Core: what latex2mathml writes, mended where browsers would show something else than TeX."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup

_SPACE = "0.167em"
_ENTITY = re.compile(r"&#x[0-9A-Fa-f]+;")
_ALPHABETS = {"bold": "BOLD", "bold-italic": "BOLD ITALIC", "monospace": "MONOSPACE"}
_LETTERS = {"∂": None, "∇": "normal", "⊤": "normal", "∞": "normal"}
_LIMITS = frozenset({"max", "min", "sup", "inf", "lim"})
_SIGNS = frozenset("+−±")
_TIGHT = frozenset("|‖/")
_PRIMES = frozenset("′″‴")
_DROPPED = frozenset({"menclose"})
_SCRIPTS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}


@lru_cache(maxsize=4096)
def mathml(latex: str, displayed: bool = False) -> Markup:
    """One formula. Raises `ValueError` for a command that cannot be shown."""
    return Markup(tostring(math_element(latex, displayed), encoding="unicode"))


def math_element(latex: str, displayed: bool = False) -> Element:
    # Loading it takes longer than writing a page, and only pages need it.
    from latex2mathml.converter import convert_to_element

    # Brackets of a given size come out crooked in browsers; pairs can be left to grow with what they hold.
    paired = len(re.findall(r"\\[bB]igg?l\b", latex)) == len(re.findall(r"\\[bB]igg?r\b", latex))
    grown = re.sub(r"\\[bB]igg?([lr])(?![A-Za-z])", _grown, latex) if paired else latex
    root: Element = convert_to_element(grown or "{}", display="block" if displayed else "inline")
    if displayed:
        # On the line, so that the cells of a row share their base line.
        root.set("display", "inline")
        root.set("displaystyle", "true")
    _mend(root, latex)
    return root


def _grown(command: re.Match[str]) -> str:
    return r"\left" if command[1] == "l" else r"\right"


def _mend(parent: Element, latex: str) -> None:
    for element in parent.iter():
        _mend_text(element, latex)
        _mend_variant(element)
        _mend_leaf(element)
    for element in parent.iter():
        _mend_limits(element)
        _mend_scripts(element)
        if element.tag in {"mrow", "math", "mtd", "mstyle", "msqrt", "mphantom"}:
            _join_letters(element)
            _mend_signs(element)
            _mend_spaces(element)


def _mend_text(element: Element, latex: str) -> None:
    text = element.text or ""
    decoded = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    if element.tag == "mi" and text != decoded and decoded.isascii():
        # \mathrm of one letter, which a browser would slant.
        element.set("mathvariant", "normal")
    if element.tag == "mtext":
        decoded = re.sub(r"\\([&%_#{}$])", r"\1", decoded)
    elif decoded.startswith("\\") or element.tag in _DROPPED:
        raise ValueError(f"no MathML for {decoded or element.tag} in the formula {latex}")
    element.text = decoded or None


def _mend_variant(element: Element) -> None:
    """MathML Core knows no alphabet but normal: the letters themselves must be bold."""
    alphabet = _ALPHABETS.get(element.get("mathvariant", ""))
    if alphabet is None:
        return
    del element.attrib["mathvariant"]
    if element.tag == "mtext":
        element.set("class", "code")
        return
    element.text = "".join(_in_alphabet(alphabet, letter) for letter in element.text or "")


def _in_alphabet(alphabet: str, letter: str) -> str:
    if alphabet == "BOLD ITALIC" and "Α" <= letter <= "Ω":
        alphabet = "BOLD"
    words = unicodedata.name(letter, "").replace(" LETTER ", " ").split(" ")
    kept = words[1:] if words[0] in {"LATIN", "GREEK"} else words
    try:
        return unicodedata.lookup(f"MATHEMATICAL {alphabet} {' '.join(kept)}")
    except KeyError:
        return letter if alphabet != "BOLD ITALIC" else _in_alphabet("BOLD", letter)


def _mend_leaf(element: Element) -> None:
    text = element.text or ""
    if element.tag == "mo" and text in _LETTERS:
        element.tag = "mi"
        if variant := _LETTERS[text]:
            element.set("mathvariant", variant)
    elif element.tag == "mo" and text.isalpha() and len(text) > 1:
        element.tag = "mi"
        element.set("class", "function")
    elif element.tag == "mi" and text.isalpha() and len(text) > 1:
        element.set("class", "function")
    elif element.tag == "mo" and "form" not in element.attrib and (text in _TIGHT or "minsize" in element.attrib):
        _tighten(element)
    elif element.tag == "mi" and len(text) == 1 and "Α" <= text <= "Ω":
        # TeX's capital Greek letters are upright.
        element.set("mathvariant", "normal")
    elif element.tag == "mover" and len(element) == 2 and element[1].text in {"&#x000AF;", "¯", "&#x0007E;", "~"}:
        element.set("accent", "true")
    if element.tag == "mtd" and (side := element.attrib.pop("columnalign", "")):
        element.set("style", f"text-align: {side}")


def _tighten(operator: Element) -> None:
    operator.set("lspace", "0")
    operator.set("rspace", "0")
    if "minsize" in operator.attrib:
        operator.set("symmetric", "true")


def _mend_scripts(element: Element) -> None:
    """No space around a sign in small print; a prime is raised already, so it must not be made small."""
    if element.tag not in _SCRIPTS and element.tag not in _SCRIPTS.values():
        return
    for script in element[1:]:
        for operator in script.iter("mo"):
            _tighten(operator)
    if element.tag == "msup" and element[1].text in _PRIMES:
        element.tag = "mrow"
        element[1].tag = "mi"
        element[1].set("mathvariant", "normal")
        element[1].set("class", "prime")


def _mend_limits(element: Element) -> None:
    if element.tag in _SCRIPTS and len(element) and element[0].text in _LIMITS:
        element.tag = _SCRIPTS[element.tag]
        base = element[0]
        base.tag = "mo"
        base.attrib.clear()
        base.attrib.update({"movablelimits": "true", "lspace": "0", "rspace": "0"})
        element.set("class", "function")


def _join_letters(row: Element) -> None:
    """The letters of an upright word become one name."""
    before: Element | None = None
    for child in list(row):
        upright = child.tag == "mi" and child.get("mathvariant") == "normal" and (child.text or "").isalpha()
        if upright and before is not None:
            before.text = (before.text or "") + (child.text or "")
            before.attrib.pop("mathvariant", None)
            row.remove(child)
        else:
            before = child if upright else None


def _mend_signs(row: Element) -> None:
    """A sign after an opening bracket, a comma or a relation belongs to what follows."""
    before: Element | None = None
    for child in row:
        if child.tag == "mspace":
            continue
        starts = before is None or (before.tag == "mo" and before.get("form") != "postfix" and before.text not in {")", "]", "}", "!", "′"})
        if child.tag == "mo" and child.text in _SIGNS and starts:
            child.set("form", "prefix")
        before = child


def _mend_spaces(row: Element) -> None:
    """TeX's thin space around the name of a function, unless a bracket or a sign makes room already."""
    children = list(row)
    for position, child in enumerate(children):
        if not _is_function(child):
            continue
        after = children[position + 1] if position + 1 < len(children) else None
        before = children[position - 1] if position else None
        if after is not None and not _keeps_distance(after):
            row.insert(list(row).index(child) + 1, Element("mspace", width=_SPACE))
        if before is not None and not _is_function(before) and before.tag not in {"mo", "mspace"}:
            row.insert(list(row).index(child), Element("mspace", width=_SPACE))


def _is_function(element: Element) -> bool:
    if element.tag in _SCRIPTS or element.tag in _SCRIPTS.values():
        return element.get("class") == "function" or (len(element) > 0 and element[0].get("class") == "function")
    primed = element.tag == "mrow" and len(element) == 2 and element[1].get("class") == "prime"
    return (element[0] if primed else element).get("class") == "function"


def _keeps_distance(element: Element) -> bool:
    first = element[0] if element.tag == "mrow" and len(element) else element
    return first.tag in {"mo", "mspace"}
