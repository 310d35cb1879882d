"""Training on texts: windows, the vocabulary, what follows, and texts that are not as they should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_command_line import chainrule

from chainrule import Dense, InvalidDescription, Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.training.choices import TrainingChoices
from chainrule.codegen.training.data_set import read_data
from chainrule.codegen.training.given import given
from chainrule.codegen.training.predictions import predictions
from chainrule.codegen.training.run import begin, train
from chainrule.codegen.training.run_folder import RunFolder, found_run
from chainrule.codegen.training.text import read_texts, text_of, windows_for, windows_of

#: What comes next from the last three characters; and at every place from all before it, of which some may be masked.
NEXT = """
name = "next"
inputs = ["X[n,t] in v"]
targets = ["Y[n] in v"]
parameters = ["E[t,v,w]"]
equations = \"\"\"
z[n,w] = sum(t, E[t,X[n,t],w])
C = -mean(n, z[n,Y[n]] - log(sum(w, exp(z[n,w]))))
\"\"\"
batch = "n"
sizes = { t = 3, v = 7 }
"""
RECURRENT = """
name = "recurrent"
inputs = ["tok[n,t] in v", "mask[n,t]"]
targets = ["following[n,t] in v"]
parameters = ["E[v,j]", "U[j,k]", "V[v,j]"]
equations = \"\"\"
h[n,t,j] = tanh(E[tok[n,t],j] + sum(k, U[j,k]*h[n,t-1,k]))
z[n,t,v] = sum(j, V[v,j]*h[n,t,j])
p[n,t,v] = exp(z[n,t,v])/sum(w, exp(z[n,t,w]))
C = -sum(n, t, mask[n,t]*log(p[n,t,following[n,t]]))/sum(n, t, mask[n,t])
\"\"\"
batch = "n"
sizes = { j = 5 }
"""
TEXT = "abc abd\n" * 150


def run_of(description: str, folder: Path, text: str = TEXT, length: int | None = None, epochs: int = 15) -> RunFolder:
    path = folder / "t.txt"
    path.write_text(text, encoding="utf-8")
    derivation = derive(description)
    windows = windows_of(given(derivation.system), length)
    assert windows is not None
    choices = TrainingChoices(rate=0.05, epochs=epochs)
    run = begin(derivation, module_source(derivation, style="fast"), text_of([path], windows), choices, folder / "run")
    train(run)
    return run


def chances(run: RunFolder, folder: Path, beginning: str) -> dict[str, float]:
    (folder / "b.txt").write_text(beginning)
    header, *rows = (line.rsplit(",", 1) for line in predictions(run, [folder / "b.txt"]).replace('"\n"', "newline").splitlines())
    assert header == ["character", "chance"]
    found = {name: float(chance) for name, chance in rows}
    assert sum(found.values()) == pytest.approx(1, abs=1e-4)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    return found


@pytest.mark.parametrize(("description", "length"), [(NEXT, None), (RECURRENT, 8)])
def test_what_follows_is_learned(description: str, length: int | None, tmp_path: Path) -> None:
    run = run_of(description, tmp_path, length=length)
    assert set("abcd \n") == {str(character) for character in run.weights()["text/characters"]}
    assert chances(run, tmp_path, " abc ab\n")["d"] > 0.4
    assert next(iter(chances(run, tmp_path, "abd\nabc"))) == " "
    assert predictions(run, [tmp_path / "b.txt"], go_on=5).startswith("abd\nabc ab")
    assert predictions(run, [tmp_path / "b.txt"], 20, 1) == predictions(run, [tmp_path / "b.txt"], 20, 1)


def test_windows_of_one_target_overlap_and_others_do_not(tmp_path: Path) -> None:
    for description, length, first, second in (
        (NEXT, None, ("abc", " "), ("bc ", "a")),
        (RECURRENT, 4, ("abc ", "bc a"), ("abd\n", "bd\na")),
    ):
        run = run_of(description, tmp_path, length=length, epochs=1)
        with run.modules(run.script.stem) as (script,):
            examples = script.read_examples()
            letters = examples.data["text/characters"]
            x, *_, y = examples.at(np.array([0, 1]))
            assert ["".join(letters[row]) for row in x] == [first[0], second[0]]
            assert ["".join(np.atleast_1d(letters[row])) for row in y] == [first[1], second[1]]
            assert examples.held_out.min() > examples.training.max(), "the end of the text is held out"
        (run.path / "weights.npz").unlink()


def test_texts_of_a_folder_are_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_bytes("\ufeffbb\r\nbb".encode())
    (tmp_path / "one.txt").write_text("aa\n")
    (tmp_path / "other.md").write_text("not this")
    windows = windows_for(derive(NEXT))
    assert windows is not None
    assert text_of([tmp_path], windows).text == "aa\nbb\nbb"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "t.txt: found an empty file, expected text"),
        (b"abc\nab\xff", "t.txt:2: found the byte 0xff, expected text in UTF-8"),
        (b"abc\0", "t.txt:1: found a NUL byte"),
        (b"abcd\nefg\nh", "t.txt:2: found 'g', character number 8; the network tells 7 apart"),
        (b"abc", "--held-out: 0.2 of 0 examples is 0"),
        (b"abca", "--held-out: 0.2 of 1 examples is 0"),
    ],
)
def test_texts_that_cannot_be_learned_from(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(content)
    (tmp_path / "next.toml").write_text(NEXT)
    done = chainrule("train", "next.toml", "--data", "t.txt", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run_next").exists()


def test_characters_that_the_run_has_not_seen(tmp_path: Path) -> None:
    run_of(NEXT, tmp_path, epochs=1)
    (tmp_path / "new.txt").write_text("abc\nabe\n")
    done = chainrule("predict", "run", "--data", "new.txt", cwd=tmp_path)
    assert done.returncode == 2
    assert "new.txt:2: found 'e', which the run was not trained on" in done.stderr
    (tmp_path / "new.txt").write_text("ab")
    assert "the text of 2 characters is too short" in chainrule("predict", "run", "--data", "new.txt", cwd=tmp_path).stderr
    (tmp_path / "new.txt").write_text("abc")
    done = chainrule("predict", "run", "--data", "new.txt", "--go-on", "3", "-o", "out.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.txt").read_text()) == 7


def test_no_folder_without_texts_and_no_other_length(tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription, match=r"no \.txt files are in the folder"):
        read_texts([tmp_path])
    with pytest.raises(InvalidDescription, match="--window: found 5, but X has windows of 3"):
        windows_of(given(derive(NEXT).system), 5)
    other = given(Network(2, [Dense(3, "softmax")], "cross_entropy", targets="labels").system)
    with pytest.raises(InvalidDescription, match="found a folder, which holds texts; a network of texts"):
        read_data([tmp_path], other)
    assert windows_of(other) is None


def test_a_text_of_mixed_examples_has_no_chances(tmp_path: Path) -> None:
    mixed = NEXT.replace("C = ", "m[v] = mean(n, z[n,v])\nu[n,v] = z[n,v] - m[v]\nC = ").replace("n, z[n,Y[n]]", "n, u[n,Y[n]]")
    run = run_of(mixed.replace("exp(z[n,w])", "exp(u[n,w])"), tmp_path, epochs=1)
    with pytest.raises(InvalidDescription, match="no chances of a single text"):
        predictions(found_run(run.path), [tmp_path / "t.txt"])
