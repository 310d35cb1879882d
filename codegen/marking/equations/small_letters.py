"""Raised and lowered letters of Unicode: W⁽²⁾ₖⱼ is W2[k,j], Σₙ is Σ_n, hₜ₋₁ is h[t-1]. A raised number without brackets is a power."""

from __future__ import annotations

import re

from .signs import BINDING

DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", "⁽⁾")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-aehijklmnoprstuvx", ",")
#: A letter with its prime, and what a place is off by: t, j′, t-1.
INDEX = re.compile(r"[ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]['′’]*(?:[₊₋][₀₁₂₃₄₅₆₇₈₉]+)?")
INDICES = rf"(?:,?{INDEX.pattern})+"
LAYER = r"⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾"
SUM = re.compile(rf"[Σ∑]({INDICES})")
#: A name with its layer and its indices, whichever stands first; W₂ has its number below, as h₀ has.
ENTRY = re.compile(
    rf"(?P<name>[A-Za-z\u0370-\u03a2\u03a4-\u03ff]+)"
    rf"(?:(?P<layer>{LAYER})(?P<behind>{INDICES})?|(?P<before>{INDICES})(?P<above>{LAYER})?|(?P<number>[₀₁₂₃₄₅₆₇₈₉]+)(?P<after>{INDICES})?)"
)


def in_line(text: str) -> str:
    """The same with layers and indices as the equation language writes them."""
    return ENTRY.sub(_entry, SUM.sub(lambda found: f"Σ_{','.join(_letters(found[1]))}", text))


def _letters(indices: str) -> list[str]:
    return [found[0].translate(LOWERED) for found in INDEX.finditer(indices)]


def _entry(found: re.Match[str]) -> str:
    name, letters = found["name"], _letters(found["behind"] or found["before"] or found["after"] or "")
    if name in BINDING and letters:
        return f"{name}_{','.join(letters)}"
    number = (found["layer"] or found["above"] or "").translate(DIGITS) + (found["number"] or "").translate(LOWERED)
    if name == "δ":
        # With two letters and no layer it is Kronecker's or a gradient, which nothing says.
        if not number:
            return found[0]
        name = "delta"
    return f"{name}{number}[{','.join(letters)}]" if letters else f"{name}{number}"
