"""Layers without memory and without neighbourhoods: dense, embedding, flatten, dropout."""

from __future__ import annotations

from math import prod

from chainrule.symbolic.index.failures import InvalidDescription

from .activations import PROBABILITY
from .layer_equations import BIAS, ExampleShape, LayerEquations, LayerKind, index_sum, with_bias
from .options import Option, Options
from .weight_normalisation import NORMALISED, weights


def dense(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Every unit sees every feature; of a sequence or an image, the last axis holds the features."""
    declared, added = with_bias(option, "j")
    own = weights(option, "j", "i", "dense")
    return LayerEquations(
        sources=("x[..,i]",),
        result="..,j",
        parameters=(*own.parameters, *declared),
        equations=(*own.equations, f"out[n,..,j] = sum(i, W[j,i]*x[n,..,i]){added}"),
        inputs=own.inputs,
        sizes={"j": option.units},
        features=frozenset("j"),
    )


def is_plain_dense(option: Options) -> bool:
    """Whether a dense layer is a = f(W x + b), without a choice that makes something else of it."""
    return bool(option.bias and not option.weight_norm and not option.spectral_norm)


def embedding(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Every label has a row of features of its own."""
    return LayerEquations(
        sources=("x[..]",),
        result="..,e",
        parameters=("E[v,e]",),
        equations=("out[n,..,e] = E[x[n,..],e]",),
        sizes={"e": option.features},
    )


def embedding_bag(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """The rows of all labels of an example in one: their mean or sum."""
    return LayerEquations(("x[t]",), "e", (f"out[n,e] = {option.reduction}(t, E[x[n,t],e])",), {"e": option.features}, ("E[v,e]",))


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


def one_step(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """The features of one step, and of no other."""
    (steps, _) = sources[0]
    place = steps - 1 if option.place is None else option.place
    if place >= steps:
        raise InvalidDescription(f"place of step: found {place}, expected 0 to {steps - 1} (the steps of one example)", ("place",))
    return LayerEquations(("x[t,i]",), "i", (f"out[n,i] = x[n,{place},i]",))


def applied(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Nothing but the activation, which follows."""
    return LayerEquations(("x[..]",), "..", ())


def dropout(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """A mask of 0 and 1 that is given with every batch; what is kept grows by 1/(1 - rate)."""
    keep = f"/{1 - option.rate:.12g}" if option.rate else ""
    return LayerEquations(("x[..]",), "..", (f"out[n,..] = mask[n,..]*x[n,..]{keep}",), inputs=("mask[n,..]",))


KINDS: dict[str, LayerKind] = {
    "dense": LayerKind(
        "every unit sees every feature: a = f(W x + b)",
        dense,
        "features, or steps and features",
        (1, 2),
        {"units": Option("neurons"), "bias": BIAS, **NORMALISED},
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
    "embedding_bag": LayerKind(
        "the mean or sum of the rows of all labels: a = mean of E[x]",
        embedding_bag,
        "a list of labels",
        (1, 1),
        {
            "features": Option("numbers a label"),
            "reduction": Option("what is made of the rows", "word", "mean", words=("mean", "sum")),
        },
        takes_activation=False,
        labels=True,
    ),
    "positional": LayerKind(
        "a learned row for every place is added: a = x + P", positional, "steps and features", (2, 2), takes_activation=False
    ),
    "activation": LayerKind("a function of every entry: a = f(x)", applied, activation="identity", keeps=PROBABILITY),
    "flatten": LayerKind("all axes of an example in one", flatten, takes_activation=False, keeps=PROBABILITY),
    "step": LayerKind(
        "one step of a sequence: a = x[t]",
        one_step,
        "steps and features",
        (2, 2),
        {"place": Option("which step, counted from 0; without it the last", least=0, optional=True)},
        takes_activation=False,
        keeps=PROBABILITY,
    ),
    "dropout": LayerKind(
        "a given mask of 0 and 1: a = mask x/(1 - rate)",
        dropout,
        options={"rate": Option("the share that the mask sets to 0", "number", 0.5, least=0, most=1)},
        takes_activation=False,
    ),
}
