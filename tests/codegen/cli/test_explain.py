"""chainrule build --explain, --without and --batch as people type them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_command_line import chainrule

from chainrule.codegen.backends.fast.pass_table import OPTIONAL


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("explained")
    done = chainrule("build", "7-5-3", "--activation", "tanh", "--formats", "", "--explain", "--batch", "64", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "class Workspace" in (folder / "network_7_5_3" / "network_7_5_3.py").read_text()
    return done.stdout


def test_every_pass_is_a_row(explained: str) -> None:
    for name in (each.name for each in OPTIONAL):
        assert re.search(rf"^ *{name} +\S", explained, flags=re.MULTILINE), name


def test_sizes_and_formulas_are_stated(explained: str) -> None:
    assert "at N = 64" in explained
    # 7·5 + 5 + 5·3 + 3 parameters.
    assert re.search(r"parameters +232 +232 +464", explained)
    assert re.search(r"peak +[\d,]+ N \+ [\d,]+ +[\d,]+ +[\d,]+", explained)
    assert "Nothing is printed as in plain style." in explained


def test_a_piece_in_plain_style_is_named_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(
        'name = "odd"\ninputs = ["x[n,i]", "s[n] in i"]\nparameters = ["W[j,i]"]\nbatch = "n"\nsizes = { i = 3, j = 2 }\n'
        'equations = """\nz[n,j] = sum(i, W[j,i]*x[n,i])\nC = mean(n, sum(j, z[n,j]**2*x[n,s[n] - 1]))\n"""\n'
    )
    done = chainrule("build", "odd.toml", "--formats", "", "--explain", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "As in plain style" in done.stdout
    assert re.search(r"^  \w+: .+", done.stdout, flags=re.MULTILINE)


def test_a_pass_that_is_left_out_is_shown_so_and_changes_the_module(tmp_path: Path) -> None:
    texts = []
    for without in ("", "in-place, reuse"):
        done = chainrule(
            "build", "7-5-3", "-o", f"out{len(texts)}", "--style", "fast", "--formats", "", "--explain", "--without", without, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("switched off") == (2 if without else 0)
        texts.append((tmp_path / f"out{len(texts)}" / "network_7_5_3.py").read_text())
    assert texts[0] != texts[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--explain", "--style", "plain"], ["--explain", "--style fast"]),
        (["--without", "reuse", "--style", "plain"], ["--without", "--style fast"]),
        (["--without", "resue"], ["'resue'", "did you mean 'reuse'"]),
        (["--batch", "7"], ["--batch", "--explain"]),
        (["--explain", "--batch", "0"], ["--batch", "0"]),
        (["--style", "quick"], ["'quick'", "plain"]),
    ],
)
def test_what_does_not_go_together_is_one_message(arguments: list[str], said: list[str], tmp_path: Path) -> None:
    refused = chainrule("build", "7-5-3", *arguments, cwd=tmp_path)
    assert refused.returncode == 2
    assert all(words in refused.stderr for words in said), refused.stderr
    assert "Traceback" not in refused.stderr
    assert not list(tmp_path.iterdir())


def test_examples_are_not_chosen_where_the_description_has_none(tmp_path: Path) -> None:
    (tmp_path / "still.toml").write_text('name = "still"\nparameters = ["w[k]"]\nsizes = { k = 3 }\nequations = "C = sum(k, w[k]**2)"\n')
    assert chainrule("build", "still.toml", "--formats", "", "--explain", cwd=tmp_path).returncode == 0
    refused = chainrule("build", "still.toml", "-o", "other", "--explain", "--batch", "7", cwd=tmp_path)
    assert refused.returncode == 2
    assert "--batch: found 7" in refused.stderr
    assert not (tmp_path / "other").exists()


def test_passes_are_listed(tmp_path: Path) -> None:
    listed = chainrule("list", "passes", cwd=tmp_path).stdout
    assert [line.split()[0] for line in listed.splitlines()] == [each.name for each in OPTIONAL]
