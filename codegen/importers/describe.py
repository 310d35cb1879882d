"""A graph as a description: its text, the values of its parameters, and what the user should know."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.language.functions import RESERVED
from chainrule.symbolic.layers.costs import COSTS

from .attributes import RefusedNode, refused
from .cost import FITTING_COSTS, cost_lines
from .folding import folded
from .graph import Graph
from .layers import layers_of
from .operators import OPERATORS, refuse_unknown
from .parts_of_weights import with_parts
from .patterns import put_together
from .places import Axis
from .toml_text import layer_parameters, layers_text
from .translation import CHANNELS, COLUMNS, FEATURES, ROWS, STEPS, Translation, is_infinite
from .values import Value

#: What an input's axes are called, by how many there are.
INPUT_LETTERS = {1: ("n",), 2: ("n", FEATURES), 3: ("n", STEPS, FEATURES), 4: ("n", CHANNELS, ROWS, COLUMNS)}
LABELS_LETTERS = ("n", *STEPS)
NAME = re.compile(r"[A-Za-z_]\w*")
#: What the cost and its target are called, and the number of examples.
TAKEN = ("n", "N", "y", "C")


@dataclass(frozen=True)
class Imported:
    """A model as a description in TOML, its parameters by the names they have there, and sentences on what was not taken over."""

    description_text: str
    parameters: Mapping[str, NDArray[np.generic]]
    remarks: tuple[str, ...]


def described(graph: Graph, *, cost: str | None) -> Imported:
    """The description of a graph, with a cost by its name (`chainrule list costs`), or a line for one that is commented out.

    Raises:
        InvalidDescription: naming all operators that there are no equations for, or the node that cannot be written.
    """
    if cost is not None and cost not in COSTS:
        raise InvalidDescription(f"unknown cost {cost!r}; expected one of {', '.join(COSTS)}")
    refuse_unknown(graph.nodes)
    graph = with_parts(graph)
    translation = translated(graph, is_draft=True)
    constants = {name: array.shape for name, array in translation.constants.items()}
    together = put_together(
        replace(graph, constants=translation.constants), constants | {name: value.shape for name, value in translation.values.items()}
    )
    if together.nodes != graph.nodes or any(is_infinite(array) for array in graph.constants.values()):
        graph, translation = together, translated(together)
    layers = layers_of(graph, translation)
    if layers is None or not layer_parameters(layers.rows):
        return _in_equations(graph, translation, cost)
    vocabulary = next((each.vocabulary.size for each in translation.inputs.values() if each.vocabulary), None)
    text = layers_text(graph, layers.rows, vocabulary, cost, fitting_cost(graph), weights_name(graph.name))  # type: ignore[arg-type]
    return Imported(text, layer_parameters(layers.rows), (*_remarks(graph), *layers.remarks))


def translated(graph: Graph, is_draft: bool = False) -> Translation:
    """The equations of all nodes, in order."""
    translation = Translation(dict(graph.constants), trained=None if graph.trained is None else set(graph.trained), is_draft=is_draft)
    kinds = {each.name: np.dtype(each.dtype).kind for each in graph.inputs} | {
        name: each.dtype.kind for name, each in graph.constants.items()
    }
    translation.booleans |= {name for name, kind in kinds.items() if kind == "b"}
    translation.integers |= {name for name, kind in kinds.items() if kind in "iu"}
    for number, given in enumerate(graph.inputs):
        is_labels = given.dtype.startswith(("int", "uint"))
        hints = LABELS_LETTERS if is_labels else INPUT_LETTERS.get(len(given.shape), ("n", *FEATURES))
        axes = [Axis.new(size, hint) for size, hint in zip(given.shape, hints, strict=False)]
        usable = re.fullmatch(r"[A-Za-z][A-Za-z_]*", given.name) and given.name not in (*translation.names, *RESERVED, *TAKEN)
        translation.given(given.name, given.name if usable else f"x{number or ''}", axes)
    for node in graph.nodes:
        try:
            if folded(translation, node):
                continue
            if node.operator not in OPERATORS:
                raise refused(node, "it is worked out from numbers that are known before, and here they are not")
            OPERATORS[node.operator](translation, node)
        except RefusedNode:
            raise
        except InvalidDescription as problem:
            raise refused(node, f"{problem}") from None
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as problem:
            raise refused(node, f"its inputs or attributes are not what the operator takes ({type(problem).__name__}: {problem})") from None
    return translation


def output_of(graph: Graph, translation: Translation) -> Value:
    """The first output, with an equation of its own."""
    name = graph.outputs[0].name
    if name not in translation.values:
        raise InvalidDescription(f"the output {name!r} does not depend on an input")
    return translation.stored(translation.values[name])


def last_operator(graph: Graph) -> str:
    """What gives the first output."""
    return next((node.operator for node in reversed(graph.nodes) if graph.outputs[0].name in node.outputs), "Identity")


def fitting_cost(graph: Graph) -> str:
    """The cost that goes with what gives the output."""
    return FITTING_COSTS.get(last_operator(graph), "quadratic")


def needed(lines: Sequence[str], output: str) -> tuple[set[str], list[str]]:
    """The names that an output depends on, and the lines that give them: not all that a model computes leads there."""
    reads: dict[str, set[str]] = {}
    for line in lines:
        name, *others = NAME.findall(line)
        reads.setdefault(name, set()).update(others)
    found, waiting = set[str](), [NAME.findall(output)[0]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += reads.get(name, ())
    return found, [line for line in lines if NAME.findall(line)[0] in found]


def _remarks(graph: Graph) -> tuple[str, ...]:
    return (*graph.remarks, *(f"the output {each.name!r} is left out: a cost is of one" for each in graph.outputs[1:]))


def _in_equations(graph: Graph, translation: Translation, cost: str | None) -> Imported:
    output = output_of(graph, translation)
    used, own_lines = needed(translation.lines, output.at(*output.axes))
    weights = [each for each in translation.parameters.values() if each.name in used]
    if not weights:
        raise InvalidDescription("the model has no weights, so that there is nothing to differentiate by")
    texts = [*(each.declared for each in translation.inputs.values()), *own_lines]
    texts += [*(each.declared for each in weights), output.at(*output.axes)]
    (*texts, said), sizes = translation.with_letters(texts)
    first, behind = len(translation.inputs), len(texts) - len(weights)
    inputs, lines, parameters = texts[:first], texts[first:behind], texts[behind:]
    written, targets = cost_lines(said, cost or fitting_cost(graph), last_operator(graph))
    batch = said.partition("[")[2].partition(",")[0].rstrip("]")
    comment = "" if cost else "# "
    rows = [
        f'name = "{graph.name}"',
        f"inputs = {_quoted(inputs)}",
        f"{comment}targets = {_quoted(targets)}" + ("" if cost else "    # what the output is compared with"),
        "parameters = [",
        *(f'    "{declared}",{_origin(each.name, each.origin)}' for declared, each in zip(parameters, weights, strict=True)),
        "]",
        f'weights = "{weights_name(graph.name)}"',
        'equations = """',
        *lines,
        *([] if cost else ["# Say what is to be minimised, as in these lines, and take the signs in front away, there and at targets:"]),
        *(f"{comment}{line}" for line in written),
        '"""',
        f'output = "{said.partition("[")[0]}"',
        *([f'batch = "{batch}"'] if isinstance(sizes.get(batch), str) else []),
        f"sizes = {{ {', '.join(f'{letter} = {size}' for letter, size in sizes.items() if isinstance(size, int))} }}",
    ]
    values = {each.name: each.array for each in weights}
    return Imported("\n".join(rows) + "\n", values, _remarks(graph))


def _quoted(texts: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def _origin(name: str, origin: str) -> str:
    """What the file calls a parameter, where that is another name and one that can stand in a comment."""
    return f"  # {origin}" if origin != name and origin.isprintable() else ""


def weights_name(name: str) -> str:
    return f"{name}_weights.npz"


def without_weights(text: str) -> str:
    """A description that names no file of weights."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("weights = "))
