"""A language model with long short-term memory

22,923 parameters in 15 arrays.
Written by chainrule 0.1.0; changes belong in the description it was made from.
"""

from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np


class Parameters(NamedTuple):
    """One array for each parameter; gradients have the same structure."""

    E: np.ndarray  # (27, 16)
    Wi: np.ndarray  # (64, 16)
    Ui: np.ndarray  # (64, 64)
    bi: np.ndarray  # (64,)
    Wf: np.ndarray  # (64, 16)
    Uf: np.ndarray  # (64, 64)
    bf: np.ndarray  # (64,)
    Wo: np.ndarray  # (64, 16)
    Uo: np.ndarray  # (64, 64)
    bo: np.ndarray  # (64,)
    Wg: np.ndarray  # (64, 16)
    Ug: np.ndarray  # (64, 64)
    bg: np.ndarray  # (64,)
    V: np.ndarray  # (27, 64)
    bv: np.ndarray  # (27,)


class Cache(NamedTuple):
    """What the forward pass computes and the backward pass reads."""

    tok: np.ndarray  # (N, N_t)
    mask: np.ndarray  # (N, N_t)
    e: np.ndarray  # (N, N_t, 16)
    i: np.ndarray  # (N, N_t, 64)
    f: np.ndarray  # (N, N_t, 64)
    o: np.ndarray  # (N, N_t, 64)
    g: np.ndarray  # (N, N_t, 64)
    c: np.ndarray  # (N, N_t, 64)
    h: np.ndarray  # (N, N_t, 64)
    z: np.ndarray  # (N, N_t, 27)
    p: np.ndarray  # (N, N_t, 27)


def init(rng: np.random.Generator, dtype=np.float64) -> Parameters:
    """First values: weights of variance 1/fan-in (2/fan-in before relu and its kin), biases 0."""
    return Parameters(
        E=(rng.standard_normal((27, 16))).astype(dtype),
        Wi=((1 / 16) ** 0.5 * rng.standard_normal((64, 16))).astype(dtype),
        Ui=((1 / 64) ** 0.5 * rng.standard_normal((64, 64))).astype(dtype),
        bi=np.zeros((64,), dtype),
        Wf=((1 / 16) ** 0.5 * rng.standard_normal((64, 16))).astype(dtype),
        Uf=((1 / 64) ** 0.5 * rng.standard_normal((64, 64))).astype(dtype),
        bf=np.zeros((64,), dtype),
        Wo=((1 / 16) ** 0.5 * rng.standard_normal((64, 16))).astype(dtype),
        Uo=((1 / 64) ** 0.5 * rng.standard_normal((64, 64))).astype(dtype),
        bo=np.zeros((64,), dtype),
        Wg=((1 / 16) ** 0.5 * rng.standard_normal((64, 16))).astype(dtype),
        Ug=((1 / 64) ** 0.5 * rng.standard_normal((64, 64))).astype(dtype),
        bg=np.zeros((64,), dtype),
        V=((1 / 64) ** 0.5 * rng.standard_normal((27, 64))).astype(dtype),
        bv=np.zeros((27,), dtype),
    )


