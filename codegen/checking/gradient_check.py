"""A generated module against numeric gradients of its own cost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.codegen.backends.module_files import ModuleFiles
from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.codegen.backends.numpy.check_plan import CheckPlan, check_plan
from chainrule.codegen.backends.numpy_module import GRADIENT_TOLERANCE
from chainrule.codegen.backends.registry import backend_of
from chainrule.codegen.program.derivative_kinds import GRADIENT
from chainrule.codegen.program.further_derivatives import FurtherDerivatives, further_derivatives
from chainrule.codegen.program.second_program import SecondDerivatives
from chainrule.symbolic.checking.draws import LARGEST_ROUNDING, NO_NUMBER
from chainrule.symbolic.checking.tensor_draw import DRAWS, TensorDraw
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.checking.without_effect import without_effect
from chainrule.symbolic.checking.zero_adjoints import with_slopes
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import CheckFailed, InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray

from .call_check import check_calls
from .derived_check import check_functions
from .point import drawn_point, random_point

#: Of the random arrays; where a forward pass takes long, the first alone.
SEEDS = (0, 1)
#: A gradient check shows every entry of a network with at most so many.
MOST_ROWS = 30


@dataclass(frozen=True)
class CheckedModule:
    """What was `made`, the module of it, and the largest relative error of each parameter's gradient.

    With further derivatives, which `errors` holds by their own names ("hessian W1"), also what they were made of.
    """

    made: ModuleFiles
    module: ModuleType
    errors: dict[str, float]
    plan: CheckPlan
    further: FurtherDerivatives | None = None

    @property
    def source(self) -> str:
        return self.made.source

    @property
    def second(self) -> SecondDerivatives | None:
        return self.further.second if self.further else None

    @property
    def largest_error(self) -> float:
        return max(self.errors.values(), default=0.0)

    @property
    def failed(self) -> list[str]:
        """Parameters whose gradient is not what numeric gradients say."""
        return [name for name, error in self.errors.items() if not error <= GRADIENT_TOLERANCE]


@dataclass(frozen=True, slots=True)
class GradientRow:
    """One entry of a gradient, from the derivation and numerically."""

    parameter: str
    position: tuple[int, ...]
    derived: float
    numeric: float
    scale: float

    @property
    def difference(self) -> float:
        """Relative to the largest entry of the array."""
        return abs(self.derived - self.numeric) / self.scale


def verified_module(
    derivation: Derivation,
    title: str | None = None,
    derivatives: Sequence[str] = GRADIENT,
    style: str = "plain",
    without: Collection[str] = frozenset(),
) -> CheckedModule:
    """All that a build looks at before it writes a module: every step of the derivations, then the gradients at random arrays.

    Raises:
        CheckFailed: where an equation or a gradient does not hold.
    """
    verify(derivation)
    checked = checked_module(derivation, title, derivatives, style, without)
    if checked.further:
        checked.further.verified()
    return checked


def checked_module(
    derivation: Derivation,
    title: str | None = None,
    derivatives: Sequence[str] = GRADIENT,
    style: str = "plain",
    without: Collection[str] = frozenset(),
) -> CheckedModule:
    """The module of a derivation, checked at random arrays at which its cost is a number; arguments as for `module_source`.

    Raises:
        CheckFailed: where a gradient does not agree with the numeric one, or no arrays with a finite cost are found.
    """
    checked = try_module(derivation, title, derivatives, style, without)
    if checked.failed:
        worst = max(checked.failed, key=lambda name: checked.errors[name])
        raise CheckFailed(
            f"{_in_words(worst)} differs from the numeric one by {checked.errors[worst]:.1e} of its largest entry; "
            f"at most {GRADIENT_TOLERANCE:.0e} is allowed"
        )
    check_calls(derivation, checked.module)
    if checked.further and checked.further.derived:
        point = random_point(derivation, SEEDS[0], sample_sizes(derivation.system))
        check_functions(checked.further.derived, checked.module, point)
    return checked


def _in_words(name: str) -> str:
    """What an error of the self-check belongs to: W1, hessian_vector_product W1, hessian W1."""
    function, _, parameter = name.rpartition(" ")
    return f"{function} of {parameter}" if function else f"the gradient of {parameter}"


def try_module(
    derivation: Derivation,
    title: str | None = None,
    derivatives: Sequence[str] = GRADIENT,
    style: str = "plain",
    without: Collection[str] = frozenset(),
) -> CheckedModule:
    """The same, whatever the errors are."""
    further, plan = further_derivatives(derivation, derivatives), check_plan(derivation.system)
    for draw in plan.draws:
        checked = _checked_at(derivation, title, draw, plan, further, style, without)
        if not any(np.isnan(error) for error in checked.errors.values()):
            return checked
    raise CheckFailed(NO_NUMBER)


def _checked_at(
    derivation: Derivation,
    title: str | None,
    draw: TensorDraw,
    plan: CheckPlan,
    further: FurtherDerivatives | None,
    style: str,
    without: Collection[str],
) -> CheckedModule:
    backend = backend_of(style)
    made = backend.render(further, derivation, title, draw, style, without, False)
    module = backend.load(made, derivation.system.name)
    try:
        with np.errstate(all="ignore"):
            found = [module.check(np.random.default_rng(seed)) for seed in SEEDS[: 1 if plan.is_costly else None]]
    except OSError as problem:
        # A compiler that does not take what it is given.
        raise InvalidDescription(str(problem)) from None
    # The largest; not a number where one of them is none.
    errors = {name: float(np.max([errors[name] for errors in found])) for name in found[0]}
    return CheckedModule(made, module, errors, plan, further)


def never_moved(derivation: Derivation, module: ModuleType) -> list[str]:
    """Parameters whose gradient is 0 at all random arrays of the self-check's sizes, though its formula is not the number 0.

    Numeric gradients that are 0 too are no evidence of it.
    """
    return _unmoved(with_slopes(derivation), derivation, module)


def ineffective(derivation: Derivation, module: ModuleType) -> tuple[str, ...]:
    """Parameters that equations read and that the cost does not depend on: by the formulas, or at the network's own sizes."""
    with_formula, cancelled = with_slopes(derivation), without_effect(derivation)
    unmoved = _unmoved(with_formula, derivation, module, cancelled)
    read = {name for equation in derivation.system.equations for name in equation.reads}
    names = [tensor.name for tensor in derivation.system.parameters if tensor.name in read]
    return tuple(name for name in names if name in unmoved or name not in with_formula)


