"""The target languages of modules: for each what it is, its styles, how its files are called, and who prints and loads them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from chainrule.codegen.program.further_derivatives import GRADIENT, FurtherDerivatives, further_derivatives
from chainrule.symbolic.checking.verification import DRAWS, TensorDraw
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.system.system import System

from .numpy_module import module_test_source, source_with
from .source_loading import load_source

#: Further derivatives, the derivation, a title, how the self-check draws parameters, a style, and passes that are left out.
Render = Callable[[FurtherDerivatives | None, Derivation, str | None, TensorDraw, str, Collection[str]], str]


@dataclass(frozen=True, slots=True)
class Backend:
    """`render` writes a module's source, `render_test` that of the test beside it; `load` makes a module of a source and a name.

    The styles, each with what it is for, have names that no other back end's have.
    """

    meaning: str
    styles: Mapping[str, str]
    ending: str
    render: Render
    render_test: Callable[[System, FurtherDerivatives | None], str]
    load: Callable[[str, str], ModuleType]

    def files(self, source: str, system: System, further: FurtherDerivatives | None) -> dict[str, str]:
        """A module and its test, by the names of their files."""
        return {f"{system.name}{self.ending}": source, f"test_{system.name}{self.ending}": self.render_test(system, further)}


BACKENDS: dict[str, Backend] = {
    "numpy": Backend(
        "functions of NumPy arrays", {"plain": "to be read", "fast": "to be run"}, ".py", source_with, module_test_source, load_source
    ),
}
#: Every style of a module's code with what it is for.
STYLES: dict[str, str] = {style: meaning for backend in BACKENDS.values() for style, meaning in backend.styles.items()}


def backend_of(style: str) -> Backend:
    """The back end that has a style.

    Raises:
        InvalidDescription: where none has it.
    """
    for backend in BACKENDS.values():
        if style in backend.styles:
            return backend
    raise InvalidDescription(f"unknown style {style!r}; {expected_one_of(style, STYLES)}")


def module_source(
    derivation: Derivation,
    title: str | None = None,
    draw: TensorDraw = DRAWS[0],
    derivatives: Sequence[str] = GRADIENT,
    style: str = "plain",
    without: Collection[str] = frozenset(),
) -> str:
    """The source of the standalone module of a derivation, in one of the STYLES; `without` names passes of `fast` that are left out.

    `draw` says how the self-check chooses its parameters, for costs that exist only for some outputs. `derivatives` are those that the
    module computes, names of DERIVATIVES: "gradient", "hvp" (the Hessian times a direction), "hessian", "vjp", ….

    Raises:
        InvalidDescription: where the style or a derivative is unknown.
    """
    return backend_of(style).render(further_derivatives(derivation, derivatives), derivation, title, draw, style, without)
