"""Exercises: every answer is right, found in another way than by the tool's own check; sheets differ; no sheet shows an answer."""

from __future__ import annotations

import html
import random
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sympy import Indexed

from chainrule import derive
from chainrule.codegen.build import Choices, build, material_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.cli.main import main_group
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.document.document import Display, Document, Line
from chainrule.codegen.exercises import products, selection
from chainrule.codegen.exercises.changed_network import NetworkChange, _changed
from chainrule.codegen.exercises.draw import QuestionDraw
from chainrule.codegen.exercises.find_wrong_matrix import as_printed
from chainrule.codegen.exercises.formula_mistakes import FORMULA_MISTAKES, mistakes
from chainrule.codegen.exercises.kinds import KINDS
from chainrule.codegen.exercises.matrix_mistakes import mistakes as matrix_mistakes
from chainrule.codegen.exercises.question import POINTS_A_STAR, Question
from chainrule.codegen.exercises.selection import MOST_QUESTIONS, given_away
from chainrule.codegen.exercises.sheet import Exercises, exercises
from chainrule.codegen.exercises.shown_text import shown_text
from chainrule.codegen.exercises.source import QuestionSource
from chainrule.codegen.exercises.student_numbers import name_and_position
from chainrule.codegen.exercises.working import rounded
from chainrule.codegen.formats.registry import TEXTS, exercise_files
from chainrule.codegen.formulas.latex import Latex
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.checking.verification import difference, verify
from chainrule.symbolic.forms.matrix_form import Stored
from chainrule.symbolic.index.failures import CheckFailed, InvalidDescription

SEEDS = (0, 1, 2)
COUNT = 12
RESIDUAL = """
name = "residual"
input = 2

[[layers]]
units = 2
activation = "tanh"

[[layers]]
units = 2
activation = "tanh"

[[layers]]
kind = "add"
from = ["a1", "a2"]

[[layers]]
units = 2
activation = "sigmoid"

[cost]
kind = "quadratic"
"""
LABELS = """
name = "labelled"
input = 2

[[layers]]
units = 3
activation = "tanh"

[[layers]]
units = 3
activation = "softmax"

[cost]
kind = "cross_entropy"
targets = "labels"
"""
EQUATIONS = '''
name       = "equations_net"
inputs     = ["X[n,k]"]
targets    = ["y[n]"]
parameters = ["w[k]", "b"]
equations  = """
s[n] = sum(k, X[n,k]*w[k]) + b
p[n] = tanh(s[n])
L    = mean(n, (p[n] - y[n])**2)
"""
batch = "n"
sizes = { k = 3 }
'''
TEXT_OF = {"residual": RESIDUAL, "labelled": LABELS, "equations_net": EQUATIONS}
NETWORKS = ("2-2-2", "labelled", "equations_net", "residual")
TRANSPOSE = r"\top"


@cache
def description(name: str, folder: str = "") -> Description:
    if name in TEXT_OF:
        file = Path(pytest_folder()) / f"{name}.toml"
        file.write_text(TEXT_OF[name])
        return read_description(file)
    return read_description(name)


@cache
def pytest_folder() -> str:
    import tempfile

    return tempfile.mkdtemp(prefix="chainrule-exercises-")


@cache
def material(name: str, notation: str | None = None) -> Material:
    described = description(name)
    derivation = derive(described.network)
    return material_of(described, derivation, verify(derivation), checked_module(derivation), notation)


@cache
def made(name: str, seed: int, language: str = "en", count: int = COUNT, notation: str | None = None) -> Exercises:
    return exercises(material(name, notation), language, count, seed)


@cache
def source(name: str, seed: int) -> QuestionSource:
    return QuestionSource(material(name), seed)


@cache
def of_kind(name: str, seed: int, kind: str) -> list[tuple[Any, Question]]:
    """Questions of a kind at every place that has one."""
    own = source(name, seed)
    found = []
    for number, place in enumerate(KINDS[kind].places(own)):
        question = KINDS[kind].question(own, place, QuestionDraw(seed, 1000 + number))
        if question is not None:
            found.append((place, question))
    return found


