"""Adjoints in one line, as handouts and `chainrule derive` print them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chainrule.symbolic.rewriting.collecting_rewrites import COLLECTING
from chainrule.symbolic.rewriting.rewrites import REWRITES
from chainrule.symbolic.rewriting.rule import Rule

DESCRIPTION = """
name = "norm"
inputs = ["x[n,i]"]
targets = ["T[n,j]"]
parameters = ["W[j,i]", "g[j]", "b[j]"]
equations = '''
z[n,j] = sum(i, W[j,i]*x[n,i])
m[j] = mean(n, z[n,j])
u[n,j] = z[n,j] - m[j]
v[j] = mean(n, u[n,j]**2)
r[j] = (v[j] + eps)**(-1/2)
h[n,j] = u[n,j]*r[j]
y[n,j] = g[j]*h[n,j] + b[j]
L = mean(n, sum(j, (tanh(y[n,j]) - T[n,j])**2))
'''
batch = "n"
sizes = { i = 3, j = 5 }
[constants]
eps = 1e-5
"""


LINE = "r[j] g[j] (N dy[n,j] - h[n,j] Σ_n′ dy[n′,j] h[n′,j] - Σ_n′ dy[n′,j]) / N"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("norm") / "norm.toml"
    path.write_text(DESCRIPTION, encoding="utf-8")
    return path


def chainrule(*arguments: str) -> str:
    from click.testing import CliRunner

    from chainrule.codegen.cli.main import main_group

    result = CliRunner().invoke(main_group, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


class TestPrinted:
    def test_behind_the_steps(self, spec: Path) -> None:
        printed = chainrule("derive", str(spec), "--wrt", "z")
        steps, line = printed.split("∂L/∂z in one line")
        assert "chain rule" in steps
        assert LINE in line
        assert "substitute ∂L/∂m" in line
        assert "differences from a mean add up to 0" in line

    def test_not_where_there_is_none(self, spec: Path) -> None:
        assert "in one line" not in chainrule("derive", str(spec), "--wrt", "W")

    def test_all_of_them(self, spec: Path) -> None:
        assert chainrule("derive", str(spec)).count("in one line") == 1

    def test_as_latex(self, spec: Path) -> None:
        printed = chainrule("derive", str(spec), "--wrt", "z", "--latex")
        assert "% dL/dz in one line" in printed
        assert "substitute" in printed

    def test_every_rule_has_its_reason(self) -> None:
        from chainrule.codegen.words.sentences import ENGLISH

        rules = {*Rule, *(rewrite.rule for rewrite in (*REWRITES, *COLLECTING))} - {Rule.STATED, Rule.RECOGNISE}
        said = {*rules, *(f"{Rule.RECOGNISE}.{function}" for function in ("sigmoid", "tanh"))}
        assert {f"reason.{rule}" for rule in said} <= set(ENGLISH)

    def test_in_every_document(self, spec: Path, tmp_path: Path) -> None:
        chainrule("build", str(spec), "--length", "full", "-o", str(tmp_path / "out"))
        page = (tmp_path / "out" / "norm.html").read_text(encoding="utf-8")
        assert re.search(r'<h3 id="collected-z"[^>]*>(<span[^>]*>[^<]*</span>\s*)?In one line: ', page)
        for name in ("norm.md", "norm.tex", "norm.html"):
            text = (tmp_path / "out" / name).read_text(encoding="utf-8")
            assert text.count("In one line") >= 1
            assert "differences from a mean add up to 0" in text
            assert "common factors and the division by a size in front" in text
