"""Problems that others made, with the numbers that they print: course sheets, papers, manuals and articles.

Each is a description in the folder cases. Expected numbers stand as they were printed, and are compared in the digits that are printed;
where a source prints a cost alone, the gradients are held against central differences of plain NumPy, which is written here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from places import CASES

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.descriptions.reader import read_description

Array = NDArray[np.float64]
STYLES = pytest.mark.parametrize("style", ["plain", "fast"])


def module_of(name: str, style: str, derivatives: tuple[str, ...] = ("gradient",)) -> ModuleType:
    return load(derive(read_description(CASES / f"{name}.toml").network), derivatives, style)


def spaced(low: float, high: float, *shape: int) -> Array:
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


def printed(found: object, numbers: str) -> None:
    """`found` has these numbers, in the digits in which they are printed; some sources leave digits out without rounding."""
    values = np.asarray(found, dtype=float).reshape(-1)
    words = numbers.split()
    assert len(values) == len(words)
    for value, word in zip(values, words, strict=True):
        assert abs(value - float(word)) <= 10.0 ** -len(word.partition(".")[2]), f"found {value!r}, printed {word}"


def by_differences(cost: Callable[[Mapping[str, Array]], float], params: Mapping[str, Array], found: Any, entries: int = 4) -> None:
    """Some entries of each gradient against central differences of another program's cost."""
    rng = np.random.default_rng(0)
    for name, array in params.items():
        for place in {tuple(map(int, rng.integers(0, array.shape))) if array.shape else () for _ in range(entries)}:
            ends = []
            for step in (-1e-4, 1e-4, -2e-4, 2e-4):
                moved = np.array(array)
                moved[place] += step
                ends.append(cost({**params, name: moved}))
            slope = (8 * (ends[1] - ends[0]) - (ends[3] - ends[2])) / 12e-4
            assert getattr(found, name)[place] == pytest.approx(slope, rel=1e-6, abs=1e-8), f"d{name}{list(place)}"