def answer_lines(question: Question) -> list[Line]:
    return [line for block in question.answer if isinstance(block, Display) for line in block.lines]


def prompt_lines(question: Question) -> list[Line]:
    return [line for block in question.prompt if isinstance(block, Display) for line in block.lines]


# The sheet as a whole


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_sheet_has_as_many_questions_as_asked_for_the_easy_ones_first(name: str, seed: int) -> None:
    found = made(name, seed)
    stars = [question.stars for question in found.questions]
    assert len(stars) == COUNT
    assert stars == sorted(stars)
    assert set(stars) == {1, 2, 3}
    points = POINTS_A_STAR * sum(stars)
    assert f"There are {COUNT} questions for {points} points" in shown_text(found.sheet.blocks)
    for number in range(1, COUNT + 1):
        for document in (found.sheet, found.key):
            assert f"Question {number} " in shown_text(document.blocks)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_questions_differ_and_come_from_all_families(name: str, seed: int) -> None:
    questions = made(name, seed).questions
    assert len({question.prompt for question in questions}) == COUNT
    families = Counter(KINDS.get(question.kind, KINDS["changed_network"]).family for question in questions)
    assert len(families) >= 5
    assert families["errors"] >= 1
    assert families["numbers"] >= 1


@pytest.mark.parametrize("name", NETWORKS)
def test_another_seed_is_another_sheet(name: str) -> None:
    prompts = [[question.prompt for question in made(name, seed).questions] for seed in SEEDS]
    for first in range(len(SEEDS)):
        for second in range(first):
            shared = [prompt for prompt in prompts[first] if prompt in prompts[second]]
            assert len(shared) < COUNT / 2
            assert source(name, SEEDS[first]).student.given_values != source(name, SEEDS[second]).student.given_values


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_seed_is_the_same_sheet(name: str) -> None:
    again = exercises(material(name), "en", COUNT, 1)
    for kind in TEXTS.values():
        assert kind.render(again.sheet) == kind.render(made(name, 1).sheet)
        assert kind.render(again.key) == kind.render(made(name, 1).key)


def test_draws_are_those_of_every_python() -> None:
    """The sequence of `random()` after a whole-number seed is guaranteed; these are its first numbers for the first questions of seed 1."""
    assert [QuestionDraw(1, 0).below(1000), QuestionDraw(1, 1).below(1000), QuestionDraw(2, 0).below(1000)] == [
        int(random.Random(number).random() * 1000) for number in (65536, 65537, 131072)
    ]
    draw = QuestionDraw(3, 5)
    assert sorted(draw.shuffled(range(20))) == list(range(20))
    assert len(set(draw.some_of(range(9), 4))) == 4
    counted = Counter(QuestionDraw(seed, 0).one_of("abc") for seed in range(600))
    assert set(counted) == set("abc")
    assert min(counted.values()) > 150


# Nothing leaks


def texts_of(document: Document) -> dict[str, str]:
    return {name: kind.render(document) for name, kind in TEXTS.items()}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_sheet_shows_no_answer(name: str, seed: int) -> None:
    found = made(name, seed)
    secrets = [secret for question in found.questions for secret in question.secrets]
    assert len(secrets) >= 5
    sheet, key = shown_text(found.sheet.blocks), shown_text(found.key.blocks)
    assert not given_away(secrets, sheet)
    assert set(given_away(secrets, key)) == set(secrets)
    for own, other in ((own, other) for own in found.questions for other in found.questions if own is not other):
        assert not own.asks & (other.asks | other.shows)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_no_format_shows_an_answer(name: str, seed: int) -> None:
    found = made(name, seed)
    assert not found.sheet.levels
    secrets = [secret for question in found.questions for secret in question.secrets]
    numbers = [secret for secret in secrets if re.fullmatch(r"-?[\d.]+", secret)]
    assert numbers
    for written in texts_of(found.sheet).values():
        assert not given_away(numbers, html.unescape(re.sub(r"</?m\w+[^>]*>", "", written)))
        assert "Checked" not in written
    for written in (TEXTS["tex"].render(found.sheet), TEXTS["md"].render(found.sheet)):
        assert not given_away(secrets, re.sub(r"\s+", " ", written))
    # The same look finds them in the key.
    for written in texts_of(found.key).values():
        assert given_away(numbers, html.unescape(re.sub(r"</?m\w+[^>]*>", "", written)))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_page_hides_nothing(name: str) -> None:
    page = TEXTS["html"].render(made(name, 1).sheet)
    assert "<details" not in page
    assert "<script" not in page
    assert not re.search(r"\sdata-(?!close)", page)
    assert "<!--" not in page


