"""The gallery is what the tool makes of its descriptions today, byte for byte; `pytest --update` writes it anew."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from places import GALLERY

from chainrule import derive
from chainrule.codegen.build import Choices, build
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.marking.mark import mark
from chainrule.codegen.marking.report import report
from chainrule.codegen.training.choices import TrainingChoices

#: Folders whose module is not in plain style.
STYLES = {"fast_digits": "fast"}
#: Folders whose module and documents have further derivatives.
DERIVATIVES = {"jacobian": ("gradient", "jacobian"), "kronecker_factors": ("gradient", "kfac")}
#: Folders with a sheet of exercises: the number of questions, and the seed.
EXERCISES = {"mazur": (12, 1)}
#: Folders with a script that trains the module.
TRAINING = {
    "digits": TrainingChoices(rate=0.003, epochs=30),
    "character_model": TrainingChoices(rate=0.01, batch=128, epochs=12),
    "language_model": TrainingChoices(rate=0.01, batch=16, epochs=8),
}
#: An error counts against what is added up in its own entry, and the terms of batch normalisation's adjoints all but cancel.
BOUNDS = {"character_model": "10^{-10}"}
FOLDERS = sorted(folder.name for folder in GALLERY.iterdir() if (folder / f"{folder.name}.toml").exists())


def test_the_gallery_has_its_networks() -> None:
    assert {"mazur", "digits", "handwriting"} <= set(FOLDERS)


def choices_of(name: str) -> Choices:
    count, seed = EXERCISES.get(name, (0, 0))
    derivatives = DERIVATIVES.get(name, ("gradient",))
    return Choices(style=STYLES.get(name, "plain"), derivatives=derivatives, exercises=count, seed=seed, training=TRAINING.get(name))


@pytest.mark.parametrize("name", FOLDERS)
def test_rebuilding_gives_the_same_bytes(name: str, tmp_path: Path, update: bool) -> None:
    description = read_description(GALLERY / name / f"{name}.toml")
    built = build(description, tmp_path, choices_of(name))
    if update:
        for path in built.files:
            shutil.copyfile(path, GALLERY / name / path.name)
    for path in built.files:
        kept = GALLERY / name / path.name
        assert kept.exists(), f"{kept} is missing; run pytest --update"
        assert kept.read_bytes() == path.read_bytes(), (
            f"{kept} is not what the tool makes today; look at the change, then run pytest --update"
        )


def test_handwriting_has_13002_parameters() -> None:
    description = read_description(GALLERY / "handwriting" / "handwriting.toml")
    system = description.network.system
    assert sum(np.prod([int(size) for size in system.shape(tensor)]) for tensor in system.parameters) == 13_002
    assert "13,002" in (GALLERY / "handwriting" / "handwriting.md").read_text()


@pytest.mark.parametrize("name", FOLDERS)
def test_documents_say_how_much_was_checked(name: str) -> None:
    text = (GALLERY / name / f"{name}.md").read_text()
    counted = re.search(r"(\d+) equations of this document were evaluated", text)
    assert counted is not None
    assert int(counted.group(1)) >= 30
    assert BOUNDS.get(name, "10^{-12}") in text[counted.start() : counted.start() + 400]


def history(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[float, ...]]:
    """What the training script of a gallery's folder says after each epoch, beside the data in another folder."""
    for file in (f"{name}.py", f"train_{name}.py"):
        shutil.copyfile(GALLERY / name / file, folder / file)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(f"train_{name}").train()


def test_the_digits_are_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = pytest.importorskip("sklearn.datasets", reason="the digits are shipped with scikit-learn")
    x, y = sets.load_digits(return_X_y=True)
    np.savez(tmp_path / "data.npz", x=x, y=y)
    *_, (epochs, _, _, right) = history("digits", tmp_path, monkeypatch)
    assert epochs == 30
    assert right >= 0.96


@pytest.mark.parametrize(("name", "margin"), [("character_model", 0.9), ("language_model", 0.8)])
def test_a_text_is_learned(name: str, margin: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (GALLERY / name / "text.txt").read_text()
    (tmp_path / "text.txt").write_text(text)
    rows = history(name, tmp_path, monkeypatch)
    next(rows)
    _, _, cost = next(rows)
    shares = np.unique(list(text), return_counts=True)[1] / len(text)
    by_frequency = -np.sum(shares * np.log(shares))
    assert len(shares) == 27
    assert cost < by_frequency - margin


def test_the_character_model_has_every_step_of_batch_normalisation() -> None:
    system = read_description(GALLERY / "character_model" / "character_model.toml").network
    steps = "hprebn bnmeani bndiff bndiff2 bnvar bnvar_inv bnraw hpreact h logits logit_maxes norm_logits counts counts_sum"
    assert {*steps.split(), "counts_sum_inv", "probs", "logprobs", "emb", "embcat"} <= set(system.tensors)
    assert len(set(system.tensors) - {"X", "Y", "loss"}) == 26
    assert "4,137 parameters" in (GALLERY / "character_model" / "character_model.py").read_text()


def test_batch_normalisation_takes_away_the_bias_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(GALLERY / "character_model"))
    module = importlib.import_module("character_model")
    rng = np.random.default_rng(3)
    params = module.init(rng)._replace(bngain=np.ones(64))
    _, gradients = module.cost_and_gradients(params, *module.sample(rng))
    assert np.abs(gradients.b1).max() < 1e-12
    assert np.abs(gradients.bnbias).max() > 1e-3
    assert module.check(rng)["b1"] < 1e-6


MARKING = GALLERY / "marking"
MARKED = """# A wrong backward pass, and what the tool says

The network is [three layers](three_layers.toml), relu, relu and sigmoid, with the binary cross-entropy. Two lines are wrong as in a
course's exercise on gradient checking, in which a comparison with numeric gradients says "difference 0.285", and nothing says where.

```python
{work}```

`chainrule mark three_layers.toml backward.py` reads the work line by line, without running it:

```
{report}
```

What is wrong, and what stands there when it is right, is found by trying: one change of the author's own line gives the right numbers
at two random draws. With `--hints` the right formula is left out:

```
{hints}
```
"""


def test_what_is_said_of_a_wrong_backward_pass(update: bool) -> None:
    work = (MARKING / "backward.py").read_text(encoding="utf-8")
    marked = replace(mark(derive(read_description(MARKING / "three_layers.toml")), work), file="backward.py")
    page = MARKED.format(work=work, report="\n".join(report(marked)), hints="\n".join(report(marked, with_corrections=False)))
    if update:
        (MARKING / "marking.md").write_text(page, encoding="utf-8")
    assert (MARKING / "marking.md").read_text(encoding="utf-8") == page
    assert marked.right == 4
    assert page.count(" wrong    factor: ") == 2
