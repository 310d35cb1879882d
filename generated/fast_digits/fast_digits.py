"""Handwritten digits, 8×8, in fast style

2,410 parameters in 4 arrays.
Written by chainrule 0.1.0; changes belong in the description it was made from.
"""

import functools
import math
import operator
import threading
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np


class Parameters(NamedTuple):
    """One array for each parameter; gradients have the same structure."""

    W1: np.ndarray  # (32, 64)
    b1: np.ndarray  # (32,)
    W2: np.ndarray  # (10, 32)
    b2: np.ndarray  # (10,)


class Cache(NamedTuple):
    """What the forward pass computes and the backward pass reads."""

    x: np.ndarray  # (N, 64)
    z1: np.ndarray  # (N, 32)
    a1: np.ndarray  # (N, 32)
    z2: np.ndarray  # (N, 10)
    a2: np.ndarray  # (N, 10)


def init(rng: np.random.Generator, dtype=np.float64) -> Parameters:
    """First values: weights of variance 1/fan-in (2/fan-in before relu and its kin), biases 0."""
    params = Parameters(
        W1=((1 / 32) ** 0.5 * rng.standard_normal((32, 64))).astype(dtype),
        b1=np.zeros((32,), dtype),
        W2=((1 / 32) ** 0.5 * rng.standard_normal((10, 32))).astype(dtype),
        b2=np.zeros((10,), dtype),
    )
    return packed(params)


def forward(params: Parameters, x) -> Cache:
    """The value of every equation from the inputs to the output."""
    x = _expect("x", x, "N", 64)
    W1 = _expect("W1", params.W1, 32, 64)
    b1 = _expect("b1", params.b1, 32)
    W2 = _expect("W2", params.W2, 10, 32)
    b2 = _expect("b2", params.b2, 10)

    # z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]    (N, 32)
    z1 = x @ W1.T + b1

    # a1[n,j] = z1[n,j] if z1[n,j] > 0 else 0    (N, 32)
    a1 = np.maximum(z1, 0)

    # z2[n,k] = Σ_j W2[k,j] a1[n,j] + b2[k]    (N, 10)
    z2 = a1 @ W2.T + b2

    # a2[n,k] = exp(z2[n,k]) / (Σ_k′ exp(z2[n,k′]))    (N, 10)
    # computed so that nothing overflows:
    a2 = softmax(z2, axis=1)

    return Cache(x, z1, a1, z2, a2)


def backward(params: Parameters, cache: Cache, y) -> Parameters:
    """The gradient of the cost in every parameter, by the chain rule from the cost back.

    Where two cases of a formula meet, the derivative is that of the case that holds there:
    ReLU, which is z for z > 0 and otherwise 0, has slope 0 at 0.
    """
    params = _as_floats(params)
    W2 = params.W2
    x, z1, a1, a2 = cache.x, cache.z1, cache.a1, cache.a2
    N = x.shape[0]
    y = _expect_integers("y", y, 10, N)

    # dz2[n,k] = (a2[n,k] - [k = y[n]]) / N    (N, 10)
    dz2 = (a2 - (y[:, None] == np.arange(10))) / N

    # dW2[k,j] = Σ_n dz2[n,k] a1[n,j]    (10, 32)
    dW2 = dz2.T @ a1

    # db2[k] = Σ_n dz2[n,k]    (10,)
    db2 = dz2.sum(axis=0)

    # da1[n,j] = Σ_k dz2[n,k] W2[k,j]    (N, 32)
    da1 = dz2 @ W2

    # dz1[n,j] = da1[n,j] (1 if z1[n,j] > 0 else 0)    (N, 32)
    dz1 = np.where(z1 > 0, da1, 0)

    # dW1[j,i] = Σ_n dz1[n,j] x[n,i]    (32, 64)
    dW1 = dz1.T @ x

    # db1[j] = Σ_n dz1[n,j]    (32,)
    db1 = dz1.sum(axis=0)

    return Parameters(dW1, db1, dW2, db2)


