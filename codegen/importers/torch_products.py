"""PyTorch's sums of products: dense layers, products of matrices, convolutions, attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .arranged_nodes import broadcast, dense, joined
from .axis_order import Arranged, Axis, fixed, fresh
from .torch_call import Call, listed


def _addmm(call: Call) -> Arranged:
    one, other, added = (call.writer.laid(call[name]) for name in ("mat1", "mat2", "self"))
    axes = (call["mat1"].order[0], fresh(call.shape[1]))
    return call.writer.node("Gemm", [one, other, added], axes, alpha=float(call["alpha"]), beta=float(call["beta"]))


def _matmul(call: Call) -> Arranged:
    other = next(call[name] for name in ("other", "mat2", "vec", "tensor") if name in call.arguments)
    return _product(call, call["self"], other)


def _baddbmm(call: Call) -> Arranged:
    product = _product(call, call["batch1"], call["batch2"])
    scaled = product if call["alpha"] == 1 else joined(call, "Mul", product, call["alpha"])
    added = call["self"] if call["beta"] == 1 else joined(call, "Mul", call["self"], call["beta"])
    return joined(call, "Add", added, scaled)


def _product(call: Call, one: Arranged, other: Arranged) -> Arranged:
    """A product of matrices. Axes in front that are joined of several, as of the batch and heads, stay several."""
    ahead = [value.order[:-2] for value in (one, other)]
    if len(one.order) == len(other.order) == 3 and [p.size for p in ahead[0][0]] == [p.size for p in ahead[1][0]]:
        parts = tuple((piece,) for piece in ahead[0][0])
        cut = [Arranged(v.value, v.axes, (*((piece,) for piece in v.order[0]), *v.order[1:])) for v in (one, other)]
        names = [call.writer.laid(value) for value in cut]
        inner = (one.order[1], _other(other.order[2]))
        return call.writer.node("MatMul", names, (*parts, *inner), (one.order[0], *inner))
    names = [call.writer.laid(value) for value in (one, other)]
    order = broadcast(ahead) if any(ahead) else ()
    rows = one.order[-2:-1] if len(one.order) > 1 else ()
    columns = (_other(other.order[-1]),) if len(other.order) > 1 else ()
    return call.writer.node("MatMul", names, (*order, *rows, *columns))


def _other(axis: Axis) -> Axis:
    """An axis of the same size, beside that one: rows and columns of a product may come from one tensor."""
    return tuple(piece for part in axis for piece in fresh((1, (part.size,)) if isinstance(part.size, str) else part.size))


def _einsum(call: Call) -> Arranged:
    values = call["tensors"]
    equation = call["equation"].replace(" ", "")
    if "->" not in equation:
        letters = equation.replace(",", "")
        equation += "->" + "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    call.expect("." not in equation, "an ellipsis in einsum")
    given, result = equation.split("->")
    words = zip(given.split(","), values, strict=True)
    axes = {letter: axis for word, value in words for letter, axis in zip(word, value.order, strict=True)}
    return call.writer.node(
        "Einsum", [call.writer.laid(value) for value in values], [_other(axes[letter]) for letter in result], equation=equation
    )


def _bilinear(call: Call) -> Arranged:
    """Σ u[i] W[k,i,j] v[j] + b[k]."""
    one, other, weight = (call[name] for name in ("input1", "input2", "weight"))
    call.expect(len(one.order) == 2, "a bilinear layer on other than (examples, features)")
    names = [call.writer.laid(value) for value in (one, weight, other)]
    found = call.writer.node("Einsum", names, [one.order[0], _other(weight.order[0])], equation="ni,kij,nj->nk")
    return found if call["bias"] is None else joined(call, "Add", found, call["bias"])


def _pads(call: Call, kernel: list[int]) -> list[int]:
    """Before each axis, then behind each; what "same" leaves over goes behind."""
    padding, dilation = call["padding"], listed(call["dilation"], len(kernel))
    if padding == "valid":
        padding = 0
    if padding == "same":
        whole = [step * (size - 1) for step, size in zip(dilation, kernel, strict=True)]
        return [*(size // 2 for size in whole), *(size - size // 2 for size in whole)]
    return listed(padding, len(kernel)) * 2


def _convolution(call: Call) -> Arranged:
    x, weight = call["input"], call["weight"]
    kernel = [fixed(size) or 0 for size in weight.shape[2:]]
    count = len(kernel)
    attributes: dict[str, Any] = {
        "kernel_shape": kernel,
        "strides": listed(call["stride"], count),
        "pads": _pads(call, kernel),
        "dilations": listed(call["dilation"], count),
        "group": call["groups"],
    }
    operator = "Conv"
    if "transpose" in call.operator:
        operator = "ConvTranspose"
        attributes["output_padding"] = listed(call["output_padding"], count)
    call.expect(len(x.order) == count + 2, "an image without an axis of examples")
    biases = [] if call["bias"] is None else [call.writer.laid(call["bias"])]
    axes = (x.order[0], *(fresh(size) for size in call.shape[1:]))
    return call.writer.node(operator, [call.writer.laid(x), call.writer.laid(weight), *biases], axes, **attributes)


def _attention(call: Call) -> Arranged:
    query, key, value, mask = (call[name] for name in ("query", "key", "value", "attn_mask"))
    call.expect(len(query.order) == 4, "attention on other than (examples, heads, steps, features)")
    if call["dropout_p"]:
        call.writer.remark("the dropout of attention weights is not taken over")
    names = [call.writer.laid(operand) for operand in (query, key, value)]
    masks = [] if mask is None else [call.writer.laid(mask)]
    scale: dict[str, Any] = {} if call["scale"] is None else {"scale": float(call["scale"])}
    axes = (*query.order[:3], fresh(value.shape[3]))
    return call.writer.node("Attention", [*names, *masks], axes, is_causal=int(call["is_causal"]), **scale)


TABLE: dict[str, Callable[[Call], Arranged]] = {
    "linear": lambda call: dense(call, call["input"], call["weight"], call["bias"], is_turned=True),
    "addmm": _addmm,
    **dict.fromkeys("mm matmul bmm mv dot".split(), _matmul),
    "baddbmm": _baddbmm,
    "einsum": _einsum,
    "bilinear": _bilinear,
    **dict.fromkeys("conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d".split(), _convolution),
    "scaled_dot_product_attention": _attention,
}
