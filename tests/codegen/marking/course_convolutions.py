"""Convolutions as courses have them, with the networks that they are of; each is right."""

from __future__ import annotations

from chainrule import Network

CONVOLUTIONS: dict[str, tuple[Network | str, str]] = {}
CONVOLUTIONS["four_loops_with_stride"] = (
    """
name = "conv"
inputs = ["x[n,c,i,j]"]
targets = ["y[n,f,p,q]"]
parameters = ["w[f,c,u,v]", "b[f]"]
batch = "n"
sizes = { u = 3, v = 3, i = 7, j = 9 }
equations = '''
out[n,f,p,q] = sum(c, u, v, x[n,c,2*p+u,2*q+v]*w[f,c,u,v]) + b[f]
C = sum(n, f, p, q, (out[n,f,p,q] - y[n,f,p,q])**2)/2
'''
""",
    """
def conv_backward(x, w, b, y):
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    stride = 2
    H_out = 1 + (H - HH) // stride
    W_out = 1 + (W - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    out[n, f, i, j] = np.sum(x[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] * w[f]) + b[f]
    dout = out - y
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            db[f] += dout[n, f].sum()
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW]
                    dw[f] += window * dout[n, f, i, j]
                    dx[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] += w[f] * dout[n, f, i, j]
    return dx, dw, db
""",
)
