"""Networks of every kind of layer, alone and beside others, as keyword arguments of `Network`; sizes are different primes."""

from __future__ import annotations

from typing import Any

from chainrule import Dense, Layer
from chainrule.symbolic.layers.connections import Input

Described = dict[str, Any]

SEQUENCE, IMAGE, FLAT = [5, 3], [2, 7, 5], 3
TOKENS = Input((5,), 7)


def of(*layers: Layer, given: Any = FLAT, **more: Any) -> Described:
    return {"input": given, "layers": layers, **more}


def layer(
    kind: str, *sources: str, activation: str | None = None, name: str | None = None, weights_of: str | None = None, **options: Any
) -> Layer:
    return Layer(kind, options, activation, name, sources=sources, weights_of=weights_of)


#: Each kind by itself, in each of its forms.
ALONE: dict[str, Described] = {
    "dense": of(Dense(5, "tanh")),
    "dense without bias": of(layer("dense", units=5, bias=False)),
    "dense with weights of a length": of(layer("dense", units=5, weight_norm=True, activation="tanh")),
    "dense with a spectral norm": of(layer("dense", units=5, spectral_norm=True, activation="tanh")),
    "conv2d with kernels of a length": of(layer("conv2d", channels=3, kernel=2, weight_norm=True), given=[2, 5, 3]),
    "conv1d in groups with a spectral norm": of(layer("conv1d", channels=4, kernel=3, groups=2, spectral_norm=True), given=[2, 5]),
    "dense on a sequence": of(Dense(7, "tanh"), given=SEQUENCE),
    "positional": of(layer("positional"), given=SEQUENCE),
    "activation": of(layer("positional"), layer("activation", activation="softplus"), given=SEQUENCE),
    "dropout": of(Dense(5), layer("dropout", rate=0.25)),
    "embedding": of(layer("embedding", features=3), given=TOKENS),
    "embedding of one label": of(layer("embedding", features=3), given=Input((), 7)),
    "embedding_bag": of(layer("embedding_bag", features=3), given=TOKENS),
    "embedding_bag, the sum": of(layer("embedding_bag", features=3, reduction="sum"), given=TOKENS),
    "swiglu": of(layer("swiglu", hidden=5), given=FLAT),
    "swiglu on a sequence": of(layer("swiglu", hidden=2, units=7, bias=True), given=SEQUENCE),
    "flatten": of(layer("positional"), layer("flatten"), given=SEQUENCE),
    "conv1d": of(layer("conv1d", channels=3, kernel=2), given=[2, 7]),
    "conv1d with stride, padding and dilation": of(layer("conv1d", channels=3, kernel=2, stride=2, padding=1, dilation=3), given=[2, 7]),
    "conv1d, causal": of(layer("conv1d", channels=3, kernel=2, dilation=2, causal=True), given=[2, 7]),
    "conv2d with other zeros behind": of(layer("conv2d", channels=3, kernel=2, padding=[1, 0], padding_after=[0, 2]), given=IMAGE),
    "conv1d in groups": of(layer("conv1d", channels=6, kernel=2, groups=2), given=[4, 7]),
    "conv2d": of(layer("conv2d", channels=3, kernel=[2, 3]), given=IMAGE),
    "conv2d with stride": of(layer("conv2d", channels=3, kernel=2, stride=[2, 1]), given=IMAGE),
    "conv2d with padding": of(layer("conv2d", channels=3, kernel=3, padding=[1, 2]), given=IMAGE),
    "conv2d with dilation": of(layer("conv2d", channels=3, kernel=2, dilation=[2, 3]), given=IMAGE),
    "conv2d in groups": of(layer("conv2d", channels=6, kernel=2, groups=2, bias=False), given=[4, 5, 3]),
    "conv2d of each channel": of(layer("conv2d", channels=3, kernel=2, groups=3), given=[3, 5, 4]),
    "conv_transpose1d": of(layer("conv_transpose1d", channels=3, kernel=2, stride=2), given=[2, 5]),
    "conv_transpose2d": of(layer("conv_transpose2d", channels=3, kernel=3, stride=2, padding=1), given=[2, 3, 5]),
    "max_pool1d": of(layer("conv1d", channels=3, kernel=1), layer("max_pool1d", kernel=2), given=[2, 7]),
    "max_pool2d": of(layer("conv2d", channels=3, kernel=1), layer("max_pool2d", kernel=[2, 3]), given=IMAGE),
    "max_pool2d overlapping": of(layer("conv2d", channels=3, kernel=1), layer("max_pool2d", kernel=3, stride=2), given=IMAGE),
    "max_pool2d beyond the edge": of(
        layer("conv2d", channels=2, kernel=1), layer("max_pool2d", kernel=3, stride=2, padding=1), given=IMAGE
    ),
    "average_pool2d beyond the edge": of(
        layer("conv2d", channels=2, kernel=1), layer("average_pool2d", kernel=[2, 3], stride=2, padding=[0, 1]), given=IMAGE
    ),
    "average_pool1d": of(layer("conv1d", channels=3, kernel=1), layer("average_pool1d", kernel=3, stride=2), given=[2, 7]),
    "average_pool2d": of(layer("conv2d", channels=3, kernel=1), layer("average_pool2d", kernel=2), given=IMAGE),
    "global_average_pool": of(layer("conv2d", channels=3, kernel=1), layer("global_average_pool"), given=IMAGE),
    "batch_norm": of(Dense(5, "identity"), layer("batch_norm")),
    "batch_norm after Bessel": of(Dense(5, "identity"), layer("batch_norm", variance="bessel", eps=0.01)),
    "batch_norm in evaluation": of(Dense(5, "identity"), layer("batch_norm", mode="evaluation", eps=4.0)),
    "batch_norm of what was kept": of(Dense(5, "identity"), layer("batch_norm", mode="kept")),
    "batch_norm of an image": of(layer("conv2d", channels=3, kernel=1), layer("batch_norm", variance="bessel"), given=IMAGE),
    "layer_norm": of(Dense(5, "identity"), layer("layer_norm")),
    "layer_norm of a sequence": of(layer("positional"), layer("layer_norm"), given=SEQUENCE),
    "rms_norm": of(Dense(5, "identity"), layer("rms_norm")),
    "layer_norm without bias": of(layer("positional"), layer("layer_norm", bias=False), given=SEQUENCE),
    "instance_norm": of(layer("conv2d", channels=3, kernel=1, bias=False), layer("instance_norm"), given=IMAGE),
    "instance_norm without gain": of(layer("conv1d", channels=3, kernel=2, bias=False), layer("instance_norm", gain=False), given=[2, 7]),
    "group_norm": of(layer("conv2d", channels=6, kernel=1), layer("group_norm", groups=3), given=IMAGE),
    "group_norm of all channels": of(layer("conv1d", channels=3, kernel=2), layer("group_norm", groups=1, bias=False), given=[2, 7]),
    "upsample": of(layer("conv2d", channels=3, kernel=2), layer("upsample", factor=[2, 3]), given=[2, 3, 4]),
    "upsample with lines": of(layer("conv2d", channels=2, kernel=1), layer("upsample", mode="linear"), given=[1, 3, 2]),
    "upsample a sequence with lines": of(layer("conv1d", channels=3, kernel=2), layer("upsample", factor=3, mode="linear"), given=[2, 5]),
    "multiply by one number a channel": of(
        layer("conv2d", channels=3, kernel=1),
        layer("global_average_pool"),
        layer("dense", units=3, activation="sigmoid"),
        layer("multiply", "a1", "a3"),
        given=IMAGE,
    ),
    "add one row to all steps": of(
        layer("dense", "x", units=5), layer("dense", "c", units=5), layer("add", "a1", "a2"), given={"x": [7, 3], "c": 2}
    ),
    "multiply by one channel": of(layer("conv2d", channels=1, kernel=1, activation="sigmoid"), layer("multiply", "x", "a1"), given=IMAGE),
    "add": of(Dense(3, "tanh"), layer("add", "x", "a1", activation="relu")),
    "multiply": of(Dense(5, "tanh"), layer("dense", "x", units=5), layer("multiply", "a1", "a2")),
    "concatenate": of(Dense(5, "tanh"), layer("concatenate", "a1", "x")),
    "concatenate of channels": of(layer("conv2d", channels=3, kernel=1), layer("concatenate", "x", "a1"), given=IMAGE),
    "concatenate of steps": of(Dense(3, "tanh"), layer("concatenate", "x", "a1", axis=0), given=SEQUENCE),
    "rnn": of(layer("rnn", units=2), given=SEQUENCE),
    "rnn, the last state": of(layer("rnn", units=2, returns="last"), given=SEQUENCE),
    "rnn with relu": of(layer("rnn", units=2, function="relu"), given=SEQUENCE),
    "rnn of both directions": of(layer("rnn", units=2, bidirectional=True, bias=False), given=SEQUENCE),
    "lstm of both directions": of(layer("lstm", units=2, bidirectional=True), given=[3, 2]),
    "gru of both directions, the last states": of(layer("gru", units=2, bidirectional=True, returns="last"), given=SEQUENCE),
    "lstm": of(layer("lstm", units=2), given=SEQUENCE),
    "lstm, the last state": of(layer("lstm", units=2, returns="last"), given=SEQUENCE),
    "gru": of(layer("gru", units=2), given=SEQUENCE),
    "gru, reset after the product": of(layer("gru", units=2, reset="after"), given=[3, 2]),
    "gru of both directions, reset after the product, without bias": of(
        layer("gru", units=2, reset="after", bidirectional=True, bias=False), given=[3, 2]
    ),
    "step": of(Dense(3, "tanh"), layer("step", place=1), given=SEQUENCE),
    "step, the last": of(Dense(3, "tanh"), layer("step"), given=SEQUENCE),
    "global_average_pool of steps": of(Dense(3, "tanh"), layer("global_average_pool", channels="last"), given=SEQUENCE),
    "attention": of(layer("positional"), layer("attention"), given=SEQUENCE),
    "causal attention": of(layer("positional"), layer("attention", causal=True), given=SEQUENCE),
    "attention of three": of(
        layer("dense", "x", units=2, activation="identity"),
        layer("dense", "x", units=2, activation="identity"),
        layer("dense", "x", units=7, activation="identity"),
        layer("attention", "a1", "a2", "a3"),
        given=SEQUENCE,
    ),
    "multi_head_attention": of(layer("multi_head_attention", heads=3), given=[5, 6]),
    "causal multi_head_attention": of(layer("multi_head_attention", heads=2, causal=True, bias=False), given=[5, 4]),
    "multi_head_attention of wide heads": of(layer("multi_head_attention", heads=2, features=3), given=[5, 2]),
    "multi_head_attention over a memory": of(
        layer("multi_head_attention", "here", "memory", heads=2), given={"here": [3, 4], "memory": [5, 7]}
    ),
    "rotary": of(layer("positional"), layer("rotary"), given=[5, 4]),
    "rotary of neighbours": of(layer("positional"), layer("rotary", base=100, pairs="neighbours"), given=[3, 4]),
    "grouped_query_attention": of(layer("grouped_query_attention", heads=4, key_heads=2, causal=True, rotary=True), given=[5, 8]),
    "grouped_query_attention of one head of keys": of(
        layer("grouped_query_attention", heads=3, key_heads=1, bias=True, rotary=True, pairs="neighbours"), given=[5, 6]
    ),
    "transformer_block": of(layer("transformer_block", heads=2, hidden=7), given=[5, 4]),
    "transformer_block without biases": of(layer("transformer_block", heads=2, hidden=3, bias=False), given=[5, 4]),
    "transformer_block, causal, normalised after": of(
        layer("transformer_block", heads=2, norm="post", function="relu", causal=True, hidden=3), given=[5, 4]
    ),
}

