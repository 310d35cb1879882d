"""PyTorch's normalisations, pooling, reductions and tables of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .arranged_nodes import alone, along, joined, over_last, reduced
from .axis_order import Arranged, Axis, fixed, fresh
from .torch_call import Call, Given, listed


def _batch_norm(call: Call) -> Arranged:
    """In training by the mean and variance of the examples, which are outputs of the node too; else by those that were kept."""
    x = call["input"]
    channels = x.order[1]
    name = call.writer.laid(x)
    others = [("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)]
    inputs = [name, *(call.vector(word, channels, otherwise) for word, otherwise in others)]
    training = bool(call["training"])
    attributes: dict[str, Any] = {"epsilon": float(call["eps"])}
    if training:
        attributes |= {"training_mode": 1, "momentum": 1 - float(call["momentum"])}
    found = call.writer.outputs("BatchNormalization", inputs, 3 if training else 1, **attributes)
    return Arranged(found[0], x.order, x.order)


def _of_channels(call: Call, operator: str, **attributes: Any) -> Arranged:
    x = call["input"]
    inputs = [call.writer.laid(x), call.vector("weight", x.order[1], 1.0), call.vector("bias", x.order[1], 0.0)]
    return call.writer.node(operator, inputs, x.order, epsilon=float(call["eps"]), **attributes)


def _instance_norm(call: Call) -> Arranged:
    call.expect(bool(call["use_input_stats"]), "instance norm by a mean and variance that were kept")
    return _of_channels(call, "InstanceNormalization")


def _group_norm(call: Call) -> Arranged:
    return _of_channels(call, "GroupNormalization", num_groups=call["num_groups"])


def _layer_norm(call: Call) -> Arranged:
    return _of_last(call, "LayerNormalization", ["weight", "bias"])


def _rms_norm(call: Call) -> Arranged:
    return _of_last(call, "RMSNormalization", ["weight"])


def _of_last(call: Call, operator: str, weights: list[str]) -> Arranged:
    """Over the last axes, as many as the weights have."""
    shape = call["normalized_shape"]
    eps = np.finfo(call.dtypes[0]).eps if call["eps"] is None else call["eps"]
    inputs = []
    for word in weights:
        if call[word] is not None:
            inputs.append(call.writer.laid(call[word]))
        elif word == "weight":
            inputs.append(call.writer.constant(np.ones(shape, call.dtypes[0]), f"{call.writer.at}.{word}").value)
    return over_last(call, operator, call["input"], len(shape), inputs, float(eps))


def _softmax(call: Call) -> Arranged:
    x = call["self"]
    place = call.place(call["dim"], x)
    call.expect(bool(x.order[place]), "a softmax along an axis of size 1")
    return along(call, "LogSoftmax" if "log" in call.operator else "Softmax", x, place)


def _places(call: Call, x: Arranged) -> list[int]:
    dim = call.arguments.get("dim")
    dims = [dim] if isinstance(dim, int) else dim
    return [call.place(each, x) for each in dims] if dims else list(range(len(x.order)))


def _reduction(operator: str) -> Callable[[Call], Given]:
    def of(call: Call) -> Given:
        x = call["self"]
        if "other" in call.arguments:
            return joined(call, {"ReduceMax": "Max", "ReduceMin": "Min"}[operator], x, call["other"])
        value = reduced(call, operator, x, _places(call, x), bool(call.arguments.get("keepdim")))
        # The places of a maximum come second: they are not taken over.
        return (value,) if len(call.shapes) > 1 else value

    return of


def _variance(call: Call) -> Arranged:
    """Σ(x − mean)²/(n − correction), as PyTorch's `unbiased` counts."""
    x = call["self"]
    places = _places(call, x)
    count = np.prod([fixed(x.shape[place]) or np.nan for place in places])
    call.expect(bool(np.isfinite(count)), "a variance over an axis whose size is free")
    correction = call.arguments.get("correction")
    less = int(call.arguments.get("unbiased", True)) if correction is None else correction
    off = joined(call, "Sub", x, reduced(call, "ReduceMean", x, places, True))
    total = reduced(call, "ReduceSum", joined(call, "Mul", off, off), places, bool(call["keepdim"]))
    found = joined(call, "Div", total, float(count - less))
    return alone(call, "Sqrt", found) if call.operator == "std" else found


def _norm(call: Call) -> Arranged:
    x = call["self"]
    call.expect(call["ord"] == 2, "a norm other than the Euclidean")
    return alone(call, "Sqrt", reduced(call, "ReduceSum", joined(call, "Mul", x, x), _places(call, x), bool(call["keepdim"])))


