"""Every sentence of a document, whole, by a key; names in braces are filled with formulas or words.

Structure asks for a sentence by its key and never glues sentences from pieces, so that a language is a table of its own.
"""

from __future__ import annotations

import re

from .sentence_parts import Code, Math, Reference, Sentence, Words

ENGLISH: dict[str, str] = {
    # headings
    "heading.network": "The network",
    "heading.symbols": "Symbols and shapes",
    "heading.forward": "Forward pass",
    "heading.cost": "Cost",
    "heading.chain": "The chain rule",
    "heading.derivation": "Derivation, from the cost back",
    "heading.gradient": "The gradient {gradient}",
    "heading.collected": "In one line: {gradient}",
    "heading.summary": "The algorithm in short",
    "heading.update": "Learning: the update of the parameters",
    "heading.scalar": "Every single weight and bias",
    "heading.closed": "The cost as one expression",
    "heading.second": "Second derivatives",
    "heading.second.of": "The second derivative {h}",
    "heading.second.hessian": "The Hessian of one parameter",
    "heading.numbers": "Worked numbers",
    "heading.check": "Gradients against numeric gradients",
    "heading.trust": "What was checked",
    "heading.code": "The module",
    # network
    "network.sizes": "The network has {layers} layers, which lead from the input to the output by {sizes} units. "
    "It has {count} parameters: {terms}.",
    "network.one": "The network has one layer, which takes {inputs} numbers to {outputs}. It has {count} parameters: {terms}.",
    "network.equations": "The network is given by {count} equations, the last of which is the cost. It has {parameters} parameters.",
    "network.equations.open": "The network is given by {count} equations, the last of which is the cost. "
    "Sizes that are letters are read from the arrays.",
    "network.layout.rows": "Arrays hold one example a row: {x} has shape {shape}, where {N} is the number of examples.",
    "network.layout.columns": "Arrays hold one example a column: {x} has shape {shape}, where {N} is the number of examples.",
    "network.letters": "The letter {n} counts examples; {letters} count the units of the input and of each layer.",
    "network.constants": "Constants: {values}.",
    "table.symbol": "symbol",
    "table.meaning": "meaning",
    "table.shape": "shape",
    "table.code": "in the module",
    "table.layer": "layer",
    "table.units": "units",
    "table.kind": "kind",
    "table.reads": "reads",
    "table.output": "output",
    "table.activation": "activation",
    "table.parameters": "parameters",
    "meaning.input": "input",
    "meaning.parameter": "parameter",
    "meaning.intermediate": "computed",
    "meaning.cost": "cost",
    "meaning.example": "input, one example for each value of {n}",
    "meaning.target": "target: {values}",
    "meaning.W": "weights of layer {layer}",
    "meaning.b": "biases of layer {layer}",
    "meaning.z": "pre-activations of layer {layer}",
    "meaning.a": "activations of layer {layer}",
    "meaning.R": "penalty on the weights",
    "meaning.C": "cost",
    # forward
    "forward.intro": "Each layer forms a weighted sum of what comes in, adds a bias, and puts the result through its activation.",
    "forward.layer": "Layer {layer}:",
    "forward.matrix": "for all examples at once:",
    "forward.cost.mean": "The cost compares the output with the target and is the mean over the {N} examples:",
    "forward.cost.sum": "The cost compares the output with the target and is the sum over the {N} examples:",
    "forward.penalty": "The penalty {R} keeps the weights small; biases are not penalised:",
    "forward.safe": "For {formulas} the module computes the same value in another way, so that no exponential overflows.",
    "forward.outside": "An entry read outside of its array, as {entry} is at some positions, counts as 0.",
    "forward.outside.maximum": "An entry read outside of its array, as {entry} is at some positions, counts as 0, also under a maximum.",
    # kinks
    "kink.cases": "Where two cases of a formula meet, the derivative is that of the case that holds there: relu, which is z for z > 0 "
    "and otherwise 0, has slope 0 at 0.",
    "kink.absolute": "An absolute value has no derivative at 0; there 0 is taken, as sign(0) = 0.",
    "kink.sign": "The function sign has derivative 0, also at 0 where it jumps.",
    "kink.maximum": "Where several entries are the largest, the derivative of their maximum goes to the first of them alone.",
    # chain rule
    "chain.general": "A quantity {u} reaches the cost through every quantity {v} that is computed from it. "
    "The chain rule adds up all of these ways:",
    "chain.delta": "Here {delta} is 1 where its two indices are equal and 0 otherwise. It appears when an entry is differentiated with "
    "respect to an entry of the same array, and a sum over one of its indices picks the one term in which they are equal.",
    "chain.nomatrix": "Matrix notation is given where there is one: it has no signs for arrays with more than two axes.",
    "chain.onehot": "{onehot} stands for the array that has, for each example, a single 1 at the example's label.",
    "chain.back": "The sums are worked out from the cost back, so that everything on the right is known when it is needed. "
    "In matrix notation {short} stands for {long}, {hadamard} multiplies entry by entry, and {ones} is a column of ones.",
    # one gradient
    "gradient.path": "As a product of its factors, read from the cost back to {parameter}:",
    "gradient.factor": "where the indices of neighbouring factors are summed over.",
    "gradient.local": "The local derivative:",
    "gradient.whole": "Put into the chain rule:",
    "gradient.direct": "The cost contains {u} itself, so its derivative is taken directly:",
    "gradient.result": "The result:",
    "gradient.matrix": "In matrix notation, with the shapes under the factors:",
    "gradient.nomatrix": "This one has no matrix notation: {reason}.",
    "gradient.code": "In the module: {line}",
    "gradient.loop.before": "In the module, before the loop: {line}",
    "gradient.loop.forwards": "In the module, for each {t} from the first to the last: {line}",
    "gradient.loop.backwards": "In the module, for each {t} from the last to the first: {line}",
    "gradient.same": "The steps are those of {first}, with this layer's letters.",
    "gradient.several": "It reaches the cost in {count} ways, which add up.",
    # collected forms
    "collected.between": "On the way to {gradient} stand {between}. Nothing else needs them. Put in one after another, the "
    "furthest from the cost first, they leave one line:",
    "collected.result": "So {gradient} is known without any of them:",
    # reasons
    "reason.chain rule": "chain rule: the sum over all ways from {u} to the cost",
    "reason.differentiate": "each entry is differentiated with respect to each",
    "reason.delta": "a sum over an index of {delta} keeps the one term in which its indices are equal",
    "reason.local derivative": "the local derivatives put in",
    "reason.output form": "written through the output itself, which is known from the forward pass",
    "reason.recognise": "recognised: {sigmoid} is the logistic function, {logistic}, and tanh is sinh/cosh",
    "reason.put in": "the adjoint of the next quantity put in, as the whole gets shorter",
    "reason.sift": "beside a {delta}, one of its two indices can stand for the other",
    "reason.split the sum": "a sum is linear, and what does not depend on its index stands before it",
    "reason.one-hot target": "each target has a single 1 and otherwise 0, so it sums to 1",
    "reason.absolute value": "a number times its sign is its absolute value",
    "reason.cancel": "fractions cancelled",
    "reason.common factor": "common factors in front",
    "reason.chain rule second": "chain rule: the sum over all ways from {u} to {phi}",
    # second derivatives
    "second.hessian": "The Hessian {H} holds the second derivatives {pair} of every two parameters. What Newton's method and its kin need "
    "of it is its product with a direction {v}, which has a number for every parameter and costs about as much as two gradients.",
    "second.rate": "Along {v} the cost changes at the rate {phi}, the sum of every derivative times its number. The gradient of that rate "
    "is the product:",
    "second.names": "In this section {d} stands for {dlong}, {v} for the direction's number for the parameter {w}, and {h} for {hlong}. "
    "The rate is",
    "second.again": "The equations of the gradient are a network like the first, with {phi} as its cost, so the same chain rule goes over "
    "them once more. Derivatives by the gradient's own quantities run forward through the layers, the others back; Pearlmutter (1994) "
    "has the same two passes.",
    "second.short": "The second derivatives in matrix notation, in the order in which they are computed:",
    "second.unit": "These equations are linear in the direction. With 1 for one entry of {w} and 0 for all others, which is a {delta}, "
    "they give a column of the Hessian; with a primed index for that entry they give all columns at once, and sums use up the {delta}.",
    "second.by": "By {w}:",
    "second.matrix": "In matrix notation:",
    "second.zero": "By {w} alone there is no second derivative: all are 0.",
    "second.long": "By {w} it takes {count} equations, which stand in the module.",
    "second.checked": "The module's second derivatives agree with differences of its gradient to {error} at random arrays.",
    "reason.derived": "as derived above",
    "reason.put in adjoint": "{adjoint} put in",
    "reason.multiply out": "multiplied out; what does not depend on the index of a sum stands before it",
    "reason.maximum": "the terms at the largest entry cancel: to subtract the same from all entries changes nothing",
    "reason.deviations sum to 0": "differences from a mean add up to 0",
    "reason.normalised": "what was divided by its own sum adds up to 1",
    "reason.own definition": "written with the names that the equations of the network give",
    "reason.squares sum": "the squares of the differences from a mean add up to a multiple of the variance",
    "reason.common front": "common factors and the division by a size in front",
    # summary
    "summary.forward": "Forward, from the input to the cost:",
    "summary.backward": "Backward, from the cost to the first layer:",
    "summary.more": "and likewise for the layers between.",
    "update.intro": "With {w} for any parameter, {g} for its gradient and {t} for the number of the step:",
    "update.sgd": "Gradient descent:",
    "update.momentum": "With momentum, where {state} starts at 0:",
    "update.rmsprop": "RMSProp, where {state} starts at 0:",
    "update.adam": "Adam, where {state} start at 0:",
    # scalar
    "scalar.intro": "Written out for one example, without any sum. The derivatives with respect to the units are shared by all weights "
    "that lead into them.",
    "closed.intro": "All equations put into each other, for one example:",
    # numbers
    "numbers.given": "With the numbers of the description, every equation once: formula, numbers, value.",
    "numbers.random": "With small random numbers, every equation once: formula, numbers, value.",
    "numbers.large": "With random numbers; of each array the first entries and the size of the whole (the root of the sum of squares).",
    "numbers.start": "Inputs and targets: {arrays}. Parameters: {parameters}.",
    "numbers.forward": "Forward:",
    "numbers.backward": "Backward:",
    "numbers.update": "One step of gradient descent with learning rate {eta} takes each parameter {w} to {new}:",
    "numbers.cost": "The cost falls from {before} to {after}.",
    "numbers.cost.rises": "The cost goes from {before} to {after}: the step was too long.",
    "numbers.note": "{note}",
    "table.array": "array",
    "table.entries": "first entries",
    "table.norm": "size",
    "table.old": "before",
    "table.new": "after",
    "table.gradient": "gradient",
    "table.derivation": "from the derivation",
    "table.numeric": "numeric",
    "table.difference": "difference",
    # pictures
    "figure.input": "input",
    "figure.target": "target",
    "figure.layer": "layer {layer}",
    "figure.unit": "1 unit",
    "figure.units": "{count} units",
    "figure.formula": "own formula",
    "figure.shaped": "{array}: {shape}",
    "figure.input.named": "input {name}",
    "figure.labels": "labels below {count}",
    "figure.cost": "cost: {cost}",
    "figure.weights.of": "weights of layer {layer}",
    "figure.more.layers": "{count} more layers",
    "figure.more.equations": "{count} more quantities",
    "figure.title.network": "Picture of the network",
    "figure.title.reversed": "Picture of the reversed network",
    "figure.title.graph": "Computational graph with numbers",
    "figure.stack": "The network from left to right: a circle is a unit, a line between two circles is a weight.",
    "figure.stack.shortened": "The network from left to right: a circle is a unit, a line between two circles is a weight. Three dots "
    "stand for what is left out.",
    "figure.stack.lettered": "The network from left to right: a circle is a unit, an arrow between two circles is a weight, and a bias "
    "comes in from above.",
    "figure.stack.says": "Circles in columns from left to right, joined by lines. The numbers of units of the columns: {columns}.",
    "figure.blocks": "The layers of the network from above to below, each with the shape of its output for one example. An arrow leads "
    "from each layer to those that read it.",
    "figure.blocks.recurrent": "The layers of the network from above to below, each with the shape of its output for one example. An "
    "arrow leads from each layer to those that read it. A dashed arrow leads to the next step of the sequence.",
    "figure.blocks.says": "Boxes with arrows between them, from above to below: {layers}.",
    "figure.blocks.layer": "layer {layer}, {kind}, reads {sources}",
    "figure.equations": "The equations as a graph: an arrow leads from each quantity to those computed from it. Parameters and targets "
    "come in from the left.",
    "figure.equations.recurrent": "The equations as a graph: an arrow leads from each quantity to those computed from it. Parameters and "
    "targets come in from the left. A dashed arrow leads to the next step of the sequence.",
    "figure.equations.says": "Boxes with arrows between them, from above to below: {quantities}.",
    "figure.equations.quantity": "{name} from {read}",
    "figure.reversed": "The reversed network: {gradient} flows from the cost back through the same weights as forward. Where an "
    "activation stood, an amplifier, drawn as a triangle, multiplies by its slope, which is known from the forward pass.",
    "figure.reversed.says": "The layers of the network with all arrows turned round, from right to left. In each unit the incoming "
    "arrows are added in a circle, and the sum goes through a triangle.",
    "figure.worked": "The computational graph of the example. The value of each quantity stands above its line, and below it, in red, "
    "the derivative of the cost with respect to it. Weights stand on the lines that they belong to, biases above their unit.",
    "figure.worked.says": "Circles from left to right, with numbers above and below the lines between them: {entries}.",
    # checks
    "check.intro": "Numeric gradients move one parameter up and down by a small {h} and look at the cost. They need no derivation, so they "
    "verify it:",
    "check.relative": "Differences are relative to the largest entry of the array.",
    "check.largest": "Of each parameter, the entry whose gradient is largest.",
    "trust.steps": "{count} equations of this derivation were evaluated before and after, on random arrays whose axes all have different "
    "sizes. The largest relative error was {error}.",
    "trust.module": "The gradients of the module agree with numeric gradients of its own cost to {error} at random arrays.",
    "code.intro": "The module needs NumPy alone. Above each line stands its equation; {check} checks it.",
}

_FIELD = re.compile(r"\{(\w+)\}")

Field = Math | Words | Code | Reference | Sentence | str


def say(key: str, **fields: Field) -> Sentence:
    """The sentence of a key with its fields filled in; a plain string is words."""
    return fill(ENGLISH[key], **fields)


def fill(text: str, **fields: Field) -> Sentence:
    """A text with its fields filled in."""
    parts: list[Words | Math | Code | Reference] = []
    for position, piece in enumerate(_FIELD.split(text)):
        if position % 2 == 0:
            if piece:
                parts.append(Words(piece))
            continue
        value = fields[piece]
        if isinstance(value, str):
            parts.append(Words(value))
        elif isinstance(value, tuple):
            parts.extend(value)
        else:
            parts.append(value)
    return tuple(parts)


def plain(text: str) -> Sentence:
    """Words alone."""
    return (Words(text),)


def formula(latex: str) -> Sentence:
    """A formula alone."""
    return (Math(latex),)


def listed(items: list[Sentence]) -> Sentence:
    """Items with commas between."""
    parts: list[Words | Math | Code | Reference] = []
    for position, item in enumerate(items):
        if position:
            parts.append(Words(", "))
        parts.extend(item)
    return tuple(parts)