def cost(params: Parameters, x, y) -> float:
    """The cost of the examples."""
    return _cost_of(params, forward(params, x), y)


def cost_and_gradients(params: Parameters, x, y) -> tuple[float, Parameters]:
    """The cost and its gradients, with one forward pass."""
    workspace = _workspace(params, x, y)
    if workspace is not None:
        return workspace.result(params, x, y)
    cache = forward(params, x)
    return _cost_of(params, cache, y), backward(params, cache, y)


def predict(params: Parameters, x) -> np.ndarray:
    """The output of the last layer, (N, 10)."""
    return forward(params, x).a2


def _cost_of(params: Parameters, cache: Cache, y) -> float:
    """The cost from what the forward pass has computed."""
    z2 = cache.z2
    N = z2.shape[0]
    y = _expect_integers("y", y, 10, N)

    # C = -Σ_n log(a2[n,y[n]]) / N
    # computed so that nothing overflows:
    C = -np.sum(z2[np.arange(N), y] - log_sum_exp(z2, axis=1)) / N

    return float(C)


def softmax(z, axis):
    """exp(z) / Σ exp(z), with the largest z subtracted first so that exp cannot overflow."""
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_sum_exp(z, axis):
    """log Σ exp(z), with the largest z taken out so that exp cannot overflow."""
    largest = np.max(z, axis=axis, keepdims=True)
    return np.squeeze(largest, axis=axis) + np.log(np.sum(np.exp(z - largest), axis=axis))


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
    params = Parameters(
        W1=_expect("W1", arrays["W1"], 32, 64),
        b1=_expect("b1", arrays["b1"], 32),
        W2=_expect("W2", arrays["W2"], 10, 32),
        b2=_expect("b2", arrays["b2"], 10),
    )
    return packed(params)


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


