"""Normalisation: mean 0 and variance 1 over the examples, features, channels or groups, or root mean square 1; then gain and bias."""

from __future__ import annotations

from chainrule.symbolic.index.failures import InvalidDescription

from .layer_equations import AS_INCOMING, BIAS, ExampleShape, LayerEquations, LayerKind
from .options import Option, Options


def _scale(option: Options, letter: str) -> tuple[str, ...]:
    """Gain and bias, or the gain alone."""
    return (f"g[{letter}]", f"b[{letter}]") if option.bias else (f"g[{letter}]",)


def _added(option: Options, letter: str) -> str:
    return f" + b[{letter}]" if option.bias else ""


def batch_norm(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Over the examples, and the rows and columns of an image (Ioffe and Szegedy, 2015)."""
    mean, variance, parameters = "m[c]", "v[c]", _scale(option, "c")
    statistics: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    if option.mode == "evaluation":
        inputs = (mean, variance)
    elif option.mode == "kept":
        # Parameters with the others, which no derivative enters; random ones may be below 0, where a variance is not.
        parameters = (*parameters, mean, variance)
        mean, variance = f"stop({mean})", f"abs(stop({variance}))"
    else:
        squares = f"(x[n,c,..] - {mean})**2"
        total = f"sum(n, .., {squares})/(sum(n, .., 1) - 1)" if option.variance == "bessel" else f"mean(n, .., {squares})"
        statistics = (f"{mean} = mean(n, .., x[n,c,..])", f"{variance} = {total}")
    normalised = f"u[n,c,..] = (x[n,c,..] - {mean})/sqrt({variance} + eps)"
    return LayerEquations(
        ("x[c,..]",),
        "c,..",
        (*statistics, normalised, f"out[n,c,..] = g[c]*u[n,c,..]{_added(option, 'c')}"),
        parameters=parameters,
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
            f"out[n,..,d] = g[d]*u[n,..,d]{_added(option, 'd')}",
        ),
        parameters=_scale(option, "d"),
        constants={"eps": option.eps},
        classes=AS_INCOMING,
    )


def instance_norm(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Over the rows and columns of each channel of each example (Ulyanov, Vedaldi and Lempitsky, 2016)."""
    normalised = "(x[n,c,..] - m[n,c])/sqrt(v[n,c] + eps)"
    scaled = (f"u[n,c,..] = {normalised}", f"out[n,c,..] = g[c]*u[n,c,..]{_added(option, 'c')}")
    return LayerEquations(
        ("x[c,..]",),
        "c,..",
        (
            "m[n,c] = mean(.., x[n,c,..])",
            "v[n,c] = mean(.., (x[n,c,..] - m[n,c])**2)",
            *(scaled if option.gain else (f"out[n,c,..] = {normalised}",)),
        ),
        parameters=_scale(option, "c") if option.gain else (),
        constants={"eps": option.eps},
        classes=AS_INCOMING,
    )


def group_norm(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Over the rows and columns of each group of neighbouring channels (Wu and He, 2018)."""
    channels = sources[0][0]
    if channels % option.groups:
        raise InvalidDescription(f"group_norm: groups = {option.groups} does not divide the {channels} channels", ("groups",))
    inside = channels // option.groups
    place = f"{inside}*k + l" if inside > 1 else "k + l"
    return LayerEquations(
        ("x[c,..]",),
        "c,..",
        (
            f"m[n,k] = mean(l, .., x[n,{place},..])",
            f"v[n,k] = mean(l, .., (x[n,{place},..] - m[n,k])**2)",
            # Each channel in the place that it had, behind those of the groups before.
            f"u[n,{place},..] = (x[n,{place},..] - m[n,k])/sqrt(v[n,k] + eps)",
            f"out[n,c,..] = g[c]*u[n,c,..]{_added(option, 'c')}",
        ),
        {"k": option.groups, "l": inside},
        parameters=_scale(option, "c"),
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

CHANNELS = ("channels, then rows and columns, or steps", (2, 9))

KINDS: dict[str, LayerKind] = {
    "batch_norm": LayerKind(
        "mean 0 and variance 1 over the examples, then gain and bias",
        batch_norm,
        options={
            "eps": EPS,
            "bias": BIAS,
            "variance": Option("divided by N, or by N - 1 (Bessel)", "word", "biased", words=("biased", "bessel")),
            "mode": Option(
                "statistics of the batch, given ones, or kept ones, parameters that training leaves as they are",
                "word",
                "training",
                words=("training", "evaluation", "kept"),
            ),
        },
    ),
    "layer_norm": LayerKind("mean 0 and variance 1 over the features, then gain and bias", layer_norm, options={"eps": EPS, "bias": BIAS}),
    "instance_norm": LayerKind(
        "mean 0 and variance 1 over rows and columns of each channel, then gain and bias",
        instance_norm,
        *CHANNELS,
        {"eps": EPS, "gain": Option("whether a gain and a bias follow", "switch", True), "bias": BIAS},
    ),
    "group_norm": LayerKind(
        "mean 0 and variance 1 over each group of channels, then gain and bias",
        group_norm,
        *CHANNELS,
        {"groups": Option("groups of neighbouring channels"), "eps": EPS, "bias": BIAS},
    ),
    "rms_norm": LayerKind("root mean square 1 over the features, then gain", rms_norm, options={"eps": EPS}),
}
