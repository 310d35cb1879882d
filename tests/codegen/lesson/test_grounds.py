"""No formula of a document without evidence: it was evaluated as it is shown, or it is one of a few definitions."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import residual_networks
from gallery_networks import FOLDERS, derived, description_of, document
from written_lines import by_hand

import chainrule.codegen
from chainrule.codegen.build import material_of
from chainrule.codegen.checking.checker import Checker, together
from chainrule.codegen.checking.gradient_check import EXACT_BOUNDS, checked_module
from chainrule.codegen.cli import listings
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.document.document import Block, Display, Document, Formula, FrontMatter, Heading, Line, Math, Paragraph
from chainrule.codegen.document.evidence import ASKED, DEFINITIONS, AskedAbout, Defined, Evaluated
from chainrule.codegen.document.evidence_required import evidenced, formulas, says_something
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import (
    Cases,
    Letter,
    Node,
    Number,
    Text,
    bracketed,
    derivative,
    derivative_on_a_line,
    row,
    scripted,
    total,
)
from chainrule.codegen.exercises import sheet
from chainrule.codegen.exercises.draw import QuestionDraw
from chainrule.codegen.exercises.kinds import KINDS
from chainrule.codegen.exercises.question import Question
from chainrule.codegen.exercises.sheet import Exercises, exercises
from chainrule.codegen.exercises.source import QuestionSource
from chainrule.codegen.formats.latex_piece import latex_lines
from chainrule.codegen.formats.text import PLAIN_WIDTH, text_lines
from chainrule.codegen.formulas.function_signs import ONE
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.printers import PLAIN, in_notation
from chainrule.codegen.handout import HANDOUT_SECTIONS, handout
from chainrule.codegen.lesson import equation_writer, substituted_numbers
from chainrule.codegen.lesson.derivation_document import LEVELS, derivation_document
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.network_document import update_document
from chainrule.codegen.lesson.sections import summary
from chainrule.codegen.lesson.sections.numbers import bound
from chainrule.codegen.lesson.sections.paths import ways_to_the_cost
from chainrule.codegen.lesson.sections.registry import Section
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.forms.matrices import Entrywise, Matrix
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.index.failures import CheckFailed

#: LeNet is left to the tests of notations, which make its documents too: its module takes long to check.
SPECS = [name for name in FOLDERS if name not in ("lenet", "fast_digits")]


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("spec", SPECS)
def test_every_formula_of_the_gallery_has_a_ground(spec: str, notation: str) -> None:
    all_evidence = [evidence for _, evidence in formulas(document(spec, notation))]
    assert all(isinstance(evidence, Evaluated | Defined) for evidence in all_evidence)
    assert sum(isinstance(evidence, Evaluated) for evidence in all_evidence) >= 40
    defined = Counter(evidence.what for evidence in all_evidence if isinstance(evidence, Defined) and evidence.what != "given")
    assert sum(defined.values()) <= 8, defined
    # As large as the largest error that any check allows.
    assert all(evidence.error < 1e-5 for evidence in all_evidence if isinstance(evidence, Evaluated))


LABELS = """
name = "labelled"
input = 2
[[layers]]
units = 2
activation = "softmax"
[cost]
kind = "cross_entropy"
targets = "labels"
"""


def test_all_definitions_are_used(tmp_path: Path) -> None:
    """A definition that nobody needs would be a way around."""
    path = tmp_path / "labelled.toml"
    path.write_text(LABELS)
    labelled = read_description(path)
    derivation = derive(labelled.network)
    texts = [document(spec, notation) for spec, notation in (("one_feeding_two", "neuron"), ("logistic", "brackets"), ("columns", "delta"))]
    material = exercise_material()
    texts.append(update_document(material.derivation, "index", in_notation(material.notation, material.system), material.notation))
    texts.append(handout(material_of(labelled, derivation, verify(derivation), checked_module(derivation), length="full"), "en"))
    used = {evidence.what for text in texts for _, evidence in formulas(text) if isinstance(evidence, Defined)}
    assert used == set(DEFINITIONS)
    with pytest.raises(ValueError, match="expected one of"):
        Defined("anything")


def test_only_the_checker_says_that_something_was_evaluated() -> None:
    makers = set()
    for path in sorted(Path(chainrule.codegen.__file__).resolve().parent.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        imports = [
            node
            for node in nodes
            if isinstance(node, ast.ImportFrom) and node.module in ("evidence", "chainrule.codegen.document.evidence")
        ]
        all_evidence = {name.name for node in imports for name in node.names} & {"Evaluated", "AskedAbout"}
        if any(isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in all_evidence for node in nodes):
            makers.add(path.name)
    assert makers == {"checker.py"}


@pytest.mark.parametrize(
    "block",
    [
        Display((by_hand("a", "b"),)),
        Display((by_hand("a", "b", evidence=Defined("given")), by_hand("", "c"))),
        Paragraph((Math(row("a", "=", "b")),)),
        Heading(1, (Math(row(scripted("δ", above="L"), "=", derivative("C", "z"))),), "heading"),
    ],
)
def test_no_document_is_made_of_a_formula_without_a_ground(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    def section(material: Material) -> list[Block]:
        return [block]

    monkeypatch.setitem(HANDOUT_SECTIONS, "network", Section(section))
    with pytest.raises(CheckFailed, match="would show what was not evaluated"):
        handout(material_of(description_of("2-2-2"), *derived("2-2-2"), length="full"), "en")


def test_evidence_is_of_the_very_formula_that_was_evaluated() -> None:
    """Given to another line, to another side of the same line, or to a line below another, it is refused."""
    derivation, verified, _ = derived("2-2-2")
    numbers = verified.numbers
    assert isinstance(numbers, Numbers)
    material = material_of(description_of("2-2-2"), *derived("2-2-2"), length="full")
    first, second = (material.writer.equation(derivation.adjoint(name).equation) for name in ("W1", "W2"))
    matrix = material.writer.matrix(derivation.adjoint("W2").equation)
    sides = Formula(Letter("x")), Formula(Letter("y"))
    of_hand = Line(*sides, evidence=material.checker.numbers_agree("x = y", 1.0, 1.0, *sides))
    further = material.writer.further(derivation.adjoint("W2").as_tensor.own_entry, derivation.adjoint("W2").expression)
    sentence = Formula(row("a", "=", "b"))
    said = Math(sentence.node, material.checker.numbers_agree("a = b", 1.0, 1.0, sentence))
    for lines in ((first, second), (matrix,), (of_hand,), (second, further)):
        evidenced(Document(FrontMatter("title"), (Display(lines), Paragraph((said,)))))
    refused: list[Block] = [
        Display((replace(first, evidence=second.evidence),)),
        Display((replace(first, right=second.right),)),
        Display((replace(first, right=Formula(first.right.node)),)),
        Display((replace(matrix, evidence=second.evidence),)),
        Display((replace(matrix, right=matrix.right.joined("=", Formula(Number("0")))),)),
        Display((replace(of_hand, right=Formula(Letter("z"))),)),
        Display((Line(*sides, evidence=first.evidence),)),
        Display((Line(*sides, evidence=together([evidence_of(first), evidence_of(second)])),)),
        Display((first, further)),
        Paragraph((Math(row("a", "=", "c"), said.evidence),)),
    ]
    for block in refused:
        with pytest.raises(CheckFailed, match=r"evidence of another formula|not equal to"):
            evidenced(Document(FrontMatter("title"), (block,)))


#: Where a formula is said to be of an expression: printers, and what writes a name or a product of their making beside them.
PRINTERS = {"formula_printer.py", "plain_matrix_printer.py", "printed_number.py", "formula.py"}
NAMES = {"equation_writer.py", "substituted_numbers.py", "errors.py", "summary.py", "derivation_lines.py", "products.py"}
NAMES |= {"find_wrong_formula.py", "find_wrong_matrix.py", "jacobian_document.py"}


def test_few_places_say_what_a_formula_was_printed_from() -> None:
    found = set()
    for path in sorted(Path(chainrule.codegen.__file__).resolve().parent.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        if any(call.func.id == "Formula" and len(call.args) + len(call.keywords) > 1 for call in calls if isinstance(call.func, ast.Name)):
            found.add(path.name)
    assert found == PRINTERS | NAMES


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (row("a", "=", "b"), True),
        (row("w", "←", "2"), True),
        (row(derivative("C", "w"), "≈", "3"), True),
        (bound(1e-13, EXACT_BOUNDS), False),
        (row(ONE, bracketed(row("i", "=", "j"), "[]")), False),
        (row(total(row("k", "=", "0"), "n"), scripted("a", "k")), False),
        (derivative_on_a_line("C", "w"), False),
        (Cases(((Letter("z"), row("z", ">", "0")), (Number("0"), Text("otherwise")))), False),
    ],
)
def test_a_formula_with_two_sides_says_something(formula: Node, expected: bool) -> None:
    assert says_something(formula) == expected


def negated(form: Matrix) -> Matrix:
    return Entrywise("negative", (form,), form.letters)


def test_a_matrix_line_that_is_wrong_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """The equation by index is right, and so is all that was evaluated of it."""
    monkeypatch.setattr(equation_writer, "matrix_form", lambda *given: negated(matrix_form(*given)))
    with pytest.raises(CheckFailed, match=r"the matrix form of .* does not hold"):
        handout(material_of(description_of("2-2-2"), *derived("2-2-2"), length="full"), "en")


def test_a_closed_form_that_is_wrong_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    right = summary.closed_form
    monkeypatch.setattr(summary, "closed_form", lambda system: 2 * right(system))
    with pytest.raises(CheckFailed, match="the sides differ"):
        handout(material_of(description_of("2-2-2"), *derived("2-2-2"), length="full"), "en")


def test_a_worked_number_that_is_wrong_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit of the value that is printed is another."""
    right = substituted_numbers.printed
    monkeypatch.setattr(substituted_numbers, "printed", lambda value, digits=6: right(value * (1 + 1e-6), digits))
    with pytest.raises(CheckFailed, match="to the digits shown"):
        handout(material_of(description_of("2-2-2"), *derived("2-2-2"), length="full"), "en")


