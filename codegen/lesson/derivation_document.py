"""The derivation of one gradient, or of all, as a document: by index with every step, as matrices, entry by entry, or node by node.

The formulas that come out at the end, without steps, are there as lines too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from sympy import Expr

from chainrule.codegen.checking.checker import Checker, together
from chainrule.codegen.document.document import (
    BlankLines,
    Block,
    Code,
    Display,
    Document,
    FrontMatter,
    Heading,
    Line,
    Math,
    Paragraph,
    Words,
)
from chainrule.codegen.document.evidence_required import evidenced
from chainrule.codegen.document.nodes import MINUS, Function, bracketed, derivative_on_a_line, node, row
from chainrule.codegen.formulas.formula_printer import FormulaPrinter
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.formulas.plain_printer import shape_text
from chainrule.codegen.formulas.printers import Printers, in_notation
from chainrule.codegen.formulas.reasons import with_reasons
from chainrule.codegen.words.sentences import Field
from chainrule.symbolic.checking.draws import entry_numbers
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.forms.computational_graph import computational_graph, node_gradients
from chainrule.symbolic.forms.matrix_form import NoMatrixForm
from chainrule.symbolic.forms.scalar_form import ScalarEquation, scalar_form
from chainrule.symbolic.index.failures import InvalidDescription, NotExpressible, expected_one_of
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.system import Equation, System

from .equation_writer import LineWriter, SourceParts, evidence_of
from .ledger import Ledger, ledger_of
from .reads_outside import reads_outside

#: Of more gradients, the steps of equal layers are those of the first layer in other names, and their results are evaluated.
MOST_EVALUATED = 60


def signs(system: System, printers: Printers) -> dict[str, Field]:
    """What reasons mention."""
    z = node("z") if printers.notation is None else _ledger(system, printers.notation).argument
    return {
        "sigmoid": Math(row("σ", bracketed(z))),
        "logistic": Math(row("1", "/", bracketed(row("1", "+", Function("exp"), bracketed(row(MINUS, z)))))),
        "stopped": Math(row(Function("stop"), bracketed("…"))),
        "delta": Math(printers.kronecker),
    }


def derivation_document(
    derivation: Derivation, wrt: str | Sequence[str] | None, level: str, printers: Printers, with_steps: bool = True
) -> Document:
    """The derivation of one gradient, of several, or of all, verified; without steps, what comes out.

    Raises:
        InvalidDescription: where there is no such gradient or level.
        NotExpressible: where the network is too large for the scalar level.
        CheckFailed: where an equation does not hold, or a letter is not in the ledger.
    """
    refuse_unknown_level(level)
    names = (wrt,) if isinstance(wrt, str) else tuple(wrt or ())
    forms = _collected_forms(derivation, names) if level == "index" and with_steps else ()
    shown = shown_of(derivation, names, forms, printers)
    # By index alone there are steps.
    blocks = LEVELS[level].blocks(shown) if with_steps or level != "index" else [Display(tuple(_results(shown)))]
    written = tuple(blocks)
    checked_letters(derivation.system, printers, written)
    return evidenced(Document(FrontMatter(derivation.system.name), written))


def checked_letters(system: System, printers: Printers, blocks: Iterable[Block]) -> None:
    """Names of the module say themselves what they are; letters of a notation are looked up in the ledger.

    Raises:
        CheckFailed: at one that stands for nothing, or for two things.
    """
    if printers.notation is not None:
        _ledger(system, printers.notation).check(blocks)


def _ledger(system: System, notation: Notation) -> Ledger:
    """The network's letters, and the one that reasons take for what a function reads."""
    ledger = ledger_of(system, notation, notation.of_layers)
    _ = ledger.argument
    return ledger


def gradient_lines(derivation: Derivation, wrt: str, level: str, notation: Notation) -> tuple[Line, ...]:
    """One gradient at a level, without steps, verified.

    Raises:
        InvalidDescription: where there is no such gradient or level.
        NotExpressible: where the gradient has no matrix form, or the network is too large for the scalar level.
        CheckFailed: where an equation does not hold.
    """
    refuse_unknown_level(level)
    return tuple(LEVELS[level].lines(shown_of(derivation, (wrt,), (), in_notation(notation, derivation.system))))