@pytest.mark.tex
@pytest.mark.parametrize(("name", "language"), [("2-2-2", "zh-TW"), ("residual", "en")])
def test_the_pdf_shows_no_answer(name: str, language: str, tmp_path: Path) -> None:
    if shutil.which("xelatex") is None or shutil.which("pdftotext") is None:
        pytest.skip("xelatex or pdftotext is not installed")
    found = made(name, 1, language)
    numbers = [secret for question in found.questions for secret in question.secrets if re.fullmatch(r"-?[\d.]+", secret)]
    texts = {}
    for file, content in exercise_files(found.sheet, found.key, "net", ["pdf"]).items():
        path = tmp_path / file
        path.write_bytes(content)
        read = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
        texts[path.stem.rpartition("_")[2]] = read.replace("−", "-")
    assert numbers
    assert not given_away(numbers, texts["exercises"])
    assert set(given_away(numbers, texts["answers"])) == set(numbers)


def sheets_of_seeds(count: int) -> None:
    for seed in range(count):
        exercises(material("2-2-2"), "en", 30, seed)


def test_a_sheet_that_shows_an_answer_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the choice of questions wrong, the last look would find it."""
    monkeypatch.setattr(selection, "_fits", lambda *_: True)
    with pytest.raises(CheckFailed, match="the sheet shows the answer"):
        sheets_of_seeds(30)


# Every answer, found in another way


def values_by_module(own: QuestionSource) -> tuple[dict[str, np.ndarray], Any, tuple[np.ndarray, ...]]:
    """The student's numbers through the generated module: values of the forward pass, gradients, and what they were computed from."""
    module, system, given = own.material.checked.module, own.system, own.student.given
    params = module.Parameters(*(np.asarray(given[tensor.name], dtype=float) for tensor in system.parameters))
    data = tuple(np.asarray(given[tensor.name]) for tensor in (*system.inputs, *system.targets))
    cache = module.forward(params, *data[: len(system.inputs)])
    cost, gradients = module.cost_and_gradients(params, *data)
    values = {**given, **cache._asdict(), system.cost.tensor.name: np.asarray(cost)}
    values |= {f"d{name}": gradient for name, gradient in gradients._asdict().items()}
    return values, params, data


def numeric_slope(own: QuestionSource, name: str, position: tuple[int, ...]) -> float:
    """∂C/∂name by central differences; of what is computed, the difference is added to its equation's value."""
    system, student, step = own.system, own.student, 1e-6

    def cost(moved: float) -> float:
        numbers = student.numbers
        arrays = dict(student.given)
        if name in arrays:
            changed = np.array(arrays[name], dtype=float)
            changed[position] += moved
            return student.with_array(name, changed).in_other_way(system.cost.tensor.own_entry)
        from chainrule.symbolic.checking.numbers import Numbers

        current = Numbers(system, {key: np.asarray(array) for key, array in arrays.items()}, numbers.sizes)
        for equation in system.equations:
            value = np.array(np.real(evaluate(equation.expression, current, equation.indices)))
            if equation.tensor.name == name:
                value[position] += moved
            current = current.with_array(equation.tensor.name, value)
        return float(current.arrays[system.cost.tensor.name])

    return (cost(step) - cost(-step)) / (2 * step)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_numbers_are_those_of_the_module_and_of_differences(name: str, seed: int) -> None:
    own = source(name, seed)
    values, _, _ = values_by_module(own)
    found = [*of_kind(name, seed, "calculate_forward"), *of_kind(name, seed, "calculate_gradient")]
    assert len(found) > 5
    compared = 0
    for place, question in found:
        tensor, position = name_and_position(place)
        expected = float(values[tensor][position]) if tensor in values else numeric_slope(own, tensor.removeprefix("d"), position)
        assert question.secrets == (rounded(own.student.values[place]),)
        assert own.student.values[place] == pytest.approx(expected, rel=1e-5, abs=1e-8)
        assert question.secrets[0] in shown_text(question.answer)
        compared += 1
    assert compared == len(found)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_steps_are_those_of_the_module(name: str, seed: int) -> None:
    own = source(name, seed)
    _, params, data = values_by_module(own)
    module, student = own.material.checked.module, own.student
    stepped = module.sgd(params, module.cost_and_gradients(params, *data)[1], eta=student.rate)
    updates, costs = of_kind(name, seed, "calculate_update"), of_kind(name, seed, "calculate_new_cost")
    assert updates
    assert costs
    for place, question in updates:
        tensor, position = name_and_position(place)
        assert question.secrets[0] == rounded(float(getattr(stepped, tensor)[position]))
    for place, question in costs:
        alone = params._replace(**{place: getattr(stepped, place)})
        assert question.secrets == (rounded(float(module.cost(alone, *data))),)


