"""A text for a network that says what comes next: its characters are the labels, windows of it the examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sympy import Basic, Indexed, log

from chainrule.codegen.files.read import read_text
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription, shown
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.system.cost_of_parts import ExamplesJoined, cost_of_parts

from .given import Given, given
from .unchanged import unchanged

#: Larger texts are for arrays.
MOST_BYTES = 1_000_000_000
#: Of a window, where neither the description nor the user says how long it is.
LENGTH = 64
ENDING = ".txt"
#: The characters that were found, in the order of their labels.
CHARACTERS = "text/characters"


@dataclass(frozen=True)
class Windows:
    """What each window is to the network: `read` are its labels and `following` those that are to be said, `masks` are 1 everywhere.

    Of a network that says what follows each of its characters, `says_all`, windows lie one behind the other; else one begins at each.
    """

    read: Given
    following: Given
    masks: tuple[Given, ...]
    length: int

    @property
    def says_all(self) -> bool:
        return len(self.following.sizes) == 2

    @property
    def every(self) -> int:
        return self.length if self.says_all else 1


@dataclass(frozen=True)
class Text:
    """A text and how it is cut."""

    text: str
    windows: Windows

    @property
    def count(self) -> int:
        """How many windows there are."""
        return max(0, (len(self.text) - self.windows.length - 1) // self.windows.every + 1)


def windows_of(takes: Sequence[Given], length: int | None = None) -> Windows | None:
    """How a network takes a text; None where it takes something else. A `length` is for one that doesn't say it itself.

    Raises:
        InvalidDescription: where the network has windows of another length.
    """
    read = [each for each in takes if not each.is_target and each.tensor.is_integer]
    following = [each for each in takes if each.is_target]
    if len(read) != 1 or len(following) != 1 or len(read[0].sizes) != 2 or read[0].along != 0 or following[0].along != 0:
        return None
    (places,), (said,) = read, following
    masks = tuple(each for each in takes if each not in (places, said))
    alike = (
        said.tensor.is_integer
        and said.tensor.points_into == places.tensor.points_into
        and said.tensor.axes in (places.tensor.axes, places.tensor.axes[:1])
    )
    if not alike or any(each.tensor.axes != places.tensor.axes or each.tensor.values not in (Values.REAL, Values.MASK) for each in masks):
        return None
    own = places.sizes[1]
    if own is not None and length not in (None, own):
        raise InvalidDescription(f"--window: found {length}, but {places.name} has windows of {own}")
    return Windows(places, said, masks, own or length or LENGTH)


def is_text(paths: Sequence[Path]) -> bool:
    return bool(paths) and all(path.is_dir() or path.suffix.lower() == ENDING for path in paths)


def read_texts(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Text files, and those of folders, by their names; every text ends with a line break.

    Raises:
        InvalidDescription: where there is none, or one is empty or no text in UTF-8.
    """
    files = [file for path in paths for file in (sorted(path.glob(f"*{ENDING}")) if path.is_dir() else [path])]
    if not files:
        raise InvalidDescription(f"{', '.join(map(str, paths))}: no {ENDING} files are in the folder")
    found = []
    for file in files:
        with unchanged(file):
            text = read_text(file, str(file), "a text", MOST_BYTES, "", "", "text file").replace("\r", "\n")
        if not text:
            raise InvalidDescription(f"{file}: found an empty file, expected text")
        found.append((file, text))
    return found


def text_of(paths: Sequence[Path], windows: Windows) -> Text:
    """The texts of the files as one, with a line break between.

    Raises:
        InvalidDescription: where there are more characters than the network tells apart, with the place of the first too many.
    """
    texts, most = read_texts(paths), windows.read.classes
    seen: dict[str, None] = {}
    for path, text in texts:
        for character in dict.fromkeys(text):
            seen[character] = None
            if most is not None and len(seen) > most:
                found = f"found {shown(character)}, character number {len(seen)}; the network tells {most} apart"
                raise InvalidDescription(f"{_place(path, text, character)}: {found}")
    return Text("\n".join(text.removesuffix("\n") if len(texts) > 1 else text for _, text in texts), windows)


def text_to_go_on(paths: Sequence[Path], characters: Sequence[str]) -> str:
    """A text that a trained network goes on with.

    Raises:
        InvalidDescription: where a character is not among those that it was trained on, with its place.
    """
    texts = read_texts(paths)
    for path, text in texts:
        for character in dict.fromkeys(text.removesuffix("\n")):
            if character not in characters:
                raise InvalidDescription(f"{_place(path, text, character)}: found {shown(character)}, which the run was not trained on")
    return "\n".join(text.removesuffix("\n") for _, text in texts)


def _place(path: Path, text: str, character: str) -> str:
    return f"{path}:{text.count(chr(10), 0, text.index(character)) + 1}"


@dataclass(frozen=True, slots=True)
class Chances:
    """The tensor from which the cost takes that of the label that followed, and whether its entries are logarithms, up to a constant."""

    name: str
    are_logarithms: bool


def chances_of(derivation: Derivation, windows: Windows) -> Chances | None:
    """Where a network has the chance of each next character; None where examples mix, so that one text has no chances of its own."""
    system = derivation.system
    try:
        cost_of_parts(system)
    except ExamplesJoined:
        return None
    labels = windows.following.tensor.own_entry
    axes = (*windows.following.tensor.axes, windows.following.tensor.points_into)
    for equation in reversed(system.equations):
        of_logarithms = [node.args[0] for node in nodes(equation.expression) if isinstance(node, log)]
        for node in nodes(equation.expression):
            if _is_at(node, labels) and [str(letter) for letter in system.tensors[node.base.name].axes] == [str(axis) for axis in axes]:
                return Chances(node.base.name, node not in of_logarithms)
    return None


def _is_at(node: Basic, labels: Basic) -> bool:
    return isinstance(node, Indexed) and node.indices[-1] == labels


def windows_for(derivation: Derivation) -> Windows | None:
    """How a network takes a text, of what its description says."""
    return windows_of(given(derivation.system))
