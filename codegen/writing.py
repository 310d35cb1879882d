"""Single files from a derivation, for those who work in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chainrule.codegen.backends.registry import NUMPY, backend_of, module_files, style_of
from chainrule.codegen.checking.gradient_check import checked_module, verified_module
from chainrule.codegen.files.write import write_all
from chainrule.codegen.formats.registry import NOTEBOOK, PDF, TEXTS, document_files
from chainrule.codegen.formulas.notation import LENGTHS
from chainrule.codegen.lesson.sections.registry import notebook
from chainrule.codegen.program.derivative_kinds import GRADIENT
from chainrule.symbolic.checking import verification
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .build import material_of
from .described_derivation import description_of
from .handout import handout

#: Formats of a single file, by its ending.
HANDOUTS = (*(name for name, text in TEXTS.items() if text.ending == f".{name}"), PDF)


def write_module(
    derivation: Derivation,
    path: str | Path,
    style: str | None = None,
    force: bool = False,
    derivatives: Sequence[str] = GRADIENT,
    verify: bool = True,
    target: str = NUMPY,
) -> Path:
    """The module of a derivation as a file, all checked as by a build: every step, and the gradients against numeric ones.

    `derivatives` are those that it computes: "gradient", "hvp" (the Hessian times a direction), "hessian". Without `verify` nothing is
    checked. Of the target "c" the file is called NAME_c.py, and NAME.c and NAME.h are written beside it.

    Raises:
        InvalidDescription: where the style or a derivative is unknown, or the file was edited by hand and `force` is not
            given.
        CheckFailed: where an equation or a gradient is wrong; then nothing is written.
    """
    style = style_of(target, style)
    backend = backend_of(style)
    file = _with_suffix(path, [f".{backend.ending.rpartition('.')[2]}"])
    needed = f"{derivation.system.name}{backend.ending}"
    if target != NUMPY and file.name != needed:
        raise InvalidDescription(f"{file}: found the name {file.name!r}; expected {needed!r}, which finds its files in C")
    title = description_of(derivation).front.title
    if verify:
        made = verified_module(derivation, title, derivatives, style).made
    else:
        made = module_files(derivation, title, derivatives=derivatives, style=style)
    write_all(file.parent, {file.name: made.source, **made.beside}, force)
    return file


def write_handout(
    derivation: Derivation,
    path: str | Path,
    title: str | None = None,
    notation: str | None = None,
    force: bool = False,
    derivatives: Sequence[str] = GRADIENT,
    language: str | None = None,
    length: str = "short",
) -> Path:
    """The handout of a derivation; the file's ending (.tex, .html, .md, .ipynb, .pdf) says in which format.

    Title, notation and language are those of the description, where none is given; `length` is "short" or "full".
    With "hvp" or "hessian" among the `derivatives` it has a section on second derivatives.

    Raises:
        InvalidDescription: where the ending, the notation, the language or a derivative is unknown, or the file was edited by hand and
            `force` is not given.
        CheckFailed: where an equation or a gradient is wrong; then nothing is written.
    """
    target = _with_suffix(path, [f".{name}" for name in HANDOUTS])
    description = description_of(derivation)
    if title:
        description = replace(description, front=description.front.called(title))
    verified, checked = verification.verify(derivation), checked_module(derivation, description.front.title, derivatives)
    if checked.further:
        verified = verified.together(checked.further.verified())
    if length not in LENGTHS:
        raise InvalidDescription(f"unknown length {length!r}; {expected_one_of(length, LENGTHS)}")
    material = material_of(description, derivation, verified, checked, notation, length)
    document = (notebook if target.suffix[1:] == NOTEBOOK else handout)(material, language or description.language)
    return write_all(target.parent, document_files(document, target.stem, [target.suffix[1:]]), force)[0]


def _with_suffix(path: str | Path, allowed: list[str]) -> Path:
    target = Path(path)
    if target.suffix not in allowed:
        raise InvalidDescription(f"{target}: found the ending {target.suffix!r}; {expected_one_of(target.suffix, allowed)}")
    return target