def forward(params: Parameters, tok, mask) -> Cache:
    """The value of every equation from the inputs to the output."""
    params = _as_floats(params)
    mask = _expect("mask", mask, "N", "N_t")
    N = mask.shape[0]
    N_t = mask.shape[1]
    E = _expect("E", params.E, 27, 16)
    Wi = _expect("Wi", params.Wi, 64, 16)
    Ui = _expect("Ui", params.Ui, 64, 64)
    bi = _expect("bi", params.bi, 64)
    Wf = _expect("Wf", params.Wf, 64, 16)
    Uf = _expect("Uf", params.Uf, 64, 64)
    bf = _expect("bf", params.bf, 64)
    Wo = _expect("Wo", params.Wo, 64, 16)
    Uo = _expect("Uo", params.Uo, 64, 64)
    bo = _expect("bo", params.bo, 64)
    Wg = _expect("Wg", params.Wg, 64, 16)
    Ug = _expect("Ug", params.Ug, 64, 64)
    bg = _expect("bg", params.bg, 64)
    V = _expect("V", params.V, 27, 64)
    bv = _expect("bv", params.bv, 27)
    tok = _expect_integers("tok", tok, 27, N, N_t)

    # e[n,t,d] = E[tok[n,t],d]    (N, N_t, 16)
    e = E.take(tok, axis=0)

    # i_before[n,t,j] = Σ_d Wi[j,d] e[n,t,d]    (N, N_t, 64)
    i_before = e @ Wi.T

    # f_before[n,t,j] = Σ_d Wf[j,d] e[n,t,d]    (N, N_t, 64)
    f_before = e @ Wf.T

    # o_before[n,t,j] = Σ_d Wo[j,d] e[n,t,d]    (N, N_t, 64)
    o_before = e @ Wo.T

    # g_before[n,t,j] = Σ_d Wg[j,d] e[n,t,d]    (N, N_t, 64)
    g_before = e @ Wg.T

    # i[n,t,j] = 1 / (1 + exp(-Σ_d Wi[j,d] e[n,t,d] - Σ_k Ui[j,k] h[n,t - 1,k] - bi[j]))
    #     (N, N_t, 64)
    i = np.zeros((N, N_t, 64), params[0].dtype)

    # f[n,t,j] = 1 / (1 + exp(-Σ_d Wf[j,d] e[n,t,d] - Σ_k Uf[j,k] h[n,t - 1,k] - bf[j]))
    #     (N, N_t, 64)
    f = np.zeros((N, N_t, 64), params[0].dtype)

    # o[n,t,j] = 1 / (1 + exp(-Σ_d Wo[j,d] e[n,t,d] - Σ_k Uo[j,k] h[n,t - 1,k] - bo[j]))
    #     (N, N_t, 64)
    o = np.zeros((N, N_t, 64), params[0].dtype)

    # g[n,t,j] = tanh(Σ_d Wg[j,d] e[n,t,d] + Σ_k Ug[j,k] h[n,t - 1,k] + bg[j])    (N, N_t, 64)
    g = np.zeros((N, N_t, 64), params[0].dtype)

    # c[n,t,j] = f[n,t,j] c[n,t - 1,j] + i[n,t,j] g[n,t,j]    (N, N_t, 64)
    c = np.zeros((N, N_t, 64), params[0].dtype)

    # h[n,t,j] = o[n,t,j] tanh(c[n,t,j])    (N, N_t, 64)
    h = np.zeros((N, N_t, 64), params[0].dtype)
    for t in range(N_t):
        i[:, t] = sigmoid(step(h, 1, t - 1) @ Ui.T + bi + i_before[:, t])
        f[:, t] = sigmoid(step(h, 1, t - 1) @ Uf.T + bf + f_before[:, t])
        o[:, t] = sigmoid(step(h, 1, t - 1) @ Uo.T + bo + o_before[:, t])
        g[:, t] = np.tanh(step(h, 1, t - 1) @ Ug.T + bg + g_before[:, t])
        c[:, t] = f[:, t] * step(c, 1, t - 1) + i[:, t] * g[:, t]
        h[:, t] = o[:, t] * np.tanh(c[:, t])

    # z[n,t,v] = Σ_j V[v,j] h[n,t,j] + bv[v]    (N, N_t, 27)
    z = h @ V.T + bv

    # p[n,t,v] = exp(z[n,t,v]) / (Σ_w exp(z[n,t,w]))    (N, N_t, 27)
    # computed so that nothing overflows:
    p = softmax(z, axis=2)

    return Cache(tok, mask, e, i, f, o, g, c, h, z, p)


