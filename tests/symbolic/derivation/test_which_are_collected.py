"""Which adjoints have a form in one line, and which of them are shown."""

from __future__ import annotations

import time

import pytest
from collected_networks import WRITTEN, derivation

from chainrule import Dense, InvalidDescription, Network, derive
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.language.system_reader import system_from_equations


class TestNoForm:
    def refused(self, name: str, tensor: str, through: str | None, *words: str) -> None:
        with pytest.raises(InvalidDescription) as caught:
            derivation(name).collected(tensor, through)
        for word in words:
            assert word in str(caught.value)

    def test_a_path_beside_it(self) -> None:
        self.refused("a residual around a norm", "z", "y", "'z'", "'y'", "z → o → L", "a path beside it")

    def test_no_path_through_it(self) -> None:
        self.refused("batch norm", "y", "z", "no path from 'y' to the cost leads through 'z'")
        self.refused("batch norm", "y", "y", "no path from 'y' to the cost leads through 'y'")

    def test_unknown_tensors(self) -> None:
        self.refused("batch norm", "zz", None, "no gradient of 'zz'", "'z'")
        self.refused("batch norm", "z", "yy", "no gradient of 'yy'", "'y'")
        self.refused("batch norm", "z", "x", "no gradient of 'x'")

    def test_nothing_gets_shorter(self) -> None:
        self.refused("logistic_regression", "w", None, "'w' has no collected form")
        deep = derive(Network(3, [Dense(5, "sigmoid"), Dense(7, "tanh")]))
        for name in ("W1", "z1", "a1", "W2"):
            with pytest.raises(InvalidDescription, match="has no collected form"):
                deep.collected(name)

    def test_a_recurrence(self) -> None:
        recurrent = derive(
            system_from_equations(
                inputs=["x[n,t,i]"],
                parameters=["W[j,i]", "U[j,k]"],
                equations="""
                    z[n,t,j] = sum(i, W[j,i]*x[n,t,i])
                    h[n,t,j] = tanh(z[n,t,j] + sum(k, U[j,k]*h[n,t-1,k]))
                    o[n,t,j] = h[n,t,j]**2
                    L = sum(n, t, j, o[n,t,j])
                """,
                sizes={"t": 4, "j": 3},
            )
        )
        with pytest.raises(InvalidDescription, match="'z' has no collected form: h depends on an earlier step"):
            recurrent.collected("z", "o")
        assert recurrent.collected_forms == ()


class TestWhichAreShown:
    def test_none_in_a_stack_of_layers(self) -> None:
        assert derive(Network(3, [Dense(5, "sigmoid"), Dense(7, "softmax")], "cross_entropy")).collected_forms == ()

    def test_none_in_hundreds_of_layers_and_soon_known(self) -> None:
        deep = derive(Network(3, [Dense(5, "tanh") for _ in range(300)]))
        start = time.process_time()
        assert deep.collected_forms == ()
        assert time.process_time() - start < 3

    def test_the_outermost_of_nested_ones(self) -> None:
        """bndiff, dlogits' counts, … have forms too, inside of these two."""
        assert [form.tensor.name for form in derivation("character_model").collected_forms] == ["logits", "hprebn"]
        assert len(derivation("character_model").collected("bndiff").put_in) >= 2

    def test_what_a_form_gains_nothing_for_is_left(self) -> None:
        """tanh before the softmax: dz stands there already, and dy = dz (1 − z²) is as long with the form put in."""
        softmax = WRITTEN["softmax in three equations"]
        before = softmax["equations"].replace("z[n,k] = sum(i, W[k,i]*x[n,i])", "y[n,k] = sum(i, W[k,i]*x[n,i])\nz[n,k] = tanh(y[n,k])")
        found = derive(system_from_equations(**{**softmax, "equations": before})).collected_forms
        assert [form.tensor.name for form in found] == ["z"]

    def test_equal_layers_once(self) -> None:
        layer = """
            z{l}[n,j{l}] = sum(j{k}, W{l}[j{l},j{k}]*h{k}[n,j{k}])
            e{l}[n,j{l}] = exp(z{l}[n,j{l}])
            s{l}[n] = sum(j{l}, e{l}[n,j{l}])
            h{l}[n,j{l}] = e{l}[n,j{l}]/s{l}[n]
        """
        layers = [layer.format(l=number, k=number - 1) for number in range(1, 5)]
        found = derive(
            system_from_equations(
                inputs=["h0[n,j0]"],
                parameters=[f"W{number}[j{number},j{number - 1}]" for number in range(1, 5)],
                equations="\n".join([*layers, "L = sum(n, j4, h4[n,j4]**3)"]),
            )
        ).collected_forms
        # The last layer's adjoint is that of the cost, the others' come through a matrix.
        assert [form.tensor.name for form in found] in (["z4"], ["z4", "z3"])

    def test_steps_of_the_forms_are_verified_with_the_rest(self) -> None:
        forms = derivation("layer norm").collected_forms
        without = verify(derivation("layer norm"), forms=()).equations
        assert verify(derivation("layer norm")).equations == without + sum(len(form.steps) for form in forms)
