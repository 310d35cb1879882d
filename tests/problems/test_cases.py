"""Published worked examples, from the description file to the numbers of the generated module.

Expected numbers stand as they were printed: text, so that a number with fewer digits is compared in those digits only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from places import CASES, GALLERY

from chainrule import Derivation, derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.checking.tensor_draw import TensorDraw
from chainrule.symbolic.checking.verification import random_arrays, verify
from chainrule.symbolic.system.system import System

Array = NDArray[Any]


class Case(NamedTuple):
    """A generated module, the numbers of the worked example and its learning rate."""

    module: ModuleType
    params: Any
    x: Array
    y: Array
    learning_rate: float


def module_of(name: str) -> ModuleType:
    return load(derive(read_description(CASES / f"{name}.toml").network), verify=False)


def case(name: str) -> Case:
    """A case whose numbers stand in its description."""
    description = read_description(CASES / f"{name}.toml")
    example = description.example
    assert example is not None
    module = load(derive(description.network), verify=False)
    params = module.Parameters(**{key: np.array(value) for key, value in example.parameters.items()})
    return Case(module, params, np.array(example.arrays["x"]), np.array(example.arrays["y"]), example.learning_rate or 0.0)


def agree(found: object, printed: str) -> None:
    """`found` has the printed numbers, to 1e-9 or to the digits that are printed."""
    numbers = np.atleast_1d(np.asarray(found, dtype=float)).reshape(-1)
    words = printed.split()
    assert len(numbers) == len(words)
    for number, word in zip(numbers, words, strict=True):
        digits = len(word.partition(".")[2])
        assert abs(number - float(word)) <= max(1e-9, 0.501 * 10.0**-digits), f"found {number!r}, printed {word}"


def frobenius(matrix: Array) -> float:
    return float(np.sqrt((matrix**2).sum()))


def norms(gradients: Any, names: Iterable[str]) -> list[float]:
    return [frobenius(getattr(gradients, name)) for name in names]


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_equation_of_a_case_holds(path: Path) -> None:
    assert verify(derive(read_description(path).network)).largest_error < 1e-9


class TestMazur:
    def test_forward(self) -> None:
        mazur = case("mazur")
        cache = mazur.module.forward(mazur.params, mazur.x)
        agree(cache.a1, ".593269992 .596884378")
        agree(cache.a2, ".75136507 .772928465")
        agree(mazur.module.predict(mazur.params, mazur.x), ".75136507 .772928465")
        agree(mazur.module.cost(mazur.params, mazur.x, mazur.y), ".298371109")

    def test_gradients(self) -> None:
        mazur = case("mazur")
        _, gradients = mazur.module.cost_and_gradients(mazur.params, mazur.x, mazur.y)
        agree(gradients.W2, ".082167040564 .082667627848 -.022602540477 -.022740242216")
        agree(gradients.W1, ".000438567734 .000877135469 .000497712735 .000995425471")
        agree(gradients.b2, ".138498561629 -.038098236517")
        agree(gradients.b1, ".008771354689 .009954254705")

    def test_a_step_of_gradient_descent(self) -> None:
        mazur = case("mazur")
        _, gradients = mazur.module.cost_and_gradients(mazur.params, mazur.x, mazur.y)
        after = mazur.module.sgd(mazur.params, gradients, eta=mazur.learning_rate)
        agree(after.W2, ".35891648 .408666186 .511301270 .561370121")
        agree(after.W1, ".149780716 .19956143 .24975114 .29950229")

    def test_the_cost_after_a_step_with_biases_kept(self) -> None:
        mazur = case("mazur")
        _, gradients = mazur.module.cost_and_gradients(mazur.params, mazur.x, mazur.y)
        after = mazur.module.sgd(mazur.params, gradients, eta=mazur.learning_rate)._replace(b1=mazur.params.b1, b2=mazur.params.b2)
        cost = mazur.module.cost(after, mazur.x, mazur.y)
        assert cost == pytest.approx(0.29102777369359933, rel=1e-14)
        assert f"{cost:.9f}" != "0.291027924"

    def test_the_cost_that_the_article_prints(self) -> None:
        """It comes out where the hidden gradients are taken with the new output weights."""
        mazur = case("mazur")
        _, first = mazur.module.cost_and_gradients(mazur.params, mazur.x, mazur.y)
        new_output = mazur.params._replace(W2=mazur.params.W2 - mazur.learning_rate * first.W2)
        hidden = mazur.module.backward(new_output, mazur.module.forward(mazur.params, mazur.x), mazur.y)
        after = new_output._replace(W1=mazur.params.W1 - mazur.learning_rate * hidden.W1)
        assert f"{mazur.module.cost(after, mazur.x, mazur.y):.9f}" == "0.291027924"


class TestFirstAssignment:
    def test_cost_and_gradients(self) -> None:
        module = module_of("cs231n_first")
        weights = np.random.RandomState(0)
        w1 = 0.1 * weights.randn(4, 10)
        w2 = 0.1 * weights.randn(10, 3)
        x = 10 * np.random.RandomState(1).randn(5, 4)
        y = np.array([0, 1, 2, 2, 1])
        cost, gradients = module.cost_and_gradients(module.Parameters(w1, np.zeros(10), w2, np.zeros(3)), x, y)
        agree(cost, "1.30378789133")
        agree(gradients.b2, ".2099690981 -.1431904992 -.0667785988")
        agree(norms(gradients, ("W1", "W2")), "1.48133981301 1.91756754732")


class TestSecondAssignment:
    @staticmethod
    def results(module: ModuleType) -> tuple[float, Any]:
        params = module.Parameters(
            W1=np.linspace(-0.7, 0.3, 250).reshape(5, 50),
            b1=np.linspace(-0.1, 0.9, 50),
            W2=np.linspace(-0.3, 0.4, 350).reshape(50, 7),
            b2=np.linspace(-0.9, 0.1, 7),
        )
        x = np.linspace(-5.5, 4.5, 15).reshape(5, 3).T
        cost, gradients = module.cost_and_gradients(params, x, np.array([0, 5, 1]))
        return cost, gradients

    def test_without_regularisation(self) -> None:
        cost, gradients = self.results(module_of("cs231n_second"))
        agree(cost, "3.4702243556")
        agree(norms(gradients, ("W1", "W2", "b1", "b2")), ".297958919684 25.8529786197 .0431426778627 .696370832548")

    def test_with_regularisation(self) -> None:
        cost, gradients = self.results(module_of("cs231n_second_regularised"))
        agree(cost, "26.5948426952")
        agree(norms(gradients, ("W1", "W2")), "5.83770283079 26.2079844354")


def test_saito() -> None:
    saito = case("saito")
    cost, gradients = saito.module.cost_and_gradients(saito.params, saito.x, saito.y)
    agree(cost, ".92806854")
    agree(gradients.W1, ".2192476267 .1435624661 -.3628100928 .32887144 .2153436992 -.5442151392")


#: Every tensor of the character model (A. Karpathy), from the cost back, whose gradient a student works out by hand.
CHARACTER_TENSORS = (
    "logprobs probs counts_sum_inv counts_sum counts norm_logits logit_maxes logits h W2 b2 hpreact bngain bnbias bnraw bnvar_inv bnvar "
    "bndiff2 bndiff bnmeani hprebn embcat W1 b1 emb C"
).split()


class TestCharacterModel:
    """The network of the gallery at its own sizes: 4,137 parameters, 32 examples."""

    @staticmethod
    def numbers() -> tuple[Derivation, dict[str, np.ndarray], dict[str, int]]:
        system = read_description(GALLERY / "character_model" / "character_model.toml").system
        derivation = derive(system)
        sizes = {name: axis.size or 0 for name, axis in system.axes.items()} | {"n": 32}
        sizes |= {name: 30 for name, axis in system.axes.items() if axis.rule is not None}
        rng = np.random.default_rng(0)
        arrays = random_arrays(system, sizes, rng, TensorDraw(0.5, 0.1))
        forwards = forward(
            system, {name: array if array.dtype.kind == "i" else array.astype(complex) for name, array in arrays.items()}, sizes
        )
        return derivation, dict(forwards.arrays), sizes

    def test_it_has_4137_parameters(self) -> None:
        derivation, arrays, _ = self.numbers()
        assert sum(arrays[tensor.name].size for tensor in derivation.system.parameters) == 4137

    def test_all_26_tensors_have_the_gradient_that_numbers_say(self) -> None:
        derivation, arrays, sizes = self.numbers()
        system = derivation.system
        assert len(CHARACTER_TENSORS) == 26
        assert set(CHARACTER_TENSORS) == set(derivation.adjoints)
        adjoints = solved([adjoint.equation for adjoint in derivation.adjoints.values()], Numbers(system, arrays, sizes)).arrays
        rng = np.random.default_rng(1)
        for name in CHARACTER_TENSORS:
            found = np.real(adjoints[f"d{name}"])
            places = [tuple(int(rng.integers(size)) for size in found.shape) for _ in range(3)]
            places.append(tuple(map(int, np.unravel_index(np.abs(found).argmax(), found.shape))))
            for place in places:
                exact = self.slope(system, arrays, sizes, name, place)
                assert found[place] == pytest.approx(exact, rel=1e-9, abs=1e-12), name

    @staticmethod
    def slope(system: System, arrays: dict[str, np.ndarray], sizes: dict[str, int], name: str, place: tuple[int, ...]) -> float:
        """∂loss/∂name[place] by a complex step: what comes after the tensor is computed again."""
        moved = np.array(arrays[name], dtype=complex)
        moved[place] += 1e-30j
        names = list(system.definition)
        later = [equation for equation in system.equations if name not in names or names.index(equation.tensor.name) > names.index(name)]
        again = solved(later, Numbers(system, {**arrays, name: moved}, sizes))
        return float(np.imag(again.arrays[system.cost.tensor.name])) / 1e-30

    def test_the_two_forms_in_one_line(self) -> None:
        derivation, _, _ = self.numbers()
        text = PlainPrinter(derivation.system)
        assert text.equation(derivation.collected("logits").equation) == "dlogits[n,v] = (probs[n,v] - [v = Y[n]]) / N"
        assert text.equation(derivation.collected("hprebn", through="hpreact").equation) == (
            "dhprebn[n,j] = bnvar_inv[j] bngain[j] (N dhpreact[n,j] - N bnraw[n,j] Σ_n′ dhpreact[n′,j] bnraw[n′,j] / (N - 1)"
            " - Σ_n′ dhpreact[n′,j]) / N"
        )
        assert [form.tensor.name for form in derivation.collected_forms] == ["logits", "hprebn"]
