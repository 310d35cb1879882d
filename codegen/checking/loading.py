"""The module of a derivation, imported, for those who work in Python."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import ModuleType

from chainrule.codegen.backends.registry import backend_of, module_source
from chainrule.codegen.backends.source_loading import load_source
from chainrule.codegen.program.further_derivatives import GRADIENT
from chainrule.symbolic.derivation.derivation import Derivation

from .gradient_check import verified_module

__all__ = ["load", "load_source"]


def load(
    derivation: Derivation,
    derivatives: Sequence[str] = GRADIENT,
    style: str = "plain",
    without: Collection[str] = frozenset(),
    verify: bool = True,
) -> ModuleType:
    """The module generated from a derivation, imported; `derivatives`, `style` and `without` as for `module_source`.

    Without `verify` it is neither looked at whether the derivation's equations hold nor whether the gradients are those of the cost.

    Raises:
        CheckFailed: where an equation or a gradient is wrong.
    """
    if verify:
        return verified_module(derivation, derivatives=derivatives, style=style, without=without).module
    source = module_source(derivation, derivatives=derivatives, style=style, without=without)
    return backend_of(style).load(source, derivation.system.name)