class Workspace:
    """Arrays for all passes, made once: its calls make no others.

    What a call returns belongs to the workspace, and its next call writes over it. Parameters from
    `init` or `packed` are read where they are; others are copied at each call.
    """

    def __init__(self, batch: int, dtype=np.float64):
        self.dtype = np.result_type(dtype)
        if self.dtype.char not in "fd":
            raise ValueError(f"dtype: found {self.dtype}, expected float32 or float64")
        for name, size in (("batch", batch),):
            if size < 1:
                raise ValueError(f"{name}: found {size}, expected 1 or more")
        N = batch
        self._shapes = ((32, 64), (32,), (10, 32), (10,))
        self._x_shape = (N, 64)
        self._y_shape = (N,)
        self._y_limit = 10
        self._flat = np.zeros(sum(map(math.prod, self._shapes)), self.dtype)
        self.gradients = _parts(self._flat, self._shapes)
        self._bind = _passes(N, self.dtype, self.gradients)
        self._params = self._bound = self._own = self._copies = None
        self._cache = self._bound_parts = None
        self._groups, self._pieces = (), []
        self._N = N

    def cost_and_gradients(self, params: Parameters, x, y) -> tuple[float, Parameters]:
        """The cost and its gradients, which are arrays of this workspace."""
        if params is not self._params or self._own is not None:
            self._read(params)
        x, y = self._data(x, y)
        found = self._run(x, y)
        if found == found:
            return found, self.gradients
        # What is no number was warned of above.
        with np.errstate(all="ignore"):
            found, gradients = cost(self._bound, x, y), backward(self._bound, forward(self._bound, x), y)
        return found, self._written(gradients)

    def forward(self, params: Parameters, x) -> Cache:
        """The value of every equation from the inputs to the output."""
        self._read(params)
        x = self._inputs(x)
        forward, _ = self._parts()
        forward(x)
        if self._cache.x is not x:
            self._cache = self._cache._replace(x=x)
        return self._cache

    def backward(self, params: Parameters, cache: Cache, y) -> Parameters:
        """The gradient of the cost in every parameter; a cache of another origin is copied."""
        self._read(params)
        y = self._targets(y)
        _, run = self._parts()
        if cache is not self._cache:
            cache = self._copied(cache)
        run(cache.x, y)
        if np.isnan(np.add.reduce(self._flat)):
            with np.errstate(all="ignore"):
                return self._written(backward(self._bound, cache, y))
        return self.gradients

    def cost(self, params: Parameters, x, y) -> float:
        """The cost of the examples: the same lines up to there."""
        self._read(params)
        x, y = self._data(x, y)
        found = self._run(x, y, "cost")
        return found if found == found else cost(self._bound, x, y)

    def predict(self, params: Parameters, x) -> np.ndarray:
        """The output of the last layer, (N, 10): the same lines up to there."""
        self._read(params)
        x = self._inputs(x)
        return self._run(x, None, "output")

    def sgd(
        self, params: Parameters, gradients: Parameters,
        eta=0.1,
    ) -> Parameters:
        """One step of gradient descent, in place: the same parameters."""
        for w, g, work1 in self._side_by_side(1, params, gradients):
            # w := w - eta g
            np.multiply(g, eta, out=work1)
            np.subtract(w, work1, out=w)
        return params

    def momentum(
        self, params: Parameters, gradients: Parameters, state=None,
        eta=0.1, beta=0.9,
    ) -> tuple[Parameters, MomentumState]:
        """One step of gradient descent with momentum, in place: the same parameters, and the state to go on with."""
        if state is None:
            state = MomentumState(_zeros_like(params))
        for w, g, v, work1 in self._side_by_side(1, params, gradients, state.v):
            # v := beta v + (1 - beta) g
            np.multiply(v, beta, out=v)
            np.multiply(g, 1 - beta, out=work1)
            np.add(v, work1, out=v)
            # w := w - eta v
            np.multiply(v, eta, out=work1)
            np.subtract(w, work1, out=w)
        return params, MomentumState(state.v)

    def rmsprop(
        self, params: Parameters, gradients: Parameters, state=None,
        eta=0.001, beta=0.9, epsilon=1e-08,
    ) -> tuple[Parameters, RMSPropState]:
        """One step of RMSProp (Hinton, 2012), in place: the same parameters, and the state to go on with."""
        if state is None:
            state = RMSPropState(_zeros_like(params))
        for w, g, s, work1 in self._side_by_side(1, params, gradients, state.s):
            # s := beta s + (1 - beta) g²
            np.square(g, out=work1)
            np.multiply(s, beta, out=s)
            np.multiply(work1, 1 - beta, out=work1)
            np.add(s, work1, out=s)
            # w := w - eta g / (√s + epsilon)
            np.sqrt(s, out=work1)
            np.add(work1, epsilon, out=work1)
            np.divide(g, work1, out=work1)
            np.multiply(work1, eta, out=work1)
            np.subtract(w, work1, out=w)
        return params, RMSPropState(state.s)

    def adam(
        self, params: Parameters, gradients: Parameters, state=None,
        eta=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08,
    ) -> tuple[Parameters, AdamState]:
        """One step of Adam (Kingma and Ba, 2015), in place: the same parameters, and the state to go on with."""
        if state is None:
            state = AdamState(0, _zeros_like(params), _zeros_like(params))
        t = state.t + 1
        for w, g, m, v, work1, work2 in self._side_by_side(2, params, gradients, state.m, state.v):
            # m := beta1 m + (1 - beta1) g
            np.multiply(m, beta1, out=m)
            np.multiply(g, 1 - beta1, out=work1)
            np.add(m, work1, out=m)
            # v := beta2 v + (1 - beta2) g²
            np.square(g, out=work1)
            np.multiply(v, beta2, out=v)
            np.multiply(work1, 1 - beta2, out=work1)
            np.add(v, work1, out=v)
            # mean := m / (1 - beta1^t)
            np.multiply(m, 1 / (1 - beta1**t), out=work1)
            # variance := v / (1 - beta2^t)
            np.multiply(v, 1 / (1 - beta2**t), out=work2)
            # w := w - eta mean / (√variance + epsilon)
            np.sqrt(work2, out=work2)
            np.add(work2, epsilon, out=work2)
            np.divide(work1, work2, out=work1)
            np.multiply(work1, eta, out=work1)
            np.subtract(w, work1, out=w)
        return params, AdamState(t, state.m, state.v)

    def _written(self, gradients):
        """Gradients in place of those of the passes, in which 0 times what is no number is none, even where a test leaves it out."""
        for own, array in zip(self.gradients, gradients):
            own[...] = array
        return self.gradients

    def __reduce__(self):
        """A copy, or what is read back from a file, has arrays of its own; the last gradients are in them."""
        make = functools.partial(Workspace, self._N, self.dtype)
        return make, (), self._flat.copy()

    def __setstate__(self, flat):
        self._flat[...] = flat

    def result(self, params: Parameters, x, y) -> tuple[float, Parameters]:
        """The cost and gradients that nothing writes over."""
        cost, _ = self.cost_and_gradients(params, x, y)
        return cost, _parts(self._flat.copy(), self._shapes)

    def _parts(self):
        """The passes as two functions, made where they are asked for."""
        if self._cache is None:
            self._cache, self._bind_parts = _parted_passes(self._N, self.dtype, self.gradients)
        if self._bound_parts is not self._bound:
            self._run_parts = self._bind_parts(self._bound)
            self._bound_parts = self._bound
        return self._run_parts

    def _copied(self, cache):
        """A cache of another origin in the arrays of this workspace."""
        if cache.z1 is not self._cache.z1:
            self._cache.z1[...] = _expect("z1", cache.z1, *self._cache.z1.shape)
        if cache.a1 is not self._cache.a1:
            self._cache.a1[...] = _expect("a1", cache.a1, *self._cache.a1.shape)
        if cache.z2 is not self._cache.z2:
            self._cache.z2[...] = _expect("z2", cache.z2, *self._cache.z2.shape)
        if cache.a2 is not self._cache.a2:
            self._cache.a2[...] = _expect("a2", cache.a2, *self._cache.a2.shape)
        x = self._inputs(cache.x)
        return self._cache._replace(x=x)

    def _side_by_side(self, work, *groups):
        """Pieces of the arrays for an optimiser, the same ones as long as the arrays are."""
        if len(groups) != len(self._groups) or not all(map(operator.is_, groups, self._groups)):
            self._pieces = _side_by_side(work, groups)
            self._groups = groups
        return self._pieces

    def _read(self, params):
        """Lets the passes read these parameters."""
        if params is not self._params:
            self._take(params)
        if self._own is not None:
            for own, array in zip(self._own, params):
                own[...] = array

    def _take(self, params):
        """Binds the passes to parameters; a ValueError where they do not fit."""
        if not self._takes(params):
            for name, array, shape in zip(Parameters._fields, params, self._shapes):
                _expect(name, array, *shape)
            self._bind_to(params, False)

    def _takes(self, params):
        """Whether parameters have the right shapes and type; then the passes are bound to them."""
        is_direct = True
        for array, gradient in zip(params, self.gradients):
            if type(array) is not np.ndarray or array.dtype is not self.dtype or array.shape != gradient.shape:
                return False
            is_direct = is_direct and array.strides == gradient.strides
        self._bind_to(params, is_direct)
        return True

    def _bind_to(self, params, is_direct):
        """Parameters are read where they are, or from a copy that each call makes."""
        if not is_direct and self._copies is None:
            self._copies = _parts(np.zeros_like(self._flat), self._shapes)
        self._own = None if is_direct else self._copies
        read = self._own or params
        if read is not self._bound:
            self._run = self._bind(read)
            self._bound = read
        self._params = params

    def _data(self, x, y):
        """Data as the passes read them; a ValueError where they do not fit."""
        if type(x) is not np.ndarray or x.dtype is not self.dtype or x.shape != self._x_shape or not x.flags.c_contiguous:
            x = np.ascontiguousarray(_expect("x", x, *self._x_shape), self.dtype)
        if not _are_labels(y, self._y_shape, self._y_limit):
            y = _expect_integers("y", y, self._y_limit, *self._y_shape)
        return x, y

    def _inputs(self, x):
        """Inputs as the passes read them; a ValueError where they do not fit."""
        if type(x) is not np.ndarray or x.dtype is not self.dtype or x.shape != self._x_shape or not x.flags.c_contiguous:
            x = np.ascontiguousarray(_expect("x", x, *self._x_shape), self.dtype)
        return x

    def _targets(self, y):
        """Targets as the passes read them; a ValueError where they do not fit."""
        if not _are_labels(y, self._y_shape, self._y_limit):
            y = _expect_integers("y", y, self._y_limit, *self._y_shape)
        return y


