"""Networks as index equations, and their gradients by the chain rule."""

from .chain_rule import derive
from .derivation import Derivation
from .failures import ChainruleError, CheckFailed, InvalidDescription
from .layers import Dense, Layer, Layout
from .network import Network

__all__ = ["ChainruleError", "CheckFailed", "Dense", "Derivation", "InvalidDescription", "Layer", "Layout", "Network", "derive"]
