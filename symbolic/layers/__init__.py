"""Layers as forward equations in the equation language. A layer is a few lines of text and nothing else: its derivative is found."""

from chainrule.symbolic.index.limits import MOST_UNITS

from .layer import Dense, Layer, chosen_activation
from .layout import Layout
from .registry import KINDS

__all__ = ["KINDS", "MOST_UNITS", "Dense", "Layer", "Layout", "chosen_activation"]