def _passes(N, dtype, gradients):
    """Both passes, as one function over arrays that are made here."""
    # Ends a block of bytecode, so that what CPython puts before the first one for each array that `run` reads moves little.
    assert dtype.char in "fd"
    add = np.add
    add_reduce = np.add.reduce
    copyto = np.copyto
    divide = np.divide
    equal = np.equal
    exp = np.exp
    greater = np.greater
    log = np.log
    maximum = np.maximum
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    subtract = np.subtract
    take = np.take
    z1 = np.empty((N, 32), dtype)
    z1_filled = np.empty((N, 32), dtype)
    a1 = z1
    ZERO = np.array(0, dtype)
    ZERO_nj = np.full((N, 32), ZERO)
    z2 = z1_filled.reshape(-1)[: 10 * N].reshape((N, 10))
    z2_filled = np.empty((N, 10), dtype)
    a2_1 = z2_filled.reshape(-1)[: N].reshape((N,))
    a2 = np.empty((N, 10), dtype)
    C_3 = np.empty((N,), dtype)
    ones_k = np.ones(10, dtype)
    a2_5 = np.empty((N,), dtype)
    ONE = np.array(1, dtype)
    a2_filled = np.empty((N, 10), dtype)
    C_4 = a2_5
    z2_places = np.empty((N,), np.intp)
    z2_rows = np.arange(N) * 10
    C = np.empty((), dtype)
    number_minus_1_over_N = np.array(-1 / N, dtype)
    dz2_2_filled = np.empty((N, 10), int)
    dz2_1 = np.arange(10)
    dz2_2_filled_ = np.empty((N, 10), int)
    dz2_2 = np.empty((N, 10), bool)
    dz2_3_filled = z2_filled
    dz2 = a2
    number_1_over_N = np.array(1 / N, dtype)
    dW2_jk = gradients.W2.T
    db2 = gradients.b2
    ones_n = np.ones(N, dtype)
    da1 = z1_filled
    dz1_1 = np.empty((N, 32), bool)
    dz1_filled = z1
    dz1 = z1_filled
    dW1_ij = gradients.W1.T
    db1 = gradients.b1
    a2_1_n1 = a2_1[:, None]
    a2_5_n1 = a2_5[:, None]
    z2_nk = z2.reshape(N * 10)
    a1_jn = a1.T

    def bind(params):
        W1, b1, W2, b2 = params
        W1_ij = W1.T
        W2_jk = W2.T

        def run(x, y, until=None):
            # --- Forward

            # z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]    (N, 32)
            x.dot(W1_ij, z1)
            z1_filled[...] = b1
            add(z1, z1_filled, z1)

            # a1[n,j] = z1[n,j] if z1[n,j] > 0 else 0    (N, 32)
            maximum(z1, ZERO_nj, out=a1)

            # z2[n,k] = Σ_j W2[k,j] a1[n,j] + b2[k]    (N, 10)
            a1.dot(W2_jk, z2)
            z2_filled[...] = b2
            add(z2, z2_filled, z2)

            # a2[n,k] = exp(z2[n,k]) / (Σ_k′ exp(z2[n,k′]))    (N, 10)
            maximum_reduce(z2, 1, None, a2_1)
            a2[...] = a2_1_n1
            subtract(z2, a2, a2)
            exp(a2, a2)
            a2.dot(ones_k, C_3)
            divide(ONE, C_3, a2_5)
            a2_filled[...] = a2_5_n1
            multiply(a2, a2_filled, a2)
            if until == "output":
                return a2

            # --- Cost

            # C = -Σ_n log(a2[n,y[n]]) / N
            add(y, z2_rows, z2_places, casting="unsafe")
            take(z2_nk, z2_places, None, C_4, "clip")
            log(C_3, C_3)
            add(C_3, a2_1, C_3)
            subtract(C_4, C_3, C_4)
            add_reduce(C_4, 0, None, C)
            multiply(C, number_minus_1_over_N, C)
            if until == "cost":
                return C.item()

            # --- Backward

            # dz2[n,k] = (a2[n,k] - [k = y[n]]) / N    (N, 10)
            dz2_2_filled[...] = dz2_1
            y_n1 = y[:, None]
            dz2_2_filled_[...] = y_n1
            equal(dz2_2_filled, dz2_2_filled_, dz2_2)
            dz2_3_filled[...] = dz2_2
            subtract(a2, dz2_3_filled, dz2)
            multiply(dz2, number_1_over_N, dz2)

            # dW2[k,j] = Σ_n dz2[n,k] a1[n,j]    (10, 32)
            a1_jn.dot(dz2, dW2_jk)

            # db2[k] = Σ_n dz2[n,k]    (10,)
            ones_n.dot(dz2, db2)

            # da1[n,j] = Σ_k dz2[n,k] W2[k,j]    (N, 32)
            dz2.dot(W2, da1)

            # dz1[n,j] = da1[n,j] (1 if z1[n,j] > 0 else 0)    (N, 32)
            greater(a1, ZERO, dz1_1)
            dz1_filled[...] = dz1_1
            multiply(da1, dz1_filled, dz1)

            # dW1[j,i] = Σ_n dz1[n,j] x[n,i]    (32, 64)
            x_in = x.T
            x_in.dot(dz1, dW1_ij)

            # db1[j] = Σ_n dz1[n,j]    (32,)
            ones_n.dot(dz1, db1)

            return C.item()

        return run

    return bind