def refuse_unknown_level(level: str) -> None:
    if level not in LEVELS:
        raise InvalidDescription(f"unknown level {level!r}; {expected_one_of(level, LEVELS)}")


def shown_of(derivation: Derivation, names: tuple[str, ...], forms: Sequence[Collected], printers: Printers) -> Shown:
    """The gradients by these tensors, or by all where none is named."""
    adjoints, checker = [derivation.adjoint(name) for name in names] or list(derivation.adjoints.values()), Checker()
    writer = LineWriter(SourceParts(_verified_numbers(derivation, checker, forms), checker), printers.by_index(derivation.system))
    return Shown(derivation, adjoints, names, forms, printers, writer)


def _collected_forms(derivation: Derivation, names: tuple[str, ...]) -> tuple[Collected, ...]:
    """The collected forms of these gradients, where they are worth a line, or all that are."""
    if not names:
        return derivation.collected_forms
    return tuple(form for name in names if (form := derivation.collected_form(name)))


def _verified_numbers(derivation: Derivation, checker: Checker, forms: Sequence[Collected]) -> Numbers:
    """The numbers at which all steps were evaluated; what was, is not evaluated again."""
    verified = verify(derivation, forms)
    assert verified.numbers is not None
    checker.take_over(derivation, verified, verified.numbers, forms)
    return verified.numbers


@dataclass(frozen=True)
class Shown:
    """A derivation, what is shown of it, and who writes it."""

    derivation: Derivation
    adjoints: Sequence[Adjoint]
    names: tuple[str, ...]
    forms: Sequence[Collected]
    printers: Printers
    writer: LineWriter

    @cached_property
    def signs(self) -> dict[str, Field]:
        """What reasons mention."""
        return signs(self.derivation.system, self.printers)

    def written_by(self, printer: FormulaPrinter, numbers: Numbers) -> LineWriter:
        return LineWriter(SourceParts(numbers, self.writer.source.checker), printer)

    def heading(self, name: str, behind: Words | Code) -> Heading:
        return Heading(2, (Words(f"∂{self.derivation.system.cost.tensor.name}/∂{name}"), behind), f"gradient-{name}")


def _index(shown: Shown) -> Iterator[Block]:
    """Every step with its reason; behind them the gradients in one line."""
    system = shown.derivation.system
    yield from _outside(shown, [equation.expression for equation in system.equations])
    for adjoint in shown.adjoints:
        if len(shown.adjoints) > MOST_EVALUATED and not adjoint.is_first_of_kind:
            shown.writer.source.checker.equal_layer(shown.derivation, adjoint, shown.writer.source.numbers)
        yield shown.heading(adjoint.tensor.name, Code(shape_text(system, adjoint.tensor)))
        chains = (*(path.steps for path in adjoint.paths), adjoint.steps)
        yield Display(tuple(line for steps in chains for line in _equalities(shown, adjoint.tensor, steps)))
        yield BlankLines(1)
    for form in shown.forms:
        yield shown.heading(form.tensor.name, Words(" in one line"))
        yield Display(_equalities(shown, form.tensor, form.steps, form.put_in))
        yield BlankLines(1)


def _outside(shown: Shown, further: Sequence[Expr] = ()) -> Iterator[Block]:
    """What entries mean that the gradients, or what else is shown, read outside of their axes."""
    if outside := reads_outside(shown.derivation.system, [*further, *(adjoint.expression for adjoint in shown.adjoints)]):
        yield Paragraph(outside)
        yield BlankLines(1)


def _equalities(shown: Shown, tensor: Tensor, steps: Sequence[Step], put_in: Sequence[str] = ()) -> tuple[Line, ...]:
    """left = … = …, with the reason of each step; `put_in` are the adjoints put in."""
    cost, *named = (shown.writer.printer.entry(name, ()) for name in (shown.derivation.system.cost.tensor.name, tensor.name, *put_in))
    mentioned = {**shown.signs, "u": Math(named[0])}
    return shown.writer.chain(
        steps[0].before, with_reasons(steps, mentioned, [Math(derivative_on_a_line(cost, each)) for each in named[1:]])
    )


