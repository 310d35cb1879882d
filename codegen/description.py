"""A network's description, from a TOML file or a shorthand such as 784-16-16-10, to the network and what documents say about it.

Whatever is wrong with a file is one `InvalidDescription` that begins with the file's name as it was typed and the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, TypeAlias, cast

from symbolic.activations import Activation
from symbolic.costs import Cost
from symbolic.failures import InvalidDescription, expected_one_of, nearest
from symbolic.layers import Dense, Layout
from symbolic.network import TARGETS, Network
from symbolic.tensors import Values, adjoint_name

from . import toml_positions
from .blocks import FrontMatter
from .description_schema import first_problem, is_finite, place, shown

Nested: TypeAlias = tuple["Nested | float", ...]
Rows: TypeAlias = tuple[tuple[float, ...], ...]
Table: TypeAlias = Mapping[str, Any]

MOST_BYTES = 1_000_000
SHORTHAND = re.compile(r"[0-9-]*[0-9][0-9-]*")
LONGEST_LETTER = 20
GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho sigma varsigma "
    "tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
).split()
GREEK_COMMAND = re.compile(rf"\\(?:{'|'.join(GREEK)})(?![A-Za-z])")
#: The parser takes time that grows with the square of a dotted key.
ENDLESS_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){100}""")
PARSER_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
#: What the TOML parser says, and what to add to it.
PARSER_HINTS = {
    "Invalid value": 'text stands in quotes, as in "sigmoid"; a list ends with ]',
    "Cannot overwrite a value": "the key is given twice",
    "Cannot declare": "the table is given twice, or a key has its name",
    "Expected '=' after": "a line is key = value, or a [table]",
    "Invalid statement": "a line is key = value, or a [table]",
    "Expected newline": "one key = value a line",
}
#: Values of targets: which numbers they may be, and how that is said.
ENTRY_RULES = {
    Values.BINARY: (lambda entry: 0 <= entry <= 1, "numbers from 0 to 1"),
    Values.SIGNS: (lambda entry: entry in (-1, 1), "-1 or 1"),
    Values.ONE_HOT: (lambda entry: entry in (0, 1), "0 or 1"),
}


@dataclass(frozen=True)
class Example:
    """One worked example: numbers for a document. `x` and `y` have an example a row, whatever the layout; `y` may be labels."""

    x: Rows | None = None
    y: Rows | tuple[int, ...] | None = None
    parameters: Mapping[str, Nested] = field(default_factory=dict)
    learning_rate: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Description:
    """A network, and what its author says about it. `source` is the text of the file, empty for a shorthand."""

    network: Network
    front: FrontMatter
    symbols: Mapping[str, str] = field(default_factory=dict)
    example: Example | None = None
    source: str = ""


def read_description(
    path_or_shorthand: str | Path, *, activation: str | None = None, cost: str | None = None, targets: str | None = None
) -> Description:
    """The description in a TOML file, or the one that `784-16-16-10` stands for, with the activation and cost given.

    Raises:
        InvalidDescription: beginning with the file as it was typed and, where known, the line.
    """
    typed = str(path_or_shorthand)
    path = Path(path_or_shorthand)
    if SHORTHAND.fullmatch(typed) and not _exists(path):
        return _from_shorthand(typed, activation or "sigmoid", cost or "quadratic", targets)
    for option, value in {"activation": activation, "cost": cost, "targets": targets}.items():
        if value is not None:
            raise InvalidDescription(f"{typed}: --{option} goes with a shorthand such as 784-16-16-10; a file says it itself")
    return _Reader(typed, _text(path, typed)).description()


def _from_shorthand(shorthand: str, activation: str, cost: str, targets: str | None) -> Description:
    try:
        network = Network.stack(shorthand, activation, cost, targets)
        _ = network.system
    except InvalidDescription as problem:
        raise InvalidDescription(f"{shorthand}: {str(problem).removeprefix(f'{shorthand!r}: ')}") from None
    return Description(network, FrontMatter(network.name))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _text(path: Path, typed: str) -> str:
    """The text of a file; everything that keeps it from being read is a failure that says so."""
    try:
        if path.is_dir():
            raise InvalidDescription(f"{typed}: found a folder, expected a description in a TOML file")
        if not path.exists():
            raise InvalidDescription(f"{typed}: no such file{_similar_file(path)}; expected a TOML file or sizes such as 784-16-16-10")
        if not path.is_file():
            raise InvalidDescription(f"{typed}: found a device or pipe, expected a description in a TOML file")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise InvalidDescription(f"{typed}: cannot be read ({reason})") from None
    if len(content) > MOST_BYTES:
        raise InvalidDescription(f"{typed}: found more than {MOST_BYTES} bytes, expected a description of at most that")
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise InvalidDescription(f"{typed}:{line}: found a NUL byte, expected a text file in UTF-8")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        found = problem.object[problem.start]
        raise InvalidDescription(f"{typed}:{line}: found the byte 0x{found:02x}, expected text in UTF-8") from None


def _similar_file(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    close = nearest(path.name, names[:MOST_BYTES])
    return f", did you mean {close!r}?" if close else ""


class _Reader:
    """One file on its way to a description; keeps the text for the lines in messages."""

    def __init__(self, typed: str, text: str) -> None:
        self.typed = typed
        self.text = text

    def description(self) -> Description:
        document = self.document
        network = self.network(document)
        front = {key: _text_of(document[key]) for key in ("title", "author", "course", "date") if key in document}
        symbols = self.symbols(document.get("symbols", {}), network)
        example = self.example(document["example"], network) if "example" in document else None
        return Description(network, FrontMatter(**{"title": network.name, **front}), symbols, example, self.text)
