"""Generated modules against the independent reading: cost and gradients in both styles, at several sizes, and Hessian products."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from operator import add
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.index.failures import ChainruleError, InvalidDescription
from chainrule.symbolic.language.system_reader import system_from_equations

from .drawing import Drawn
from .meaning import Meaning, Unfit
from .numbers import arrays
from .reading import Result, cost_and_gradients
from .slopes import Undefined

ROOT = str(Path(__file__).parents[2])
STYLES = ("plain", "fast")
#: Relative to the largest entry of an array, or to what rounding of the inputs alone makes of it.
TOLERANCE = 1e-9
#: Of what is computed with numbers of about 1, whatever is left of them.
ROUNDING = 1e-13
#: Of a slope of a gradient, by central differences of the independent one.
TOLERANCE_OF_SECOND = 1e-6
#: Where no numbers can be drawn at which all comparisons are certain, the system says nothing.
MOST_DRAWS = 4
#: What the language does not have, and says so with the way around it; all other refusals are faults.
REFUSALS = (
    "a comparison with a sum or a maximum over a case distinction; give the sum or maximum an equation of its own",
    "a comparison that does not depend on anything",
    "the cost depends on no parameter",
    "ends in stop(…), so that there is no gradient",
    "from its arrays; give it in sizes",
    "or its last ones where sizes gives the size",
    "cases meet; at most 20 are possible: give maximum(…), minimum(…) or where(…) inside of it an equation of its own",
)
#: Of an axis whose size a module reads from its arrays.
OTHER_SIZES = (1, 2, 3, 6)


@dataclass(frozen=True)
class Fault:
    """What went wrong; `kind` is the same for what goes wrong in the same way."""

    kind: str
    message: str


@dataclass
class Tally:
    """What was compared."""

    systems: int = 0
    calls: int = 0
    gradients: int = 0
    products: int = 0
    vacuous: int = 0
    undecided: int = 0
    refused: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*map(add, astuple(self), astuple(other)))


def keywords(description: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a system of a description."""
    return {"parameters": [], **description}


