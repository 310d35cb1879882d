"""PyTorch's images of other sizes: entries that are repeated, lines between neighbours, channels that become rows and columns."""

from __future__ import annotations

from collections.abc import Callable

from .axis_order import Arranged, Size, fixed
from .resizing import resized
from .torch_call import Call, Given


def _upsampled(mode: str) -> Callable[[Call], Arranged]:
    def of(call: Call) -> Arranged:
        x: Arranged = call["input"] if "input" in call.arguments else call["self"]
        call.expect(all(fixed(size) is not None for size in (*x.shape[2:], *call.shape[2:])), "an image whose size is free")
        if mode == "nearest":
            return resized(call, x, call.shape[2:], mode, "asymmetric", call.arguments.get("scale_factors"))
        if call["align_corners"]:
            return resized(call, x, call.shape[2:], mode, "align_corners")
        return resized(call, x, call.shape[2:], mode, "pytorch_half_pixel", call.arguments.get("scale_factors"))

    return of


def _shuffled(call: Call) -> Arranged:
    """Channel r² c + r p + q of a row and a column is channel c at row p and column q within these."""
    x: Arranged = call["self"]
    times = call["upscale_factor"]
    batch, channels, rows, columns = x.shape
    cut = x.viewed((batch, _divided(channels, times**2), (times, ()), (times, ()), rows, columns))
    return call.viewed(cut.permuted([0, 1, 4, 2, 5, 3]))


def _unshuffled(call: Call) -> Arranged:
    x: Arranged = call["self"]
    times = call["downscale_factor"]
    batch, channels, rows, columns = x.shape
    cut = x.viewed((batch, channels, _divided(rows, times), (times, ()), _divided(columns, times), (times, ())))
    return call.viewed(cut.permuted([0, 1, 3, 5, 2, 4]))


def _divided(size: Size, by: int) -> Size:
    return size[0] // by, size[1]


def _regrouped(call: Call) -> Arranged:
    """Channels in another order: the first of each group, then the second of each."""
    x: Arranged = call["input"] if "input" in call.arguments else call["self"]
    batch, channels, *along = x.shape
    cut = x.viewed((batch, (call["groups"], ()), _divided(channels, call["groups"]), *along))
    return call.viewed(cut.permuted([0, 2, 1, *range(3, len(along) + 3)]))


TABLE: dict[str, Callable[[Call], Given]] = {
    **dict.fromkeys("upsample_nearest1d upsample_nearest2d upsample_nearest3d".split(), _upsampled("nearest")),
    **dict.fromkeys("upsample_linear1d upsample_bilinear2d upsample_trilinear3d".split(), _upsampled("linear")),
    "upsample_bicubic2d": _upsampled("cubic"),
    "pixel_shuffle": _shuffled,
    "pixel_unshuffle": _unshuffled,
    "channel_shuffle": _regrouped,
}
