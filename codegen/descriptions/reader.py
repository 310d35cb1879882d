"""A network's description, from a TOML file or a shorthand such as 784-16-16-10, to the network and what documents say about it.

Whatever is wrong with a file is one `InvalidDescription` that begins with the file's name as it was typed and the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from chainrule.codegen.document.document import FrontMatter
from chainrule.codegen.files.read import exists, read_text
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.limits import LONGEST_LETTER
from chainrule.symbolic.index.tensors import adjoint_name
from chainrule.symbolic.layers import Layer, Layout
from chainrule.symbolic.layers.activations import Activation
from chainrule.symbolic.layers.connections import Input
from chainrule.symbolic.layers.costs import Cost
from chainrule.symbolic.layers.network import TARGETS, Network
from chainrule.symbolic.system.system import System

from . import toml_positions
from .example_reader import Example, ExampleReader
from .schema_problems import first_problem, place, shown
from .toml_text import parsed

Table: TypeAlias = Mapping[str, Any]

SHORTHAND = re.compile(r"[0-9-]*[0-9][0-9-]*")
#: Keys that are not constants of a cost, and not options of a kind of layer.
COST_KEYS = ("kind", "expression", "targets", "reduction", "from", "mask", "axis", "from_logits")
ACTIVATION_KEYS = ("kind", "expression", "axis")
LAYER_KEYS = ("kind", "activation", "name", "from", "weights_of")
GREEK_COMMAND = re.compile(
    r"\\(?:alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|(?:var)?pi|(?:var)?rho|(?:var)?sigma"
    r"|tau|upsilon|(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega)(?![A-Za-z])"
)


@dataclass(frozen=True)
class Description:
    """A network, and what its author says about it; documents are in its `notation` and its `language`.

    `source` is the text of the file, empty for a shorthand.
    """

    network: Network | System
    front: FrontMatter
    symbols: Mapping[str, str] = field(default_factory=dict)
    example: Example | None = None
    source: str = ""
    notation: str = "superscript"
    language: str = "en"

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
    if SHORTHAND.fullmatch(typed) and not exists(path):
        return _from_shorthand(typed, activation or "sigmoid", cost or "quadratic", targets)
    for option, value in {"activation": activation, "cost": cost, "targets": targets}.items():
        if value is not None:
            raise InvalidDescription(f"{typed}: --{option} goes with a shorthand such as 784-16-16-10; a file says it itself")
    return _Reader(typed, read_text(path, typed)).description()


def _from_shorthand(shorthand: str, activation: str, cost: str, targets: str | None) -> Description:
    try:
        network = Network.stack(shorthand, activation, cost, targets)
        _ = network.system
    except InvalidDescription as problem:
        raise InvalidDescription(f"{shorthand}: {str(problem).removeprefix(f'{shorthand!r}: ')}") from None
    return Description(network, FrontMatter(network.name))


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
            example = ExampleReader(self.refusal, network).example(document["example"])
        matter = FrontMatter(**{"title": network.name, **front})
        choices = document.get("notation", "superscript"), document.get("language", "en")
        return Description(network, matter, symbols, example, self.text, *choices)

    def refusal(self, path: toml_positions.KeyPath, message: str) -> InvalidDescription:
        line = toml_positions.line_of(self.text, path)
        return InvalidDescription(f"{self.typed}:{line}: {message}" if line else f"{self.typed}: {message}")

    def document(self) -> Table:
        """The file's tables and values, shaped as the schema says."""
        if not self.text.strip():
            raise self.refusal((), "the file is empty; expected at least name, input, [[layers]] and [cost]")
        document = parsed(self.text, self.typed, self.refusal)
        try:
            problem = first_problem(document, self.text)
        except (RecursionError, ValueError):
            raise self.refusal((), "a number too long or lists too deep, expected neither in a description") from None
        if problem:
            raise self.refusal(*problem)
        return document

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
                cost_axis=cost.get("axis"),
                from_logits=cost.get("from_logits", False),
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
        constants, axis = {}, None
        if isinstance(choice, Mapping):
            constants = {key: value for key, value in choice.items() if key not in ACTIVATION_KEYS}
            axis = choice.get("axis")
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
                axis,
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


def _blamed(message: str, document: Table) -> toml_positions.KeyPath:
    """The key that a message of the network is about."""
    suffixes = [layer.get("name", str(number)) for number, layer in enumerate(document["layers"], 1)]
    if message.startswith("two layers are called"):
        return ("layers", max(number for number, suffix in enumerate(suffixes) if repr(suffix) in message), "name")
    if found := re.match(r"regularisation (\w+)", message):
        return ("regularisation", found[1])
    if found := re.match(r"layer (\w+): ", message):
        path: toml_positions.KeyPath = ("layers", suffixes.index(found[1]))
        if not message.startswith(f"{found[0]}activation") and "constant" not in message and "already has a meaning" not in message:
            key = next((key for key in document["layers"][path[1]] if message.startswith(f"{found[0]}{key}")), None)
            return (*path, key) if key else path
        return (*path, "activation", *_constant_named(message, document["layers"][path[1]].get("activation")))
    if message.startswith("cost: from:"):
        return ("cost", "from")
    if found := re.match(r"cost: (from_logits|axis)\b", message):
        return ("cost", found[1])
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
