"""Formulas of which others reported numbers that are none, or gradients that are lost: issues of PyTorch, kornia, scikit-learn, darknet.

Right values are those of PyTorch in double precision where it has them, else of mpmath with 60 digits and more; nothing warns of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from places import CASES

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.descriptions.reader import read_description


@dataclass(frozen=True)
class Reported:
    """The arrays that a report names, and what is right there; `data` are inputs, then targets."""

    case: str
    parameters: tuple[ArrayLike, ...]
    cost: float
    gradients: tuple[ArrayLike, ...]
    data: tuple[ArrayLike, ...] = field(default=())


#: Issues: pytorch 187297, 68425, 108618, 15288; kornia 2115; scikit-learn 28046; darknet 5452; Liger-Kernel 1453; optax 473;
#: tensorflow/probability 1512.
#: The penalty is that of https://foreai.co/blog/nans-out-of-nowhere-the-trick-that-saved-my-training-run.
#: Cox: partial likelihoods of scores that lie far apart, as lifelines and pycox meet them.
REPORTED = {
    "branches that are no numbers": Reported(
        "branches",
        ([-1.0, -4.0, 4.0], [100.0, 1000.0, 0.0], [0.0, 2.0, 3.0]),
        -3 + 101 + 1001 + 1 + 4 + float(np.log2(3)),
        ([1, 1, 0.25], [1, 1, 1], [2, 2, 1 / (3 * np.log(2))]),
    ),
    "a Bernoulli divergence of saturated logits": Reported(
        "bernoulli_divergence",
        ([10.3, -6.0, 30.0, -90.0],),
        0.69276713880074114 + 0.67583575648240621 + 0.69314718055704445 + 0.28768207245178093,
        ([0.00034639757917556061, -0.014799055748160287, 2.807286890651527e-12, -7.2845909319692879e-38],),
        ([0.5, 0.5, 0.5, 0.25],),
    ),
    "a focal loss of saturated logits": Reported(
        "focal_logits",
        ([100.0, -100.0, 100.0, -100.0, 2.0, 2.0],),
        75 + 25 + 0.00045089070881009384 + 1.2375586345660567,
        ([0, 0, 0.75, -0.25, -0.0012177350488481916, 0.80753529783636146],),
        ([1.0, 0.0, 0.0, 1.0, 1.0, 0.0],),
    ),
    "a half binomial deviance far out": Reported(
        "half_binomial", ([-1000.0, 1000.0, 0.0],), 1000 + 1000 + float(np.log(2)), ([-1, 1, 0.5],), ([1.0, 0.0, 0.0],)
    ),
    "the mean of a continuous Bernoulli distribution far out": Reported(
        "continuous_bernoulli",
        ([100.0, -100.0, 0.5, -12.0],),
        0.99 + 0.01 + 0.54149408253679828 + 0.083327189083228428,
        ([1e-4, 1e-4, 0.082301910967236235, 0.0069383001565877295],),
    ),
    "Mish in its tail": Reported("mish", ([-20.0],), -4.1223072406287614e-8, ([-3.9161918743489691e-8],)),
    "Mish": Reported("mish", ([-5.0, 0.5],), -0.033576237730161705 + 0.3752452113048951, ([-0.026747498019901934, 0.88642437535772726],)),
    "a penalty of the end of a text that is nearly certain": Reported(
        "end_of_text",
        ([[0.0, -3.0, 50.0], [0.5, 0.25, 0.125]],),
        (49.951412648426258 + 0.32669450563290462) / 2,
        ([[-0.47628706341121661, -0.02371293658878339, 0.5], [-0.078338153140125418, -0.06100981500989731, 0.13934796815002273]],),
        ([2, 2],),
    ),
    "classes that neither of two softmaxes has": Reported(
        "jensen_shannon",
        ([0.0, -800.0, 2.0],),
        0.2081256150882579,
        ([-0.08915289587677731, 0, 0.08915289587677733],),
        ([1.0, -900.0, 0.0],),
    ),
    "the divergence from a row with a one": Reported(
        "one_hot_divergence",
        ([0.0, -3.0, 5.0],),
        5.007048510411065,
        ([-0.9933093785073909, 0.00033310642967603, 0.9929762720777149],),
        ([1.0, 0.0, 0.0],),
    ),
    "the divergence from a row with a zero": Reported(
        "one_hot_divergence",
        ([0.0, -3.0, 5.0],),
        0.6947133657922562,
        ([-0.2433093785073909, 0.00033310642967603, 0.24297627207771488],),
        ([0.25, 0.0, 0.75],),
    ),
    "the deviance of a count of 0": Reported(
        "poisson_deviance",
        ([0.0, 0.5, 1.0],),
        2.506594920558128,
        ([2.0, 1.2974425414002564, 1.4365636569180902],),
        ([0.0, 1.0, 2.0],),
    ),
    "a partial likelihood": Reported(
        "cox",
        ([0.3, -0.2],),
        3.474696894402352,
        ([1.453602989360089, -3.1916417824263386],),
        ([[1, 2], [3, -1], [-2, 0.5], [0.5, 1]], [1.0, 1, 0, 1], [[1.0, 1, 1, 1], [0, 1, 1, 0], [0, 0, 1, 0], [0, 1, 1, 1]]),
    ),
    "a partial likelihood of scores of 900": Reported(
        "cox", ([300.0],), 600.0, ([2],), ([[1.0], [3], [-2]], [1.0, 1, 0], [[1.0, 1, 1], [0, 1, 1], [0, 0, 1]])
    ),
}


def _typed(array: ArrayLike, dtype: str) -> NDArray[Any]:
    """Labels stay whole numbers."""
    values = np.asarray(array)
    return values if values.dtype.kind == "i" else values.astype(dtype)


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("title", REPORTED)
def test_cost_and_gradients(title: str, dtype: str, style: str) -> None:
    reported, tolerance = REPORTED[title], 1e-12 if dtype == "float64" else 2e-5
    module = load(derive(read_description(CASES / f"{reported.case}.toml").network), style=style, verify=False)
    params = module.Parameters(*(np.asarray(array, dtype) for array in reported.parameters))
    with np.errstate(all="raise", under="ignore"):
        cost, gradients = module.cost_and_gradients(params, *(_typed(array, dtype) for array in reported.data))
    assert cost == pytest.approx(reported.cost, rel=tolerance)
    for found, right in zip(gradients, reported.gradients, strict=True):
        np.testing.assert_allclose(found, right, rtol=tolerance, atol=tolerance * float(np.max(np.abs(right))))
