"""The Hessian by one parameter against the second adjoints along random directions."""

from __future__ import annotations

import numpy as np

from chainrule.symbolic.derivation.hessian import HessianBlock
from chainrule.symbolic.derivation.second_derivatives import SecondDerivation
from chainrule.symbolic.index.failures import CheckFailed

from .numbers import Numbers
from .solving import solved
from .verification import SEED, TOLERANCE, Verified, difference, random_numbers


def block_numbers(second: SecondDerivation, block: HessianBlock) -> Numbers:
    """Random numbers that obey the block's equations: its tensors in place of the second adjoints of the same names."""
    numbers = random_numbers(second.derivation)
    return solved(block.equations, Numbers(second.system, numbers.arrays, numbers.sizes, nearer=numbers.nearer))


def verify_block(second: SecondDerivation, block: HessianBlock) -> Verified:
    """Every second adjoint of a block, times a random direction, against the second adjoints along that direction.

    Raises:
        CheckFailed: at the first one that differs.
    """
    numbers = random_numbers(second.derivation)
    along = {direction.name: np.zeros(numbers.shape(direction), dtype=complex) for direction in second.direction.values()}
    own = second.direction[block.parameter.name]
    along[own.name] = np.random.default_rng(SEED).standard_normal(numbers.shape(own)).astype(complex)
    only_own = Numbers(second.system, {**numbers.arrays, **along}, numbers.sizes, nearer=numbers.nearer)
    expected = solved([adjoint.equation for adjoint in second.needed], only_own).arrays
    result = second.system.adjoint_name(block.parameter.name)
    if block.is_zero:
        if result in expected and np.any(expected[result]):
            raise CheckFailed(f"the Hessian by {block.parameter.name} is not 0, though its equations say so")
        return Verified(1, 0.0)
    found = block_numbers(second, block).arrays
    largest = 0.0
    for equation in block.equations:
        name = equation.tensor.name
        product = np.tensordot(found[name], along[own.name], axes=len(own.axes))
        error = difference(product, expected[name])
        if not error <= TOLERANCE:
            raise CheckFailed(
                f"{name} of the Hessian by {block.parameter.name} differs from what directions give by {error:.1e}\n  {equation}"
            )
        largest = max(largest, error)
    return Verified(len(block.equations), largest)
