"""The gallery is what the tool makes of its descriptions today, byte for byte; `pytest --update` writes it anew."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from codegen.build import build
from codegen.description import read_description

GALLERY = Path(__file__).parent.parent / "generated"
FOLDERS = sorted(folder.name for folder in GALLERY.iterdir() if (folder / f"{folder.name}.toml").exists())


def test_the_gallery_has_its_networks() -> None:
    assert {"mazur", "digits", "handwriting"} <= set(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_rebuilding_gives_the_same_bytes(name: str, tmp_path: Path, update: bool) -> None:
    description = read_description(GALLERY / name / f"{name}.toml")
    built = build(description, tmp_path)
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
    counted = re.search(r"(\d+) equations of this derivation were evaluated", text)
    assert counted is not None
    assert int(counted.group(1)) >= 30
    assert "10^{-12}" in text[counted.start() : counted.start() + 400]


def test_the_digits_are_learned(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn", reason="the digits are shipped with scikit-learn")
    monkeypatch.syspath_prepend(str(GALLERY / "digits"))
    spec = importlib.util.spec_from_file_location("train_digits", GALLERY / "digits" / "train_digits.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.main() >= 0.95
    assert "held-out images right" in capsys.readouterr().out
    sys.modules.pop("digits", None)
