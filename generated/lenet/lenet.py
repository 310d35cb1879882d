"""LeNet: two convolutions, two poolings, three dense layers

44,426 parameters in 10 arrays.
Written by chainrule 0.1.0; changes belong in the description it was made from.
"""

from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np


class Parameters(NamedTuple):
    """One array for each parameter; gradients have the same structure."""

    W1: np.ndarray  # (6, 1, 5, 5)
    b1: np.ndarray  # (6,)
    W3: np.ndarray  # (16, 6, 5, 5)
    b3: np.ndarray  # (16,)
    W6: np.ndarray  # (120, 256)
    b6: np.ndarray  # (120,)
    W7: np.ndarray  # (84, 120)
    b7: np.ndarray  # (84,)
    W8: np.ndarray  # (10, 84)
    b8: np.ndarray  # (10,)


class Cache(NamedTuple):
    """What the forward pass computes and the backward pass reads."""

    x: np.ndarray  # (N, 1, 28, 28)
    z1: np.ndarray  # (N, 6, 24, 24)
    a1: np.ndarray  # (N, 6, 24, 24)
    a2: np.ndarray  # (N, 6, 12, 12)
    z3: np.ndarray  # (N, 16, 8, 8)
    a3: np.ndarray  # (N, 16, 8, 8)
    a4: np.ndarray  # (N, 16, 4, 4)
    a5: np.ndarray  # (N, 256)
    z6: np.ndarray  # (N, 120)
    a6: np.ndarray  # (N, 120)
    z7: np.ndarray  # (N, 84)
    a7: np.ndarray  # (N, 84)
    z8: np.ndarray  # (N, 10)
    a8: np.ndarray  # (N, 10)


def init(rng: np.random.Generator, dtype=np.float64) -> Parameters:
    """First values: weights of variance 1/fan-in (2/fan-in before relu and its kin), biases 0."""
    return Parameters(
        W1=((1 / 25) ** 0.5 * rng.standard_normal((6, 1, 5, 5))).astype(dtype),
        b1=np.zeros((6,), dtype),
        W3=((1 / 150) ** 0.5 * rng.standard_normal((16, 6, 5, 5))).astype(dtype),
        b3=np.zeros((16,), dtype),
        W6=((1 / 256) ** 0.5 * rng.standard_normal((120, 256))).astype(dtype),
        b6=np.zeros((120,), dtype),
        W7=((1 / 120) ** 0.5 * rng.standard_normal((84, 120))).astype(dtype),
        b7=np.zeros((84,), dtype),
        W8=((1 / 84) ** 0.5 * rng.standard_normal((10, 84))).astype(dtype),
        b8=np.zeros((10,), dtype),
    )