def _parted_passes(N, dtype, gradients):
    """Each pass as a function; whatever the first computes is kept in an array of its own."""
    # Ends a block of bytecode, so that what CPython puts before the first one for each array that `run` reads moves little.
    assert dtype.char in "fd"
    add = np.add
    divide = np.divide
    equal = np.equal
    exp = np.exp
    greater = np.greater
    maximum = np.maximum
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    subtract = np.subtract
    z1 = np.empty((N, 32), dtype)
    z1_filled = np.empty((N, 32), dtype)
    a1 = z1_filled
    ZERO = np.array(0, dtype)
    ZERO_nj = np.full((N, 32), ZERO)
    z2 = np.empty((N, 10), dtype)
    z2_filled = np.empty((N, 10), dtype)
    a2_1 = z2_filled.reshape(-1)[: N].reshape((N,))
    a2 = np.empty((N, 10), dtype)
    a2_5 = z2_filled.reshape(-1)[: N].reshape((N,))
    ones_k = np.ones(10, dtype)
    ONE = np.array(1, dtype)
    a2_filled = np.empty((N, 10), dtype)
    dz2_2_filled = np.empty((N, 10), int)
    dz2_1 = np.arange(10)
    dz2_2_filled_ = np.empty((N, 10), int)
    dz2_2 = np.empty((N, 10), bool)
    dz2 = a2_filled
    number_1_over_N = np.array(1 / N, dtype)
    dW2_jk = gradients.W2.T
    db2 = gradients.b2
    ones_n = np.ones(N, dtype)
    da1 = np.empty((N, 32), dtype)
    dz1_1 = np.empty((N, 32), bool)
    dz1_filled = np.empty((N, 32), dtype)
    dz1 = da1
    dW1_ij = gradients.W1.T
    db1 = gradients.b1
    a2_1_n1 = a2_1[:, None]
    a2_5_n1 = a2_5[:, None]
    a1_jn = a1.T

    cache = Cache(None, z1, a1, z2, a2)

    def bind(params):
        W1, b1, W2, b2 = params
        W1_ij = W1.T
        W2_jk = W2.T

        def run_forward(x):
            # --- Forward

            # z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]    (N, 32)
            x.dot(W1_ij, z1)
            z1_filled[...] = b1
            add(z1, z1_filled, z1)

            # a1[n,j] = z1[n,j] if z1[n,j] > 0 else 0    (N, 32)
            maximum(z1, ZERO_nj, out=a1)

            # z2[n,k] = Σ_j W2[k,j] a1[n,j] + b2[k]    (N, 10)
            a1.dot(W2_jk, z2)
            z2_filled[...] = b2
            add(z2, z2_filled, z2)

            # a2[n,k] = exp(z2[n,k]) / (Σ_k′ exp(z2[n,k′]))    (N, 10)
            maximum_reduce(z2, 1, None, a2_1)
            a2[...] = a2_1_n1
            subtract(z2, a2, a2)
            exp(a2, a2)
            a2.dot(ones_k, a2_5)
            divide(ONE, a2_5, a2_5)
            a2_filled[...] = a2_5_n1
            multiply(a2, a2_filled, a2)

            return cache

        def run_backward(x, y):
            # --- Backward

            # dz2[n,k] = (a2[n,k] - [k = y[n]]) / N    (N, 10)
            dz2_2_filled[...] = dz2_1
            y_n1 = y[:, None]
            dz2_2_filled_[...] = y_n1
            equal(dz2_2_filled, dz2_2_filled_, dz2_2)
            dz2[...] = dz2_2
            subtract(a2, dz2, dz2)
            multiply(dz2, number_1_over_N, dz2)

            # dW2[k,j] = Σ_n dz2[n,k] a1[n,j]    (10, 32)
            a1_jn.dot(dz2, dW2_jk)

            # db2[k] = Σ_n dz2[n,k]    (10,)
            ones_n.dot(dz2, db2)

            # da1[n,j] = Σ_k dz2[n,k] W2[k,j]    (N, 32)
            dz2.dot(W2, da1)

            # dz1[n,j] = da1[n,j] (1 if z1[n,j] > 0 else 0)    (N, 32)
            greater(z1, ZERO, dz1_1)
            dz1_filled[...] = dz1_1
            multiply(da1, dz1_filled, dz1)

            # dW1[j,i] = Σ_n dz1[n,j] x[n,i]    (32, 64)
            x_in = x.T
            x_in.dot(dz1, dW1_ij)

            # db1[j] = Σ_n dz1[n,j]    (32,)
            ones_n.dot(dz1, db1)

            return gradients

        return run_forward, run_backward

    return cache, bind


