"""What exporters take apart, put together again: a product and its bias, GELU, layer normalisation, attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isclose, sqrt

import numpy as np

from . import attributes
from .attention import LEAST_SCORE
from .graph import Graph, Node
from .sizes import Size


@dataclass
class Pieces:
    """The nodes by what they give, and how often each array is read; `shapes` are those of all arrays, constants included."""

    graph: Graph
    shapes: Mapping[str, tuple[Size, ...]]

    def __post_init__(self) -> None:
        self.makers = {name: node for node in self.graph.nodes for name in node.outputs}
        self.uses = Counter(name for node in self.graph.nodes for name in node.inputs) + Counter(each.name for each in self.graph.outputs)
        self.further: dict[str, np.ndarray] = {}

    def maker(self, name: str, operator: str, uses: int = 1) -> Node | None:
        """The node that gives an array, where it is such an operator and the array is read so often."""
        node = self.makers.get(name)
        return node if node is not None and node.operator == operator and self.uses[name] == uses else None

    def number(self, name: str) -> float | None:
        array = self.graph.constants.get(name)
        # As it is written: a number of 32 bits may be 1e-05.
        return float(str(array.reshape(())[()])) if array is not None and array.size == 1 and array.dtype.kind in "fiu" else None

    def split(self, node: Node | None, is_wanted: Callable[[str], object]) -> tuple[str, str] | None:
        """Of a node of two inputs the one that is wanted, and the other."""
        if node is None or len(node.inputs) != 2:
            return None
        first, second = node.inputs
        return (first, second) if is_wanted(first) else (second, first) if is_wanted(second) else None

    def is_row(self, name: str) -> bool:
        return name in self.graph.constants and self.graph.constants[name].ndim == 1


def _linear(pieces: Pieces, node: Node) -> Node | None:
    """x W + b."""
    found = pieces.split(node, pieces.is_row) if node.operator == "Add" else None
    product = pieces.maker(found[1], "MatMul") if found else None
    if found is None or product is None or len(product.inputs) != 2 or product.inputs[1] not in pieces.graph.constants:
        return None
    if pieces.graph.constants[product.inputs[1]].shape[-1:] != pieces.graph.constants[found[0]].shape:
        return None
    return Node("MatMul", product.name, (*product.inputs, found[0]), node.outputs, {})


def _gelu(pieces: Pieces, node: Node) -> Node | None:
    """x (1 + erf(x/√2))/2, the half behind it or before the bracket."""
    found = pieces.split(node, lambda name: pieces.number(name) == 0.5) if node.operator == "Mul" else None
    if found:
        halved = pieces.maker(found[1], "Mul")
        whole = pieces.split(halved, lambda name: pieces.maker(name, "Add"))
    else:
        outer = pieces.split(node, lambda name: pieces.maker(name, "Mul")) if node.operator == "Mul" else None
        inner = pieces.split(pieces.maker(outer[0], "Mul"), lambda name: pieces.number(name) == 0.5) if outer else None
        whole = (inner[1], outer[1]) if inner and outer else None
    added = pieces.split(pieces.maker(whole[0], "Add"), lambda name: pieces.number(name) == 1) if whole else None
    error = pieces.maker(added[1], "Erf") if added else None
    if whole is None or error is None:
        return None
    divided = pieces.maker(error.inputs[0], "Div")
    scaled = pieces.split(pieces.maker(error.inputs[0], "Mul"), pieces.number)
    factor = pieces.number(divided.inputs[1]) if divided else 1 / (pieces.number(scaled[0]) or np.nan) if scaled else None
    source = divided.inputs[0] if divided else scaled[1] if scaled else ""
    is_one = source == whole[1] and factor is not None and isclose(factor, sqrt(2), rel_tol=1e-6)
    return Node("Gelu", node.name, (source,), node.outputs, {}) if is_one else None


def _mean_of_last(pieces: Pieces, node: Node | None) -> bool:
    if node is None:
        return False
    array = pieces.graph.constants.get(node.inputs[1]) if attributes.has(node, 1) else None
    axes = attributes.wholes(node, "axes", ()) if array is None else tuple(map(int, np.atleast_1d(array)))
    return axes in ((-1,), (len(pieces.shapes.get(node.inputs[0], ())) - 1,)) and bool(attributes.whole(node, "keepdims", 1))


def _layer_norm(pieces: Pieces, node: Node) -> Node | None:
    """(x − m)/√(mean((x − m)²) + ε) g + b."""
    shifted = pieces.split(node, pieces.is_row) if node.operator == "Add" else None
    scaled = pieces.split(pieces.maker(shifted[1], "Mul"), pieces.is_row) if shifted else None
    divided = pieces.maker(scaled[1], "Div") if scaled else None
    centred = pieces.maker(divided.inputs[0], "Sub", 2) if divided else None
    root = pieces.maker(divided.inputs[1], "Sqrt") if divided else None
    added = pieces.split(pieces.maker(root.inputs[0], "Add"), lambda name: pieces.number(name) is not None) if root else None
    variance = pieces.maker(added[1], "ReduceMean") if added else None
    square = pieces.maker(variance.inputs[0], "Pow") if variance else None
    mean = pieces.maker(centred.inputs[1], "ReduceMean") if centred else None
    if not (shifted and scaled and divided and centred and added and square and mean and _mean_of_last(pieces, variance)):
        return None
    is_one = mean.inputs[0] == centred.inputs[0] and square.inputs[0] == divided.inputs[0] and pieces.number(square.inputs[1]) == 2
    if not is_one or not _mean_of_last(pieces, mean):
        return None
    inputs = (centred.inputs[0], scaled[0], shifted[0])
    return Node("LayerNormalization", node.name, inputs, node.outputs, {"axis": -1, "epsilon": pieces.number(added[0])})


def _factor(pieces: Pieces, name: str) -> tuple[str, float]:
    """An array that is another times a number."""
    product = pieces.split(pieces.maker(name, "Mul"), lambda each: pieces.number(each) is not None)
    if product:
        return product[1], pieces.number(product[0]) or 0.0
    quotient = pieces.maker(name, "Div")
    divisor = pieces.number(quotient.inputs[1]) if quotient else None
    return (quotient.inputs[0], 1 / divisor) if quotient and divisor else (name, 1.0)


def _product(pieces: Pieces, name: str) -> tuple[Node | None, Node | None]:
    """The product of matrices that scores are, and the reshape that joins their heads with the examples, where there is one."""
    joined = pieces.maker(name, "Reshape")
    return joined, pieces.maker(joined.inputs[0] if joined else name, "MatMul")


def _masked(pieces: Pieces, name: str) -> tuple[str, str]:
    """Scores without their mask, and the mask, or "": added, or chosen by a condition that leaves nothing else."""
    chosen = pieces.maker(name, "Where")
    if chosen is not None:
        condition, yes, no = chosen.inputs
        low = [pieces.number(each) for each in (yes, no)]
        if low[1] is not None and low[1] <= LEAST_SCORE:
            return yes, condition
        if low[0] is not None and low[0] <= LEAST_SCORE and condition in pieces.graph.constants:
            pieces.further[f"{condition}/not"] = ~pieces.graph.constants[condition].astype(bool)
            return no, f"{condition}/not"
        return name, ""
    added = pieces.split(pieces.maker(name, "Add"), lambda each: _product(pieces, _factor(pieces, each)[0])[1])
    return added or (name, "")


def _as_it_was(pieces: Pieces, name: str, shape: tuple[Size, ...] | None = None) -> str:
    """An array before reshapes that leave its shape as it was: heads that are joined with the examples for a product, and parted again."""
    wanted = pieces.shapes.get(name, ()) if shape is None else shape
    node = pieces.maker(name, "Reshape")
    if node is None:
        return name
    before = _as_it_was(pieces, node.inputs[0], wanted)
    return before if pieces.shapes.get(before, ()) == wanted else name


def _unscaled(pieces: Pieces, name: str) -> tuple[str, float]:
    """An array without the number that it is multiplied by, between reshapes that leave its shape as it was, or without any."""
    found, factor = _factor(pieces, _as_it_was(pieces, name))
    node = pieces.maker(found, "Reshape")
    if factor != 1 or node is None:
        return _as_it_was(pieces, found), factor
    inner, factor = _factor(pieces, node.inputs[0])
    before = pieces.maker(inner, "Reshape")
    is_same = before is not None and pieces.shapes.get(before.inputs[0]) == pieces.shapes.get(name)
    return (before.inputs[0], factor) if before is not None and is_same and factor != 1 else (found, 1.0)


def _attention(pieces: Pieces, node: Node) -> list[Node] | None:
    """softmax(q kᵀ c + mask) v, of heads side by side."""
    if node.operator != "MatMul" or len(node.inputs) != 2 or len(pieces.shapes.get(node.outputs[0], ())) != 4:
        return None
    outer = pieces.maker(node.inputs[0], "Reshape")
    weights = pieces.maker(outer.inputs[0] if outer else node.inputs[0], "Softmax")
    rank = len(pieces.shapes.get(weights.inputs[0], ())) if weights else 0
    if weights is None or attributes.whole(weights, "axis", -1) not in (-1, rank - 1) or "rest" in weights.attributes:
        return None
    scores, mask = _masked(pieces, weights.inputs[0])
    scores, after = _factor(pieces, scores)
    joined, product = _product(pieces, scores)
    heads_first = (1, *pieces.shapes.get(mask, ())[-2:]) if mask else ()
    if product is None or len(product.inputs) != 2 or (outer is None) != (joined is None):
        return None
    if any(len(pieces.shapes.get(name, ())) != 4 for name in (*product.inputs, node.inputs[1])):
        return None
    if outer is not None and (
        pieces.shapes[product.outputs[0]] != pieces.shapes[node.inputs[0]]
        or (mask and pieces.shapes.get(mask, ()) not in (heads_first, heads_first[1:]))
    ):
        # A mask that differs between heads that are joined with the examples is no mask of all heads.
        return None
    (queries, first), (keys, second) = (_unscaled(pieces, name) for name in product.inputs)
    size = pieces.shapes[queries][-1]
    scale = after * first * second
    usual = isinstance(size, int) and isclose(scale, 1 / sqrt(size), rel_tol=1e-6)
    turned = f"{node.outputs[0]}/keys"
    inputs = (queries, turned, node.inputs[1], *([mask] if mask else []))
    return [
        Node("Transpose", f"{node.name}/keys", (keys,), (turned,), {"perm": (0, 1, 3, 2)}),
        Node("Attention", node.name, inputs, node.outputs, {} if usual else {"scale": scale}),
    ]


def _one_of_parts(pieces: Pieces, node: Node) -> Node | None:
    """One place of what was put behind each other is a place of one of the parts: the last states of the last of several layers."""
    whole = pieces.makers.get(node.inputs[0]) if node.operator == "Gather" else None
    index = pieces.graph.constants.get(node.inputs[1]) if whole is not None and whole.operator == "Concat" else None
    if whole is None or index is None or index.ndim or attributes.whole(whole, "axis", 0) != (axis := attributes.whole(node, "axis", 0)):
        return None
    sizes = [pieces.shapes[name][axis] for name in whole.inputs]
    if not all(isinstance(size, int) for size in sizes):
        return None
    ends = np.cumsum([int(size) for size in sizes])
    place = int(index) % int(ends[-1])
    part = int(np.searchsorted(ends, place, side="right"))
    own = f"{node.inputs[1]}/{node.outputs[0]}"
    pieces.further[own] = np.array(place - (int(ends[part - 1]) if part else 0))
    return Node("Gather", node.name, (whole.inputs[part], own), node.outputs, dict(node.attributes))


PATTERNS: tuple[Callable[[Pieces, Node], Node | list[Node] | None], ...] = (_linear, _gelu, _layer_norm, _attention, _one_of_parts)


def put_together(graph: Graph, shapes: Mapping[str, tuple[Size, ...]]) -> Graph:
    """The graph with all patterns in it as one operator each; what nothing reads any more is left out."""
    for pattern in PATTERNS:
        pieces, nodes = Pieces(graph, shapes), list[Node]()
        for node in graph.nodes:
            found = pattern(pieces, node)
            nodes += [node] if found is None else found if isinstance(found, list) else [found]
        graph = _used(replace(graph, nodes=tuple(nodes), constants={**graph.constants, **pieces.further}))
    return graph


def _used(graph: Graph) -> Graph:
    read, kept = {each.name for each in graph.outputs}, list[Node]()
    for node in reversed(graph.nodes):
        if read & {*node.outputs}:
            kept.append(node)
            read |= {*node.inputs}
    return replace(graph, nodes=tuple(reversed(kept)))
