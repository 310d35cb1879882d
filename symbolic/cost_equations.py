"""The cost of a network of layers and its penalty as equations, and the targets that they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .axes import index
from .costs import Cost
from .failures import InvalidDescription
from .formulas import Entry, written_for
from .given_out import finite
from .layers.connections import own_letters
from .letters import free_letters
from .penalties import PENALTIES
from .signals import Signal, declaration
from .tensors import Values

if TYPE_CHECKING:
    from .assembly import Assembly

#: Terms of a penalty in one equation, each of up to five indices.
MOST_TERMS = 5


def cost_equations(layers: Assembly) -> tuple[list[str], dict[str, Values]]:
    """The cost and the penalty as equations; the targets that they take."""
    network, cost = layers.network, layers.network.chosen_cost
    outputs = _outputs(cost, layers)
    letters = outputs[0].letters
    *between, unit = letters or ("",)
    labels = cost.targets is Values.LABELS
    per_example = labels or cost.one_target_an_example
    axes = layers.layout.data(*between) if per_example else layers.layout.data(*letters)
    constants = {name: layers.given_out.constant(name, value, "_cost", "cost") for name, value in cost.constants.items()}
    entries = {name: Entry(output.name, layers.layout.data(*letters), unit) for name, output in zip("abc", outputs, strict=False)}
    targets: list[str] = []
    kinds: dict[str, Values] = {}
    names = tuple(entries)
    if cost.has_target:
        targets.append(declaration("y", axes, unit if labels else None))
        kinds = {} if labels else {"y": cost.targets}
        entries["y"] = Entry("y", axes, None if per_example else unit)
        names = names if per_example else tuple(entries)
    formula = layers.formulas.checked(cost.expression, names, constants, "cost", labels)
    written = written_for(cost.expression, entries, constants)
    # −Σ y log a rather than Σ −y log a.
    sign, written = ("-", f"-({written})") if formula.could_extract_minus_sign() else ("", written)
    body = f"sum({unit}, {written})" if index("j") in free_letters(formula) else written
    places = ", ".join(("n", *between))
    if network.mask:
        # One number for each example, or for each step of it.
        steps = layers.layout.data(*between)
        targets.append(declaration("mask", steps, None))
        mask = f"mask[{','.join(steps)}]"
        total = f"sum({places}, {mask}*({body}))" + (f"/sum({places}, {mask})" if network.reduction == "mean" else "")
    else:
        total = f"{network.reduction}({places}, {body})"
    penalty = _penalty(layers) if network.regularisation else ""
    layers.lines.append(f"C = {sign}{total}{penalty}")
    layers.order += [declared.split("[")[0] for declared in targets]
    return targets, kinds


def _outputs(cost: Cost, layers: Assembly) -> list[Signal]:
    """The layers that the cost is of: the last one, or those that it names."""
    chosen = layers.network.cost_sources or (layers.layers[-1].output,)
    if len(chosen) != len(cost.layers):
        expected = "one layer" if len(cost.layers) == 1 else f"{len(cost.layers)} layers: {', '.join(cost.layers)}"
        raise InvalidDescription(f"cost: from: found {len(chosen)}, but {cost.name} is of {expected}")
    named = {layer.suffix: layer.output for layer in layers.layers}
    found = []
    for name in chosen:
        output = named.get(name, name)
        if output not in layers.signals:
            raise InvalidDescription(f"cost: from: unknown layer {name!r}; expected one of {', '.join(layers.signals)}")
        found.append(layers.signals[output])
    first = [layers.given_out.sizes[letter] for letter in found[0].letters]
    for other in found[1:]:
        sizes = [layers.given_out.sizes[letter] for letter in other.letters]
        if sizes != first:
            raise InvalidDescription(f"cost: from: {found[0].name} has the shape {first} and {other.name} {sizes}; they have to be equal")
    # The same places of all outputs are compared, so they have the same letters.
    return [Signal(output.name, found[0].letters) for output in found]


def _penalty(layers: Assembly) -> str:
    """The regularisation as an equation of its own, R: of weights, which have two axes or more, not of biases."""
    terms = []
    for key, factor in layers.network.regularisation.items():
        layers.given_out.constants[key] = finite(factor, f"regularisation {key}")
        for declared in layers.parameters:
            letters = own_letters(declared)
            if len(letters) >= 2:
                terms.append(f"{key}*sum({', '.join(letters)}, {written_for(PENALTIES[key], {'w': Entry(declared, ())}, {})})")
    # A deep network's in parts, since an equation has its limits.
    part = 0
    while len(terms) > MOST_TERMS:
        parts = [terms[start : start + MOST_TERMS] for start in range(0, len(terms), MOST_TERMS)]
        layers.lines += [f"R_{part + number} = {' + '.join(some)}" for number, some in enumerate(parts)]
        terms = [f"R_{part + number}" for number in range(len(parts))]
        part += len(parts)
    layers.lines.append(f"R = {' + '.join(terms) or '0'}")
    layers.order.append("R")
    return " + R"
