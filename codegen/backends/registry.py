"""The targets of modules: for each what it is, its styles, how its files are called, and who prints and loads them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from chainrule.codegen.program.derivative_kinds import GRADIENT
from chainrule.codegen.program.further_derivatives import FurtherDerivatives, further_derivatives
from chainrule.symbolic.checking.tensor_draw import DRAWS, TensorDraw
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.collector_pause import without_collection
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.system.system import System

from .module_files import ModuleFiles
from .numpy_module import numpy_files
from .source_loading import load_c, load_files

#: Further derivatives, the derivation, a title, how the self-check draws parameters, a style, passes that are left out, and whether the
#: module is loaded without a file, when some of it may be made later.
Render = Callable[[FurtherDerivatives | None, Derivation, str | None, TensorDraw, str, Collection[str], bool], ModuleFiles]


@dataclass(frozen=True, slots=True)
class Backend:
    """`render` writes a module and the files that it needs, `render_test` the test beside it; `load` makes a module of them and a name.

    The styles, each with what it is for, have names that no other back end's have; the first is the usual one. Behind the network's name
    a module's file has an `ending`.
    """

    meaning: str
    styles: Mapping[str, str]
    ending: str
    render: Render
    render_test: Callable[[System, FurtherDerivatives | None], str]
    load: Callable[[ModuleFiles, str], ModuleType]

    def files(self, made: ModuleFiles, system: System, further: FurtherDerivatives | None) -> dict[str, str]:
        """A module, what it needs and its test, by the names of their files."""
        test = self.render_test(system, further)
        return {**made.beside, f"{system.name}{self.ending}": made.source, f"test_{system.name}{self.ending}": test}


# A module of NumPy waits neither for what prints C nor for what prints tests.


def _c_files(
    further: FurtherDerivatives | None,
    derivation: Derivation,
    title: str | None,
    draw: TensorDraw,
    style: str,
    without: Collection[str],
    _is_loaded: bool,
) -> ModuleFiles:
    from .c_module import c_files

    return c_files(further, derivation, title, draw, style, without)


def _c_test(system: System, further: FurtherDerivatives | None) -> str:
    from .c_module import c_test

    return c_test(system, further)


def _numpy_test(system: System, further: FurtherDerivatives | None) -> str:
    from .numpy_test import module_test_source

    return module_test_source(system, further)


#: The usual target, whose modules documents show.
NUMPY = "numpy"
BACKENDS: dict[str, Backend] = {
    NUMPY: Backend("functions of NumPy arrays", {"plain": "to be read", "fast": "to be run"}, ".py", numpy_files, _numpy_test, load_files),
    "c": Backend("C99, and Python that compiles and calls it", {"c": "to be run without Python too"}, "_c.py", _c_files, _c_test, load_c),
}
#: Every style of a module's code with what it is for.
STYLES: dict[str, str] = {style: meaning for backend in BACKENDS.values() for style, meaning in backend.styles.items()}


def style_of(target: str, style: str | None) -> str:
    """A style of a target: its usual one where none is named.

    Raises:
        InvalidDescription: where there is no such target, or it has not got the style.
    """
    if target not in BACKENDS:
        raise InvalidDescription(f"unknown target {target!r}; {expected_one_of(target, BACKENDS)}")
    styles = BACKENDS[target].styles
    if style is not None and style in STYLES and style not in styles:
        raise InvalidDescription(f"the target {target} has no style {style}; leave one of the two out")
    return style or next(iter(styles))


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
    return module_files(derivation, title, draw, derivatives, style, without).source


@without_collection
def module_files(
    derivation: Derivation,
    title: str | None = None,
    draw: TensorDraw = DRAWS[0],
    derivatives: Sequence[str] = GRADIENT,
    style: str = "plain",
    without: Collection[str] = frozenset(),
    is_loaded: bool = False,
) -> ModuleFiles:
    """The same with the files that the module needs beside it; some of what `is_loaded` without a file may be made later."""
    return backend_of(style).render(further_derivatives(derivation, derivatives), derivation, title, draw, style, without, is_loaded)
