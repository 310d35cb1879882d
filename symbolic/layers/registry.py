"""Every kind of layer by its name in a description."""

from __future__ import annotations

from . import attention, convolution, feedforward, normalisation, recurrent
from .layer_equations import LayerKind

KINDS: dict[str, LayerKind] = {
    **feedforward.KINDS,
    **convolution.KINDS,
    **normalisation.KINDS,
    **recurrent.KINDS,
    **attention.KINDS,
}
