"""A character model

4,137 parameters in 7 arrays.
Written by chainrule 0.1.0; changes belong in the description it was made from.
"""

from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np

eps = 1e-05


class Parameters(NamedTuple):
    """One array for each parameter; gradients have the same structure."""

    C: np.ndarray  # (27, 10)
    W1: np.ndarray  # (30, 64)
    b1: np.ndarray  # (64,)
    bngain: np.ndarray  # (64,)
    bnbias: np.ndarray  # (64,)
    W2: np.ndarray  # (64, 27)
    b2: np.ndarray  # (27,)


class Cache(NamedTuple):
    """What the forward pass computes and the backward pass reads."""

    X: np.ndarray  # (N, 3)
    emb: np.ndarray  # (N, 3, 10)
    embcat: np.ndarray  # (N, 30)
    hprebn: np.ndarray  # (N, 64)
    bnmeani: np.ndarray  # (64,)
    bndiff: np.ndarray  # (N, 64)
    bndiff2: np.ndarray  # (N, 64)
    bnvar: np.ndarray  # (64,)
    bnvar_inv: np.ndarray  # (64,)
    bnraw: np.ndarray  # (N, 64)
    hpreact: np.ndarray  # (N, 64)
    h: np.ndarray  # (N, 64)
    logits: np.ndarray  # (N, 27)
    logit_maxes: np.ndarray  # (N,)
    norm_logits: np.ndarray  # (N, 27)
    counts: np.ndarray  # (N, 27)
    counts_sum: np.ndarray  # (N,)
    counts_sum_inv: np.ndarray  # (N,)
    probs: np.ndarray  # (N, 27)
    logprobs: np.ndarray  # (N, 27)


def init(rng: np.random.Generator, dtype=np.float64) -> Parameters:
    """First values: weights of variance 1/fan-in (2/fan-in before relu and its kin), gains 1, biases 0."""
    return Parameters(
        C=(rng.standard_normal((27, 10))).astype(dtype),
        W1=((1 / 30) ** 0.5 * rng.standard_normal((30, 64))).astype(dtype),
        b1=np.zeros((64,), dtype),
        bngain=np.ones((64,), dtype),
        bnbias=np.zeros((64,), dtype),
        W2=((1 / 64) ** 0.5 * rng.standard_normal((64, 27))).astype(dtype),
        b2=np.zeros((27,), dtype),
    )


def forward(params: Parameters, X) -> Cache:
    """The value of every equation from the inputs to the output."""
    C = _expect("C", params.C, 27, 10)
    W1 = _expect("W1", params.W1, 30, 64)
    b1 = _expect("b1", params.b1, 64)
    bngain = _expect("bngain", params.bngain, 64)
    bnbias = _expect("bnbias", params.bnbias, 64)
    W2 = _expect("W2", params.W2, 64, 27)
    b2 = _expect("b2", params.b2, 27)
    X = _expect_integers("X", X, 27, "N", 3)
    N = X.shape[0]

    # emb[n,t,d] = C[X[n,t],d]    (N, 3, 10)
    emb = C.take(X, axis=0)

    # embcat[n,i] = Σ_d,t [i = d + 10 t] emb[n,t,d]    (N, 30)
    embcat = emb.reshape(N, 30)

    # hprebn[n,j] = Σ_i embcat[n,i] W1[i,j] + b1[j]    (N, 64)
    hprebn = embcat @ W1 + b1

    # bnmeani[j] = Σ_n hprebn[n,j] / N    (64,)
    bnmeani = hprebn.sum(axis=0) / N

    # bndiff[n,j] = hprebn[n,j] - bnmeani[j]    (N, 64)
    bndiff = hprebn - bnmeani

    # bndiff2[n,j] = bndiff[n,j]²    (N, 64)
    bndiff2 = bndiff**2

    # bnvar[j] = Σ_n bndiff2[n,j] / (N - 1)    (64,)
    bnvar = bndiff2.sum(axis=0) / (N - 1)

    # bnvar_inv[j] = 1 / √(bnvar[j] + eps)    (64,)
    bnvar_inv = 1 / np.sqrt(bnvar + eps)

    # bnraw[n,j] = bndiff[n,j] bnvar_inv[j]    (N, 64)
    bnraw = bndiff * bnvar_inv

    # hpreact[n,j] = bngain[j] bnraw[n,j] + bnbias[j]    (N, 64)
    hpreact = bngain * bnraw + bnbias

    # h[n,j] = tanh(hpreact[n,j])    (N, 64)
    h = np.tanh(hpreact)

    # logits[n,v] = Σ_j h[n,j] W2[j,v] + b2[v]    (N, 27)
    logits = h @ W2 + b2

    # logit_maxes[n] = max_v logits[n,v]    (N,)
    logit_maxes = logits.max(axis=1)

    # norm_logits[n,v] = logits[n,v] - logit_maxes[n]    (N, 27)
    norm_logits = logits - logit_maxes[:, None]

    # counts[n,v] = exp(norm_logits[n,v])    (N, 27)
    counts = np.exp(norm_logits)

    # counts_sum[n] = Σ_v counts[n,v]    (N,)
    counts_sum = counts.sum(axis=1)

    # counts_sum_inv[n] = 1 / counts_sum[n]    (N,)
    counts_sum_inv = 1 / counts_sum

    # probs[n,v] = counts[n,v] counts_sum_inv[n]    (N, 27)
    probs = counts * counts_sum_inv[:, None]

    # logprobs[n,v] = log(probs[n,v])    (N, 27)
    # computed so that nothing overflows:
    logprobs = norm_logits - log_sum_exp(norm_logits, axis=1)[:, None]

    return Cache(X, emb, embcat, hprebn, bnmeani, bndiff, bndiff2, bnvar, bnvar_inv, bnraw,
                 hpreact, h, logits, logit_maxes, norm_logits, counts, counts_sum,
                 counts_sum_inv, probs, logprobs)


