"""Layers as the text of a description, with the values of their parameters by the names that these have there."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.layers.costs import COSTS, LABEL_COSTS

from .graph import Graph
from .walk import Array, LayerRow


def layers_text(graph: Graph, rows: Sequence[LayerRow], vocabulary: int | None, cost: str | None, otherwise: str, weights: str) -> str:
    """The description; without a cost the one that would fit `otherwise` is there, commented out."""
    shape = [size for size in graph.inputs[0].shape[1:] if isinstance(size, int)]
    given = _written({"shape": shape, "vocabulary": vocabulary}) if vocabulary else str(shape[0] if len(shape) == 1 else shape)
    lines = [f'name = "{graph.name}"', f"input = {given}", f'weights = "{weights}"', ""]
    for number, row in enumerate(rows):
        before = f"a{number}" if number else "x"
        origins = dict.fromkeys(origin for _, origin in row.parameters.values() if origin.isprintable())
        said = f"  # {', '.join(origins)}" if origins else ""
        lines += ["[[layers]]", f'kind = "{row.kind}"{said}']
        lines += [f"{key} = {_written(value)}" for key, value in row.options.items()]
        lines += [f"activation = {_written(row.activation)}"] if row.activation is not None else []
        lines += [f"from = {_written(list(row.sources))}"] if row.sources != (before,) else []
        lines.append("")
    written = _cost(cost or otherwise, rows[-1])
    if cost is None:
        lines.append("# Say what is to be minimised, as in these lines, and take the signs in front away:")
        written = [f"# {line}" for line in written]
    return "\n".join([*lines, *written, ""])


def _cost(name: str, last: LayerRow) -> list[str]:
    cost = LABEL_COSTS.get(name, COSTS[name])
    if len(cost.layers) > 1:
        raise InvalidDescription(f"the cost {name} is of {len(cost.layers)} outputs: {', '.join(cost.layers)}; choose another")
    lines = ["[cost]", f'kind = "{name}"']
    lines += ['targets = "labels"'] if name in LABEL_COSTS else []
    activation = last.activation["kind"] if isinstance(last.activation, dict) else last.activation
    if cost.probabilities and activation != cost.probabilities:
        lines.append("from_logits = true")
    return lines


def _written(value: object) -> str:
    """A value of TOML."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_written(part)}' for key, part in value.items() if part is not None)} }}"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)


def layer_parameters(rows: Sequence[LayerRow]) -> dict[str, Array]:
    """The parameters of all layers: W of the third is W3."""
    return {f"{name}{number}": array for number, row in enumerate(rows, 1) for name, (array, _) in row.parameters.items()}
