"""A transformer block

278 parameters in 12 arrays.
Written by chainrule 0.1.0; changes belong in the description it was made from.
"""

from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np

eps = 1e-05
scale = 1.7320508075688772


class Parameters(NamedTuple):
    """One array for each parameter; gradients have the same structure."""

    Q: np.ndarray  # (2, 3, 6)
    K: np.ndarray  # (2, 3, 6)
    V: np.ndarray  # (2, 3, 6)
    O: np.ndarray  # (6, 2, 3)
    U: np.ndarray  # (8, 6)
    bu: np.ndarray  # (8,)
    W: np.ndarray  # (6, 8)
    bw: np.ndarray  # (6,)
    g1: np.ndarray  # (6,)
    b1: np.ndarray  # (6,)
    g2: np.ndarray  # (6,)
    b2: np.ndarray  # (6,)


class Cache(NamedTuple):
    """What the forward pass computes and the backward pass reads."""

    x: np.ndarray  # (N, N_t, 6)
    m1: np.ndarray  # (N, N_t)
    v1: np.ndarray  # (N, N_t)
    u1: np.ndarray  # (N, N_t, 6)
    q: np.ndarray  # (N, 2, N_t, 3)
    k: np.ndarray  # (N, 2, N_t, 3)
    v: np.ndarray  # (N, 2, N_t, 3)
    s: np.ndarray  # (N, 2, N_t, N_t)
    p: np.ndarray  # (N, 2, N_t, N_t)
    c: np.ndarray  # (N, 2, N_t, 3)
    o: np.ndarray  # (N, N_t, 6)
    m2: np.ndarray  # (N, N_t)
    v2: np.ndarray  # (N, N_t)
    u2: np.ndarray  # (N, N_t, 6)
    z: np.ndarray  # (N, N_t, 8)
    a: np.ndarray  # (N, N_t, 8)
    l: np.ndarray  # (N, N_t, 6)


def init(rng: np.random.Generator, dtype=np.float64) -> Parameters:
    """First values: weights of variance 1/fan-in (2/fan-in before relu and its kin), gains 1, biases 0."""
    return Parameters(
        Q=((1 / 6) ** 0.5 * rng.standard_normal((2, 3, 6))).astype(dtype),
        K=((1 / 6) ** 0.5 * rng.standard_normal((2, 3, 6))).astype(dtype),
        V=((1 / 6) ** 0.5 * rng.standard_normal((2, 3, 6))).astype(dtype),
        O=((1 / 6) ** 0.5 * rng.standard_normal((6, 2, 3))).astype(dtype),
        U=((1 / 3) ** 0.5 * rng.standard_normal((8, 6))).astype(dtype),
        bu=np.zeros((8,), dtype),
        W=((1 / 8) ** 0.5 * rng.standard_normal((6, 8))).astype(dtype),
        bw=np.zeros((6,), dtype),
        g1=np.ones((6,), dtype),
        b1=np.zeros((6,), dtype),
        g2=np.ones((6,), dtype),
        b2=np.zeros((6,), dtype),
    )


