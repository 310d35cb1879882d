"""A short program with the numbers of the worked example: cost and gradients, the check, one step of learning, the new cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.codegen.document.document import Block, Code, Heading, Listing, Paragraph
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.numeric_array import NumericArray

from .material import Material
from .worked_example import SEED

#: As many numbers are written out; a larger network gets random ones.
MOST_NUMBERS = 60
LONGEST_LINE = 100


def try_it(material: Material) -> list[Block]:
    """What a reader runs first."""
    names = material.system.name
    written_out = is_written_out(material)
    taken = ["Parameters", "check", "cost", "cost_and_gradients", "sgd"] if written_out else [*_RANDOM]
    imports = f"import numpy as np\nfrom {names} import {', '.join(taken)}\n"
    start = starting_lines(material)
    key = "try.numbers" if written_out else "try.random"
    return [
        Heading(2, say("heading.try"), "try-it"),
        Paragraph(say(key, rate=Code(learning_rate(material)))),
        Listing("\n".join([*start, "", *_program(material)]), "python", runs=True, imports=imports),
    ]


_RANDOM = ("check", "cost", "cost_and_gradients", "init", "sample", "sgd")


#: Variables of notebooks.
NOTEBOOK_NAMES = frozenset(
    "across cache compare cost_at costs draw first_cost gradients name np own params plt present rng slope_there slopes trained "
    "value".split()
)
_OTHERS = NOTEBOOK_NAMES.union(_RANDOM, "Parameters error gradient print".split())


def is_written_out(material: Material) -> bool:
    """Whether the numbers of the worked example are few enough to stand in code."""
    example = material.example
    return sum(int(np.size(array)) for array in (*example.params, *example.data)) <= MOST_NUMBERS


def starting_lines(material: Material) -> list[str]:
    """`params` and the data: the numbers of the worked example, or random ones."""
    return list(_numbers(material) if is_written_out(material) else _random(material))


def data_names(material: Material) -> list[str]:
    """What the inputs and targets are called here, where other things have names too."""
    return [free_name(tensor.name, _OTHERS) for tensor in (*material.system.inputs, *material.system.targets)]


def _numbers(material: Material) -> Iterator[str]:
    """Parameters and data as they stand in the worked example."""
    yield "params = Parameters("
    for name, array in material.example.params._asdict().items():
        yield from _array(f"    {name}=", array, ",")
    yield ")"
    for name, array in zip(data_names(material), material.example.data, strict=True):
        yield from _array(f"{name} = ", array, "")


def _array(start: str, array: NumericArray, end: str) -> Iterator[str]:
    """An array on one line, or on a line for each of its rows."""
    whole = f"{start}np.array({np.asarray(array).tolist()!r}){end}"
    if len(whole) <= LONGEST_LINE or np.ndim(array) < 2:
        yield whole
        return
    room = " " * (len(start) - len(start.lstrip()) + 4)
    yield f"{start}np.array(["
    yield from (f"{room}{row.tolist()!r}," for row in array)
    yield f"{room[4:]}]){end}"


def _random(material: Material) -> Iterator[str]:
    yield f"rng = np.random.default_rng({SEED})"
    yield "params = init(rng)"
    data = data_names(material)
    yield f"{', '.join(data)}{',' if len(data) == 1 else ''} = sample(rng)"


def _program(material: Material) -> Iterator[str]:
    arguments = ", ".join(["params", *data_names(material)])
    parameters = [tensor.name for tensor in material.system.parameters]
    yield f"first_cost, gradients = cost_and_gradients({arguments})"
    yield 'print("cost", first_cost)'
    if is_written_out(material):
        yield "for name, gradient in gradients._asdict().items():"
        yield '    print(f"gradient in {name}", gradient.tolist())'
    else:
        yield "for name, gradient in gradients._asdict().items():"
        yield '    print(f"gradient in {name}", gradient.shape, "length", np.sqrt((gradient**2).sum()))'
    yield ""
    yield "# Largest relative errors against numeric gradients."
    yield "print(check(np.random.default_rng(0)))"
    yield ""
    yield f"# One step of learning: {parameters[0]} - {learning_rate(material)} d{parameters[0]}, and so on."
    yield f"params = sgd(params, gradients, eta={learning_rate(material)})"
    yield f'print("cost after one step", cost({arguments}))'


def learning_rate(material: Material) -> str:
    return repr(float(material.example.learning_rate))