def test_an_optimiser_that_is_wrong_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = derived("2-2-2")[2]
    right = checked.module.momentum
    monkeypatch.setattr(checked.module, "momentum", lambda params, gradients, state=None: right(params, gradients, state, beta=0.8))
    with pytest.raises(CheckFailed, match="gradient descent with momentum for W1"):
        handout(material_of(description_of("2-2-2"), *derived("2-2-2"), length="full"), "en")


@pytest.mark.parametrize("latex", [False, True])
@pytest.mark.parametrize("level", LEVELS)
def test_every_row_of_a_terminal_was_evaluated(level: str, latex: bool) -> None:
    derivation = derived("2-2-2")[0]
    shown = derivation_document(derivation, None, level, in_notation(NOTATIONS["superscript"], derivation.system) if latex else PLAIN)
    all_evidence = [evidence for _, evidence in formulas(shown)]
    assert len(all_evidence) >= 8
    assert all(isinstance(evidence, Evaluated) for evidence in all_evidence)
    lines = list(latex_lines(shown.blocks) if latex else (line.plain for line in text_lines(shown, PLAIN_WIDTH)))
    assert sum(" = " in line or " &= " in line for line in lines) == len(all_evidence)


def test_a_wrong_row_of_a_terminal_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equation_writer, "matrix_form", lambda *given: negated(matrix_form(*given)))
    with pytest.raises(CheckFailed):
        derivation_document(derived("2-2-2")[0], "W1", "matrix", PLAIN)


