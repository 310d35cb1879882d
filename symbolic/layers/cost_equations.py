"""The cost of a network of layers and its penalty as equations, and the targets that they take."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.symbolic.index.axes import index
from chainrule.symbolic.index.failures import InvalidDescription, located
from chainrule.symbolic.index.index_letters import free_letters
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.language.declarations import IN_ROWS, VALUE_WORDS, finite
from chainrule.symbolic.language.formula_text import NamedEntry, written_for

from .activations import ACTIVATIONS, PROBABILITY, ValueBound
from .assembly import Assembly, Signal, declaration
from .connections import Connected, chosen_axis, own_letters
from .costs import COSTS, PENALTIES, Cost

#: Terms of a penalty in one equation, each of up to five indices.
MOST_TERMS = 5
#: Targets that say of every place to which class it belongs.
OF_CLASSES = (Values.ONE_HOT, Values.DISTRIBUTION, Values.LABELS)
#: What a value may be where a bound is missing.
OUT_OF_BOUNDS = {ValueBound.POSITIVE: "0 or less", ValueBound.BELOW_ONE: "1 or more"}


def cost_equations(layers: Assembly) -> list[str]:
    """The cost and the penalty as equations; the targets that they take."""
    with located(("cost",), "cost: "):
        written, targets = _cost(layers)
    penalty = _penalty(layers) if layers.cost.regularisation else ""
    layers.lines.append(f"C = {written}{penalty}")
    layers.order += [declared.split("[")[0] for declared in targets]
    return targets


def _cost(layers: Assembly) -> tuple[str, list[str]]:
    """The right side of the cost without a penalty, and the targets that it takes."""
    whole, cost = layers.cost, layers.cost.cost
    with located(("from",), "from: "):
        sources = _sources(cost, layers)
    # The same places of all outputs are compared, so they have the same letters.
    place = chosen_axis(whole.axis, len(sources[0].letters), sources[0].classes)
    outputs = [Signal(source.name, sources[0].letters, classes=place) for source in sources]
    if whole.from_logits:
        with located(("from_logits",)):
            outputs = [_probabilities(outputs[0], layers)]
    elif cost.bounds:
        _check_bounds(cost, outputs[0], layers)
    letters, unit = outputs[0].letters, outputs[0].unit
    between = [letter for letter in letters if letter != unit]
    labels = cost.targets is Values.LABELS
    per_example = labels or cost.one_target_an_example
    axes = layers.layout.data(*between) if per_example else layers.layout.data(*letters)
    constants = {name: layers.given_out.constant(name, value, "_cost") for name, value in cost.constants.items()}
    entries = {name: NamedEntry(output.name, layers.layout.data(*letters), unit) for name, output in zip("abc", outputs, strict=False)}
    targets: list[str] = []
    names = tuple(entries)
    if cost.has_target:
        targets.append(declaration("y", axes, unit if labels else _word(cost.targets, unit, axes)))
        entries["y"] = NamedEntry("y", axes, None if per_example else unit)
        names = names if per_example else tuple(entries)
    with located(("expression",)):
        formula = layers.formulas.checked(cost.expression, names, constants, labels)
    written = written_for(cost.expression, entries, constants, None if cost.is_smooth else whole.kink, cost.meeting)
    # −Σ y log a rather than Σ −y log a.
    sign, written = ("-", f"-({written})") if formula.could_extract_minus_sign() else ("", written)
    summed = [unit] if index("j") in free_letters(formula) else []
    if summed and len(between) > 1 and cost.targets not in OF_CLASSES and not whole.mask:
        # A formula of a single output is summed over all of them: channels, rows and columns.
        summed, between = list(letters), []
    body = f"sum({', '.join(summed)}, {written})" if summed else written
    places = ", ".join(("n", *between))
    if whole.mask:
        # One number for each example, or for each place of it.
        steps = layers.layout.data(*between)
        targets.append(declaration("mask", steps, None))
        mask = f"mask[{','.join(steps)}]"
        total = f"sum({places}, {mask}*({body}))" + (f"/sum({places}, {mask})" if whole.reduction == "mean" else "")
    else:
        total = f"{whole.reduction}({places}, {body})"
    return f"{sign}{total}", targets


def _word(values: Values, unit: str, axes: tuple[str, ...]) -> str | None:
    """What a target's entries are, as its declaration says it."""
    word = next((word for word, meant in VALUE_WORDS.items() if meant is values), None)
    in_rows = values in IN_ROWS and unit != [letter for letter in axes if letter != "n"][-1]
    return f"{word}({unit})" if in_rows else word


