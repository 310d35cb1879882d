"""Grouped-query attention: several queries share a head of keys and values (Ainslie et al., 2023), and may be turned by their positions."""

from __future__ import annotations

from chainrule.symbolic.index.failures import InvalidDescription

from .attention import CAUSAL, HEADS, STEPS, heads_of, softmax_weights
from .layer_equations import ExampleShape, LayerEquations, LayerKind
from .options import Option, Options
from .rotary import ROTARY, pair_sizes, turned


def grouped_query_attention(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Query head r of group h reads the keys and values of head h; one head of keys for all is multi-query attention (Shazeer, 2019)."""
    kind = "grouped_query_attention"
    steps, width = sources[0]
    part = heads_of(width, option.heads, kind)
    if option.heads % option.key_heads:
        raise InvalidDescription(f"{kind}: key_heads = {option.key_heads} does not divide heads = {option.heads}", ("key_heads",))
    bias = {
        gate: f" + b{gate}[{letters}]" if option.bias else "" for gate, letters in (("q", "h,r,d"), ("k", "h,d"), ("v", "h,d"), ("o", "o"))
    }
    query, key = "q[n,h,r,t,", "k[n,h,u,"
    rotation: tuple[str, ...] = ()
    if option.rotary:
        rotation = (*turned("a_[n,h,r,t,", query, "t", part, option, kind), *turned("c_[n,h,u,", key, "u", part, option, kind))
        query, key = "a_[n,h,r,t,", "c_[n,h,u,"
    return LayerEquations(
        ("x[t,i]",),
        "t,o",
        (
            f"q[n,h,r,t,d] = sum(i, Wq[h,r,d,i]*x[n,t,i]){bias['q']}",
            f"k[n,h,u,d] = sum(i, Wk[h,d,i]*x[n,u,i]){bias['k']}",
            f"v[n,h,u,d] = sum(i, Wv[h,d,i]*x[n,u,i]){bias['v']}",
            *rotation,
            f"s[n,h,r,t,u] = sum(d, {query}d]*{key}d])/sqrt({part})",
            softmax_weights("s[n,h,r,t,u]", option.causal, left="p[n,h,r,t,u]"),
            "w[n,h,r,t,d] = sum(u, p[n,h,r,t,u]*v[n,h,u,d])",
            f"out[n,t,o] = sum(h, r, d, Wo[o,h,r,d]*w[n,h,r,t,d]){bias['o']}",
        ),
        {"h": option.key_heads, "r": option.heads // option.key_heads, "d": part, "u": steps, "o": width}
        | (pair_sizes(part, option) if option.rotary else {}),
        ("Wq[h,r,d,i]", "Wk[h,d,i]", "Wv[h,d,i]", "Wo[o,h,r,d]", *(("bq[h,r,d]", "bk[h,d]", "bv[h,d]", "bo[o]") if option.bias else ())),
        shared=frozenset({"h", "r", "d"}),
    )


KINDS: dict[str, LayerKind] = {
    "grouped_query_attention": LayerKind(
        "attention in which several heads of queries share one of keys and values",
        grouped_query_attention,
        *STEPS,
        {
            **HEADS,
            "key_heads": Option("heads of keys and values, each shared by equally many of queries"),
            **CAUSAL,
            "bias": Option("whether biases are added", "switch", False),
            "rotary": Option("whether queries and keys are turned by their positions", "switch", False),
            **ROTARY,
        },
    ),
}