def forward(params: Parameters, x) -> Cache:
    """The value of every equation from the inputs to the output."""
    x = _expect("x", x, "N", "N_t", 6)
    Q = _expect("Q", params.Q, 2, 3, 6)
    K = _expect("K", params.K, 2, 3, 6)
    V = _expect("V", params.V, 2, 3, 6)
    O = _expect("O", params.O, 6, 2, 3)
    U = _expect("U", params.U, 8, 6)
    bu = _expect("bu", params.bu, 8)
    W = _expect("W", params.W, 6, 8)
    bw = _expect("bw", params.bw, 6)
    g1 = _expect("g1", params.g1, 6)
    b1 = _expect("b1", params.b1, 6)
    g2 = _expect("g2", params.g2, 6)
    b2 = _expect("b2", params.b2, 6)

    # m1[n,t] = Σ_d x[n,t,d] / 6    (N, N_t)
    m1 = x.sum(axis=2) / 6

    # v1[n,t] = Σ_d (x[n,t,d] - m1[n,t])² / 6    (N, N_t)
    v1 = np.sum((x - m1[:, :, None])**2, axis=2) / 6

    # u1[n,t,d] = g1[d] (x[n,t,d] - m1[n,t]) / √(v1[n,t] + eps) + b1[d]    (N, N_t, 6)
    u1 = g1 * (x - m1[:, :, None]) / np.sqrt(v1 + eps)[:, :, None] + b1

    # q[n,h,t,e] = Σ_d Q[h,e,d] u1[n,t,d]    (N, 2, N_t, 3)
    q = np.tensordot(u1, Q, (2, 2)).transpose(0, 2, 1, 3)

    # k[n,h,t,e] = Σ_d K[h,e,d] u1[n,t,d]    (N, 2, N_t, 3)
    k = np.tensordot(u1, K, (2, 2)).transpose(0, 2, 1, 3)

    # v[n,h,t,e] = Σ_d V[h,e,d] u1[n,t,d]    (N, 2, N_t, 3)
    v = np.tensordot(u1, V, (2, 2)).transpose(0, 2, 1, 3)

    # s[n,h,t,r] = Σ_e q[n,h,t,e] k[n,h,r,e] / scale    (N, 2, N_t, N_t)
    s = (q @ k.transpose(0, 1, 3, 2)) / scale

    # p[n,h,t,r] = exp(s[n,h,t,r]) / (Σ_w exp(s[n,h,t,w]))    (N, 2, N_t, N_t)
    # computed so that nothing overflows:
    p = softmax(s, axis=3)

    # c[n,h,t,e] = Σ_r p[n,h,t,r] v[n,h,r,e]    (N, 2, N_t, 3)
    c = p @ v

    # o[n,t,d] = x[n,t,d] + Σ_e,h O[d,h,e] c[n,h,t,e]    (N, N_t, 6)
    o = x + np.tensordot(c, O, ((1, 3), (1, 2)))

    # m2[n,t] = Σ_d o[n,t,d] / 6    (N, N_t)
    m2 = o.sum(axis=2) / 6

    # v2[n,t] = Σ_d (o[n,t,d] - m2[n,t])² / 6    (N, N_t)
    v2 = np.sum((o - m2[:, :, None])**2, axis=2) / 6

    # u2[n,t,d] = g2[d] (o[n,t,d] - m2[n,t]) / √(v2[n,t] + eps) + b2[d]    (N, N_t, 6)
    u2 = g2 * (o - m2[:, :, None]) / np.sqrt(v2 + eps)[:, :, None] + b2

    # z[n,t,f] = Σ_d U[f,d] u2[n,t,d] + bu[f]    (N, N_t, 8)
    z = u2 @ U.T + bu

    # a[n,t,f] = z[n,t,f] if z[n,t,f] > 0 else 0    (N, N_t, 8)
    a = np.maximum(z, 0)

    # l[n,t,d] = o[n,t,d] + Σ_f W[d,f] a[n,t,f] + bw[d]    (N, N_t, 6)
    l = o + a @ W.T + bw

    return Cache(x, m1, v1, u1, q, k, v, s, p, c, o, m2, v2, u2, z, a, l)


