"""What may be wrong with a value, as a table: each hypothesis says how the author's numbers come from the right ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from chainrule.codegen.mistakes.kinds import MistakeKind

from .lines import Line
from .matching import Matcher, as_row
from .scale import TOLERANCE, Pair, Scale, proportion
from .trial import Trial


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake, the sentence that says it, and what the sentence mentions; `correction` is the line when it is right.

    Of two mistakes in one line the other one is there `also`.
    """

    kind: MistakeKind
    sentence: str
    mentions: Mapping[str, str] = field(default_factory=dict)
    correction: str | None = None
    also: Mistake | None = None


@dataclass(frozen=True)
class Case:
    """A wrong line, what it should be, and the trial that it is wrong in."""

    line: Line
    quantity: str
    right: Pair
    trial: Trial

    @property
    def matcher(self) -> Matcher:
        return self.trial.matcher

    @property
    def is_update(self) -> bool:
        """Whether the line is a step of a parameter, and what is wrong is its gradient."""
        tensor = self.matcher.spellings.tensor(self.line.name)
        return tensor is not None and self.matcher.reference.derivation.system.adjoint_name(tensor) == self.quantity

    @property
    def found(self) -> Pair:
        """The author's numbers, at both draws."""
        step = self.line.step
        values = step if step is not None and self.is_update else self.line.values
        return as_row(values, self.right) if self.matcher.is_gradient(self.quantity) else values

    def beyond(self, scale: Scale) -> Mistake | None:
        """What is wrong besides, where the author's numbers are so many times those of a formula with a mistake; some may be usual."""
        usual = self.times(self.matcher.right[self.quantity], self.right)
        more = scale.over(usual) if usual is not None else None
        return of_scale(more, self) if more is not None else None

    def times(self, right: Pair, found: Pair | None = None) -> Scale | None:
        """How many times some arrays the author's are."""
        return proportion(self.found if found is None else found, right, self.matcher.sizes, self.matcher.batch)


def of_scale(scale: Scale, case: Case) -> Mistake | None:
    """What a factor means: a sign, a mean, or a number."""
    mentions = {"quantity": case.quantity}
    if scale.is_one:
        return None
    if scale.axis is None:
        if abs(scale.factor + 1) <= TOLERANCE:
            return Mistake(MistakeKind.SIGN, "marking.sign")
        for factor, sentence in ((2.0, "marking.twice"), (0.5, "marking.half")):
            if abs(scale.factor - factor) <= TOLERANCE:
                return Mistake(MistakeKind.FACTOR, sentence, mentions)
        return Mistake(MistakeKind.FACTOR, "marking.times", mentions | {"factor": f"{scale.factor:.6g}"})
    is_plain = abs(scale.factor - 1) <= TOLERANCE
    if scale.axis != case.matcher.batch:
        return Mistake(MistakeKind.MEAN, "marking.mean.other", {"axis": scale.axis})
    if is_plain:
        return Mistake(MistakeKind.MEAN, "marking.mean.missing" if scale.power > 0 else "marking.mean.twice")
    sentence = "marking.mean.missing.times" if scale.power > 0 else "marking.mean.twice.times"
    return Mistake(MistakeKind.MEAN, sentence, {"factor": f"{scale.factor:.6g}"})


def _scaled(case: Case) -> Iterator[Mistake]:
    scale = case.times(case.right)
    if scale is not None and case.found is case.line.step:
        # How long a step is is nobody's mistake.
        scale = replace(scale, factor=-1.0 if scale.factor < 0 else 1.0)
    found = of_scale(scale, case) if scale is not None else None
    if found is not None:
        yield found


def _transposed(case: Case) -> Iterator[Mistake]:
    if case.found[0].ndim == 2 and case.found[0].shape != (1, 1):
        turned = case.found[0].T, case.found[1].T
        if (scale := case.times(case.right, turned)) is not None:
            yield Mistake(MistakeKind.TRANSPOSE, "marking.transpose", also=of_scale(scale, case))


def _shaped(case: Case) -> Iterator[Mistake]:
    if all(found.size == right.size and found.shape != right.shape for found, right in zip(case.found, case.right, strict=True)):
        flat = case.found[0].ravel(), case.found[1].ravel()
        if (scale := case.times((case.right[0].ravel(), case.right[1].ravel()), flat)) is not None:
            yield Mistake(MistakeKind.SHAPE, "marking.shape", _shapes(case), also=of_scale(scale, case))


def _shapes(case: Case) -> dict[str, str]:
    return {"found": str(case.found[0].shape), "expected": str(case.right[0].shape)}


def _not_summed(case: Case) -> Iterator[Mistake]:
    """A sum that is missing, or one too many."""
    flat = case.right[0].ravel(), case.right[1].ravel()
    for axis in range(case.found[0].ndim):
        summed = case.found[0].sum(axis=axis).ravel(), case.found[1].sum(axis=axis).ravel()
        if case.found[0].shape[axis] > 1 and summed[0].shape == flat[0].shape and (scale := case.times(flat, summed)) is not None:
            yield Mistake(MistakeKind.SUM, "marking.sum.missing", also=of_scale(scale, case))
    for axis in range(case.right[0].ndim):
        if case.right[0].shape[axis] > 1:
            total = case.right[0].sum(axis=axis, keepdims=True), case.right[1].sum(axis=axis, keepdims=True)
            scales = (case.times(_broadcast(total, case, squeezed)) for squeezed in (False, True))
            yield from (Mistake(MistakeKind.SUM, "marking.sum.more", also=of_scale(scale, case)) for scale in scales if scale is not None)


def _broadcast(total: Pair, case: Case, squeezed: bool) -> Pair:
    """A total as it is, without its axis, or in every place."""
    first, second = (np.squeeze(each) if squeezed else each for each in total)
    return (first, second)


def _summed_wrongly(case: Case) -> Iterator[Mistake]:
    """A sum over the other axis of what is summed, or a mean in place of a sum."""
    for name, pair in case.matcher.right.items():
        if pair[0].ndim == 2 and name in case.matcher.reference.adjoints:
            for axis in (0, 1):
                summed = pair[0].sum(axis=axis).ravel(), pair[1].sum(axis=axis).ravel()
                flat = case.found[0].ravel(), case.found[1].ravel()
                own = case.right[0].ravel(), case.right[1].ravel()
                other = pair[0].sum(axis=1 - axis).ravel(), pair[1].sum(axis=1 - axis).ravel()
                wanted, scale = case.times(other, own), case.times(summed, flat)
                if wanted is not None and scale is not None:
                    also = scale.over(wanted)
                    yield Mistake(MistakeKind.SUM, "marking.sum.axis", also=of_scale(also, case) if also is not None else None)


#: From the value alone, the likeliest first.
OF_VALUES: tuple[Callable[[Case], Iterator[Mistake]], ...] = (_scaled, _transposed, _shaped, _not_summed, _summed_wrongly)


def by_value(case: Case) -> Mistake | None:
    """The first hypothesis by which the author's numbers come from the right ones."""
    return next((mistake for hypothesis in OF_VALUES for mistake in hypothesis(case)), None)
