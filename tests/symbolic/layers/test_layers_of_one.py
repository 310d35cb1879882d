"""Layers whose every size is 1: an axis of one position stays an axis, in both styles and in code without arrays."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from every_call import Calls
from layer_networks import ALONE

from chainrule import InvalidDescription, Network, derive
from chainrule.symbolic.layers.connections import Input
from chainrule.symbolic.system.sizes import chosen_sizes


def of_one(value: Any) -> Any:
    """Sizes, numbers of channels and heads, kernels and strides as 1."""
    match value:
        case bool():
            return value
        case int():
            return min(value, 1)
        case list() | tuple():
            return type(value)(map(of_one, value))
        case dict():
            return {name: of_one(part) for name, part in value.items()}
        case Input():
            return dataclasses.replace(value, shape=of_one(value.shape))
    return value


@pytest.mark.parametrize("name", ALONE)
def test_every_call_is_that_of_plain(name: str) -> None:
    described = dict(ALONE[name])
    layers = [dataclasses.replace(layer, options=of_one(layer.options)) for layer in described.pop("layers")]
    try:
        derivation = derive(Network(**{**described, "input": of_one(described["input"]), "layers": layers}))
    except InvalidDescription as refusal:
        pytest.skip(str(refusal))
    axes, calls = derivation.system.axes, Calls(derivation)
    fixed = {axis: own.size for axis, own in axes.items() if own.size is not None}
    for examples in (1, 2):
        calls.assert_alike(chosen_sizes(axes, {**fixed, "n": examples}, fixed))