def backward(params: Parameters, cache: Cache, y) -> Parameters:
    """The gradient of the cost in every parameter, by the chain rule from the cost back.

    Where two cases of a formula meet, the derivative is that of the case that holds there:
    ReLU, which is z for z > 0 and otherwise 0, has slope 0 at 0.
    """
    params = _as_floats(params)
    Q, K, V, O, U, W = params.Q, params.K, params.V, params.O, params.U, params.W
    g2 = params.g2
    x, m1, v1, u1, q, k = cache.x, cache.m1, cache.v1, cache.u1, cache.q, cache.k
    v, p, c, o, m2, v2 = cache.v, cache.p, cache.c, cache.o, cache.m2, cache.v2
    u2, z, a, l = cache.u2, cache.z, cache.a, cache.l
    N = x.shape[0]
    N_t = x.shape[1]
    y = _expect("y", y, N, N_t, 6)

    # dl[n,t,d] = (l[n,t,d] - y[n,t,d]) / (N N_t)    (N, N_t, 6)
    dl = (l - y) / (N * N_t)

    # dW[d,f] = Σ_n,t dl[n,t,d] a[n,t,f]    (6, 8)
    dW = np.tensordot(dl, a, ((0, 1), (0, 1)))

    # dbw[d] = Σ_n,t dl[n,t,d]    (6,)
    dbw = dl.sum(axis=(0, 1))

    # da[n,t,f] = Σ_d dl[n,t,d] W[d,f]    (N, N_t, 8)
    da = dl @ W

    # dz[n,t,f] = da[n,t,f] (1 if z[n,t,f] > 0 else 0)    (N, N_t, 8)
    dz = np.where(z > 0, da, 0)

    # dU[f,d] = Σ_n,t dz[n,t,f] u2[n,t,d]    (8, 6)
    dU = np.tensordot(dz, u2, ((0, 1), (0, 1)))

    # dbu[f] = Σ_n,t dz[n,t,f]    (8,)
    dbu = dz.sum(axis=(0, 1))

    # du2[n,t,d] = Σ_f dz[n,t,f] U[f,d]    (N, N_t, 6)
    du2 = dz @ U

    # dg2[d] = Σ_n,t du2[n,t,d] (o[n,t,d] - m2[n,t]) / √(v2[n,t] + eps)    (6,)
    dg2 = np.tensordot(du2 * (o - m2[:, :, None]), 1 / np.sqrt(v2 + eps), ((0, 1), (0, 1)))

    # db2[d] = Σ_n,t du2[n,t,d]    (6,)
    db2 = du2.sum(axis=(0, 1))

    # dv2[n,t] = -Σ_d du2[n,t,d] g2[d] (o[n,t,d] - m2[n,t]) / (2 (v2[n,t] + eps)^(3 / 2))
    #     (N, N_t)
    dv2 = -((du2 * (o - m2[:, :, None])) @ g2) / (2 * (v2 + eps)**(3 / 2))

    # dm2[n,t] = -Σ_d du2[n,t,d] g2[d] / √(v2[n,t] + eps)    (N, N_t)
    dm2 = -(du2 @ g2) / np.sqrt(v2 + eps)

    # do[n,t,d] = dl[n,t,d] + du2[n,t,d] g2[d] / √(v2[n,t] + eps) + dv2[n,t] (o[n,t,d] - m2[n,t])
    #     / 3 + dm2[n,t] / 6    (N, N_t, 6)
    do = (
        dl
        + du2 * g2 / np.sqrt(v2 + eps)[:, :, None]
        + (2 * dv2)[:, :, None] * (o - m2[:, :, None]) / 6
        + (dm2 / 6)[:, :, None]
    )

    # dO[d,h,e] = Σ_n,t do[n,t,d] c[n,h,t,e]    (6, 2, 3)
    dO = np.tensordot(do, c, ((0, 1), (0, 2)))

    # dc[n,h,t,e] = Σ_d do[n,t,d] O[d,h,e]    (N, 2, N_t, 3)
    dc = np.tensordot(do, O, (2, 0)).transpose(0, 2, 1, 3)

    # dp[n,h,t,r] = Σ_e dc[n,h,t,e] v[n,h,r,e]    (N, 2, N_t, N_t)
    dp = dc @ v.transpose(0, 1, 3, 2)

    # ds[n,h,t,r] = p[n,h,t,r] (dp[n,h,t,r] - Σ_w dp[n,h,t,w] p[n,h,t,w])    (N, 2, N_t, N_t)
    ds = p * (dp - np.sum(dp * p, axis=3)[:, :, :, None])

    # dv[n,h,t,e] = Σ_r dc[n,h,r,e] p[n,h,r,t]    (N, 2, N_t, 3)
    dv = p.transpose(0, 1, 3, 2) @ dc

    # dV[h,e,d] = Σ_n,t dv[n,h,t,e] u1[n,t,d]    (2, 3, 6)
    dV = np.tensordot(dv, u1, ((0, 2), (0, 1)))

    # dk[n,h,t,e] = Σ_r ds[n,h,r,t] q[n,h,r,e] / scale    (N, 2, N_t, 3)
    dk = (ds.transpose(0, 1, 3, 2) @ q) / scale

    # dK[h,e,d] = Σ_n,t dk[n,h,t,e] u1[n,t,d]    (2, 3, 6)
    dK = np.tensordot(dk, u1, ((0, 2), (0, 1)))

    # dq[n,h,t,e] = Σ_r ds[n,h,t,r] k[n,h,r,e] / scale    (N, 2, N_t, 3)
    dq = (ds @ k) / scale

    # dQ[h,e,d] = Σ_n,t dq[n,h,t,e] u1[n,t,d]    (2, 3, 6)
    dQ = np.tensordot(dq, u1, ((0, 2), (0, 1)))

    # du1[n,t,d] = Σ_e,h dq[n,h,t,e] Q[h,e,d] + Σ_e,h dk[n,h,t,e] K[h,e,d] + Σ_e,h dv[n,h,t,e]
    #     V[h,e,d]    (N, N_t, 6)
    du1 = (
        np.tensordot(dq, Q, ((1, 3), (0, 1)))
        + np.tensordot(dk, K, ((1, 3), (0, 1)))
        + np.tensordot(dv, V, ((1, 3), (0, 1)))
    )

    # dg1[d] = Σ_n,t du1[n,t,d] (x[n,t,d] - m1[n,t]) / √(v1[n,t] + eps)    (6,)
    dg1 = np.tensordot(du1 * (x - m1[:, :, None]), 1 / np.sqrt(v1 + eps), ((0, 1), (0, 1)))

    # db1[d] = Σ_n,t du1[n,t,d]    (6,)
    db1 = du1.sum(axis=(0, 1))

    return Parameters(dQ, dK, dV, dO, dU, dbu, dW, dbw, dg1, db1, dg2, db2)


