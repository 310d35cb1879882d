"""Networks of one folder whose files would be called alike: the test of `net` is test_net.py, and so is the module of `test_net`.

A file that chainrule made is replaced without asking where it is made anew; so it must be the same network's. On many disks Net.py and
net.py are one file, so capitals make no difference.
"""

from __future__ import annotations

from pathlib import Path

from chainrule.symbolic.index.failures import InvalidDescription

#: What files of a network are called, of which the name of another can be a part.
FILES = ("{}.py", "test_{}.py", "{}.tex", "{}_slides.tex", "{}.pdf", "{}_slides.pdf")


def refuse_neighbours(directory: Path, name: str) -> None:
    """Sees to it that no file of a network is one of another that is in the folder already.

    Raises:
        InvalidDescription: naming the file and the other network.
    """
    own = {file.casefold() for file in _files(name)}
    for other in _networks(directory):
        if other != name and (shared := [file for file in _files(other) if file.casefold() in own]):
            raise InvalidDescription(
                f"{directory / min(shared)}: is a file of the network {other!r} in this folder, and would be one of {name!r}; "
                "choose another name, or another folder with -o"
            )


def _networks(directory: Path) -> list[str]:
    """The networks whose module and test stand in a folder."""
    try:
        found = {path.name for path in directory.iterdir()} if directory.is_dir() else set()
    except OSError:
        # What cannot be listed cannot be written to either, which is said where that is tried.
        return []
    modules = sorted(entry.removesuffix(".py") for entry in found if entry.endswith(".py"))
    return [module for module in modules if f"test_{module}.py" in found]


def _files(name: str) -> set[str]:
    return {form.format(name) for form in FILES}
