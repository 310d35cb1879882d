"""A formula as MathML Core, set so that browsers show what TeX shows."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from chainrule.codegen.document.nodes import (
    Accent,
    Braced,
    Cases,
    Fenced,
    Form,
    Fraction,
    Function,
    Grid,
    Letter,
    Node,
    Number,
    Primed,
    Root,
    Row,
    Scripts,
    Sign,
    Space,
    Style,
    Text,
    has_limits,
    together,
)
from chainrule.codegen.formulas.measure import formula_height

#: What brackets of one line do not enclose, in lines.
_HIGH = 1.5
_NORMAL, _LEFT = ' mathvariant="normal"', ' style="text-align: left"'
_THIN_SPACE = '<mspace width="0.167em"/>'
_TIGHT = ' lspace="0" rspace="0"'
_ACCENTS = {"hat": "^", "bar": "‾", "tilde": "~", "dot": "˙", "ddot": "¨"}
#: MathML Core knows no alphabet but normal: the letters themselves must be others.
_ALPHABETS = {Style.BOLD: "BOLD", Style.BOLD_ITALIC: "BOLD ITALIC", Style.SCRIPT: "SCRIPT", Style.DOUBLE_STRUCK: "DOUBLE-STRUCK"}
_SIGNS = {"·": "⋅"}
#: Letters that a browser would slant.
_UPRIGHT = frozenset("∇⊤∞□★…⋯⋮") | frozenset(map(chr, range(ord("Α"), ord("Ω") + 1)))
#: Signs with no room around them.
_CLOSE = frozenset("/|‖")


def write_mathml(node: Node, displayed: bool = False) -> Markup:
    """One formula; a displayed one stands on the line of the text, so that the cells of a row share their base line."""
    style = ' displaystyle="true"' if displayed else ""
    return Markup(f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"{style}>{_written(node, False)}</math>')


def _written(node: Node, is_script: bool) -> str:
    """Around a sign in small print there is no room."""

    def whole(part: Node) -> str:
        """A part as one element."""
        written = _written(part, is_script)
        return f"<mrow>{written}</mrow>" if isinstance(part, Row) else written

    match node:
        case Row(parts):
            return _row(parts, is_script)
        case Letter(text, style):
            return _letter(text, style)
        case Function(name):
            return f"<mi>{_escaped(name)}</mi>"
        case Number(digits):
            return f"<mn>{_escaped(digits)}</mn>"
        case Sign():
            return _sign(node, is_script)
        case Text(text):
            return f"<mtext>{_escaped(text)}</mtext>"
        case Space(room):
            return f'<mspace width="{room.value:g}em"/>'
        case Fraction(above, below):
            return f"<mfrac>{whole(above)}{whole(below)}</mfrac>"
        case Scripts():
            return _scripts(together(node), is_script)
        case Primed(base, count):
            # A prime is raised already, so it must not be made small.
            return f"<mrow>{whole(base)}<mi{_NORMAL}>{'′' * count}</mi></mrow>"
        case Accent(base, mark):
            return f'<mover accent="true">{whole(base)}<mo stretchy="false"{_TIGHT}>{_ACCENTS[mark]}</mo></mover>'
        case Braced(base, below):
            brace = f'<munder>{whole(base)}<mo stretchy="true"{_TIGHT}>⏟</mo></munder>'
            return f"<munder>{brace}{_small(below)}</munder>"
        case Root(body):
            return f"<msqrt>{_written(body, is_script)}</msqrt>"
        case Fenced(left, body, right, grows):
            # Brackets that can grow have more room inside, also where they need not.
            is_high = grows and formula_height(body) >= _HIGH
            opening, closing = _bracket(left, "prefix", is_high), _bracket(right, "postfix", is_high)
            return f"<mrow>{opening}{_written(body, is_script)}{closing}</mrow>"
        case Cases(rows):
            return f"<mrow>{_bracket('{', 'prefix')}{_table(rows, _LEFT)}</mrow>"
        case Grid(rows):
            return f"<mrow>{_bracket('[', 'prefix')}{_table(rows)}{_bracket(']', 'postfix')}</mrow>"


def _escaped(text: str) -> str:
    return str(Markup.escape(text))


def _letter(text: str, style: Style) -> str:
    if style in _ALPHABETS:
        text = "".join(_in_alphabet(_ALPHABETS[style], sign) for sign in text)
    kind = "mn" if text.isdecimal() else "mi"
    variant = _NORMAL if len(text) == 1 and (style is Style.UPRIGHT or text in _UPRIGHT) else ""
    return f"<{kind}{variant}>{_escaped(text)}</{kind}>"


def _in_alphabet(alphabet: str, letter: str) -> str:
    """The letter of that alphabet; of bold italics, capital Greek ones and digits are bold alone."""
    if alphabet == "BOLD ITALIC" and ("Α" <= letter <= "Ω" or letter.isdecimal()):
        alphabet = "BOLD"
    name = unicodedata.name(letter, "").removeprefix("LATIN ").removeprefix("GREEK ").replace(" LETTER ", " ")
    for prefix in ("MATHEMATICAL ", ""):
        try:
            return unicodedata.lookup(f"{prefix}{alphabet} {name}")
        except KeyError:
            continue
    return letter


def _sign(sign: Sign, is_script: bool, is_first: bool = False) -> str:
    room = _TIGHT if is_script or sign.text in _CLOSE else ' lspace="0"' if sign.text == ":" else ""
    form = f' form="{sign.form.value}"' if sign.form is Form.PREFIX or (is_first and sign.form is Form.INFIX) else ""
    return f"<mo{form}{room}>{_escaped(_SIGNS.get(sign.text, sign.text))}</mo>"


def _bracket(bracket: str, form: str, grows: bool = True) -> str:
    kept = "" if grows else ' stretchy="false"'
    return f'<mo form="{form}"{kept}>{bracket}</mo>' if bracket else ""


def _small(node: Node) -> str:
    return f"<mrow>{_written(node, True)}</mrow>"


def _scripts(scripts: Scripts, is_script: bool) -> str:
    base, below, above = scripts.base, scripts.below, scripts.above
    place = 2 if below is not None and above is not None else 0 if above is None else 1
    tag = (("munder", "mover", "munderover") if has_limits(scripts) else ("msub", "msup", "msubsup"))[place]
    written = _written(base, is_script)
    if isinstance(base, Function) and has_limits(scripts):
        written = f'<mo movablelimits="true"{_TIGHT}>{_escaped(base.name)}</mo>'
    elif isinstance(base, Sign):
        written = f"<mo>{base.text}</mo>"
    elif isinstance(base, Row):
        written = f"<mrow>{written}</mrow>"
    return f"<{tag}>{written}{''.join(_small(part) for part in (below, above) if part is not None)}</{tag}>"


def _table(rows: Sequence[Sequence[Node]], style: str = "") -> str:
    cells = ("".join(f"<mtd{style}>{_written(cell, False)}</mtd>" for cell in line) for line in rows)
    return f"<mtable>{''.join(f'<mtr>{line}</mtr>' for line in cells)}</mtable>"


def _row(parts: tuple[Node, ...], is_script: bool) -> str:
    """Parts side by side, with TeX's thin space around the name of a function, where no bracket or sign makes room already."""
    texts = [_written(part, is_script) for part in parts]
    if parts and isinstance(parts[0], Sign):
        texts[0] = _sign(parts[0], is_script, is_first=True)
    spaces = [_THIN_SPACE if _is_apart(left, right) else "" for left, right in pairwise(parts)]
    return "".join(text + space for text, space in zip(texts, [*spaces, ""], strict=True))


def _is_apart(left: Node, right: Node) -> bool:
    if _is_name(left):
        return not isinstance(right, Sign | Space | Fenced)
    return _is_name(right) and not isinstance(left, Sign | Space)


def _is_name(node: Node) -> bool:
    return isinstance(node.base if isinstance(node, Scripts | Primed) else node, Function)