def _cosine(call: Call) -> Arranged:
    """u·v/(‖u‖ ‖v‖), neither norm being less than a small number."""
    one, other = call["x1"], call["x2"]
    place = [call.place(call["dim"], one)]
    norms = [
        joined(call, "Max", alone(call, "Sqrt", reduced(call, "ReduceSum", joined(call, "Mul", each, each), place, False)), call["eps"])
        for each in (one, other)
    ]
    return joined(call, "Div", reduced(call, "ReduceSum", joined(call, "Mul", one, other), place, False), joined(call, "Mul", *norms))


def _weight_norm(call: Call) -> Arranged:
    """g v/‖v‖, the norm being over all axes but one."""
    v: Arranged = call["v"]
    places = [place for place in range(len(v.order)) if place != call.place(call["dim"], v)]
    norm = alone(call, "Sqrt", reduced(call, "ReduceSum", joined(call, "Mul", v, v), places, True))
    return joined(call, "Mul", v, joined(call, "Div", call["g"], norm))


def _pool(call: Call) -> Given:
    count = len(call.shape) - 2
    kernel = listed(call["kernel_size"], count)
    attributes: dict[str, Any] = {
        "kernel_shape": kernel,
        "strides": listed(call["stride"] or kernel, count),
        "pads": listed(call["padding"], count) * 2,
        "ceil_mode": int(call["ceil_mode"]),
    }
    operator = "MaxPool"
    if "avg" in call.operator:
        call.expect(call.arguments.get("divisor_override") is None, "a divisor of its own")
        operator = "AveragePool"
        attributes["count_include_pad"] = int(call["count_include_pad"])
    else:
        attributes["dilations"] = listed(call["dilation"], count)
    return pooled(call, operator, attributes)


def pooled(call: Call, operator: str, attributes: dict[str, Any]) -> Given:
    x = call["self"]
    axes = (*x.order[:2], *(fresh(size) for size in call.shape[2:]))
    found = call.writer.node(operator, [call.writer.laid(x)], axes, **attributes)
    return (found,) if len(call.shapes) > 1 else found


def _adaptive(call: Call) -> Given:
    """Windows that are as large as each other: to 1, or to a size that divides that of the image."""
    x, maximum = call["self"], "max" in call.operator
    sizes = list(zip((fixed(size) for size in x.shape[2:]), (fixed(size) for size in call.shape[2:]), strict=True))
    if all(after == 1 for _, after in sizes):
        whole = reduced(call, "ReduceMax", x, list(range(2, len(x.order))), True) if maximum else _global(call, x)
        return (whole,) if len(call.shapes) > 1 else whole
    call.expect(all(before and after and before % after == 0 for before, after in sizes), "windows of different sizes")
    kernel = [before // after for before, after in sizes if before and after]
    return pooled(call, "MaxPool" if maximum else "AveragePool", {"kernel_shape": kernel, "strides": kernel})


def _global(call: Call, x: Arranged) -> Arranged:
    axes: tuple[Axis, ...] = (*x.order[:2], *((),) * (len(x.order) - 2))
    return call.writer.node("GlobalAveragePool", [call.writer.laid(x)], axes)


def _embedding(call: Call) -> Arranged:
    weight, labels = call["weight"], call["indices"]
    if call["padding_idx"] >= 0:
        row = f"row {call['padding_idx']} of {weight.value}"
        call.writer.remark(f"{row} is one of padding, whose gradient PyTorch takes as 0; here it is one like others")
    features = weight.order[1]
    return call.writer.node("Gather", [call.writer.laid(weight), labels.value], (*labels.axes, features), (*labels.order, features), axis=0)


def _index_select(call: Call) -> Arranged:
    x, labels = call["self"], call["index"]
    return _rows(call, x, call.place(call["dim"], x), labels)


def _index(call: Call) -> Arranged:
    given = [(place, labels) for place, labels in enumerate(call["indices"]) if labels is not None]
    call.expect(len(given) == 1, "places along several axes at once")
    return _rows(call, call["self"], *given[0])


def _rows(call: Call, x: Arranged, place: int, labels: Arranged) -> Arranged:
    axes = (*x.order[:place], *labels.order, *x.order[place + 1 :])
    return call.writer.node("Gather", [call.writer.laid(x), call.writer.laid(labels)], axes, axis=place)


TABLE: dict[str, Callable[[Call], Given]] = {
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "group_norm": _group_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "softmax": _softmax,
    "_softmax": _softmax,
    "log_softmax": _softmax,
    "mean": _reduction("ReduceMean"),
    "sum": _reduction("ReduceSum"),
    "amax": _reduction("ReduceMax"),
    "amin": _reduction("ReduceMin"),
    "max": _reduction("ReduceMax"),
    "min": _reduction("ReduceMin"),
    "var": _variance,
    "std": _variance,
    "linalg_vector_norm": _norm,
    "_weight_norm": _weight_norm,
    "cosine_similarity": _cosine,
    **dict.fromkeys("max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d".split(), _pool),
    **dict.fromkeys("adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d".split(), _adaptive),
    "embedding": _embedding,
    "index_select": _index_select,
    "index": _index,
}
