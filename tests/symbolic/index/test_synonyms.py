"""Words of other libraries and books: a message names what they are called here."""

from __future__ import annotations

import re

import pytest

from chainrule import Dense, InvalidDescription, Layer, Network
from chainrule.symbolic.index import synonyms
from chainrule.symbolic.layers import KINDS
from chainrule.symbolic.layers.activations import ACTIVATIONS
from chainrule.symbolic.layers.costs import COSTS

COSTS_OF_OTHERS = {
    "mse": "squared_error",
    "MSELoss": "squared_error",
    "L1Loss": "mae",
    "l1_loss": "mae",
    "SmoothL1Loss": "huber",
    "nll": "cross_entropy",
    "nll_loss": "cross_entropy",
    "CrossEntropyLoss": "cross_entropy",
    "crossentropy": "cross_entropy",
    "categorical_crossentropy": "cross_entropy",
    "bce": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy",
    "KLDivLoss": "kl_divergence",
    "HingeLoss": "hinge",
}
ACTIVATIONS_OF_OTHERS = {
    "swish": "did you mean 'silu'?",
    "SiLU": "did you mean 'silu'?",
    "LeakyReLU": "did you mean 'leaky_relu'?",
    "linear": "did you mean 'identity'?",
    "None": "did you mean 'identity'?",
    "log_softmax": "'log_softmax' is written z - log(sum(k, exp(z[k])))",
    "hard_sigmoid": "is written minimum(maximum(z/6 + 1/2, 0), 1)",
}
LAYERS_OF_OTHERS = {
    "linear": "dense",
    "linear layer": "dense",
    "Linear": "dense",
    "fc": "dense",
    "Conv2d": "conv2d",
    "conv": "conv2d",
    "ConvTranspose2d": "conv_transpose2d",
    "maxpool": "max_pool2d",
    "MaxPool1d": "max_pool1d",
    "AvgPool2d": "average_pool2d",
    "batchnorm": "batch_norm",
    "BatchNorm2d": "batch_norm",
    "LayerNorm": "layer_norm",
    "RMSNorm": "rms_norm",
    "MultiheadAttention": "multi_head_attention",
    "SimpleRNN": "rnn",
    "relu": "activation",
}


@pytest.mark.parametrize(("word", "meant"), COSTS_OF_OTHERS.items())
def test_costs_as_others_call_them(word: str, meant: str) -> None:
    with pytest.raises(InvalidDescription, match=rf"did you mean '{meant}'\?"):
        _ = Network(3, [Dense(2)], word).system


@pytest.mark.parametrize(("word", "said"), ACTIVATIONS_OF_OTHERS.items())
def test_activations_as_others_call_them(word: str, said: str) -> None:
    with pytest.raises(InvalidDescription, match=re.escape(said)):
        _ = Network(3, [Dense(2, word)]).system


@pytest.mark.parametrize("formula", [written for written in synonyms.ACTIVATIONS.values() if not written.isidentifier()])
def test_formulas_that_stand_for_activations_of_others_are_read(formula: str) -> None:
    assert Network(3, [Dense(2, formula)]).system.equations


@pytest.mark.parametrize(("word", "meant"), LAYERS_OF_OTHERS.items())
def test_layers_as_others_call_them(word: str, meant: str) -> None:
    with pytest.raises(InvalidDescription, match=rf"did you mean '{meant}'\?"):
        Layer(word, {})


@pytest.mark.parametrize(
    ("kind", "key", "meant"),
    [("conv2d", "kernel_size", "kernel"), ("conv2d", "out_channels", "channels"), ("dense", "use_bias", "bias"), ("dropout", "p", "rate")],
)
def test_keys_as_others_call_them(kind: str, key: str, meant: str) -> None:
    with pytest.raises(InvalidDescription, match=rf"did you mean '{meant}'\?"):
        Layer(kind, {key: 3})


def test_words_of_others_mean_what_is_there() -> None:
    """A table whose meanings are gone says nothing: each is a name of its list, or a formula."""
    for table, known in ((synonyms.COSTS, COSTS), (synonyms.ACTIVATIONS, ACTIVATIONS), (synonyms.LAYERS, KINDS)):
        for word, meant in table.items():
            assert meant in known or not meant.isidentifier(), word
            assert synonyms.spellings(word)[0] == word
