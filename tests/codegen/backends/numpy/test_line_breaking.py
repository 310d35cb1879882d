"""Long lines of generated source are broken so that they say the same."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.codegen.backends.numpy.line_breaking import LONGEST, broken

ATOMS = st.sampled_from(["x", "logits", "h[:, t]", "params.W1", '"abc,abd->cd"', "1", "step(h, 1, t - 1)", "(N, N_t, 64)"])
SIGNS = st.sampled_from([" + ", " - ", " * ", " / ", " @ ", "**"])


def _extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    calls = st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})", st.sampled_from(["np.sum", "f"]), st.lists(inner, max_size=4)
    )
    sums = st.builds(lambda left, sign, right: f"{left}{sign}{right}", inner, SIGNS, inner)
    return calls | sums | inner.map(lambda text: f"({text})[:, None].T") | inner.map(lambda text: f"-({text})")


EXPRESSIONS = st.recursive(ATOMS, _extended, max_leaves=40)


@given(st.sampled_from(["a = ", "a[:, t] += "]), EXPRESSIONS, st.sampled_from([0, 4, 8]))
def test_the_meaning_stays(start: str, expression: str, indent: int) -> None:
    statement = start + expression
    lines = broken(statement, indent)
    assert ast.dump(ast.parse(lines)) == ast.dump(ast.parse(statement))
    if indent + len(statement) <= LONGEST:
        assert lines == statement


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"a = {'b' * 60} + {'c' * 60}", f"a = (\n        {'b' * 60}\n        + {'c' * 60}\n    )"),
        (f"a = np.sum({'b' * 60} * {'c' * 40}, axis=0)", f"a = np.sum(\n        {'b' * 60}\n        * {'c' * 40},\n        axis=0,\n    )"),
        (f"a = f({'b' * 60}, {'c' * 40})[:, None]", f"a = f(\n        {'b' * 60},\n        {'c' * 40},\n    )[:, None]"),
        (f"a, b = {'c' * 60}, {'d' * 60}", f"a, b = (\n        {'c' * 60},\n        {'d' * 60},\n    )"),
        (f"a = {'b' * 120}", f"a = {'b' * 120}"),
    ],
)
def test_where_it_breaks(statement: str, expected: str) -> None:
    assert broken(statement, 4) == expected