def _are_labels(array, shape, limit):
    """Whether these are whole numbers from 0 up to `limit`; as numbers without a sign, negative ones are the largest."""
    if type(array) is not np.ndarray or array.dtype != np.intp or array.shape != shape or not array.flags.c_contiguous:
        return False
    return np.maximum.reduce(array.view(np.uintp), None) < limit


def packed(params: Parameters) -> Parameters:
    """The same values as parts of one array, each stored as a workspace reads it quickest."""
    shapes = tuple(map(np.shape, params))
    arrays = _parts(np.empty(sum(map(math.prod, shapes)), np.result_type(*map(np.asarray, params))), shapes)
    for own, array in zip(arrays, params):
        own[...] = array
    return arrays


def _parts(flat, shapes) -> Parameters:
    """Views of one array; in memory the dimensions of some parameters have another order, PLACES."""
    size = flat.itemsize
    return Parameters._make(
        [np.ndarray(shape, flat.dtype, flat, size * start, [size * step for step in steps]) for shape, start, steps in _places(shapes)]
    )


@functools.lru_cache(16)


def _places(shapes):
    """For each parameter its shape, where it starts in the array of all, and the distances of its entries."""
    found, start = [], 0
    for shape, places in zip(shapes, PLACES):
        later = [[size for size, other in zip(shape, places) if other > place] for place in places]
        found.append((shape, start, [math.prod(sizes) for sizes in later]))
        start += math.prod(shape)
    return found


