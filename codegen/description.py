"""A network's description, from a TOML file or a shorthand such as 784-16-16-10, to the network and what documents say about it.

Whatever is wrong with a file is one `InvalidDescription` that begins with the file's name as it was typed and the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

from symbolic.activations import Activation
from symbolic.costs import Cost
from symbolic.equations import System
from symbolic.failures import InvalidDescription, expected_one_of, nearest
from symbolic.layers import Layer, Layout
from symbolic.layers.connections import Input
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
#: Keys that are not constants of a cost, and not options of a kind of layer.
COST_KEYS = ("kind", "expression", "targets", "reduction", "from", "mask")
LAYER_KEYS = ("kind", "activation", "name", "from", "weights_of")
GREEK_COMMAND = re.compile(
    r"\\(?:alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|(?:var)?pi|(?:var)?rho|(?:var)?sigma"
    r"|tau|upsilon|(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega)(?![A-Za-z])"
)
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
ENTRY_RULES: dict[Values, tuple[Callable[[float], bool], str]] = {
    Values.BINARY: (lambda entry: 0 <= entry <= 1, "numbers from 0 to 1"),
    Values.SIGNS: (lambda entry: entry in (-1, 1), "-1 or 1"),
    Values.ONE_HOT: (lambda entry: entry in (0, 1), "0 or 1"),
    Values.DISTRIBUTION: (lambda entry: 0 <= entry <= 1, "numbers from 0 to 1"),
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

    network: Network | System
    front: FrontMatter
    symbols: Mapping[str, str] = field(default_factory=dict)
    example: Example | None = None
    source: str = ""

    @property
    def system(self) -> System:
        """The network as equations."""
        return self.network.system if isinstance(self.network, Network) else self.network

    @property
    def layers(self) -> Network | None:
        """The network as dense layers in a row, where it is that: the form that documents have prose of its own for."""
        return self.network if isinstance(self.network, Network) and self.network.is_stack else None


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
        document = self.document()
        network = self.equations(document) if "equations" in document else self.network(document)
        # A date of TOML is as good as its text.
        written = {key: document[key] for key in ("title", "author", "course", "date") if key in document}
        front = {key: value if isinstance(value, str) else value.isoformat() for key, value in written.items()}
        symbols = self.symbols(document.get("symbols", {}), network)
        example = None
        if isinstance(network, Network) and "example" in document:
            if not network.is_stack:
                raise self.refusal(("example",), "[example]: numbers of an example go with dense layers in a row; leave it out")
            example = _ExampleReader(self, network).example(document["example"])
        return Description(network, FrontMatter(**{"title": network.name, **front}), symbols, example, self.text)

    def refusal(self, path: toml_positions.Path, message: str) -> InvalidDescription:
        line = toml_positions.line_of(self.text, path)
        return InvalidDescription(f"{self.typed}:{line}: {message}" if line else f"{self.typed}: {message}")

    def document(self) -> Table:
        """The file's tables and values, shaped as the schema says."""
        if not self.text.strip():
            raise self.refusal((), "the file is empty; expected at least name, input, [[layers]] and [cost]")
        document = self.parsed()
        try:
            problem = first_problem(document, self.text)
        except (RecursionError, ValueError):
            raise self.refusal((), "a number too long or lists too deep, expected neither in a description") from None
        if problem:
            raise self.refusal(*problem)
        return document

    def parsed(self) -> Table:
        if ENDLESS_KEY.search(self.text):
            raise self.refusal((), "found a name of 100 parts joined by dots, expected keys as in title = …")
        try:
            return tomllib.loads(self.text)
        except RecursionError:
            raise self.refusal((), "not TOML that can be read: lists or tables nested too deeply") from None
        except tomllib.TOMLDecodeError as problem:
            raise self.not_toml(str(problem)) from None
        except ValueError:
            raise self.refusal((), "not TOML that can be read: a number of too many digits") from None

    def not_toml(self, complaint: str) -> InvalidDescription:
        """The parser's complaint with its line in front, a hint where there is one, and a mark under the place."""
        lines = self.text.rstrip("\n").split("\n")
        found = PARSER_PLACE.search(complaint)
        line, column = (int(found[1]), int(found[2])) if found and found[1] else (len(lines), len(lines[-1]) + 1)
        words = PARSER_PLACE.sub("", complaint)
        hint = next((f" ({hint})" for start, hint in PARSER_HINTS.items() if words.startswith(start)), "")
        written = lines[line - 1] if line <= len(lines) else ""
        start = max(0, column - 51)
        mark = f"\n    {written[start : start + 100]}\n    {' ' * (column - 1 - start)}^"
        return InvalidDescription(f"{self.typed}:{line}: not TOML: {words}{hint}{mark}")

    def network(self, document: Table) -> Network:
        cost = document["cost"]
        constants = {key: value for key, value in cost.items() if key not in COST_KEYS}
        targets = cost.get("targets")
        chosen: str | Cost = cost.get("kind", "")
        if "expression" in cost:
            chosen = Cost("formula", cost["expression"], TARGETS[targets or "numbers"], constants)
        given = document["inputs"] if "inputs" in document else document["input"]
        layers = [self.layer(number, layer) for number, layer in enumerate(document["layers"])]
        try:
            network = Network(
                _inputs(given, several="inputs" in document),
                layers,
                chosen,
                document["name"],
                targets=targets,
                reduction=cost.get("reduction", "mean"),
                regularisation=document.get("regularisation", {}),
                constants=constants,
                layout=Layout(**document.get("layout", {})),
                cost_sources=_names(cost.get("from", ())),
                mask=cost.get("mask", False),
            )
            # Equations are made when they are asked for; what is wrong with a formula shows only then.
            _ = network.system
        except InvalidDescription as problem:
            raise self.refusal(_blamed(str(problem), document), str(problem)) from None
        return network

    def equations(self, document: Table) -> System:
        given = {key: document[key] for key in ("inputs", "targets", "sizes", "constants", "batch") if key in document}
        try:
            return Network.from_equations(document["equations"], document["parameters"], name=document["name"], **given)
        except InvalidDescription as problem:
            start = next((key for key in ("name", "sizes", "constants", "batch") if str(problem).startswith(key)), "equations")
            raise self.refusal((start,), str(problem)) from None

    def layer(self, number: int, written: Table) -> Layer:
        choice = written.get("activation")
        constants = {}
        if isinstance(choice, Mapping):
            constants = {key: value for key, value in choice.items() if key not in ("kind", "expression")}
            choice = Activation("formula", choice["expression"], constants) if "expression" in choice else choice["kind"]
        options = {key: value for key, value in written.items() if key not in LAYER_KEYS}
        shared = written.get("weights_of")
        try:
            layer = Layer(
                written.get("kind", "dense"),
                options,
                choice,
                written.get("name"),
                constants,
                _names(written.get("from", ())),
                None if shared is None else str(shared),
            )
        except InvalidDescription as problem:
            raise self.refusal(("layers", number, "from"), f"{place(('layers', number))}: {problem}") from None
        try:
            _ = layer.formula
        except InvalidDescription as problem:
            path = ("layers", number, "activation")
            constant = _constant_named(str(problem), written.get("activation"))
            raise self.refusal((*path, *constant), f"{place(path)}: {problem}") from None
        return layer

    def symbols(self, written: Mapping[str, str], network: Network | System) -> Mapping[str, str]:
        """Letters for documents. They end up inside formulas, so nothing but letters gets through."""
        system = network.system if isinstance(network, Network) else network
        known = [*system.tensors, *map(adjoint_name, system.tensors), *system.axes, *system.constants]
        for name, letter in written.items():
            path = ("symbols", name)
            if name not in known:
                raise self.refusal(path, f"unknown name {name!r} in [symbols]; {expected_one_of(name, system.tensors)}")
            rest = GREEK_COMMAND.sub("", letter, count=1) if letter.startswith("\\") else letter
            plain = all(character.isalpha() or character.isdecimal() or character == " " for character in rest)
            if not plain or not letter.strip() or len(letter) > LONGEST_LETTER:
                expected = f"at most {LONGEST_LETTER} letters, digits and spaces, or a Greek letter such as \\alpha"
                raise self.refusal(path, f"{place(path)}: found {shown(letter)}, expected {expected}")
        return dict(written)