def forward(params: Parameters, x) -> Cache:
    """The value of every equation from the inputs to the output."""
    x = _expect("x", x, "N", 1, 28, 28)
    N = x.shape[0]
    W1 = _expect("W1", params.W1, 6, 1, 5, 5)
    b1 = _expect("b1", params.b1, 6)
    W3 = _expect("W3", params.W3, 16, 6, 5, 5)
    b3 = _expect("b3", params.b3, 16)
    W6 = _expect("W6", params.W6, 120, 256)
    b6 = _expect("b6", params.b6, 120)
    W7 = _expect("W7", params.W7, 84, 120)
    b7 = _expect("b7", params.b7, 84)
    W8 = _expect("W8", params.W8, 10, 84)
    b8 = _expect("b8", params.b8, 10)

    # z1[n,d,i,j] = Σ_c,p,q W1[d,c,p,q] x[n,c,i + p,j + q] + b1[d]    (N, 6, 24, 24)
    z1 = (
        np.tensordot(
            W1,
            windows(x, {2: (range(24), range(5)), 3: (range(24), range(5))}),
            ((1, 2, 3), (1, 3, 5)),
        ).transpose(1, 0, 2, 3)
        + b1[:, None, None]
    )

    # a1[n,d,i,j] = tanh(z1[n,d,i,j])    (N, 6, 24, 24)
    a1 = np.tanh(z1)

    # a2[n,d,i2,j2] = Σ_p2,q2 a1[n,d,p2 + 2 i2,q2 + 2 j2] / 4    (N, 6, 12, 12)
    a2 = np.sum(a1.reshape(N, 6, 12, 2, 12, 2), axis=(3, 5)) / (2 * 2)

    # z3[n,d3,i3,j3] = Σ_d,p,q W3[d3,d,p,q] a2[n,d,i3 + p,j3 + q] + b3[d3]    (N, 16, 8, 8)
    z3 = (
        np.tensordot(
            W3,
            windows(a2, {2: (range(8), range(5)), 3: (range(8), range(5))}),
            ((1, 2, 3), (1, 3, 5)),
        ).transpose(1, 0, 2, 3)
        + b3[:, None, None]
    )

    # a3[n,d3,i3,j3] = tanh(z3[n,d3,i3,j3])    (N, 16, 8, 8)
    a3 = np.tanh(z3)

    # a4[n,d3,i4,j4] = Σ_p2,q2 a3[n,d3,p2 + 2 i4,q2 + 2 j4] / 4    (N, 16, 4, 4)
    a4 = np.sum(a3.reshape(N, 16, 4, 2, 4, 2), axis=(3, 5)) / (2 * 2)

    # a5[n,k] = Σ_d3,i4,j4 [k = j4 + 4 i4 + 16 d3] a4[n,d3,i4,j4]    (N, 256)
    a5 = a4.reshape(N, 256)

    # z6[n,m] = Σ_k W6[m,k] a5[n,k] + b6[m]    (N, 120)
    z6 = a5 @ W6.T + b6

    # a6[n,m] = tanh(z6[n,m])    (N, 120)
    a6 = np.tanh(z6)

    # z7[n,r] = Σ_m W7[r,m] a6[n,m] + b7[r]    (N, 84)
    z7 = a6 @ W7.T + b7

    # a7[n,r] = tanh(z7[n,r])    (N, 84)
    a7 = np.tanh(z7)

    # z8[n,s] = Σ_r W8[s,r] a7[n,r] + b8[s]    (N, 10)
    z8 = a7 @ W8.T + b8

    # a8[n,s] = exp(z8[n,s]) / (Σ_s′ exp(z8[n,s′]))    (N, 10)
    # computed so that nothing overflows:
    a8 = softmax(z8, axis=1)

    return Cache(x, z1, a1, a2, z3, a3, a4, a5, z6, a6, z7, a7, z8, a8)


