"""Works that would do harm if they were run, or take all time and memory: nothing is run, and each ends with a message."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from chainrule import Dense, Derivation, InvalidDescription, Network, derive, mark
from chainrule.codegen.marking.marked import Verdict

WORKS = {
    "import": "import os\nos.system('touch harmed')\n",
    "exec": "exec('x = 1')\neval('1')\n__import__('os')\nopen('/etc/passwd').read()\n",
    "underscores": "a = ().__class__.__bases__[0].__subclasses__()\nb = np.zeros(2).__array_interface__\n",
    "endless": "while True:\n    a = 1.0\n",
    "nested": "for i in range(9999):\n    for j in range(9999):\n        for k in range(9999):\n            a = i + j + k * 1.0\n",
    "huge arrays": "a = np.zeros((100000, 100000))\n"
    "b = np.arange(10**12)\nc = np.eye(10**6)\nd = np.ones(10**6)[:, None] * np.ones(10**6)\n",
    "many arrays": "a = []\nwhile True:\n    a.append(np.ones(10**6))\n",
    "huge numbers": "a = 9**9**9**9\nb = 10**100\nwhile True:\n    b = b * b\n",
    "huge texts": "a = 'x' * 10**12\nb = [0] * 10**12\nc = '%1000000000d' % 3\n",
    "lists of lists": "a = [0]\na = [a, a, a, a, a, a, a, a, a, a]\n"
    + "a = [a, a, a, a, a, a, a, a, a, a]\n" * 30
    + "b = np.array(a)\nc = a == a\n",
    "deep recursion": "def f(x):\n    return f(x) + f(x)\n\ndef g(y):\n    return f(y)\n",
    "deep expression": "a = " + "-" * 5000 + "1\n",
    "deep brackets": "a = " + "(" * 3000 + "1" + ")" * 3000 + "\n",
    "long sum": "a = " + "+".join(["1"] * 20000) + "\n",
    "einsum": "a = np.einsum('abcdefgh,ijklmnop->abcdefghijklmnop', np.ones((9,)*8), np.ones((9,)*8))\n",
    "object arrays": "a = np.array([10**200, 1])\nb = np.array(['a', 'b'])\nc = np.zeros(3, dtype='O')\n"
    "d = np.array([2], dtype=object) ** 10**9\n",
    "long text": "a = 1.0\n" * 24_000,
    "repeated": "a = np.tile(np.ones(1000), 10**9)\nb = np.repeat(np.ones(1000), 10**9)\nc = np.pad(np.ones(3), 10**9)\n",
    "sum of lists": "a = [0] * 9000\ntotal = sum([a] * 9000, [])\n",
    "odd names": "def \u0435(x, y):\n    d\u0416 = x\n    return d\u0416\n",
    "class": "class A:\n    def __del__(self):\n        exec('1')\n    def f(self):\n        return self.f()\n",
}


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return derive(Network(3, [Dense(2, "sigmoid")]))


@pytest.mark.parametrize("name", WORKS)
def test_a_hostile_work_ends_with_a_message(name: str, derivation: Derivation) -> None:
    started = time.process_time()
    said(name, derivation)
    assert time.process_time() - started < 5
    # Once more, as an eye on all memory makes everything slow.
    tracemalloc.start()
    try:
        said(name, derivation)
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 500_000_000


def said(name: str, derivation: Derivation) -> None:
    try:
        work = mark(derivation, WORKS[name])
    except InvalidDescription as problem:
        message = str(problem)
    else:
        message = "no Python"
        assert work.right == 0
        if name not in ("odd names", "class"):
            assert [line for line in work.lines if line.verdict is Verdict.UNREAD]
    assert "no Python" in message


def test_too_long_a_work_is_refused(derivation: Derivation) -> None:
    with pytest.raises(InvalidDescription, match="found 10000000 characters"):
        mark(derivation, "a = 1\n" * 1_666_666 + "a = ")
