"""Descriptions of large networks as they are known: `python tests/benchmarks/large_networks.py FOLDER` writes a file for each.

`build_times.py` builds them and says how long that takes, and how much memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Layer = Mapping[str, object]


def description(name: str, title: str, given: object, layers: Iterator[Layer], cost: str = "cross_entropy", labels: bool = True) -> str:
    """The text of a description; JSON's values are TOML's, but for tables."""
    lines = [f"name = {json.dumps(name)}", f"title = {json.dumps(title)}", f"input = {_value(given)}"]
    for layer in layers:
        lines += ["", "[[layers]]", *(f"{key} = {_value(value)}" for key, value in layer.items())]
    lines += ["", "[cost]", f"kind = {json.dumps(cost)}", *(['targets = "labels"'] if labels else [])]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(entry)}" for key, entry in value.items()) + " }"
    return json.dumps(value)


def dense(depth: int = 200, units: int = 64) -> str:
    """Dense layers of tanh, one behind the other."""
    layers = ({"kind": "dense", "units": units, "activation": "tanh"} for _ in range(depth))
    return description(f"dense{depth}", f"{depth} dense layers", units, layers, "quadratic", labels=False)


def memories(depth: int = 4, units: int = 256, steps: int = 32, vocabulary: int = 64) -> str:
    """Long short-term memories one above the other that read letters (Hochreiter and Schmidhuber, 1997)."""

    def layers() -> Iterator[Layer]:
        yield {"kind": "embedding", "features": units}
        for _ in range(depth):
            yield {"kind": "lstm", "units": units}
        yield {"kind": "dense", "units": vocabulary, "activation": "softmax"}

    return description("lstm4", f"{depth} LSTM layers of {units}", {"shape": [steps], "vocabulary": vocabulary}, layers())


def u_net(depth: int = 4, channels: int = 64, side: int = 128, classes: int = 2) -> str:
    """Ronneberger et al. (2015), with padding, so that what is joined has one size; an output for each pixel."""

    def convolution(count: int, name: str) -> Layer:
        return {"kind": "conv2d", "channels": count, "kernel": 3, "padding": 1, "activation": "relu", "name": name}

    def layers() -> Iterator[Layer]:
        for level in range(depth):
            yield convolution(channels << level, f"down{level}a")
            yield convolution(channels << level, f"down{level}")
            yield {"kind": "max_pool2d", "kernel": 2, "name": f"pool{level}"}
        yield convolution(channels << depth, "bottom_a")
        yield convolution(channels << depth, "bottom")
        for level in reversed(range(depth)):
            yield {"kind": "conv_transpose2d", "channels": channels << level, "kernel": 2, "stride": 2, "name": f"up{level}"}
            yield {"kind": "concatenate", "from": [f"adown{level}", f"aup{level}"], "name": f"join{level}"}
            yield convolution(channels << level, f"up{level}a")
            yield convolution(channels << level, f"up{level}b")
        yield {"kind": "conv2d", "channels": classes, "kernel": 1, "activation": "sigmoid", "name": "out"}

    return description("unet", "U-Net", [1, side, side], layers(), "binary_cross_entropy", labels=False)


def residual(blocks: tuple[int, ...] = (2, 2, 2, 2), channels: int = 64, side: int = 224, classes: int = 1000) -> str:
    """ResNet-18 (He et al., 2016): two convolutions beside what is added again, batch normalisation behind each."""

    def normalised(
        count: int, kernel: int, stride: int, name: str, source: str | None = None, activation: str | None = "relu"
    ) -> Iterator[Layer]:
        place = {"from": source} if source else {}
        padding = {"padding": kernel // 2} if kernel > 1 else {}
        yield {"kind": "conv2d", "channels": count, "kernel": kernel, "stride": stride, **padding, "bias": False, "name": name, **place}
        yield {"kind": "batch_norm", "name": f"{name}n", **({"activation": activation} if activation else {})}

    def layers() -> Iterator[Layer]:
        yield from normalised(channels, 7, 2, "stem")
        yield {"kind": "max_pool2d", "kernel": 2, "name": "pool"}
        source = "apool"
        for stage, count in enumerate(blocks):
            for number in range(count):
                here, width, stride = f"s{stage}b{number}", channels << stage, 2 if stage and not number else 1
                yield from normalised(width, 3, stride, f"{here}first", source)
                yield from normalised(width, 3, 1, f"{here}second", activation=None)
                beside = source
                if stride > 1:
                    yield from normalised(width, 1, stride, f"{here}beside", source, activation=None)
                    beside = f"a{here}besiden"
                yield {"kind": "add", "from": [f"a{here}secondn", beside], "activation": "relu", "name": here}
                source = f"a{here}"
        yield {"kind": "global_average_pool", "name": "mean"}
        yield {"kind": "dense", "units": classes, "activation": "softmax", "name": "out"}

    return description("resnet18", "ResNet-18", [3, side, side], layers())


def vgg(side: int = 224, classes: int = 1000, units: int = 4096) -> str:
    """VGG-16 (Simonyan and Zisserman, 2015)."""

    def layers() -> Iterator[Layer]:
        for channels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(count):
                yield {"kind": "conv2d", "channels": channels, "kernel": 3, "padding": 1, "activation": "relu"}
            yield {"kind": "max_pool2d", "kernel": 2}
        yield {"kind": "flatten"}
        for _ in range(2):
            yield {"kind": "dense", "units": units, "activation": "relu"}
        yield {"kind": "dense", "units": classes, "activation": "softmax"}

    return description("vgg16", "VGG-16", [3, side, side], layers())


def gpt2(blocks: int = 12, features: int = 768, heads: int = 12, steps: int = 64, vocabulary: int = 50257) -> str:
    """The shape of GPT-2 (Radford et al., 2019), with a matrix of its own before the softmax."""

    def layers() -> Iterator[Layer]:
        yield {"kind": "embedding", "features": features}
        yield {"kind": "positional"}
        for _ in range(blocks):
            yield {"kind": "transformer_block", "heads": heads, "causal": True}
        yield {"kind": "layer_norm"}
        yield {"kind": "dense", "units": vocabulary, "bias": False, "activation": "softmax"}

    return description("gpt2", "GPT-2", {"shape": [steps], "vocabulary": vocabulary}, layers())


LARGE: dict[str, Callable[[], str]] = {
    "dense200": dense,
    "lstm4": memories,
    "unet": u_net,
    "resnet18": residual,
    "vgg16": vgg,
    "gpt2": gpt2,
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in LARGE.items():
        (folder / f"{name}.toml").write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
