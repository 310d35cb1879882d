"""Rotary positions: pairs of features turned by an angle that grows along the sequence (Su et al., "RoFormer", 2021).

The product of two turned rows depends on how far apart they are, and not on where they stand.
"""

from __future__ import annotations

from chainrule.symbolic.index.failures import InvalidDescription

from .layer_equations import ExampleShape, LayerEquations, LayerKind
from .options import Option, Options


def turned(left: str, right: str, step: str, width: int, option: Options, kind: str) -> tuple[str, ...]:
    """The equations of a turned tensor. Both are given up to their last place, which is that of the feature: q[n,t, and x[n,t,."""
    if width % 2:
        raise InvalidDescription(f"{kind}: found {width} features, expected an even number, as pairs of them are turned")
    half = width // 2
    if option.pairs == "halves":
        angle = f"{step}*{option.base:.12g}**(-where(d < {half}, d, d - {half})/{half})"
        other = f"where(d < {half}, -{right}d + {half}], {right}d - {half}])"
        return (f"{left}d] = {right}d]*cos({angle}) + {other}*sin({angle})",)
    angle = f"{step}*{option.base:.12g}**(-e/{half})"
    return (
        f"{left}2*e] = {right}2*e]*cos({angle}) - {right}2*e + 1]*sin({angle})",
        f"{left}2*e + 1] = {right}2*e]*sin({angle}) + {right}2*e + 1]*cos({angle})",
    )


def pair_sizes(width: int, option: Options) -> dict[str, int]:
    """The size of the letter that counts pairs, where there is one."""
    return {"e": width // 2} if option.pairs == "neighbours" else {}


def rotary(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Features e and e + d/2, or 2 e and 2 e + 1, turned by t base^(-2 e/d) at step t, counted from 0."""
    width = sources[0][-1]
    equations = turned("u[n,t,", "x[n,t,", "t", width, option, "rotary")
    return LayerEquations(("x[t,d]",), "t,d", (*equations, "out[n,t,d] = u[n,t,d]"), pair_sizes(width, option))


ROTARY = {
    "base": Option("the slowest pair takes about 6 times as many steps for a turn", "number", 10000.0, least=1, most=1e12),
    "pairs": Option("which features are a pair", "word", "halves", words=("halves", "neighbours")),
}

KINDS: dict[str, LayerKind] = {
    "rotary": LayerKind(
        "pairs of features turned by an angle that grows with the step",
        rotary,
        "steps and features",
        (2, 2),
        ROTARY,
        takes_activation=False,
    ),
}