NUMBER = r"-?\d+(?:\.\d+)?(?: \\cdot 10\^\{-?\d+\})?"


@pytest.mark.parametrize("name", NETWORKS)
def test_every_line_of_working_is_true_as_it_is_written(name: str) -> None:
    """= numbers ≈ value: what stands on the left of the sign is the value, as far as its digits go."""
    checked = 0
    for kind in ("calculate_forward", "calculate_gradient", "calculate_update", "calculate_new_cost"):
        for _, question in of_kind(name, 1, kind):
            rows: list[str] = []
            for line in answer_lines(question):
                rows = [line.right.text] if line.left.text else [*rows, f"{line.relation} {line.right.text}"]
                parts = re.split(r" (?:=|\\approx) ", " ".join(rows))
                if len(parts) >= 2 and re.fullmatch(NUMBER, parts[-1].strip()):
                    value = calculated(parts[-2])
                    if value is not None:
                        assert value == pytest.approx(calculated(parts[-1]), rel=2e-4, abs=2e-5), line
                        checked += 1
    assert checked > 20


def test_what_adds_up_to_0_is_0() -> None:
    """Of seed 112 the output is tanh(0), where floating-point numbers leave 10⁻¹⁷; nobody finds that on paper."""
    own = source("equations_net", 112)
    assert [entry for entry, value in own.student.values.items() if 0 < abs(value) < 1e-13] == []
    assert any(value == 0 for value in own.student.values.values())
    lines = [line.right.text for _, question in of_kind("equations_net", 112, "calculate_gradient") for line in answer_lines(question)]
    assert lines
    assert not any(r"10^{-1" in line for line in lines)
    assert exercises(material("equations_net"), "en", 12, 112).questions


def calculated(latex: str) -> float | None:
    """The value of a row of numbers in LaTeX; None where it holds more than arithmetic and exponentials."""
    text = latex.strip()
    for _ in range(6):
        text = re.sub(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}", r"((\1)/(\2))", text)
        text = re.sub(r"\^\{((?:[^{}])*)\}", r"**(\1)", text)
    for old, new in ((r"\left(", "("), (r"\right)", ")"), (r"\cdot", "*"), (r"\,", " "), (r"\tanh", "TANH"), (r"\log", "LOG")):
        text = text.replace(old, new)
    text = re.sub(r"\be\*\*", "E**", text)
    if not re.fullmatch(r"(?:[\d.+\-*/() ]|E\*\*|TANH|LOG)+", text):
        return None
    text = re.sub(r"\)\s*\(", ")*(", re.sub(r"(\d)\s+\(", r"\1*(", text))
    return float(eval(text, {"__builtins__": {}}, {"E": np.e, "TANH": np.tanh, "LOG": np.log}))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("kind", ["fill_formula", "fill_matrix", "fill_entry"])