def backward(params: Parameters, cache: Cache, y) -> Parameters:
    """The gradient of the cost in every parameter, by the chain rule from the cost back."""
    params = _as_floats(params)
    W3, W6, W7, W8 = params.W3, params.W6, params.W7, params.W8
    x, a1, a2, a3, a5, a6 = cache.x, cache.a1, cache.a2, cache.a3, cache.a5, cache.a6
    a7, a8 = cache.a7, cache.a8
    N = x.shape[0]
    y = _expect_integers("y", y, 10, N)

    # dz8[n,s] = (a8[n,s] - [s = y[n]]) / N    (N, 10)
    dz8 = (a8 - (y[:, None] == np.arange(10))) / N

    # dW8[s,r] = Σ_n dz8[n,s] a7[n,r]    (10, 84)
    dW8 = dz8.T @ a7

    # db8[s] = Σ_n dz8[n,s]    (10,)
    db8 = dz8.sum(axis=0)

    # da7[n,r] = Σ_s dz8[n,s] W8[s,r]    (N, 84)
    da7 = dz8 @ W8

    # dz7[n,r] = da7[n,r] (1 - a7[n,r]²)    (N, 84)
    dz7 = da7 * (1 - a7**2)

    # dW7[r,m] = Σ_n dz7[n,r] a6[n,m]    (84, 120)
    dW7 = dz7.T @ a6

    # db7[r] = Σ_n dz7[n,r]    (84,)
    db7 = dz7.sum(axis=0)

    # da6[n,m] = Σ_r dz7[n,r] W7[r,m]    (N, 120)
    da6 = dz7 @ W7

    # dz6[n,m] = da6[n,m] (1 - a6[n,m]²)    (N, 120)
    dz6 = da6 * (1 - a6**2)

    # dW6[m,k] = Σ_n dz6[n,m] a5[n,k]    (120, 256)
    dW6 = dz6.T @ a5

    # db6[m] = Σ_n dz6[n,m]    (120,)
    db6 = dz6.sum(axis=0)

    # da5[n,k] = Σ_m dz6[n,m] W6[m,k]    (N, 256)
    da5 = dz6 @ W6

    # da4[n,d3,i4,j4] = da5[n,j4 + 4 i4 + 16 d3]    (N, 16, 4, 4)
    da4 = da5.reshape(N, 16, 4, 4)

    # da3[n,d3,i3,j3] = Σ_i4,j4,p2,q2 da4[n,d3,i4,j4] [i3 = p2 + 2 i4] [j3 = q2 + 2 j4] / 4
    #     (N, 16, 8, 8)
    da3 = (
        placed(
            (N, 16, 8, 8),
            da4[:, :, None, :, None, :],
            {2: (range(2), range(0, 8, 2)), 3: (range(2), range(0, 8, 2))},
        )
        / (2 * 2)
    )

    # dz3[n,d3,i3,j3] = da3[n,d3,i3,j3] (1 - a3[n,d3,i3,j3]²)    (N, 16, 8, 8)
    dz3 = da3 * (1 - a3**2)

    # dW3[d3,d,p,q] = Σ_n,i3,j3 dz3[n,d3,i3,j3] a2[n,d,i3 + p,j3 + q]    (16, 6, 5, 5)
    dW3 = np.tensordot(
        windows(a2, {2: (range(8), range(5)), 3: (range(8), range(5))}),
        dz3,
        ((0, 2, 4), (0, 2, 3)),
    ).transpose(3, 0, 1, 2)

    # db3[d3] = Σ_n,i3,j3 dz3[n,d3,i3,j3]    (16,)
    db3 = dz3.sum(axis=(0, 2, 3))

    # da2[n,d,i2,j2] = Σ_d3,i3,j3 dz3[n,d3,i3,j3] W3[d3,d,i2 - i3,j2 - j3]    (N, 6, 12, 12)
    da2 = placed(
        (N, 6, 12, 12),
        np.tensordot(W3, dz3, (0, 1)).transpose(3, 0, 1, 4, 2, 5),
        {2: (range(5), range(8)), 3: (range(5), range(8))},
    )

    # da1[n,d,i,j] = Σ_i2,j2,p2,q2 da2[n,d,i2,j2] [i = p2 + 2 i2] [j = q2 + 2 j2] / 4
    #     (N, 6, 24, 24)
    da1 = (
        placed(
            (N, 6, 24, 24),
            da2[:, :, None, :, None, :],
            {2: (range(2), range(0, 24, 2)), 3: (range(2), range(0, 24, 2))},
        )
        / (2 * 2)
    )

    # dz1[n,d,i,j] = da1[n,d,i,j] (1 - a1[n,d,i,j]²)    (N, 6, 24, 24)
    dz1 = da1 * (1 - a1**2)

    # dW1[d,c,p,q] = Σ_n,i,j dz1[n,d,i,j] x[n,c,i + p,j + q]    (6, 1, 5, 5)
    dW1 = np.tensordot(
        windows(x, {2: (range(24), range(5)), 3: (range(24), range(5))}),
        dz1,
        ((0, 2, 4), (0, 2, 3)),
    ).transpose(3, 0, 1, 2)

    # db1[d] = Σ_n,i,j dz1[n,d,i,j]    (6,)
    db1 = dz1.sum(axis=(0, 2, 3))

    return Parameters(dW1, db1, dW3, db3, dW6, db6, dW7, db7, dW8, db8)


def cost(params: Parameters, x, y) -> float:
    """The cost of the examples."""
    return _cost_of(params, forward(params, x), y)


