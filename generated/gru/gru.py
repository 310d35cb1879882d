"""A gated recurrent unit

57 parameters in 10 arrays.
Written by chainrule 0.1.0; changes belong in the description it was made from.
"""

from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np


class Parameters(NamedTuple):
    """One array for each parameter; gradients have the same structure."""

    Wr: np.ndarray  # (3, 2)
    Ur: np.ndarray  # (3, 3)
    br: np.ndarray  # (3,)
    Wq: np.ndarray  # (3, 2)
    Uq: np.ndarray  # (3, 3)
    bq: np.ndarray  # (3,)
    Wu: np.ndarray  # (3, 2)
    Uu: np.ndarray  # (3, 3)
    bu: np.ndarray  # (3,)
    h0: np.ndarray  # (3,)


class Cache(NamedTuple):
    """What the forward pass computes and the backward pass reads."""

    x: np.ndarray  # (N, N_t, 2)
    r: np.ndarray  # (N, N_t, 3)
    q: np.ndarray  # (N, N_t, 3)
    u: np.ndarray  # (N, N_t, 3)
    h: np.ndarray  # (N, N_t, 3)


def init(rng: np.random.Generator, dtype=np.float64) -> Parameters:
    """First values: weights of variance 1/fan-in (2/fan-in before relu and its kin), biases 0."""
    return Parameters(
        Wr=((1 / 2) ** 0.5 * rng.standard_normal((3, 2))).astype(dtype),
        Ur=((1 / 3) ** 0.5 * rng.standard_normal((3, 3))).astype(dtype),
        br=np.zeros((3,), dtype),
        Wq=((1 / 2) ** 0.5 * rng.standard_normal((3, 2))).astype(dtype),
        Uq=((1 / 3) ** 0.5 * rng.standard_normal((3, 3))).astype(dtype),
        bq=np.zeros((3,), dtype),
        Wu=((1 / 2) ** 0.5 * rng.standard_normal((3, 2))).astype(dtype),
        Uu=((1 / 3) ** 0.5 * rng.standard_normal((3, 3))).astype(dtype),
        bu=np.zeros((3,), dtype),
        h0=np.zeros((3,), dtype),
    )


def forward(params: Parameters, x) -> Cache:
    """The value of every equation from the inputs to the output."""
    params = _as_floats(params)
    x = _expect("x", x, "N", "N_t", 2)
    N = x.shape[0]
    N_t = x.shape[1]
    Wr = _expect("Wr", params.Wr, 3, 2)
    Ur = _expect("Ur", params.Ur, 3, 3)
    br = _expect("br", params.br, 3)
    Wq = _expect("Wq", params.Wq, 3, 2)
    Uq = _expect("Uq", params.Uq, 3, 3)
    bq = _expect("bq", params.bq, 3)
    Wu = _expect("Wu", params.Wu, 3, 2)
    Uu = _expect("Uu", params.Uu, 3, 3)
    bu = _expect("bu", params.bu, 3)
    h0 = _expect("h0", params.h0, 3)

    # r_before[n,t,j] = Σ_i Wr[j,i] x[n,t,i]    (N, N_t, 3)
    r_before = x @ Wr.T

    # q_before[n,t,j] = Σ_i Wq[j,i] x[n,t,i]    (N, N_t, 3)
    q_before = x @ Wq.T

    # u_before[n,t,j] = Σ_i Wu[j,i] x[n,t,i]    (N, N_t, 3)
    u_before = x @ Wu.T

    # r[n,t,j] = 1 / (1 + exp(-Σ_i Wr[j,i] x[n,t,i] - Σ_k Ur[j,k] (h[n,t - 1,k] + [t = 0] h0[k]) -
    #     br[j]))    (N, N_t, 3)
    r = np.zeros((N, N_t, 3), params[0].dtype)

    # q[n,t,j] = 1 / (1 + exp(-Σ_i Wq[j,i] x[n,t,i] - Σ_k Uq[j,k] (h[n,t - 1,k] + [t = 0] h0[k]) -
    #     bq[j]))    (N, N_t, 3)
    q = np.zeros((N, N_t, 3), params[0].dtype)

    # u[n,t,j] = tanh(Σ_i Wu[j,i] x[n,t,i] + Σ_k Uu[j,k] r[n,t,k] (h[n,t - 1,k] + [t = 0] h0[k]) +
    #     bu[j])    (N, N_t, 3)
    u = np.zeros((N, N_t, 3), params[0].dtype)

    # h[n,t,j] = q[n,t,j] (h[n,t - 1,j] + [t = 0] h0[j]) + u[n,t,j] (1 - q[n,t,j])    (N, N_t, 3)
    h = np.zeros((N, N_t, 3), params[0].dtype)
    for t in range(N_t):
        r[:, t] = sigmoid((step(h, 1, t - 1) + (t == 0) * h0) @ Ur.T + br + r_before[:, t])
        q[:, t] = sigmoid((step(h, 1, t - 1) + (t == 0) * h0) @ Uq.T + bq + q_before[:, t])
        u[:, t] = np.tanh(
            (r[:, t] * (step(h, 1, t - 1) + (t == 0) * h0)) @ Uu.T + bu + u_before[:, t]
        )
        h[:, t] = q[:, t] * (step(h, 1, t - 1) + (t == 0) * h0) + u[:, t] * (1 - q[:, t])

    return Cache(x, r, q, u, h)