#: Small networks of several kinds, with connections by name, several inputs, shared weights, and the costs of more than one layer.
TOGETHER: dict[str, Described] = {
    "convolutional": of(
        layer("conv2d", channels=3, kernel=3, padding=1, activation="relu"),
        layer("batch_norm"),
        layer("max_pool2d", kernel=2),
        layer("flatten"),
        Dense(5, "softmax"),
        given=[2, 6, 4],
        cost="cross_entropy",
        targets="labels",
    ),
    "residual": of(
        Dense(5, "tanh"),
        Dense(5, "relu", "inner"),
        layer("add", "a1", "inner"),
        layer("layer_norm"),
        Dense(2, "identity"),
    ),
    "decoder": of(
        layer("dense", "x", units=11, activation="tanh"),
        layer("conv_transpose1d", "image", channels=2, kernel=3, stride=2, activation="tanh"),
        layer("flatten"),
        layer("concatenate", "a1", "a3"),
        Dense(2, "identity"),
        given={"x": 3, "image": [2, 3]},
    ),
    "siamese": of(
        layer("dense", "left", units=5, activation="tanh", name="enc"),
        layer("dense", "right", units=5, activation="tanh", name="twin", weights_of="enc"),
        given={"left": 3, "right": 3},
        cost="contrastive",
        cost_sources=("enc", "twin"),
    ),
    "triplet": of(
        layer("dense", "anchor", units=2, activation="tanh", name="_a"),
        layer("dense", "like", units=2, activation="tanh", name="_b", weights_of="_a"),
        layer("dense", "unlike", units=2, activation="tanh", name="_c", weights_of="_a"),
        given={"anchor": 5, "like": 5, "unlike": 5},
        cost="triplet",
        cost_sources=("_a", "_b", "_c"),
        constants={"margin": 3.0},
    ),
    "mean and variance": of(
        Dense(5, "tanh"),
        layer("dense", "a1", units=2, activation="identity", name="mean"),
        layer("dense", "a1", units=2, activation="identity", name="variance"),
        cost="gaussian",
        cost_sources=("mean", "variance"),
    ),
    "labels of a sequence with a mask": of(
        layer("embedding", features=3),
        layer("lstm", units=2),
        Dense(7, "softmax"),
        given=TOKENS,
        cost="cross_entropy",
        targets="labels",
        mask=True,
    ),
    "one-hot rows of a sequence with a mask": of(Dense(7, "softmax"), given=SEQUENCE, cost="cross_entropy", mask=True, reduction="sum"),
    "one-hot rows with weights": of(Dense(7, "softmax"), cost="cross_entropy", mask=True),
    "multiclass hinge": of(Dense(5, "tanh"), Dense(7, "identity"), cost="multiclass_hinge"),
    "distributions": of(Dense(5, "softmax"), cost="kl_divergence"),
    "recurrent with attention": of(
        layer("gru", units=4),
        layer("positional"),
        layer("multi_head_attention", heads=2, causal=True),
        layer("add", "a2", "a3"),
        layer("rms_norm"),
        Dense(3, "softmax"),
        given=SEQUENCE,
        cost="cross_entropy",
        regularisation={"l2": 0.1},
    ),
    "transformer": of(
        layer("embedding", features=4),
        layer("positional"),
        layer("transformer_block", heads=2, hidden=3, causal=True),
        layer("transformer_block", heads=2, hidden=3, causal=True),
        Dense(7, "softmax"),
        given=TOKENS,
        cost="cross_entropy",
        targets="labels",
    ),
    "dropout between layers": of(Dense(5, "relu"), layer("dropout"), Dense(2, "sigmoid"), cost="binary_cross_entropy"),
}
