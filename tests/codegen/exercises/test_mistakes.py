"""Gaps and mistakes: what is missing or wrong is so at other numbers, what is called right holds."""

from __future__ import annotations

import re

import pytest
from sheet_material import (
    NETWORKS,
    SEEDS,
    answer_lines,
    holds,
    of_kind,
    prompt_lines,
    source,
)
from shown_text import shown_text

from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.exercises.find_wrong_matrix import as_printed
from chainrule.codegen.mistakes.formulas import FORMULA_MISTAKES, mistakes
from chainrule.codegen.mistakes.matrices import mistakes as matrix_mistakes
from chainrule.symbolic.index.failures import CheckFailed

TRANSPOSE = r"\top"


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("kind", ["fill_formula", "fill_matrix", "fill_entry"])
def test_a_gap_is_filled_with_what_is_missing(name: str, kind: str) -> None:
    """With the answer in the place of the box, the formula is the handout's."""
    for _, question in of_kind(name, 2, kind):
        (shown,), (right, *_) = prompt_lines(question), answer_lines(question)
        said = re.fullmatch(
            r"(?:The missing (?:factor|index|array) is|The sum runs over) (.*):", shown_text(question.solution).splitlines()[0]
        )
        assert said
        answer = said[1]
        assert write_latex(shown.right.node).count(r"\square") >= 1
        filled = answer.join(re.split(r"(?:\\, )?\\square(?: \\,)?", write_latex(shown.right.node)))
        assert squeezed(filled) == squeezed(write_latex(right.right.node)) == squeezed(write_latex(question.secrets[0]))


def squeezed(latex: str) -> str:
    """Without spaces, braces around single letters, and brackets, which stand around a letter with a superscript that is squared."""
    return re.sub(r"\\[,;]|\\left\(|\\right\)|[\s{}]", "", latex)


@pytest.mark.parametrize("name", NETWORKS)
def test_fill_in_questions_exist(name: str) -> None:
    assert of_kind(name, 2, "fill_formula")
    assert of_kind(name, 2, "fill_entry")
    assert of_kind(name, 2, "fill_matrix") or name == "equations_net"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_wrong_formula_is_wrong_and_all_others_hold(name: str, seed: int) -> None:
    """Formulas are read back by their LaTeX from all right and wrong ones, and evaluated."""
    own = source(name, seed)
    found = of_kind(name, seed, "find_wrong_formula")
    assert found
    for place, question in found:
        shown = own.adjoints[place : place + 3]
        wrong = [
            number
            for number, (line, adjoint) in enumerate(zip(prompt_lines(question), shown, strict=True), 1)
            if not holds(own, adjoint.tensor.name, write_latex(line.right.node))
        ]
        assert shown_text(question.solution).startswith(f"Line {wrong[0]} is wrong.")
        assert len(wrong) == 1
        right, *_ = answer_lines(question)
        assert holds(own, shown[wrong[0] - 1].tensor.name, write_latex(right.right.node))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_wrong_step_is_the_first_that_does_not_follow(name: str) -> None:
    own = source(name, 1)
    for place, question in of_kind(name, 1, "find_wrong_step"):
        from chainrule.codegen.exercises.derivation_lines import derivation_lines

        right = [write_latex(own.by_index.node(line.after)) for line in derivation_lines(own.by_index, own.system, own.adjoint(place))]
        shown = [write_latex(line.right.node) for line in prompt_lines(question)]
        first = next(number for number, (written, true) in enumerate(zip(shown, right, strict=True)) if written != true)
        assert first >= 1
        assert shown_text(question.solution).startswith(f"Line {first + 1} is wrong.")
        assert write_latex(answer_lines(question)[0].right.node) == right[first]


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "residual"])
def test_the_wrong_product_is_wrong_at_other_numbers(name: str) -> None:
    own = source(name, 1)
    found = of_kind(name, 1, "find_wrong_matrix")
    assert found
    for _, question in found:
        shown = {write_latex(line.left.node): write_latex(line.right.node) for line in prompt_lines(question)}
        wrong = []
        for adjoint in own.adjoints:
            left, form = write_latex(own.material.matrices.name(adjoint.as_tensor.name)), own.matrix_form(adjoint)
            if left in shown and form is not None and shown[left] != write_latex(own.material.matrices.node(form)):
                written = [m.form for m in matrix_mistakes(form) if write_latex(own.material.matrices.node(m.form)) == shown[left]]
                assert any(own.checker.wrong_matrix(adjoint.equation, other, own.numbers) for other in written)
                wrong.append(list(shown).index(left) + 1)
        assert len(wrong) == 1
        assert shown_text(question.solution).startswith(f"Line {wrong[0]} is wrong.")


@pytest.mark.parametrize("name", NETWORKS)
def test_what_a_key_says_of_a_formula_is_found_in_it(name: str) -> None:
    """Of every mistake: a transpose is lost where the right line has more of them, and what is missing stands in that line."""
    own = source(name, 1)
    matrices = own.material.matrices
    for adjoint in own.adjoints:
        form = own.matrix_form(adjoint)
        for mistake in matrix_mistakes(form) if form is not None else ():
            said, right, wrong = as_printed(own, form, mistake), write_latex(matrices.node(form)), write_latex(matrices.node(mistake.form))
            if right == wrong:
                continue
            transposes = right.count(TRANSPOSE) - wrong.count(TRANSPOSE)
            if said.kind in ("lost", "transposed"):
                assert (transposes > 0) == (said.kind == "lost"), (right, wrong)
                assert write_latex(matrices.node(said.right)) in (wrong if said.kind == "lost" else right), (right, wrong)
            elif said.kind in ("sum", "factor"):
                assert write_latex(matrices.node(said.right)) in right, (right, wrong, said)
        right = write_latex(own.by_index.node(adjoint.expression))
        for mistake in mistakes(adjoint.expression, own.system):
            mentions = {key: write_latex(own.by_index.node(part)) for key, part in mistake.mentions.items()}
            for key in ("factor", "entry", "right", "path"):
                assert mentions.get(key, "") in right, (right, mentions)


@pytest.mark.parametrize("kind", ["find_wrong_formula", "find_wrong_matrix", "find_wrong_step"])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_key_names_line_mistake_and_correction(name: str, kind: str) -> None:
    for _, question in of_kind(name, 1, kind):
        first = shown_text(question.solution[:1])
        found = re.fullmatch(r"Line (\d+) is wrong\. (.{15,}) It should read:", first)
        assert found, first
        wrong, right = prompt_lines(question)[int(found[1]) - 1], answer_lines(question)[0]
        assert write_latex(wrong.right.node) != write_latex(right.right.node)
        assert right.right.node in question.secrets


def test_every_mistake_of_the_table_is_made_somewhere() -> None:
    seen = set()
    for name in NETWORKS:
        own = source(name, 0)
        for adjoint in own.adjoints:
            for mistake in mistakes(adjoint.expression, own.system):
                if own.wrong(adjoint.as_tensor.own_entry, mistake.expression) is not None:
                    seen.add(mistake.kind)
    assert seen == set(FORMULA_MISTAKES)


def test_a_right_formula_is_never_called_wrong() -> None:
    own = source("2-2-2", 0)
    for adjoint in own.adjoints:
        assert own.wrong(adjoint.as_tensor.own_entry, adjoint.expression) is None
        with pytest.raises(CheckFailed, match="does not hold"):
            own.writer.line(adjoint.as_tensor.own_entry, -adjoint.expression)
