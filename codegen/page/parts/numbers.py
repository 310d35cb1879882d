"""The network with numbers that can be changed: values and gradients on its graph, every formula with them, and steps of learning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from markupsafe import Markup
from sympy import Integer

from chainrule.codegen.document.document import Block
from chainrule.codegen.formats.html_sentence import anchors_behind
from chainrule.codegen.formats.mathml import write_mathml
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.lesson.curves import learning_figure
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import valued_picture, worked_on_paper
from chainrule.codegen.lesson.sections.numbers import numbers_section
from chainrule.codegen.lesson.worked_example import WorkedExample, at_point
from chainrule.codegen.templating.environments import html_template
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Tensor

from .fragment import blocks_fragment
from .prepared import prepared
from .question import InvalidField, Question

#: Numbers that stand in fields; those of larger networks are changed in their descriptions.
MOST_SHOWN = 80
#: Steps of gradient descent that a button does.
STEPS = (1, 10, 100)
RATE = "learning rate"
#: Digits of a number in a field.
DIGITS = 10


@dataclass(frozen=True, slots=True)
class Field:
    """A number that can be changed: how the browser calls it, its letter, how that is read aloud, and its value."""

    name: str
    letter: Markup
    spoken: str
    value: str


def numbers_part(question: Question) -> str:
    """At the numbers of the fields, or of the description where nothing was changed."""
    made = prepared(question.text)
    with speaking(question.language), anchors_behind("numbers-"):
        material = made.material(question)
        asked = question.fields if question.fields.get("of") == made.mark and "reset" not in question.fields else {}
        example = _example(material, asked)
        material = replace(material, example=example)
        numbers = material.entry_numbers
        pictures: list[Block] = [*(worked_on_paper(material, numbers) if numbers else [])] or [*valued_picture(material)]
        # Pictures come first: they are what one looks at while one changes a number.
        worked = [block for block in numbers_section(material)[1:] if block not in pictures]
        return html_template("page_numbers.html.jinja", question.language).render(
            of=made.mark,
            groups=list(_groups(material)),
            rate=f"{example.learning_rate:g}",
            rate_letter=write_mathml(material.notation.learning_rate),
            rate_name=RATE,
            cost=f"{example.cost:.9g}",
            cost_letter=write_mathml(material.by_index.cost),
            steps=STEPS,
            pictures=Markup(blocks_fragment(pictures, "numbers-")),
            learning=Markup(blocks_fragment([*learning_figure(material)], "numbers-")),
            worked=Markup(blocks_fragment(worked, "numbers-")),
        )


def _given(material: Material) -> dict[str, tuple[Tensor, NumericArray]]:
    """Inputs, targets and parameters with their numbers."""
    system, example = material.system, material.example
    data = zip((*system.inputs, *system.targets), example.data, strict=True)
    parameters = ((tensor, getattr(example.params, tensor.name)) for tensor in system.parameters)
    return {tensor.name: (tensor, array) for tensor, array in (*data, *parameters)}


def _groups(material: Material) -> Iterator[list[Field]]:
    """The fields of each array, where there are few altogether."""
    given = _given(material)
    if sum(array.size for _, array in given.values()) > MOST_SHOWN:
        return
    write = material.entry_numbers.by_index if material.entry_numbers else material.by_index
    plain = PlainPrinter(material.system, counted_from_one=True)
    for name, (tensor, array) in given.items():
        yield [
            Field(
                f"{name}.{number}",
                write_mathml(write.node(tensor.at(*map(Integer, place)))),
                plain.text(tensor.at(*map(Integer, place))),
                f"{array[place]:d}" if tensor.is_integer else f"{array[place]:.{DIGITS}g}",
            )
            for number, place in enumerate(np.ndindex(array.shape))
        ]


def _example(material: Material, fields: Mapping[str, str]) -> WorkedExample:
    """The description's own with the numbers of the fields, after the steps of learning that are asked for."""
    example, module = material.example, material.checked.module
    if not fields:
        return example
    arrays = {name: _filled(name, tensor, array, fields) for name, (tensor, array) in _given(material).items()}
    params = module.Parameters(**{tensor.name: arrays[tensor.name] for tensor in material.system.parameters})
    data = tuple(arrays[tensor.name] for tensor in (*material.system.inputs, *material.system.targets))
    rate = _number("rate", RATE, fields.get("rate", str(example.learning_rate)))
    steps = fields.get("steps", "0")
    with np.errstate(all="ignore"):
        try:
            for _ in range(int(steps) if steps in map(str, STEPS) else 0):
                params = module.sgd(params, module.cost_and_gradients(params, *data)[1], eta=rate)
            found = at_point(material.system, module, params, data, (rate,), "", "given")
        except ValueError as refused:
            raise InvalidField("", str(refused)) from None
    if not np.isfinite(found.cost):
        raise InvalidField("", "the cost is no number there; choose other numbers, or a smaller learning rate")
    return found


def _filled(name: str, tensor: Tensor, array: NumericArray, fields: Mapping[str, str]) -> NumericArray:
    changed: NumericArray = array.copy() if tensor.is_integer else array.astype(float)
    for number, place in enumerate(np.ndindex(array.shape)):
        field = f"{name}.{number}"
        if field in fields:
            value = _number(field, name, fields[field])
            if tensor.is_integer and value != int(value):
                raise InvalidField(field, f"{name}: found {value:g}, expected a whole number")
            # A field shows fewer digits than a number has.
            if fields[field] != f"{array[place]:.{DIGITS}g}":
                changed[place] = value
    return changed


def _number(field: str, name: str, written: str) -> float:
    try:
        value = float(written.replace("−", "-"))
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or abs(value) > 1e6:
        raise InvalidField(field, f"{name}: found {written[:40]!r}, expected a number of at most a million")
    return value