def test_a_gap_is_filled_with_what_is_missing(name: str, kind: str) -> None:
    """With the answer in the place of the box, the formula is the handout's."""
    for _, question in of_kind(name, 2, kind):
        (shown,), (right, *_) = prompt_lines(question), answer_lines(question)
        answer = shown_text(question.answer).splitlines()[0].removeprefix("In the gap stands ").removesuffix(":")
        assert shown.right.text.count(r"\square") >= 1
        filled = answer.join(re.split(r"(?:\\,)?\{\\square\}(?:\\,)?", shown.right.text))
        assert squeezed(filled) == squeezed(right.right.text) == squeezed(question.secrets[0])


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
            if not holds(own, adjoint.tensor.name, line.right.text)
        ]
        assert shown_text(question.answer).startswith(f"Line {wrong[0]} is wrong.")
        assert len(wrong) == 1
        (right,) = answer_lines(question)
        assert holds(own, shown[wrong[0] - 1].tensor.name, right.right.text)


def holds(own: QuestionSource, name: str, written: str) -> bool:
    """Whether a formula for a gradient gives what differences of the cost give at the student's numbers, or exactly at random arrays."""
    adjoint = own.adjoint(name)
    candidates = {own.latex.text(adjoint.expression): adjoint.expression}
    for mistake in mistakes(adjoint.expression, own.system):
        candidates.setdefault(own.latex.text(mistake.expression), mistake.expression)
    expression = candidates[written]
    over = tuple(sorted(expression.free_symbols & set(adjoint.tensor.axes), key=str)) or adjoint.tensor.axes
    from chainrule.symbolic.index.index_letters import free_letters

    free = tuple(sorted(free_letters(expression) | set(over) | set(adjoint.tensor.axes), key=str))
    left = evaluate(adjoint.as_tensor.own_entry, own.numbers, free)
    return difference(left, evaluate(expression, own.numbers, free)) < 1e-9


@pytest.mark.parametrize("name", NETWORKS)
def test_the_wrong_step_is_the_first_that_does_not_follow(name: str) -> None:
    own = source(name, 1)
    for place, question in of_kind(name, 1, "find_wrong_step"):
        from chainrule.codegen.exercises.derivation_lines import derivation_lines

        right = [own.latex.text(line.after) for line in derivation_lines(own.latex, own.system, own.adjoint(place))]
        shown = [line.right.text for line in prompt_lines(question)]
        first = next(number for number, (written, true) in enumerate(zip(shown, right, strict=True)) if written != true)
        assert first >= 1
        assert shown_text(question.answer).startswith(f"Line {first + 1} is wrong.")
        assert answer_lines(question)[0].right.text == right[first]


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "residual"])
def test_the_wrong_product_is_wrong_at_other_numbers(name: str) -> None:
    own = source(name, 1)
    found = of_kind(name, 1, "find_wrong_matrix")
    assert found
    for _, question in found:
        shown = {line.left.text: line.right.text for line in prompt_lines(question)}
        wrong = []
        for adjoint in own.adjoints:
            left, form = own.material.matrices.name(adjoint.as_tensor.name), own.matrix_form(adjoint)
            if left in shown and form is not None and shown[left] != own.material.matrices.text(form):
                written = [m.form for m in matrix_mistakes(form) if own.material.matrices.text(m.form) == shown[left]]
                assert any(own.checker.wrong_matrix(adjoint.equation, other, own.numbers) for other in written)
                wrong.append(list(shown).index(left) + 1)
        assert len(wrong) == 1
        assert shown_text(question.answer).startswith(f"Line {wrong[0]} is wrong.")


@pytest.mark.parametrize("name", NETWORKS)
def test_what_a_key_says_of_a_formula_is_found_in_it(name: str) -> None:
    """Of every mistake: a transpose is lost where the right line has more of them, and what is missing stands in that line."""
    own = source(name, 1)
    matrices = own.material.matrices
    for adjoint in own.adjoints:
        form = own.matrix_form(adjoint)
        for mistake in matrix_mistakes(form) if form is not None else ():
            said, right, wrong = as_printed(own, form, mistake), matrices.text(form), matrices.text(mistake.form)
            if right == wrong:
                continue
            transposes = right.count(TRANSPOSE) - wrong.count(TRANSPOSE)
            if said.kind in ("lost", "transposed"):
                assert (transposes > 0) == (said.kind == "lost"), (right, wrong)
                assert matrices.text(said.right) in (wrong if said.kind == "lost" else right), (right, wrong)
            elif said.kind in ("sum", "factor"):
                assert matrices.text(said.right) in right, (right, wrong, said)
        right = own.latex.text(adjoint.expression)
        for mistake in mistakes(adjoint.expression, own.system):
            mentions = {key: own.latex.text(part) for key, part in mistake.mentions.items()}
            for key in ("factor", "entry", "right", "path"):
                assert mentions.get(key, "") in right, (right, mentions)


