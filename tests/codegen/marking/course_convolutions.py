"""Convolutions as courses have them, with the networks that they are of; each is right."""

from __future__ import annotations

from course_works import CASES

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
    CASES["four_loops"][1].replace("stride = 1", "stride = 2"),
)
CONVOLUTIONS["channels_last"] = (
    """
name = "conv"
inputs = ["x[n,i,j,c]"]
targets = ["y[n,p,q,f]"]
parameters = ["W[u,v,c,f]", "b[f]"]
batch = "n"
sizes = { u = 2, v = 2, i = 4, j = 5, c = 3, f = 2 }
equations = '''
Z[n,p,q,f] = sum(u, v, c, x[n,p+u,q+v,c]*W[u,v,c,f]) + b[f]
C = sum(n, p, q, f, (Z[n,p,q,f] - y[n,p,q,f])**2)/2
'''
""",
    """
import numpy as np

def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    return np.sum(s) + b

def conv_forward(A_prev, W, b):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (fh, fw, n_C_prev, n_C) = W.shape
    n_H = n_H_prev - fh + 1
    n_W = n_W_prev - fw + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        a_prev_pad = A_prev[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(a_prev_pad[h:h+fh, w:w+fw, :], W[:, :, :, c], b[c])
    cache = (A_prev, W, b)
    return Z, cache

def conv_backward(dZ, cache):
    (A_prev, W, b) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (fh, fw, n_C_prev, n_C) = W.shape
    (m, n_H, n_W, n_C) = dZ.shape
    dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))
    dW = np.zeros((fh, fw, n_C_prev, n_C))
    db = np.zeros(n_C)
    for i in range(m):
        a_prev_pad = A_prev[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    a_slice = a_prev_pad[h:h+fh, w:w+fw, :]
                    dA_prev[i, h:h+fh, w:w+fw, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += a_slice * dZ[i, h, w, c]
                    db[c] += dZ[i, h, w, c]
    return dA_prev, dW, db

def train(x, y, W, b):
    Z, cache = conv_forward(x, W, b)
    dA_prev, dW, db = conv_backward(Z - y, cache)
    return dW, db
""",
)
CONVOLUTIONS["columns_of_an_image"] = (
    """
name = "conv"
inputs = ["x[n,c,i,j]"]
targets = ["y[n,f,p,q]"]
parameters = ["w[f,c,u,v]", "b[f]"]
batch = "n"
sizes = { u = 3, v = 3, i = 5, j = 7 }
equations = '''
out[n,f,p,q] = sum(c, u, v, x[n,c,p+u,q+v]*w[f,c,u,v]) + b[f]
C = sum(n, f, p, q, (out[n,f,p,q] - y[n,f,p,q])**2)/2
'''
""",
    """
import numpy as np

def im2col(x, HH, WW):
    N, C, H, W = x.shape
    H_out, W_out = H - HH + 1, W - WW + 1
    col = np.zeros((N, C, HH, WW, H_out, W_out))
    for i in range(HH):
        for j in range(WW):
            col[:, :, i, j, :, :] = x[:, :, i:i+H_out, j:j+W_out]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * H_out * W_out, -1)

def col2im(col, shape, HH, WW):
    N, C, H, W = shape
    H_out, W_out = H - HH + 1, W - WW + 1
    col = col.reshape(N, H_out, W_out, C, HH, WW).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H, W))
    for i in range(HH):
        for j in range(WW):
            img[:, :, i:i+H_out, j:j+W_out] += col[:, :, i, j, :, :]
    return img

def conv(x, w, b, y):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = H - HH + 1, W - WW + 1
    col = im2col(x, HH, WW)
    col_w = w.reshape(F, -1).T
    out = (col.dot(col_w) + b).reshape(N, H_out, W_out, F).transpose(0, 3, 1, 2)
    dout = out - y
    dout = dout.transpose(0, 2, 3, 1).reshape(-1, F)
    db = np.sum(dout, axis=0)
    dw = col.T.dot(dout)
    dw = dw.transpose(1, 0).reshape(F, C, HH, WW)
    dcol = dout.dot(col_w.T)
    dx = col2im(dcol, x.shape, HH, WW)
    return dx, dw, db
""",
)
