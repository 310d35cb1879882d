"""Every name in a row of the table of functions is that of one and the same function."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Float

from chainrule.symbolic.checking.interpreter import FUNCTIONS
from chainrule.symbolic.checking.matrix_values import FUNCTIONS as BY_NAME
from chainrule.symbolic.index.functions import ELEMENTARY, ElementaryFunction
from chainrule.symbolic.index.named_functions import written_out
from chainrule.symbolic.language import functions

AT = 0.375


@pytest.mark.parametrize("function", ELEMENTARY.values(), ids=lambda function: function.name)
def test_its_names_agree(function: ElementaryFunction) -> None:
    arguments = (AT, 0.25, 0.5)[: function.arguments]
    expected = float(functions.FUNCTIONS[function.name](*map(Float, arguments)))
    found = [float(written_out(node(*map(Float, arguments)))) for node in function.classes]
    found += [
        float(np.real(FUNCTIONS[node](*(np.asarray(argument + 0j) for argument in arguments))))
        for node in function.classes
        if node in FUNCTIONS
    ]
    found += [getattr(np, function.ufunc)(*arguments)] if function.ufunc else []
    found += [getattr(math, function.math)(*arguments)] if function.math else []
    found += [np.real(BY_NAME[function.name](*map(np.asarray, arguments)))] if function.name in BY_NAME else []
    np.testing.assert_allclose(np.array(found, dtype=float), expected, rtol=1e-14)
