"""The Hessian times a direction and blocks of the Hessian against extrapolated differences of the gradient's equations, by inner products.

⟨u, H v⟩ = d/dt ⟨u, ∇C(w + t v)⟩ for random u and v, however many parameters there are; and ⟨u, H v⟩ = ⟨v, H u⟩.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

import numpy as np

from chainrule.codegen.program.second_program import SecondDerivatives
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import adjoint_name

from .finding import Finding
from .gradients import SMALLEST_PART
from .line import LineThroughPoint
from .point import TrialPoint
from .tally import Tally

#: Directions at each point.
DIRECTIONS = 2
#: Entries of a parameter up to which its block of the Hessian is tried: it has as many squared.
LARGEST_BLOCK = 200


def second_findings(
    derivation: Derivation, module: ModuleType, second: SecondDerivatives, points: Sequence[TrialPoint], seed: int
) -> list[Finding]:
    """What a module with second derivatives computes, at every point."""
    names = [tensor.name for tensor in derivation.system.parameters]
    products = {name: Tally() for name in names}
    symmetry, blocks = Tally(), {block.parameter.name: Tally() for block in second.blocks}
    for point in points:
        rng = np.random.default_rng(seed)
        for number in range(DIRECTIONS):
            left, along = _random(point, rng), _random(point, rng)
            line = _Gradient(derivation, point, left).line
            where = f"direction {number + 1}"
            if second.hessian_vector:
                product, mirrored = _product(module, point, along), _product(module, point, left)
                _compare(line, along, {name: float(np.sum(left[name] * product[name])) for name in names}, products, where)
                one, other = (float(sum(np.sum(u[name] * hv[name]) for name in names)) for u, hv in ((left, product), (along, mirrored)))
                symmetry.add(where, abs(one - other) / max(abs(one), abs(other), SMALLEST_PART))
            for name, tally in blocks.items():
                if point.parameters[name].size <= LARGEST_BLOCK:
                    params, data = point.arguments(module)
                    block = module.hessian(params, *data, name).reshape(2 * (point.parameters[name].size,))
                    found = float(left[name].reshape(-1) @ block @ along[name].reshape(-1))
                    _compare(line, {name: along[name]}, {name: found}, {name: tally}, where)
    rows = [tally.finding("second derivatives", f"H v, {name}") for name, tally in products.items() if tally.tried or tally.failures]
    rows += [tally.finding("second derivatives", f"H by {name}") for name, tally in blocks.items() if tally.tried or tally.failures]
    return rows + ([symmetry.finding("second derivatives", "symmetry", with_numeric=False)] if symmetry.tried else [])


class _Gradient:
    """⟨u, ∇C⟩ of each parameter along a line, from the equations of the gradient in extended precision."""

    def __init__(self, derivation: Derivation, point: TrialPoint, left: Mapping[str, NumericArray]) -> None:
        self.names, self.left, self.adjoints = list(left), left, derivation.adjoints
        adjoints = [adjoint.equation for adjoint in derivation.adjoints.values()]
        self.line = LineThroughPoint(point, (*derivation.system.equations, *adjoints), self.read)

    def read(self, numbers: Numbers) -> NumericArray:
        gradients = [numbers.arrays[adjoint_name(name)] if name in self.adjoints else np.zeros(1) for name in self.names]
        products = [np.sum(self.left[name] * found) for name, found in zip(self.names, gradients, strict=True)]
        return np.array(products)


def _random(point: TrialPoint, rng: np.random.Generator) -> dict[str, NumericArray]:
    return {name: np.asarray(rng.standard_normal(array.shape)) for name, array in point.parameters.items()}


def _product(module: ModuleType, point: TrialPoint, along: Mapping[str, NumericArray]) -> dict[str, NumericArray]:
    params, data = point.arguments(module)
    with np.errstate(all="ignore"):
        found = module.hessian_vector_product(params, *data, module.Parameters(**along))
    return {name: np.array(array) for name, array in found._asdict().items()}


def _compare(
    line: LineThroughPoint, along: Mapping[str, NumericArray], found: Mapping[str, float], tallies: Mapping[str, Tally], where: str
) -> None:
    slopes = line.slopes(along)
    for name, product in found.items():
        if slopes.values is None or slopes.errors is None:
            tallies[name].fail_to_decide(where, slopes.kinks)
            continue
        place = list(line.point.parameters).index(name)
        scale = max(float(np.max(np.abs(slopes.values))), SMALLEST_PART)
        tallies[name].add(where, abs(product - float(slopes.values[place])) / scale, float(slopes.errors[place]) / scale)
