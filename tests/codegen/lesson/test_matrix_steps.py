"""A handout has the matrix line of a step where the whole has more than two axes, as a recurrence has."""

from __future__ import annotations

from pathlib import Path

from test_command_line import chainrule

DESCRIPTION = '''name = "recurrent"
inputs = ["x[n,t,i]"]
targets = ["y[n,t,j]"]
parameters = ["W[j,i]", "U[j,k]"]
equations = """
z[n,t,j] = sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k])
h[n,t,j] = tanh(z[n,t,j])
C = mean(n, sum(t, j, (h[n,t,j] - y[n,t,j])**2))/2
"""
batch = "n"
sizes = { i = 2, j = 3, t = 5 }
'''


def test_a_recurrence_has_matrix_lines_of_a_step(tmp_path: Path) -> None:
    (tmp_path / "recurrent.toml").write_text(DESCRIPTION)
    result = chainrule("build", "recurrent.toml", "-o", ".", "--formats", "md", "--length", "full", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    page = (tmp_path / "recurrent.md").read_text()
    step = r"{\underbrace{\mathrm{d}z^{\top}_{t}}_{3 \times N}} \;\; {\underbrace{h_{t - 1}}_{N \times 3}}"
    assert r"\mathrm{d}U &= \sum_{t} \left(" + step in page
    assert r"\mathrm{d}h_{t} &= {\underbrace{\mathrm{d}z_{t + 1}}_{N \times 3}} \;\; {\underbrace{U}_{3 \times 3}}" in page