#: For each parameter, which dimension of its memory each of its own is.
PLACES = ((1, 0), (0,), (1, 0), (0,))


def _zeros_like(params) -> Parameters:
    return packed(Parameters(*map(np.zeros_like, params)))


def _whole(params):
    """The flat array of which arrays are the parts, as `packed` makes them; None where they are not."""
    flat = getattr(params[0], "base", None)
    if type(flat) is not np.ndarray or flat.ndim != 1 or flat.size != sum(map(np.size, params)) or not flat.flags.c_contiguous:
        return None

    def lies(array):
        return type(array) is np.ndarray and (array.__array_interface__["data"][0], array.strides, array.dtype)

    parts = _parts(flat, tuple(map(np.shape, params)))
    return flat if all(lies(array) == lies(part) for array, part in zip(params, parts)) else None


def _side_by_side(work, groups, entries=16384):
    """Parameters, gradients and what an optimiser remembers in pieces, each with `work` arrays for intermediate values.

    Parts of flat arrays are taken together, in pieces that the processor's cache holds; otherwise each array is a piece.
    """
    for name, written, *others in zip(Parameters._fields, *groups):
        if type(written) is not np.ndarray or not written.flags.writeable:
            raise ValueError(f"{name}: found a number or an array that cannot be written to, expected one that can")
        for other in others:
            _expect(name, other, *written.shape)
    flat = [_whole(group) for group in groups]
    if any(array is None for array in flat):
        pieces = list(zip(*groups))
    else:
        pieces = [tuple(array[start : start + entries] for array in flat) for start in range(0, flat[0].size, entries)]
    most = max(written.size for written, *_ in pieces)
    rows = {dtype: np.empty((work, most), dtype) for dtype in dict.fromkeys(written.dtype for written, *_ in pieces)}
    return [(*arrays, *(row[: arrays[0].size].reshape(arrays[0].shape) for row in rows[arrays[0].dtype])) for arrays in pieces]


