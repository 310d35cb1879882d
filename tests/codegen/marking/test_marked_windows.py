"""A convolution with a stride, written with loops: a window that begins at the wrong place is called so."""

from __future__ import annotations

import pytest

from chainrule import derive, read_description
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import Verdict

NETWORK = """
name = "strided"
inputs = ["x[n,i]"]
targets = ["y[n,f,p]"]
parameters = ["w[f,u]", "b[f]"]
batch = "n"
sizes = { u = 3, i = 9 }
equations = '''
out[n,f,p] = sum(u, x[n,2*p+u]*w[f,u]) + b[f]
C = sum(n, f, p, (out[n,f,p] - y[n,f,p])**2)/2
'''
"""
WORK = """
def conv_backward(x, w, b, y):
    N, L = x.shape
    F, K = w.shape
    stride = 2
    out_length = 1 + (L - K) // stride
    out = np.zeros((N, F, out_length))
    for n in range(N):
        for f in range(F):
            for i in range(out_length):
                out[n, f, i] = np.sum(x[n, i*stride:i*stride+K] * w[f]) + b[f]
    dout = out - y
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            db[f] += dout[n, f].sum()
            for i in range(out_length):
                window = x[n, i*stride:i*stride+K]
                dw[f] += window * dout[n, f, i]
    return dw, db
"""
WINDOW = "window = x[n, i*stride:i*stride+K]"
WRONG = [
    ("window = x[n, i:i+K]", "window = x[n, i * stride:i * stride + K]"),
    ("start = i\n                window = x[n, start:start+K]", "start = i * stride"),
]


@pytest.fixture(scope="module")
def marker() -> Marker:
    return Marker(derive(read_description(NETWORK)))


def test_the_right_work(marker: Marker) -> None:
    assert marker.marked(WORK, "work").is_right


@pytest.mark.parametrize(("wrong", "correction"), WRONG)
def test_a_stride_that_is_left_out(wrong: str, correction: str, marker: Marker) -> None:
    work = marker.marked(WORK.replace(WINDOW, wrong), "work")
    (line,) = [line for line in work.lines if line.verdict is Verdict.WRONG]
    assert (line.line, line.mistake, line.correction) == (WORK[: WORK.index(WINDOW)].count("\n") + 1, "stride", correction)
    assert {line.quantity for line in work.lines if line.verdict is Verdict.FOLLOWS} == {"dw"}
