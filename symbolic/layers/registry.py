"""Every kind of layer by its name in a description."""

from __future__ import annotations

from . import attention, convolution, feedforward, gated, grouped_attention, joining, normalisation, recurrent, rotary, upsampling
from .layer_equations import LayerKind

KINDS: dict[str, LayerKind] = {
    **feedforward.KINDS,
    **gated.KINDS,
    **joining.KINDS,
    **convolution.KINDS,
    **upsampling.KINDS,
    **normalisation.KINDS,
    **recurrent.KINDS,
    **attention.KINDS,
    **grouped_attention.KINDS,
    **rotary.KINDS,
}
