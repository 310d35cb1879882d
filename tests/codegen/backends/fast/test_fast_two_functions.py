"""Both passes by themselves are the operations of the one function of both, where they share nothing but tensors."""

from __future__ import annotations

import numpy as np
import pytest
from derived_networks import CORPUS, derived

from chainrule import derive, load
from chainrule.codegen.backends.fast.ir.array_program import Equations, array_program
from chainrule.codegen.backends.numpy_module import single_blank_lines
from chainrule.codegen.backends.registry import module_files
from chainrule.codegen.program.scaled_adjoints import with_scaled_adjoints
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.language.system_reader import system_from_equations

#: Of a tanh, the slope is made of its value; of exp(w x) + w x, the second function would read w x, which is no tensor.
FUNCTIONS = {"tanh(w*x[n])": True, "exp(w*x[n]) + sin(w*x[n])": False}


@pytest.mark.parametrize("name", CORPUS)
def test_what_is_taken_over_is_what_would_be_lowered(name: str) -> None:
    derivation = with_scaled_adjoints(derived(name))
    known, other = Equations(derivation.system), Equations(derivation.system)
    try:
        array_program(derivation, known=known)
    except NotExpressible:
        pytest.skip("no array form")
    assert array_program(derivation, known=known, is_parted=True) == array_program(derivation, known=other, is_parted=True)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_value_that_is_no_tensor_is_computed_in_each_function(function: str) -> None:
    derivation = derive(
        system_from_equations(
            f"a[n] = {function}\nC = mean(n, (a[n] - y[n])**2)", parameters=["w"], inputs=["x[n]"], targets=["y[n]"], batch="n"
        )
    )
    known = Equations(derivation.system)
    whole = array_program(derivation, known=known)
    parted = array_program(derivation, known=known, is_parted=True)
    assert bool(known.programs) is FUNCTIONS[function]
    assert (parted.operations == whole.operations) is FUNCTIONS[function]
    assert parted.kept
    assert not whole.kept


@pytest.mark.parametrize("name", [*list(CORPUS)[::13], "benchmark deep"])
def test_both_are_made_when_they_are_called_for_the_first_time(name: str) -> None:
    """A module that is loaded is the one in a file without them, and what is made later is just that."""
    try:
        whole = module_files(derived(name), style="fast")
    except NotExpressible:
        pytest.skip("no array form")
    made = module_files(derived(name), style="fast", is_loaded=True)
    assert not whole.later
    for function, source in made.later.items():
        text = source()
        assert f"def {function}(" not in made.source
        assert whole.source.count(text) == 1
        assert single_blank_lines(whole.source.replace(text, "")) == made.source
    if name == "benchmark deep":
        module = load(derived(name), style="fast", verify=False)
        before, rng = module._parted_passes, np.random.default_rng(0)
        params, data = module.init(rng), module.sample(rng)
        inputs, targets = data[:1], data[1:]
        workspace = module.Workspace(len(inputs[0]))
        assert module._parted_passes is before
        gradients = workspace.backward(params, workspace.forward(params, *inputs), *targets)
        assert module._parted_passes is not before
        for found, expected in zip(gradients, module.backward(params, module.forward(params, *inputs), *targets), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
