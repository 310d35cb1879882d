"""Layouts of a user's own: files of a folder that are called as ours are, and are taken in their place, in Jinja's sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import resources
from pathlib import Path
from traceback import extract_tb

from jinja2 import TemplateError, TemplateSyntaxError

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.first_line import first_line

#: Those of modules are no layout: what they say is checked.
BEGINNINGS = ("handout", "slides", "latex_")
_folder: ContextVar[Path | None] = ContextVar("folder of templates", default=None)


def layouts() -> list[str]:
    """The names of files that a folder may have."""
    names = (file.name for file in resources.files("chainrule.templates").iterdir())
    return sorted(name for name in names if name.startswith(BEGINNINGS))


def own_folder() -> Path | None:
    """The folder that is asked first, if there is one."""
    return _folder.get()


def source_of(name: str) -> str:
    """The text of a file that is put in as it is: the user's, or ours."""
    own = own_folder()
    if own is not None and (own / name).is_file():
        return (own / name).read_text(encoding="utf-8")
    return resources.files("chainrule.templates").joinpath(name).read_text(encoding="utf-8")


@contextmanager
def own_templates(folder: Path | None) -> Iterator[None]:
    """Documents made inside take the layouts of the folder.

    Raises:
        InvalidDescription: where it is no folder, one of its files is called as none of ours, or, with file and line, one is wrong.
    """
    refuse_unknown_layouts(folder)
    before = _folder.set(folder)
    try:
        yield
    except Exception as problem:
        place = _place(problem, folder)
        if place is None:
            raise
        raise InvalidDescription(f"{place}: {first_line(problem)}") from None
    finally:
        _folder.reset(before)


def refuse_unknown_layouts(folder: Path | None) -> None:
    """Raises `InvalidDescription` where it is no folder, or a file of it is called as no layout of ours."""
    if folder is None:
        return
    if not folder.is_dir():
        raise InvalidDescription(f"{folder}: no such folder; --templates expects one with files such as handout.tex.jinja")
    known = layouts()
    for name in sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(".")):
        if name not in known:
            raise InvalidDescription(f"{folder / name}: found no layout of ours of this name; {expected_one_of(name, known)}")


def _place(problem: Exception, folder: Path | None) -> str | None:
    """The file and the line in the folder at which it went wrong; Jinja gives the frames of a template its own lines."""
    if folder is None:
        return None
    if isinstance(problem, TemplateSyntaxError) and problem.name and (folder / problem.name).is_file():
        return f"{folder / problem.name}:{problem.lineno}"
    inside = [frame for frame in extract_tb(problem.__traceback__) if Path(frame.filename).parent == folder]
    if inside:
        return f"{inside[-1].filename}:{inside[-1].lineno}"
    return str(folder) if isinstance(problem, TemplateError) else None
