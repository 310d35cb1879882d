"""Careless and hostile descriptions through the command: exit status 2 and one message in little time, never a traceback.

What cannot be refused, as it is text for people, is rendered as the text that it is.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from trust.hostile import blocks, browse, built, command, harm, place, refusal_problems, run_notebook, set_latex, structures
from trust.hostile_texts import CALLED, HARMLESS, REFUSED, Attempt, by_layers, called
from trust.watch import watched

from chainrule.codegen.cli import main as command_line

HEAD = 'name = "net"\ninputs = ["X[n,k]"]\ntargets = ["y[n] in k"]\nparameters = ["w[k]"]\n'
GOOD = "s[n] = sum(k, X[n,k]*w[k])\nL = sum(n, s[n]**2)"
SECONDS = 2.0

#: Texts of equations.
EQUATIONS = {
    "tower of powers": "L = w[0]*9**9**9",
    "tower of tensors": "L = w[0]**w[0]**9**99",
    "huge exponent": "L = w[0]**1000000",
    "long number": "L = w[0]*" + "9" * 5000,
    "huge decimal": "L = w[0]*1e400",
    "deep brackets": "L = " + "(" * 10_000 + "w[0]" + ")" * 10_000,
    "deep brackets, fewer": "L = " + "(" * 150 + "w[0]" + ")" * 150 + "+X[0]",
    "deep signs": "L = " + "-" * 10_000 + "w[0]",
    "deep calls": "L = " + "exp(" * 5_000 + "w[0]" + ")" * 5_000,
    "long sum": "L = w[0]" + " + w[0]" * 5_000,
    "many characters in a line": "L = " + "w" * 900_000,
    "many brackets over many lines": "L = (\n" + "(\n" * 400_000,
    "many lines without a sign": "w\n" * 300_000,
    "many lines of one name": "L = w[0]\n" * 20_000,
    "many indices on the left": f"L[{','.join(f'a{number}' for number in range(5_000))}] = w[0]",
    "many letters": f"L = sum({', '.join(f'a{number}' for number in range(2_000))}, w[0])",
    "long name": "L" + "a" * 5_000 + " = w[0]",
    "remarks": "#" * 500_000,
    "blank": " \n" * 100_000,
    "NUL": "L = w[0]\\u0000",
    "control characters": "L = w[0]\\u0007*2",
    "Greek letters": "L = sum(κ, w[κ])",
    "look-alike letters": "L = sum(k, ｗ[k])",
    "a snowman": "L = w[0]*☃",
    "right to left": "L = w[0]\\u202e*2",
    "import": "L = __import__('os').system('true')",
    "attribute": "L = w.__class__",
    "lambda": "L = (lambda: w[0])()",
    "comprehension": "L = sum(w[k] for k in X)",
    "walrus": "L = (s := w[0])",
    "text": "L = 'w[0]'",
    "infinite": "L = w[0]/(1 - 1)",
    "logarithm of nothing": "L = w[0]*log(0)",
    "imaginary": "L = w[0]*sqrt(-1)",
    "double bracket": "L = w[0]]",
    "index of an index": "L = w[w[w[0]]]",
    "huge place": "L = w[999999999999]",
    "huge step": "L = sum(k, w[999999999999*k])",
    "product of letters": "L = sum(n, k, X[n,n*k]*w[k])",
    "an equation of itself": "L = L*w[0]",
    "an endless cycle": "a = b*w[0]\nb = c\nc = a\nL = a",
    "an input on the left": "X[n,k] = w[k]\nL = sum(n, k, X[n,k])",
    "nothing but a boundary": "h[n,-1] = w[0]",
    "a cost with an index": "s[n] = X[n,0]*w[0]",
    "assignment": "L += w[0]",
    "semicolon": "s = w[0]; L = s",
    "caret": "L = w[0]^2",
}
#: Whole files, and changes of a good one.
FILES = {
    "huge size": HEAD + f'equations = """{GOOD}"""\nsizes = {{ k = 99999999999999999999 }}\n',
    "size of no index": HEAD + f'equations = """{GOOD}"""\nsizes = {{ q = 3 }}\n',
    "infinite constant": HEAD + f'equations = """{GOOD}"""\n[constants]\nc = inf\n',
    "constant with the name of a tensor": HEAD + f'equations = """{GOOD}"""\n[constants]\nw = 1.0\n',
    "unknown batch": HEAD + f'equations = """{GOOD}"""\nbatch = "q"\n',
    "declaration that is none": HEAD.replace("w[k]", "w[k") + f'equations = """{GOOD}"""\n',
    "declaration in Greek": HEAD.replace("w[k]", "ω[k]") + f'equations = """{GOOD}"""\n',
    "no parameters": HEAD.replace('"w[k]"', "") + f'equations = """{GOOD}"""\n',
    "integer parameter": HEAD.replace("w[k]", "w[k] in k") + f'equations = """{GOOD}"""\n',
    "target along nothing": HEAD.replace("in k", "in q") + f'equations = """{GOOD}"""\n',
    "ten thousand parameters of one name": HEAD.replace('"w[k]"', ", ".join(['"w[k]"'] * 10_000)) + f'equations = """{GOOD}"""\n',
}


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """What the command imports is not counted."""
    for module in (
        "chainrule.codegen.descriptions.reader",
        "chainrule.codegen.checking.gradient_check",
        "chainrule.symbolic.language.system_reader",
    ):
        importlib.import_module(module)


def check_refused(text: str, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["chainrule", "check", str(path)])
    started = time.process_time()
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert time.process_time() - started < SECONDS
    printed = capsys.readouterr()
    assert ended.value.code == 2, printed
    assert printed.out == ""
    assert printed.err.startswith("chainrule: ")
    assert "Traceback" not in printed.err
    assert len(printed.err) < 1_500
    assert printed.err.count("chainrule:") == 1


@pytest.mark.parametrize("title", EQUATIONS)
def test_a_text_is_refused(title: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    check_refused(f'{HEAD}equations = """\n{EQUATIONS[title]}\n"""\n', tmp_path / "net.toml", capsys, monkeypatch)


@pytest.mark.parametrize("title", FILES)
def test_a_file_is_refused(title: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    check_refused(FILES[title], tmp_path / "net.toml", capsys, monkeypatch)


@pytest.mark.parametrize("attempt", REFUSED, ids=lambda attempt: attempt.title)
def test_an_attempt_is_refused(attempt: Attempt) -> None:
    assert refusal_problems(attempt) == []


#: One of each kind here; all of them in a run of `trust.hostile`.
@pytest.mark.parametrize("name", CALLED)
def test_a_name_that_the_module_has_too(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for what, text in called(name).items():
        Path("net.toml").write_text(text)
        ended = command("build", "net.toml", "--formats", "", "--force")
        assert ended.status == 0, f"{what}: {ended.said}"
        # By itself, as a user runs it.
        done = subprocess.run([sys.executable, "net/net.py"], capture_output=True, text=True)
        assert done.returncode == 0, f"{what}: {done.stderr}"
        assert "largest relative error" in done.stdout


SOME = [title for title in HARMLESS if title.endswith((": input", "of the script", "expression", ": link", "of the text", "way round"))]


@pytest.mark.parametrize("title", SOME)
def test_a_text_is_rendered_harmless(title: str) -> None:
    assert harm(HARMLESS[title]) == []


def every_text() -> str:
    return " ".join(text.strip() for text in HARMLESS.values() if len(text) < 150)


def test_all_texts_at_once_are_harmless_in_the_notebook() -> None:
    with place() as here:
        folder, wrong = built(every_text(), here)
        assert not wrong
        assert run_notebook(folder) == []
        assert not here.canary.exists()


@pytest.mark.tex
def test_all_texts_at_once_are_harmless_in_latex() -> None:
    if shutil.which("xelatex") is None:
        pytest.skip("xelatex is not installed")
    with place() as here:
        folder, wrong = built(every_text(), here)
        assert not wrong
        assert set_latex(folder, here) == []
        assert not here.canary.exists()


def test_the_watch_sees(tmp_path: Path) -> None:
    secret, inside = tmp_path / "secret", tmp_path / "inside"
    secret.write_text("x")
    inside.mkdir()
    with watched(inside, secrets=(secret,)) as watch:
        (inside / "file").write_text("x")
        assert watch.seen == []
        (tmp_path / "file").write_text("x")
        secret.read_text()
        subprocess.run([sys.executable, "-c", ""], check=True)
        os.mkdir(tmp_path / "folder")
    assert [seen.split()[0] for seen in watch.seen] == ["opened", "read", "subprocess.Popen", "os.mkdir"]


def test_the_comparison_sees(tmp_path: Path) -> None:
    with place() as here:
        folder, _ = built("plain words", here)
        page = folder / "net.html"
        page.write_text(page.read_text().replace("<h1>", "<h1><script>window.canary=1</script>"))
        module = folder / "net.py"
        module.write_text(module.read_text().replace("import numpy as np", "import numpy as np, os"))
        changed = structures(folder)
        assert ("script",) in changed["the page"]  # type: ignore[operator]
        assert "name='os'" in str(changed["the module"])
        if shutil.which("chromium"):
            assert browse([page]) == ["the page: a script ran"]
    assert blocks("a $x$ b") != blocks("a \\$x\\$ b")
    assert "link_open" in blocks("[a](b)")


def test_a_notation_that_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.toml").write_text(by_layers())
    os.mkfifo("pipe.toml")
    Path("endless.toml").symlink_to("/dev/zero")
    Path("folder.toml").mkdir()
    for name in ("pipe.toml", "endless.toml", "folder.toml"):
        ended = command("build", "net.toml", "--notation", name)
        assert ended.status == 2
        assert name in ended.said
    for name in ("pipe.toml", "endless.toml", "folder.toml"):
        assert command("build", name).status == 2


SOUND_NOTATION = 'name = "own"\nsections = ["network", "forward"]\n'
#: What a notation's file may not say: letters end up inside formulas, the rest chooses among what is there.
NOTATIONS = {
    "a command in an accent": "[letters]\nW = '\\hat{\\input}'\n",
    "a command as a letter": "[letters]\nW = '\\write18'\n",
    "the end of the formula": "[letters]\nW = 'a$'\n",
    "TeX's other writing": "[letters]\nW = '^^5cinput'\n",
    "a brace too many": "[letters]\nW = '\\hat{x}}'\n",
    "a tag": "[array_letters]\nW = '<b>'\n",
    "a remark": "[letters]\nW = 'a%'\n",
    "a mark of one's own": "[writing]\nlayer = '\\input'\n",
    "an error's letter": "[writing]\nerror = '\\mathrm{\\end}'\n",
    "a section by a path": "",
    "a key of one's own": "include = 'secret.toml'\n",
}


@pytest.mark.parametrize("title", NOTATIONS)
def test_a_notation_is_refused(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.toml").write_text(by_layers())
    sound = SOUND_NOTATION.replace('"forward"', '"../../etc/passwd"') if title == "a section by a path" else SOUND_NOTATION
    own = NOTATIONS[title] if NOTATIONS[title].startswith("include") else ""
    Path("own.toml").write_text(own + sound + ("" if own else NOTATIONS[title]))
    ended = command("build", "net.toml", "--notation", "own.toml")
    assert ended.status == 2
    assert "own.toml" in ended.said
    assert not Path("net").exists()


def test_a_sound_notation_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.toml").write_text(by_layers())
    Path("own.toml").write_text(SOUND_NOTATION + "[letters]\nW = '\\hat{\\theta}'\n")
    assert command("build", "net.toml", "--notation", "own.toml", "--formats", "md").status == 0
    assert r"\hat{\theta}" in Path("net/net.md").read_text()


def test_a_pipe_in_the_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.toml").write_text(by_layers())
    Path("net").mkdir()
    os.mkfifo("net/net.py")
    ended = command("build", "net.toml", "--formats", "")
    assert ended.status == 2
    assert "net.py" in ended.said


def test_links_in_the_folder_are_not_written_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.toml").write_text(by_layers())
    Path("net").mkdir()
    mine = tmp_path / "mine"
    mine.write_text("mine")
    Path("net/net.py").symlink_to(mine)
    assert command("build", "net.toml", "--formats", "").status == 2
    assert command("build", "net.toml", "--formats", "", "--force").status == 0
    assert mine.read_text() == "mine"
    assert not Path("net/net.py").is_symlink()
    # Nor where the link leads nowhere yet.
    Path("net/test_net.py").unlink()
    Path("net/test_net.py").symlink_to(tmp_path / "made")
    assert command("build", "net.toml", "--formats", "").status == 0
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("pair", [("net", "test_net"), ("test_net", "net"), ("net", "net_slides"), ("net_slides", "net")])
def test_a_network_does_not_replace_files_of_another(pair: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = pair
    for name in pair:
        Path(f"{name}.toml").write_text(by_layers(name=name))
    assert command("build", f"{first}.toml", "-o", "out", "--formats", "").status == 0
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    ended = command("build", f"{second}.toml", "-o", "out", "--formats", "")
    assert ended.status == 2
    assert repr(first) in ended.said
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
    assert command("build", f"{first}.toml", "-o", "out", "--formats", "").status == 0
    assert command("build", f"{second}.toml", "--formats", "").status == 0


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("[{a = 1}]", "found {'a': 1}, expected in quotes one of network"),
        ("[0x" + "f" * 5000 + "]", "found a number of more than"),
        ("[[0x" + "f" * 5000 + "]]", "found a list with a number of very many digits"),
        ("0x" + "f" * 5000, "found a number of more than"),
        ("[1.5, 'network']", "found 1.5"),
        ("[[]]", "found []"),
        ("['netwrok']", "did you mean 'network'?"),
        ("[1979-05-27]", "found datetime.date"),
    ],
)
def test_sections_that_are_none(found: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.toml").write_text(by_layers())
    for text in (f"name = 'own'\nsections = {found}\n", SOUND_NOTATION + f"[letters]\nW = {found}\n"):
        Path("own.toml").write_text(text)
        ended = command("build", "net.toml", "--notation", "own.toml")
        assert ended.status == 2
        assert ended.said.startswith(f"chainrule: own.toml:{text.count(chr(10))}: ")
        assert ended.said.count("\n") == 1
        assert "sections" not in text or said in ended.said or "letters" in text


@pytest.mark.parametrize("inputs", ["[inputs]\nleft = 2\n", "[inputs]\nx = 2\n", "[inputs]\nnp = [2]\n", "input = [2]\n"])
def test_a_stack_whose_input_has_a_name(inputs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    layers = "[[layers]]\nunits = 3\nactivation = 'tanh'\n[[layers]]\nunits = 2\n[cost]\nkind = 'quadratic'\n"
    Path("net.toml").write_text(f"name = 'net'\n{inputs}{layers}")
    for style in ("plain", "fast"):
        ended = command("build", "net.toml", "--style", style, "--formats", "md,html,tex")
        assert ended.status == 0, ended.said