def _unmoved(parameters: Sequence[str], derivation: Derivation, module: ModuleType, cancelled: Collection[str] = ()) -> list[str]:
    """Those whose gradient is 0 at all random arrays of the self-check's sizes; of what is `cancelled`, up to rounding."""
    waiting, sizes = list(parameters), sample_sizes(derivation.system)
    for draw in DRAWS:
        if not waiting:
            break
        # Of a large network the parameters alone are a gigabyte: nothing is copied.
        point = drawn_point(derivation, sizes, SEEDS[0], draw)
        with np.errstate(all="ignore"):
            gradients = module.cost_and_gradients(module.Parameters(**point.parameters), *point.data.values())[1]
        largest = {name: float(np.max(np.abs(gradient), initial=0)) for name, gradient in gradients._asdict().items()}
        rounding = LARGEST_ROUNDING * max(largest.values(), default=0.0)
        waiting = [name for name in waiting if largest[name] <= (rounding if name in cancelled else 0)]
    return waiting


def gradient_rows(module: ModuleType, params: Any, data: Sequence[NumericArray]) -> tuple[GradientRow, ...]:
    """Gradients beside numeric ones at given arrays: every entry of a small network, the largest of each parameter otherwise."""
    gradients = module.cost_and_gradients(params, *data)[1]

    def cost() -> float:
        return float(module.cost(params, *data))

    if hasattr(module, "_with_stops_held"):
        cost = module._with_stops_held(cost)
        cost()
    total = sum(array.size for array in params)
    largest = max(float(np.max(np.abs(gradient), initial=0)) for gradient in gradients)
    rows = []
    for name, array, gradient in zip(params._fields, params, gradients, strict=True):
        flat = array.flat
        # Of a gradient that is 0 up to rounding the first entry, as the largest differs from machine to machine.
        chosen = 0 if np.abs(gradient).max() < 1e-13 * largest else int(np.argmax(np.abs(gradient)))
        places = range(array.size) if total <= MOST_ROWS else [chosen]
        scale = max(float(np.abs(gradient).max()), 1e-4)
        for place in places:
            numeric = module._slope(_moving_entry(cost, flat, place))
            position = tuple(int(index) for index in np.unravel_index(place, array.shape))
            rows.append(GradientRow(name, position, float(gradient.reshape(-1)[place]), float(numeric), scale))
    return tuple(rows)


def _moving_entry(cost: Callable[[], float], flat: Any, place: int) -> Callable[[float], float]:
    """The cost as a function of what is added to one entry."""
    start = flat[place]

    def at(step: float) -> float:
        flat[place] = start + step
        found = cost()
        flat[place] = start
        return found

    return at


#: Errors are stated as powers of ten with room to spare, since rounding differs from machine to machine and documents must not.
EXACT_BOUNDS = (1e-12, 1e-10, 1e-8)
NUMERIC_BOUNDS = (1e-8, 1e-6)


def error_bound(error: float, bounds: Sequence[float] = NUMERIC_BOUNDS) -> float:
    """The first bound that an error stays below; infinite where it does not."""
    return next((bound for bound in bounds if error < bound), float("inf"))