class _Kept(threading.local):
    """The workspaces of a thread, by shapes and types."""

    def __init__(self):
        self.workspaces = {}
        self.last = None


_kept = _Kept()


def _workspace(params, x, y):
    """A workspace for arrays of these shapes and types, the last few of which are kept; None where there is nothing to compute."""
    last = _kept.last
    if last is not None and type(x) is np.ndarray and x.dtype is last.dtype and x.shape == last._x_shape and np.shape(y) == last._y_shape:
        if params is last._params or last._takes(params):
            return last
    arrays = [*params, x, y]
    key = tuple((np.shape(array), getattr(array, "dtype", None)) for array in arrays)
    workspace = _kept.workspaces.pop(key, None)
    if workspace is None:
        x = _expect("x", x, "N", 64)
        N = x.shape[0]
        W1 = _expect("W1", params.W1, 32, 64)
        b1 = _expect("b1", params.b1, 32)
        W2 = _expect("W2", params.W2, 10, 32)
        b2 = _expect("b2", params.b2, 10)
        y = _expect_integers("y", y, 10, N)
        dtype = np.result_type(*map(np.asarray, params), x)
        if dtype.char not in "fd" or not all(map(np.size, arrays)):
            return None
        workspace = Workspace(N, dtype)
    _kept.workspaces[key] = _kept.last = workspace
    while len(_kept.workspaces) > 4:
        del _kept.workspaces[next(iter(_kept.workspaces))]
    return workspace


def sample(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Random x, y of the right shapes and kinds, a few examples."""
    x = rng.standard_normal((5, 64))
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
    waiting = [list(group) for group in np.array_split(np.arange(len(params)), 4)]
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

# chainrule fingerprint c64e874f69ba87e6
