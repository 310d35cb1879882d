"""Kinds of layers, and networks of papers made of them, held against PyTorch: the cost, and Σ_m cos(m) dw[m] of each gradient.

The numbers are those of torch.autograd (2.13, float64) for PyTorch's own layer or function of the name, with two examples. Every array is
the next piece of sin(1 + 1.7 m), parameters first, then inputs and targets; labels are 2 (3 m + c) modulo how many there are, with c the
number of label arrays before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layer_networks import ALONE
from numpy.typing import NDArray
from published_layers import PUBLISHED

from chainrule import Network, derive, load
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.system.system import System

NETWORKS = {**ALONE, **PUBLISHED}
EXAMPLES = 2


def arrays(system: System) -> tuple[dict[str, NDArray[Any]], list[NDArray[Any]]]:
    """Parameters by name, and inputs with targets."""
    sizes = {name: axis.size or EXAMPLES for name, axis in system.axes.items()}
    place = labels = 0
    found: dict[str, NDArray[Any]] = {}
    for tensor in (*system.parameters, *system.inputs, *system.targets):
        shape = tuple(sizes[axis_name(letter)] for letter in tensor.axes)
        count = int(np.prod(shape))
        if tensor.values is Values.LABELS:
            found[tensor.name] = (2 * (3 * np.arange(count) + labels) % sizes[tensor.points_into or ""]).reshape(shape)
            labels += 1
            continue
        found[tensor.name] = np.sin(1 + 1.7 * np.arange(place, place + count)).reshape(shape)
        place += count
        if tensor.values is Values.SIGNS:
            found[tensor.name] = np.sign(found[tensor.name])
    names = {tensor.name for tensor in system.parameters}
    return {name: array for name, array in found.items() if name in names}, [found[name] for name in found if name not in names]


#: The cost, and a number of each gradient.
NUMBERS: dict[str, tuple[float, str]] = {
    "instance_norm": (
        83.58983405851606,
        "-0.087509018555 -43.307536836 -44.582573262",
    ),
    "instance_norm without gain": (
        1.9435689126323268,
        "0.1910000087",
    ),
    "group_norm": (
        157.3946526946886,
        "10.866204674 8.1026529786 46.791929865 -43.118471681",
    ),
    "group_norm of all channels": (
        2.1081186030156442,
        "-0.36406696158 0.42960418886 1.8248652144",
    ),
    "upsample": (
        63.54169378845375,
        "-4.5433355589 -51.498869701",
    ),
    "upsample with lines": (
        22.9648174956124,
        "2.7802942791 -22.856684781",
    ),
    "upsample a sequence with lines": (
        3.017503370564297,
        "1.0922719725 0.21215884285",
    ),
    "multiply by one number a channel": (
        37.621466139146115,
        "0.52892625095 -24.396804437 -4.7750355039 5.7090922719",
    ),
    "add one row to all steps": (
        11.694242844382385,
        "1.734526226 0.74866769983 -1.077928128 0.74866769983",
    ),
    "multiply by one channel": (
        11.864110153380107,
        "0.1007999492 -2.9330304624",
    ),
    "embedding_bag": (
        1.68025498797417,
        "0.24746540022",
    ),
    "embedding_bag, the sum": (
        8.80227102344889,
        "3.0970818002",
    ),
    "swiglu": (
        6.470600826399897,
        "8.7662119117 8.747190985 4.3010187739",
    ),
    "swiglu on a sequence": (
        12.829936718776526,
        "8.5324308457 -8.2199716045 -8.4798145669 9.5199642444 -7.7398824532 -0.11399030979",
    ),
    "rotary": (
        3.006423953334922,
        "0.29816152966",
    ),
    "rotary of neighbours": (
        2.5519878382730523,
        "-0.15368688605",
    ),
    "grouped_query_attention": (
        36.95992552714509,
        "4.3218890374 -0.62451954699 3.3225707588 -25.790250702",
    ),
    "grouped_query_attention of one head of keys": (
        15.191338754440688,
        "-8.228791738 3.302457592 2.378872435 -2.3559871297 2.7735756833 -3.2683896013 -0.19097074747 2.0076695832",
    ),
    "conv1d, causal": (
        1.990807735913701,
        "0.35144139811 0.28739762949",
    ),
    "conv2d with other zeros behind": (
        97.42594010923818,
        "-65.768861962 -60.320882913",
    ),
    "max_pool2d beyond the edge": (
        19.632075386117478,
        "2.9172991861 20.618184945",
    ),
    "average_pool2d beyond the edge": (
        9.205121433892316,
        "-0.091754262919 6.1572386659",
    ),
    "rnn of both directions": (
        2.177000473025262,
        "0.00850684363 -0.093705142983 -0.027663584363 -0.057428983733",
    ),
    "lstm of both directions": (
        1.0320571576341986,
        "-0.014020879588 -0.00071940648301 -0.021557927827 0.006022449458 -0.0011378410116 -0.0048486013042 "
        "-0.022980353157 -0.0035421546815 -0.046716055157 -0.0048342092981 -0.0017221434382 -0.082421330144 "
        "-0.0093970299118 0.0040038349319 0.049727156127 0.0084664696761 0.0045819993956 0.02356037731 -0.0072257179887 "
        "0.010252915052 0.079417125941 -0.046156717076 0.0072046908789 0.054392730698",
    ),
    "gru of both directions, the last states": (
        2.0171282767474468,
        "0.037669799268 0.017280692551 0.059673661944 0.46884947441 0.038819752728 -0.28503042283 -0.12159006882 "
        "-0.05398775401 0.37073341412 -0.0064875571386 0.0015565883842 -0.019460362793 0.21159224317 -0.12701198488 "
        "0.043832948396 0.68380041895 -0.2232380598 -0.3822118865",
    ),
    "dense with weights of a length": (
        1.8781911398874773,
        "0.079855446256 -0.19551476675 -0.34210844886",
    ),
    "dense with a spectral norm": (
        2.2143086078406258,
        "0.13930666599 0.9472917704",
    ),
    "conv2d with kernels of a length": (
        16.698994086547835,
        "-0.47554120236 -10.781735933 -4.5963216562",
    ),
    "conv1d in groups with a spectral norm": (
        2.7829116288730513,
        "-0.21803668605 -1.2617693234",
    ),
    "transformer_block without biases": (
        0.9891032322769704,
        "0.10414885803 -0.0032637665017 -0.014777645258 0.0012827120021 0.031995192576 -0.13348664038 -0.60787915369 -0.045072797017",
    ),
    "layer_norm without bias": (
        1.9733828924447814,
        "0.107294469 1.0151866918",
    ),
    "llama_block": (
        15.842322179728296,
        "-1.821894023 -0.88992585543 -1.7037344523 0.3092245128 4.9467828203 10.488342435 -3.4219439494 -4.0337373415 -1.2345019361",
    ),
    "wavenet": (
        2.2685580493379462,
        "-0.0020620178717 0.21839814768 0.0035701589117 0.0056149396387 0.45604648449 -0.097996453511 -0.12164497802 "
        "-0.33080571534 0.11763829446 0.012892571307 0.032198144035 -0.19187844898 -0.046543270391 -0.61635296081",
    ),
    "u_net": (
        1.9069914784588724,
        "0.56193559784 -0.16836748613 1.1928054003 -0.13230262524 0.32911168472 0.2936133857 -2.0497400327 -0.2533211953",
    ),
    "tagger": (
        1.8952280399003423,
        "-0.00092040308688 0.028052974748 -0.0025610919912 0.031303181864 -0.006396379445 0.00018053443806 "
        "-0.018270393982 -0.0014152315797 0.00046806258036 0.010211455214 -0.11539219601 0.0057552251239 -0.1149798063 "
        "-0.00601088709 -0.00024857068887 -0.013771647785 0.0072307154408 0.00090224670403 0.0041999702404 "
        "-0.004275239264 -0.001366055572 -0.014946729678 0.077521786402 0.0067999798342 0.073097549807 0.0058469911135 "
        "0.35545327099",
    ),
    "style": (
        651.9630271979322,
        "-0.11431421527 -0.24188380565 118.45297174 84.225345967 76.747408832 123.11518286",
    ),
    "residual_groups": (
        1.2476109943502625,
        "0.0022083716447 0.0022065042546 -0.013490842625 0.014772129081 -0.085830393469 -0.072656714449 -0.15904114301 -0.51269171224",
    ),
    "squeeze": (
        12256.035448561644,
        "2734.455835 35.632051136 655.47749615 245.34440021 -494.93988649 71.103115176",
    ),
    "fast_text": (
        2.5841167247591645,
        "0.18043203047 0.082286931666 0.75343178411",
    ),
    "spectral_discriminator": (
        0.0,
        "0 0 0 0",
    ),
    "residual_stem": (
        0.7625697460362901,
        "0.94323541588 0.66944435794 -0.2281874475 -1.4506586432 -0.60765794529",
    ),
    "gpt2_block": (
        7.8576172589449556,
        "-5.3162407245 0.0030847132522 -0.023193940866 -1.5399422643 0.42525968223 4.5200119789 2.1188675865 -0.57045815369",
    ),
}


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("name", NUMBERS)
def test_cost_and_gradients_are_those_of_torch(name: str, style: str) -> None:
    network = Network(**NETWORKS[name])
    module = load(derive(network), style=style, verify=False)
    params, data = arrays(network.system)
    cost, gradients = module.cost_and_gradients(module.Parameters(**params), *data)
    expected, numbers = NUMBERS[name]
    assert cost == pytest.approx(expected, rel=1e-11)
    found = [float(np.sum(getattr(gradients, key).ravel() * np.cos(np.arange(array.size)))) for key, array in params.items()]
    np.testing.assert_allclose(found, np.array(numbers.split(), float), rtol=1e-9, atol=1e-10)
