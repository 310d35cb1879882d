"""A formula as one line of Unicode: dW[j,i] = Σ_n dz[n,j] x[n,i], w⁽¹⁾ⱼᵢ, Aᵀ B.

What stands above or below something else on paper is beside it here, in brackets where it would be read with its neighbours.
"""

from __future__ import annotations

from unicodedata import normalize

from .node_walk import is_derivative
from .nodes import (
    DIFFERENTIALS,
    MINUS,
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
    Text,
)

_SIGNS = {"−": "-", "≥": ">=", "≤": "<=", "∑": "Σ"}
_RAISED = str.maketrans("0123456789-()⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾ᵀ")
_LOWERED = str.maketrans("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
#: Combining marks.
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "ddot": "\u0308"}


def write_unicode(node: Node) -> str:
    """A formula without line breaks."""
    match node:
        case Letter(text) | Text(text) | Number(text):
            return text
        case Function(name):
            return name.replace(" ", "")
        case Sign(text):
            return _SIGNS.get(text, text)
        case Space():
            return " "
        case Row(parts):
            return _row(parts)
        case Fraction(above, below) if is_derivative(node):
            return f"{write_unicode(above)}/{write_unicode(below)}"
        case Fraction(above, below):
            return f"{_bracketed(above, keeps=_is_product(above))} / {_bracketed(below)}"
        case Scripts(base, below, above):
            lowered = "" if below is None else _below(base, below)
            raised = "" if above is None else _above(above)
            return _bracketed(base) + (lowered + raised if isinstance(base, Sign | Function) else raised + lowered)
        case Primed(base, count):
            return write_unicode(base) + "′" * count
        case Accent(base, mark):
            return normalize("NFC", write_unicode(base) + _ACCENTS[mark])
        case Braced(base):
            return write_unicode(base)
        case Root(body):
            return f"√{_bracketed(body)}"
        case Fenced(left, body, right):
            return f"{left}{write_unicode(body)}{right}"
        case Cases(rows):
            return f"{{{', '.join(' '.join(map(write_unicode, cells)) for cells in rows)}}}"
        case Grid(rows):
            return f"[{'; '.join(', '.join(map(write_unicode, cells)) for cells in rows)}]"


def _row(parts: tuple[Node, ...]) -> str:
    """Parts side by side, with one space at most between two of them."""
    line = ""
    for place, part in enumerate(parts):
        text, behind = write_unicode(part), parts[place + 1 : place + 2]
        match part, behind:
            case Sign("/"), (Letter(letter),) if letter in DIFFERENTIALS:
                pass
            case Sign(form=Form.INFIX), _:
                text = f" {text} "
            case (Sign("∑") | Scripts(Sign()), _) | ((Function() | Scripts(Function())), (Letter() | Number() | Scripts() | Row(),)):
                text += " "
        line += text.lstrip() if line[-1:] in ("", " ") else text
    return line


def _below(base: Node, below: Node) -> str:
    """Beside a letter as small letters, where there are such; what a sum runs over, or a name, has a line below in front."""
    text = write_unicode(below)
    lowered = text.replace(",", "").translate(_LOWERED)
    if isinstance(base, Sign | Function) or any(map(str.isalnum, set(lowered) & set(text))) or "," in text:
        return f"_{text if isinstance(base, Sign | Function) else _bracketed(below)}"
    return lowered


def _above(above: Node) -> str:
    match above:
        case Row((Sign("⊙"), *exponent)):
            # A power entry by entry.
            return f"^⊙{_bracketed(Row(tuple(exponent)))}"
        case _:
            text = write_unicode(above)
            raised = text.translate(_RAISED)
            return f"^{_bracketed(above)}" if set(raised) & set(text) else raised


def _bracketed(node: Node, keeps: bool = False) -> str:
    """In brackets, unless it holds together by itself."""
    text = write_unicode(node)
    return text if keeps or _is_one(node) else f"({text})"


def _is_one(node: Node) -> bool:
    """Whether it is read as one thing, whatever stands beside it: x, W[j,i], exp(x)."""
    match node:
        case Row(parts):
            return _is_product(node) and not any(isinstance(part, Space) or not _is_one(part) for part in parts)
        case Fraction() | Scripts(Sign()):
            return False
        case _:
            return True


def _is_product(node: Node) -> bool:
    """Whether no terms are added up in it, and nothing is compared."""
    match node:
        case Row(parts):
            return not any(isinstance(part, Sign) and (part.form is Form.INFIX or part == MINUS) for part in parts)
        case _:
            return True
