"""The log-density of a Gaussian

6 parameters in 2 arrays.
Written by chainrule 0.1.0; changes belong in the description it was made from.
"""

from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np


class Parameters(NamedTuple):
    """One array for each parameter; gradients have the same structure."""

    B: np.ndarray  # (2, 2)
    m: np.ndarray  # (2,)


class Cache(NamedTuple):
    """What the forward pass computes and the backward pass reads."""

    x: np.ndarray  # (N, 2)
    S: np.ndarray  # (2, 2)
    L: np.ndarray  # (2, 2)
    r: np.ndarray  # (N, 2)


def init(rng: np.random.Generator, dtype=np.float64) -> Parameters:
    """First values: weights of variance 1/fan-in (2/fan-in before relu and its kin), biases 0."""
    return Parameters(
        B=(rng.standard_normal((2, 2))).astype(dtype),
        m=np.zeros((2,), dtype),
    )


def forward(params: Parameters, x) -> Cache:
    """The value of every equation from the inputs to the output."""
    params = _as_floats(params)
    x = _expect("x", x, "N", 2)
    B = _expect("B", params.B, 2, 2)
    m = _expect("m", params.m, 2)

    # S[i,i′] = Σ_i′′ B[i,i′′] B[i′,i′′] + δ(i,i′) / 2    (2, 2)
    S = B @ B.T + (np.arange(2)[:, None] == np.arange(2)).astype(params[0].dtype) / 2

    # L[i,i′] = cholesky(S[i,i′])    (2, 2)
    L = cholesky("L", S)

    # r[n,i] = solve_i′(L[i,i′], x[n,i] - m[i])    (N, 2)
    r = solve("r", L, x - m, 1)

    return Cache(x, S, L, r)


def backward(params: Parameters, cache: Cache) -> Parameters:
    """The gradient of the cost in every parameter, by the chain rule from the cost back.

    Where two cases of a formula meet, the derivative is that of the case that holds there. A
    quantity that stands on both sides of its equation is what solves it. Its derivative is that
    with respect to what is added to the right side, so that the path through the quantity
    itself counts too (implicit function theorem).
    """
    params = _as_floats(params)
    B = params.B
    L, r = cache.L, cache.r
    N = r.shape[0]

    # dr[n,i] = solve_i′(L[i′,i], r[n,i] / N)    (N, 2)
    dr = solve("dr", L.T, r / N, 1)

    # dm[i] = -Σ_n dr[n,i]    (2,)
    dm = -dr.sum(axis=0)

    # dL[i,i′] = solve_i′′,i′′′(δ(i,i′′′) L[i′′,i′] [i <= i′′] + δ(i,i′′) L[i′′′,i′] [i >= i′′′] +
    #     δ(i,i′′) δ(i′,i′′′) - δ(i,i′′) δ(i′,i′′′) [i >= i′], δ(i,i′) / L[i,i] - Σ_n dr[n,i]
    #     r[n,i′])    (2, 2)
    dL = solve(
        "dL",
        np.where(
            (np.arange(2)[:, None] <= np.arange(2))[:, None, :, None],
            (np.arange(2)[:, None] == np.arange(2))[:, None, None, :] * L.T[:, :, None],
            0,
        )
        + np.where(
            (np.arange(2)[:, None] >= np.arange(2))[:, None, None, :],
            (np.arange(2)[:, None] == np.arange(2))[:, None, :, None] * L.T[:, None, :],
            0,
        )
        + (np.arange(2)[:, None] == np.arange(2)).astype(params[0].dtype)[:, None, :, None]
        * (np.arange(2)[:, None] == np.arange(2)).astype(params[0].dtype)[:, None, :]
        - (np.arange(2)[:, None] == np.arange(2)).astype(params[0].dtype)[:, None, :, None]
        * (np.arange(2)[:, None] == np.arange(2)).astype(params[0].dtype)[:, None, :]
        * np.where(
            np.arange(2)[:, None] >= np.arange(2),
            1,
            0,
        ).astype(params[0].dtype)[:, :, None, None],
        (np.arange(2)[:, None] == np.arange(2)) / L.diagonal()[:, None] - (dr.T @ r),
        2,
    )

    # dS[i,i′] = dL[i,i′] [i >= i′]    (2, 2)
    dS = np.where(np.arange(2)[:, None] >= np.arange(2), dL, 0)

    # dB[i,i′] = Σ_i′′ B[i′′,i′] (dS[i,i′′] + dS[i′′,i])    (2, 2)
    dB = (dS + dS.T) @ B

    return Parameters(dB, dm)


def cost(params: Parameters, x) -> float:
    """The cost of the examples."""
    return _cost_of(params, forward(params, x))


def cost_and_gradients(params: Parameters, x) -> tuple[float, Parameters]:
    """The cost and its gradients, with one forward pass."""
    cache = forward(params, x)
    return _cost_of(params, cache), backward(params, cache)


def _cost_of(params: Parameters, cache: Cache) -> float:
    """The cost from what the forward pass has computed."""
    L, r = cache.L, cache.r
    N = r.shape[0]

    # C = Σ_n,i r[n,i]² / (2 N) + Σ_i log(L[i,i]) + log(2 π)
    C = np.sum(r**2) / (2 * N) + np.sum(np.log(L.diagonal())) + 1.8378770664093456

    return float(C)


def solve(name, matrix, right, axes):
    """The x with Σ matrix[…, rows, columns] x[…, columns] = right[…, rows]; rows and columns are `axes` dimensions each.

    Raises:
        numpy.linalg.LinAlgError: where the matrix is singular; it names x.
    """
    size = int(np.prod(right.shape[right.ndim - axes :]))
    matrix = matrix.reshape(*matrix.shape[: matrix.ndim - 2 * axes], size, size)
    try:
        if matrix.ndim == 2:
            found = np.linalg.solve(matrix, right.reshape(-1, size).T).T
        else:
            found = np.linalg.solve(matrix, right.reshape(*matrix.shape[:-2], size, 1))
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(f"{name}: the matrix of the equation that it solves is singular") from None
    return found.reshape(right.shape)


def cholesky(name, matrix):
    """The lower triangular L with L Lᵀ = matrix, of the last two dimensions.

    Raises:
        numpy.linalg.LinAlgError: where the matrix is not positive definite; it names L.
    """
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(f"{name}: the matrix that it is the factor of is not positive definite") from None


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
        B=_expect("B", arrays["B"], 2, 2),
        m=_expect("m", arrays["m"], 2),
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
    """Random x of the right shapes and kinds, a few examples."""
    x = rng.standard_normal((5, 2))
    return (x,)


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

# chainrule fingerprint a048271b314dd6f9