def backward(params: Parameters, cache: Cache, next) -> Parameters:
    """The gradient of the cost in every parameter, by the chain rule from the cost back."""
    params = _as_floats(params)
    Wi, Ui, Wf, Uf, Wo, Uo = params.Wi, params.Ui, params.Wf, params.Uf, params.Wo, params.Uo
    Wg, Ug, V = params.Wg, params.Ug, params.V
    tok, mask, e, i, f, o = cache.tok, cache.mask, cache.e, cache.i, cache.f, cache.o
    g, c, h, p = cache.g, cache.c, cache.h, cache.p
    N = tok.shape[0]
    N_t = tok.shape[1]
    next = _expect_integers("next", next, 27, N, N_t)

    # dz[n,t,v] = mask[n,t] (p[n,t,v] - [v = next[n,t]]) / (Σ_n′,t′ mask[n′,t′])    (N, N_t, 27)
    dz = mask[:, :, None] * (p - (next[:, :, None] == np.arange(27))) / mask.sum()

    # dV[v,j] = Σ_n,t dz[n,t,v] h[n,t,j]    (27, 64)
    dV = np.tensordot(dz, h, ((0, 1), (0, 1)))

    # dbv[v] = Σ_n,t dz[n,t,v]    (27,)
    dbv = dz.sum(axis=(0, 1))

    # dh[n,t,j] = Σ_k dg[n,t + 1,k] Ug[k,j] (1 - g[n,t + 1,k]²) + Σ_k do[n,t + 1,k] Uo[k,j]
    #     o[n,t + 1,k] (1 - o[n,t + 1,k]) + Σ_k df[n,t + 1,k] Uf[k,j] f[n,t + 1,k] (1 -
    #     f[n,t + 1,k]) + Σ_k di[n,t + 1,k] Ui[k,j] i[n,t + 1,k] (1 - i[n,t + 1,k]) + Σ_v
    #     dz[n,t,v] V[v,j]    (N, N_t, 64)
    dh = dz @ V

    # dc[n,t,j] = dh[n,t,j] o[n,t,j] (1 - tanh(c[n,t,j])²) + dc[n,t + 1,j] f[n,t + 1,j]
    #     (N, N_t, 64)
    dc = np.zeros((N, N_t, 64), params[0].dtype)

    # do[n,t,j] = dh[n,t,j] tanh(c[n,t,j])    (N, N_t, 64)
    do = np.zeros((N, N_t, 64), params[0].dtype)

    # dg[n,t,j] = dc[n,t,j] i[n,t,j]    (N, N_t, 64)
    dg = np.zeros((N, N_t, 64), params[0].dtype)

    # df[n,t,j] = dc[n,t,j] c[n,t - 1,j]    (N, N_t, 64)
    df = np.zeros((N, N_t, 64), params[0].dtype)

    # di[n,t,j] = dc[n,t,j] g[n,t,j]    (N, N_t, 64)
    di = np.zeros((N, N_t, 64), params[0].dtype)
    for t in reversed(range(N_t)):
        dh[:, t] += (
            (step(dg, 1, t + 1) * (1 - step(g, 1, t + 1)**2)) @ Ug
            + (step(do, 1, t + 1) * step(o, 1, t + 1) * (1 - step(o, 1, t + 1))) @ Uo
            + (step(df, 1, t + 1) * step(f, 1, t + 1) * (1 - step(f, 1, t + 1))) @ Uf
            + (step(di, 1, t + 1) * step(i, 1, t + 1) * (1 - step(i, 1, t + 1))) @ Ui
        )
        dc[:, t] = (
            dh[:, t] * o[:, t] * (1 - np.tanh(c[:, t])**2) + step(dc, 1, t + 1) * step(f, 1, t + 1)
        )
        do[:, t] = dh[:, t] * np.tanh(c[:, t])
        dg[:, t] = dc[:, t] * i[:, t]
        df[:, t] = dc[:, t] * step(c, 1, t - 1)
        di[:, t] = dc[:, t] * g[:, t]

    # dWg[j,d] = Σ_n,t dg[n,t,j] e[n,t,d] (1 - g[n,t,j]²)    (64, 16)
    dWg = np.tensordot(dg * (1 - g**2), e, ((0, 1), (0, 1)))

    # dUg[j,k] = Σ_n,t dg[n,t,j] h[n,t - 1,k] (1 - g[n,t,j]²)    (64, 64)
    dUg = np.tensordot(dg * (1 - g**2), windows(h, {1: (range(-1, N_t - 1),)}), ((0, 1), (0, 1)))

    # dbg[j] = Σ_n,t dg[n,t,j] (1 - g[n,t,j]²)    (64,)
    dbg = np.sum(dg * (1 - g**2), axis=(0, 1))

    # dWo[j,d] = Σ_n,t do[n,t,j] e[n,t,d] o[n,t,j] (1 - o[n,t,j])    (64, 16)
    dWo = np.tensordot(do * o * (1 - o), e, ((0, 1), (0, 1)))

    # dUo[j,k] = Σ_n,t do[n,t,j] h[n,t - 1,k] o[n,t,j] (1 - o[n,t,j])    (64, 64)
    dUo = np.tensordot(do * o * (1 - o), windows(h, {1: (range(-1, N_t - 1),)}), ((0, 1), (0, 1)))

    # dbo[j] = Σ_n,t do[n,t,j] o[n,t,j] (1 - o[n,t,j])    (64,)
    dbo = np.sum(do * o * (1 - o), axis=(0, 1))

    # dWf[j,d] = Σ_n,t df[n,t,j] e[n,t,d] f[n,t,j] (1 - f[n,t,j])    (64, 16)
    dWf = np.tensordot(df * f * (1 - f), e, ((0, 1), (0, 1)))

    # dUf[j,k] = Σ_n,t df[n,t,j] h[n,t - 1,k] f[n,t,j] (1 - f[n,t,j])    (64, 64)
    dUf = np.tensordot(df * f * (1 - f), windows(h, {1: (range(-1, N_t - 1),)}), ((0, 1), (0, 1)))

    # dbf[j] = Σ_n,t df[n,t,j] f[n,t,j] (1 - f[n,t,j])    (64,)
    dbf = np.sum(df * f * (1 - f), axis=(0, 1))

    # dWi[j,d] = Σ_n,t di[n,t,j] e[n,t,d] i[n,t,j] (1 - i[n,t,j])    (64, 16)
    dWi = np.tensordot(di * i * (1 - i), e, ((0, 1), (0, 1)))

    # dUi[j,k] = Σ_n,t di[n,t,j] h[n,t - 1,k] i[n,t,j] (1 - i[n,t,j])    (64, 64)
    dUi = np.tensordot(di * i * (1 - i), windows(h, {1: (range(-1, N_t - 1),)}), ((0, 1), (0, 1)))

    # dbi[j] = Σ_n,t di[n,t,j] i[n,t,j] (1 - i[n,t,j])    (64,)
    dbi = np.sum(di * i * (1 - i), axis=(0, 1))

    # de[n,t,d] = Σ_j di[n,t,j] Wi[j,d] i[n,t,j] (1 - i[n,t,j]) + Σ_j df[n,t,j] Wf[j,d] f[n,t,j]
    #     (1 - f[n,t,j]) + Σ_j do[n,t,j] Wo[j,d] o[n,t,j] (1 - o[n,t,j]) + Σ_j dg[n,t,j] Wg[j,d]
    #     (1 - g[n,t,j]²)    (N, N_t, 16)
    de = (
        (di * i * (1 - i)) @ Wi
        + (df * f * (1 - f)) @ Wf
        + (do * o * (1 - o)) @ Wo
        + (dg * (1 - g**2)) @ Wg
    )

    # dE[v,d] = Σ_n,t de[n,t,d] [v = tok[n,t]]    (27, 16)
    dE = scatter((27, 16), de, tok[:, :, None], np.arange(16))

    return Parameters(dE, dWi, dUi, dbi, dWf, dUf, dbf, dWo, dUo, dbo, dWg, dUg, dbg, dV, dbv)


