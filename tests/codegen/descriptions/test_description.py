"""Descriptions: good files of every kind, bad files with the line and the words of their message, and files broken at random."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from declaration_text import declaration_text
from small_descriptions import EQUATIONS, GOOD, LABELLED, ONE_HOT, SMALL, message, read, with_line

from chainrule.codegen.descriptions.reader import read_description
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.tensors import Values


@pytest.mark.parametrize("word", ["one-hot", "one_hot"])
def test_one_hot_is_written_with_either_sign(word: str, tmp_path: Path) -> None:
    assert read(tmp_path, ONE_HOT + f'targets = "{word}"\n').network.chosen_cost.targets is Values.ONE_HOT
    description = read(tmp_path, EQUATIONS.replace('y[n]"', f'y[n,k] in {word}"').replace("-y[n]", "-y[n,0]"))
    assert declaration_text(description.system.tensors["y"]) == "y[n,k] in one_hot"


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    description = read(tmp_path, GOOD)
    network = description.network
    assert (network.name, network.sizes, network.suffixes) == ("net", (2, 3, 5), ("1", "out"))
    assert network.chosen_cost.constants == {"delta": 0.5}
    assert (network.reduction, network.regularisation) == ("sum", {"l2": 0.05})
    assert (network.layout.examples, network.layout.weights) == ("columns", "in-out")
    front = description.front
    assert (front.title, front.author, front.course, front.date) == ("Two layers", "A. Author", "Analysis", "2024-05-17")
    assert description.symbols == {"a1": "h", "zout": "\\alpha"}
    assert description.source == GOOD
    example = description.example
    assert example is not None
    assert example.arrays == {"x": ((0.05, 0.1), (1.0, 2.0)), "y": ((1, 2, 3, 4, 5),) * 2}
    assert example.parameters == {"W1": ((1, 2, 3), (4, 5, 6)), "b1": (0, 0.5, 1)}
    assert (example.learning_rate, example.note) == (0.5, "a remark")


@pytest.mark.parametrize(
    "text",
    [
        SMALL,
        "\ufeff" + SMALL,
        SMALL.replace("\n", "\r\n"),
        with_line("input = 2", "input = [2]"),
        with_line('"tanh"', '"z*tanh(log(1 + exp(z)))"'),
        with_line('"tanh"', '{ kind = "leaky_relu", alpha = 0.3 }'),
        with_line('activation = "tanh"', 'activation.expression = "c*z"\nactivation.c = 2'),
        with_line("activation", "kind = 'dense'\nactivation"),
        with_line('kind = "quadratic"', 'expression = "log(cosh(a - y))"\n'),
        with_line('kind = "quadratic"', 'expression = "c*(a - y)**2"\nc = 0.5'),
        "name = 'n'\ninput = 1\nlayers = [{ units = 3 }, { units = 2, activation = 'relu' }]\ncost = { kind = 'mae' }\n",
        SMALL + "[symbols]\na1 = '\\Omega 1'\nW1 = '權重'\n",
        SMALL + "[example]\n",
    ],
)
def test_other_ways_to_write_it(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text).network.system.cost.tensor.name == "C"


def test_the_title_falls_back_to_the_name(tmp_path: Path) -> None:
    description = read(tmp_path, SMALL)
    assert description.front.title == "net"
    assert description.example is None
    assert description.symbols == {}


@pytest.mark.parametrize(("written", "expected"), [("2", (2,)), ("[2, 0]", (2, 0))])
def test_labels(written: str, expected: tuple[int, ...], tmp_path: Path) -> None:
    description = read(tmp_path, LABELLED + f"[example]\ny = {written}\n")
    assert description.network.chosen_cost.targets is Values.LABELS
    assert description.example is not None
    assert description.example.arrays == {"y": expected}


def test_a_flat_list_is_one_example(tmp_path: Path) -> None:
    example = read(tmp_path, ONE_HOT + "[example]\nx = [1, 2]\ny = [0, 1, 0]\n").example
    assert example is not None
    assert example.arrays == {"x": ((1, 2),), "y": ((0, 1, 0),)}


def test_a_formula_is_not_mistaken_for_a_name(tmp_path: Path) -> None:
    assert "unknown name 'tanh'" in message(tmp_path, with_line('"tanh"', '{ expression = "tanh" }'))


def test_a_shorthand() -> None:
    description = read_description("7-5-3", activation="softmax", cost="cross_entropy", targets="labels")
    assert description.network.sizes == (7, 5, 3)
    assert description.front.title == description.network.name == "network_7_5_3"
    assert description.network.chosen_cost.targets is Values.LABELS
    assert description.source == ""
    default = read_description("2-3")
    assert default.network.layers[0].formula.name == "sigmoid"
    assert default.network.cost == "quadratic"


@pytest.mark.parametrize(
    ("shorthand", "options", "word"),
    [
        ("784", {}, "at least one layer"),
        ("784-", {}, "found ''"),
        ("-2-3", {}, "found ''"),
        ("2-0", {}, "found '0'"),
        ("2-99999999", {}, "1000000"),
        ("2-3", {"activation": "sigmoyd"}, "did you mean 'sigmoid'?"),
        ("2-3", {"activation": "z*q"}, "unknown name 'q'"),
        ("2-3", {"cost": "quadratc"}, "did you mean 'quadratic'?"),
        ("2-3", {"targets": "labels"}, "labels go with cross_entropy"),
        ("2-3", {"targets": "lables"}, "did you mean 'labels'?"),
        ("2" * 5000 + "-1", {}, "whole numbers"),
    ],
)
def test_a_wrong_shorthand(shorthand: str, options: dict[str, str], word: str) -> None:
    with pytest.raises(InvalidDescription) as caught:
        read_description(shorthand, **options)
    assert str(caught.value).startswith(f"{shorthand}: ")
    assert word in str(caught.value)


@pytest.mark.parametrize("option", ["activation", "cost", "targets"])
def test_a_file_takes_no_options(option: str, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(SMALL)
    with pytest.raises(InvalidDescription, match=f"--{option} goes with a shorthand such as 784-16-16-10"):
        read_description(path, **{option: "sigmoid"})


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.toml").write_text(SMALL)
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    cases = {
        "nett.toml": "no such file, did you mean 'net.toml'?",
        ".": "a folder",
        "pipe": "device or pipe",
        "gone/x.toml": "no such file",
    }
    for typed, word in {**cases, "a\0b": "no such file", "n" * 5000: "cannot be read"}.items():
        with pytest.raises(InvalidDescription) as caught:
            read_description(typed)
        assert str(caught.value).startswith(f"{typed}: ")
        assert word in str(caught.value)


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "net.toml"
    path.write_text(SMALL)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InvalidDescription, match="cannot be read \\(Permission denied\\)"):
        read_description(path)


def test_a_file_named_like_a_shorthand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "2-3").write_text(SMALL)
    monkeypatch.chdir(tmp_path)
    assert read_description("2-3").network.name == "net"
