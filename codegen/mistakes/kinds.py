"""The kinds of mistakes that people make in gradients, by one word each: those that are asked for, and those that are found in a work."""

from __future__ import annotations

from enum import StrEnum


class MistakeKind(StrEnum):
    """What is wrong with a formula or a line of code."""

    SIGN = "sign"
    FACTOR = "factor"
    MEAN = "mean"
    SUM = "sum"
    TRANSPOSE = "transpose"
    ORDER = "order"
    PLACE = "place"
    OPERAND = "operand"
    PATH = "path"
    PENALTY = "penalty"
    UPDATE_ORDER = "update-order"
    SHIFT = "shift"
    STRIDE = "stride"
    PADDING = "padding"
    MASK = "mask"
    SHAPE = "shape"
    OTHER = "other"
