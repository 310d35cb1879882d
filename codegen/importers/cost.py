"""The cost of an imported network's output, as lines of the equation language."""

from __future__ import annotations

import re

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.language.declarations import VALUE_WORDS
from chainrule.symbolic.language.formula_text import NamedEntry, written_for
from chainrule.symbolic.layers.activations import ACTIVATIONS
from chainrule.symbolic.layers.costs import COSTS, LABEL_COSTS

INDICES = re.compile(r"\[[^\[\]]*\]")
#: What makes probabilities already, by the operator that gives the output.
PROBABILITIES = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
#: The cost of such an output, where nobody says another.
FITTING_COSTS = {"Softmax": "cross_entropy", "Sigmoid": "binary_cross_entropy"}


def cost_lines(output: str, name: str, operator: str) -> tuple[list[str], list[str]]:
    """The equations of a cost of an output such as z3[n,k], that an operator gives; and the targets that it takes.

    Classes lie along the channels of an image, and else along the last axis. A cost of labels takes them as numbers.
    """
    cost = LABEL_COSTS.get(name, COSTS[name])
    if len(cost.layers) > 1:
        raise InvalidDescription(f"the cost {name} is of {len(cost.layers)} outputs: {', '.join(cost.layers)}; choose another")
    tensor, _, inside = output.partition("[")
    letters = tuple(inside.rstrip("]").split(",")) if inside else ()
    unit = letters[1] if len(letters) > 3 else letters[-1] if len(letters) > 1 else ""
    lines, source = [], tensor
    if cost.probabilities and PROBABILITIES.get(operator) != cost.probabilities:
        source = f"p_{tensor}"
        entry = NamedEntry(tensor, letters, unit or None)
        lines.append(f"{source}[{inside} = {written_for(ACTIVATIONS[cost.probabilities].expression, {'z': entry}, {})}")
    labels = cost.targets is Values.LABELS
    own = tuple(letter for letter in letters if letter != unit) if labels else letters
    entries = {"a": NamedEntry(source, letters, unit or None), "y": NamedEntry("y", own, None if labels else unit or None)}
    word = unit if labels else next((word for word, meant in VALUE_WORDS.items() if meant is cost.targets), "")
    constants = {key: repr(value) for key, value in cost.constants.items()}
    body = written_for(cost.expression, entries, constants)
    before, summed = (letters[:1], letters[1:]) if not labels else (own, ())
    body = f"sum({', '.join([*summed, body])})" if summed else body
    lines.append(f"C = mean({', '.join([*before, body])})" if before else f"C = {body}")
    # As everywhere else, no blanks in indices.
    lines = [INDICES.sub(lambda found: found[0].replace(", ", ","), line) for line in lines]
    return lines, [f"y[{','.join(own)}]" + (f" in {word}" if word else "")]