def test_every_level_that_is_listed_is_shown() -> None:
    assert set(LEVELS) == set(listings.LEVELS)


def test_an_equation_that_stands_twice_is_counted_once() -> None:
    derivation, verified, _ = derived("2-2-2")
    numbers = verified.numbers
    assert isinstance(numbers, Numbers)
    checker = Checker()
    checker.take_over(derivation, verified, numbers, derivation.collected_forms)
    (step, *_) = derivation.steps("W2")
    checker.sides(step.before, step.after, numbers)
    assert checker.verified.equations == 0
    gradient = derivation.adjoint("W2")
    for _ in range(2):
        checker.sides(gradient.as_tensor.own_entry, 1 * gradient.expression, numbers)
        assert checker.verified.equations == 1
    with pytest.raises(CheckFailed):
        checker.sides(gradient.as_tensor.own_entry, 2 * gradient.expression, numbers)


def test_a_gradient_is_the_sum_of_the_products_along_all_its_ways(tmp_path: Path) -> None:
    path = tmp_path / "residual.toml"
    path.write_text(residual_networks.OF_NUMBERS)
    description = read_description(path)
    derivation = derive(description.network)
    system = derivation.system
    assert ways_to_the_cost(system, "W1") == [
        ("W1", "R", "C"),
        ("W1", "z1", "a1", "a3", "z4", "a4", "C"),
        ("W1", "z1", "a1", "z2", "a2", "a3", "z4", "a4", "C"),
    ]
    assert ways_to_the_cost(system, "b4") == [("b4", "z4", "a4", "C")]
    text = handout(material_of(description, derivation, verify(derivation), checked_module(derivation), length="full"), "en")
    shown = [
        block
        for block in text.blocks
        if isinstance(block, Display) and write_latex(block.lines[0].left.node) == r"\frac{\partial C}{\partial w^{(1)}}"
    ]
    assert len(shown[0].lines) == 3


