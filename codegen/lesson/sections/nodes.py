"""The network as a computational graph: each function taken apart into nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import sympy
from sympy import Expr, Indexed

from chainrule.codegen.document.document import Block, Display, Heading, Line, Math, Paragraph, Sentence, Table
from chainrule.codegen.document.nodes import Function, Letter, bracketed, row, scripted, with_commas
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.formulas.view_printer import Spelling, node_names
from chainrule.codegen.lesson.any_layer import suffixes
from chainrule.codegen.lesson.equation_writer import EquationWriter
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import formula, plain, say
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.forms.computational_graph import Graph, computational_graph, node_gradients
from chainrule.symbolic.index.axes import fresh
from chainrule.symbolic.index.index_letters import bound_sum
from chainrule.symbolic.index.tensors import Role, Tensor, scalar
from chainrule.symbolic.rewriting.algebra import operations
from chainrule.symbolic.rewriting.collecting_rewrites import rewritten
from chainrule.symbolic.rewriting.rewrites import ONE_HOT_TARGET
from chainrule.symbolic.rewriting.rule import Facts
from chainrule.symbolic.rewriting.substitution import substituted
from chainrule.symbolic.system.system import Equation, System

#: Nodes of the whole network that a table holds, and entries of one array.
MOST_NODES = 60
MOST_ENTRIES = 6
DIGITS = 5


def nodes_section(material: Material) -> list[Block]:
    """The last layer's and the hidden layers' activations in nodes, and the whole network as a table of nodes."""
    view = material.views.one_example
    if view is None:
        return []
    blocks: list[Block] = [Heading(1, say("heading.nodes"), "nodes"), Paragraph(say("nodes.intro"))]
    for activation in _activations(material, view):
        blocks += activation
    blocks += _in_nodes(material, _end(view), say("nodes.cost"), "cost")
    return [*blocks, *_whole(material, view)]


def nodes_in_short_section(material: Material) -> list[Block]:
    """The first activation in nodes, and the last with the cost where that mixes neurons, as softmax does."""
    view = material.views.one_example
    if view is None:
        return []
    blocks = next(iter(_activations(material, view)), [])
    if f"z{suffixes(view)[-1]}" not in view.slopes:
        blocks += _in_nodes(material, _end(view), say("nodes.cost"), "cost")
    return [Heading(1, say("heading.nodes"), "nodes"), Paragraph(say("nodes.intro")), *blocks] if blocks else []


def _activations(material: Material, view: NetworkView) -> Iterator[list[Block]]:
    """Each function once."""
    shown: set[Expr] = set()
    for suffix in suffixes(view):
        if f"z{suffix}" not in view.slopes:
            continue
        local = _local(view, suffix)
        kind = local.definition["y"].expression.xreplace({local.tensors["x"].own_entry: scalar("x")})
        if kind not in shown and kind != scalar("x"):
            shown.add(kind)
            name = Math(view.writer().printer.name_of(f"a{suffix}"))
            yield _in_nodes(material, local, say("nodes.activation", a=name), suffix)


def _local(view: NetworkView, suffix: str) -> System:
    """y = σ(x) for every entry, and all that comes behind as a factor g."""
    activation, z = view.system.definition[f"a{suffix}"], view.system.tensors[f"z{suffix}"]
    names = {"x": Role.PARAMETER, "y": Role.INTERMEDIATE, "g": Role.INPUT}
    tensors = {name: Tensor(name, z.axes, role) for name, role in names.items()} | {"L": Tensor("L", (), Role.COST)}
    x, y, g = (tensors[name].own_entry for name in "xyg")
    found = Equation(tensors["y"], activation.expression.xreplace({z.at(*activation.indices): x}))
    axes = {str(letter.name): view.system.axes[str(letter.name)] for letter in z.axes}
    return System("local", axes, tensors, (found, Equation(tensors["L"], bound_sum(y * g, *z.axes))), view.system.constants, batch=None)


def _end(view: NetworkView) -> System:
    """The last activation and the cost as a system of x, the last layer's pre-activations: y = softmax(x), L = …"""
    last = suffixes(view)[-1]
    old = view.system.tensors
    z, a, cost = old[f"z{last}"], old[f"a{last}"], view.system.cost
    x, y, total = Tensor("x", z.axes, Role.PARAMETER), Tensor("y", a.axes, Role.INTERMEDIATE), Tensor("L", (), Role.COST)
    targets = {tensor.name: replace(tensor, name="t") for tensor in view.system.targets}
    tensors = {"x": x, "y": y, **{new.name: new for new in targets.values()}, "L": total}
    bases = {old[name].at(*old[name].axes).base: new.at(*new.axes).base for name, new in ((z.name, x), (a.name, y), *targets.items())}
    exchanged = {entry: bases[entry.base][entry.indices] for part in _expressions(view, a.name) for entry in _entries(part, bases)}
    equations = (
        Equation(y, view.system.definition[a.name].expression.xreplace(exchanged)),
        Equation(total, cost.expression.xreplace(exchanged)),
    )
    axes = {str(letter.name): view.system.axes[str(letter.name)] for letter in z.axes}
    return System("end", axes, tensors, equations, view.system.constants, batch=None)


