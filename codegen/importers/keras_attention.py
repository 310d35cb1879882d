"""Keras's attention of several heads: products with (features, heads, size), one attention, and a product back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .arranged_nodes import dense
from .axis_order import Arranged, fresh
from .keras_layer import KerasLayer


def _multi_head_attention(layer: KerasLayer) -> Arranged:
    """softmax(Q Kᵀ/√key_dim) V for each head; without a key of its own the value is the key."""
    query, value, *rest = [*layer.given, *(layer.options[name] for name in ("query", "value", "key") if name in layer.options)]
    key = rest[0] if rest and isinstance(rest[0], Arranged) else value
    layer.expect(
        all(isinstance(each, Arranged) and len(each.order) == 3 for each in (query, key, value)), "expected (examples, steps, features)"
    )
    for name in ("attention_mask", "query_mask", "value_mask", "key_mask", "return_attention_scores"):
        layer.expect(not layer.options.get(name), f"{name} is not taken over")
    for name in ("use_gate", "sliding_window", "output_shape"):
        layer.expect(not layer.config.get(name), f"{name} is not taken over")
    layer.expect(layer.config.get("attention_axes") in (None, [1]), "attention along other axes than the second")
    if layer.config.get("dropout"):
        layer.writer.remark("the dropout of attention weights is not taken over")
    heads, size = layer.whole("num_heads"), layer.whole("key_dim")
    value_size = layer.whole("value_dim") if layer.config.get("value_dim") else size
    parts = [
        _projected(layer, each, name, heads, width)
        for each, name, width in ((query, "query", size), (key, "key", size), (value, "value", value_size))
    ]
    axes = (*parts[0].order[:3], fresh(value_size))
    attributes: dict[str, Any] = {"is_causal": int(bool(layer.options.get("use_causal_mask")))}
    found = layer.writer.node("Attention", [layer.writer.laid(each) for each in parts], axes, **attributes)
    together = Arranged(found.value, found.axes, (axes[0], axes[2], axes[1] + axes[3]))
    features = layer.size(query, 2)
    weight = _matrix(layer, "output", [heads, value_size, features], [heads * value_size, features])
    return dense(layer, together, weight, _bias(layer, "output", [features]), is_turned=False)


def _projected(layer: KerasLayer, x: Arranged, name: str, heads: int, size: int) -> Arranged:
    """(examples, heads, steps, size)"""
    features = layer.size(x, 2)
    weight = _matrix(layer, name, [features, heads, size], [features, heads * size])
    found = dense(layer, x, weight, _bias(layer, name, [heads, size]), is_turned=False)
    return found.viewed([*found.shape[:2], (heads, ()), (size, ())]).permuted([0, 2, 1, 3])


def _matrix(layer: KerasLayer, name: str, shape: list[int], together: list[int]) -> Arranged:
    return layer.made(f"{name}/kernel", lambda: layer.variable(0, shape, f"{name}_dense").reshape(together))


def _bias(layer: KerasLayer, name: str, shape: list[int]) -> Arranged | None:
    return layer.made(f"{name}/bias", lambda: layer.variable(1, shape, f"{name}_dense").reshape(-1)) if layer["use_bias"] else None


TABLE: dict[str, Callable[[KerasLayer], Arranged]] = {"MultiHeadAttention": _multi_head_attention}
