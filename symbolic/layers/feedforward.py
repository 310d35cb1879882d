"""Layers without memory and without neighbourhoods: dense, embedding, flatten, dropout, and those that join several layers."""

from __future__ import annotations

from math import prod

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.limits import MOST_SOURCES

from .activations import PROBABILITY, ValueBound
from .layer_equations import AS_INCOMING, BIAS, ExampleShape, LayerEquations, LayerKind, index_sum, with_bias
from .options import Option, Options


def dense(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Every unit sees every feature; of a sequence or an image, the last axis holds the features."""
    declared, added = with_bias(option, "j")
    return LayerEquations(
        sources=("x[..,i]",),
        result="..,j",
        parameters=("W[j,i]", *declared),
        equations=(f"out[n,..,j] = sum(i, W[j,i]*x[n,..,i]){added}",),
        sizes={"j": option.units},
        features=frozenset("j"),
    )


def embedding(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Every label has a row of features of its own."""
    return LayerEquations(
        sources=("x[..]",),
        result="..,e",
        parameters=("E[v,e]",),
        equations=("out[n,..,e] = E[x[n,..],e]",),
        sizes={"e": option.features},
    )


def positional(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """A learned row of features for every place of a sequence is added."""
    return LayerEquations(("x[t,d]",), "t,d", ("out[n,t,d] = x[n,t,d] + P[t,d]",), parameters=("P[t,d]",))


def flatten(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """All axes of an example one after the other, the last one fastest."""
    (shape,) = sources
    letters = "cdefghkl"[: len(shape)]
    steps = [prod(shape[place + 1 :]) for place in range(len(shape))]
    place = index_sum(*zip(steps, letters, strict=True))
    inside = ",".join(letters)
    return LayerEquations((f"x[{inside}]",), "i", (f"out[n,{place}] = x[n,{inside}]",), {"i": prod(shape)}, features=frozenset("i"))


def applied(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Nothing but the activation, which follows."""
    return LayerEquations(("x[..]",), "..", ())


def dropout(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """A mask of 0 and 1 that is given with every batch; what is kept grows by 1/(1 - rate)."""
    keep = f"/{1 - option.rate:.12g}" if option.rate else ""
    return LayerEquations(("x[..]",), "..", (f"out[n,..] = mask[n,..]*x[n,..]{keep}",), inputs=("mask[n,..]",))


def _joined(sources: tuple[ExampleShape, ...], sign: str) -> LayerEquations:
    names = [f"x{number}" for number in range(len(sources))]
    right = sign.join(f"{name}[n,..]" for name in names)
    return LayerEquations(tuple(f"{name}[..]" for name in names), "..", (f"out[n,..] = {right}",))


def add(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Layers of the same shape added entry by entry: a residual connection."""
    return _joined(sources, " + ")


def multiply(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Layers of the same shape multiplied entry by entry: a gate."""
    return _joined(sources, "*")


def concatenate(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Layers one behind the other along an axis; the other axes agree."""
    rank = len(sources[0])
    axis = option.axis if option.axis is not None else (0 if rank == 3 else rank - 1)
    if not 0 <= axis < rank:
        raise InvalidDescription(f"axis of concatenate: found {axis}, expected 0 to {rank - 1} (the axes of one example)", ("axis",))
    _refuse_unequal(sources, axis)
    others = list("cdefghkl"[:rank])
    declared, equations, start = [], [], 0
    for number, shape in enumerate(sources):
        own = f"i{number}"
        read = [*others[:axis], own, *others[axis + 1 : rank]]
        place = [*others[:axis], index_sum((1, own), offset=start), *others[axis + 1 : rank]]
        declared.append(f"x{number}[{','.join(read)}]")
        equations.append(f"out[n,{','.join(place)}] = x{number}[n,{','.join(read)}]")
        start += shape[axis] if axis < len(shape) else 0
    result = [*others[:axis], "i", *others[axis + 1 : rank]]
    return LayerEquations(tuple(declared), ",".join(result), tuple(equations), {"i": start}, features=frozenset("i"), classes=AS_INCOMING)


def _refuse_unequal(sources: tuple[ExampleShape, ...], axis: int) -> None:
    """All axes but the one along which they are joined agree; the message says along which they would."""
    rank = len(sources[0])
    of_one_rank = all(len(shape) == rank for shape in sources)
    fitting = [place for place in range(rank) if of_one_rank and len({(*shape[:place], *shape[place + 1 :]) for shape in sources}) == 1]
    if axis in fitting:
        return
    written = " and ".join(" × ".join(map(str, shape)) or "a single number" for shape in sources)
    remedy = f"axis = {fitting[0]} joins them" if fitting else "all other axes have to agree"
    raise InvalidDescription(f"concatenate: found {written}; they do not fit together along axis {axis} (counted from 0): {remedy}")


KINDS: dict[str, LayerKind] = {
    "dense": LayerKind(
        "every unit sees every feature: a = f(W x + b)",
        dense,
        "features, or steps and features",
        (1, 2),
        {"units": Option("neurons"), "bias": BIAS},
        activation="identity",
    ),
    "embedding": LayerKind(
        "a row of features for every label: a = E[x]",
        embedding,
        ranks=(0, 9),
        options={"features": Option("numbers a label")},
        takes_activation=False,
        labels=True,
    ),
    "positional": LayerKind(
        "a learned row for every place is added: a = x + P", positional, "steps and features", (2, 2), takes_activation=False
    ),
    "activation": LayerKind("a function of every entry: a = f(x)", applied, activation="identity", keeps=PROBABILITY),
    "flatten": LayerKind("all axes of an example in one", flatten, takes_activation=False, keeps=PROBABILITY),
    "dropout": LayerKind(
        "a given mask of 0 and 1: a = mask x/(1 - rate)",
        dropout,
        options={"rate": Option("the share that the mask sets to 0", "number", 0.5, least=0, most=1)},
        takes_activation=False,
    ),
    "add": LayerKind(
        "layers added entry by entry: a residual connection", add, sources=(2, MOST_SOURCES), keeps=frozenset({ValueBound.POSITIVE})
    ),
    "multiply": LayerKind("layers multiplied entry by entry: a gate", multiply, sources=(2, MOST_SOURCES), keeps=PROBABILITY),
    "concatenate": LayerKind(
        "layers one behind the other along an axis of an example",
        concatenate,
        options={
            "axis": Option("the axis, counted from 0; without it channels of an image, features otherwise", least=0, most=9, optional=True)
        },
        sources=(2, MOST_SOURCES),
        keeps=PROBABILITY,
    ),
}