def innermost(problem: BaseException) -> str:
    """The kind of an exception and the last place of the project, or of a generated module, that it went through."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith((f"{ROOT}/src/chainrule", "<generated"))]
    place = own[-1] if own else frames[-1]
    return f"{type(problem).__name__} in {Path(place.filename).name}:{place.name}"


def faults(
    made: Drawn,
    tally: Tally,
    styles: Sequence[str] = STYLES,
    second: bool = False,
    verified: bool = False,
    sizes: Sequence[int] = OTHER_SIZES,
) -> list[Fault]:
    """What is wrong with the modules of a description; nothing where all is well, or where nothing can be said.

    `second`: Hessian products, too. `verified`: modules as `load` hands them out, after its own checks. `sizes`: of open axes.
    """
    points = list(_points(made, sizes))
    if not points:
        tally.undecided += 1
        return []
    tally.systems += 1
    try:
        derivation = derive(system_from_equations(**keywords(made.description)))
    except InvalidDescription as refusal:
        return _unless_refused("derive", refusal, tally)
    except Exception as problem:
        return [_fault_of("derive", problem)]
    found = []
    for style in styles:
        try:
            module = load(derivation, style=style, **_unverified(verified))
        except ChainruleError as refusal:
            return found + _unless_refused(f"load {style}", refusal, tally)
        except Exception as problem:
            found.append(_fault_of(f"load {style}", problem))
            continue
        for given, expected in points:
            found += _compared(module, style, made, given, expected, tally)
            if found and found[-1].kind.startswith(style):
                break
    if second:
        found += _second(derivation, made, *points[0], tally)
    return found


def _unverified(verified: bool) -> dict[str, Any]:
    return {} if verified or "verify" not in inspect.signature(load).parameters else {"verify": False}


def _unless_refused(where: str, refusal: ChainruleError, tally: Tally) -> list[Fault]:
    """Nothing, and one more that is refused, where the message says the way around."""
    if any(words in str(refusal) for words in REFUSALS):
        tally.refused += 1
        return []
    return [_fault_of(where, refusal)]


def _fault_of(where: str, problem: BaseException) -> Fault:
    kind = innermost(problem)
    if isinstance(problem, ChainruleError):
        kind = f"refused: {' '.join(word for word in str(problem).split() if word.isalpha())[:70]}"
    return Fault(f"{where}: {kind}", f"{type(problem).__name__}: {problem}")


def _points(made: Drawn, sizes_tried: Sequence[int]) -> Iterator[tuple[dict[str, NDArray[Any]], Result]]:
    """Arrays with the independent result: at the drawn sizes of open axes, and at others."""
    meaning = Meaning(made.description)
    choices = [made.sizes]
    is_open = any(
        meaning.axes.letter(letter) not in map(meaning.axes.letter, meaning.fixed)
        for one in meaning.given.values()
        for letter in one.letters
    )
    if is_open and made.sizes:
        choices += [{**made.sizes, **dict.fromkeys(made.sizes, size)} for size in sizes_tried]
        choices += [{**made.sizes, axis: 1} for axis in made.sizes if len(made.sizes) > 1]
    for sizes in choices:
        certain = []
        for seed in range(MOST_DRAWS):
            given = arrays(made.description, made.kinds, sizes, seed)
            try:
                result = cost_and_gradients(made.description, given)
            except (Unfit, Undefined):
                continue
            if not result.doubtful:
                certain.append((given, result))
                if says_something(result):
                    break
        yield from certain[-1:]


def says_something(result: Result) -> bool:
    """Whether any gradient is not 0."""
    return any(np.any(array) for array in result.gradients.values())


def _arguments(module: ModuleType, made: Drawn, given: Mapping[str, NDArray[Any]]) -> tuple[Any, list[NDArray[Any]]]:
    tensors = Meaning(made.description).given.values()
    params = module.Parameters(**{name: np.array(given[name]) for name in module.Parameters._fields})
    data = [np.array(given[tensor.name]) for role in ("inputs", "targets") for tensor in tensors if tensor.role == role]
    return params, data


def _compared(
    module: ModuleType, style: str, made: Drawn, given: Mapping[str, NDArray[Any]], expected: Result, tally: Tally
) -> Iterator[Fault]:
    params, data = _arguments(module, made, given)
    shapes = {name: np.shape(array) for name, array in given.items()}
    tally.calls += 1
    try:
        with np.errstate(all="ignore"):
            cost, gradients = module.cost_and_gradients(params, *data)
            costs = {"cost_and_gradients": cost, "cost": module.cost(params, *data)}
            ways = {"cost_and_gradients": gradients}
            has_targets = len(inspect.signature(module.forward).parameters) - 1
            cache = module.forward(params, *data[:has_targets])
            ways["backward"] = module.backward(params, cache, *data[has_targets:])
            if hasattr(module, "_workspace") and (workspace := module._workspace(params, *data)) is not None:
                costs["Workspace.cost"] = workspace.cost(params, *data)
                value, own = workspace.cost_and_gradients(params, *data)
                costs["Workspace.cost_and_gradients"] = value
                ways["Workspace"] = type(own)(*map(np.array, own))
    except Exception as problem:
        yield Fault(f"{style} call: {innermost(problem)}", f"{type(problem).__name__}: {problem} at {shapes}")
        return
    scale = max(1.0, abs(expected.cost), *(np.abs(array).max(initial=0) for array in expected.gradients.values()))
    for way, value in costs.items():
        least = max(TOLERANCE * abs(expected.cost), ROUNDING)
        if not abs(value - expected.cost) <= least and not abs(value - expected.cost) <= least + _rounding(made, given)[0]:
            yield Fault(f"{style} {way}: cost", f"found {value!r}, right {expected.cost!r} at {shapes}")
            break
    tally.vacuous += not says_something(expected)
    for way, arrays_of in ways.items():
        for name, right in expected.gradients.items():
            found = np.asarray(getattr(arrays_of, name))
            tally.gradients += 1
            least = max(TOLERANCE * np.abs(right).max(initial=0), ROUNDING * scale)
            if found.shape != right.shape or not np.all(np.abs(found - right) <= least):
                if found.shape == right.shape and np.all(np.abs(found - right) <= least + _rounding(made, given)[1][name]):
                    continue
                number = "not finite" if not np.all(np.isfinite(found)) else "wrong"
                yield Fault(
                    f"{style} {way}: gradient {number}",
                    f"d{name} is {np.round(found, 8).tolist()}, right {np.round(right, 8).tolist()} at {shapes}",
                )
                return


def _rounding(made: Drawn, given: Mapping[str, NDArray[Any]]) -> tuple[float, dict[str, float]]:
    """By how much cost and gradients change where the inputs change in their last digits, a hundredfold."""
    rng = np.random.default_rng(0)
    integers = {name for name, tensor in Meaning(made.description).given.items() if tensor.into}
    moved = {
        name: array if name in integers else array * (1 + 1e-14 * rng.uniform(-1, 1, np.shape(array))) for name, array in given.items()
    }
    try:
        here, there = cost_and_gradients(made.description, given), cost_and_gradients(made.description, moved)
    except (Unfit, Undefined):
        return 0.0, dict.fromkeys(given, 0.0)
    return 100 * abs(here.cost - there.cost), {
        name: 100 * float(np.abs(array - there.gradients[name]).max(initial=0)) for name, array in here.gradients.items()
    }


def _second(derivation: Any, made: Drawn, given: Mapping[str, NDArray[Any]], expected: Result, tally: Tally) -> list[Fault]:
    """The Hessian times a direction, against central differences of the independent gradient."""
    try:
        module = load(derivation, derivatives=["gradient", "hvp"], **_unverified(False))
        params, data = _arguments(module, made, given)
        rng = np.random.default_rng(1)
        direction = module.Parameters(*(rng.standard_normal(np.shape(array)) for array in params))
        with np.errstate(all="ignore"):
            product = module.hessian_vector_product(params, *data, direction)
    except Exception as problem:
        return [_fault_of("hvp", problem)]
    if expected.tied:
        return []
    step = 1e-6
    ends = []
    for side in (-step, step, -2 * step, 2 * step):
        moved = {**given, **{name: given[name] + side * np.asarray(way) for name, way in direction._asdict().items()}}
        try:
            ends.append(cost_and_gradients(made.description, moved))
        except (Unfit, Undefined):
            return []
    for name in expected.gradients:
        low, high, lower, higher = (end.gradients[name] for end in ends)
        right = (8 * (high - low) - (higher - lower)) / (12 * step)
        coarse = (higher - lower) / (4 * step)
        scale = max(1e-2, float(np.abs(right).max(initial=0)), float(np.abs(expected.gradients[name]).max(initial=0)))
        # A kink nearby, or a third derivative that is too large for this step.
        if np.abs(right - coarse).max(initial=0) > 1e-5 * scale:
            continue
        tally.products += 1
        found = np.asarray(getattr(product, name))
        if found.shape != right.shape or not np.all(np.abs(found - right) <= TOLERANCE_OF_SECOND * scale):
            number = "not finite" if not np.all(np.isfinite(found)) else "wrong"
            return [Fault(f"hvp: {number}", f"for {name} {np.round(found, 7).tolist()}, right {np.round(right, 7).tolist()}")]
    return []