def test_a_recurrence_has_no_product_of_its_ways() -> None:
    system = derived("gru")[0].system
    assert ways_to_the_cost(system, "Wr") == []


@cache
def exercise_material() -> Material:
    return material_of(description_of("2-2-2"), *derived("2-2-2"), length="full")


@cache
def sheet_and_key(seed: int) -> Exercises:
    return exercises(exercise_material(), "en", 24, seed)


@pytest.mark.parametrize("seed", [0, 1])
def test_every_formula_of_a_sheet_and_its_key_has_a_ground(seed: int) -> None:
    found = sheet_and_key(seed)
    for text, fewest in ((found.sheet, 15), (found.key, 80)):
        all_evidence = [evidence for _, evidence in formulas(text)]
        assert all(isinstance(evidence, Evaluated | Defined | AskedAbout) for evidence in all_evidence)
        assert "wrong" in {evidence.what for evidence in all_evidence if isinstance(evidence, AskedAbout)}
        assert {evidence.what for evidence in all_evidence if isinstance(evidence, Defined)} <= {"given", "prediction"}
        assert sum(isinstance(evidence, Evaluated) for evidence in all_evidence) >= fewest
        assert all(evidence.difference > 1e-3 for evidence in all_evidence if isinstance(evidence, AskedAbout) and evidence.what == "wrong")
        assert all(evidence.difference < 1e-9 for evidence in all_evidence if isinstance(evidence, AskedAbout) and evidence.what == "gap")
        assert all(evidence.error < 1e-3 for evidence in all_evidence if isinstance(evidence, Evaluated))
    answers = [block for question in found.questions for block in question.solution]
    assert not any(isinstance(evidence, AskedAbout) for _, evidence in formulas(replace(found.key, blocks=tuple(answers))))


def test_all_that_can_be_asked_is_asked() -> None:
    all_evidence = [evidence for seed in (0, 1) for _, evidence in formulas(sheet_and_key(seed).sheet)]
    assert {evidence.what for evidence in all_evidence if isinstance(evidence, AskedAbout)} == set(ASKED)