def _probabilities(logits: Signal, layers: Assembly) -> Signal:
    """What the softmax or sigmoid of the cost makes of a layer's output, in an equation of its own."""
    cost = layers.cost.cost
    if cost.probabilities is None:
        able = ", ".join(known.name for known in COSTS.values() if known.probabilities)
        raise InvalidDescription(f"from_logits goes with a cost that takes logarithms of probabilities ({able}), found {cost.name}")
    layer = next((layer for layer in layers.layers if layer.output == logits.name), None)
    if layer is not None and layer.layer.formula.name == cost.probabilities:
        raise InvalidDescription(
            f"from_logits puts the {cost.probabilities} into the cost, but layer {layer.suffix} has it already; one is enough"
        )
    name = layers.cost.probabilities_name(layers.given_inputs)
    axes = layers.layout.data(*logits.letters)
    formula = ACTIVATIONS[cost.probabilities].expression
    written = written_for(formula, {"z": NamedEntry(logits.name, axes, logits.unit)}, {})
    layers.lines.append(f"{name}[{','.join(axes)}] = {written}")
    layers.order.append(name)
    return Signal(name, logits.letters, classes=logits.classes)


def _check_bounds(cost: Cost, output: Signal, layers: Assembly) -> None:
    """Refuses the logarithm of what may be 0 or less."""
    missing = cost.bounds - _bounds(output.name, {layer.output: layer for layer in layers.layers})
    if not missing:
        return
    layer = next(layer for layer in layers.layers if layer.output == output.name)
    own = f"activation {layer.layer.formula.name}" if layer.layer.definition.takes_activation else layer.layer.kind
    may_be = " and ".join(words for bound, words in OUT_OF_BOUNDS.items() if bound in missing)
    raise InvalidDescription(
        f"{cost.name} takes logarithms of its layer's outputs, but those of layer {layer.suffix} ({own}) may be {may_be}; "
        f'expected a last layer with activation = "{cost.probabilities}", or from_logits = true in [cost]',
        ("kind",),
    )


def _bounds(name: str, by_output: Mapping[str, Connected]) -> frozenset[ValueBound]:
    """Within which bounds all values of a layer's output stay. A formula of one's own is taken at its word."""
    layer = by_output.get(name)
    if layer is None:
        return frozenset()
    formula, keeps = layer.layer.formula, layer.layer.definition.keeps
    if formula.name == "formula":
        return PROBABILITY
    if formula.name != "identity" or not keeps:
        return formula.bounds
    return keeps.intersection(*(_bounds(source, by_output) for source in layer.sources))


def _sources(cost: Cost, layers: Assembly) -> list[Signal]:
    """The layers that the cost is of: the last one, or those that it names."""
    chosen = layers.cost.sources or (layers.layers[-1].output,)
    if len(chosen) != len(cost.layers):
        expected = "one layer" if len(cost.layers) == 1 else f"{len(cost.layers)} layers: {', '.join(cost.layers)}"
        raise InvalidDescription(f"found {len(chosen)}, but {cost.name} is of {expected}")
    named = {layer.suffix: layer.output for layer in layers.layers}
    found = []
    for name in chosen:
        output = named.get(name, name)
        if output not in layers.signals:
            raise InvalidDescription(f"unknown layer {name!r}; expected one of {', '.join(layers.signals)}")
        found.append(layers.signals[output])
    first = [layers.given_out.sizes[letter] for letter in found[0].letters]
    for other in found[1:]:
        sizes = [layers.given_out.sizes[letter] for letter in other.letters]
        if sizes != first:
            raise InvalidDescription(f"{found[0].name} has the shape {first} and {other.name} {sizes}; they have to be equal")
    return found


def _penalty(layers: Assembly) -> str:
    """The regularisation as an equation of its own, R: of weights, which have two axes or more, not of biases."""
    terms = []
    for key, factor in layers.cost.regularisation.items():
        with located(("regularisation", key)):
            layers.given_out.constants[key] = finite(factor, f"regularisation {key}")
        for declared in layers.parameters:
            letters = own_letters(declared)
            if len(letters) >= 2:
                own = written_for(PENALTIES[key], {"w": NamedEntry(declared, ())}, {}, layers.cost.kink)
                terms.append(f"{key}*sum({', '.join(letters)}, {own})")
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
