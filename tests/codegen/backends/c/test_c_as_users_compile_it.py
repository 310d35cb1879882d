"""With the optimisations that users get, which the other tests leave out: compilers have been found to get loops wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from derived_networks import derived
from test_c import assert_c_is_plain

import chainrule
from chainrule import Dense, Layer, Network, derive, load


@pytest.mark.parametrize("pooling", ["average_pool2d", "max_pool2d"])
def test_entries_that_are_read_only_where_a_test_holds(pooling: str) -> None:
    """dz = da where z > 0, of arrays of four dimensions: GCC 12 with AVX left out entries, at -O3 alone."""
    layers = [Layer("conv2d", {"channels": 2, "kernel": 3}, "relu"), Layer(pooling, {"kernel": 2}), Layer("flatten"), Dense(3, "softmax")]
    assert_c_is_plain(derive(Network([1, 6, 6], layers, "cross_entropy", targets="labels")))


@pytest.mark.parametrize("name", ["layers max_pool2d beyond the edge", "equations max_over_an_axis", "layers lstm"])
def test_networks(name: str) -> None:
    assert_c_is_plain(derived(name))


def of_others(nn: Any) -> dict[str, tuple[list[Any], tuple[int, ...]]]:
    """Layers that others teach with, and the shape of their inputs."""
    relu, flat = nn.ReLU, nn.Flatten
    return {
        "PyTorch's tutorial of CIFAR-10": (
            [nn.Conv2d(3, 6, 5), relu(), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5), relu(), nn.MaxPool2d(2, 2), flat(), nn.Linear(400, 10)],
            (5, 3, 32, 32),
        ),
        "AlexNet's pools, which overlap": (
            [nn.Conv2d(3, 8, 5, stride=2, padding=2), relu(), nn.MaxPool2d(3, 2), flat(), nn.Linear(392, 10)],
            (3, 3, 31, 31),
        ),
        "NiN's end without a dense layer": (
            [nn.Conv2d(1, 6, 5, stride=2), relu(), nn.Conv2d(6, 6, 1), relu(), nn.MaxPool2d(3, 2), nn.AvgPool2d(5), flat()],
            (3, 1, 28, 28),
        ),
        "convolutions of a text": (
            [nn.Conv1d(7, 11, 3), relu(), nn.MaxPool1d(2), nn.Conv1d(11, 5, 3), relu(), nn.MaxPool1d(2), flat(), nn.Linear(25, 10)],
            (3, 7, 26),
        ),
    }


@pytest.mark.parametrize("place", range(4))
def test_networks_of_others_have_the_gradients_of_torch(place: int) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(place)
    layers, shape = list(of_others(torch.nn).values())[place]
    model, x = torch.nn.Sequential(*layers), torch.randn(shape)
    scores = model(x)
    y = torch.randint(0, scores.shape[1], (shape[0],))
    loss = torch.nn.functional.cross_entropy(scores, y)
    loss.backward()
    module = load(derive(chainrule.from_torch(model, x, cost="cross_entropy").network), target="c", verify=False)
    params = module.Parameters(*(parameter.detach().numpy() for parameter in model.parameters()))
    cost, gradients = module.cost_and_gradients(params, x.numpy(), y.numpy())
    assert cost == pytest.approx(loss.item(), rel=1e-6)
    for found, parameter in zip(gradients, model.parameters(), strict=True):
        expected = parameter.grad.numpy()
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
