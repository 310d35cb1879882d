"""Networks of papers as layers, as keyword arguments of `Network`; sizes are different as far as the papers let them be."""

from __future__ import annotations

from layer_networks import Described, layer, of

from chainrule import Dense
from chainrule.symbolic.layers.connections import Input

PUBLISHED: dict[str, Described] = {
    # Touvron et al., "LLaMA" (2023), with the grouped queries of its second version
    "llama_block": of(
        layer("rms_norm"),
        layer("grouped_query_attention", heads=4, key_heads=2, causal=True, rotary=True),
        layer("add", "x", "a2"),
        layer("rms_norm"),
        layer("swiglu", hidden=7),
        layer("add", "a3", "a5"),
        given=[5, 8],
        cost="squared_error",
    ),
    # van den Oord et al., "WaveNet" (2016): two dilated causal convolutions, each with a gate, a residual connection and a skip
    "wavenet": of(
        layer("conv1d", "x", channels=3, kernel=2, causal=True, activation="tanh", name="filter"),
        layer("conv1d", "x", channels=3, kernel=2, causal=True, activation="sigmoid", name="gate"),
        layer("multiply", "filter", "gate", name="open"),
        layer("conv1d", channels=3, kernel=1, name="skip"),
        layer("add", "x", "skip", name="on"),
        layer("conv1d", "on", channels=3, kernel=2, dilation=2, causal=True, activation="tanh", name="filter2"),
        layer("conv1d", "on", channels=3, kernel=2, dilation=2, causal=True, activation="sigmoid", name="gate2"),
        layer("multiply", "filter2", "gate2", name="open2"),
        layer("conv1d", channels=3, kernel=1, name="skip2"),
        layer("add", "skip", "skip2", activation="relu", name="both"),
        layer("conv1d", channels=5, kernel=1, activation="softmax", name="next"),
        given=[3, 11],
        cost="cross_entropy",
        targets="labels",
    ),
    # Ronneberger, Fischer and Brox, "U-Net" (2015), one level of it
    "u_net": of(
        layer("conv2d", channels=3, kernel=3, padding=1, activation="relu", name="down"),
        layer("max_pool2d", kernel=2),
        layer("conv2d", channels=5, kernel=3, padding=1, activation="relu", name="deep"),
        layer("upsample", factor=2, name="up"),
        layer("concatenate", "down", "up", name="both"),
        layer("conv2d", channels=3, kernel=3, padding=1, activation="relu"),
        layer("conv2d", channels=2, kernel=1, activation="softmax"),
        given=[1, 6, 4],
        cost="cross_entropy",
        targets="labels",
    ),
    # Huang, Xu and Yu, "Bidirectional LSTM-CRF models for sequence tagging" (2015), without the CRF
    "tagger": of(
        layer("embedding", features=3),
        layer("lstm", units=2, bidirectional=True),
        layer("dense", units=5, activation="softmax"),
        given=Input((4,), 7),
        cost="cross_entropy",
        targets="labels",
    ),
    # Karras, Laine and Aila, "StyleGAN" (2019): adaptive instance normalisation, its scale and shift from a style
    "style": of(
        layer("conv2d", "x", channels=3, kernel=3, padding=1, activation="leaky_relu", name="drawn"),
        layer("instance_norm", gain=False, name="plain"),
        layer("dense", "w", units=3, name="scale"),
        layer("dense", "w", units=3, name="shift"),
        layer("multiply", "plain", "scale", name="scaled"),
        layer("add", "scaled", "shift", name="styled"),
        given={"x": [2, 5, 7], "w": 4},
        cost="squared_error",
    ),
    # Wu and He, "Group normalization" (2018), in a block of He et al., "Deep residual learning" (2015)
    "residual_groups": of(
        layer("conv2d", "x", channels=4, kernel=3, padding=1, bias=False),
        layer("group_norm", groups=2, activation="relu"),
        layer("conv2d", channels=4, kernel=3, padding=1, bias=False),
        layer("group_norm", groups=2),
        layer("add", "x", "a4", activation="relu"),
        layer("global_average_pool"),
        layer("dense", units=5, activation="softmax"),
        given=[4, 5, 3],
        cost="cross_entropy",
        targets="labels",
    ),
    # Hu, Shen and Sun, "Squeeze-and-excitation networks" (2018)
    "squeeze": of(
        layer("conv2d", channels=6, kernel=3, padding=1),
        layer("global_average_pool"),
        layer("dense", units=2, activation="relu"),
        layer("dense", units=6, activation="sigmoid"),
        layer("multiply", "a1", "a4"),
        layer("add", "a1", "a5", activation="relu"),
        given=[3, 5, 7],
        cost="squared_error",
    ),
    # Joulin et al., "Bag of tricks for efficient text classification" (2017)
    "fast_text": of(
        layer("embedding_bag", features=3),
        layer("dense", units=5, activation="softmax"),
        given=Input((6,), 11),
        cost="cross_entropy",
        targets="labels",
    ),
    # Miyato et al., "Spectral normalization for generative adversarial networks" (2018): the discriminator
    "spectral_discriminator": of(
        layer("conv2d", channels=3, kernel=3, stride=2, padding=1, spectral_norm=True, activation="leaky_relu"),
        layer("flatten"),
        layer("dense", units=1, spectral_norm=True),
        given=[2, 5, 7],
        cost="hinge",
    ),
    # The first layers of He et al. (2015): max pooling beyond the edge
    "residual_stem": of(
        layer("conv2d", channels=3, kernel=7, stride=2, padding=3, bias=False),
        layer("batch_norm", activation="relu"),
        layer("max_pool2d", kernel=3, stride=2, padding=1),
        layer("global_average_pool"),
        Dense(2, "identity"),
        given=[2, 9, 11],
        cost="squared_error",
    ),
    # Radford et al., "GPT-2" (2019): a block before the head, with the approximation of gelu and without biases
    "gpt2_block": of(
        layer("layer_norm", bias=False),
        layer("multi_head_attention", heads=2, causal=True, bias=False),
        layer("add", "x", "a2"),
        layer("layer_norm", bias=False),
        layer("dense", units=7, bias=False, activation="gelu_tanh"),
        layer("dense", units=6, bias=False),
        layer("add", "a3", "a6"),
        given=[5, 6],
        cost="squared_error",
    ),
}