def _results(shown: Shown) -> Iterator[Line]:
    return (shown.writer.equation(adjoint.equation) for adjoint in shown.adjoints)


def _matrix(shown: Shown) -> Iterator[Block]:
    """The results in matrix notation, and by index where there is none."""
    yield from _outside(shown)
    yield from matrix_blocks(shown, [adjoint.equation for adjoint in shown.adjoints])


def matrix_blocks(shown: Shown, equations: Iterable[Equation]) -> Iterator[Block]:
    """Each in matrix notation, and by index where it has none."""
    for equation in equations:
        try:
            yield Display((_matrix_line(shown, equation),))
        except NotExpressible as problem:
            yield Display((shown.writer.equation(equation),))
            yield Paragraph((Words(f"(by index: {problem})"),))


def _matrix_line(shown: Shown, equation: Equation) -> Line:
    """The equation in matrix notation with its shapes, or one step of it; raises `NotExpressible` where there is none."""
    matrices = shown.printers.matrices(shown.derivation.system)
    try:
        return shown.writer.matrix_as(equation, matrices.defined(equation.tensor), lambda form: matrices.formula(form, shapes=True))
    except NoMatrixForm as problem:
        try:
            return shown.writer.step_as(equation, matrices.step, matrices.formula)
        except NoMatrixForm:
            raise problem from None


def _matrix_lines(shown: Shown) -> Iterator[Line]:
    return (_matrix_line(shown, adjoint.equation) for adjoint in shown.adjoints)


def _scalar(shown: Shown) -> Iterator[Block]:
    """Each entry by itself, without sums."""
    yield Display(tuple(_entry_lines(shown)))


def _entry_lines(shown: Shown) -> Iterator[Line]:
    wanted = set(map(shown.derivation.system.adjoint_name, shown.names))
    return scalar_lines(shown, (each for each in scalar_form(shown.derivation).backward if not wanted or each.tensor in wanted))


def scalar_lines(shown: Shown, equations: Iterable[ScalarEquation]) -> Iterator[Line]:
    writer = shown.written_by(shown.printers.single_entries(shown.derivation.system), entry_numbers(shown.derivation))
    return (writer.line(each.entry, each.expression) for each in equations)


def _graph(shown: Shown) -> Iterator[Block]:
    """Every primitive operation as a node: forward in order, then backward; of one gradient, the nodes that lead to it."""
    forward, backward = node_lines(shown)
    yield from (Display((line,)) for line in forward)
    yield BlankLines(1)
    yield from (Display((line,)) for line in backward)


def node_lines(shown: Shown) -> tuple[Iterator[Line], Iterator[Line]]:
    """Those of the nodes themselves, and those of the gradients in them."""
    graph = computational_graph(shown.derivation.system)
    nodes = derive(graph.system)
    numbers = _verified_numbers(nodes, shown.writer.source.checker, nodes.collected_forms)
    writer = shown.written_by(shown.printers.graph(graph), numbers)
    return map(writer.equation, graph.system.equations), _node_gradients(shown, nodes, writer)


def _node_gradients(shown: Shown, nodes: Derivation, writer: LineWriter) -> Iterator[Line]:
    wanted = nodes.system.depending_on(list(shown.names)) if shown.names else set(nodes.adjoints)
    for name in nodes.adjoints:
        if name in wanted:
            yield joined(*map(writer.equation, node_gradients(nodes, name)))


def joined(line: Line, other: Line) -> Line:
    """left = right = other right, where the two differ as they are written."""
    if other.right.node == line.right.node:
        return line
    return replace(line, right=line.right.joined("=", other.right), evidence=together([evidence_of(line), evidence_of(other)]))


@dataclass(frozen=True, slots=True)
class _Level:
    """What a document shows at a level, and the formulas alone that come out."""

    blocks: Callable[[Shown], Iterator[Block]]
    lines: Callable[[Shown], Iterator[Line]]


LEVELS: dict[str, _Level] = {
    "scalar": _Level(_scalar, _entry_lines),
    "index": _Level(_index, _results),
    "matrix": _Level(_matrix, _matrix_lines),
    "graph": _Level(_graph, lambda shown: chain(*node_lines(shown))),
}