def _expressions(view: NetworkView, activation: str) -> tuple[Expr, Expr]:
    return view.system.definition[activation].expression, view.system.cost.expression


def _entries(expression: Expr, bases: dict[Expr, Expr]) -> list[Expr]:
    return sorted((entry for entry in expression.atoms(Indexed) if entry.base in bases), key=str)


def _in_nodes(material: Material, local: System, intro: Sentence, anchor: str) -> list[Block]:
    """Forward and backward node by node, then the gradient in one line."""
    count = 0

    def namer(_: str, __: int) -> str:
        nonlocal count
        count += 1
        return f"x{count}"

    graph = computational_graph(local, namer)
    notation = material.notation.adapted({}, of_layers=False)
    view = NetworkView(graph.system, notation, material.checker)
    names = {f"x{place}": scripted("x", str(place)) for place in range(1, count + 1)}
    single = frozenset(local.axes) if "g" in local.tensors else frozenset()
    writer = view.writer(Spelling(names=names, single=single))
    nodes = [equation for equation in graph.system.equations if not _is_bookkeeping(equation, local)]
    known = _known(view) if "g" not in local.tensors else {}
    backward = [line for equation in reversed(nodes) for line in _back(view, writer, equation.tensor.name, known)]
    whole = NetworkView(local, notation, material.checker)
    blocks: list[Block] = [
        Paragraph(say("nodes.forward", x=Math(Letter("x")), y=Math(Letter("y")))),
        Display(tuple(writer.equation(equation) for equation in nodes)),
        Paragraph(say("nodes.backward")),
        Display((*backward, *_back(view, writer, "x", {}))),
        *_several(view, writer, nodes),
        *_collected(whole, local),
    ]
    return [Heading(2, intro, f"nodes-{anchor}"), *material.ledger.to_themselves(blocks, "xytL")]


def _is_bookkeeping(equation: Equation, local: System) -> bool:
    """L = y g stands for what comes behind, and is no node of the function."""
    return ("g" in local.tensors and "g" in equation.reads) or (equation.tensor.role is Role.COST and "g" in local.tensors)


#: A formula with the reason why it is one.
Reasoned = tuple[Expr, Sentence]


def _back(view: NetworkView, writer: EquationWriter, name: str, known: Mapping[str, Reasoned]) -> list[Line]:
    """dx₂ = dx₃ · ∂x₃/∂x₂, the same through values that are known, and with the gradients above put in, where those are other formulas."""
    if name not in view.derivation.adjoints or (name == "y" and "g" in view.system.tensors):
        return []
    plain_form, derived = node_gradients(view.derivation, name)
    lines = [writer.equation(plain_form)]
    further = [(derived.expression, ()), *([known[name]] if name in known else [])]
    for expression, reason in further:
        if all(writer.node(expression) != line.right.node for line in lines):
            lines.append(writer.further(derived.tensor.own_entry, expression, reason))
    return lines


def _known(view: NetworkView) -> dict[str, Reasoned]:
    """The gradient of every node by forward values alone: −t/y, and 1/x₂ where the targets add up to 1."""
    derivation, system, found = view.derivation, view.system, dict[str, Reasoned]()
    adjoints = frozenset(adjoint.as_tensor.name for adjoint in derivation.adjoints.values())
    for name, adjoint in derivation.adjoints.items():
        facts = Facts(system, frozenset(adjoint.tensor.axes), system.equations, adjoints)
        expression = adjoint.expression
        for later, (formula_of, _) in found.items():
            put_in = Equation(derivation.adjoint(later).as_tensor, formula_of)
            expression = substituted(expression, put_in, facts.outside, system)
        trail = rewritten(expression, facts)
        shortest = trail[-1][2] if trail else expression
        for equation in system.equations:
            other = substituted(shortest, equation, facts.outside, system)
            shortest = other if operations(other) < operations(shortest) else shortest
        is_one_hot = any(rewrite == ONE_HOT_TARGET for rewrite, _, _ in trail)
        found[name] = shortest, say("reason.one-hot target") if is_one_hot else ()
    return found


