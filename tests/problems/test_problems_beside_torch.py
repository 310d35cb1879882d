"""Networks of papers in equations or layers, held against PyTorch: the cost, and of each gradient Σ_m cos(m) dw[m] over its entries.

The numbers are those of torch.autograd (2.13, float64) for the same network written with torch.nn.functional; stop(…) is its detach.
Every array is the next piece of sin(1 + 1.7 m), parameters first; labels are 2 (3 m + c) mod 5, with c the number of label arrays before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from places import CASES

from chainrule import Network, derive
from chainrule.codegen.checking.call_check import check_calls
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.checking.loading import load
from chainrule.codegen.descriptions.reader import read_description
from chainrule.symbolic.index.failures import CheckFailed

STYLES = pytest.mark.parametrize("style", ["plain", "fast"])


@dataclass(frozen=True)
class Given:
    """The shape of an input or a target; labels are below 5, and may be given as rows of 0 and 1."""

    shape: tuple[int, ...]
    are_labels: bool = False
    are_rows: bool = False


def numbers(*shape: int) -> Given:
    return Given(shape)


def labels(*shape: int) -> Given:
    return Given(shape, are_labels=True)


def one_hot(*shape: int) -> Given:
    return Given(shape[:-1], are_labels=True, are_rows=True)


@dataclass(frozen=True)
class Problem:
    """The shapes of the parameters, the inputs and targets, and what PyTorch finds: the cost, and a number of each gradient."""

    parameters: dict[str, tuple[int, ...]]
    data: list[Given]
    cost: float
    gradients: str

    def arrays(self) -> tuple[dict[str, NDArray[Any]], list[NDArray[Any]]]:
        sizes = [int(np.prod(shape)) for shape in self.parameters.values()]
        sizes += [0 if given.are_labels else int(np.prod(given.shape)) for given in self.data]
        pieces = iter(np.split(np.sin(1 + 1.7 * np.arange(sum(sizes))), np.cumsum(sizes)[:-1]))
        params = {name: next(pieces).reshape(shape) for name, shape in self.parameters.items()}
        data, before = [], 0
        for given in self.data:
            piece = next(pieces)
            if given.are_labels:
                piece = 2 * (3 * np.arange(np.prod(given.shape)) + before) % 5
                before += 1
            piece = piece.reshape(given.shape)
            data.append(np.eye(5)[piece] if given.are_rows else piece)
        return params, data


PROBLEMS = {
    "contrast": Problem(
        {"W": (5, 3)},
        [numbers(7, 3), numbers(7, 3)],
        3.6410940722664256,
        "0.047016547967",
    ),
    "triplet_margin": Problem(
        {"W": (5, 3)},
        [numbers(7, 3), numbers(7, 3), numbers(7, 3)],
        1.146660406333083,
        "0.46420385679",
    ),
    "smoothed_labels": Problem(
        {"W1": (4, 3), "b1": (4,), "W2": (5, 4), "b2": (5,)},
        [numbers(7, 3), one_hot(7, 5)],
        1.9630188249998515,
        "0.30383343696 -0.32602868779 0.23681541117 0.29044232098",
    ),
    "mixture_density": Problem(
        {"V": (4, 3), "c": (4,), "A": (5, 4), "M": (5, 4), "S": (5, 4)},
        [numbers(7, 3), numbers(7)],
        2.125025728518385,
        "-0.13772694456 -0.22179834136 0.10420893056 0.17625697288 0.28618580335",
    ),
    "gru_reset_after": Problem(
        {
            "Wz": (4, 3),
            "Uz": (4, 4),
            "bz": (4,),
            "Wr": (4, 3),
            "Ur": (4, 4),
            "br": (4,),
            "Wh": (4, 3),
            "Uh": (4, 4),
            "bh": (4,),
            "ch": (4,),
        },
        [numbers(7, 6, 3), numbers(7, 4)],
        2.012760454371486,
        "0.089286527256 0.16709595406 0.013006048122 0.0090134174787 0.010964554008 0.070379068987 0.20038356178 "
        "-0.41271306815 0.46169111371 0.30520699492",
    ),
    "peephole": Problem(
        {
            "Wi": (4, 3),
            "Ui": (4, 4),
            "bi": (4,),
            "Wf": (4, 3),
            "Uf": (4, 4),
            "bf": (4,),
            "Wo": (4, 3),
            "Uo": (4, 4),
            "bo": (4,),
            "Wg": (4, 3),
            "Ug": (4, 4),
            "bg": (4,),
            "Pi": (4,),
            "Pf": (4,),
            "Po": (4,),
        },
        [numbers(7, 6, 3), numbers(7, 6, 4)],
        6.312816939170495,
        "-0.11596079259 0.0053004784684 0.069023425519 0.035754445395 -0.0036795101578 -0.051404819946 0.018550869223 "
        "-0.050769183947 -0.044994857989 0.21119877288 -0.027207750732 -0.052014671115 0.011035049208 -0.040757066544 "
        "-0.069676312905",
    ),
    "highway": Problem(
        {"WH": (5, 5), "bH": (5,), "WT": (5, 5), "bT": (5,)},
        [numbers(7, 5), numbers(7, 5)],
        4.820044223089189,
        "1.308827132 0.65642484069 0.13238848877 0.12467256027",
    ),
    "squeeze_and_excitation": Problem(
        {"K": (4, 3, 3, 3), "W1": (2, 4), "W2": (4, 2), "V": (5, 4)},
        [numbers(2, 3, 7, 5), labels(2)],
        1.5201660167707116,
        "-0.014486183007 -2.9001310046e-05 0.00013132614178 -0.2449735951",
    ),
    "negative_sampling": Problem(
        {"V": (5, 3), "U": (5, 3)},
        [labels(7), labels(7), labels(7, 11)],
        70.76101873946526,
        "2.8804813227 4.0091045517",
    ),
    "conditional_random_field": Problem(
        {"start": (5,), "A": (5, 5)},
        [numbers(3, 6, 5), labels(3, 6)],
        14.35933698525134,
        "-0.38827468125 -4.5442346717",
    ),
    "kalman": Problem(
        {"a": (), "logq": (), "logr": (), "m0": (), "logp": ()},
        [numbers(7)],
        10.754063967302821,
        "2.2091450836 1.4820937795 0.40847605883 0.0072762386384 0.2533454299",
    ),
    "rotary": Problem(
        {"Wq": (4, 3), "Wk": (4, 3), "Wv": (5, 3)},
        [numbers(2, 7, 3), numbers(2, 7, 5)],
        5.027830142933336,
        "1.3351249423 1.6694990083 0.022477064931",
    ),
    "layer_norm_rnn": Problem(
        {"W": (4, 3), "U": (4, 4), "gain": (4,), "b": (4,)},
        [numbers(7, 5, 3), numbers(7, 5, 4)],
        9.033638606071282,
        "-0.62204017862 -0.24251389691 -0.94214826905 2.9066512787",
    ),
    "bahdanau": Problem(
        {"S": (3, 2), "Wa": (6, 3), "Ua": (6, 2), "va": (6,), "W": (3, 3), "Cc": (3, 2), "V": (5, 3)},
        [numbers(7, 8, 2), labels(7, 4)],
        7.286175308160798,
        "-0.062409085927 0.030487390649 -0.19024862762 0.061103711625 -0.020293565073 -0.042002165817 0.97525465164",
    ),
    "vector_quantised_autoencoder": Problem(
        {"W": (2, 3), "E": (5, 2), "V": (3, 2)},
        [numbers(7, 3)],
        1.9304179109191277,
        "0.82565513333 0.56234694756 -1.2848388708",
    ),
    "binarised": Problem(
        {"W": (5, 3), "v": (5,)},
        [numbers(7, 3), numbers(7)],
        8.381644465734198,
        "-0.055215646011 6.0938643317",
    ),
    "deep_q_learning": Problem(
        {"W": (4, 3), "V": (5, 4)},
        [numbers(7, 3), numbers(7, 3), labels(7), numbers(7)],
        2.8718858154769613,
        "-0.37402663209 2.5808563202",
    ),
    "bootstrapped_views": Problem(
        {"W": (5, 3), "P": (5, 5)},
        [numbers(7, 3), numbers(7, 3)],
        -0.02443126610143349,
        "0.011479100801 0.31577097156",
    ),
    "policy_gradient": Problem(
        {"W": (5, 3), "b": (5,), "u": (3,)},
        [numbers(7, 3), labels(7), numbers(7)],
        1.2228299338880813,
        "0.65824859975 -0.08023080693 -0.7747109879",
    ),
    "proximal_policy": Problem(
        {"W": (5, 3), "u": (3,)},
        [numbers(7, 3), labels(7), numbers(7), numbers(7)],
        2.1845889121505198,
        "-0.0573223159 1.6347029352",
    ),
    "gaussian_process": Problem({"s": (), "w": ()}, [numbers(7, 3), numbers(7)], 4.018648293018396, "1.7559866646 -0.32842979257"),
    "equilibrium": Problem(
        {"W": (5, 5), "U": (5, 3), "b": (5,), "v": (5,)},
        [numbers(7, 3), numbers(7)],
        3.8332977414741194,
        "-0.021195531965 2.7177173511 -0.88235443589 -4.195611669",
    ),
    "ridge": Problem({"g": (3,), "M": (3, 3)}, [numbers(7, 3), numbers(7)], 1.4338886664527464, "0.074750838831 0.35294153466"),
    "systems_of_examples": Problem({"V": (3, 3)}, [numbers(7, 3), numbers(7, 3)], 0.007906988761755853, "-0.0029649040798"),
    "local_response": Problem(
        {"W": (7, 7)},
        [numbers(2, 7, 3), numbers(2, 7, 3)],
        12.743269192093543,
        "-3.20333339",
    ),
    "wgan_gp": Problem(
        {"W": (5, 3), "b": (5,), "v": (5,)},
        [numbers(7, 3), numbers(7, 3), numbers(7)],
        3.45279880040575,
        "-3.7255068461 -2.8655335296 -6.7363602695",
    ),
    "maml": Problem(
        {"W": (5, 3), "b": (5,), "v": (5,)},
        [numbers(4, 3), numbers(4), numbers(7, 3), numbers(7)],
        3.54657282728773,
        "-0.53474097532 0.28556676278 -3.766698256",
    ),
    "soft_dtw": Problem(
        {"W": (2, 3)},
        [numbers(5, 3), numbers(4, 2)],
        11.16682147835854,
        "0.93418498831",
    ),
    "radiance_field": Problem(
        {"w": (4,), "V": (4, 3)},
        [numbers(5, 6, 4), numbers(5, 6), numbers(5, 3)],
        0.7549445012230056,
        "-0.036097002828 -0.0095356499108",
    ),
    "selective_scan": Problem(
        {"A": (3, 4), "WB": (4, 3), "WG": (4, 3), "WD": (3, 3), "bD": (3,), "D": (3,)},
        [numbers(2, 5, 3), numbers(2, 5, 3)],
        4.277298185211304,
        "0.38727416475 2.2138598389 -1.5563494759 0.23810241582 0.75061498886 -0.58390576743",
    ),
    "language_model": Problem(
        {"E": (5, 3), "P": (6, 3), "WQ": (3, 3), "WK": (3, 3), "WV": (3, 3)},
        [labels(4, 6)],
        2.388136429905322,
        "0.2309735193 0.49265394849 0.011348889815 -0.0040584913374 0.3118596346",
    ),
}


@STYLES
@pytest.mark.parametrize("name", PROBLEMS)
def test_cost_and_gradients_are_those_of_torch(name: str, style: str) -> None:
    problem = PROBLEMS[name]
    module = load(derive(read_description(CASES / f"{name}.toml").network), style=style, verify=False)
    params, data = problem.arrays()
    cost, gradients = module.cost_and_gradients(module.Parameters(**params), *data)
    assert cost == pytest.approx(problem.cost, rel=1e-11)
    found = [float(np.sum(getattr(gradients, key).ravel() * np.cos(np.arange(params[key].size)))) for key in params]
    np.testing.assert_allclose(found, np.array(problem.gradients.split(), float), rtol=1e-9, atol=1e-10)


#: Σ_m cos(m) of the entries of the Hessian times cos(m), by torch.autograd.functional.hvp; a fixed point is 400 iterations there.
SECOND = {
    "gaussian_process": "2.1872887248 1.6584629868",
    "equilibrium": "-1.7091500139 -1.4111917342 -3.5298648573 4.6160202985",
    "ridge": "-0.41322018297 -0.40043088385",
    "systems_of_examples": "-0.00055076404434",
}


@STYLES
@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_of_solutions_are_those_of_torch(name: str, style: str) -> None:
    derivation = derive(read_description(CASES / f"{name}.toml").network)
    module = load(derivation, style=style, derivatives=("gradient", "hvp"), verify=False)
    params, data = PROBLEMS[name].arrays()
    direction = {key: np.cos(np.arange(array.size)).reshape(array.shape) for key, array in params.items()}
    product = module.hessian_vector_product(module.Parameters(**params), *data, module.Parameters(**direction))
    found = [float(np.sum(part * along)) for part, along in zip(product, direction.values(), strict=True)]
    np.testing.assert_allclose(found, np.array(SECOND[name].split(), float), rtol=1e-8, atol=1e-10)


def test_a_norm_over_one_position_is_no_mistake_of_the_module() -> None:
    """a − mean(a) is 0 there, 1/s is 316: what cancels behind it is rounding of the adjoints between, not of the gradients of 0."""
    derivation = derive(read_description(CASES / "layer_norm_rnn.toml").network)
    assert check_calls(derivation, load(derivation, style="fast", verify=False)) > 0


@STYLES
@pytest.mark.parametrize("factor", [1.0, 1000.0])
@pytest.mark.parametrize("masked", ["where(t < u, 0, exp(s[t,u]))", "where(t < u, 0, 1)*exp(s[t,u])", "exp(s[t,u])*where(u <= t, 1, 0)"])
def test_masked_softmax_in_two_equations(masked: str, factor: float, style: str) -> None:
    """ds = p (g − Σ g p), with p of the positions up to t alone, however large the scores are."""
    equations = f"a[t,u] = {masked}\np[t,u] = a[t,u]/sum(u_, a[t,u_])\nC = sum(t, u, g[t,u]*p[t,u])"
    module = load(derive(Network.from_equations(equations, ["s[t,u]"], ["g[t,u]"])), style=style, verify=False)
    rng = np.random.default_rng(3)
    s, g = factor * rng.standard_normal((5, 7)), rng.standard_normal((5, 7))
    seen = np.where(np.tri(5, 7, dtype=bool), s, -np.inf)
    p = np.exp(seen - seen.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        cost, gradients = module.cost_and_gradients(module.Parameters(s), g)
    assert cost == pytest.approx(np.sum(g * p), rel=1e-12)
    np.testing.assert_allclose(gradients.s, p * (g - np.sum(g * p, axis=1, keepdims=True)), atol=1e-14)


@STYLES
def test_parameters_that_stay_below_1_together(style: str) -> None:
    """A variance ω/(1 − α − β) is above 0 for few random parameters: the checks find some. Gradients by a complex step."""
    module = load(derive(read_description(CASES / "garch.toml").network), style=style)
    r, params = np.random.default_rng(4).standard_normal(7), {"omega": 0.1, "alpha": 0.2, "beta": 0.6}

    def cost(omega: complex, alpha: complex, beta: complex) -> complex:
        h, total = omega / (1 - alpha - beta), 0.0 + 0.0j
        for t in range(7):
            h = omega + alpha * r[t - 1] ** 2 + beta * h if t else h
            total += (np.log(h) + r[t] ** 2 / h) / 2
        return total

    value, gradients = module.cost_and_gradients(module.Parameters(**{name: np.array(number) for name, number in params.items()}), r)
    assert value == pytest.approx(cost(**params).real, rel=1e-12)
    for name in params:
        assert getattr(gradients, name) == pytest.approx(cost(**{**params, name: params[name] + 1e-30j}).imag / 1e-30, rel=1e-10)


def test_a_cost_that_needs_declared_inputs_says_so() -> None:
    """Kipf and Welling (2017): degrees of an adjacency matrix are above 0 where its entries are."""
    equations = "d[n] = sum(m, A[n,m])\nC = sum(n, w*log(sqrt(d[n])))"
    derivation = derive(Network.from_equations(equations, ["w"], ["A[n,m]"], sizes={"m": 200}))
    with pytest.raises(CheckFailed, match="Inputs and targets may be declared, as in x"):
        checked_module(derivation)
    declared = derive(Network.from_equations(equations, ["w"], ["A[n,m] in unit"], sizes={"m": 200}))
    assert max(checked_module(declared).errors.values()) < 1e-8