def cost(params: Parameters, x, y) -> float:
    """The cost of the examples."""
    return _cost_of(params, forward(params, x), y)


def cost_and_gradients(params: Parameters, x, y) -> tuple[float, Parameters]:
    """The cost and its gradients, with one forward pass."""
    cache = forward(params, x)
    return _cost_of(params, cache, y), backward(params, cache, y)


def _cost_of(params: Parameters, cache: Cache, y) -> float:
    """The cost from what the forward pass has computed."""
    l = cache.l
    N = l.shape[0]
    N_t = l.shape[1]
    y = _expect("y", y, N, N_t, 6)

    # C = Σ_n,d,t (l[n,t,d] - y[n,t,d])² / (2 N N_t)
    C = np.sum((l - y)**2) / (2 * N * N_t)

    return float(C)


def softmax(z, axis):
    """exp(z) / Σ exp(z), with the largest z subtracted first so that exp cannot overflow."""
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _as_floats(params):
    """The parameters as arrays of one type; a ValueError where one does not hold floats."""
    arrays = [np.asarray(array) for array in params]
    for name, array in zip(Parameters._fields, arrays):
        if array.dtype.kind != "f":
            raise ValueError(f"{name}: found dtype {array.dtype}, expected float32 or float64")
    dtype = np.result_type(*arrays)
    return Parameters(*(array.astype(dtype, copy=False) for array in arrays))


def _expect(name, array, *shape):
    """The array; a ValueError where its type or shape is not what is needed (a letter: any size)."""
    array = np.asarray(array)
    if array.dtype.kind != "f":
        raise ValueError(f"{name}: found dtype {array.dtype}, expected float32 or float64")
    fits = (isinstance(want, str) or want == size for want, size in zip(shape, array.shape))
    if array.ndim != len(shape) or not all(fits):
        wanted = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name}: found shape {array.shape}, expected ({wanted})")
    return array


def save(params: Parameters, path, further=None) -> None:
    """Write the parameters, and further arrays by name, to an .npz or .safetensors file: whole, or not at all."""
    path = Path(path)
    beside = path.with_name(path.name + ".part")
    arrays = {name: np.asarray(array) for name, array in (params._asdict() | (further or {})).items()}
    if path.suffix == ".safetensors":
        from safetensors.numpy import save_file

        save_file({name: np.asarray(array, order="C") for name, array in arrays.items()}, beside)
    else:
        with ZipFile(beside, "w") as archive:
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, array, allow_pickle=False)
    beside.replace(path)


