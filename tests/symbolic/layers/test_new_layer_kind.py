"""A kind of layer is a function and a row: nothing else has to know of it, in whatever language and format its documents are."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule.codegen.build import Choices, build
from chainrule.codegen.cli.listings import LISTS
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.formats.registry import TEXTS
from chainrule.codegen.words.translation import LANGUAGES
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.layers import KINDS
from chainrule.symbolic.layers.layer_equations import ExampleShape, LayerEquations, LayerKind
from chainrule.symbolic.layers.options import Option, Options

TOML = """
name = "stretched"
input = 2

[[layers]]
kind = "channel_scale"
power = 2
is_kept = true

[[layers]]
units = 1

[cost]
kind = "quadratic"
"""


def scaled(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Every feature has a factor of its own."""
    return LayerEquations(("x[i]",), "i", (f"out[n,i] = g[i]*x[n,i]**{option.power}",), parameters=("g[i]",))


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"power": Option("a power of what comes in"), "is_kept": Option("whether nothing changes", "switch", True)}
    monkeypatch.setitem(KINDS, "channel_scale", LayerKind("a factor for every feature: a = g x", scaled, "features", (1, 1), options))


@pytest.fixture
def description(tmp_path: Path) -> Path:
    file = tmp_path / "stretched.toml"
    file.write_text(TOML)
    return file


@pytest.mark.parametrize("tag", LANGUAGES)
def test_its_documents_are_written(tag: str, description: Path, tmp_path: Path) -> None:
    build(read_description(description), tmp_path / tag, Choices(formats=[*TEXTS], language=tag, exercises=4, length="full"))
    for name in ("stretched.html", "stretched.md"):
        written = (tmp_path / tag / name).read_text(encoding="utf-8")
        assert all(words in written for words in ("channel scale", "power 2", "is kept true"))


def test_it_is_listed_with_its_keys() -> None:
    assert LISTS["layers"]()["channel_scale"] == "a factor for every feature: a = g x; power, [is_kept], [activation]"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("power = 0", "power.*at least 1"),
        ("pover = 2", "power"),
        ("power = 2\nis_kept = 3", "is_kept.*true or false"),
        ("power = 2\nactivation = 'tahn'", "tanh"),
    ],
)
def test_what_is_wrong_on_it_is_said(wrong: str, message: str, description: Path) -> None:
    description.write_text(TOML.replace("power = 2\nis_kept = true", wrong))
    with pytest.raises(InvalidDescription, match=message):
        read_description(description)


def test_where_the_kind_is_misspelt_it_is_proposed(description: Path) -> None:
    description.write_text(TOML.replace("channel_scale", "chanel_scale"))
    with pytest.raises(InvalidDescription, match="channel_scale"):
        read_description(description)
