"""The module of a derivation, imported, for those who work in Python."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import ModuleType

from chainrule.codegen.backends.registry import NUMPY, backend_of, module_files, style_of
from chainrule.codegen.backends.source_loading import load_source
from chainrule.codegen.program.derivative_kinds import GRADIENT
from chainrule.symbolic.derivation.derivation import Derivation

__all__ = ["load", "load_source"]


def load(
    derivation: Derivation,
    derivatives: Sequence[str] = GRADIENT,
    style: str | None = None,
    without: Collection[str] = frozenset(),
    verify: bool = True,
    target: str = NUMPY,
) -> ModuleType:
    """The module generated from a derivation, imported; `derivatives`, `style` and `without` as for `module_source`.

    The `target` is one of BACKENDS; where no style is named, it is the usual one of the target.
    Without `verify` it is neither looked at whether the derivation's equations hold nor whether the gradients are those of the cost; the
    passes of a workspace as two functions are made when they are asked for.

    Raises:
        CheckFailed: where an equation or a gradient is wrong.
        InvalidDescription: where a style, a target or a derivative is unknown, or the target has not got something.
    """
    style = style_of(target, style)
    if verify:
        # Who does not want it looked at waits for nothing that looks.
        from .gradient_check import verified_module

        return verified_module(derivation, derivatives=derivatives, style=style, without=without).module
    made = module_files(derivation, derivatives=derivatives, style=style, without=without, is_loaded=True)
    return backend_of(style).load(made, derivation.system.name)
