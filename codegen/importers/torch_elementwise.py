"""PyTorch's functions of each entry as ONNX's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .arranged_nodes import alone, clipped, joined, pieces
from .axis_order import Arranged, fixed
from .torch_call import Call

#: Functions of one tensor: ONNX's name, and its attributes by PyTorch's arguments.
ALONE: dict[str, tuple[str, dict[str, str]]] = {
    **{name: (name.capitalize(), {}) for name in "abs erf exp log neg relu sigmoid sqrt tanh sin cos sinh cosh sign floor mish".split()},
    "arcsin": ("Asin", {}),
    "asin": ("Asin", {}),
    "acos": ("Acos", {}),
    "atan": ("Atan", {}),
    "logical_not": ("Not", {}),
    "bitwise_not": ("Not", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": "negative_slope"}),
}
#: Of two, with each the usual rules of broadcasting.
PAIRS = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "maximum": "Max",
    "minimum": "Min",
    "gt": "Greater",
    "ge": "GreaterOrEqual",
    "lt": "Less",
    "le": "LessOrEqual",
    "eq": "Equal",
    "logical_and": "And",
    "logical_or": "Or",
    "__and__": "And",
    "__or__": "Or",
}


def _alone(call: Call) -> Arranged:
    operator, attributes = ALONE[call.operator]
    return alone(call, operator, call["self"], **{name: float(call[argument]) for name, argument in attributes.items()})


def _pair(call: Call) -> Arranged:
    second = call["other"]
    if call.arguments.get("alpha", 1) != 1:
        second = joined(call, "Mul", second, call["alpha"])
    call.expect(call.arguments.get("rounding_mode") is None, "division that rounds")
    return joined(call, PAIRS[call.operator], call["self"], second)


def _rsub(call: Call) -> Arranged:
    call.expect(call["alpha"] == 1, "alpha other than 1")
    return joined(call, "Sub", call["other"], call["self"])


def _pow(call: Call) -> Arranged:
    return joined(call, "Pow", call["self"], call["exponent"])


def _elu(call: Call) -> Arranged:
    call.expect(call["scale"] == 1 and call["input_scale"] == 1, "scale other than 1")
    return alone(call, "Elu", call["self"], alpha=float(call["alpha"]))


def _selu(call: Call) -> Arranged:
    return alone(call, "Selu", call["self"])


def _gelu(call: Call) -> Arranged:
    return alone(call, "Gelu", call["self"], approximate=call["approximate"])


def _silu(call: Call) -> Arranged:
    return joined(call, "Mul", call["self"], alone(call, "Sigmoid", call["self"]))


def _celu(call: Call) -> Arranged:
    """α elu(x/α)."""
    alpha = float(call["alpha"])
    return joined(call, "Mul", alone(call, "Elu", joined(call, "Div", call["self"], alpha), alpha=1.0), alpha)


def _threshold(call: Call) -> Arranged:
    return joined(call, "Where", joined(call, "Greater", call["self"], call["threshold"]), call["self"], call["value"])


def _hardshrink(call: Call) -> Arranged:
    return joined(call, "Where", joined(call, "Greater", alone(call, "Abs", call["self"]), call["lambd"]), call["self"], 0.0)


def _softshrink(call: Call) -> Arranged:
    """What is left of x once a number is taken off its absolute value: x − clip(x, −λ, λ)."""
    return joined(call, "Sub", call["self"], clipped(call, call["self"], -float(call["lambd"]), float(call["lambd"])))


def _glu(call: Call) -> Arranged:
    """u σ(v), of the two halves of an axis."""
    x: Arranged = call["self"]
    place = call.place(call["dim"], x)
    size = fixed(x.shape[place])
    call.expect(size is not None, "halves of an axis whose size is free")
    half = (size or 0) // 2
    one, other = pieces(call, x, place, [half, half])
    return joined(call, "Mul", one, alone(call, "Sigmoid", other))


def _softplus(call: Call) -> Arranged:
    """softplus(β x)/β. Above the threshold PyTorch takes x itself, which is the same to the last digit of float32."""
    if call["beta"] == 1:
        return alone(call, "Softplus", call["self"])
    return joined(call, "Div", alone(call, "Softplus", joined(call, "Mul", call["self"], call["beta"])), call["beta"])


def _log_sigmoid(call: Call) -> Arranged:
    return alone(call, "Neg", alone(call, "Softplus", alone(call, "Neg", call["self"])))


def _hardsigmoid(call: Call) -> Arranged:
    return alone(call, "HardSigmoid", call["self"], alpha=1 / 6, beta=0.5)


def _hardswish(call: Call) -> Arranged:
    return joined(call, "Mul", call["self"], _hardsigmoid(call))


def _clamp(call: Call) -> Arranged:
    ends = [call.arguments.get(name) for name in ("min", "max")]
    if any(isinstance(end, Arranged) for end in ends):
        lower = call["self"] if ends[0] is None else joined(call, "Max", call["self"], ends[0])
        return lower if ends[1] is None else joined(call, "Min", lower, ends[1])
    return clipped(call, call["self"], *ends)


def _where(call: Call) -> Arranged:
    return joined(call, "Where", call["condition"], call["self"], call["other"])


def _masked_fill(call: Call) -> Arranged:
    return joined(call, "Where", call["mask"], call["value"], call["self"])


def _prelu(call: Call) -> Arranged:
    """One slope for all that is negative, or one for each channel."""
    x, weight = call["self"], call["weight"]
    if weight.order[0] and len(x.order) > 1:
        weight = Arranged(weight.value, weight.axes, (*weight.order, *((),) * (len(x.order) - 2)))
    return call.writer.node("PRelu", [call.writer.laid(x), call.writer.laid(weight)], x.order)


def _dropout(call: Call) -> Arranged:
    value: Arranged = call["input"]
    if not call["train"] or not call["p"]:
        return value
    ratio = call.writer.constant(np.array(call["p"], call.dtype), f"{call.writer.at}.ratio")
    training = call.writer.constant(np.array(True), f"{call.writer.at}.training")
    return call.writer.node("Dropout", [value.value, ratio.value, training.value], value.axes, value.order)


def _feature_dropout(call: Call) -> Arranged:
    """Of whole channels; as `eval` leaves it out."""
    if call["train"] and call["p"]:
        call.writer.remark("the dropout of whole channels is not taken over")
    value: Arranged = call["input"]
    return value


def _alpha_dropout(call: Call) -> Arranged:
    """In training it keeps mean and variance by numbers of its own."""
    call.expect(not call["train"] or not call["p"], "is in training, and there is no equation for it; put the module into eval()")
    value: Arranged = call["input"]
    return value


TABLE: dict[str, Callable[[Call], Arranged]] = {
    **dict.fromkeys(ALONE, _alone),
    **dict.fromkeys(PAIRS, _pair),
    "rsub": _rsub,
    "pow": _pow,
    "square": lambda call: joined(call, "Mul", call["self"], call["self"]),
    "reciprocal": lambda call: joined(call, "Div", 1.0, call["self"]),
    "rsqrt": lambda call: joined(call, "Div", 1.0, alone(call, "Sqrt", call["self"])),
    "log1p": lambda call: alone(call, "Log", joined(call, "Add", call["self"], 1.0)),
    "expm1": lambda call: joined(call, "Sub", alone(call, "Exp", call["self"]), 1.0),
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "celu": _celu,
    "threshold": _threshold,
    "hardshrink": _hardshrink,
    "softshrink": _softshrink,
    "glu": _glu,
    "silu": _silu,
    "softplus": _softplus,
    "log_sigmoid": _log_sigmoid,
    "hardsigmoid": _hardsigmoid,
    "hardswish": _hardswish,
    "relu6": lambda call: clipped(call, call["self"], 0.0, 6.0),
    "hardtanh": lambda call: clipped(call, call["self"], call["min_val"], call["max_val"]),
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": _clamp,
    "where": _where,
    "masked_fill": _masked_fill,
    "prelu": _prelu,
    "dropout": _dropout,
    "feature_dropout": _feature_dropout,
    "alpha_dropout": _alpha_dropout,
    "feature_alpha_dropout": _alpha_dropout,
}