def backward(params: Parameters, cache: Cache, y) -> Parameters:
    """The gradient of the cost in every parameter, by the chain rule from the cost back."""
    params = _as_floats(params)
    Ur, Uq, Uu, h0 = params.Ur, params.Uq, params.Uu, params.h0
    x, r, q, u, h = cache.x, cache.r, cache.q, cache.u, cache.h
    N = x.shape[0]
    N_t = x.shape[1]
    y = _expect("y", y, N, N_t, 3)

    # dh[n,t,j] = r[n,t + 1,j] Σ_k du[n,t + 1,k] Uu[k,j] (1 - u[n,t + 1,k]²) + Σ_k dr[n,t + 1,k]
    #     Ur[k,j] r[n,t + 1,k] (1 - r[n,t + 1,k]) + Σ_k dq[n,t + 1,k] Uq[k,j] q[n,t + 1,k] (1 -
    #     q[n,t + 1,k]) + dh[n,t + 1,j] q[n,t + 1,j] + (h[n,t,j] - y[n,t,j]) / N    (N, N_t, 3)
    dh = (h - y) / N

    # du[n,t,j] = dh[n,t,j] (1 - q[n,t,j])    (N, N_t, 3)
    du = np.zeros((N, N_t, 3), params[0].dtype)

    # dq[n,t,j] = dh[n,t,j] (h[n,t - 1,j] + [t = 0] h0[j] - u[n,t,j])    (N, N_t, 3)
    dq = np.zeros((N, N_t, 3), params[0].dtype)

    # dr[n,t,j] = (h[n,t - 1,j] + [t = 0] h0[j]) Σ_k du[n,t,k] Uu[k,j] (1 - u[n,t,k]²)
    #     (N, N_t, 3)
    dr = np.zeros((N, N_t, 3), params[0].dtype)
    for t in reversed(range(N_t)):
        dh[:, t] += (
            step(r, 1, t + 1) * ((step(du, 1, t + 1) * (1 - step(u, 1, t + 1)**2)) @ Uu)
            + (step(dr, 1, t + 1) * step(r, 1, t + 1) * (1 - step(r, 1, t + 1))) @ Ur
            + (step(dq, 1, t + 1) * step(q, 1, t + 1) * (1 - step(q, 1, t + 1))) @ Uq
            + step(dh, 1, t + 1) * step(q, 1, t + 1)
        )
        du[:, t] = dh[:, t] * (1 - q[:, t])
        dq[:, t] = dh[:, t] * (step(h, 1, t - 1) + (t == 0) * h0 - u[:, t])
        dr[:, t] = (step(h, 1, t - 1) + (t == 0) * h0) * ((du[:, t] * (1 - u[:, t]**2)) @ Uu)

    # dWu[j,i] = Σ_n,t du[n,t,j] x[n,t,i] (1 - u[n,t,j]²)    (3, 2)
    dWu = np.tensordot(du * (1 - u**2), x, ((0, 1), (0, 1)))

    # dUu[j,k] = Σ_n,t du[n,t,j] r[n,t,k] h[n,t - 1,k] (1 - u[n,t,j]²) + h0[k] Σ_n du[n,0,j]
    #     r[n,0,k] (1 - u[n,0,j]²)    (3, 3)
    dUu = (
        np.tensordot(du * (1 - u**2), r * windows(h, {1: (range(-1, N_t - 1),)}), ((0, 1), (0, 1)))
        + h0 * ((du[:, 0].T * (1 - u[:, 0].T**2)) @ r[:, 0])
    )

    # dbu[j] = Σ_n,t du[n,t,j] (1 - u[n,t,j]²)    (3,)
    dbu = np.sum(du * (1 - u**2), axis=(0, 1))

    # dWq[j,i] = Σ_n,t dq[n,t,j] x[n,t,i] q[n,t,j] (1 - q[n,t,j])    (3, 2)
    dWq = np.tensordot(dq * q * (1 - q), x, ((0, 1), (0, 1)))

    # dUq[j,k] = Σ_n,t dq[n,t,j] h[n,t - 1,k] q[n,t,j] (1 - q[n,t,j]) + h0[k] Σ_n dq[n,0,j]
    #     q[n,0,j] (1 - q[n,0,j])    (3, 3)
    dUq = (
        np.tensordot(dq * q * (1 - q), windows(h, {1: (range(-1, N_t - 1),)}), ((0, 1), (0, 1)))
        + h0 * np.sum(dq[:, 0] * q[:, 0] * (1 - q[:, 0]), axis=0)[:, None]
    )

    # dbq[j] = Σ_n,t dq[n,t,j] q[n,t,j] (1 - q[n,t,j])    (3,)
    dbq = np.sum(dq * q * (1 - q), axis=(0, 1))

    # dWr[j,i] = Σ_n,t dr[n,t,j] x[n,t,i] r[n,t,j] (1 - r[n,t,j])    (3, 2)
    dWr = np.tensordot(dr * r * (1 - r), x, ((0, 1), (0, 1)))

    # dUr[j,k] = Σ_n,t dr[n,t,j] h[n,t - 1,k] r[n,t,j] (1 - r[n,t,j]) + h0[k] Σ_n dr[n,0,j]
    #     r[n,0,j] (1 - r[n,0,j])    (3, 3)
    dUr = (
        np.tensordot(dr * r * (1 - r), windows(h, {1: (range(-1, N_t - 1),)}), ((0, 1), (0, 1)))
        + h0 * np.sum(dr[:, 0] * r[:, 0] * (1 - r[:, 0]), axis=0)[:, None]
    )

    # dbr[j] = Σ_n,t dr[n,t,j] r[n,t,j] (1 - r[n,t,j])    (3,)
    dbr = np.sum(dr * r * (1 - r), axis=(0, 1))

    # dh0[j] = Σ_n,k du[n,0,k] Uu[k,j] r[n,0,j] (1 - u[n,0,k]²) + Σ_n,k dr[n,0,k] Ur[k,j] r[n,0,k]
    #     (1 - r[n,0,k]) + Σ_n,k dq[n,0,k] Uq[k,j] q[n,0,k] (1 - q[n,0,k]) + Σ_n dh[n,0,j]
    #     q[n,0,j]    (3,)
    dh0 = (
        np.einsum("ab,ba->a", Uu.T @ (du[:, 0].T * (1 - u[:, 0].T**2)), r[:, 0])
        + Ur.T @ np.sum(dr[:, 0] * r[:, 0] * (1 - r[:, 0]), axis=0)
        + Uq.T @ np.sum(dq[:, 0] * q[:, 0] * (1 - q[:, 0]), axis=0)
        + np.sum(dh[:, 0] * q[:, 0], axis=0)
    )

    return Parameters(dWr, dUr, dbr, dWq, dUq, dbq, dWu, dUu, dbu, dh0)