def _several(view: NetworkView, writer: EquationWriter, nodes: list[Equation]) -> list[Block]:
    """A sentence for each node at which several paths meet."""
    met = [node.tensor for node in nodes if len(view.system.readers.get(node.tensor.name, ())) > 1]
    return [
        Paragraph(say("nodes.paths", node=Math(writer.printer.name_of(tensor.name)), count=str(len(view.system.readers[tensor.name]))))
        for tensor in met
    ]


def _collected(whole: NetworkView, local: System) -> list[Block]:
    """The gradient of x in one line, of the same function before it was taken apart."""
    y = local.tensors["y"]
    is_softmax = y.axes != () and y.name in whole.derivation.adjoint("x").equation.reads and "x" not in whole.slopes
    names = {"y": row(Function("softmax"), bracketed("x"))} if is_softmax and _is_softmax(local) else {}
    writer = whole.writer(Spelling(names=names, single=frozenset(local.axes) if "g" in local.tensors else frozenset()))
    return [Paragraph(say("nodes.collected")), Display((writer.equation(whole.derivation.adjoint("x").equation),))]


def _is_softmax(local: System) -> bool:
    """Whether y[k] is exp(x[k]) over the sum of all of them."""
    y, x = local.tensors["y"], local.tensors["x"]
    (letter,) = y.axes
    other = local.axes[str(letter.name)].index
    top = sympy.exp(x.own_entry)
    found = local.definition["y"].expression
    bottom = bound_sum(sympy.exp(x.at(fresh(other, {letter}))), fresh(other, {letter}))
    return bool(found == top / bottom)


def _whole(material: Material, view: NetworkView) -> list[Block]:
    """All nodes of the network with their values and gradients at the worked example, where the table is short enough to read."""
    graph = computational_graph(view.system)
    if len(graph.system.equations) > MOST_NODES:
        return []
    nodes = NetworkView(graph.system, view.notation, view.checker)
    values = _values(material, nodes, graph)
    if values is None or any(array.size > MOST_ENTRIES for name, array in values.arrays.items() if name in graph.system.definition):
        return []
    names = node_names(graph, view.writer().printer)
    writer = nodes.writer(Spelling(names=names))
    header = tuple(say(f"table.{column}") for column in ("node", "operation", "value", "gradient"))
    rows = []
    for equation in graph.system.equations:
        left = writer.node(equation.tensor.own_entry)
        gradient = values.arrays.get(view.system.adjoint_name(equation.tensor.name), np.ones(()))
        operation = writer.line(equation.tensor.own_entry, equation.expression).right.node
        rows.append((formula(left), formula(operation), _shown(values.arrays[equation.tensor.name]), _shown(gradient)))
    return [Heading(2, say("heading.nodes.whole"), "nodes-whole"), Paragraph(say("nodes.whole")), Table(header, tuple(rows), "llll")]


def _values(material: Material, nodes: NetworkView, graph: Graph) -> Numbers | None:
    """Forward values and gradients of all nodes for the first example, the cost's own as the network has it."""
    example, first = material.example, graph.system
    arrays = {}
    for tensor in (*first.inputs, *first.targets, *first.parameters):
        array = np.asarray(example.values[tensor.name], dtype=float)
        stored = material.system.tensors[tensor.name].axes
        if material.system.batch in [str(letter.name) for letter in stored]:
            array = np.take(array, 0, axis=[str(letter.name) for letter in stored].index(material.system.batch or "n"))
        if array.ndim != len(tensor.axes):
            return None
        arrays[tensor.name] = array
    sizes = {name: int(axis.size or 1) for name, axis in first.axes.items()}
    known = forward(first, arrays, sizes)
    known = solved([adjoint.equation for adjoint in nodes.derivation.adjoints.values()], known)
    if example.examples == 1 and material.layers is not None and not material.layers.regularisation:
        material.checker.numbers_agree("the cost of the nodes", known.arrays[first.cost.tensor.name], example.cost)
    return known


def _shown(array: object) -> Sentence:
    entries = np.real(np.asarray(array)).reshape(-1)
    return formula(with_commas(*(number(float(entry), DIGITS) for entry in entries))) if entries.size else plain("–")