def backward(params: Parameters, cache: Cache, Y) -> Parameters:
    """The gradient of the cost in every parameter, by the chain rule from the cost back.

    Where several entries are the largest, the derivative of their maximum goes to the first of
    them alone.
    """
    params = _as_floats(params)
    W1, bngain, W2 = params.W1, params.bngain, params.W2
    X, embcat, bndiff, bnvar, bnvar_inv, bnraw = (
        cache.X,
        cache.embcat,
        cache.bndiff,
        cache.bnvar,
        cache.bnvar_inv,
        cache.bnraw,
    )
    h, logits, counts, counts_sum = cache.h, cache.logits, cache.counts, cache.counts_sum
    N = X.shape[0]
    Y = _expect_integers("Y", Y, 27, N)

    # dlogprobs[n,v] = -[v = Y[n]] / N    (N, 27)
    dlogprobs = -((Y[:, None] == np.arange(27)).astype(params[0].dtype) / N)

    # dprobs_scaled[n,v] = dprobs[n,v] probs[n,v] = dlogprobs[n,v]    (N, 27)
    dprobs_scaled = dlogprobs

    # dcounts_sum_inv_scaled[n] = dcounts_sum_inv[n] counts_sum_inv[n] = Σ_v dprobs_scaled[n,v]
    #     (N,)
    dcounts_sum_inv_scaled = dprobs_scaled.sum(axis=1)

    # dcounts_sum[n] = -dcounts_sum_inv_scaled[n] / counts_sum[n]    (N,)
    dcounts_sum = -dcounts_sum_inv_scaled / counts_sum

    # dcounts_scaled[n,v] = dcounts[n,v] counts[n,v] = dprobs_scaled[n,v] + dcounts_sum[n]
    #     counts[n,v]    (N, 27)
    dcounts_scaled = dprobs_scaled + dcounts_sum[:, None] * counts

    # dnorm_logits[n,v] = dcounts_scaled[n,v]    (N, 27)
    dnorm_logits = dcounts_scaled

    # dlogit_maxes[n] = -Σ_v dnorm_logits[n,v]    (N,)
    dlogit_maxes = -dnorm_logits.sum(axis=1)

    # dlogits[n,v] = dnorm_logits[n,v] + dlogit_maxes[n] [v = argmax_v′ logits[n,v′]]    (N, 27)
    dlogits = (
        dnorm_logits + dlogit_maxes[:, None] * (logits.argmax(axis=1)[:, None] == np.arange(27))
    )

    # dW2[j,v] = Σ_n dlogits[n,v] h[n,j]    (64, 27)
    dW2 = h.T @ dlogits

    # db2[v] = Σ_n dlogits[n,v]    (27,)
    db2 = dlogits.sum(axis=0)

    # dh[n,j] = Σ_v dlogits[n,v] W2[j,v]    (N, 64)
    dh = dlogits @ W2.T

    # dhpreact[n,j] = dh[n,j] (1 - h[n,j]²)    (N, 64)
    dhpreact = dh * (1 - h**2)

    # dbngain[j] = Σ_n dhpreact[n,j] bnraw[n,j]    (64,)
    dbngain = np.sum(dhpreact * bnraw, axis=0)

    # dbnbias[j] = Σ_n dhpreact[n,j]    (64,)
    dbnbias = dhpreact.sum(axis=0)

    # dbnraw[n,j] = dhpreact[n,j] bngain[j]    (N, 64)
    dbnraw = dhpreact * bngain

    # dbnvar_inv[j] = Σ_n dbnraw[n,j] bndiff[n,j]    (64,)
    dbnvar_inv = np.sum(dbnraw * bndiff, axis=0)

    # dbnvar[j] = -dbnvar_inv[j] / (2 (bnvar[j] + eps)^(3 / 2))    (64,)
    dbnvar = -dbnvar_inv / (2 * (bnvar + eps)**(3 / 2))

    # dbndiff2[n,j] = dbnvar[j] / (N - 1)    (N, 64)
    dbndiff2 = np.full((N, 64), dbnvar / (N - 1), params[0].dtype)

    # dbndiff[n,j] = 2 dbndiff2[n,j] bndiff[n,j] + dbnraw[n,j] bnvar_inv[j]    (N, 64)
    dbndiff = 2 * dbndiff2 * bndiff + dbnraw * bnvar_inv

    # dbnmeani[j] = -Σ_n dbndiff[n,j]    (64,)
    dbnmeani = -dbndiff.sum(axis=0)

    # dhprebn[n,j] = dbndiff[n,j] + dbnmeani[j] / N    (N, 64)
    dhprebn = dbndiff + dbnmeani / N

    # dW1[i,j] = Σ_n dhprebn[n,j] embcat[n,i]    (30, 64)
    dW1 = embcat.T @ dhprebn

    # db1[j] = Σ_n dhprebn[n,j]    (64,)
    db1 = dhprebn.sum(axis=0)

    # dembcat[n,i] = Σ_j dhprebn[n,j] W1[i,j]    (N, 30)
    dembcat = dhprebn @ W1.T

    # demb[n,t,d] = dembcat[n,d + 10 t]    (N, 3, 10)
    demb = dembcat.reshape(N, 3, 10)

    # dC[v,d] = Σ_n,t demb[n,t,d] [v = X[n,t]]    (27, 10)
    dC = scatter((27, 10), demb, X[:, :, None], np.arange(10))

    return Parameters(dC, dW1, db1, dbngain, dbnbias, dW2, db2)


