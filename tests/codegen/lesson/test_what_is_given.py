"""Parameters that are single numbers stand among what is given; a label says which entry the cost reads, also in one expression."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sympy import Indexed

from chainrule import Dense, Network
from chainrule.codegen.cli.main import main_group
from chainrule.symbolic.forms.scalar_form import closed_form

EQUATIONS = 'name = "net"\nequations = """\nh[i] = tanh(w*x[i] + b)\nC = sum(i, (h[i] - y[i])**2)\n"""\n'
DECLARED = 'parameters = ["w", "b"]\ninputs = ["x[i]"]\ntargets = ["y[i]"]\n'
GIVEN = "[example]\nx = [0.5, 0.25]\ny = [1.0, 0.0]\n[example.parameters]\nw = 0.75\nb = -0.5\n"


def test_nothing_computed_is_left_where_all_is_substituted() -> None:
    network = Network(2, [Dense(3, "softmax")], "cross_entropy", targets="labels")
    left = {entry.base.name for entry in closed_form(network.system).atoms(Indexed)}
    assert left == {"x", "W1", "b1", "y"}


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ("[sizes]\ni = 2\n", r"Parameters: \$w = 0\.75\$, \$b = -0\.5\$\."),
        ("", r"\| \$w\$ \| \$1\$ \| \$0\.75\$ (.|\n)*\| \$\\mathrm\{d\}w\$ "),
    ],
)
def test_single_numbers_are_given_too(sizes: str, said: str, tmp_path: Path) -> None:
    """Written out where the sizes are known, and in the table of arrays where they are not."""
    file = tmp_path / "net.toml"
    file.write_text(EQUATIONS + DECLARED + sizes + GIVEN)
    result = CliRunner().invoke(
        main_group, ["build", str(file), "-o", str(tmp_path), "--formats", "md", "--length", "full"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    assert re.search(said, (tmp_path / "net.md").read_text(encoding="utf-8"))
