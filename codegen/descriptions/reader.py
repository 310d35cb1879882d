"""A network's description, from a TOML file or a shorthand such as 784-16-16-10, to the network and what documents say about it.

Whatever is wrong with a file is one `InvalidDescription` that begins with the file's name as it was typed and the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from chainrule.codegen.document.front_matter import FrontMatter
from chainrule.codegen.files.read import exists, read_text
from chainrule.codegen.files.toml_file import TomlFile
from chainrule.codegen.words.translation import LANGUAGES, in_language
from chainrule.symbolic.index.failures import InvalidDescription, KeyPath, expected_one_of, located
from chainrule.symbolic.index.limits import LONGEST_LETTER
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import adjoint_name
from chainrule.symbolic.layers import Layer, Layout
from chainrule.symbolic.layers.activations import Activation
from chainrule.symbolic.layers.connections import Input
from chainrule.symbolic.layers.costs import Cost
from chainrule.symbolic.layers.network import TARGETS, Network
from chainrule.symbolic.system.given_tensors import real_inputs, refuse_labels
from chainrule.symbolic.system.system import System

from .document_reader import read_document
from .example_reader import Example, read_example, read_initial
from .schema_problems import check_schema, place, shown

Table: TypeAlias = Mapping[str, Any]

SHORTHAND = re.compile(r"[0-9-]*[0-9][0-9-]*")
#: Keys that are not constants of a cost, and not options of a kind of layer.
COST_KEYS = ("kind", "expression", "targets", "reduction", "from", "mask", "axis", "from_logits")
ACTIVATION_KEYS = ("kind", "expression", "axis")
LAYER_KEYS = ("kind", "activation", "name", "from", "weights_of", "kink")


@dataclass(frozen=True)
class Description:
    """A network, and what its author says about it; documents are in its `notation` and its `language`.

    `wrt` names the inputs by which the cost is differentiated too. `source` is the text of the file, empty for a shorthand.
    `parameters` are the values of all parameters by name, those of the file `weights`, where it names one.
    """

    network: Network | System
    front: FrontMatter
    symbols: Mapping[str, str] = field(default_factory=dict)
    example: Example | None = None
    source: str = ""
    notation: str = "superscript"
    language: str = "en"
    wrt: tuple[str, ...] = ()
    parameters: Mapping[str, NumericArray] = field(default_factory=dict)
    weights: str = ""

    @property
    def system(self) -> System:
        """The network as equations."""
        return self.network.system if isinstance(self.network, Network) else self.network

    @property
    def with_input_gradients(self) -> Description:
        """The same, the cost differentiated by every input that holds real numbers; raises `InvalidDescription` where none does."""
        return replace(self, wrt=real_inputs(self.system))

    @property
    def layers(self) -> Network | None:
        """The network as dense layers in a row, where it is that: the form that documents have prose of its own for."""
        return self.network if isinstance(self.network, Network) and self.network.is_stack else None


def read_description(
    path_or_shorthand: str | Path, *, activation: str | None = None, cost: str | None = None, targets: str | None = None
) -> Description:
    """The description in a TOML file or its text, or the one that `784-16-16-10` stands for, with the activation and cost given.

    Raises:
        InvalidDescription: beginning with the file as it was typed and, where known, the line.
    """
    typed, path = str(path_or_shorthand), Path(path_or_shorthand)
    if SHORTHAND.fullmatch(typed) and not exists(path):
        return _from_shorthand(typed, activation or "sigmoid", cost or "quadratic", targets)
    for option, value in {"activation": activation, "cost": cost, "targets": targets}.items():
        if value is not None:
            raise InvalidDescription(f"{typed}: --{option} goes with a shorthand such as 784-16-16-10; a file says it itself")
    is_text = isinstance(path_or_shorthand, str) and "\n" in typed
    file = TomlFile("the description", typed) if is_text else TomlFile(typed, read_text(path, typed))
    with file.places():
        if not file.text.strip():
            raise InvalidDescription("the file is empty; expected at least name, input, [[layers]] and [cost]")
    document = file.tables()
    with file.places():
        check_schema(document, file.text)
        return _description(document, file.text, Path() if is_text else path.parent)


def described(network: Network | System) -> Description:
    """A network of which nothing else is said."""
    return Description(network, FrontMatter(network.name))


def _from_shorthand(shorthand: str, activation: str, cost: str, targets: str | None) -> Description:
    network = Network.stack(shorthand, activation, cost, targets)
    with located((), f"{shorthand}: "):
        _ = network.system
    return described(network)


def _description(document: Table, text: str, folder: Path) -> Description:
    """`folder` is where files are that it names."""
    network = _equations(document) if "equations" in document else _network(document)
    if "initial" in document:
        network = replace(network, initial=read_initial(network, document["initial"]))
    # A date of TOML is as good as its text.
    written = {key: document[key] for key in ("title", "author", "course", "date") if key in document}
    front = {key: value if isinstance(value, str | dict) else value.isoformat() for key, value in written.items()}
    matter = _front({"title": network.name, **front, **read_document(document.get("document", {}), folder)}, document.get("language", "en"))
    symbols = _symbols(document.get("symbols", {}), network.system if isinstance(network, Network) else network)
    example = read_example(network, document["example"]) if "example" in document else None
    choices = document.get("notation", "superscript"), document.get("language", "en")
    weights = document.get("weights", "")
    parameters = _weights(network, weights, folder) if weights else {}
    wrt = _wrt(document.get("input_gradients", False), network)
    return Description(network, matter, symbols, example, text, *choices, wrt, parameters, weights)


def _front(fields: Mapping[str, Any], language: str) -> FrontMatter:
    """The first page in the language of the description, which knows its words in others."""
    several = {key: value for key, value in fields.items() if isinstance(value, dict)}
    translations = {tag: {key: in_language(value, tag) for key, value in several.items()} for tag in LANGUAGES} if several else {}
    return FrontMatter(**{**fields, **{key: in_language(value, language) for key, value in several.items()}}, translations=translations)


def _wrt(written: bool | list[str], network: Network | System) -> tuple[str, ...]:
    """The inputs by which the cost is differentiated: those that are named, or all that hold real numbers."""
    system = network.system if isinstance(network, Network) else network
    if isinstance(written, bool):
        with located(("input_gradients",)):
            return real_inputs(system) if written else ()
    known = {tensor.name: tensor for tensor in system.inputs}
    for number, name in enumerate(written):
        with located(("input_gradients", number)):
            if name not in known:
                raise InvalidDescription(f"unknown input {name!r} in input_gradients; {expected_one_of(name, known)}")
            refuse_labels(known[name])
    return tuple(dict.fromkeys(written))


def _network(document: Table) -> Network:
    cost = document["cost"]
    constants = {key: value for key, value in cost.items() if key not in COST_KEYS}
    targets = cost.get("targets")
    chosen: str | Cost = cost.get("kind", "")
    if "expression" in cost:
        chosen = Cost("formula", cost["expression"], TARGETS[targets or "numbers"], constants)
    given = document["inputs"] if "inputs" in document else document["input"]
    network = Network(
        _inputs(given, several="inputs" in document),
        [_layer(number, layer) for number, layer in enumerate(document["layers"])],
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
        kink=document.get("kink"),
    )
    # Equations are made when they are asked for; what is wrong with a formula shows only then.
    _ = network.system
    return network


def _equations(document: Table) -> System:
    given = {
        key: document[key] for key in ("inputs", "targets", "sizes", "constants", "batch", "implicit", "kink", "output") if key in document
    }
    return Network.from_equations(document["equations"], document["parameters"], name=document["name"], **given)


def _layer(number: int, written: Table) -> Layer:
    choice = written.get("activation")
    constants, axis = {}, None
    if isinstance(choice, Mapping):
        constants = {key: value for key, value in choice.items() if key not in ACTIVATION_KEYS}
        axis = choice.get("axis")
        choice = Activation("formula", choice["expression"], constants) if "expression" in choice else choice["kind"]
    options = {key: value for key, value in written.items() if key not in LAYER_KEYS}
    shared = written.get("weights_of")
    path: KeyPath = ("layers", number)
    with located(path, f"{place(path)}: "):
        layer = Layer(
            written.get("kind", "dense"),
            options,
            choice,
            written.get("name"),
            constants,
            _names(written.get("from", ())),
            None if shared is None else str(shared),
            axis,
            written.get("kink"),
        )
    with located(path, f"{place((*path, 'activation'))}: "):
        _ = layer.formula
    return layer


def _weights(network: Network | System, name: str, folder: Path) -> dict[str, NumericArray]:
    # Few descriptions name a file of arrays, and all others are read without NumPy.
    from .weights_reader import read_weights

    return read_weights(network, name, folder)


def _without_greek(letter: str) -> str:
    """What stands behind a Greek letter such as \\alpha."""
    from chainrule.codegen.formulas.letters import GREEK_LETTER

    return re.sub(GREEK_LETTER, "", letter, count=1)


def _symbols(written: Mapping[str, str], system: System) -> Mapping[str, str]:
    """Letters for documents. They end up inside formulas, so nothing but letters gets through."""
    known = [*system.tensors, *map(adjoint_name, system.tensors), *system.axes, *system.constants]
    for name, letter in written.items():
        path = ("symbols", name)
        if name not in known:
            raise InvalidDescription(f"unknown name {name!r} in [symbols]; {expected_one_of(name, system.tensors)}", path)
        rest = _without_greek(letter) if letter.startswith("\\") else letter
        plain = all(character.isalpha() or character.isdecimal() or character == " " for character in rest)
        if not plain or not letter.strip() or len(letter) > LONGEST_LETTER:
            expected = f"at most {LONGEST_LETTER} letters, digits and spaces, or a Greek letter such as \\alpha"
            raise InvalidDescription(f"{place(path)}: found {shown(letter)}, expected {expected}", path)
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
