"""Attention: every place of a sequence takes a weighted mean of the values at all places; and the transformer's block of it."""

from __future__ import annotations

from chainrule.symbolic.index.failures import InvalidDescription

from .layer_equations import BIAS, ExampleShape, LayerEquations, LayerKind
from .options import Option, Options


def softmax_weights(score: str, causal: bool, *, left: str) -> str:
    """The softmax over all places u, or over those up to t: exp(s)/Σ exp(s)."""
    here, other = f"exp({score})", f"exp({score.replace(',u]', ',u_]')})"
    if causal:
        here, other = f"where(u > t, 0, {here})", f"where(u_ > t, 0, {other})"
    return f"{left} = {here}/sum(u_, {other})"


def attention(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Scaled dot-product attention (Vaswani et al., 2017): queries, keys and values, or one sequence that is all three."""
    if len(sources) == 2:
        raise InvalidDescription("attention takes one layer, or three: queries, keys and values; found 2", ("from",))
    width = sources[0][-1]
    declared = ("x[t,d]",) if len(sources) == 1 else ("x[t,d]", "y[u,d]", "w[u,e]")
    key, value, result = ("x[n,u,d]", "x[n,u,d]", "d") if len(sources) == 1 else ("y[n,u,d]", "w[n,u,e]", "e")
    return LayerEquations(
        declared,
        f"t,{result}",
        (
            f"s[n,t,u] = sum(d, x[n,t,d]*{key})/sqrt({width})",
            softmax_weights("s[n,t,u]", option.causal, left="p[n,t,u]"),
            f"out[n,t,{result}] = sum(u, p[n,t,u]*{value})",
        ),
        sizes={"u": sources[0][0]} if len(sources) == 1 else {},
    )


def heads_of(width: int, heads: int, kind: str) -> int:
    if width % heads:
        raise InvalidDescription(f"{kind}: heads = {heads} does not divide the {width} features; choose a divisor", ("heads",))
    return width // heads


def multi_head(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Several attentions side by side, each on projections of its own; a second sequence may bring keys and values."""
    width = sources[0][-1]
    memory, feature = ("y", "m") if len(sources) == 2 else ("x", "i")
    part = option.features or heads_of(width, option.heads, "multi_head_attention")
    bias = {gate: f" + b{gate}[h,d]" if option.bias else "" for gate in "qkv"}
    declared = ("bq[h,d]", "bk[h,d]", "bv[h,d]", "bo[o]") if option.bias else ()
    return LayerEquations(
        ("x[t,i]", "y[u,m]") if len(sources) == 2 else ("x[t,i]",),
        "t,o",
        (
            f"q[n,h,t,d] = sum(i, Wq[h,d,i]*x[n,t,i]){bias['q']}",
            f"k[n,h,u,d] = sum({feature}, Wk[h,d,{feature}]*{memory}[n,u,{feature}]){bias['k']}",
            f"v[n,h,u,d] = sum({feature}, Wv[h,d,{feature}]*{memory}[n,u,{feature}]){bias['v']}",
            f"s[n,h,t,u] = sum(d, q[n,h,t,d]*k[n,h,u,d])/sqrt({part})",
            softmax_weights("s[n,h,t,u]", option.causal, left="p[n,h,t,u]"),
            "r[n,h,t,d] = sum(u, p[n,h,t,u]*v[n,h,u,d])",
            f"out[n,t,o] = sum(h, d, Wo[o,h,d]*r[n,h,t,d]){' + bo[o]' if option.bias else ''}",
        ),
        {"h": option.heads, "d": part, "o": width} | ({} if len(sources) == 2 else {"u": sources[0][0]}),
        ("Wq[h,d,i]", f"Wk[h,d,{feature}]", f"Wv[h,d,{feature}]", "Wo[o,h,d]", *declared),
        shared=frozenset({"h", "d"}),
    )


def _norm(name: str, source: str, output: str, number: int, has_bias: bool) -> tuple[str, ...]:
    """Layer normalisation of one of a block's two halves."""
    mean, variance = f"m{number}_", f"v{number}_"
    centred = f"({source}[n,t,i] - {mean}[n,t])"
    bias = f" + c{number}_[i]" if has_bias else ""
    return (
        f"{mean}[n,t] = mean(i, {source}[n,t,i])",
        f"{variance}[n,t] = mean(i, {centred}**2)",
        f"{name}[n,t,i] = {centred}/sqrt({variance}[n,t] + eps)",
        f"{output}[n,t,i] = g{number}_[i]*{name}[n,t,i]{bias}",
    )


def transformer_block(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Attention and a network of two dense layers, each beside a residual connection.

    Normalised after each half in Vaswani et al. (2017), before it in Xiong et al. (2020).
    """
    steps, width = sources[0]
    part = heads_of(width, option.heads, "transformer_block")
    hidden = option.hidden or 4 * width
    pre = option.norm == "pre"
    attended, first = ("y1_", "x") if pre else ("x", "x")
    function = "f[n,t,l]*(1 + erf(f[n,t,l]/sqrt(2)))/2" if option.function == "gelu" else "relu(f[n,t,l])"
    attention_part = (
        f"q[n,h,t,d] = sum(i, Wq[h,d,i]*{attended}[n,t,i])",
        f"k[n,h,u,d] = sum(i, Wk[h,d,i]*{attended}[n,u,i])",
        f"v[n,h,u,d] = sum(i, Wv[h,d,i]*{attended}[n,u,i])",
        f"s[n,h,t,u] = sum(d, q[n,h,t,d]*k[n,h,u,d])/sqrt({part})",
        softmax_weights("s[n,h,t,u]", option.causal, left="p[n,h,t,u]"),
        "w[n,h,t,d] = sum(u, p[n,h,t,u]*v[n,h,u,d])",
        f"r[n,t,i] = {first}[n,t,i] + sum(h, d, Wo[i,h,d]*w[n,h,t,d])",
    )
    fed = "y2_" if pre else "y1_"
    network_part = (
        f"f[n,t,l] = sum(i, W1_[l,i]*{fed}[n,t,i])" + (" + b1_[l]" if option.bias else ""),
        f"e[n,t,l] = {function}",
    )
    second = "sum(l, W2_[i,l]*e[n,t,l])" + (" + b2_[i]" if option.bias else "")
    declared = "g1_[i] c1_[i] Wq[h,d,i] Wk[h,d,i] Wv[h,d,i] Wo[i,h,d] g2_[i] c2_[i] W1_[l,i] b1_[l] W2_[i,l] b2_[i]".split()
    if pre:
        equations = (
            *_norm("u1_", "x", "y1_", 1, option.bias),
            *attention_part,
            *_norm("u2_", "r", "y2_", 2, option.bias),
            *network_part,
            f"out[n,t,i] = r[n,t,i] + {second}",
        )
    else:
        equations = (
            *attention_part,
            *_norm("u1_", "r", "y1_", 1, option.bias),
            *network_part,
            f"r2_[n,t,i] = y1_[n,t,i] + {second}",
            *_norm("u2_", "r2_", "out", 2, option.bias),
        )
    return LayerEquations(
        ("x[t,i]",),
        "t,i",
        equations,
        {"h": option.heads, "d": part, "l": hidden, "u": steps},
        tuple(parameter for parameter in declared if option.bias or parameter[0] not in "bc"),
        constants={"eps": option.eps},
        shared=frozenset({"h", "d", "l"}),
    )


CAUSAL = {"causal": Option("whether a place sees only itself and those before", "switch", False)}
HEADS = {"heads": Option("attentions side by side")}

STEPS = ("steps and features", (2, 2))

KINDS: dict[str, LayerKind] = {
    "attention": LayerKind(
        "scaled dot-product attention, with one source or queries, keys and values", attention, *STEPS, CAUSAL, sources=(1, 3)
    ),
    "multi_head_attention": LayerKind(
        "attentions side by side on projections of the input",
        multi_head,
        *STEPS,
        {
            **HEADS,
            "features": Option("features of each; without it those of the input divided by the heads", optional=True),
            **CAUSAL,
            "bias": BIAS,
        },
        sources=(1, 2),
    ),
    "transformer_block": LayerKind(
        "attention and two dense layers, each beside a residual connection",
        transformer_block,
        *STEPS,
        {
            **HEADS,
            "hidden": Option("units between the two dense layers; without it four times the features", optional=True),
            "norm": Option("normalised before each half or after", "word", "pre", words=("pre", "post")),
            "bias": BIAS,
            "function": Option("what stands between the two dense layers", "function", "gelu", words=("gelu", "relu")),
            **CAUSAL,
            "eps": Option("what is added to a variance", "number", 1e-5, least=1e-30, most=100),
        },
        takes_activation=False,
    ),
}