def cost_and_gradients(params: Parameters, x, y) -> tuple[float, Parameters]:
    """The cost and its gradients, with one forward pass."""
    cache = forward(params, x)
    return _cost_of(params, cache, y), backward(params, cache, y)


def predict(params: Parameters, x) -> np.ndarray:
    """The output of the last layer, (N, 10)."""
    return forward(params, x).a8


def _cost_of(params: Parameters, cache: Cache, y) -> float:
    """The cost from what the forward pass has computed."""
    z8 = cache.z8
    N = z8.shape[0]
    y = _expect_integers("y", y, 10, N)

    # C = -Σ_n log(a8[n,y[n]]) / N
    # computed so that nothing overflows:
    C = -np.sum(z8[np.arange(N), y] - log_sum_exp(z8, axis=1)) / N

    return float(C)


def softmax(z, axis):
    """exp(z) / Σ exp(z), with the largest z subtracted first so that exp cannot overflow."""
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_sum_exp(z, axis):
    """log Σ exp(z), with the largest z taken out so that exp cannot overflow."""
    largest = np.max(z, axis=axis, keepdims=True)
    return np.squeeze(largest, axis=axis) + np.log(np.sum(np.exp(z - largest), axis=axis))


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


def placed(shape, values, places):
    """Zeros to which values are added: along each axis of `places`, at the sums of some ranges.

    The values have a dimension for each range. What falls out of range is dropped.
    """
    ranges = [places.get(axis, (range(size),)) for axis, size in enumerate(shape)]
    forwards = tuple(slice(None, None, 1 if part.step > 0 else -1) for parts in ranges for part in parts)
    values = np.broadcast_to(values, [len(part) for parts in ranges for part in parts])[forwards]
    ranges = [[part if part.step > 0 else part[::-1] for part in parts] for parts in ranges]
    result = np.zeros(shape, values.dtype)
    # The last range of an axis is written by one slice, the others place by place.
    for position in np.ndindex(*(len(part) for parts in ranges for part in parts[:-1])):
        chosen, into, out_of = iter(position), [], []
        for size, (*others, last) in zip(shape, ranges):
            own = [next(chosen) for _ in others]
            first = last.start + sum(part[place] for part, place in zip(others, own))
            start = max(0, -(first // last.step))
            stop = max(start, min(len(last), -((first - size) // last.step)))
            into.append(slice(first + start * last.step, first + stop * last.step, last.step))
            out_of += [*own, slice(start, stop)]
        result[tuple(into)] += values[tuple(out_of)]
    return result


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
        W1=_expect("W1", arrays["W1"], 6, 1, 5, 5),
        b1=_expect("b1", arrays["b1"], 6),
        W3=_expect("W3", arrays["W3"], 16, 6, 5, 5),
        b3=_expect("b3", arrays["b3"], 16),
        W6=_expect("W6", arrays["W6"], 120, 256),
        b6=_expect("b6", arrays["b6"], 120),
        W7=_expect("W7", arrays["W7"], 84, 120),
        b7=_expect("b7", arrays["b7"], 84),
        W8=_expect("W8", arrays["W8"], 10, 84),
        b8=_expect("b8", arrays["b8"], 10),
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
    x = rng.standard_normal((5, 1, 28, 28))
    y = rng.integers(0, 10, (5,))
    return (x, y,)


def check(rng: np.random.Generator) -> dict[str, float]:
    """Every gradient against numeric ones at random arrays: {parameter: largest relative error}.

    Each parameter is moved along a random direction v, which moves all of its entries at once.
    An error is relative to the root of the sum of (gradient · v)², the usual size of their product.
    """
    # Weights near those of `init`, whatever their size, and numbers in place of 0 and of 1.
    params = Parameters(
        *(np.array(array + 0.1 * (array.std() or 1) * rng.standard_normal(array.shape)) for array in init(rng))
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
    waiting = [list(group) for group in np.array_split(np.arange(len(params)), 10)]
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

# chainrule fingerprint 3d51426feeacf911
