"""Convolutions with a stride and zeros around, written with loops: a window that begins at the wrong place is called so."""

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


PADDED = """
name = "padded"
input = [2, 9]
[[layers]]
kind = "conv1d"
channels = 2
kernel = 3
stride = 2
padding = 1
activation = "tanh"
[[layers]]
kind = "conv1d"
channels = 3
kernel = 3
stride = 2
padding = 1
[cost]
kind = "squared_error"
"""
TWO_LAYERS = """
def backward(x, y, W1, b1, W2, b2):
    N = x.shape[0]
    K = W1.shape[2]
    stride = 2
    pad = 1
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    L1 = (x.shape[2] + 2 * pad - K) // stride + 1
    z1 = np.zeros((N, W1.shape[0], L1))
    for i in range(L1):
        z1[:, :, i] = np.einsum('ncp,dcp->nd', xp[:, :, i*stride:i*stride+K], W1) + b1
    a1 = np.tanh(z1)
    ap = np.pad(a1, ((0, 0), (0, 0), (pad, pad)))
    L2 = (L1 + 2 * pad - K) // stride + 1
    a2 = np.zeros((N, W2.shape[0], L2))
    for i in range(L2):
        a2[:, :, i] = np.einsum('ncp,dcp->nd', ap[:, :, i*stride:i*stride+K], W2) + b2
    da2 = 2 * (a2 - y) / (N * L2)
    dW2 = np.zeros_like(W2)
    dap = np.zeros_like(ap)
    for i in range(L2):
        dW2 += np.einsum('nd,ncp->dcp', da2[:, :, i], ap[:, :, i*stride:i*stride+K])
        dap[:, :, i*stride:i*stride+K] += np.einsum('nd,dcp->ncp', da2[:, :, i], W2)
    da1 = dap[:, :, pad:-pad]
    db2 = da2.sum(axis=(0, 2))
    dz1 = da1 * (1 - a1 ** 2)
    dW1 = np.zeros_like(W1)
    for i in range(L1):
        window = xp[:, :, i*stride:i*stride+K]
        dW1 += np.einsum('nd,ncp->dcp', dz1[:, :, i], window)
    db1 = dz1.sum(axis=(0, 2))
    return dW1, db1, dW2, db2
"""
READ = "window = xp[:, :, i*stride:i*stride+K]"
SHARE = "dap[:, :, i*stride:i*stride+K] +="
FACTOR = "dW2 += np.einsum('nd,ncp->dcp', da2[:, :, i], ap[:, :, i*stride:i*stride+K])"
ZEROS = "ap = np.pad(a1, ((0, 0), (0, 0), (pad, pad)))"
TRIM = "da1 = dap[:, :, pad:-pad]"
OTHER_WINDOWS = [
    (READ, "window = xp[:, :, i:i+K]", "stride"),
    (READ, "window = xp[:, :, i*1:i*1+K]", "stride"),
    (SHARE, "dap[:, :, i:i+K] +=", "stride"),
    (FACTOR, FACTOR.replace("i*stride", "i"), "stride"),
    ("stride = 2", "stride = 1", "stride"),
    ("stride = 2", "stride = 3", "stride"),
    (READ, "window = x[:, :, i*stride:i*stride+K]", "padding"),
    (FACTOR, FACTOR.replace("ap[", "a1["), "padding"),
    (ZEROS, "ap = np.pad(a1, ((0, 0), (0, 0), (0, 2 * pad)))", "padding"),
    (TRIM, "da1 = dap", "padding"),
    (TRIM, "da1 = dap[:, :, :-2*pad]", "padding"),
    (TRIM, "da1 = dap[:, :, 2*pad:]", "padding"),
    ("pad = 1", "pad = 0", "padding"),
    ("pad = 1", "pad = 2", "padding"),
]


@pytest.fixture(scope="module")
def padded() -> Marker:
    return Marker(derive(read_description(PADDED)))


def test_the_right_work_with_zeros_around(padded: Marker) -> None:
    assert padded.marked(TWO_LAYERS, "work").is_right


@pytest.mark.parametrize(("right", "wrong", "kind"), OTHER_WINDOWS)
def test_another_stride_or_padding(right: str, wrong: str, kind: str, padded: Marker) -> None:
    first = padded.marked(TWO_LAYERS.replace(right, wrong), "work").first_wrong
    assert first is not None
    assert (first.line, first.mistake) == (TWO_LAYERS[: TWO_LAYERS.index(right)].count("\n") + 1, kind), first
