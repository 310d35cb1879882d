"""Every kind of layer by its name in a description."""

from __future__ import annotations

from . import attention, convolution, feedforward, normalisation, recurrent
from .layer_equations import Kind

KINDS: dict[str, Kind] = {
    **feedforward.KINDS,
    **convolution.KINDS,
    **normalisation.KINDS,
    **recurrent.KINDS,
    **attention.KINDS,
}