def _inputs(written: Any, several: bool) -> Any:
    """What a network is given, as `Network` takes it."""
    if several:
        return {name: _inputs(value, several=False) for name, value in written.items()}
    if isinstance(written, Mapping):
        shape = written["shape"]
        return Input(tuple(shape) if isinstance(shape, list) else (shape,), written.get("vocabulary"))
    return written


def _names(written: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (written,) if isinstance(written, str) else tuple(written)


def _blamed(message: str, document: Table) -> toml_positions.Path:
    """The key that a message of the network is about."""
    suffixes = [layer.get("name", str(number)) for number, layer in enumerate(document["layers"], 1)]
    if message.startswith("two layers are called"):
        return ("layers", max(number for number, suffix in enumerate(suffixes) if repr(suffix) in message), "name")
    if found := re.match(r"regularisation (\w+)", message):
        return ("regularisation", found[1])
    if found := re.match(r"layer (\w+): ", message):
        path: toml_positions.Path = ("layers", suffixes.index(found[1]))
        if not message.startswith(f"{found[0]}activation") and "constant" not in message and "already has a meaning" not in message:
            key = next((key for key in document["layers"][path[1]] if message.startswith(f"{found[0]}{key}")), None)
            return (*path, key) if key else path
        return (*path, "activation", *_constant_named(message, document["layers"][path[1]].get("activation")))
    if message.startswith("cost: from"):
        return ("cost", "from")
    if message.startswith(("input", "inputs")):
        return ("inputs",) if "inputs" in document else ("input",)
    cost = document["cost"]
    if message.startswith("the cost") and "targets" in message:
        return ("cost", "targets")
    if not message.startswith(("cost", "the cost", "unknown cost")):
        return ()
    return ("cost", *(_constant_named(message, cost) or ("expression" if "expression" in cost else "kind",)))


def _constant_named(message: str, table: object) -> tuple[str, ...]:
    """The constant of a table that a message is about, if it is about one."""
    if not isinstance(table, Mapping):
        return ()
    phrases = ("constant {!r}", "{!r} already has", "is an identifier, found {!r}", "constant {} ")
    return next(((key,) for key in table if any(phrase.format(key) in message for phrase in phrases)), ())


class _ExampleReader:
    """The numbers of a worked example, held against the shapes of the network."""

    def __init__(self, file: _Reader, network: Network) -> None:
        self.file = file
        self.network = network

    def example(self, written: Table) -> Example:
        x = self.rows("x", written["x"], self.network.sizes[0]) if "x" in written else None
        y = self.targets(written["y"]) if "y" in written else None
        if x is not None and y is not None and len(x) != len(y):
            raise self.wrong(("y",), "", f"{len(y)} examples", f"{len(x)}, as in x")
        parameters = {name: self.parameter(name, value) for name, value in written.get("parameters", {}).items()}
        rate = written.get("learning_rate")
        return Example(x, y, parameters, None if rate is None else float(rate), written.get("note", ""))

    def wrong(self, keys: tuple[str, ...], position: str, found: str, expected: str) -> InvalidDescription:
        path = ("example", *keys)
        return self.file.refusal(path, f"{place(path)}{position}: found {found}, expected {expected}")

    def rows(self, key: str, written: object, width: int) -> Rows:
        """A list of rows; one flat list is one row."""
        if isinstance(written, list) and written and not any(isinstance(row, list) for row in written):
            if len(written) != width and width == 1:
                raise self.wrong((key,), "", f"one row of {len(written)}", "rows of 1, as in [[1.0], [2.0]]")
            written = [written]
        return cast(Rows, self.array((key,), written, (None, width)))

    def targets(self, written: object) -> Rows | tuple[int, ...]:
        values, width = self.network.chosen_cost.targets, self.network.sizes[-1]
        if values is Values.LABELS:
            return self.labels(written if isinstance(written, list) else [written], width)
        rows = self.rows("y", written, width)
        if values in ENTRY_RULES:
            allowed, expected = ENTRY_RULES[values]
            for number, row in enumerate(rows, 1):
                if strange := [entry for entry in row if not allowed(entry)]:
                    raise self.wrong(("y",), f", row {number}", shown(strange[0]), expected)
                if values is Values.ONE_HOT and sum(row) != 1:
                    raise self.wrong(("y",), f", row {number}", f"{sum(row):g} ones", "exactly one 1, the rest 0")
        return rows

    def labels(self, written: list[object], width: int) -> tuple[int, ...]:
        if not written:
            raise self.wrong(("y",), "", "an empty list", "a label for each example")
        for number, label in enumerate(written, 1):
            if not isinstance(label, int) or isinstance(label, bool) or not 0 <= label < width:
                raise self.wrong(("y",), f", entry {number}", shown(label), f"a label: a whole number from 0 to {width - 1}")
        return tuple(cast(list[int], written))

    def parameter(self, name: str, written: object) -> Nested:
        system = self.network.system
        known = {tensor.name: tensor for tensor in system.parameters}
        if name not in known:
            path = ("example", "parameters", name)
            raise self.file.refusal(path, f"unknown parameter {name!r} in [example.parameters]; {expected_one_of(name, known)}")
        shape = tuple(int(size) for size in system.shape(known[name]))
        return cast(Nested, self.array(("parameters", name), written, shape))

    def array(self, keys: tuple[str, ...], written: object, shape: tuple[int | None, ...], position: str = "") -> Nested | float:
        """Numbers nested as deep as the shape is long; a size of None is any but zero."""
        if not shape:
            if not is_finite(written):
                raise self.wrong(keys, position, shown(written), "a finite number")
            return float(cast(float, written))
        size, *inner = shape
        what = "rows" if inner else "numbers"
        expected = f"a list of {size or 'one or more'} {what}" + (f" of {inner[0]} numbers" if inner else "")
        if not isinstance(written, list):
            raise self.wrong(keys, position, shown(written), expected)
        if len(written) != size and (size is not None or not written):
            raise self.wrong(keys, position, shown(written), expected)
        level = "row" if inner else "entry"
        return tuple(self.array(keys, part, tuple(inner), f"{position}, {level} {number}") for number, part in enumerate(written, 1))