class TestCaptions:
    """CS231n, assignment 3: N, D, W, H, V, T = 10, 20, 30, 40, 3, 13, evenly spaced numbers; the printed costs."""

    CAPTIONS = (np.arange(130) % 3).reshape(10, 13)

    def data(self, gates: int) -> tuple[Array, NDArray[np.int_], NDArray[np.int_], Array]:
        features = spaced(-1.5, 0.3, 10, 20) if gates == 1 else spaced(-0.5, 1.7, 10, 20)
        following = self.CAPTIONS[:, 1:]
        # The word 0 is <NULL>, which is not counted.
        return features, self.CAPTIONS[:, :-1], following, (following != 0).astype(float)

    @staticmethod
    def params(gates: int) -> dict[str, Array]:
        shapes = {
            "W_proj": (20, 40),
            "b_proj": (40,),
            "W_embed": (3, 30),
            "Wx": (30, gates * 40),
            "Wh": (40, gates * 40),
            "b": (gates * 40,),
            "W_vocab": (40, 3),
            "b_vocab": (3,),
        }
        return {name: spaced(-1.4, 1.3, *shape) for name, shape in shapes.items()}

    def cost(self, p: Mapping[str, Array]) -> float:
        features, words, following, mask = self.data(p["b"].size // 40)
        h = features @ p["W_proj"] + p["b_proj"]
        c, total = np.zeros_like(h), 0.0
        for t in range(12):
            a = p["W_embed"][words[:, t]] @ p["Wx"] + h @ p["Wh"] + p["b"]
            if a.shape[1] == 40:
                h = np.tanh(a)
            else:
                i, f, o = (1 / (1 + np.exp(-part)) for part in np.split(a[:, :120], 3, axis=1))
                c = f * c + i * np.tanh(a[:, 120:])
                h = o * np.tanh(c)
            s = h @ p["W_vocab"] + p["b_vocab"]
            s -= s.max(axis=1, keepdims=True)
            total += float(np.sum(mask[:, t] * (np.log(np.exp(s).sum(axis=1)) - s[np.arange(10), following[:, t]])))
        return total / 10

    @STYLES
    @pytest.mark.parametrize(("name", "gates", "right"), [("captioning_rnn", 1, "9.83235591003"), ("captioning_lstm", 4, "9.82445935443")])
    def test_cost_and_gradients(self, name: str, gates: int, right: str, style: str) -> None:
        module, params = module_of(name, style), self.params(gates)
        value, gradients = module.cost_and_gradients(module.Parameters(**params), *self.data(gates))
        printed(value, right)
        by_differences(self.cost, params, gradients, entries=2)


class TestConnectionistTemporalClassification:
    """TensorFlow's kernel_tests/ctc_loss_op_test.py, `testBasic`: probabilities, costs and gradients by logits of two sequences."""

    PROBABILITIES = (
        "0.633766 0.221185 0.0917319 0.0129757 0.0142857 0.0260553 0.111121 0.588392 0.278779 0.0055756 0.00569609 0.010436 "
        "0.0357786 0.633813 0.321418 0.00249248 0.00272882 0.0037688 0.0663296 0.643849 0.280111 0.00283995 0.0035545 0.00331533 "
        "0.458235 0.396634 0.123377 0.00648837 0.00903441 0.00623107",
        "0.30176 0.28562 0.0831517 0.0862751 0.0816851 0.161508 0.24082 0.397533 0.0557226 0.0546814 0.0557528 0.19549 "
        "0.230246 0.450868 0.0389607 0.038309 0.0391602 0.202456 0.280884 0.429522 0.0326593 0.0339046 0.0326856 0.190345 "
        "0.423286 0.315517 0.0338439 0.0393744 0.0339315 0.154046",
    )
    GRADIENTS = (
        "-0.366234 0.221185 0.0917319 0.0129757 0.0142857 0.0260553 0.111121 -0.411608 0.278779 0.0055756 0.00569609 0.010436 "
        "0.0357786 0.633813 -0.678582 0.00249248 0.00272882 0.0037688 0.0663296 -0.356151 0.280111 0.00283995 0.0035545 0.00331533 "
        "-0.541765 0.396634 0.123377 0.00648837 0.00903441 0.00623107",
        "-0.69824 0.28562 0.0831517 0.0862751 0.0816851 0.161508 0.24082 -0.602467 0.0557226 0.0546814 0.0557528 0.19549 "
        "0.230246 0.450868 0.0389607 0.038309 0.0391602 -0.797544 0.280884 -0.570478 0.0326593 0.0339046 0.0326856 0.190345 "
        "-0.576714 0.315517 0.0338439 0.0393744 0.0339315 0.154046",
    )

    @staticmethod
    def data(labels: tuple[int, ...]) -> tuple[NDArray[np.int_], Array, Array]:
        blank = 5
        path = np.full(2 * len(labels) + 1, blank)
        path[1::2] = labels
        skip = np.array([s >= 2 and path[s] != blank and path[s] != path[s - 2] for s in range(len(path))], float)
        return path, skip, np.array([s >= len(path) - 2 for s in range(len(path))], float)

    @STYLES
    @pytest.mark.parametrize("name", ["ctc", "ctc_in_logarithms"])
    @pytest.mark.parametrize(("number", "labels", "right"), [(0, (0, 1, 2, 1, 0), 3.34211), (1, (0, 1, 1, 0), 5.42262)])
    def test_cost_and_gradients(self, number: int, labels: tuple[int, ...], right: float, name: str, style: str) -> None:
        module = module_of(name, style)
        logits = np.log(np.array(self.PROBABILITIES[number].split(), float).reshape(5, 6))
        with np.errstate(all="raise", under="ignore"):
            value, gradients = module.cost_and_gradients(module.Parameters(logits), *self.data(labels))
        assert value == pytest.approx(right, abs=2e-5)
        np.testing.assert_allclose(gradients.z, np.array(self.GRADIENTS[number].split(), float).reshape(5, 6), atol=2e-6)

    @STYLES
    def test_of_logits_that_leave_no_probability(self, style: str) -> None:
        """Of all paths the likeliest has e^−826; the numbers are those of PyTorch's ctc_loss. There is nothing to warn of."""
        logits = np.linspace(-300, 290, 30).reshape(5, 6)[:, [3, 0, 5, 1, 4, 2]] * np.cos(np.arange(30)).reshape(5, 6)
        module = module_of("ctc_in_logarithms", style)
        with np.errstate(all="raise", under="ignore"):
            value, gradients = module.cost_and_gradients(module.Parameters(logits), *self.data((0, 1, 1)))
        assert value == pytest.approx(826.1904733344322, rel=1e-13)
        likely, rest = 0.999955818796, 4.4181203e-05
        right = [
            [-rest, 0, 0, 1, 0, -likely],
            [-likely, -rest, 0, 1, 0, 0],
            [1.5e-10, -likely, 1.012e-09, 0.999999998713, 0, -4.4181079e-05],
            [0.999999803895, -4.4172508e-05, 1.8741e-07, 0, 0, -likely],
            [0, -0.728502788851, 0.728502788851, 0, 0, 0],
        ]
        np.testing.assert_allclose(gradients.z, right, atol=2e-12)


class TestIceCream:
    """Jurafsky and Martin, Speech and Language Processing, the forward trellis of 3 1 3; states are C and H."""

    def params(self, module: ModuleType) -> Any:
        return module.Parameters(
            start=np.array([0.2, 0.8]),
            A=np.array([[0.5, 0.4], [0.3, 0.6]]),
            end=np.array([0.1, 0.1]),
            B=np.array([[0.5, 0.4, 0.1], [0.2, 0.4, 0.4]]),
        )

    @STYLES
    def test_trellis_and_gradients(self, style: str) -> None:
        module = module_of("ice_cream", style)
        params, eaten = self.params(module), np.array([2, 0, 2])
        alpha = np.array(module.forward(params, eaten).alpha)
        printed(alpha[0], ".02 .32")
        printed(alpha[1], ".053 .040")
        value, gradients = module.cost_and_gradients(params, eaten)
        paths = {}
        for states in np.ndindex(2, 2, 2):
            steps = [params.A[i, j] for i, j in itertools.pairwise(states)]
            read = [params.B[state, day] for state, day in zip(states, eaten, strict=True)]
            paths[states] = params.start[states[0]] * np.prod(steps) * np.prod(read) * params.end[states[-1]]
        total = sum(paths.values())
        assert value == pytest.approx(np.log(total), rel=1e-12)
        # a ∂C/∂a is how often a is expected to be used, over all paths.
        used = [sum(share * (states.count(1)) for states, share in paths.items()) / total]
        assert np.sum(params.B[1] * gradients.B[1]) == pytest.approx(used[0], rel=1e-12)
        for i, j in np.ndindex(2, 2):
            expected = sum(share * list(itertools.pairwise(states)).count((i, j)) for states, share in paths.items()) / total
            assert params.A[i, j] * gradients.A[i, j] == pytest.approx(expected, rel=1e-12)


@STYLES
def test_word_vectors(style: str) -> None:
    """CS224n, assignment 2: the center word c, six words around it, vectors of the seed 9265; as word2vec.py prints."""
    vectors = np.random.RandomState(9265).randn(10, 3)
    vectors /= np.sqrt(np.sum(vectors**2, axis=1, keepdims=True))
    module = module_of("word2vec", style)
    around = np.array(["abcde".index(word) for word in "abedbc"])
    value, gradients = module.cost_and_gradients(module.Parameters(V=vectors[:5], U=vectors[5:]), np.full(6, 2), around)
    printed(value, "11.16610900153398")
    printed(gradients.V, "0 0 0 0 0 0 -1.26947339 -1.36873189 2.45158957 0 0 0 0 0 0")
    printed(
        gradients.U,
        "-0.41045956 0.18834851 1.43272264 0.38202831 -0.17530219 -1.33348241 0.07009355 -0.03216399 -0.24466386 "
        "0.09472154 -0.04346509 -0.33062865 -0.13638384 0.06258276 0.47605228",
    )


@STYLES
def test_rosenbrock(style: str) -> None:
    """scipy.optimize.rosen, rosen_der and rosen_hess_prod, the examples in their documentation."""
    module = module_of("rosenbrock", style, ("gradient", "hvp"))
    printed(module.cost(module.Parameters(0.1 * np.arange(10))), "76.56")
    params = module.Parameters(0.1 * np.arange(9))
    _, gradients = module.cost_and_gradients(params)
    printed(gradients.x, "-2. 10.6 15.6 13.4 6.4 -3. -12.4 -19.4 62.")
    product = module.hessian_vector_product(params, module.Parameters(0.5 * np.arange(9)))
    printed(product.x, "0. 27. -10. -95. -192. -265. -278. -195. -180.")


@STYLES
def test_micrograd(style: str) -> None:
    """github.com/karpathy/micrograd, README: g, dg/da and dg/db."""
    module = module_of("micrograd", style)
    value, gradients = module.cost_and_gradients(module.Parameters(a=np.array(-4.0), b=np.array(2.0)))
    printed(value, "24.7041")
    printed([gradients.a, gradients.b], "138.8338 645.5773")


@STYLES
def test_long_short_term_memory_by_hand(style: str) -> None:
    """A. Gomez, Backpropogating an LSTM: A Numerical Example: forward, and the gradients of all weights."""
    module = module_of("gomez", style)
    scalars = {"Ua": 0.15, "Ui": 0.8, "Uf": 0.1, "Uo": 0.25, "ba": 0.2, "bi": 0.65, "bf": 0.15, "bo": 0.1}
    weights = {"Wa": [0.45, 0.25], "Wi": [0.95, 0.8], "Wf": [0.7, 0.45], "Wo": [0.6, 0.4]}
    params = module.Parameters(**{name: np.array(value) for name, value in {**weights, **scalars}.items()})
    x, y = np.array([[1.0, 2.0], [0.5, 3.0]]), np.array([0.5, 1.25])
    cache = module.forward(params, x)
    printed(cache.act, "0.81775 0.84980")
    printed(cache.inward, "0.96083 0.98118")
    printed(cache.forget, "0.85195 0.87030")
    printed(cache.outward, "0.81757 0.84993")
    printed(cache.state, "0.78572 1.5176")
    # Computed from rounded numbers: 0.77197 in the article.
    printed(cache.out, "0.53631 0.7720")
    _, gradients = module.cost_and_gradients(params, x, y)
    # δ of the gates at each step, as the article prints them, times what stands before the weights.
    found = [gradients.Wa, gradients.Wi, gradients.Wf, gradients.Wo]
    gates = np.array([[-0.01703, -0.00165, 0, 0.00176], [-0.01938, -0.00112, -0.00631, -0.05538]])
    np.testing.assert_allclose(np.array(found), gates.T @ x, atol=4e-5)
    np.testing.assert_allclose([gradients.Ua, gradients.Ui, gradients.Uf, gradients.Uo], gates[1] * 0.53631, atol=2e-5)
    np.testing.assert_allclose([gradients.ba, gradients.bi, gradients.bf, gradients.bo], gates.sum(axis=0), atol=2e-5)


@STYLES
def test_hours_of_study(style: str) -> None:
    """en.wikipedia.org, Logistic regression: the best coefficients, at which the gradient is 0, and the likelihood there."""
    module = module_of("exam", style)
    hours = "0.50 0.75 1.00 1.25 1.50 1.75 1.75 2.00 2.25 2.50 2.75 3.00 3.25 3.50 4.00 4.25 4.50 4.75 5.00 5.50"
    data = np.array(hours.split(), float), np.array([*"00000010101010111111"], float)
    value, gradients = module.cost_and_gradients(module.Parameters(b0=np.array(-4.0777), b1=np.array(1.5046)), *data)
    printed(value, "8.02988")
    assert np.abs(gradients.b0) < 1e-3
    assert np.abs(gradients.b1) < 1e-3


@STYLES
@pytest.mark.parametrize(("start", "first", "last"), [((0.6, 0.9), "0.82", "0.09"), ((2.0, 2.0), "0.98", "0.20")])
def test_a_neuron_learns(start: tuple[float, float], first: str, last: str, style: str) -> None:
    """M. Nielsen, Neural Networks and Deep Learning, chapter 3: 300 epochs at η = 0.15, from two starts."""
    module = module_of("one_neuron", style)
    w, b = np.array([[start[0]]]), np.array([start[1]])
    x, y = np.array([[1.0]]), np.array([[0.0]])
    printed(module.predict(module.Parameters(w, b), x), first)
    for _ in range(300):
        _, gradients = module.cost_and_gradients(module.Parameters(w, b), x, y)
        w, b = w - 0.15 * gradients.W1, b - 0.15 * gradients.b1
    printed(module.predict(module.Parameters(w, b), x), last)


@STYLES
def test_hinge(style: str) -> None:
    """CS231n, notes on linear classification: scores (-2.85, 0.86, 0.28), the third class is right, the cost is 1.58."""
    module = module_of("hinge", style)
    W = np.array([[0.01, -0.05, 0.1, 0.05], [0.7, 0.2, 0.05, 0.16], [0.0, -0.45, -0.2, 0.03]])
    params, x = module.Parameters(W, np.array([0.0, 0.2, -0.3])), np.array([[-15.0, 22.0, -44.0, 56.0]])
    printed(module.forward(params, x).s, "-2.85 0.86 0.28")
    value, gradients = module.cost_and_gradients(params, x, np.array([2]))
    printed(value, "1.58")
    np.testing.assert_array_equal(gradients.W, np.array([[0.0], [1.0], [-1.0]]) * x)
    np.testing.assert_array_equal(gradients.b, [0, 1, -1])


@STYLES
def test_focal_loss(style: str) -> None:
    """Lin et al., Focal Loss for Dense Object Detection: 100 and 1000 times lower at p = 0.9 and 0.968; the slope of the appendix."""
    module = module_of("focal", style)
    p = np.array([0.9, 0.968, 0.5, 1e-9])
    x = np.log(p / (1 - p))
    for probability, logit, times in zip(p[:3], x, (100, 1000, 4), strict=False):
        value, _ = module.cost_and_gradients(module.Parameters(np.array([logit])))
        assert -np.log(probability) / value == pytest.approx(times, rel=0.03)
    _, gradients = module.cost_and_gradients(module.Parameters(x))
    np.testing.assert_allclose(gradients.x, (1 - p) ** 2 * (2 * p * np.log(p) + p - 1), rtol=1e-7)


@STYLES
def test_convolution(style: str) -> None:
    """CS231n, assignment 2, ConvolutionalNetworks: the printed output of `conv_forward_naive`; gradients by differences."""
    module = module_of("convolution", style)
    x, K, b = spaced(-0.1, 0.5, 2, 3, 4, 4), spaced(-0.2, 0.3, 3, 3, 4, 4), np.linspace(-0.1, 0.2, 3)
    g = np.random.default_rng(0).standard_normal((2, 3, 2, 2))

    def out(p: Mapping[str, Array]) -> Array:
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        found = np.zeros((2, 3, 2, 2))
        for n, f, i, j in np.ndindex(found.shape):
            found[n, f, i, j] = np.sum(padded[n, :, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4] * p["K"][f]) + p["b"][f]
        return found

    params = module.Parameters(K=K, b=b)
    found = np.array(module.forward(params, x, g).out)
    printed(
        found,
        "-0.08759809 -0.10987781 -0.18387192 -0.2109216 0.21027089 0.21661097 0.22847626 0.23004637 "
        "0.50813986 0.54309974 0.64082444 0.67101435 -0.98053589 -1.03143541 -1.19128892 -1.24695841 "
        "0.69108355 0.66880383 0.59480972 0.56776003 2.36270298 2.36904306 2.38090835 2.38247847",
    )
    _, gradients = module.cost_and_gradients(params, x, g)
    by_differences(lambda p: float(np.sum(g * out(p))), {"K": K, "b": b}, gradients)


@STYLES
def test_self_attention(style: str) -> None:
    """R. Karim, Illustrated: Self-Attention: keys, queries, values and scores as printed, and what softmax makes of them."""
    module = module_of("self_attention", style)
    x = np.array([[1.0, 0, 1, 0], [0, 2, 0, 2], [1, 1, 1, 1]])
    weights = {
        "Wk": np.array([[0.0, 0, 1], [1, 1, 0], [0, 1, 0], [1, 1, 0]]),
        "Wq": np.array([[1.0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 1]]),
        "Wv": np.array([[0.0, 2, 0], [0, 3, 0], [1, 0, 3], [1, 1, 0]]),
    }
    g = np.random.default_rng(1).standard_normal((3, 3))
    params = module.Parameters(**weights)
    cache = module.forward(params, x, g)
    printed(cache.key, "0 1 1 4 4 0 2 3 1")
    printed(cache.query, "1 0 2 2 2 2 2 1 3")
    printed(cache.value, "1 2 3 2 8 0 2 6 3")
    printed(cache.score, "2 4 4 4 16 12 4 12 10")
    # Printed to one digit: what t.softmax gives of these scores.
    np.testing.assert_allclose(cache.out, [[1.9, 6.7, 1.6], [2.0, 8.0, 0.1], [2.0, 7.8, 0.4]], atol=0.051)

    def cost(p: Mapping[str, Array]) -> float:
        score = (x @ p["Wq"]) @ (x @ p["Wk"]).T
        share = np.exp(score - score.max(axis=1, keepdims=True))
        return float(np.sum(g * (share / share.sum(axis=1, keepdims=True) @ (x @ p["Wv"]))))

    by_differences(cost, weights, module.cost_and_gradients(params, x, g)[1])


@STYLES
def test_divergence(style: str) -> None:
    """Kingma and Welling, Auto-Encoding Variational Bayes, appendix B: the slopes are μ and (σ² − 1)/2."""
    module = module_of("autoencoder_divergence", style)
    rng = np.random.default_rng(2)
    mu, logvar = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    value, gradients = module.cost_and_gradients(module.Parameters(mu, logvar))
    assert value == pytest.approx(np.sum(mu**2 + np.exp(logvar) - logvar - 1) / 2, rel=1e-12)
    np.testing.assert_allclose(gradients.mu, mu, rtol=1e-12)
    np.testing.assert_allclose(gradients.logvar, (np.exp(logvar) - 1) / 2, rtol=1e-12)
