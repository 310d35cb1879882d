"""The test that ships with a generated module."""

from __future__ import annotations

from chainrule.codegen.backends.numpy.derived import checked_functions
from chainrule.codegen.backends.numpy.input_gradients import checked_inputs
from chainrule.codegen.backends.numpy.module_names import OWN_NAMES_OF_TEST
from chainrule.codegen.backends.numpy.second import checked_blocks, checked_names
from chainrule.codegen.program.further_derivatives import FurtherDerivatives
from chainrule.codegen.templating.environments import text_template
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.system.system import System

from .numpy_module import GRADIENT_TOLERANCE


def module_test_source(system: System, further: FurtherDerivatives | None = None, behind: str = "") -> str:
    """The test that ships with the module, whose name has something `behind` the network's."""
    second, derived = (further.second, further.derived) if further else (None, None)
    first = system.inputs[0].name if system.inputs else None
    name = system.name + behind
    module = free_name(name, OWN_NAMES_OF_TEST)
    return text_template("module_test.py.jinja").render(
        name=name,
        module=module,
        first_input=first,
        variable=free_name(first, {*OWN_NAMES_OF_TEST, module}) if first else None,
        tolerance=repr(GRADIENT_TOLERANCE),
        checked=[*checked_names(system, second), *checked_inputs(system), *checked_functions(system, derived)]
        if further or system.wrt
        else [],
        hessian_vector=bool(second and second.hessian_vector),
        checked_blocks=checked_blocks(system, second) if second else "",
    )
