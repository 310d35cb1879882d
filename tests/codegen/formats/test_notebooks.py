"""Notebooks of networks: run from top to bottom, line by line, with and without matplotlib; their numbers are the module's."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import ClassVar
from unittest.mock import Mock

import nbformat
import numpy as np
import pytest
from test_languages import derived

from chainrule import derive, write_handout
from chainrule.codegen.build import Choices, build, material_of
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.document.document import Display, Document, Listing
from chainrule.codegen.files.fingerprints import is_untouched, with_fingerprint
from chainrule.codegen.formats.notebook import render_notebook
from chainrule.codegen.lesson import notebook_cells
from chainrule.codegen.lesson.sections.registry import NOTEBOOK, notebook

#: A stack of layers, convolutions, a recurrence, equations; with the language of the notebook.
NETWORKS = [("mazur", "en"), ("lenet", "zh-TW"), ("gru", "zh-CN"), ("gaussian", "en")]
#: The cost is called as a function of the module, the input as one of the notebook.
MEETING = """
inputs = ["draw[n,k]"]
targets = ["y[n]"]
parameters = ["w[k]"]
equations = \"\"\"
s[n] = sum(k, draw[n,k]*w[k])
cost = sum(n, log(1 + exp(-y[n]*s[n])))
\"\"\"
name = "meeting"
batch = "n"
sizes = { k = 3 }
"""


@cache
def made(name: str, tag: str = "en") -> Document:
    return notebook(material_of(*derived(name), length="full"), tag)


def codes(document: Document) -> list[str]:
    return [block.code.strip("\n") for block in document.blocks if isinstance(block, Listing) and block.runs]


def after(lines: list[str], **start: object) -> tuple[dict[str, object], str]:
    """The variables when all cells have run, and what they printed."""
    variables: dict[str, object] = {"__name__": "notebook", **start}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for line in lines:
            exec(line, variables)
    return variables, printed.getvalue()


@pytest.fixture
def no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)


def run_notebook(text: str, folder: Path) -> str:
    """What a notebook prints in a fresh kernel without matplotlib, in an empty folder."""
    pytest.importorskip("ipykernel")
    client = pytest.importorskip("nbclient")
    cells = nbformat.reads(text, as_version=4)
    hidden = nbformat.v4.new_code_cell('import sys; sys.modules["matplotlib"] = None')
    cells.cells.insert(0, hidden)
    client.NotebookClient(cells, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    del cells.cells[0]
    assert is_untouched("a.ipynb", with_fingerprint("a.ipynb", nbformat.writes(cells)))
    outputs = [output for cell in cells.cells if cell.cell_type == "code" for output in cell.outputs]
    assert all(output.output_type == "stream" and output.name == "stdout" for output in outputs)
    return "".join(output.text for output in outputs)


@pytest.mark.parametrize(("name", "tag"), NETWORKS)
def test_a_kernel_runs_it_from_top_to_bottom(name: str, tag: str, tmp_path: Path) -> None:
    printed = run_notebook(render_notebook(made(name, tag)), tmp_path)
    first, one, last = map(float, re.search(r"^cost (\S+) after one step (\S+) after \d+ steps (\S+)$", printed, re.MULTILINE).groups())
    assert last < first
    assert one < first
    assert printed.count("no answer yet") >= 4
    assert "matplotlib is not installed" in printed
    parameters = derived(name)[1].system.parameters
    assert re.findall(r"^gradient in (\w+) is the same$", printed, re.MULTILINE) == [tensor.name for tensor in parameters]


def test_the_numbers_of_the_worked_example(no_matplotlib: None) -> None:
    variables, printed = after(codes(made("mazur")))
    assert "z1\n(1, 2)\n[[0.3775 0.3925]]" in printed
    assert "C 0.29837110876" in printed
    assert "dW2\n(2, 2)\n[[ 0.08216704  0.08266763]\n [-0.02260254 -0.02274024]]" in printed
    assert "after one step 0.280471446" in printed
    assert variables["C"] == variables["first_cost"] == pytest.approx(0.2983711087600027, abs=1e-15)


@pytest.mark.parametrize("name", ["mazur", "lenet", "gru", "gaussian", "rounding", "residual"])
def test_every_line_computes_what_the_module_computes(name: str, no_matplotlib: None) -> None:
    """Forward, the variables before anything is read from the cache; backward, what goes into the gradients."""
    lines = codes(made(name))
    handed_over = next(place for place, line in enumerate(lines) if line.startswith("cache = forward("))
    before, _ = after(lines[:handed_over])
    by_module = before["forward"](before["params"], *(before[tensor.name] for tensor in derived(name)[1].system.inputs))
    for quantity in by_module._fields:
        np.testing.assert_array_equal(before[quantity], getattr(by_module, quantity))
    variables, _ = after(lines)
    for parameter, gradient in variables["gradients"]._asdict().items():
        np.testing.assert_allclose(variables[f"d{parameter}"], gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["mazur", "gru"])
def test_every_equation_stands_above_its_line(name: str) -> None:
    """A quantity's number comes first, then the cell that begins or goes on with its line."""
    document, system = made(name), derived(name)[1].system
    lines = [(place, block.code) for place, block in enumerate(document.blocks) if isinstance(block, Listing) and block.runs]
    numbered = [place for place, block in enumerate(document.blocks) if isinstance(block, Display) and block.number is not None]
    computed = [*(equation.tensor.name for equation in system.equations), *(f"d{tensor.name}" for tensor in system.parameters)]
    assert len(numbered) >= len(computed)
    where: dict[str, int] = {}
    for quantity in computed:
        (cell,) = [
            place for place, code in lines if re.search(rf"^{quantity} = (?!cache)", code, re.MULTILINE) and "def forward" not in code
        ]
        # Between the cell before it and this one stands a formula.
        start = max((place for place, _ in lines if place < cell), default=0)
        assert any(start < place < cell for place in numbered), quantity
        where[quantity] = cell
    # The gradient by each parameter has a cell of its own, as it leaves the loop.
    assert len({where[f"d{tensor.name}"] for tensor in system.parameters}) == len(system.parameters)


