"""Why a line cannot be read, in each language: every reason has its sentence, and no English is left in Chinese but names of code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import numpy as np
import pytest
from hostile_works import WORKS
from places import ROOT

from chainrule import Dense, Derivation, InvalidDescription, Network, derive, mark
from chainrule.codegen.marking.marked import Verdict
from chainrule.codegen.marking.python.reasons import Reason, Unreadable
from chainrule.codegen.marking.refusals import PREFIX
from chainrule.codegen.marking.said import why
from chainrule.codegen.words.sentences import ENGLISH, fields_of
from chainrule.codegen.words.translation import LANGUAGES, speaking

CHINESE = [tag for tag, language in LANGUAGES.items() if language.is_chinese]
UNREAD = "marking.unread."
#: What makes a reason, by its key first.
MAKERS = {"Unreadable", "Mismatch", "Exhausted", "Reason", "_refused"}
#: Two words of English beside each other, which no names of code are.
ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
UNREADABLE = """\
import os
z1 = x @ np.ones((5, 7)) @ np.ones((5, 7))
a = np.ones((2, 3)) + np.ones((4, 3))
b = np.dot(np.ones((2, 3)), np.ones((4, 3)))
c = np.ones(6).reshape(4)
d = np.ones(6).sum(axis=3)
e = np.ones(6)[8]
f = np.ones(6)[1, 2]
g = np.concatenate([np.ones((2, 3)), np.ones((2, 4))])
h = [1.0, 2.0][5]
i = {"W1": 1.0}["W7"]
j = 1 / 0
k = np.fft(x)
l = x.__class__
m = lambda **k: 1
n = max(np.ones(3))
o = np.ones(3)
o[1:] = np.ones(7)
p = 1.0 if np.ones(3) else 2.0
q = x.unheard
r = np.sum(x, out=x)
s = int("a")
t = np.random.rand(3) * 2
u, v = 1.0, 2.0, 3.0
w = np.einsum("...i,i", x, x)
aa = np.zeros(3, dtype="O")
bb = 1 2
cc = (1 + 2]
dd = "a
with x as (y, z): pass
async def late(): pass
global ee
"""
FORMULAS_UNREAD = """\
qqq[n] = never[n]
dz1[n,j] = a1[n,
dz1[n,j] = a1[n,j] ) 2
dz1[n,j] = a1
dz1[n,n] = a1[n,n]
dW1[j,k] = exp(W1[j,k], W1[j,k])
qqq = maximum(x, W1.T)
C = sum(2, a1)
"""
#: Of the hostile works those that end at once.
HOSTILE = ("import", "exec", "underscores", "huge numbers", "huge texts", "object arrays", "diagonals", "repeated", "class", "einsum")


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return derive(Network(3, [Dense(2, "sigmoid")]))


def made() -> Iterator[tuple[str, frozenset[str]]]:
    """The keys of reasons and what is said with them, where the code makes them."""
    for path in sorted((ROOT / "codegen/marking").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                first, *others = node.args
                if isinstance(first, ast.Constant):
                    own = [key.value for each in others if isinstance(each, ast.Dict) for key in each.keys if isinstance(key, ast.Constant)]
                    yield str(first.value), frozenset([*map(str, own), *(str(each.arg) for each in node.keywords)])


def messages(derivation: Derivation, text: str, ending: str = ".py") -> list[str]:
    try:
        lines = mark(derivation, text, ending=ending).lines
    except InvalidDescription:
        return []
    return [line.message or "" for line in lines if line.verdict is Verdict.UNREAD]


def test_every_reason_has_a_sentence_and_every_sentence_a_reason() -> None:
    found = {*made(), ("refused", frozenset({"error"}))}
    assert {(key, fields_of(UNREAD + key)) for key, _ in found} == found
    assert {key for key, _ in found} == {key.removeprefix(UNREAD) for key in ENGLISH if key.startswith(UNREAD)}


@pytest.mark.parametrize("tag", CHINESE)
def test_no_english_is_left_but_names_of_code(tag: str, derivation: Derivation) -> None:
    works = [("unreadable", ".py", UNREADABLE), ("formulas", ".txt", FORMULAS_UNREAD), *((name, ".py", WORKS[name]) for name in HOSTILE)]
    with speaking(tag):
        found = [(name, message) for name, ending, text in works for message in messages(derivation, text, ending)]
    assert len([name for name, _ in found if name == "unreadable"]) > 20
    assert len([name for name, _ in found if name == "formulas"]) == FORMULAS_UNREAD.count("\n")
    for name, message in found:
        assert re.search(r"[\u4e00-\u9fff]", message), (name, message)
        assert not ENGLISH_WORDS.search(message), (name, message)


def test_english_says_what_numpy_says() -> None:
    with pytest.raises(ValueError, match="not aligned") as raised:
        np.dot(np.ones((2, 3)), np.ones((5, 7)))
    reason = Unreadable.of(raised.value).reason
    assert why(reason) == str(raised.value)
    with speaking("zh-TW"):
        assert why(reason) == "無法計算：形狀 (2,3) 與 (5,7) 不能相乘：軸 1 的長度 3 不等於軸 0 的長度 5"


def test_what_no_sentence_says_is_quoted() -> None:
    with speaking("zh-CN"):
        assert why(Reason("refused", {"error": "never heard of"})) == "无法计算：never heard of"


@pytest.mark.parametrize("key", [key for key in ENGLISH if key.startswith(PREFIX)])
def test_a_refusal_is_read_as_its_own_sentence(key: str) -> None:
    """The first pattern that a message fits is its own: none before it takes it."""
    fields = {name: f"({place},)" for place, name in enumerate(sorted(fields_of(key)))}
    text = ENGLISH[key].format_map(fields)
    for tag in CHINESE:
        with speaking(tag):
            assert why(Reason("refused", {"error": text})) != why(Reason("refused", {"error": "@"})).replace("@", text)
    assert why(Reason("refused", {"error": text})) == text
