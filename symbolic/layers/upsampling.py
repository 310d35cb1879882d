"""Upsampling: an image or a sequence a whole number of times as long, every entry repeated or lines drawn between neighbours."""

from __future__ import annotations

from .activations import PROBABILITY
from .layer_equations import ExampleShape, LayerEquations, LayerKind
from .options import Option, Options

#: Letters of the axes that come in, and of the places between two of them.
ALONG, BETWEEN = "hw", "pq"


def upsample(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Entry s h + p of the result is entry h, or lies between it and its neighbour; beyond the edge everything is as at the edge."""
    (_, *lengths) = sources[0]
    along, between, factors = ALONG[: len(lengths)], BETWEEN[: len(lengths)], option.factor[: len(lengths)]
    places = [f"{factor}*{letter} + {step}" for factor, letter, step in zip(factors, along, between, strict=True)]
    sizes = {"ij"[axis]: factor * length for axis, (factor, length) in enumerate(zip(factors, lengths, strict=True))}
    result = ",".join(("c", *sizes))
    if option.mode == "nearest":
        equations = [f"u[n,c,{','.join(places)}] = x[n,c,{','.join(along)}]", f"out[n,{result}] = u[n,{result}]"]
    else:
        equations, name, read = [], "x", list(along)
        for axis, (length, factor) in enumerate(zip(lengths, factors, strict=True)):
            written = [*list(sizes)[:axis], places[axis], *along[axis + 1 :]]
            equations.append(f"{'uv'[axis]}[n,c,{','.join(written)}] = {_between(name, read, axis, length, factor)}")
            name, read = "uv"[axis], [*list(sizes)[: axis + 1], *along[axis + 1 :]]
        equations.append(f"out[n,{result}] = {name}[n,{result}]")
    return LayerEquations(
        (f"x[c,{','.join(along)}]",),
        result,
        tuple(equations),
        sizes | dict(zip(between, factors, strict=True)),
        classes="c",
    )


def _between(name: str, read: list[str], axis: int, length: int, factor: int) -> str:
    """Place s h + p lies at h + (2 p + 1 - s)/(2 s) among those that come in: on the way from h to the neighbour of that side."""

    def at(shift: int) -> str:
        places = [*read[:axis], read[axis] + (f" {'+' if shift > 0 else '-'} 1" if shift else ""), *read[axis + 1 :]]
        return f"{name}[n,c,{','.join(places)}]"

    letter, step = ALONG[axis], BETWEEN[axis]
    way = f"abs(2*{step} + 1 - {factor})/{2 * factor}"
    before, after = f"where({letter} > 0, {at(-1)}, {at(0)})", f"where({letter} < {length - 1}, {at(1)}, {at(0)})"
    return f"(1 - {way})*{at(0)} + {way}*where(2*{step} + 1 < {factor}, {before}, {after})"


KINDS: dict[str, LayerKind] = {
    "upsample": LayerKind(
        "rows and columns, or steps, a whole number of times as many",
        upsample,
        "channels, then rows and columns, or steps",
        (2, 3),
        {
            "factor": Option("how many times as many rows and columns", "pair", 2),
            "mode": Option("entries repeated, or lines between neighbours", "word", "nearest", words=("nearest", "linear")),
        },
        keeps=PROBABILITY,
    ),
}