def test_what_is_filled_in_is_compared_with_the_derived_values(no_matplotlib: None) -> None:
    lines = codes(made("mazur"))
    asked = [line.removesuffix(" = ...") for line in lines if line.endswith(" = ...")]
    assert asked == ["own_dW2", "own_db2", "own_da2", "own_slope", "own_b2"]
    right = {
        "own_dW2": "dz2.T @ a1",
        "own_db2": "dz2.sum(axis=0)",
        "own_da2": "(a2 - y) / N",
        "own_slope": "(cost_at(present + 1e-4) - cost_at(present - 1e-4)) / 2e-4",
        "own_b2": "params.b2 - 0.5 * gradients.b2",
    }
    for factor, said in ((1, "right"), (1.001, "the largest difference is")):
        filled = [
            re.sub(r"^(own_\w+) = \.\.\.$", lambda match, by=factor: f"{match[1]} = {by} * ({right[match[1]]})", line) for line in lines
        ]
        _, printed = after(filled)
        assert printed.count(f": {said}") == len(right)
    _, printed = after([line.replace("own_dW2 = ...", "own_dW2 = dz2[0] * a1[0]") for line in lines])
    assert "dW2: found shape (2,), expected (2, 2)" in printed


class Axes(Mock):
    """What is drawn, kept."""

    drawn: ClassVar[list[tuple[np.ndarray, np.ndarray, str]]] = []

    def plot(self, across: object, values: object, label: str) -> None:
        self.drawn.append((np.asarray(across, dtype=float), np.asarray(values, dtype=float), label))


