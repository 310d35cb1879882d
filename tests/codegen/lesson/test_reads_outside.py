"""What the terminal says of a derivation: the cost by its own name, and what entries outside of an axis mean where some are read."""

from __future__ import annotations

import pytest

from chainrule import Network, derive
from chainrule.codegen.formats.text import text_lines
from chainrule.codegen.formulas.printers import PLAIN
from chainrule.codegen.lesson.derivation_document import derivation_document


@pytest.mark.parametrize(
    ("equations", "said"),
    [
        ("h[t] = tanh(w*h[t-1] + x[t])\nf = sum(t, h[t]**2)", "as h[t - 1] before the first place and h[t + 1] after the last."),
        ("h[t] = tanh(w*h[t-1] + x[t])\nh[-1] = w\nf = sum(t, h[t])", "after the last; boundary values are added to them where they are."),
        ("f = sum(t, (w*x[t+1])**2)", "as x[t + 1] after the last."),
        ("f = sum(t, w*x[t])", ""),
    ],
)
def test_reads_outside_of_an_axis(equations: str, said: str) -> None:
    derivation = derive(Network.from_equations(equations, ["w"], ["x[t]"]))
    lines = [line.plain for line in text_lines(derivation_document(derivation, None, "index", PLAIN), 200)]
    outside = [line for line in lines if line.startswith("Entries outside of an axis are 0, ")]
    assert [line.removeprefix("Entries outside of an axis are 0, ")[-len(said) :] for line in outside] == ([said] if said else [])
    assert any(line.startswith("∂f/∂w") for line in lines)
    assert not any("∂C" in line for line in lines)
