"""Gated layers: one product of the input opens or closes what another one gives."""

from __future__ import annotations

from .layer_equations import ExampleShape, LayerEquations, LayerKind
from .options import Option, Options


def swiglu(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """W2 (silu(W1 x) V x) (Shazeer, 2020), the network of two layers inside of Llama's blocks; z/(1 + exp(-z)) is silu(z)."""
    bias = {name: f" + {name}[{letter}]" if option.bias else "" for name, letter in (("b", "l"), ("c", "l"), ("d", "j"))}
    return LayerEquations(
        ("x[..,i]",),
        "..,j",
        (
            f"f[n,..,l] = sum(i, W1_[l,i]*x[n,..,i]){bias['b']}",
            f"r[n,..,l] = sum(i, V[l,i]*x[n,..,i]){bias['c']}",
            "s[n,..,l] = f[n,..,l]/(1 + exp(-f[n,..,l]))*r[n,..,l]",
            f"out[n,..,j] = sum(l, W2_[j,l]*s[n,..,l]){bias['d']}",
        ),
        {"l": option.hidden, "j": option.units or sources[0][-1]},
        ("W1_[l,i]", "V[l,i]", "W2_[j,l]", *(("b[l]", "c[l]", "d[j]") if option.bias else ())),
        features=frozenset("j"),
    )


KINDS: dict[str, LayerKind] = {
    "swiglu": LayerKind(
        "two dense layers with a gate between: a = W2 (silu(W1 x) V x)",
        swiglu,
        "features, or steps and features",
        (1, 2),
        {
            "hidden": Option("units between the two layers"),
            "units": Option("features that come out; without it as many as come in", optional=True),
            "bias": Option("whether biases are added", "switch", False),
        },
    ),
}
