"""Every sentence of a document, whole, by a key; names in braces are filled with formulas or words.

Structure asks for a sentence by its key and never glues sentences from pieces. `translations/` has every one of them in each other
language; `say` takes the language of the document that is being written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from chainrule.codegen.document.nodes import Node, node
from chainrule.codegen.document.sentence import Code, Math, Reference, Sentence, Words

from .translation import spoken_language, translated, translations

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
    "heading.derived": "Made of gradients",
    "heading.derived.vjp": "A vector times a Jacobian",
    "heading.derived.jvp": "A Jacobian times a direction",
    "heading.derived.per_example_gradients": "The gradient of each example",
    "heading.derived.jacobian": "The Jacobian of the output",
    "heading.derived.gnvp": "The Gauss–Newton matrix times a direction",
    "heading.derived.fisher": "The diagonal of the empirical Fisher matrix",
    "heading.derived.kfac": "Kronecker factors of the curvature",
    "heading.second.of": "The second derivative {h}",
    "heading.second.hessian": "The Hessian of one parameter",
    "heading.numbers": "Worked numbers",
    "heading.check": "Gradients against numeric gradients",
    "heading.trust": "What was checked",
    "heading.code": "The module",
    "heading.try": "Try it",
    # network
    "network.sizes": "This {sizes} network has {layers} layers.",
    "network.one": "The network has one layer, which takes {inputs} numbers to {outputs}.",
    "network.parameters.terms": "It has {count} parameters: {terms}.",
    "network.equations": "The network is given by {count} equations, the last of which is the cost.",
    "network.parameters": "It has {count} parameters.",
    "network.open": "Sizes that are letters are read from the arrays.",
    "network.layout.rows": "Arrays hold one example per row: {x} has shape {shape}, where {N} is the number of examples.",
    "network.layout.columns": "Arrays hold one example per column: {x} has shape {shape}, where {N} is the number of examples.",
    "network.places": "Indices start at 0 here, as some places are computed or given as labels.",
    "network.letters": "The index {n} counts examples; {letters} count the units of the input and of each layer.",
    "network.constants": "Constants: {values}.",
    "table.symbol": "symbol",
    "table.equation": "equation",
    "table.meaning": "meaning",
    "table.shape": "shape",
    "table.code": "in the module",
    "table.line": "line of the module",
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
    # what each array of a layer is: see quantities.py
    "meaning.probabilities": "probabilities that the cost makes of the output",
    "meaning.parameter.of": "parameter in the equation of {readers}",
    "meaning.computed.from": "computed from {read}",
    "meaning.predicted.role": "prediction of the network, {meaning}",
    "meaning.predicted": "prediction of the network, computed from {read}",
    # of networks of equations: see quantity_roles.py
    "meaning.role.weights": "weights of {read} in {readers}",
    "meaning.role.biases": "biases of {readers}",
    "meaning.role.thresholds": "thresholds of {readers}",
    "meaning.role.centre": "centre, subtracted from {read} in {readers}",
    "meaning.role.gains": "gains of {readers}",
    "meaning.role.initial": "initial state",
    "meaning.role.embedding": "vectors, one for each label of {read}",
    "meaning.role.state": "state, which follows from that of another step",
    "meaning.role.implicit": "solution of its equation",
    "meaning.role.softmax": "softmax of {read}: numbers above 0 that sum to 1",
    "meaning.role.gate": "gate: numbers from 0 to 1 that others are multiplied by",
    "meaning.role.candidate": "candidate for the new {state}",
    "meaning.role.mean": "mean of {read}",
    "meaning.role.variance": "variance of {read}",
    "meaning.role.normalised": "{read}, normalised",
    "meaning.role.scores": "scores: inner products of {read}",
    "meaning.role.mixture": "mean of {read}, weighted by {weights}",
    "meaning.role.residual": "{kept} plus weighted sums of {read}",
    "meaning.role.weighted": "weighted sums of {read}",
    "meaning.role.tanh": "tanh of {read}",
    "meaning.role.tanh.sums": "tanh of weighted sums of {read}",
    "meaning.role.sigmoid": "sigmoid of {read}",
    "meaning.role.sigmoid.sums": "sigmoid of weighted sums of {read}",
    "meaning.role.exp": "exponential of {read}",
    "meaning.role.exp.sums": "exponential of weighted sums of {read}",
    "meaning.role.relu": "ReLU of {read}",
    "meaning.role.relu.sums": "ReLU of weighted sums of {read}",
    "meaning.role.weight": "weight of {read} in {readers}",
    "meaning.role.bias": "bias of {readers}",
    "meaning.role.threshold": "threshold of {readers}",
    "meaning.role.factor": "multiplied by {read} and summed in {readers}",
    "meaning.role.chosen": "vector of {read} that {labels} chooses",
    "meaning.role.chosen.mean": "mean of the vectors of {read} that {labels} chooses",
    "meaning.role.chosen.sum": "sum of the vectors of {read} that {labels} chooses",
    "meaning.role.difference": "{first} minus {second}",
    "meaning.role.square": "square of {read}",
    "meaning.role.square.mean": "mean of the squares of {read}",
    "meaning.role.square.sum": "sum of the squares of {read}",
    "meaning.role.square.difference": "squared difference of {first} and {second}",
    "meaning.role.square.mean.difference": "mean of the squared differences of {first} and {second}",
    "meaning.role.square.sum.difference": "sum of the squared differences of {first} and {second}",
    "meaning.role.quotient": "{first} divided by {second}",
    "meaning.role.product": "product of {read}",
    "meaning.role.root": "square root of {read}",
    "meaning.role.length": "length of {read}",
    "meaning.role.distance": "distance of {first} and {second}",
    "meaning.role.logarithm": "logarithm of {read}",
    "meaning.backwards": "{meaning}, backward in time",
    "meaning.output.of": "output of layer {layer}",
    "meaning.U": "recurrent weights of layer {layer}",
    "meaning.hidden": "hidden state of layer {layer}",
    "meaning.cell": "cell state of layer {layer}",
    "meaning.both": "states of both directions of layer {layer}",
    "meaning.kernel": "kernel of layer {layer}",
    "meaning.sum": "weighted sums of layer {layer}, before the bias",
    "meaning.unnormalised": "weights of layer {layer} before they are normalised",
    "meaning.length": "lengths of the weight vectors of layer {layer}",
    "meaning.singular.left": "left singular vector of the weights of layer {layer}",
    "meaning.singular.right": "right singular vector of the weights of layer {layer}",
    "meaning.singular.value": "largest singular value of the weights of layer {layer}",
    "meaning.embedding": "embedding vectors of layer {layer}",
    "meaning.positions": "position vectors of layer {layer}",
    "meaning.mask": "mask of layer {layer}: 1 for what is kept, otherwise 0",
    "meaning.rotated": "rotated features of layer {layer}",
    "meaning.gain": "gain of layer {layer}",
    "meaning.shift": "shift of layer {layer}",
    "meaning.mean": "mean in layer {layer}",
    "meaning.variance": "variance in layer {layer}",
    "meaning.normalised": "normalised values of layer {layer}",
    "meaning.part": "{part} of layer {layer}",
    "meaning.part.W": "weights of the {part} of layer {layer}",
    "meaning.part.U": "recurrent weights of the {part} of layer {layer}",
    "meaning.part.b": "biases of the {part} of layer {layer}",
    "meaning.part.recurrent_b": "recurrent biases of the {part} of layer {layer}",
    "meaning.part.recurrent": "recurrent part of the {part} of layer {layer}",
    "meaning.part.z": "pre-activations of the {part} of layer {layer}",
    "meaning.part.a": "activations of the {part} of layer {layer}",
    "meaning.part.gain": "gain of the {part} of layer {layer}",
    "meaning.part.shift": "shift of the {part} of layer {layer}",
    "meaning.part.mean": "mean in the {part} of layer {layer}",
    "meaning.part.variance": "variance in the {part} of layer {layer}",
    "meaning.part.normalised": "normalised values of the {part} of layer {layer}",
    "meaning.part.output": "output of the {part} of layer {layer}",
    "meaning.joined": "weighted sums of all groups of layer {layer}",
    "meaning.extended.once": "inputs of layer {layer}, continued beyond the edge along the first axis",
    "meaning.extended.twice": "inputs of layer {layer}, continued beyond the edge along both axes",
    "meaning.enlarged.once": "inputs of layer {layer}, enlarged along the first axis",
    "meaning.enlarged.twice": "inputs of layer {layer}, enlarged along both axes",
    "part.gate.i": "input gate",
    "part.gate.f": "forget gate",
    "part.gate.o": "output gate",
    "part.gate.g": "cell candidate",
    "part.gate.r": "reset gate",
    "part.gate.u": "update gate",
    "part.gate.s": "candidate state",
    "part.queries": "queries",
    "part.keys": "keys",
    "part.values": "values",
    "part.scores": "attention scores",
    "part.attention.weights": "attention weights",
    "part.heads": "outputs of the heads",
    "part.heads.joined": "joined heads",
    "part.rotated.queries": "rotated queries",
    "part.rotated.keys": "rotated keys",
    "part.normalisation.1": "first normalisation",
    "part.normalisation.2": "second normalisation",
    "part.feedforward.1": "first feed-forward part",
    "part.feedforward.2": "second feed-forward part",
    "part.residual.1": "sum with the first residual connection",
    "part.residual.2": "sum with the second residual connection",
    "part.gate": "gate",
    "part.branch": "linear branch",
    "part.gated": "gated values",
    "meaning.example": "input, one example for each value of {n}",
    "meaning.target": "target: real numbers",
    "meaning.target.one_hot": "target: one-hot rows",
    "meaning.target.labels": "target: labels, counted from 0",
    "meaning.target.binary": "target: numbers from 0 to 1",
    "meaning.target.signs": "target: -1 or 1",
    "meaning.target.distribution": "target: rows of numbers from 0 that sum to 1",
    "meaning.target.positive": "target: numbers above 0",
    "meaning.target.count": "target: whole numbers from 0",
    "meaning.target.mask": "target: 0 or 1",
    "meaning.W": "weights of layer {layer}",
    "meaning.b": "biases of layer {layer}",
    "meaning.z": "pre-activations of layer {layer}",
    "meaning.a": "activations of layer {layer}",
    "meaning.R": "penalty on the weights",
    "meaning.R.part": "part of the penalty on the weights",
    "meaning.C": "cost",
    "meaning.error": "error of layer {layer}, {meaning}",
    "meaning.activation": "activation function of a layer, and its derivative",
    "meaning.output": "prediction of the network, {a}",
    "meaning.C.one": "cost of one example",
    "meaning.parameters": "all weights and biases",
    "meaning.rate": "learning rate",
    # forward
    "forward.intro": "Each layer forms a weighted sum of its inputs, adds a bias, and applies its activation function.",
    "forward.layer": "Layer {layer}:",
    "forward.matrix": "for all examples at once:",
    "forward.cost.mean": "The cost compares the output with the target and is the mean over the {N} examples:",
    "forward.cost.sum": "The cost compares the output with the target and is the sum over the {N} examples:",
    "forward.penalty": "The penalty {R} keeps the weights small; biases are not penalised:",
    "forward.safe": "The code uses an overflow-safe form for {formulas}.",
    "forward.outside": "An entry read outside of its array, as {entry} is at some positions, counts as 0.",
    "forward.outside.maximum": "An entry read outside of its array, as {entry} is at some positions, counts as 0, also under a maximum.",
    "forward.solve": "Here {solve} is the solution of a linear system: {system}.",
    "forward.fixed": "A quantity that stands on both sides of its equation is what solves it; the module finds it by Newton's method.",
    # kinks
    "kink.cases": "Where two cases of a formula meet, the derivative is that of the case that holds there.",
    "kink.cases.leaky_relu": "Where two cases of a formula meet, the derivative is that of the case that holds there: "
    "Leaky ReLU, which is {z} for {positive} alone, has at 0 the slope of its other case.",
    "kink.cases.relu": "Where two cases of a formula meet, the derivative is that of the case that holds there: ReLU, which is {z} for "
    "{positive} and otherwise 0, has slope 0 at 0.",
    "kink.left": "Where two cases of a formula meet in a kink, the slope to the left is taken.",
    "kink.left.relu": "Where two cases of a formula meet in a kink, the slope to the left is taken: ReLU, which is {z} for {positive} and "
    "otherwise 0, has slope 0 at 0.",
    "kink.middle": "Where two cases of a formula meet in a kink, the mean of the slopes to both sides is taken.",
    "kink.middle.relu": "Where two cases of a formula meet in a kink, the mean of the slopes to both sides is taken: ReLU, which is {z} "
    "for {positive}, 0 for {negative} and {half} at 0, has slope 1/2 there.",
    "kink.right": "Where two cases of a formula meet in a kink, the slope to the right is taken.",
    "kink.right.relu": "Where two cases of a formula meet in a kink, the slope to the right is taken: ReLU, which is {z} for "
    "{not_negative} and otherwise 0, has slope 1 at 0.",
    "kink.each": "Where two cases of a formula meet in a kink, the derivative is that of the case that the formula itself takes there, "
    "which is another one in some layers.",
    "kink.clip": "The function clip has slope 1 between its bounds, and 0 outside of them and at them.",
    "kink.absolute": "An absolute value has no derivative at 0; there 0 is taken, as sign(0) = 0.",
    "kink.sign": "The function sign has derivative 0, also at 0 where it jumps.",
    "kink.implicit": "A quantity that stands on both sides of its equation is what solves it. Its derivative is that with respect to what "
    "is added to the right side, so that the path through the quantity itself counts too (implicit function theorem).",
    "kink.steps": "The functions round, floor and ceil have derivative 0, also where they jump.",
    "kink.stop": "What stands in {stopped} is a value that the chain rule does not enter: its derivative is 0, whatever it is computed "
    "from.",
    "kink.maximum": "Where several entries are the largest, the derivative of their maximum goes to the first of them alone.",
    "kink.norm": "A norm has no derivative where it is 0; there 0 is taken.",
    # chain rule
    "chain.general": "A quantity {u} reaches the cost through every quantity {v} that is computed from it. The chain rule adds up the "
    "contributions of all these paths:",
    "chain.delta": "The Kronecker delta {delta} is 1 where its two indices are equal and 0 otherwise. It appears when an entry is "
    "differentiated with respect to an entry of the same array, and a sum over one of its indices picks the one term in which they are "
    "equal.",
    "chain.nomatrix": "Matrix notation is given where there is one. Of an array with more than two axes it shows one slice, whose "
    "place stands below.",
    "chain.indicator": "{one} is 1 where what stands in the brackets holds, and 0 otherwise.",
    "chain.back": "The sums are worked out from the cost back, so that everything on the right is known when it is needed.",
    "chain.signs": "In matrix notation {meanings}.",
    "chain.signs.gradient": "{short} stands for {long}",
    "chain.signs.product": "{hadamard} is the Hadamard product, entry by entry",
    "chain.signs.powers": "powers with {sign} are taken entry by entry",
    "chain.signs.fractions": "fractions of arrays are taken entry by entry",
    "chain.signs.both": "powers with {sign} and fractions of arrays are taken entry by entry",
    "chain.signs.ones": "{ones} is a column of ones",
    "chain.signs.onehot": "{onehot} has a single 1 for each label, at the place that it says",
    # one gradient
    "gradient.path.back": "As a product of its factors, along the path from the cost back to {parameter}:",
    "gradient.path.forwards": "As a product of its factors, along the path from {parameter} to the cost:",
    "gradient.paths.back": "As a sum over the paths to the cost, each a product of its factors, from the cost back to {parameter}:",
    "gradient.paths.forwards": "As a sum over the paths to the cost, each a product of its factors, from {parameter} to the cost:",
    "gradient.factor": "where the indices of neighbouring factors are summed over.",
    "gradient.local": "The local derivative:",
    "gradient.locals": "The local derivatives:",
    "gradient.whole": "Substituted into the chain rule:",
    "gradient.direct": "The cost contains {u} itself, so its derivative is taken directly:",
    "gradient.matrix": "In matrix notation, with the shapes under the factors:",
    "gradient.nomatrix.places": "This one has no matrix notation: it reads or adds entries at computed places.",
    "gradient.nomatrix.reduction": "This one has no matrix notation: it has a reduction other than a sum.",
    "gradient.nomatrix.solution": "This one has no matrix notation: it solves an equation.",
    "gradient.nomatrix.positions": "This one has no matrix notation: it has the places of an axis as numbers.",
    "gradient.nomatrix.axes": "This one has no matrix notation: an array in it has more than two axes.",
    "gradient.nomatrix.product": "This one has no matrix notation: it has a product over several axes.",
    "gradient.code": "In the module: {line}",
    "gradient.loop.before": "In the module, before the loop: {line}",
    "gradient.loop.forwards": "In the module, for each {t} from the first to the last: {line}",
    "gradient.loop.backwards": "In the module, for each {t} from the last to the first: {line}",
    "gradient.same": "The steps are those of {first}, with this layer's letters.",
    "gradient.several": "{u} enters {count} equations, so the contributions of {count} paths to the cost add up.",
    "gradient.several.direct": "{u} enters {count} equations, one of them that of the cost itself, so the contributions of {count} paths "
    "to the cost add up. The derivative of the cost's own equation, in which {u} stands itself, is marked as direct.",
    # collected forms
    "collected.between": "On the path to {gradient} stand {between}. Nothing else needs them. Substituted one after another, the furthest "
    "from the cost first, they leave one line:",
    # one neuron per layer
    "heading.single": "One neuron per layer",
    "single.intro": "First a network with a single neuron in each layer, and the cost {cost} of one example. {L} is the last layer:",
    "single.chain": "The derivative {derivative} is a product along the only path to the cost:",
    "chain.parameters": "In the simplest network every layer has one neuron. All weights and biases together are {theta}, and the cost is "
    "a function of all of them:",
    "chain.others": "For the bias and for the activation before, only one factor differs:",
    "single.factors": "The factors one by one:",
    "single.product": "Together:",
    # many neurons
    "heading.many": "Many neurons per layer",
    "many.intro": "With many neurons, {j} counts those of layer {L} and {k} those of the layer before:",
    "many.sum": "The activation {a} reaches the cost through every neuron of the next layer, and the contributions of all these paths add "
    "up:",
    "many.weights": "A weight leads into one neuron alone, so its derivative is a single product, without a sum:",
    # one neuron that feeds two
    "heading.neuron": "One neuron, forward and backward",
    "heading.neuron.forward": "Forward pass",
    "heading.neuron.backward": "Backward pass",
    "heading.neuron.summary": "Both passes together",
    "neuron.intro": "Start with one neuron that reads two inputs and feeds two neurons:",
    "neuron.split": "By the chain rule the derivative of a weight is a product of two factors:",
    "neuron.forward": "The first factor is found in the forward pass: it is the value at the input of the weight, and 1 for a bias.",
    "neuron.backward": "The second factor is found in the backward pass. The activation reaches the cost through {two}, and the "
    "contributions of both paths add up:",
    "neuron.activation": "The activation reaches the cost through {two}, and the contributions of both paths add up:",
    "neuron.matrix": "For all neurons {z} of a layer at once, and a number {a} that is computed from them, the sums over the paths are one "
    "product with the transposed matrix:",
    "neuron.together": "Put together:",
    "neuron.constant": "Here {slope} is a constant, since {z} is known from the forward pass: in the backward pass the neuron works as an "
    "amplifier.",
    "neuron.case.output": "Case 1, the next layer is the output layer: {first} and {second} follow from the cost directly.",
    "neuron.case.hidden": "Case 2, the next layer is not the output layer: {first} and {second} are computed in the same way from the "
    "layer after it, and so on until the output layer is reached. It is quicker to begin there and to go back.",
    "neuron.summary": "One forward pass gives the activations, one backward pass the derivatives of the cost with respect to the "
    "pre-activations:",
    "neuron.every": "for all weights",
    # training as a whole
    "heading.training": "Training",
    "training.intro": "Training starts with any values of {parameters}, usually small random ones. A forward pass computes the prediction "
    "{output} and from it the loss {cost}; backpropagation, the backward pass, computes the gradients; then the parameters are updated. "
    "This is repeated until it converges.",
    "training.update": "In every layer the update goes against the gradient, with learning rate {rate}:",
    # layer by layer
    "heading.layers": "Layer by layer, for one example",
    "heading.layers.chains": "The chain rule",
    "heading.layers.results": "The gradients",
    "layers.forward": "For one example the activations of a layer are a column:",
    "layers.cost": "The loss compares the prediction with the target:",
    "layers.chains": "From the loss back, each derivative is a product of derivatives:",
    "layers.results": "Worked out, with {short} for {long}:",
    # the cost of all examples, and steps along its gradient
    "heading.total": "The cost of all examples",
    "heading.mean": "All examples",
    "heading.descent": "Gradient descent",
    "total.parameters": "All weights and biases together are {theta}:",
    "total.examples": "The network turns the example {x} into {y}, and the cost {cost} measures how far that is from the target {target}. "
    "The costs of the examples add up, and so do their derivatives:",
    "total.one": "So it is enough to look at the cost {cost} of one example.",
    "mean.mean": "The cost is the mean of the costs {one} of the {n} examples {k}, and its derivative is the mean of theirs:",
    "mean.sum": "The cost is the sum of the costs {one} of the {n} examples {k}, and its derivative is the sum of theirs:",
    "descent.gradient": "The gradient {gradient} is the column of the derivatives with respect to all weights and biases, of which there "
    "are {count}:",
    "descent.steps": "From any start {theta}, each step goes against the gradient with step size {rate}:",
    "descent.numbers": "For example, for one output of {a}, whose target is {y}, the cost and its derivative are",
    "descent.step": "If the output itself could be changed, a step with {rate} would lead to",
    # the two cases of the chain rule
    "heading.cases": "The chain rule in two cases",
    "letters.own": "In this section {letters} stand for any quantities and functions.",
    "cases.one": "Case 1: with {given} and {then}, a change of {x} reaches {z} along one path, and the derivatives are multiplied:",
    "cases.two": "Case 2: with {first}, {second} and {then}, a change of {s} reaches {z} along two paths, and their contributions add up:",
    "cases.network": "In a network both happen at once: layers follow one another, and the output of a neuron goes to all neurons of the "
    "next layer.",
    # what a section leaves out of the network
    "views.penalty": "In this section the cost is without the penalty {R}, whose derivative is added to that of the weights.",
    "views.labels": "In this section a target is the one-hot vector of its label: a single 1, and otherwise 0.",
    "views.weights": "In this section the weights of a neuron are a row of {W}; the module keeps them as a column.",
    # a computational graph
    "heading.composition": "A composition of functions",
    "composition.intro": "A network is a composition of functions, each of which only needs to know its own derivative:",
    "composition.backward": "The gradient goes back through them, from {one} at the end: each function takes the upstream gradient, which "
    "is that of its output, and hands on that of its input.",
    "composition.network": "In this network, a function that reads weights or biases hands on their gradients too:",
    "composition.steps": "In this network these are the steps, forward and then back:",
    "table.function": "function",
    "table.handed": "upstream gradient",
    "table.hands": "gradient handed on",
    "heading.operations": "Operations and their gradients",
    "heading.operations.affine": "An affine layer on a batch",
    "operations.intro": "Each operation is a node. It takes the upstream gradient {d}, that of its output {f}, and hands on a gradient "
    "for every input.",
    "operations.multiply": "Multiply: each input gets the other as its factor.",
    "operations.add": "Add: the gradient goes on to both inputs as it is.",
    "operations.product": "A product of matrices:",
    "operations.product.hands": "A product of matrices hands on to each factor the upstream gradient times the other one, transposed.",
    "operations.numbers": "With numbers, and {one}:",
    "operations.order": "The order of the factors follows from the shapes: a gradient has the shape of its own matrix, and where all sizes "
    "differ no other order of the two factors, transposed or not, gives a product of that shape.",
    "operations.bias": "A bias is added to every row, so its gradient is the sum over the rows of the batch:",
    "operations.rows": "With two rows of ones:",
    "operations.affine": "The product and the bias one after the other make an affine layer, forward and backward:",
    "heading.nodes": "Node by node",
    "heading.nodes.whole": "The whole network",
    "nodes.intro": "A formula can be taken apart until every node is a single operation.",
    "nodes.activation": "The activation {a}",
    "nodes.cost": "The output and the cost",
    "nodes.forward": "Forward, a node a line, where {x} is what the function reads and {y} what it gives:",
    "nodes.backward": "Backward, from the last node to the first:",
    "nodes.paths": "At {node} {count} paths meet: the gradients that come back along them are added.",
    "nodes.collected": "Collected, with all nodes substituted into each other:",
    "nodes.whole": "Every node of the network for the first example, with its value and its gradient:",
    "table.node": "node",
    "table.operation": "operation",
    "table.value": "value",
    # updates as code
    "heading.update.code": "Updates as code",
    "update.code.intro": "Every layer is updated in the same way, its weights and its biases alike, with the learning rate {rate}. "
    "The code is that of the first layer.",
    "update.code.sgd": "Gradient descent:",
    "update.code.momentum": "With momentum:",
    "update.code.rmsprop": "RMSProp:",
    "update.code.adam": "Adam:",
    "update.code.batches": "A step can use few examples or all of them. The number {size} says how many:",
    "update.code.stochastic": "Stochastic gradient descent: one example per step.",
    "update.code.mini": "Mini-batches: some examples per step, often 32 to 512.",
    "update.code.full": "Full batch: all examples in every step.",
    # the error of a layer
    "heading.errors": "The error {error} of a layer",
    "errors.intro": "For one example, the error {error} of a layer is the derivative of the cost with respect to its pre-activations. In "
    "the last layer it follows from the cost directly:",
    "errors.recursion": "In any other layer it follows from the error of the next. The matrix is transposed because the sum now runs over "
    "the neurons of the next layer:",
    "errors.gradients": "The gradients of weights and biases follow from {error} at once:",
    # all examples
    "heading.columns.columns": "All examples at once, as columns",
    "heading.columns.rows": "All examples at once, as rows",
    "columns.intro.columns": "Each of the {N} examples is a column. A shape stands under every factor:",
    "columns.intro.rows": "Each of the {N} examples is a row. A shape stands under every factor:",
    "columns.backward": "Backward:",
    "columns.module.rows": "The code keeps one example per row, so that every product stands there transposed, with its factors exchanged.",
    "columns.module.columns": "The code keeps one example per column, so that every product stands there transposed, with its factors "
    "exchanged.",
    "columns.transpose": "A product exists only where the inner sizes are equal, and its shape is that of the outer ones. A gradient "
    "has the shape of its own array: that is why each transpose stands where it does.",
    # reasons
    "reason.chain rule": "chain rule: the sum over all paths from {u} to the cost",
    "reason.differentiate": "differentiate entrywise",
    "reason.differentiate stopped": "differentiate entrywise; {stopped} counts as a constant",
    "reason.differentiate steps": "differentiate entrywise; where round, floor and ceil do not jump they are constant, so their "
    "derivative is 0",
    "reason.differentiate rows": "differentiate entrywise; a determinant is, along every row, the sum of entries times cofactors that do "
    "not depend on the row, and a cofactor is the determinant times an entry of the inverse",
    "reason.delta": "{delta} selects the term with equal indices",
    "reason.local derivative": "substitute the local derivatives",
    "reason.output form": "written through the output itself, which is known from the forward pass",
    "reason.recognise.sigmoid": "{sigmoid} is the logistic function {logistic}",
    "reason.recognise.tanh": "sinh/cosh is tanh",
    "reason.implicit": "both sides of the equation that it solves were differentiated: what stands on both sides here is solved for",
    "reason.put in": "substitute the gradient of the next quantity",
    "reason.sift": "beside a {delta}, one of its two indices can stand for the other",
    "reason.renamed": "rename the index of a sum or a maximum, so that no two are taken for each other",
    "reason.split the sum": "a sum is linear, and what does not depend on its index stands before it",
    "reason.one-hot target": "each target has a single 1 and otherwise 0, so it sums to 1",
    "reason.declared": "as declared: above 0 a number is its own absolute value, 0 and 1 are their own squares, a symmetric array is its "
    "own transpose",
    "reason.absolute value": "a number is its sign times its absolute value",
    "reason.cancel": "simplify",
    "reason.common factor": "common factors in front",
    "reason.chain rule second": "chain rule: the sum over all paths from {u} to {phi}",
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
    "second.by": "With respect to {w}:",
    "second.matrix": "In matrix notation:",
    "second.zero": "The second derivative with respect to {w} alone is 0.",
    "second.long": "With respect to {w} it takes {count} equations, which stand in the module.",
    "derived.vjp": "The sum of the entries of {of}, each times its number in {u}, is a single number. Its gradient is {u} times the "
    "Jacobian of {of}, and the chain rule goes back from it as from a cost:",
    "derived.jvp": "That gradient is linear in {u}. Differentiated by {u} it says how fast {of} changes along a direction of the "
    "parameters; {v} in front of a quantity says how fast that one changes:",
    "derived.per_example_gradients": "If every example had parameters of its own, the chain rule would give the gradient of each example's "
    "cost: the same equations without the sum over the examples. A penalty is of no example:",
    "derived.jacobian": "The derivative of every entry of {output} by every entry of {of}. One entry of {output} is held, whose indices "
    "have primes, and the chain rule goes back from it as from a cost; its derivative by itself is a {delta}:",
    "derived.gnvp": "The Gauss–Newton matrix is the Hessian without what comes from the curvature of the network itself: the Jacobian of "
    "{of} transposed, times the Hessian of the cost by {of}, times that Jacobian. Its product with a direction takes three passes: "
    "{of} along the direction, the change of its adjoint along that, and back to the parameters:",
    "derived.fisher": "The mean over the examples of the squared gradients of single examples, entry by entry:",
    "derived.kfac": "A gradient of one example is a product of what its layer reads, a, and of the adjoint g of what it computes. K-FAC "
    "takes the mean of the products of such gradients for a Kronecker product of two means, A of a with itself and G of g with "
    "itself; where a weight is used at several places of an example, a is added up over them and g averaged (Martens and Grosse, "
    "2015; Grosse and Martens, 2016). Biases are left out:",
    "derived.checked": "Every step of these was evaluated at random arrays, with errors below {error}; the functions of the module agree "
    "with these equations.",
    "second.checked": "The module's second derivatives agree with differences of its gradient at random arrays; the largest error was "
    "below {error}.",
    "reason.derived": "as derived above",
    "reason.put in adjoint": "substitute {adjoint}",
    "reason.multiply out": "multiplied out; what does not depend on the index of a sum stands before it",
    "reason.maximum": "the terms at the largest entry cancel: to subtract the same from all entries changes nothing",
    "reason.deviations sum to 0": "differences from a mean add up to 0",
    "reason.normalised": "what was divided by its own sum adds up to 1",
    "reason.own definition": "written with quantities that the equations of the network define",
    "reason.squares sum": "the squares of the differences from a mean add up to a multiple of the variance",
    "reason.common front": "common factors and the division by a size in front",
    # summary
    "summary.forward": "Forward, from the input to the cost:",
    "summary.backward": "Backward, from the cost to the first layer:",
    "summary.more": "and likewise for the layers between.",
    "update.intro": "With {w} for the parameters, {g} for their gradient and {t} for the number of the step, each entry by itself:",
    "update.sgd": "Gradient descent:",
    "update.momentum": "With momentum, where {state} starts at 0:",
    "update.rmsprop": "RMSProp, where {state} starts at 0:",
    "update.adam": "Adam, where {state} start at 0:",
    # scalar
    "scalar.labels": "Where the example belongs to the first class, {condition} holds, and the bracket that asks it is 1, otherwise 0.",
    "scalar.intro": "Written out for one example, without any sum. The derivatives with respect to the units are shared by all weights "
    "that lead into them.",
    "closed.intro": "All equations substituted into each other, for one example:",
    # numbers
    "numbers.given": "The numbers are those of the description.",
    "numbers.random": "The numbers are small random ones.",
    "numbers.mixed": "The numbers are those of the description; what it leaves open is random.",
    "numbers.every": "Every equation stands once: formula, numbers, value.",
    "numbers.large": "Of each array the first entries are shown, and the size of the whole (the root of the sum of squares).",
    "numbers.start": "Inputs and targets: {arrays}. Parameters: {parameters}.",
    "numbers.data": "Inputs and targets: {arrays}. The parameters stand in the picture of the network.",
    "numbers.forward": "Forward:",
    "numbers.backward": "Backward:",
    "numbers.update": "One step of gradient descent with learning rate {eta} takes each parameter {w} to {new}:",
    "numbers.cost": "The cost falls from {before} to {after}.",
    "numbers.cost.rises": "The cost goes from {before} to {after}: the step was too long.",
    "numbers.step": "One step of gradient descent with learning rate {eta} takes the cost from {before} down to {after}.",
    "numbers.step.rises": "One step of gradient descent with learning rate {eta} takes the cost from {before} to {after}: the step was "
    "too long.",
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
    "activation.identity": "identity",
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
    "figure.stack.values": "The network with its letters and, in grey, the numbers of the example: a circle is a unit, an arrow between "
    "two circles is a weight, and a bias comes in from above.",
    "figure.title.overview": "What training is about",
    "figure.overview.network": "network",
    "figure.overview": "The network, whose parameters together are {theta}, makes {y} of the input {x}. The cost {cost} compares it with "
    "the target {target}. In red: backpropagation.",
    "figure.overview.says": "From left to right {x}, a box for the network with its parameters {theta}, {y}, and a circle for the cost "
    "{cost}, which {target} enters from the right. A red arrow leads from the cost back to the network.",
    "figure.overview.alone": "The network, whose parameters together are {theta}, makes {y} of the input {x}, and the cost {cost} is "
    "computed from it. In red: backpropagation.",
    "figure.overview.alone.says": "From left to right {x}, a box for the network with its parameters {theta}, {y}, and a circle for the "
    "cost {cost}. A red arrow leads from the cost back to the network.",
    "figure.title.gradients": "The equations with values and gradients",
    "figure.valued": "The equations as a graph, each quantity with its value in grey: an arrow leads from each quantity to those "
    "computed from it. Parameters and targets come in from the left.",
    "figure.valued.says": "Boxes with arrows between them, from top to bottom, each with its value: {quantities}.",
    "figure.valued.quantity": "{name}: {values}",
    "figure.valued.gradients": "The same graph after the backward pass: below each value, in red, the derivative of the cost with respect "
    "to it.",
    "figure.valued.gradients.says": "Boxes with arrows between them, from top to bottom, each with its value and the derivative of the "
    "cost with respect to it: {quantities}.",
    "graph.found.boxes": "All of these numbers stand in the graph below their letters. What follows finds those below them, in red.",
    "figure.title.chain": "A chain of neurons",
    "figure.chain": "The input and {count} layers of one neuron each.",
    "figure.chain.says": "The input and {count} circles side by side, each with a weight on the arrow into it and a bias from above.",
    "figure.title.loop": "Training as a flow chart",
    "figure.loop": "Training: both passes and the update are repeated until the cost falls no more.",
    "figure.loop.says": "Four boxes side by side with arrows between them: start, forward pass, backward pass, update. An arrow leads from "
    "the last back to the second.",
    "figure.loop.start": "any start",
    "figure.loop.forward": "forward pass",
    "figure.loop.backward": "backward pass",
    "figure.loop.update": "update",
    "figure.loop.again": "again, until it converges",
    "figure.stack.says": "Circles in columns from left to right, joined by lines. The numbers of units of the columns: {columns}.",
    "figure.blocks": "The layers of the network from top to bottom, each with the shape of its output for one example. An arrow leads "
    "from each layer to those that read it.",
    "figure.blocks.recurrent": "The layers of the network from top to bottom, each with the shape of its output for one example. An arrow "
    "leads from each layer to those that read it. A dashed arrow leads to the next step of the sequence.",
    "figure.blocks.says": "Boxes with arrows between them, from top to bottom: {layers}.",
    "figure.blocks.layer": "layer {layer}, {kind}, reads {sources}",
    "figure.equations": "The equations as a graph: an arrow leads from each quantity to those computed from it. Parameters and targets "
    "come in from the left.",
    "figure.equations.recurrent": "The equations as a graph: an arrow leads from each quantity to those computed from it. Parameters and "
    "targets come in from the left. A dashed arrow leads to the next step of the sequence.",
    "figure.equations.says": "Boxes with arrows between them, from top to bottom: {quantities}.",
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
    "check.directions": "Numeric gradients move the parameters up and down by a small {h} times a random direction {v} and look at the "
    "cost. They need no derivation, so they verify it:",
    "check.directions.relative": "Differences are relative to the usual size of the sum. Parameters that were moved together have one "
    "difference in common.",
    "trust.steps": "{count} equations of this document were evaluated, both sides of each, on random arrays whose axes have different "
    "sizes or with the numbers of the example. The largest relative error was below {error}.",
    "trust.module": "The gradients of the module agree with numeric gradients of its own cost at random arrays; the largest relative "
    "error was below {error}.",
    "trust.entries": "Every entry of every parameter was moved by itself.",
    "trust.parameters": "Each parameter was moved along a random direction, all of its entries at once.",
    "trust.groups": "The parameters were moved along random directions in {count} groups, all entries of a group at once.",
    "trust.together": "All entries of all parameters were moved at once, along a random direction.",
    "trust.sizes": "The sizes were those of the network.",
    "trust.sizes.open": "The sizes were those of the network, and {sizes}.",
    "code.intro": "The module needs NumPy alone. Above each line stands its equation; {check} checks it.",
    # a layer that has no weights of its own; what a layer is stands in layer_words.py
    "layer.shared": "weights of layer {layer}",
    # words inside of formulas
    "formula.otherwise": "otherwise",
    "formula.direct": "direct",
    # what stands between sentences, and between the items of a list
    "between.sentences": "{first} {second}",
    "between.items": "{first}, {second}",
    "between.phrases": "{first}, {second}",
    "between.descriptions": "{first}; {second}",
    # a first program with the module
    "try.numbers": "The numbers of the worked example: the cost, the gradients, the check against numeric gradients, and the cost "
    "after one step of learning with learning rate {rate}.",
    "try.random": "Random numbers: the cost, how long the gradients are, the check against numeric gradients, and the cost after one "
    "step of learning with learning rate {rate}.",
    # notebooks
    "heading.notebook.numbers": "Numbers to compute with",
    "heading.notebook.curves": "Curves",
    "notebook.module": "This cell defines the functions of the module {name}, which need NumPy alone; the cells below call them.",
    "notebook.given": "Parameters and data of the worked example:",
    "notebook.random": "Random parameters and data of the right shapes:",
    "notebook.forward": "Below each equation stands the line of NumPy that computes it. First every array gets a name, and its shape is "
    "checked:",
    "notebook.backward": "Below each gradient stands its line of NumPy. What these lines read of the forward pass:",
    "notebook.others": "The other equations are of the same kinds; the module computes them.",
    "notebook.names": "Some quantities of the network are called as functions of the module are; so that nothing takes the place of "
    "another, the module computes them all:",
    "notebook.same": "The module computes the same gradients, and numeric gradients agree with them:",
    "notebook.curves": "{matplotlib} draws the curves where it is installed; otherwise some of their points are printed.",
    "notebook.activation": "The activation {sign} and its slope {slope}:",
    "notebook.along": "The cost while {w} alone is moved, and its tangent at the present value, whose slope is {gradient}:",
    "notebook.training": "The cost during {count} steps of gradient descent with learning rate {rate}:",
    "heading.practice": "Practice",
    "practice.intro": "Put your answer in place of the three dots {dots} and run the cell; the cell below it compares the answer with the "
    "derived value.",
    "practice.line": "Write the line that computes {name}; it reads {read}.",
    "practice.slope": "Write the difference quotient of the cost along {w}, without the gradient: {cost} gives the cost at any value.",
    "practice.step": "Write {name} after one step of gradient descent with learning rate {rate}, from {params} and {gradients}.",
    # short handouts
    "heading.aims": "What this is about",
    "heading.path": "One path: a single weight",
    "heading.paths": "Many paths",
    "heading.learning": "Learning",
    "heading.page": "Summary: equations and code",
    "aims.why": "A network learns by moving each of its {count} parameters a little to where the cost {cost} falls. For each of them, such "
    "as {parameter}, one number says which way and how strongly: the derivative {gradient}. Networks have up to billions of parameters, "
    "far too many to try one by one. Backpropagation finds all of these numbers efficiently, in one pass from the cost back.",
    "aims.question": "Should {w} be raised or lowered so that {cost} falls? These pages find the answer for this weight, and then for all.",
    "aims.intro": "After these pages you can",
    "aims.forward": "compute the network's output and its cost, step by step;",
    "aims.path": "say how a single weight moves the cost, and why, with numbers;",
    "aims.rule": "derive the gradient of every parameter by the chain rule, as matrices with the right shapes;",
    "aims.learn": "write both passes in NumPy and see the cost fall.",
    "forward.alike": "The other equations differ from these only in names:",
    "path.question": "Should {w} be raised or lowered so that {cost} falls? A change of {w} passes through one quantity after the other "
    "until it reaches the cost. Each passes it on, multiplied by its own slope:",
    "path.product": "The change of the cost is the product of these slopes:",
    "path.answer.down": "The product is above 0: when {w} rises, {cost} rises. So {w} must be lowered.",
    "path.answer.up": "The product is below 0: when {w} rises, {cost} falls. So {w} must be raised.",
    "path.answer.stopped.down": "The product is above 0, so gradient descent lowers {w}. What is stopped counts as a constant in it, so "
    "that it need not be the slope of {cost}.",
    "path.answer.stopped.up": "The product is below 0, so gradient descent raises {w}. What is stopped counts as a constant in it, so "
    "that it need not be the slope of {cost}.",
    "figure.valued.next": "A dashed arrow leads to the next step of the sequence.",
    "path.nudge": "A test without any derivative: move {w} by {step} to both sides and see how the cost changes.",
    "heading.nudge": "One weight",
    "nudge.question": "Should {w} be raised or lowered so that {cost} falls? Move it by {step} to both sides and see how the cost changes:",
    "nudge.answer.down": "When {w} rises, {cost} rises. So {w} must be lowered.",
    "nudge.answer.up": "When {w} rises, {cost} falls. So {w} must be raised.",
    "nudge.many": "This takes two forward passes for one weight, and there are {count} parameters. Backpropagation finds all slopes in one "
    "pass.",
    "paths.several": "{u} reaches the cost through {through}. Each of them contributes a product, and the contributions add up:",
    "rule.example": "Step by step, for {parameter}:",
    "rule.patterns.alone": "The derivatives by all quantities follow by this rule, from the cost back. What differs only "
    "in names is shown once.",
    "rule.patterns": "The other quantities follow in the same way, from the cost back. What differs only in names is shown once.",
    "reason.of the cost": "differentiate the cost",
    "reason.through": "through {through}",
    "rule.table": "So the gradients of all parameters are:",
    "table.formula": "formula",
    "pitfalls.intro": "What goes wrong most often:",
    "pitfalls.old": "Weights are updated before all gradients are known. Every gradient is taken at the old weights.",
    "pitfalls.shapes": "A transpose is missing. Each gradient has the shape of its parameter; check it first.",
    "pitfalls.mean": "The mean over the examples is forgotten: the factor 1/{N} stands once in every gradient.",
    "pitfalls.saturation": "Units saturate: far from 0 the slope of {slope} is nearly 0, and almost nothing is learnt.",
    "page.intro": "Each line of {module} beside its equation.",
    "page.source": "Letters and order of these pages follow the lectures of {source}.",
    "axis.steps": "steps",
    "figure.title.activation": "An activation and its slope",
    "figure.title.along": "The cost along one weight",
    "figure.title.learning": "Learning curve",
    "figure.activation": "The activation {sign}, which makes {a} of {z}, and, dashed, its slope {slope}.",
    "figure.activation.says": "Two curves: {sign} and its slope {slope}.",
    "figure.along": "The cost as {w} moves and all else stays; dashed, the tangent at the present value {value}.",
    "figure.along.says": "The curve of the cost as {w} moves, with its tangent at {value}.",
    "figure.learning": "The cost over {count} steps of gradient descent, from {first} to {last}.",
    "figure.learning.says": "A curve over {count} steps, from {first} to {last}.",
    "graph.found": "All of these numbers stand in the graph above their lines. What follows finds those below, in red.",
    "figure.title.window": "The window of a convolution",
    "figure.window": "One place of each further index is shown. Forward, the marked entry of {z} adds up the products of the kernel {w} "
    "and the marked entries of {x}; the dashed window is that of the next output. Backward, the marked entry of {dw} adds up the products "
    "of {dz} and the marked entries of {x}: an entry of the kernel touches every output.",
    "figure.window.outside": "Dashed cells lie outside of {x} and count as 0.",
    "figure.window.says": "Cells of {x}, of the kernel {w} and of {z}. A window of size {size} moves over {x} in steps of {step}; below or "
    "beside it, one entry of the kernel meets one entry of {x} for each output.",
    "figure.title.window.forward": "The window of a convolution: forward",
    "figure.title.window.backward": "The window of a convolution: the kernel's gradient",
    "figure.title.unrolled": "The recurrence at three steps",
    "figure.unrolled": "Three steps of the recurrence along {letter}; other indices are left out. Arrows to the right hand {states} to the "
    "next step; those to the left, in red, lead the gradients back.",
    "figure.unrolled.shared": "All steps share the parameters in the lowest box, whose gradients are sums over the steps.",
    "figure.unrolled.says": "Three boxes side by side, one for each step along {letter}. Arrows hand {states} on from box to box, and "
    "arrows the other way hand the gradients back.",
    # slides
    "slides.question": "Which way should {w} move?",
    "slides.question.says": "The cost {cost} is {now} now. The slope {gradient} will say which way, and how strongly.",
    "slides.network": "What is computed from what",
    "slides.network.says": "The cost {cost} is {now} now. Backpropagation finds its slope along each of the {count} parameters.",
    "slides.given": "What is given",
    "slides.section.forward": "Forward pass",
    "slides.forward": "Forward, from {first} to {last}",
    "slides.forward.one": "Forward: {first}",
    "slides.likewise": "likewise {names}",
    "slides.section.weight": "One weight",
    "slides.nudge": "Nudge {w}, and watch {cost}",
    "slides.nudge.says": "Move {w} by {step} to both sides. The quotient is nearly the slope of the tangent, dashed:",
    "slides.slopes": "One path: its slopes are multiplied",
    "slides.slopes.says": "A change of {w} is passed on from quantity to quantity, each time multiplied by a slope:",
    "slides.section.paths": "Many paths",
    "slides.paths": "Several paths: their contributions add up",
    "slides.reversed": "Gradients flow back through the same weights",
    "slides.reversed.error": "What flows back is called {error}: {meaning}.",
    "slides.graph": "Values go forward, gradients come back",
    "slides.section.rule": "The rule",
    "slides.rule": "The chain rule, for every quantity",
    "slides.rule.back": "From the cost back, everything on the right is known when it is needed: one pass for all gradients.",
    "slides.example": "Step by step: {gradient}",
    "slides.backward": "Backward, from {first} to {last}",
    "slides.backward.one": "Backward: {first}",
    "slides.long": "{gradient} is too long for a slide: its line of NumPy stands in the module.",
    "slides.table": "A gradient has the shape of its parameter",
    "slides.section.learning": "Learning",
    "slides.update": "One step for every parameter",
    "slides.curve": "Many steps",
    "slides.update.says": "Each {w} becomes {new} with {eta}. The cost falls from {before} to {after}.",
    "slides.update.rises": "Each {w} becomes {new} with {eta}. The cost rises from {before} to {after}: the step is too large.",
    "slides.pitfalls": "What goes wrong most often",
    "slides.code.forward": "The forward pass in NumPy",
    "slides.code.backward": "The backward pass in NumPy",
    "slides.questions": "Questions for you",
    "slides.ask.passes": "How many forward passes do difference quotients take for all {count} parameters?",
    "slides.answer.passes": "{twice}, two for each. Backpropagation takes one forward and one backward pass.",
    "slides.ask.zero": "What is {gradient} where all entries of {array} are 0, and what is learnt there?",
    "slides.answer.zero": "It is 0, as {array} is a factor of every term of {gradient}. Nothing is learnt there: {w} stays as it is.",
    "slides.ask.step": "The slope of the cost along {w} is {slope}. Where does {w} go in one step with {eta}?",
    # exercises
    "questions.answers": "Answers: {answers}",
    "questions.answer": "({number}) {answer}",
    "questions.answer.phrase": "({number}) {answer}.",
    "questions.count": "{what}: {count}",
    "exercises.title.sheet": "Exercises: {title} (sheet {seed})",
    "exercises.title.key": "Answers: {title} (sheet {seed})",
    "exercises.field.name": "Name:",
    "exercises.field.date": "Class and date:",
    "exercises.field.points": "Points (of {points}):",
    "exercises.heading.numbers": "The numbers of this sheet",
    "exercises.heading.questions": "Questions",
    "exercises.heading.answers": "Answers",
    "exercises.question": "Question {number} {stars} ({points} points)",
    "exercises.intro": "There are {count} questions for {points} points in total. The more stars a question has, the harder it is.",
    "exercises.gap": "A box {gap} inside of a formula is a gap.",
    "exercises.key.intro": "Every answer was computed, and checked in the way that is written below it.",
    "exercises.parameters": "Parameters: {parameters}.",
    "exercises.rounding": "Write results with four significant digits; carry on with more digits than that.",
    "exercises.one_example": "The batch is this one example: {count}.",
    "exercises.above": "What is not calculated here stands in the answers numbered {questions}.",
    "exercises.line": "line {number}",
    "exercises.fill.factor": "One quantity is missing from the formula for {gradient}. Which is it?",
    "exercises.fill.index": "One index is missing from the formula for {gradient}. Which is it?",
    "exercises.fill.letter": "The sum in the formula for {gradient} has lost its letter. Over which index does it run?",
    "exercises.fill.array": "One array is missing from the product. Which is it, and is it transposed?",
    "exercises.fill.entry": "For one example and one single entry, one quantity is missing. Which is it?",
    "exercises.fill.answer.factor": "The missing factor is {answer}:",
    "exercises.fill.answer.index": "The missing index is {answer}:",
    "exercises.fill.answer.letter": "The sum runs over {answer}:",
    "exercises.fill.answer.array": "The missing array is {answer}:",
    "exercises.find.formula": "One of these formulas is wrong. Which one, what is the mistake, and how should it read?",
    "exercises.find.step": "One step of this derivation is wrong; lines below it, if there are any, follow from it. Which line is the "
    "first wrong one, what is the mistake, and how should the line read?",
    "exercises.find.code": "These lines of the backward pass have one mistake. In which line is it, what is it, and how should the line "
    "read?",
    "exercises.mistake.code.sign": "Its sign is wrong.",
    "exercises.mistake.code.factor": "The factor {factor} is missing.",
    "exercises.mistake.code.mask": "The mask {factor} is missing.",
    "exercises.mistake.code.mean": "The division by {N} is missing.",
    "exercises.mistake.code.transpose": "The transpose of {right} is lost.",
    "exercises.mistake.code.order": "The two factors of {right} are exchanged.",
    "exercises.mistake.code.sum": "The sum {right} is missing.",
    "exercises.mistake.code.operand": "It has {wrong} in place of {right}.",
    "exercises.mistake.code.path": "One of the paths to the cost is missing: {path}.",
    "exercises.mistake.code.shift": "It reads step {wrong} in place of {right}.",
    "exercises.mistake.code.stride": "The stride of {right} is lost.",
    "exercises.code.raises": "It does not run: the shapes do not fit together.",
    "exercises.code.shape": "It runs, but its result does not have the shape of the array that it is the gradient of.",
    "exercises.code.value": "It runs, with the right shape, and gives wrong numbers: a gradient check would find it.",
    "exercises.why.code": "The line computes this formula:",
    "exercises.checked.code": "Checked: both lines were run on random arrays; the right one gives what the module computes, whose "
    "gradients agree with numeric ones.",
    "exercises.find.answer": "Line {number} is wrong.",
    "exercises.find.right": "It should read:",
    "exercises.mistake.sign": "Its sign is wrong.",
    "exercises.mistake.mean": "The cost is a mean over {N} examples, so the division by {N} is missing.",
    "exercises.mistake.factor": "The factor {factor} is missing.",
    "exercises.mistake.indices": "The two indices of {entry} are exchanged, which is a lost transpose.",
    "exercises.mistake.sum": "The sum over {letter} is missing.",
    "exercises.mistake.letter": "The sum runs over {wrong}, but it has to run over {letter}.",
    "exercises.mistake.place": "It is taken at {wrong} in place of {right}.",
    "exercises.mistake.path": "One of the paths to the cost is missing: {path}.",
    "exercises.mistake.matrix.lost": "The transpose of {right} is lost.",
    "exercises.mistake.matrix.transposed": "The array {right} must not be transposed.",
    "exercises.mistake.matrix.exchange": "The two factors of {right} are exchanged.",
    "exercises.mistake.matrix.sum": "The sum {right} is missing.",
    "exercises.mistake.matrix.factor": "The factor {right} is missing.",
    "exercises.true_or_false": "True or false? Give a reason.",
    "exercises.true.steps": "True. These are the steps, each with its reason:",
    "exercises.by_chain_rule": "The chain rule gives:",
    "exercises.false": "False.",
    "exercises.zero": "True or false? Where all entries of {array} are 0, {gradient} is 0, too. Give a reason.",
    "exercises.zero.true.factor": "True: {array} is a factor of every term of {gradient}.",
    "exercises.zero.true.way": "True: where {array} is 0, every term of {gradient} has a factor further on in the network that is 0.",
    "exercises.zero.false.way": "False: where {array} is 0, {gradient} still has terms that are not 0.",
    "exercises.zero.true.other": "True: where {array} is 0, so is {factor}, which is a factor of every term of {gradient}.",
    "exercises.zero.false.factors": "False: where {array} is 0, none of {factors} is, and {gradient} is made of these.",
    "exercises.why.path": "Only {through} is computed from {u}, with this derivative:",
    "exercises.why.paths": "Computed from {u} are {through}, with these derivatives:",
    "exercises.why.cost": "The cost alone reads {u}, and is differentiated with respect to it:",
    "exercises.why.index": "The same formula by index:",
    "exercises.why.index.product": "The same formula by index, where neighbouring factors share the index that the sum runs over:",
    "exercises.why.entries": "The factors are the derivatives of what reads {entry}:",
    "exercises.why.calculate_forward": "Each quantity follows from the ones before it:",
    "exercises.why.calculate_gradient": "First the forward pass as far as it is needed, then each derivative from the one that the chain "
    "rule has before it:",
    "exercises.why.falls": "{gradient} is positive, so the step makes {entry} smaller.",
    "exercises.why.rises": "{gradient} is negative, so the step makes {entry} larger.",
    "exercises.why.cost.falls": "The step goes against the gradient, and {cost} falls.",
    "exercises.why.cost.rises": "{cost} rises: the step is so long that it goes beyond the lowest point.",
    "exercises.gradient_check": "Where {entry} is larger by {step}, the cost is {above}; where it is smaller by as much, the cost is "
    "{below}. Of two students one finds {first} for {gradient}, the other {second}. Which of them can be right, and what has the other one "
    "done wrong?",
    "exercises.gradient_check.quotient": "The gradient is nearly this quotient of differences:",
    "exercises.gradient_check.answer": "So {right} is right. With {wrong} the formula was another one:",
    "exercises.sign.given": "The forward pass has given {values}.",
    "exercises.sign": "Say by the signs of its factors alone whether {gradient} is positive or negative. Must {entry} be raised or lowered "
    "to make {cost} smaller?",
    "exercises.sign.factors": "From the cost back, each sign by the sign before it:",
    "exercises.sign.positive": "positive: {value}",
    "exercises.sign.negative": "negative: {value}",
    "exercises.sign.down": "{gradient} is positive: {cost} grows with {entry}, which must be lowered.",
    "exercises.sign.up": "{gradient} is negative: {cost} falls as {entry} grows, which must be raised.",
    "exercises.vanishing.input": "Suppose that {scene}, and that all other numbers are as given. Which of these gradients are 0 then, "
    "and why: {gradients}?",
    "exercises.vanishing.unit": "Suppose that another bias brings one neuron to {scene}, and that all other numbers are as given. Which "
    "of these gradients are as good as 0 then, and why: {gradients}?",
    "exercises.vanishing.answer": "These vanish: {gradients}.",
    "exercises.vanishing.why.input": "Each of them has {entry} as a factor. The others have not; all of them with their values:",
    "exercises.vanishing.why.unit": "Each of them gets back only what comes through {entry}, where the activation function is flat, so "
    "that the first gradient here vanishes. The others have another path; all of them with their values:",
    "exercises.compare": "In one neuron {first}, in another {second}, and both have the same {back}. How many times as large is {gradient} "
    "in the first one, and what does that mean for learning?",
    "exercises.compare.formula": "What comes back is multiplied by the slope of the activation function:",
    "exercises.compare.slopes": "The slopes are {first} and {second}, and this is their ratio:",
    "exercises.compare.answer": "The gradient is {ratio} times as large in the first one. The second one is saturated: its weights hardly "
    "learn.",
    "exercises.count": "How many parameters are there in the equation of {array}, and how many multiplications does its sum need for all "
    "entries of {array}?",
    "exercises.count.parameters": "parameters in total: {count}",
    "exercises.count.products": "multiplications: {ranges}, which is {count}",
    "exercises.count.of.parameters": "parameters in total",
    "exercises.count.of.terms": "terms",
    "exercises.count.of.times": "times as many entries",
    "exercises.count.of.products": "multiplications",
    "exercises.count.why": "Each entry of {array} needs one multiplication for each value of the index that is summed over; no sum is "
    "shared between two entries.",
    "exercises.batch": "Every example of a batch is taken twice. What happens to {cost} and to {gradient}?",
    "exercises.batch.mean": "Both {cost} and {gradient} stay as they are.",
    "exercises.batch.sum": "Both {cost} and {gradient} are twice as large.",
    "exercises.batch.why.mean": "There are twice as many terms, and the number of examples that they are divided by is twice as large, "
    "too:",
    "exercises.batch.why.sum": "There are twice as many terms, one for each example:",
    "exercises.checked.batch": "Cost and gradient were computed once more with every example twice.",
    "exercises.convolution.shape": "Suppose that one channel of {x} has {read} entries and the window of {w} has {window}, with stride "
    "{stride} and padding {padding} (so many zeros on every side). What is the shape of one channel of {z}?",
    "exercises.convolution.axis": "With the zeros there are {whole} entries side by side. A window of {window} can begin at places 0 to "
    "{last}; every place that {stride} divides is taken: {count}.",
    "exercises.convolution.shape.answer": "One channel of {z} has the shape {shape}.",
    "exercises.convolution.uses": "Suppose that one channel of {z} has {shape} entries, and that a batch has {examples} examples. How many "
    "terms has the sum that is the gradient of one single entry of {w}?",
    "exercises.convolution.uses.answer": "At each place of the window, in each example, the entry of {w} is used once, and each use is a "
    "path to the cost: {product}, which is {count}.",
    "exercises.convolution.given": "Suppose that there is one example, that {x} has one channel and {z} too, that the window moves by 1, "
    "and that these are given:",
    "exercises.convolution.entry": "Calculate the entry ({place}) of {array}, counted from 1.",
    "exercises.convolution.output": "The entry of {array} is the sum of products of the kernel with what the window shows of {x} there:",
    "exercises.convolution.kernel": "An entry of the kernel meets one entry of {x} at each place of the window. So {array} is the sum of "
    "{back} times these:",
    "exercises.checked.windows": "Checked: counted or computed a second time by NumPy with all windows at once.",
    "exercises.checked.ones": "Checked: the gradient was computed with 1 in every place, so that it counts its terms.",
    "exercises.recurrent.sum": "Suppose that {letter} counts {steps} steps. Write {gradient} as a sum over the steps. Why is it a sum?",
    "exercises.recurrent.sum.why": "Every step reads the same {parameter}, so that each of them is a path of its own to the cost, and the "
    "contributions add up.",
    "exercises.recurrent.paths": "Gradients come back to {state} from {quantities}. Which of these are of another step, and in which order "
    "must the backward pass go through the steps?",
    "exercises.recurrent.paths.answer": "Of another step are {quantities}.",
    "exercises.recurrent.paths.why": "The gradient there must be known first: the backward pass goes through the steps against the order "
    "of the forward pass.",
    "exercises.recurrent.factor": "Suppose that {state} is one number, and that on the way back each step multiplies its gradient by "
    "{factor}. What remains of the gradient after {steps} steps, and what is the problem called?",
    "exercises.recurrent.factor.vanishes": "The factor {result} remains. The gradient vanishes: what stands far back is hardly learnt.",
    "exercises.recurrent.factor.explodes": "The factor {result} remains. The gradient explodes: a step of gradient descent goes too far.",
    "exercises.attention.weight": "A row of scores is {scores}. Calculate entry {place} of the row of {weights}, which the softmax makes "
    "of it.",
    "exercises.attention.weight.answer": "Each exponential is divided by the sum of all of them: {result}.",
    "exercises.attention.score": "A row of {weights} is {row}, and {came} has come back as the row of {back}. Calculate entry {place} of "
    "the row of {gradient}.",
    "exercises.attention.score.answer": "A score changes all weights of its row, as they always add up to 1. So the mean of what comes "
    "back, weighted by {weights}, is subtracted first:",
    "exercises.attention.masked": "A mask has set score {place} of a row to −∞, so that the row of {weights} is {row}. As the row of "
    "{back} there has come back {came}. What is entry {place} of the row of {gradient}, and why?",
    "exercises.attention.masked.answer": "It is 0, whatever comes back: {weights} is 0 at the masked place, and is a factor of the "
    "gradient:",
    "exercises.attention.length": "The sequence is twice as long: {letter} has twice as many places. How many times as many entries has "
    "{scores}?",
    "exercises.attention.length.answer": "It has {count} times as many entries: every place of {letter} is compared with every other.",
    "exercises.checked.twice": "Checked: computed a second time in another way.",
    "exercises.checked.step": "Checked: computed a second time by a complex step through the softmax.",
    "exercises.order": "These are the lines of the derivation of {gradient}, in disorder. In which order do they follow from each other? "
    "Name the rule of each step.",
    "exercises.order.answer": "The order is {letters}:",
    "exercises.sizes": "Let the axes {axes} have the sizes {sizes}.",
    "exercises.shapes": "Give the shapes of {arrays}.",
    "exercises.shapes.answer": "A gradient has the shape of the array that it belongs to.",
    "exercises.products": "Which of these products can {gradient} be, by the shapes alone? Give the shape of each factor and of the "
    "result.",
    "exercises.products.answer": "It is {letter}. The shapes of the arrays, none of them transposed: {shapes}.",
    "exercises.products.shape": "In this product the inner sizes are equal, and the outer ones are those of {gradient}, {shape}. In every "
    "other product they are not.",
    "exercises.own_numbers": "This question has numbers of its own.",
    "exercises.calculate": "Calculate {entry} with the given numbers.",
    "exercises.result": "The result: {result}.",
    "exercises.update": "Calculate {entry} after one step of gradient descent with {rate}, from the given numbers.",
    "exercises.new_cost": "One step of gradient descent with {rate} changes {array} alone; all other parameters stay as they are. "
    "Calculate {cost} after it.",
    "exercises.new_cost.again": "The forward pass once more, with the new values:",
    "exercises.new_cost.result": "The result: {result}; before the step it was {before}.",
    "exercises.changed.activation": "Derive {gradient} with this activation function of layer {layer} instead:",
    "exercises.changed.cost": "Derive {gradient} with this cost instead:",
    "exercises.changed.penalty": "Derive {gradient} with this term added to the cost:",
    "exercises.checked.formula": "Checked: both sides evaluated at random arrays, error below {error}.",
    "exercises.checked.number": "Checked: computed a second time with whole arrays, error below {error}.",
    "exercises.checked.mistake": "At the same arrays the two sides of the wrong formula differ.",
    "exercises.checked.shapes": "Checked: the arrays were computed at these sizes.",
    "exercises.checked.zero": "The gradient was computed once more with the zeros substituted.",
    "exercises.checked.derivation": "Checked: {count} equations of the changed network evaluated, the gradient also against complex "
    "steps, error below {error}.",
    # an assignment for nbgrader
    "assignment.intro": "Fill in the cells that say YOUR CODE HERE or YOUR ANSWER HERE, and leave all others as they are. Each function is "
    "tested by itself, with right values of what it takes, so that a mistake loses no points elsewhere. The tests that you see look at "
    "shapes; those that you do not see look at numbers.",
    "assignment.given": "What is given",
    "assignment.numbers": "The next cell has all numbers of this assignment, and functions that yours may call.",
    "assignment.values": "Right values, for the tests",
    "assignment.compute": "The forward pass as functions",
    "assignment.compute.how": "Each function computes one equation of the forward pass from arrays of NumPy.",
    "assignment.gradient": "Gradients as functions",
    "assignment.gradient.how": "Derive each gradient by the chain rule first, then write it as a function. In names, d stands for the "
    "gradient: dz is the derivative of the cost by z, an array of the shape of z.",
    "assignment.equation": "Write {function} for what follows:",
    "assignment.slope": "Write {function}, which returns {gradients}.",
    "assignment.differences": "Your gradients against differences",
    "assignment.compared": "Some entries of each parameter are moved a little to both sides; the difference of your costs, divided by that "
    "of the entries, is what your gradient has to be.",
    "assignment.answer.number": "Give the number as {name}.",
    "assignment.answer.truth": "Set {name} to True or to False.",
    "assignment.answer.order": "Set {name} to the letters in the right order, in quotation marks.",
    "assignment.answer.shapes": "Set {name} to the list of the shapes in the order of the question, each a tuple.",
    "assignment.answer.counts": "Set {name} to the list of these numbers, in this order.",
    "assignment.answer.choice": "Set {name} to the letter of your answer, in quotation marks.",
    "assignment.answer.selection": "Set {name} to the letters of all that are right, in quotation marks.",
    # a page in a browser
    "page.level.index": "By index",
    "page.level.matrix": "In matrix notation",
    "page.level.scalar": "Every single entry",
    "page.level.code": "In the module",
    "page.level.numbers": "With the numbers of the worked example",
    "page.level.all": "All of these",
    "page.table": "Table",
    "page.listing": "Listing",
    # the page that a server shows
    "serve.part.derivation": "Derivation",
    "serve.part.picture": "Picture",
    "serve.part.numbers": "Numbers",
    "serve.part.code": "Code",
    "serve.part.exercises": "Exercises",
    "serve.part.marking": "Mark my work",
    "serve.part.files": "Files",
    "serve.work": "your work",
    "serve.format.tex": "to be set by XeLaTeX",
    "serve.format.html": "one page that needs no network",
    "serve.format.md": "text with formulas",
    "serve.format.ipynb": "a notebook that runs from top to bottom",
    "serve.format.slides": "a lecture of at most 20 slides",
    "serve.format.typ": "to be set by Typst",
    "serve.length.short": "short",
    "serve.length.full": "full",
    "serve.working": "Deriving …",
    "serve.done": "Derived and checked: {title}",
    "serve.earlier": "What stands here is of the text before the mistake.",
    "serve.line": "line {line}",
    "serve.busy": "Many ask at the moment; the page asks again by itself.",
    "serve.away": "The server does not answer. The text is kept in this browser, and the page asks again by itself.",
    "serve.copied": "The link is copied.",
    "serve.in-address": "The link stands in the address bar.",
    "serve.stopped.time": "Stopped: this takes more than {seconds} seconds of computing time. The command {command} has no such limit.",
    "serve.stopped.memory": "Stopped: this takes more memory than a page gives it. The command {command} has no such limit.",
    "serve.stopped.size": "Stopped: what comes out is too long for a page. The command {command} writes it into files.",
    "serve.stopped.ended": "Stopped: the process that worked on this ended. It may need more memory than a page gives it.",
    # marking
    "marking.sign": "Its sign is wrong.",
    "marking.twice": "It is twice {quantity}.",
    "marking.half": "It is half of {quantity}.",
    "marking.times": "It is {factor} times {quantity}.",
    "marking.mean.missing": "The division by the number of examples is missing.",
    "marking.mean.twice": "It is divided by the number of examples once more than it should be.",
    "marking.mean.missing.times": "The division by the number of examples is missing, and there is a factor {factor} too many.",
    "marking.mean.twice.times": (
        "It is divided by the number of examples once more than it should be, and there is a factor {factor} too many."
    ),
    "marking.mean.other": "The size of the axis {axis} is a factor or a divisor that does not belong there.",
    "marking.transpose": "It is the transpose of what it should be.",
    "marking.shape": "It has the shape {found}, but it has to have {expected}.",
    "marking.sum.missing": "A sum is missing.",
    "marking.sum.more": "A sum is taken that does not belong there.",
    "marking.sum.axis": "The sum runs over the wrong axis.",
    "marking.operand": "{wrong} stands there in place of {right}.",
    "marking.mask.side": "The mask is on the wrong side of the kink.",
    "marking.mask.array": "The mask is taken of {wrong} in place of {right}.",
    "marking.path.overwritten": "Several paths lead to the cost; one of them stands there alone, in place of their sum.",
    "marking.penalty.missing": "The part of the penalty is missing.",
    "marking.penalty.factor": "The part of the penalty has a factor {factor} too many.",
    "marking.penalty.bias": "There is a penalty here, but the cost has none of this parameter.",
    "marking.update": "The new value of {parameter} is used, where the gradient is one of the old values.",
    "marking.shift": "It is {wrong} in place of {right}, off by one.",
    "marking.shift.label": "The label is off by one.",
    "marking.other": "It is none of the usual mistakes. The first entries that are wrong are {found}, but they have to be {right}.",
    "marking.two": "There are two mistakes. {first} {second}",
    "marking.edit.sign": "A sign is wrong.",
    "marking.edit.factor": "A factor is wrong.",
    "marking.edit.mean": "A mean is taken in place of a sum, or a sum in place of a mean.",
    "marking.edit.stride": "The stride of a window is missing, or it is another one.",
    "marking.edit.padding": "The padding with zeros is missing, or it is another one.",
    "marking.edit.transpose": "A transpose is missing, or there is one too many.",
    "marking.edit.indices": "Two indices are exchanged.",
    "marking.edit.order": "The factors of a product are exchanged.",
    "marking.edit.path": "Something is added that does not belong there, or it is overwritten where it has to be added.",
    "marking.edit.mask": "The mask is on the wrong side of the kink, or of the wrong array.",
    "marking.edit.extreme": "The smallest is taken in place of the largest, or the largest in place of the smallest.",
    "marking.edit.shape": "Its shape is wrong.",
    "marking.convention": "{file}: examples in {examples}, weights {weights}, {reduction}",
    "marking.convention.one": "{file}: one example at a time, weights {weights}",
    "marking.convention.rows": "rows",
    "marking.convention.columns": "columns",
    "marking.convention.mean": "mean over the examples",
    "marking.convention.sum": "sum over the examples",
    "marking.line": "line {line}",
    "marking.right": "right",
    "marking.wrong": "wrong",
    "marking.follows": "follows from an earlier mistake",
    "marking.unread": "cannot be read",
    "marking.unread.stops": "It stops at {sign}, which cannot stand there.",
    "marking.unread.end": "It ends too early.",
    "marking.unread.name": "{name} is no quantity of the network.",
    "marking.unread.theory": "{letters} stand for any quantities here, so it says nothing about the network.",
    "marking.unread.places": "The letter {letter} runs over axes of {first} and of {second} places.",
    "marking.unread.size": "Nothing says how many places the letter {letter} has.",
    "marking.unread.left": "The letter {letter} is not on the left side, and no sum runs over it.",
    "marking.unread.shapes": "Arrays of shapes {first} and {second} do not go together.",
    "marking.unread.time": "The time for one work is over; no line from here on is judged.",
    "marking.unread.kind": "{name} is not read",
    "marking.unread.function": "the function {name} is not read",
    "marking.unread.attribute": "the attribute {name} is not read",
    "marking.unread.attribute.set": "its attribute cannot be set",
    "marking.unread.argument": "the argument {name} is not read",
    "marking.unread.arguments": "its arguments are not read",
    "marking.unread.arguments.other": "{function} has another number of arguments",
    "marking.unread.function.unknown": "{function} is not known",
    "marking.unread.class": "its class is not read",
    "marking.unread.held": "what it has is not read",
    "marking.unread.number": "what is no number is not read here",
    "marking.unread.compared": "an array is no number that is compared",
    "marking.unread.dictionary": "a dictionary in a dictionary is not read",
    "marking.unread.through": "what it goes through is not read",
    "marking.unread.through.many": "it goes through too many places",
    "marking.unread.list": "a list of too many places",
    "marking.unread.numbers": "a list of too many numbers",
    "marking.unread.key": "a key is a text or a number",
    "marking.unread.called": "what is called is no function",
    "marking.unread.values": "{values} values for {names} names",
    "marking.unread.loop": "the name of a loop is not read",
    "marking.unread.break": "a break outside of a loop",
    "marking.unread.target": "what it assigns to is not read",
    "marking.unread.parts": "it has no parts",
    "marking.unread.parts.set": "its parts cannot be set",
    "marking.unread.put": "what is put into it is not read",
    "marking.unread.text": "its text is not read",
    "marking.unread.type": "its type of numbers is not read",
    "marking.unread.array": "it makes an array of something else than numbers",
    "marking.unread.nothing": "nothing is known of {name}",
    "marking.unread.sign": "its sign is not read",
    "marking.unread.sign.between": "a sign between two things that are no numbers",
    "marking.unread.looked": "what it is looked for in is not read",
    "marking.unread.lists": "a comparison of lists is not read",
    "marking.unread.picked": "its places do not go together",
    "marking.unread.einsum": "{function} is read with a text of letters alone",
    "marking.unread.steps": "it takes too many steps",
    "marking.unread.memory": "its arrays take too much memory",
    "marking.unread.large": "an array of {count} entries is too large",
    "marking.unread.letters": "its letters have {count} places together, which are too many",
    "marking.unread.digits": "a number of too many digits",
    "marking.unread.assignments": "it has too many assignments",
    "marking.unread.calls": "its functions call each other without end",
    "marking.unread.deep": "it is nested too deeply",
    "marking.unread.terms": "it is nested too deeply, or has too many terms",
    "marking.unread.terms.many": "it has too many terms",
    "marking.unread.long": "it is too long to be read",
    "marking.unread.begins": "it begins with =, and no equation stands before it",
    "marking.unread.equations": "it has more than {count} equations",
    "marking.unread.index": "{part} is no part of a formula by index",
    "marking.unread.whole": "{part} is no part of a formula with whole arrays",
    "marking.unread.transpose": "an array of more than two axes has no transpose",
    "marking.unread.product": "a product of arrays of more than two axes is not read",
    "marking.unread.ones": "ones of {size} places",
    "marking.unread.ones.multiplied": "ones of {size} places and an array of shape {shape} are multiplied",
    "marking.unread.axis": "{array} has no axis {letter}",
    "marking.unread.axis.none": "{sum} runs over no axis",
    "marking.unread.labels": "{labels} are no labels",
    "marking.unread.diagonal": "an array of shape {shape} stands on a diagonal",
    "marking.unread.indices": "{name} stands without its indices",
    "marking.unread.indices.other": "an array with {own} indices stands with {found}",
    "marking.unread.indices.start": "a value before the first place has {own} indices, and stands with {found}",
    "marking.unread.comparison": "{part} is no comparison",
    "marking.unread.letter": "{function} runs over {found}, expected a letter",
    "marking.unread.derivative": "a derivative is one of an entry by an entry",
    "marking.unread.derivative.unknown": "nothing is known of the derivative of {of} by {by}",
    "marking.unread.left.letters": "the left side has to have a letter of its own for each index",
    "marking.unread.left.indices": "the left side has {count} indices",
    "marking.unread.python": "no Python: {error}",
    "marking.unread.refused": "{error}",
    # what NumPy and Python say, which is read by these words
    "marking.refused.shapes": "operands could not be broadcast together with shapes {first} {second}",
    "marking.refused.shapes.arguments": (
        "shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between arg {i} with shape "
        "{first} and arg {j} with shape {second}."
    ),
    "marking.refused.shapes.indices": "shape mismatch: indexing arrays could not be broadcast together with shapes {first} {second}",
    "marking.refused.product": (
        "matmul: Input operand {operand} has a mismatch in its core dimension {axis}, with gufunc signature "
        "{signature} (size {found} is different from {expected})"
    ),
    "marking.refused.product.axes": (
        "matmul: Input operand {operand} does not have enough dimensions (has {found}, gufunc core with signature "
        "{signature} requires {expected})"
    ),
    "marking.refused.dot": "shapes {first} and {second} not aligned: {left} (dim {i}) != {right} (dim {j})",
    "marking.refused.reshape": "cannot reshape array of size {size} into shape {shape}",
    "marking.refused.axis": "axis {axis} is out of bounds for array of dimension {count}",
    "marking.refused.index": "index {index} is out of bounds for axis {axis} with size {size}",
    "marking.refused.indices": "too many indices for array: array is {own}-dimensional, but {found} were indexed",
    "marking.refused.indices.kind": (
        "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices"
    ),
    "marking.refused.put": "could not broadcast input array from shape {found} into shape {expected}",
    "marking.refused.in_place": "non-broadcastable output operand with shape {own} doesn't match the broadcast shape {found}",
    "marking.refused.concatenate": (
        "all the input array dimensions except for the concatenation axis must match exactly, but along dimension "
        "{axis}, the array at index {i} has size {first} and the array at index {j} has size {second}"
    ),
    "marking.refused.squeeze": "cannot select an axis to squeeze out which has size not equal to one",
    "marking.refused.axes": "axes don't match array",
    "marking.refused.split": "array split does not result in an equal division",
    "marking.refused.uneven": (
        "setting an array element with a sequence. The requested array has an inhomogeneous shape after {count} "
        "dimensions. The detected shape was {shape} + inhomogeneous part."
    ),
    "marking.refused.truth": "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
    "marking.refused.zero": "division by zero",
    "marking.refused.list": "list index out of range",
    "marking.refused.tuple": "tuple index out of range",
    "marking.refused.length": "object of type '{kind}' has no len()",
    "marking.refused.operands": "unsupported operand type(s) for {sign}: '{left}' and '{right}'",
    "marking.refused.keyword": "{function} got an unexpected keyword argument '{name}'",
    "marking.refused.takes.one": "{function} takes {expected} positional argument but {found} were given",
    "marking.refused.takes": "{function} takes {expected} positional arguments but {found} were given",
    "marking.refused.whole": "invalid literal for int() with base {base}: {found}",
    "marking.refused.float": "could not convert string to float: {found}",
    "marking.refused.syntax": "invalid syntax",
    "marking.refused.syntax.comma": "invalid syntax. Perhaps you forgot a comma?",
    "marking.refused.syntax.equals": "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
    "marking.refused.syntax.call": "Missing parentheses in call to '{name}'. Did you mean {call}?",
    "marking.refused.syntax.open": "'{bracket}' was never closed",
    "marking.refused.syntax.unmatched": "unmatched '{bracket}'",
    "marking.refused.syntax.brackets": "closing parenthesis '{found}' does not match opening parenthesis '{expected}'",
    "marking.refused.syntax.deep": "too many nested parentheses",
    "marking.refused.syntax.expected": "expected '{sign}'",
    "marking.refused.syntax.indent": "unexpected indent",
    "marking.refused.syntax.unindent": "unindent does not match any outer indentation level",
    "marking.refused.syntax.block": "expected an indented block after '{word}' statement on line {line}",
    "marking.refused.syntax.body": "expected an indented block after function definition on line {line}",
    "marking.refused.syntax.string": "unterminated string literal (detected at line {line})",
    "marking.refused.syntax.sign": "invalid character '{sign}' ({code})",
    "marking.refused.syntax.hidden": "invalid non-printable character {code}",
    "marking.refused.syntax.number": "invalid decimal literal",
    "marking.refused.syntax.function": "cannot assign to function call here. Maybe you meant '==' instead of '='?",
    "marking.refused.syntax.expression": "cannot assign to expression here. Maybe you meant '==' instead of '='?",
    "marking.refused.work.python": "no Python: {error}",
    "marking.refused.work.long": "found {count} characters, expected a work of at most {most}",
    "marking.refused.work.null": "found a NUL byte, expected a text file in UTF-8",
    "marking.refused.work.null.code": "found a NUL byte, expected text",
    "marking.refused.work.half": "found half of a sign, expected text",
    "marking.refused.work.byte": "found the byte {byte}, expected text in UTF-8",
    "marking.refused.work.deep": "no Python that can be read, as it is nested too deeply",
    "marking.refused.work.deep.all": "it is nested too deeply to be read",
    "marking.refused.work.nothing": "no Python",
    "marking.refused.work.function.none": "no function '{name}'; expected one of ",
    "marking.refused.work.function.near": "no function '{name}'; expected one of {names}; did you mean '{near}'?",
    "marking.refused.work.function": "no function '{name}'; expected one of {names}",
    "marking.refused.work.folder.kind": "found a folder, expected a work in a {kind}",
    "marking.refused.work.folder": "found a folder, expected a work in {endings}",
    "marking.refused.work.ending.near": "found the ending '{ending}', expected a work in {endings}; did you mean '{near}'?",
    "marking.refused.work.ending": "found the ending '{ending}', expected a work in {endings}",
    "marking.refused.work.notebook": "found no notebook, expected cells of code in JSON",
    "marking.refused.work.notebook.long": "found {count} characters beside pictures, expected a notebook of at most {most}",
    "marking.refused.work.missing.near": "no such file, did you mean '{near}'?; expected a {kind}",
    "marking.refused.work.missing": "no such file; expected a {kind}",
    "marking.refused.work.device": "found a device or pipe, expected a work in a {kind}",
    "marking.refused.work.bytes": "found more than {most} bytes, expected a work in a {kind} of at most that",
    "marking.refused.work.closed": "cannot be read ({reason})",
    "marking.refused.kind.python": "file of Python",
    "marking.refused.kind.formulas": "file of formulas",
    "marking.refused.kind.notebook": "notebook",
    "marking.refused.key": "'{name}'",
    "marking.correction": "Right: {right}",
    "marking.missing": "Missing: {gradients}",
    "marking.count": "{right} of {of} gradients are right.",
    "marking.heading.work": "work",
    "marking.heading.right": "right",
    "marking.heading.mistake": "first mistake",
}

#: Sentences that are another for the number one: the field that counts, and the sentence.
ENGLISH_FOR_ONE: dict[str, tuple[str, str]] = {
    "network.one": ("inputs", "The network has one layer, which takes one number to {outputs}."),
    "network.equations": ("count", "The network is given by one equation, the cost."),
    "network.parameters": ("count", "It has one parameter."),
    "trust.steps": (
        "count",
        "One equation of this document was evaluated, both sides of it, on random arrays whose axes have different sizes. "
        "The largest relative error was {error}.",
    ),
}


_FIELD = re.compile(r"\{(\w+)\}")

Field = Math | Words | Code | Reference | Sentence | str | int


def say(key: str, **fields: Field) -> Sentence:
    """The sentence of a key, in the language that is spoken, with its fields filled in; a plain string is words.

    Raises:
        ValueError: where the fields are not those of the sentence: what is given to be said must not be lost.
    """
    mentioned = fields_of(key)
    if fields.keys() != mentioned:
        raise ValueError(f"the sentence {key!r} has the fields {sorted(mentioned)}, found {sorted(fields)}")
    return fill(text_of(key, **fields), **fields)


def say_with(key: str, known: Mapping[str, Field]) -> Sentence:
    """A sentence of a table whose sentences mention different things: of all that is known, those that it mentions."""
    return say(key, **{name: known[name] for name in sorted(fields_of(key))})


@cache
def fields_of(key: str) -> frozenset[str]:
    """What a sentence mentions; its form for the number one need not say the number."""
    return frozenset(_FIELD.findall(ENGLISH[key]))


def text_of(key: str, **fields: Field) -> str:
    """The sentence of a key in the language that is spoken, its fields still in braces; the number that it counts decides its form."""
    if key not in ENGLISH_FOR_ONE:
        return translated(key, ENGLISH[key])
    counting, for_one = ENGLISH_FOR_ONE[key]
    number = fields[counting]
    assert isinstance(number, int), f"{key}: {counting} is counted"
    return translations(spoken_language().tag).npgettext(key, for_one, ENGLISH[key], number)


def fill(text: str, **fields: Field) -> Sentence:
    """A text with its fields filled in."""
    parts: list[Words | Math | Code | Reference] = []
    for position, piece in enumerate(_FIELD.split(text)):
        if position % 2 == 0:
            if piece:
                parts.append(Words(piece))
            continue
        value = fields[piece]
        if isinstance(value, int):
            parts.append(Words(f"{value:,}"))
        elif isinstance(value, str):
            parts.append(Words(value))
        elif isinstance(value, tuple):
            parts.extend(value)
        else:
            parts.append(value)
    return tuple(parts)


def plain(text: str) -> Sentence:
    """Words alone."""
    return (Words(text),)


def formula(written: Node | str) -> Sentence:
    """A formula alone, or a letter, a number or a sign."""
    return (Math(node(written)),)


def listed(items: Sequence[Sentence], between: str = "items") -> Sentence:
    """Items with commas between, as the language sets them between words and letters, or between longer "phrases"."""
    return _joined(items, f"between.{between}")


def together(*sentences: Sentence) -> Sentence:
    """Whole sentences one after the other."""
    return _joined(sentences, "between.sentences")


def _joined(parts: Sequence[Sentence], key: str) -> Sentence:
    if not parts:
        return ()
    joined = parts[0]
    for part in parts[1:]:
        joined = say(key, first=joined, second=part)
    return joined