def restore(path) -> Parameters:
    """The parameters that `save` has written; a ValueError where one is missing or not as this network has it."""
    path = Path(path)
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        arrays = load_file(path)
    else:
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files if name in Parameters._fields}
    for name in Parameters._fields:
        if name not in arrays:
            raise ValueError(f"{path}: no array called {name}; expected {', '.join(Parameters._fields)}")
    return Parameters(
        Q=_expect("Q", arrays["Q"], 2, 3, 6),
        K=_expect("K", arrays["K"], 2, 3, 6),
        V=_expect("V", arrays["V"], 2, 3, 6),
        O=_expect("O", arrays["O"], 6, 2, 3),
        U=_expect("U", arrays["U"], 8, 6),
        bu=_expect("bu", arrays["bu"], 8),
        W=_expect("W", arrays["W"], 6, 8),
        bw=_expect("bw", arrays["bw"], 6),
        g1=_expect("g1", arrays["g1"], 6),
        b1=_expect("b1", arrays["b1"], 6),
        g2=_expect("g2", arrays["g2"], 6),
        b2=_expect("b2", arrays["b2"], 6),
    )


def sgd(
    params: Parameters, gradients: Parameters,
    eta=0.1,
) -> Parameters:
    """One step of gradient descent: new parameters."""
    new = []
    for w, g in zip(params, gradients):
        # w := w - eta g
        w = w - eta * g
        new.append(w)
    return Parameters(*new)


class MomentumState(NamedTuple):
    """What gradient descent with momentum remembers from step to step."""

    v: Parameters


def momentum(
    params: Parameters, gradients: Parameters, state=None,
    eta=0.1, beta=0.9,
) -> tuple[Parameters, MomentumState]:
    """One step of gradient descent with momentum: new parameters, and the state to go on with."""
    if state is None:
        zeros = Parameters(*(np.zeros_like(w) for w in params))
        state = MomentumState(zeros)
    new = []
    for w, g, v in zip(params, gradients, state.v):
        # v := beta v + (1 - beta) g
        v = beta * v + (1 - beta) * g
        # w := w - eta v
        w = w - eta * v
        new.append((w, v))
    w, v = (Parameters(*arrays) for arrays in zip(*new))
    return w, MomentumState(v)


class RMSPropState(NamedTuple):
    """What RMSProp (Hinton, 2012) remembers from step to step."""

    s: Parameters


def rmsprop(
    params: Parameters, gradients: Parameters, state=None,
    eta=0.001, beta=0.9, epsilon=1e-08,
) -> tuple[Parameters, RMSPropState]:
    """One step of RMSProp (Hinton, 2012): new parameters, and the state to go on with."""
    if state is None:
        zeros = Parameters(*(np.zeros_like(w) for w in params))
        state = RMSPropState(zeros)
    new = []
    for w, g, s in zip(params, gradients, state.s):
        # s := beta s + (1 - beta) g²
        s = beta * s + (1 - beta) * g**2
        # w := w - eta g / (√s + epsilon)
        w = w - eta * g / (np.sqrt(s) + epsilon)
        new.append((w, s))
    w, s = (Parameters(*arrays) for arrays in zip(*new))
    return w, RMSPropState(s)


class AdamState(NamedTuple):
    """What Adam (Kingma and Ba, 2015) remembers from step to step."""

    t: int
    m: Parameters
    v: Parameters


def adam(
    params: Parameters, gradients: Parameters, state=None,
    eta=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08,
) -> tuple[Parameters, AdamState]:
    """One step of Adam (Kingma and Ba, 2015): new parameters, and the state to go on with."""
    if state is None:
        zeros = Parameters(*(np.zeros_like(w) for w in params))
        state = AdamState(0, zeros, zeros)
    t = state.t + 1
    new = []
    for w, g, m, v in zip(params, gradients, state.m, state.v):
        # m := beta1 m + (1 - beta1) g
        m = beta1 * m + (1 - beta1) * g
        # v := beta2 v + (1 - beta2) g²
        v = beta2 * v + (1 - beta2) * g**2
        # mean := m / (1 - beta1^t)
        mean = m / (1 - beta1**t)
        # variance := v / (1 - beta2^t)
        variance = v / (1 - beta2**t)
        # w := w - eta mean / (√variance + epsilon)
        w = w - eta * mean / (np.sqrt(variance) + epsilon)
        new.append((w, m, v))
    w, m, v = (Parameters(*arrays) for arrays in zip(*new))
    return w, AdamState(t, m, v)


