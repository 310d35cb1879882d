"""Bugs in lines of the module: one line of those shown gives something else than the module, and it is the one that the key names."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest
from places import ROOT
from sheet_material import NETWORKS, of_kind, source
from shown_text import shown_text

from chainrule.codegen.backends.source_loading import load_source
from chainrule.codegen.document.document import Listing
from chainrule.codegen.exercises.question import Question
from chainrule.codegen.mistakes.code import made


def code_of(blocks: tuple[object, ...]) -> list[str]:
    (listing,) = (block for block in blocks if isinstance(block, Listing))
    return listing.code.split("\n")


@pytest.mark.parametrize("name", [*NETWORKS, "784-16-16-10"])
def test_one_line_is_wrong_when_it_is_run(name: str) -> None:
    own = source(name, 2)
    code = own.backward_code
    assert code is not None
    found = of_kind(name, 2, "find_wrong_code")
    assert found
    for _, question in found:
        wrong = []
        lines = code_of(question.prompt)
        for number, line in enumerate(lines, 1):
            target, right = re.fullmatch(r"(\w+) = (.*?) +# \d", line).groups()
            try:
                value = np.asarray(eval(right, {}, dict(code.values)))
            except (ValueError, IndexError, TypeError):
                wrong.append(number)
                continue
            expected = np.asarray(code.values[target])
            if value.shape != expected.shape or not np.allclose(value, expected):
                wrong.append(number)
        assert len(wrong) == 1
        answer = shown_text(question.solution)
        assert answer.startswith(f"Line {wrong[0]} is wrong. ")
        (right,) = code_of(question.solution)
        assert right.partition(" = ")[0] == lines[wrong[0] - 1].partition(" = ")[0]
        assert right in own.material.checked.source
        assert right not in "\n".join(lines)


def test_a_line_of_a_loop_is_wrong_in_the_module() -> None:
    """The module with the shown line in the place of its own has other gradients, or does not run."""
    gru = str(ROOT / "generated" / "gru" / "gru.toml")
    written = source(gru, 3).material.checked.source
    in_loop = [question for _, question in of_kind(gru, 3, "find_wrong_code") if "for t" in text_of(question)]
    assert in_loop
    for question in in_loop:
        shown = re.sub(r" +# \d$", "", text_of(question), flags=re.MULTILINE)
        assert shown.startswith("for t in reversed(range(N_t)):\n    dh[:, t] += (\n")
        (right,) = (block.code for block in question.solution if isinstance(block, Listing))
        kept = [line for line in shown.split("\n") if f"    {line}\n" in written]
        wrong = [line for line in shown.split("\n") if line not in kept]
        assert len(wrong) == 1
        start = written.index(f"    {shown.split(chr(10))[0]}")
        loop = written[start : written.index("\n\n", start)]
        changed = written.replace(loop, indent(shown, "    "))
        assert changed != written
        assert indent(right, " " * 8) in loop
        modules = [load_source(text, "gru") for text in (written, changed)]
        rng = np.random.default_rng(5)
        params, data = modules[0].init(rng), modules[0].sample(rng)
        _, expected = modules[0].cost_and_gradients(params, *data)
        try:
            _, found = modules[1].cost_and_gradients(modules[1].Parameters(*params), *data)
        except (ValueError, IndexError):
            continue
        assert not all(np.allclose(one, other) for one, other in zip(found, expected, strict=True))


def text_of(question: Question) -> str:
    (listing,) = (block for block in question.prompt if isinstance(block, Listing))
    return listing.code


def test_what_the_module_computes_in_another_way_has_no_line(tmp_path: Path) -> None:
    """The slope of a logarithm of a sigmoid is computed in one line, so that none of the sigmoid's own is left."""
    file = tmp_path / "chain.toml"
    file.write_text(
        """
name = "chain"
inputs = ["x[n]"]
targets = ["y[n]"]
parameters = ["w", "v"]
batch = "n"
equations = '''
a[n] = 1/(1 + exp(-w*x[n]))
p[n] = 1/(1 + exp(-v*a[n]))
L = mean(n, -y[n]*log(p[n]) - (1 - y[n])*log(1 - p[n]))
'''
"""
    )
    code = source(str(file), 1).backward_code
    assert code is not None
    assert "dp" not in code.values
    assert {line.name for block in code.blocks for line in block} <= set(code.values)


@pytest.mark.parametrize(("target", "is_shown"), [("y", True), ("np", False), ("params", False), ("cost", True)])
def test_lines_whose_names_the_module_has_itself_are_not_shown(tmp_path: Path, target: str, is_shown: bool) -> None:
    file = tmp_path / "net.toml"
    file.write_text(
        f"""
name = "net"
inputs = ["x[n]"]
targets = ["{target}[n]"]
parameters = ["w", "v"]
batch = "n"
equations = '''
a[n] = exp(-w*x[n])
p[n] = tanh(v*a[n])
L = mean(n, (p[n] - {target}[n])**2)
'''
"""
    )
    assert (source(str(file), 1).backward_code is not None) == is_shown


def test_gradients_of_the_lines_are_those_of_the_module() -> None:
    own = source("2-2-2", 0)
    code = own.backward_code
    module = own.material.checked.module
    rng = np.random.default_rng(11)
    params, data = module.init(rng), module.sample(rng)
    gradients = module.cost_and_gradients(params, *data)[1]
    for name, gradient in gradients._asdict().items():
        assert np.array_equal(code.values[f"d{name}"], gradient)


@pytest.mark.parametrize(
    ("code", "kind", "wrong"),
    [
        ("(a2 - y) / N", "sign", "(y - a2) / N"),
        ("(a2 - y) / N", "mean", "a2 - y"),
        ("da2 * a2 * (1 - a2)", "factor", "da2 * (1 - a2)"),
        ("da2 * (z > 0)", "mask", "da2"),
        ("dz.T @ x", "transpose", "dz @ x"),
        ("dz.T @ x", "order", "x @ dz.T"),
        ("dz.sum(axis=0)", "sum", "dz"),
        ("np.sum(dz, axis=(0, 1))", "sum", "dz"),
        ("dz * z", "operand", "dz * a"),
        ("dz @ W + db @ V", "path", "dz @ W"),
        ("step(dh, 1, t + 1) * q", "shift", "step(dh, 1, t) * q"),
        ("placed(da, range(0, 8, 2))", "stride", "placed(da, range(0, 4))"),
        ("x * ((da + db) * r)", "factor", "x * (da + db)"),
        ("x * ((da + db) * r)", "path", "x * (da * r)"),
    ],
)
def test_every_mistake_of_the_table(code: str, kind: str, wrong: str) -> None:
    found = made(code, {"da", "da2", "dz", "db", "dh"}, {"z": ["a"]})
    assert (kind, wrong) in {(mistake.kind, mistake.code) for mistake in found}, found