@pytest.mark.parametrize("kind", ["find_wrong_formula", "find_wrong_matrix", "find_wrong_step"])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_key_names_line_mistake_and_correction(name: str, kind: str) -> None:
    for _, question in of_kind(name, 1, kind):
        first = shown_text(question.answer[:1])
        found = re.fullmatch(r"Line (\d+) is wrong\. (.{15,}) It should read:", first)
        assert found, first
        wrong, right = prompt_lines(question)[int(found[1]) - 1], answer_lines(question)[0]
        assert wrong.right.text != right.right.text
        assert right.right.text in question.secrets


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


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_true_is_true_and_false_is_false(name: str, seed: int) -> None:
    own = source(name, seed)
    for place, question in of_kind(name, seed, "true_or_false"):
        is_true = holds(own, place, prompt_lines(question)[0].right.text)
        assert shown_text(question.answer).startswith("True" if is_true else "False")
        assert holds(own, place, answer_lines(question)[0].right.text)


def test_some_statements_are_true_and_some_are_false() -> None:
    answers = Counter(
        shown_text(question.answer)[:4] for seed in SEEDS for name in NETWORKS for _, question in of_kind(name, seed, "true_or_false")
    )
    assert answers["True"] > 10
    assert answers["Fals"] > 10


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_that_vanish_do_so_in_the_module(name: str) -> None:
    own = source(name, 3)
    module, system = own.material.checked.module, own.system
    rng = np.random.default_rng(5)
    params = module.Parameters(*(rng.standard_normal(array.shape) for array in module.init(rng)))
    data = module.sample(rng)
    names = [tensor.name for tensor in (*system.inputs, *system.targets)]
    for place, question in of_kind(name, 3, "zero_or_not"):
        moved = params._replace(**{place.zero: 0 * getattr(params, place.zero)}) if place.zero in params._fields else params
        given = [np.zeros_like(array) if label == place.zero else array for label, array in zip(names, data, strict=True)]
        largest = np.max(np.abs(getattr(module.cost_and_gradients(moved, *given)[1], place.parameter)))
        assert shown_text(question.answer).startswith("True" if largest < 1e-12 else "False"), place


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "residual"])
def test_shapes_are_those_of_the_arrays(name: str) -> None:
    own = source(name, 1)
    for _, question in of_kind(name, 1, "shapes"):
        text = shown_text(question.prompt)
        sizes = {letter: int(size) for letter, size in re.findall(r"(\S+) = 1, \\dots, (\d+)", text)}
        assert len(set(sizes.values())) == len(sizes)
        of_letter = {own.latex.letter(axis.index): label for label, axis in own.system.axes.items()}
        named = {of_letter[letter]: size for letter, size in sizes.items()}
        for stored, tensor in own.system.stored.items():
            written = own.material.matrices.name(stored)
            found = re.search(rf"(?m)^{re.escape(written)}:\\; (.+)$", shown_text(question.answer))
            if found:
                assert found.group(1) == r" \times ".join(str(named[own.system.axis(letter).name]) for letter in tensor.axes)


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "residual"])
def test_one_product_alone_is_possible(name: str) -> None:
    own = source(name, 1)
    found = of_kind(name, 1, "products")
    assert found
    for place, question in found:
        sizes = {letter: int(size) for letter, size in re.findall(r"(\S+) = 1, \\dots, (\d+)", shown_text(question.prompt))}
        shapes = {
            stored: tuple(sizes[own.latex.letter(own.system.axis(letter).index)] for letter in tensor.axes)
            for stored, tensor in own.system.stored.items()
        }
        factors = products._factors(own, place)
        assert factors is not None
        written = {}
        for pair in products._arrangements(factors):
            written[products._written(own, pair).text] = product_shape(pair, shapes)
        possible = [line.left.text for line in prompt_lines(question) if written[line.right.text] == shapes[f"d{place}"]]
        assert len(possible) == 1
        assert f"It is {possible[0][-2]}." in shown_text(question.answer)