def sample(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Random x, y of the right shapes and kinds, a few examples."""
    x = rng.standard_normal((5, 3, 6))
    y = rng.standard_normal((5, 3, 6))
    return (x, y,)


def check(rng: np.random.Generator) -> dict[str, float]:
    """Every gradient against numeric ones at random arrays: {parameter: largest relative error}.

    Each parameter is moved along a random direction v, which moves all of its entries at once.
    An error is relative to the root of the sum of (gradient · v)², the usual size of their product.
    """
    # Weights near those of `init`, whatever their size, and numbers in place of 0 and of 1.
    params = Parameters(
        *(np.array(array + 0.5 * (array.std() or 1) * rng.standard_normal(array.shape)) for array in init(rng))
    )
    data = sample(rng)

    def value():
        return cost(params, *data)

    at, gradients = cost_and_gradients(params, *data)
    floor = 1e-4 * max(1, abs(at))  # where all slopes are smaller, rounding is all that differs
    errors = {}
    directions, products, sizes = [], [], []
    for array, gradient in zip(params, gradients):
        size = max(np.linalg.norm(array) / max(array.size, 1) ** 0.5, 1e-3)
        along = rng.random(array.shape, np.float32) * 2 - 1
        along = np.float32(size) * (along + np.copysign(np.float32(0.5), along))
        directions.append(along)
        products.append(float(np.sum(gradient * along)) if np.shape(gradient) == array.shape else np.inf)
        sizes.append(size * float(np.linalg.norm(gradient)))
    del gradients
    waiting = [list(group) for group in np.array_split(np.arange(len(params)), 12)]
    while waiting:
        group = waiting.pop(0)
        # Parameters that change the cost little are moved farther, so that each counts.
        largest = max(floor, *(sizes[place] for place in group))
        steps = [largest / max(sizes[place], 1e-2 * largest) for place in group]
        moved = [(params[place], directions[place], step) for place, step in zip(group, steps)]
        found = sum(products[place] * step for place, step in zip(group, steps))
        exact = _slope(_moving_along(value, moved), 0.001, largest)
        error = abs(found - exact) / largest
        if len(group) > 1 and not error <= 1e-06:
            waiting += [group[: len(group) // 2], group[len(group) // 2 :]]
        else:
            errors |= {Parameters._fields[place]: float(error) for place in group}
    errors = {name: errors[name] for name in Parameters._fields}
    return errors


def _moving_along(value, moved):
    """The value as a function of how far arrays are moved along directions of their own."""

    def move(step):
        for array, along, factor in moved:
            array += np.multiply(along, step * factor, dtype=array.dtype)

    def at(step):
        move(step)
        found = value()
        move(-step)
        return found

    return at


def _slope(at, longest=1e-3, least=1e-2):
    """The derivative of at(t) at t = 0 by central differences, D(h) = (at(h) - at(-h)) / (2 h).

    (16 D(h/4) - D(h)) / 15 is free of the error of second order (Richardson, 1911). Steps grow
    shorter until two results agree to a small part of the slope or of `least`; those of steps over
    a kink (relu at 0) do not.
    """
    last = result = np.inf
    for step in longest * 0.25 ** np.arange(7):
        difference = (at(step) - at(-step)) / (2 * step)
        refined = (16 * difference - last) / 15
        scale = max(abs(difference), least)
        if abs(difference - last) <= 1e-6 * scale or abs(refined - result) <= 1e-7 * scale:
            return refined
        last, result = difference, refined
    return np.nan


if __name__ == "__main__":
    for name, error in check(np.random.default_rng(0)).items():
        print(f"{name:8} largest relative error {error:.1e}")

# chainrule fingerprint dd4574a24d1683a9
