"""What a shell completes of the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from places import ROOT, SOURCE
from test_command_line import GOOD

from chainrule.codegen.cli.completion import Bash, Fish, Zsh
from chainrule.codegen.cli.listings import LISTS
from chainrule.codegen.cli.main import main_group


def offered(line: str, shell: type[ShellComplete] = Zsh) -> list[str]:
    """The words that may stand for the last one of a line, which may be empty."""
    *words, incomplete = line.split(" ")
    completion = shell(main_group, {}, "chainrule", "_CHAINRULE_COMPLETE")
    return [item.value for item in completion.get_completions(words, incomplete)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "net.toml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("bu", "build"),
        ("derive 2-2 --l", "--level --latex --language"),
        ("build 2-2 --style ", "plain fast"),
        ("build 2-2 --formats h", "html"),
        ("build 2-2 --formats tex,html,m", "tex,html,md tex,html,moodle"),
        (
            "build 2-2 --formats tex,html,md,ipynb,",
            " ".join(f"tex,html,md,ipynb,{word}" for word in "slides typ pdf moodle nbgrader json".split()),
        ),
        ("build 2-2 --language zh", "zh-TW zh-CN"),
        ("build 2-2 --notation s", "superscript"),
        ("check 2-2 --derivatives hvp,he", "hvp,hessian"),
        ("derive 2-2 --level ", "scalar index matrix graph"),
        ("derive 2-2 --activation sof", "softplus softmax"),
        ("derive 2-2 --cost cross", "cross_entropy"),
        ("derive 2-2 --targets ", "numbers one-hot one_hot labels probabilities signs distribution"),
        ("derive 2-3-2 --cost mae --wrt ", "W1 b1 W2 b2"),
        ("derive nets/net.toml --wrt W", "W1 W2"),
        ("list ", " ".join(LISTS)),
        ("derive n", "nets/net.toml"),
        ("derive nets/", "nets/net.toml"),
        ("build --notation n", "neuron nets/net.toml"),
        ("derive 78", "784-16-16-10"),
    ],
)
def test_words(folder: Path, line: str, words: str) -> None:
    assert offered(line) == words.split()


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_list_is_asked_for_when_it_is_needed_and_has_meanings(name: str) -> None:
    assert all(word and meaning for word, meaning in LISTS[name]().items())


def test_passes_are_offered(folder: Path) -> None:
    first, second, *_ = LISTS["passes"]()
    assert f"{first},{second}" in offered(f"build 2-2 --without {first},")


def test_an_option_with_its_value_in_one_word(folder: Path) -> None:
    """Bash hands it over as three words, zsh and fish as one."""
    assert offered("build --style = f", Bash) == ["fast"]
    assert offered("build --style=f", Zsh) == offered("build --style=f", Fish) == ["--style=fast"]


def test_what_must_be_quoted_is_left_to_the_shell(folder: Path) -> None:
    (folder / "my net.toml").write_text(GOOD)
    items = Zsh(main_group, {}, "chainrule", "_CHAINRULE_COMPLETE").get_completions(["derive"], "my")
    assert [(item.type, item.value) for item in items] == [("file", "my")]


@pytest.mark.parametrize(
    "line", ["derive nope.toml --wrt W", "derive --wrt W", "derive nope/", "derive ~nobody/", "build --wrong f", "buidl f"]
)
def test_what_is_wrong_offers_nothing(folder: Path, line: str) -> None:
    assert offered(line) == []


def test_fish_splits_at_the_first_comma_alone() -> None:
    assert 'string split --max 1 ","' in Fish(main_group, {}, "chainrule", "_CHAINRULE_COMPLETE").source()


def test_names_of_options_are_completed_without_what_derives(folder: Path) -> None:
    program = (
        "import sys; sys.argv = ['chainrule']\nfrom chainrule.codegen.cli import main\ntry: main.main()\nexcept SystemExit: pass\n"
        "print(*(name for name in ('sympy', 'numpy', 'jinja2', 'rich') if name in sys.modules))"
    )
    line = {"_CHAINRULE_COMPLETE": "bash_complete", "COMP_WORDS": "chainrule build 2-2 --st", "COMP_CWORD": "3"}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **line, "PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("plain,--style\n\n", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_after_the_readmes_line(folder: Path) -> None:
    line = next(line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| bash")).split("`")[1]
    command = folder / "bin" / "chainrule"
    command.parent.mkdir()
    command.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(SOURCE)!r})\nfrom chainrule.codegen.cli.start import main\nmain()\n"
    )
    command.chmod(0o755)
    program = f'''PATH="{command.parent}:$PATH"; {line}
        COMP_WORDS=(chainrule build --formats tex,ht); COMP_CWORD=3; _chainrule_completion chainrule; echo "${{COMPREPLY[@]}}"'''
    done = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("tex,html\n", "")