def product_shape(pair: tuple[Stored, Stored], shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...] | None:
    left, right = (shapes[part.name][::-1] if part.transposed else shapes[part.name] for part in pair)
    return (left[0], right[1]) if left[1] == right[0] else None


@pytest.mark.parametrize("name", NETWORKS)
def test_the_right_order_is_that_of_the_derivation(name: str) -> None:
    own = source(name, 1)
    for place, question in of_kind(name, 1, "order_steps"):
        letters = re.search(r"The order is ([A-Z, ]+):", shown_text(question.answer)).group(1).split(", ")
        lines = {line.left.text[-2]: line.right.text for line in prompt_lines(question)}
        assert sorted(letters) == sorted(lines)
        assert letters != sorted(letters) or len(letters) < 3
        ordered = [lines[letter] for letter in letters]
        assert ordered == [line.right.text for line in answer_lines(question)]
        assert ordered[-1] == own.latex.text(own.adjoint(place).expression)


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "equations_net", "residual"])
def test_changed_networks_have_the_gradients_of_their_own_cost(name: str) -> None:
    """The answer's last line is the derived gradient, and that gradient is the one of central differences of the changed cost."""
    own = source(name, 1)
    for place, question in of_kind(name, 1, "changed_network"):
        assert isinstance(place, NetworkChange)
        changed, _ = _changed(own, place)
        derivation = derive(changed)
        adjoint = derivation.adjoint(place.gradient)
        latex = Latex(derivation.system, own.material.notation)
        assert answer_lines(question)[-1].right.text == latex.text(adjoint.expression)
        if place.kind == "penalty":
            numbers = forward(derivation.system, own.student.given, own.student.numbers.sizes)
            arrays = dict(own.student.given)
            position = (0,) * len(adjoint.tensor.axes)
            costs = []
            for step in (1e-6, -1e-6):
                moved = np.array(arrays[place.gradient], dtype=float)
                moved[position] += step
                found = forward(derivation.system, {**arrays, place.gradient: moved}, numbers.sizes)
                costs.append(float(np.real(found.arrays[derivation.system.cost.tensor.name])))
            slope = (costs[0] - costs[1]) / 2e-6
            module = checked_module(derivation).module
            params = module.Parameters(*(np.asarray(arrays[tensor.name], dtype=float) for tensor in derivation.system.parameters))
            data = [np.asarray(arrays[tensor.name]) for tensor in (*derivation.system.inputs, *derivation.system.targets)]
            gradient = getattr(module.cost_and_gradients(params, *data)[1], place.gradient)
            assert float(gradient[position]) == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_every_kind_asks_something_of_two_layers() -> None:
    assert [kind for kind in KINDS if not of_kind("2-2-2", 0, kind)] == []


# Numbers for hands


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", NETWORKS)
def test_given_numbers_have_one_decimal(name: str, seed: int) -> None:
    student = source(name, seed).student
    assert student is not None
    for entry, value in student.given_values.items():
        assert value == round(value, 1), entry
        assert isinstance(entry, Indexed) or name == "equations_net"


def test_large_networks_get_other_questions() -> None:
    found = made("784-16-16-10", 1)
    assert source("784-16-16-10", 1).student is None
    assert not [question for question in found.questions if question.kind.startswith("calculate") or question.kind == "fill_entry"]
    assert "numbers of this sheet" not in shown_text(found.sheet.blocks)


# Languages and notations


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_has_a_sheet(notation: str) -> None:
    found = made("2-2-2", 1, "en", COUNT, notation)
    for kind in TEXTS.values():
        assert kind.render(found.sheet) != kind.render(found.key)


