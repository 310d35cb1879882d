"""From the description of a neural network to its verified derivation and to a standalone NumPy module.

The parts are the folders of the repository: `chainrule.symbolic`, `chainrule.codegen` and `chainrule.templates`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .symbolic.index.collector_pause import without_collection

if TYPE_CHECKING:
    from .codegen.checking.loading import load
    from .codegen.described_derivation import derive
    from .codegen.descriptions.reader import read_description
    from .codegen.importers.written import from_keras, from_onnx, from_torch
    from .codegen.marking.mark import mark
    from .codegen.summary.summary import summary
    from .codegen.writing import write_handout, write_module
    from .symbolic.derivation.derivation import Derivation
    from .symbolic.index.failures import ChainruleError, CheckFailed, InvalidDescription
    from .symbolic.layers.layer import Dense, Layer
    from .symbolic.layers.layout import Layout
    from .symbolic.layers.network import Network

__version__ = "0.1.0"

__all__ = [
    "ChainruleError",
    "CheckFailed",
    "Dense",
    "Derivation",
    "InvalidDescription",
    "Layer",
    "Layout",
    "Network",
    "__version__",
    "derive",
    "from_keras",
    "from_onnx",
    "from_torch",
    "load",
    "mark",
    "read_description",
    "summary",
    "write_handout",
    "write_module",
]

#: Where each name is defined. It is imported when it is asked for: documents are much to import for who wants a derivation alone.
_HOMES = {
    "ChainruleError": "symbolic.index.failures",
    "CheckFailed": "symbolic.index.failures",
    "Dense": "symbolic.layers.layer",
    "Derivation": "symbolic.derivation.derivation",
    "InvalidDescription": "symbolic.index.failures",
    "Layer": "symbolic.layers.layer",
    "Layout": "symbolic.layers.layout",
    "Network": "symbolic.layers.network",
    "derive": "codegen.described_derivation",
    "from_keras": "codegen.importers.written",
    "from_onnx": "codegen.importers.written",
    "from_torch": "codegen.importers.written",
    "load": "codegen.checking.loading",
    "load_ipython_extension": "codegen.ipython_extension",
    "mark": "codegen.marking.mark",
    "read_description": "codegen.descriptions.reader",
    "summary": "codegen.summary.summary",
    "write_handout": "codegen.writing",
    "write_module": "codegen.writing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Modules stay, and a tenth of the time of importing SymPy is the collector's, who looks for what could go.
    return getattr(without_collection(import_module)(f"{__name__}.{_HOMES[name]}"), name)