def test_curves_are_drawn_where_matplotlib_is(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Axes.drawn
    pyplot = Mock(subplots=Mock(return_value=(None, Axes())))
    monkeypatch.setitem(sys.modules, "matplotlib", Mock(pyplot=pyplot))
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    _, printed = after(codes(made("mazur")))
    assert "not installed" not in printed
    assert [label for *_, label in drawn] == ["activation", "slope", "cost", "tangent", "cost"]
    (z, a, _), (_, slope, _), (w, cost, _), (_, tangent, _), (_, learning, _) = drawn
    np.testing.assert_allclose(a, 1 / (1 + np.exp(-z)), rtol=1e-13)
    np.testing.assert_allclose(slope, np.gradient(a, z), atol=2e-3)
    # The tangent touches the curve in the middle, at the present value, and has its slope.
    middle = len(w) // 2
    assert tangent[middle] == pytest.approx(cost[middle], rel=1e-12)
    assert np.diff(tangent) == pytest.approx(np.gradient(cost, w)[middle] * np.diff(w), rel=2e-2)
    assert learning[0] == pytest.approx(0.2983711087600027)
    assert np.all(np.diff(learning) < 0)


def test_a_kernel_draws_with_matplotlib(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    client = pytest.importorskip("nbclient")
    cells = nbformat.reads(render_notebook(made("mazur")), as_version=4)
    client.NotebookClient(cells, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    pictures = [
        output for cell in cells.cells if cell.cell_type == "code" for output in cell.outputs if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 3


def test_what_is_called_as_a_function_of_the_module_takes_nothing_away(tmp_path: Path, no_matplotlib: None) -> None:
    file = tmp_path / "meeting.toml"
    file.write_text(MEETING, encoding="utf-8")
    build(read_description(file), tmp_path / "made", Choices(["ipynb"]))
    cells = json.loads((tmp_path / "made" / "meeting.ipynb").read_text(encoding="utf-8"))["cells"]
    assert any("called as functions of the module" in "".join(cell["source"]) for cell in cells)
    variables, printed = after(["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"])
    assert set(variables["gradients"]._fields) == {"w"}
    assert callable(variables["cost"])
    assert "cost " in printed


def test_a_long_pass_is_begun_line_by_line_and_left_to_the_module(monkeypatch: pytest.MonkeyPatch, no_matplotlib: None) -> None:
    monkeypatch.setattr(notebook_cells, "MOST_CELLS", 3)
    monkeypatch.setattr(notebook_cells, "FIRST_CELLS", 2)
    lines = codes(notebook(material_of(*derived("mazur"), length="full"), "en"))
    variables, _ = after(lines)
    assert any(line.startswith("z1 = ") for line in lines)
    assert not any(line.startswith("z2 = ") for line in lines)
    assert "dz2" in variables
    assert "dW1" not in variables
    assert variables["gradients"].W1.shape == (2, 2)


def test_a_notebook_of_a_fast_module_runs(tmp_path: Path, no_matplotlib: None) -> None:
    build(read_description("3-4-2"), tmp_path, Choices(["ipynb"], style="fast", length="short"))
    cells = nbformat.reads((tmp_path / "network_3_4_2.ipynb").read_text(encoding="utf-8"), as_version=4).cells
    variables, printed = after([cell.source for cell in cells if cell.cell_type == "code"])
    assert "Workspace" in variables
    assert "gradient in W2 is the same" in printed


def test_a_notebook_that_is_written_by_python_is_the_same(tmp_path: Path) -> None:
    derivation = derive("2-3-2")
    written = write_handout(derivation, tmp_path / "one.ipynb").read_bytes()
    assert written == write_handout(derivation, tmp_path / "two.ipynb", length="short").read_bytes()
    source = "".join("".join(cell["source"]) for cell in json.loads(written)["cells"])
    assert "own_dW2 = ..." in source


def test_its_sections() -> None:
    assert list(NOTEBOOK) == ["network", "run_module", "run_forward", "chain_rule", "run_backward", "run_curves", "practice"]