@pytest.mark.parametrize("language", ["zh-TW", "zh-CN"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_sheet_in_chinese_has_no_english_sentence(name: str, language: str) -> None:
    found = made(name, 1, language, 20)
    for document in (found.sheet, found.key):
        text = re.sub(r"\\[A-Za-z]+|[A-Za-z0-9_{}^]*[_^{}][A-Za-z0-9_{}^]*", " ", shown_text(document.blocks[3:]))
        sentences = re.findall(r"(?:[A-Za-z]{3,} ){3,}", text)
        assert not sentences
    with speaking(language):
        same = [question.kind for question in made(name, 1, "en", 20).questions]
    assert [question.kind for question in found.questions] == same


# The command


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main_group, ["build", *arguments])


def test_files_of_a_sheet_stand_beside_the_handout(tmp_path: Path) -> None:
    pytest.importorskip("nbformat", reason="nbformat writes notebooks")
    built = build(description("2-2-2"), tmp_path, Choices(["tex", "html", "md", "ipynb", "slides"], exercises=5, seed=3))
    names = {path.name for path in built.files}
    stem = "network_2_2_2"
    for ending in (".tex", ".html", ".md", ".ipynb"):
        assert {f"{stem}{ending}", f"{stem}_exercises{ending}", f"{stem}_answers{ending}"} <= names
    assert f"{stem}_exercises_slides.tex" not in names
    assert f"{stem}_slides.tex" in names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--exercises", "0"), "--exercises: found 0; expected a whole number from 1 to 50"),
        (("--exercises", "-3"), "--exercises: found -3; expected a whole number from 1 to 50"),
        (("--exercises", str(MOST_QUESTIONS + 1)), "--exercises: found 51; expected a whole number from 1 to 50"),
        (("--seed", "3"), "--seed goes with --exercises alone"),
        (("--exercises", "3", "--seed", "-1"), "--seed: found -1; expected a whole number from 0"),
        (("--exercises", "3", "--formats", "slides"), "--exercises goes with one of the formats tex, html, md, ipynb, pdf alone"),
        (("--exercises", "3", "--formats", "docx"), "--formats: found 'docx'"),
    ],
)
def test_a_wrong_call_is_one_message(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    found = run("2-2-2", "-o", str(tmp_path / "out"), *arguments)
    assert isinstance(found.exception, InvalidDescription)
    assert message in str(found.exception)
    assert not (tmp_path / "out").exists()


def test_a_title_in_braces_stays_as_it_is() -> None:
    own = material("2-2-2")
    titled = replace(own, description=replace(own.description, front=replace(own.description.front, title="{seed} {title}")))
    assert exercises(titled, "en", 1, 7).sheet.front.title == "Exercises: {seed} {title} (sheet 7)"
    with pytest.raises(InvalidDescription, match="expected a whole number from 1 to 50"):
        exercises(own, "en", -1, 0)


@pytest.mark.parametrize("word", ["many", "1.5"])
def test_what_is_no_number_is_refused(word: str, tmp_path: Path) -> None:
    found = run("2-2-2", "-o", str(tmp_path / "out"), "--exercises", word)
    assert found.exit_code != 0
    assert not (tmp_path / "out").exists()


def test_a_network_with_few_questions_says_how_many(tmp_path: Path) -> None:
    small = tmp_path / "small.toml"
    small.write_text('name = "small"\nparameters = ["w"]\nequations = "C = (w - 3)**2"\n')
    with pytest.raises(
        InvalidDescription, match=r"--exercises 40: small has \d+ different questions with seed 2; choose a number up to"
    ) as refused:
        build(read_description(small), tmp_path / "out", Choices(["md"], exercises=40, seed=2))
    assert not (tmp_path / "out").exists()
    possible = int(re.search(r"(\d+) different", str(refused.value)).group(1))
    build(read_description(small), tmp_path / "out", Choices(["md"], exercises=possible, seed=2))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_label_is_given_as_the_key_reads_it(seed: int) -> None:
    """The bracket 1[y = 0] of the key asks for the very number that the sheet gives: both count as the document says it counts."""
    own = source("labelled", seed)
    sheet = exercises(material("labelled"), "en", 10, seed).sheet
    (label,) = (value for entry, value in own.student.given_values.items() if str(entry.base.name) == "y")
    assert own.latex.first == 0
    assert f"y = {int(label)}" in shown_text(sheet.blocks)