def cost(params: Parameters, tok, mask, next) -> float:
    """The cost of the examples."""
    return _cost_of(params, forward(params, tok, mask), next)


def cost_and_gradients(params: Parameters, tok, mask, next) -> tuple[float, Parameters]:
    """The cost and its gradients, with one forward pass."""
    cache = forward(params, tok, mask)
    return _cost_of(params, cache, next), backward(params, cache, next)


def _cost_of(params: Parameters, cache: Cache, next) -> float:
    """The cost from what the forward pass has computed."""
    mask, z = cache.mask, cache.z
    N = mask.shape[0]
    N_t = mask.shape[1]
    next = _expect_integers("next", next, 27, N, N_t)

    # loss = -Σ_n,t mask[n,t] log(p[n,t,next[n,t]]) / (Σ_n,t mask[n,t])
    # computed so that nothing overflows:
    loss = (
        -np.sum(mask * (z[np.arange(N)[:, None], np.arange(N_t), next] - log_sum_exp(z, axis=2)))
        / mask.sum()
    )

    return float(loss)


def sigmoid(z):
    """1 / (1 + exp(-z)), with the exponent kept at or below 0 so that exp cannot overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def softmax(z, axis):
    """exp(z) / Σ exp(z), with the largest z subtracted first so that exp cannot overflow."""
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_sum_exp(z, axis):
    """log Σ exp(z), with the largest z taken out so that exp cannot overflow."""
    largest = np.max(z, axis=axis, keepdims=True)
    return np.squeeze(largest, axis=axis) + np.log(np.sum(np.exp(z - largest), axis=axis))


def step(array, axis, place):
    """An array at one place along an axis; zeros where there is no such place."""
    if 0 <= place < array.shape[axis]:
        return array.take(place, axis)
    return np.zeros_like(array.take(0, axis))


def windows(array, places):
    """The array read at the sums of some ranges along each axis of `places`, a dimension for each range.

    What is out of range is 0. The result is a view that cannot be written to.
    """
    shape, steps, start, padding = [], [], [], []
    for axis, size in enumerate(array.shape):
        ranges = places.get(axis, (range(size),))
        shape += [len(part) for part in ranges]
        steps += [(axis, part.step) for part in ranges]
        ends = [sorted((part.start, part.start + part.step * (len(part) - 1))) for part in ranges]
        first, last = (sum(end) for end in zip(*ends))
        padding.append((max(0, -first), max(0, last + 1 - size)))
        start.append(sum(part.start for part in ranges) + padding[axis][0])
    if 0 in shape:
        return np.zeros(shape, array.dtype)
    if any(map(any, padding)):
        inner = tuple(slice(before, before + size) for (before, _), size in zip(padding, array.shape))
        padded = np.zeros([before + size + after for (before, after), size in zip(padding, array.shape)], array.dtype)
        padded[inner] = array
        array = padded
    strides = [step * array.strides[axis] for axis, step in steps]
    corner = array[tuple(slice(place, None) for place in start)]
    return np.lib.stride_tricks.as_strided(corner, shape, strides, writeable=False)


def scatter(shape, values, *places):
    """Zeros of a shape, to which values are added at integer places; what is out of range is dropped."""
    values, *places = np.broadcast_arrays(values, *places)
    inside = np.logical_and.reduce([(place >= 0) & (place < size) for place, size in zip(places, shape)])
    flat = np.ravel_multi_index([place[inside] for place in places], shape)
    sums = np.bincount(flat, values[inside], minlength=int(np.prod(shape)))
    return sums.reshape(shape).astype(values.dtype)


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


def _expect_integers(name, array, limit, *shape):
    """The positions; a ValueError where they are not whole numbers from 0 up to `limit`."""
    array = np.asarray(array)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name}: found dtype {array.dtype}, expected an integer type")
    array = array.astype(np.intp, copy=False)  # differences and products of narrower ones would wrap round
    fits = (isinstance(want, str) or want == size for want, size in zip(shape, array.shape))
    if array.ndim != len(shape) or not all(fits):
        wanted = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name}: found shape {array.shape}, expected ({wanted})")
    if array.size and not (array.min() >= 0 and (isinstance(limit, str) or array.max() < limit)):
        found = f"labels from {array.min()} to {array.max()}"
        raise ValueError(f"{name}: found {found}, expected 0 to {limit - 1 if limit != str(limit) else limit}")
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
        E=_expect("E", arrays["E"], 27, 16),
        Wi=_expect("Wi", arrays["Wi"], 64, 16),
        Ui=_expect("Ui", arrays["Ui"], 64, 64),
        bi=_expect("bi", arrays["bi"], 64),
        Wf=_expect("Wf", arrays["Wf"], 64, 16),
        Uf=_expect("Uf", arrays["Uf"], 64, 64),
        bf=_expect("bf", arrays["bf"], 64),
        Wo=_expect("Wo", arrays["Wo"], 64, 16),
        Uo=_expect("Uo", arrays["Uo"], 64, 64),
        bo=_expect("bo", arrays["bo"], 64),
        Wg=_expect("Wg", arrays["Wg"], 64, 16),
        Ug=_expect("Ug", arrays["Ug"], 64, 64),
        bg=_expect("bg", arrays["bg"], 64),
        V=_expect("V", arrays["V"], 27, 64),
        bv=_expect("bv", arrays["bv"], 27),
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
    """Random tok, mask, next of the right shapes and kinds, a few examples."""
    tok = rng.integers(0, 27, (5, 3))
    mask = rng.standard_normal((5, 3))
    next = rng.integers(0, 27, (5, 3))
    return (tok, mask, next,)


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
    waiting = [list(group) for group in np.array_split(np.arange(len(params)), 15)]
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

# chainrule fingerprint 3b1bbb4f020d35f9