def cost(params: Parameters, X, Y) -> float:
    """The cost of the examples."""
    return _cost_of(params, forward(params, X), Y)


def cost_and_gradients(params: Parameters, X, Y) -> tuple[float, Parameters]:
    """The cost and its gradients, with one forward pass."""
    cache = forward(params, X)
    return _cost_of(params, cache, Y), backward(params, cache, Y)


def _cost_of(params: Parameters, cache: Cache, Y) -> float:
    """The cost from what the forward pass has computed."""
    logprobs = cache.logprobs
    N = logprobs.shape[0]
    Y = _expect_integers("Y", Y, 27, N)

    # loss = -Σ_n logprobs[n,Y[n]] / N
    loss = -np.sum(logprobs[np.arange(N), Y]) / N

    return float(loss)


def log_sum_exp(z, axis):
    """log Σ exp(z), with the largest z taken out so that exp cannot overflow."""
    largest = np.max(z, axis=axis, keepdims=True)
    return np.squeeze(largest, axis=axis) + np.log(np.sum(np.exp(z - largest), axis=axis))


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
        C=_expect("C", arrays["C"], 27, 10),
        W1=_expect("W1", arrays["W1"], 30, 64),
        b1=_expect("b1", arrays["b1"], 64),
        bngain=_expect("bngain", arrays["bngain"], 64),
        bnbias=_expect("bnbias", arrays["bnbias"], 64),
        W2=_expect("W2", arrays["W2"], 64, 27),
        b2=_expect("b2", arrays["b2"], 27),
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
    """Random X, Y of the right shapes and kinds, a few examples."""
    X = rng.integers(0, 27, (5, 3))
    Y = rng.integers(0, 27, (5,))
    return (X, Y,)


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
    waiting = [list(group) for group in np.array_split(np.arange(len(params)), 7)]
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

# chainrule fingerprint fabbacce7b4f1f62
