"""The second generator of random systems and its reading, which share nothing with the project (tests/independent)."""

from __future__ import annotations

import ast
import random
import sys
from collections import Counter

import numpy as np
import pytest
from independent.drawing import Drawn
from independent.equation_grammar import Equation, Name, Node, Number, Pair, equations, every, expression, row, written
from independent.meaning import Unfit
from independent.numbers import arrays
from independent.reading import cost_and_gradients
from independent.slopes import Undefined
from independent.smaller import smaller
from independent.systems import PIECES, drawn
from places import TESTS

SYSTEMS = 300
FOLDER = TESTS / "independent"
#: The one file in which the project and the reading meet.
MEETING = "comparing.py"


def test_nothing_of_the_project_is_imported() -> None:
    for file in FOLDER.glob("*.py"):
        imported = {
            (node.module or "").partition(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0]
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
            for alias in node.names
        }
        foreign = imported - set(sys.stdlib_module_names) - {"numpy", "mpmath"}
        assert foreign == ({"chainrule"} if file.name == MEETING else set()), file.name


def test_the_two_generators_know_nothing_of_each_other() -> None:
    for file in FOLDER.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "random_systems" not in text
        assert "scalar_reading" not in text


class TestGrammar:
    def test_signs_hold_as_in_python(self) -> None:
        rng = random.Random(0)

        def sum_of(depth: int) -> str:
            if depth == 0:
                return str(rng.randint(1, 9))
            left, right = sum_of(depth - 1), sum_of(depth - 1)
            text = f"{left} {rng.choice(['+', '-', '*', '/'])} {right}"
            return rng.choice(
                [text, text, f"({text})", f"-{text}", f"-{rng.randint(2, 4)}**2 + {text}", f"2**-1**{rng.randint(1, 3)}*{text}"]
            )

        for _ in range(300):
            text = sum_of(rng.randint(1, 3))
            try:
                right = eval(text)
            except ZeroDivisionError:
                continue
            found = cost_and_gradients({"equations": f"C = w*({text})", "parameters": ["w"]}, {"w": np.array(1.0)})
            assert found.cost == pytest.approx(right, rel=1e-12, abs=1e-12), text

    def test_a_tree_is_written_as_it_is_read(self) -> None:
        for number in range(200):
            for line in equations(drawn(number).description["equations"]):
                assert expression(written(line.right)) == line.right, row(line)

    def test_what_is_no_expression_is_an_error(self) -> None:
        for text in ("x +", "x y", "f(x", "x[", "$"):
            with pytest.raises(SyntaxError):
                expression(text)


class TestReading:
    """By hand, or against differences."""

    @staticmethod
    def cost(text: str, given: dict[str, object], **more: object) -> float:
        named = {name: np.asarray(value, dtype=float if name != "tok" else int) for name, value in given.items()}
        return cost_and_gradients({"equations": text, **more}, named).cost

    def test_a_boundary_value_is_as_long_as_its_letters(self) -> None:
        text = "a[t,s] = w*a[t-1,s-1] + x[t,s]\na[-1,s] = 1\nC = sum(t, s, a[t,s])"
        assert self.cost(text, {"w": 1, "x": np.zeros((1, 3))}, parameters=["w"], inputs=["x[t,s]"]) == 2

    def test_a_placed_letter_keeps_its_range(self) -> None:
        text = "v[1*k] = w[k+2]\nv[4+i] = y[i]\nC = sum(z, v[z]**2)"
        found = cost_and_gradients(
            {"equations": text, "parameters": ["w[j]"], "inputs": ["y[i]"], "sizes": {"k": 4}},
            {"w": np.arange(9.0), "y": np.array([1.0, 2.0])},
        )
        assert found.cost == 4 + 9 + 16 + 25 + 1 + 4
        assert found.gradients["w"].tolist() == [0, 0, 4, 6, 8, 10, 0, 0, 0]

    def test_a_letter_that_nothing_reads_counts(self) -> None:
        assert self.cost("C = sum(k, k_, w)", {"w": 2}, parameters=["w"], sizes={"k": 3}) == 18

    def test_a_label_out_of_range_reads_nothing(self) -> None:
        text = "C = sum(t, E[tok[t+1]])"
        given = {"E": [1.0, 10.0, 100.0], "tok": [0, 2, 1]}
        assert self.cost(text, given, parameters=["E[v]"], inputs=["tok[t] in v"]) == 110

    def test_placements_add_up(self) -> None:
        text = "v[i+j] = x[i]\nC = sum(z, v[z]**2) + w"
        given = {"x": [1.0, 2.0], "w": 0}
        assert self.cost(text, given, parameters=["w"], inputs=["x[i]"], sizes={"i": 2, "j": 2}) == 1 + 9 + 4

    def test_digits_that_floats_lose(self) -> None:
        found = cost_and_gradients({"equations": "C = log(1 - sigmoid(w)) + log(sigmoid(-w))", "parameters": ["w"]}, {"w": np.array(800.0)})
        assert found.cost == -1600
        assert found.gradients["w"] == -2

    def test_ties_and_kinks(self) -> None:
        text = "C = max(k, w[k]) + sum(k, abs(w[k]) + relu(w[k])) + maximum(w[1], w[2]) + 5*maximum(w[0], 0)"
        found = cost_and_gradients({"equations": text, "parameters": ["w[k]"]}, {"w": np.zeros(3)})
        assert found.gradients["w"].tolist() == [1, 1, 0]

    @pytest.mark.parametrize("number", range(0, 60, 3))
    def test_slopes_are_differences(self, number: int) -> None:
        made = drawn(number)
        given = arrays(made.description, made.kinds, made.sizes, 0)
        try:
            found = cost_and_gradients(made.description, given)
        except (Unfit, Undefined):
            return
        if found.doubtful:
            return
        rng = np.random.default_rng(number)
        ways = {name: rng.standard_normal(np.shape(array)) for name, array in found.gradients.items()}
        slope = sum(float(np.sum(found.gradients[name] * way)) for name, way in ways.items())
        try:
            low, high, lower, higher = (
                cost_and_gradients(made.description, {**given, **{name: given[name] + step * way for name, way in ways.items()}}).cost
                for step in (-1e-5, 1e-5, -2e-5, 2e-5)
            )
        except (Unfit, Undefined):
            return
        difference = (8 * (high - low) - (higher - lower)) / 12e-5
        if abs((higher - lower) / 4e-5 - difference) < 1e-4 * max(1, abs(difference)):
            assert slope == pytest.approx(difference, rel=1e-5, abs=1e-6 * max(1, abs(found.cost))), made.description["equations"]


