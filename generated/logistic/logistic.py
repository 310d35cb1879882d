"""Logistic regression with a hidden layer

21 parameters in 4 arrays.
Written by chainrule 0.1.0; changes belong in the description it was made from.
"""

from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np


class Parameters(NamedTuple):
    """One array for each parameter; gradients have the same structure."""

    W1: np.ndarray  # (4, 3)
    b1: np.ndarray  # (4,)
    W2: np.ndarray  # (1, 4)
    b2: np.ndarray  # (1,)


class Cache(NamedTuple):
    """What the forward pass computes and the backward pass reads."""

    x: np.ndarray  # (3, N)
    z1: np.ndarray  # (4, N)
    a1: np.ndarray  # (4, N)
    z2: np.ndarray  # (1, N)
    a2: np.ndarray  # (1, N)


def init(rng: np.random.Generator, dtype=np.float64) -> Parameters:
    """First values: weights of variance 1/fan-in (2/fan-in before relu and its kin), biases 0."""
    return Parameters(
        W1=((1 / 3) ** 0.5 * rng.standard_normal((4, 3))).astype(dtype),
        b1=np.zeros((4,), dtype),
        W2=((1 / 4) ** 0.5 * rng.standard_normal((1, 4))).astype(dtype),
        b2=np.zeros((1,), dtype),
    )


def forward(params: Parameters, x) -> Cache:
    """The value of every equation from the inputs to the output."""
    x = _expect("x", x, 3, "N")
    W1 = _expect("W1", params.W1, 4, 3)
    b1 = _expect("b1", params.b1, 4)
    W2 = _expect("W2", params.W2, 1, 4)
    b2 = _expect("b2", params.b2, 1)

    # z1[j,n] = Σ_i W1[j,i] x[i,n] + b1[j]    (4, N)
    z1 = W1 @ x + b1[:, None]

    # a1[j,n] = 1 / (1 + exp(-z1[j,n]))    (4, N)
    # computed so that nothing overflows:
    a1 = sigmoid(z1)

    # z2[k,n] = Σ_j W2[k,j] a1[j,n] + b2[k]    (1, N)
    z2 = W2 @ a1 + b2[:, None]

    # a2[k,n] = 1 / (1 + exp(-z2[k,n]))    (1, N)
    # computed so that nothing overflows:
    a2 = sigmoid(z2)

    return Cache(x, z1, a1, z2, a2)


def backward(params: Parameters, cache: Cache, y) -> Parameters:
    """The gradient of the cost in every parameter, by the chain rule from the cost back."""
    params = _as_floats(params)
    W2 = params.W2
    x, a1, a2 = cache.x, cache.a1, cache.a2
    N = x.shape[1]
    y = _expect("y", y, 1, N)

    # dz2[k,n] = (a2[k,n] - y[k,n]) / N    (1, N)
    dz2 = (a2 - y) / N

    # dW2[k,j] = Σ_n dz2[k,n] a1[j,n]    (1, 4)
    dW2 = dz2 @ a1.T

    # db2[k] = Σ_n dz2[k,n]    (1,)
    db2 = dz2.sum(axis=1)

    # da1[j,n] = Σ_k dz2[k,n] W2[k,j]    (4, N)
    da1 = W2.T @ dz2

    # dz1[j,n] = da1[j,n] a1[j,n] (1 - a1[j,n])    (4, N)
    dz1 = da1 * a1 * (1 - a1)

    # dW1[j,i] = Σ_n dz1[j,n] x[i,n]    (4, 3)
    dW1 = dz1 @ x.T

    # db1[j] = Σ_n dz1[j,n]    (4,)
    db1 = dz1.sum(axis=1)

    return Parameters(dW1, db1, dW2, db2)


def cost(params: Parameters, x, y) -> float:
    """The cost of the examples."""
    return _cost_of(params, forward(params, x), y)


def cost_and_gradients(params: Parameters, x, y) -> tuple[float, Parameters]:
    """The cost and its gradients, with one forward pass."""
    cache = forward(params, x)
    return _cost_of(params, cache, y), backward(params, cache, y)


def predict(params: Parameters, x) -> np.ndarray:
    """The output of the last layer, (1, N)."""
    return forward(params, x).a2


def _cost_of(params: Parameters, cache: Cache, y) -> float:
    """The cost from what the forward pass has computed."""
    z2 = cache.z2
    N = z2.shape[1]
    y = _expect("y", y, 1, N)

    # C = -Σ_n,k (y[k,n] log(a2[k,n]) + (1 - y[k,n]) log(1 - a2[k,n])) / N
    # computed so that nothing overflows:
    C = -np.sum(-softplus(z2) * (1 - y) - y * softplus(-z2)) / N

    return float(C)


def sigmoid(z):
    """1 / (1 + exp(-z)), with the exponent kept at or below 0 so that exp cannot overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def softplus(z):
    """log(1 + exp(z)), computed as log(exp(0) + exp(z)) with the larger exponent taken out."""
    return np.logaddexp(0, z)


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
        W1=_expect("W1", arrays["W1"], 4, 3),
        b1=_expect("b1", arrays["b1"], 4),
        W2=_expect("W2", arrays["W2"], 1, 4),
        b2=_expect("b2", arrays["b2"], 1),
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
    x = rng.standard_normal((3, 5))
    y = rng.uniform(0.1, 0.9, (1, 5))
    return (x, y,)


def check(rng: np.random.Generator) -> dict[str, float]:
    """Every gradient against numeric ones at random arrays: {parameter: largest relative error}.

    Every entry is moved by itself. An error is relative to the array's largest entry.
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

# chainrule fingerprint 2a46a1b6f3c5abc6