def cost(params: Parameters, x, y) -> float:
    """The cost of the examples."""
    return _cost_of(params, forward(params, x), y)


def cost_and_gradients(params: Parameters, x, y) -> tuple[float, Parameters]:
    """The cost and its gradients, with one forward pass."""
    cache = forward(params, x)
    return _cost_of(params, cache, y), backward(params, cache, y)


def _cost_of(params: Parameters, cache: Cache, y) -> float:
    """The cost from what the forward pass has computed."""
    h = cache.h
    N = h.shape[0]
    N_t = h.shape[1]
    y = _expect("y", y, N, N_t, 3)

    # C = Σ_n,j,t (h[n,t,j] - y[n,t,j])² / (2 N)
    C = np.sum((h - y)**2) / (2 * N)

    return float(C)


def sigmoid(z):
    """1 / (1 + exp(-z)), with the exponent kept at or below 0 so that exp cannot overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


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
        Wr=_expect("Wr", arrays["Wr"], 3, 2),
        Ur=_expect("Ur", arrays["Ur"], 3, 3),
        br=_expect("br", arrays["br"], 3),
        Wq=_expect("Wq", arrays["Wq"], 3, 2),
        Uq=_expect("Uq", arrays["Uq"], 3, 3),
        bq=_expect("bq", arrays["bq"], 3),
        Wu=_expect("Wu", arrays["Wu"], 3, 2),
        Uu=_expect("Uu", arrays["Uu"], 3, 3),
        bu=_expect("bu", arrays["bu"], 3),
        h0=_expect("h0", arrays["h0"], 3),
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
    x = rng.standard_normal((5, 3, 2))
    y = rng.standard_normal((5, 3, 3))
    return (x, y,)


def check(rng: np.random.Generator) -> dict[str, float]:
    """Every gradient against numeric ones at random arrays: {parameter: largest relative error}.

    Every entry is moved by itself. An error is relative to the array's largest entry.
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
    for name, array, gradient in zip(Parameters._fields, params, gradients):
        if np.shape(gradient) != array.shape:
            errors[name] = np.inf
            continue
        flat = array.flat
        numeric = np.array([_slope(_moving_entry(value, flat, place)) for place in range(array.size)])
        usable = np.isfinite(numeric)
        found, exact = gradient.reshape(-1)[usable], numeric[usable]
        largest = max(np.abs(found).max(), np.abs(exact).max(), floor) if usable.any() else np.nan
        errors[name] = float(np.max(np.abs(found - exact), initial=0) / largest)
    return errors


def _moving_entry(value, array, place):
    """The value as a function of what is added to one entry."""
    start = array[place]

    def at(step):
        array[place] = start + step
        found = value()
        array[place] = start
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

# chainrule fingerprint b77fdb93e7ccb17a
