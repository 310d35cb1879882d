"""Normalisation: mean 0 and variance 1 over the examples, over the features, or only their root mean square 1; then gain and bias."""

from __future__ import annotations

from .layer_equations import AS_INCOMING, ExampleShape, LayerEquations, LayerKind
from .options import Option, Options


def batch_norm(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Over the examples, and the rows and columns of an image (Ioffe and Szegedy, 2015)."""
    centred = "(x[n,c,..] - m[c])"
    if option.mode == "evaluation":
        statistics: tuple[str, ...] = ()
        inputs: tuple[str, ...] = ("m[c]", "v[c]")
    else:
        total = f"sum(n, .., {centred}**2)/(sum(n, .., 1) - 1)" if option.variance == "bessel" else f"mean(n, .., {centred}**2)"
        statistics, inputs = ("m[c] = mean(n, .., x[n,c,..])", f"v[c] = {total}"), ()
    return LayerEquations(
        ("x[c,..]",),
        "c,..",
        (*statistics, f"u[n,c,..] = {centred}/sqrt(v[c] + eps)", "out[n,c,..] = g[c]*u[n,c,..] + b[c]"),
        parameters=("g[c]", "b[c]"),
        inputs=inputs,
        constants={"eps": option.eps},
        classes=AS_INCOMING,
    )


def layer_norm(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Over the features, which are the last axis (Ba, Kiros and Hinton, 2016)."""
    return LayerEquations(
        ("x[..,d]",),
        "..,d",
        (
            "m[n,..] = mean(d, x[n,..,d])",
            "v[n,..] = mean(d, (x[n,..,d] - m[n,..])**2)",
            "u[n,..,d] = (x[n,..,d] - m[n,..])/sqrt(v[n,..] + eps)",
            "out[n,..,d] = g[d]*u[n,..,d] + b[d]",
        ),
        parameters=("g[d]", "b[d]"),
        constants={"eps": option.eps},
        classes=AS_INCOMING,
    )


def rms_norm(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Over the features, by their root mean square (Zhang and Sennrich, 2019)."""
    return LayerEquations(
        ("x[..,d]",),
        "..,d",
        ("v[n,..] = mean(d, x[n,..,d]**2)", "u[n,..,d] = x[n,..,d]/sqrt(v[n,..] + eps)", "out[n,..,d] = g[d]*u[n,..,d]"),
        parameters=("g[d]",),
        constants={"eps": option.eps},
        classes=AS_INCOMING,
    )


EPS = Option("what is added to the variance", "number", 1e-5, least=1e-30, most=100)

KINDS: dict[str, LayerKind] = {
    "batch_norm": LayerKind(
        "mean 0 and variance 1 over the examples, then gain and bias",
        batch_norm,
        options={
            "eps": EPS,
            "variance": Option("divided by N, or by N - 1 (Bessel)", "word", "biased", words=("biased", "bessel")),
            "mode": Option("statistics of the batch, or given ones", "word", "training", words=("training", "evaluation")),
        },
    ),
    "layer_norm": LayerKind("mean 0 and variance 1 over the features, then gain and bias", layer_norm, options={"eps": EPS}),
    "rms_norm": LayerKind("root mean square 1 over the features, then gain", rms_norm, options={"eps": EPS}),
}