@pytest.mark.parametrize("part", ["prompt", "solution"])
@pytest.mark.parametrize(
    "block",
    [
        Display((by_hand("a", "b"),)),
        Paragraph((Math(row("a", "=", "b")),)),
        Display((by_hand("a", "b", (Math(row("x", "=", "z")),)),)),
    ],
)
def test_no_key_is_made_of_a_line_without_a_ground(block: Block, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = sheet_and_key(0).questions

    def with_another_line(*_: object) -> tuple[Question, ...]:
        first, *others = questions
        changed = {"prompt": (*first.prompt, block)} if part == "prompt" else {"solution": (*first.solution, block)}
        return (replace(first, **changed), *others)

    monkeypatch.setattr(sheet, "chosen_questions", with_another_line)
    with pytest.raises(CheckFailed, match="would show what was not evaluated: a = b"):
        exercises(exercise_material(), "en", 24, 0)


def test_no_answer_says_what_is_only_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is wrong on purpose, in the answer to another question."""
    questions = sheet_and_key(0).questions
    wrong = next(
        Display((line,))
        for question in questions
        for block in question.prompt
        if isinstance(block, Display)
        for line in block.lines
        if isinstance(line.evidence, AskedAbout) and line.evidence.what == "wrong" and len(block.lines) > 1
    )
    first, *others = questions
    monkeypatch.setattr(sheet, "chosen_questions", lambda *_: (replace(first, solution=(*first.solution, wrong)), *others))
    with pytest.raises(CheckFailed, match=r"would say what is only asked \(wrong\)"):
        exercises(exercise_material(), "en", 24, 0)


def test_no_handout_asks() -> None:
    asked = next(
        block for block in sheet_and_key(0).sheet.blocks if any(isinstance(evidence, AskedAbout) for _, evidence in _grounds_of(block))
    )
    handed_out = document("2-2-2", "superscript")
    assert evidenced(handed_out) is handed_out
    with pytest.raises(CheckFailed, match="would say what is only asked"):
        evidenced(replace(handed_out, blocks=(*handed_out.blocks, asked)))


def _grounds_of(block: Block) -> list[tuple[str, object]]:
    return list(formulas(replace(sheet_and_key(0).sheet, blocks=(block,))))


def test_what_holds_is_never_called_wrong() -> None:
    derivation, verified, _ = derived("2-2-2")
    numbers, checker = verified.numbers, Checker()
    assert isinstance(numbers, Numbers)
    for adjoint in derivation.adjoints.values():
        own, form = adjoint.as_tensor.own_entry, matrix_form(adjoint.equation)
        assert checker.wrong(own, adjoint.expression, numbers) is None
        assert checker.wrong(own, adjoint.expression * (1 + 1e-5), numbers) is None
        assert checker.wrong_matrix(adjoint.equation, form, numbers) is None
        wrong, turned = checker.wrong(own, -adjoint.expression, numbers), checker.wrong_matrix(adjoint.equation, negated(form), numbers)
        assert wrong is not None
        assert turned is not None
        assert wrong.difference == pytest.approx(turned.difference) == pytest.approx(2.0)
    assert checker.verified.equations == 0
    with pytest.raises(ValueError, match="expected one of gap, wrong"):
        AskedAbout("anything", 0.0, frozenset())


def test_a_calculated_number_that_is_wrong_is_in_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit of a value on the way is another."""
    right = substituted_numbers.printed
    monkeypatch.setattr(substituted_numbers, "printed", lambda value, digits=6: right(value * 1.001, digits))
    monkeypatch.setattr(sheet, "chosen_questions", lambda source, *_: tuple(_all_of(source, "calculate_gradient")))
    with pytest.raises(CheckFailed, match="to the digits shown"):
        exercises(exercise_material(), "en", 24, 0)


def _all_of(source: QuestionSource, kind: str) -> list[Question]:
    made = (KINDS[kind].question(source, place, QuestionDraw(0, number)) for number, place in enumerate(KINDS[kind].places(source)))
    return [question for question in made if question is not None]
