"""Curves of a handout: an activation with its slope, the cost along one weight with its tangent, the cost while the network learns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Dummy, Symbol

from chainrule.codegen.document.document import Figure, Math
from chainrule.codegen.document.nodes import Node, node, primed
from chainrule.codegen.document.shapes import Ink, Point
from chainrule.codegen.figures.plot import PlottedCurve, plot
from chainrule.codegen.formulas.printed_number import printed
from chainrule.codegen.words.sentences import formula, say
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.derivation.activation_derivatives import ActivationDerivative, slopes
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Tensor

from .material import Material

#: Of the activation so many that a jump of its slope looks like one.
ACTIVATION_POINTS = 241
POINTS = 61
#: An activation is drawn so far to both sides of 0.
REACH = 6.0
#: How far a weight is moved to both sides; the first at which the cost stays within so many times its value.
MOVED, STEEPEST = (4.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.01), 30.0
#: How far a weight is moved for a difference quotient.
NUDGE = 0.01
STEPS = 60
#: Larger networks take too long for a curve that is only looked at.
MOST_PARAMETERS = 30_000


def activation_figure(material: Material) -> list[Figure]:
    """The first activation of the network that is a function of one number, with its slope; nothing where there is none."""
    order = [*material.system.tensors]
    for slope in sorted(slopes(material.derivation).values(), key=lambda slope: order.index(slope.of.name)):
        curves = activation_curves(material, slope)
        if curves is not None:
            z, sign = material.ledger.argument, material.ledger.activation
            drawing = plot(curves, formula(node(z)), ())
            names = {"sign": Math(sign), "slope": Math(primed(sign))}
            of, at = (Math(material.bare(tensor.name)) for tensor in (slope.of, slope.at))
            caption = say("figure.activation", a=of, z=at, **names)
            return [material.figure("activation", drawing, say("figure.activation.says", **names), caption)]
    return []


def activation_curves(material: Material, slope: ActivationDerivative) -> tuple[PlottedCurve, PlottedCurve] | None:
    """Its values and its slopes; None where it is the identity, is a function of more than one number, or has no number somewhere."""
    system, argument = material.system, slope.at.own_entry
    definition = system.definition[slope.of.name]
    others = definition.expression.xreplace({argument: Dummy()}).free_symbols - {Symbol(name) for name in system.constants}
    if definition.expression == argument or len(others) > 1:
        return None
    # All points side by side, each as the one entry of a tensor.
    points = np.linspace(-REACH, REACH, ACTIVATION_POINTS)
    entry = points.reshape(-1, *(1 for _ in slope.at.axes))
    known = Numbers(system, {}, dict.fromkeys(system.axes, 1), element=np.float64, moved=frozenset({slope.at.name}), moves=len(points))
    known = known.with_array(slope.at.name, entry)
    known = known.with_array(slope.of.name, evaluate(definition.expression, known, definition.indices))
    values, slopes_found = (known.arrays[slope.of.name].ravel(), evaluate(slope.equation.expression, known, slope.at.axes).ravel())
    if not (np.all(np.isfinite(values)) and np.all(np.isfinite(slopes_found))):
        # A root or a logarithm has no number here.
        return None
    sign = material.ledger.activation
    return (
        PlottedCurve(_points(points, values), formula(sign)),
        PlottedCurve(_points(points, slopes_found), formula(primed(sign)), Ink.GRADIENT, dashed=True),
    )


def _points(across: NumericArray, up: NumericArray) -> tuple[Point, ...]:
    return tuple(zip(across.tolist(), up.tolist(), strict=True))


@dataclass(frozen=True)
class CostAlong:
    """The cost as a function of one entry of a parameter, everything else as it is at the worked example."""

    material: Material
    parameter: Tensor
    place: tuple[int, ...]

    def cost(self, value: float) -> float:
        example = self.material.example
        moved = np.array(getattr(example.params, self.parameter.name), dtype=float)
        moved[self.place] = value
        with np.errstate(all="ignore"):
            return float(self.material.checked.module.cost(example.params._replace(**{self.parameter.name: moved}), *example.data))

    @cached_property
    def value(self) -> float:
        return float(getattr(self.material.example.params, self.parameter.name)[self.place])

    @cached_property
    def present(self) -> float:
        """The cost at the present value."""
        return self.cost(self.value)

    @cached_property
    def nudged(self) -> tuple[float, float]:
        """The costs a little above and below it."""
        return self.cost(self.value + NUDGE), self.cost(self.value - NUDGE)

    @cached_property
    def slope(self) -> float:
        return float(getattr(self.material.example.gradients, self.parameter.name)[self.place])

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """The curve as far to both sides as it can be looked at."""
        found: list[Point] = []
        for moved in MOVED:
            across = self.value + np.linspace(-moved, moved, POINTS)
            found = [(float(value), self.cost(float(value))) for value in across]
            costs = np.array([cost for _, cost in found])
            if np.all(np.isfinite(costs)) and np.ptp(costs) <= STEEPEST * max(abs(self.present), 1e-3):
                break
        return tuple(found)

    @property
    def tangent(self) -> tuple[Point, ...]:
        """At the present value, as far as the curve."""
        return tuple((x, self.present + self.slope * (x - self.value)) for x in (self.points[0][0], self.value, self.points[-1][0]))


def along_figure(material: Material, along: CostAlong, entry: Node) -> Figure:
    curves = (PlottedCurve(along.points), PlottedCurve(along.tangent, ink=Ink.GRADIENT, dashed=True))
    drawing = plot(curves, formula(entry), formula(material.by_index.cost), [(along.value, along.present)])
    value = Math(printed(along.value, 3).node)
    says = say("figure.along.says", w=Math(entry), value=value)
    return material.figure("along", drawing, says, say("figure.along", w=Math(entry), value=value))


def learning_figure(material: Material) -> list[Figure]:
    """The cost of the worked example over steps of gradient descent; nothing for a network that is too large, or does not stay finite."""
    example, module = material.example, material.checked.module
    if sum(array.size for array in example.params) > MOST_PARAMETERS:
        return []
    params, costs = example.params, []
    with np.errstate(all="ignore"):
        for _ in range(STEPS + 1):
            cost, gradients = module.cost_and_gradients(params, *example.data)
            costs.append(float(cost))
            params = module.sgd(params, gradients, eta=example.learning_rate)
    if not np.all(np.isfinite(costs)):
        return []
    drawing = plot([PlottedCurve(tuple(enumerate(costs)))], say("axis.steps"), formula(material.by_index.cost))
    first, last = (Math(printed(cost, 3).node) for cost in (costs[0], costs[-1]))
    says = say("figure.learning.says", count=STEPS, first=first, last=last)
    return [material.figure("learning", drawing, says, say("figure.learning", count=STEPS, first=first, last=last))]