class TestDrawing:
    def test_a_number_has_one_description(self) -> None:
        assert [drawn(number) for number in range(20)] == [drawn(number) for number in range(20)]

    def test_every_piece_occurs(self) -> None:
        having = Counter(piece for number in range(SYSTEMS) for piece in drawn(number).pieces)
        assert not [name for name, (_, weight) in PIECES.items() if weight and having[name] < 10]

    def test_what_is_drawn(self) -> None:
        """Every kind of text that once went wrong is there often enough."""
        systems = [drawn(number) for number in range(SYSTEMS)]
        texts = [made.description["equations"] for made in systems]
        lines = [line for text in texts for line in equations(text)]
        nodes = [node for line in lines for node in every(line.right)]
        least = {
            "a cost that is an entry": sum("]" in text.splitlines()[-1] and "(" not in text.splitlines()[-1] for text in texts),
            "a size of 1": sum(1 in made.description.get("sizes", {}).values() for made in systems),
            "equal sizes": sum(len(set(sizes := list(made.description.get("sizes", {}).values()))) < len(sizes) for made in systems),
            "a fixed size above 8": sum(max(made.description.get("sizes", {"": 0}).values()) > 8 for made in systems),
            "open axes": sum(bool(made.sizes) for made in systems),
            "a boundary value": sum("[-1" in text or ",-1" in text for text in texts),
            "a tensor as an exponent": sum(isinstance(node, Pair) and node.sign == "**" and not _is_number(node.right) for node in nodes),
            "a letter as a number": sum(isinstance(node, Pair) and node.sign in "<=>=" and isinstance(node.left, Name) for node in nodes),
            "a place from the end": sum(
                isinstance(node, Pair) and node.sign == "-" and isinstance(node.left, Number) and isinstance(node.right, Name)
                for node in nodes
            ),
            "several placements": sum(_placements(text) > 1 for text in texts),
        }
        assert not {what: number for what, number in least.items() if number < 10}


def _is_number(node: Node) -> bool:
    return all(isinstance(part, Number | Pair) or not isinstance(part, Name) for part in every(node))


def _placements(text: str) -> int:
    lines = equations(text)
    placed = Counter(line.name for line in lines if not all(isinstance(place, Name) for place in line.places))
    return max(placed.values(), default=0)


class TestSmaller:
    def test_what_does_not_matter_is_left_out(self) -> None:
        made = next(drawn(number) for number in range(100) if "tanh" in drawn(number).description["equations"])

        def still_wrong(candidate: Drawn) -> bool:
            return "tanh" in candidate.description["equations"] and "Cost" in candidate.description["equations"]

        found = smaller(made, still_wrong, seconds=20)
        assert still_wrong(found)
        assert len(found.description["equations"]) < len(made.description["equations"])
        lines = equations(found.description["equations"])
        assert all(isinstance(line, Equation) for line in lines)
