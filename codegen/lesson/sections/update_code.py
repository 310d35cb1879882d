"""The updates of every layer's weights and biases, as formulas and as code of the same kind; which examples a step looks at."""

from __future__ import annotations

from itertools import chain

import numpy as np
from sympy import Expr

from chainrule.codegen.backends.numpy.expressions import NumpySource
from chainrule.codegen.backends.source_loading import load_source
from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Code, Display, Formula, Heading, Items, Line, Listing, Math, Paragraph
from chainrule.codegen.document.nodes import derivative, node, row, scripted
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.optimisers import UpdatePrinter, updates_agree, updates_shown
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.index.tensors import adjoint_name, scalar
from chainrule.symbolic.layers.optimisers import OPTIMISERS, Optimiser

#: The learning rate in code; an activation may have a constant of the first name.
RATES = ("alpha", "rate")
SEED = 5


def update_code_section(material: Material) -> list[Block]:
    """Nothing for a network that is not dense layers in a row."""
    if material.layers is None:
        return []
    blocks: list[Block] = [
        Heading(1, say("heading.update.code"), "update-code"),
        Paragraph(say("update.code.intro", rate=Math(material.notation.learning_rate))),
    ]
    for optimiser in OPTIMISERS.values():
        shown = [_sides(material, optimiser, stem, *update) for stem in "Wb" for update in updates_shown(material, optimiser)]
        evidence = together([updates_agree(material, optimiser)], *chain(*shown))
        lines = [Line(*sides, relation=node(material.notation.assignment), evidence=evidence) for sides in shown]
        blocks += [
            Paragraph(say(f"update.code.{optimiser.name}")),
            Display(tuple(lines)),
            Listing("\n".join(_checked_code(material, optimiser)), "python"),
        ]
    return [*blocks, *_batches(material)]


def _sides(material: Material, optimiser: Optimiser, stem: str, name: str, update: Expr) -> tuple[Formula, Formula]:
    """W^[l] := W^[l] − α dW^[l]"""
    printer = _Update(material, optimiser, stem)
    return printer.formula(scalar(name)), printer.formula(update)


class _Update(UpdatePrinter):
    """An optimiser's formula of one array of layer l."""

    def __init__(self, material: Material, optimiser: Optimiser, stem: str) -> None:
        super().__init__(material, optimiser)
        notation = material.notation
        letter = scripted(notation.matrix_letters[stem], above=notation.raised(notation.any_layer))
        gradient = row(notation.gradient_mark, letter)
        if notation.array_gradients == "partial":
            gradient = derivative(self.cost, letter)
        kept = {name: scripted(self.names[name], letter) for name in (*optimiser.state, "mean", "variance")}
        self.names |= {"w": letter, "g": gradient, **kept}


def _rate(material: Material) -> str:
    return next(name for name in RATES if name not in material.system.constants)


def code_names(optimiser: Optimiser, array: str, rate: str) -> dict[str, str]:
    """The names of a formula in code, for one array: w is W1, g is dW1, v is v_dW1."""
    kept = {name: f"{name}_{adjoint_name(array)}" for name, _ in optimiser.expressions if name != "w"}
    return {"w": array, "g": adjoint_name(array), "eta": rate, **kept}


def _code(material: Material, optimiser: Optimiser, array: str) -> list[str]:
    names = code_names(optimiser, array, _rate(material))
    renamed = {scalar(old): scalar(new) for old, new in names.items()}
    source = NumpySource(material.system)
    return [f"{names[name]} = {source.line(array_form(update.xreplace(renamed)), ()).text}" for name, update in optimiser.expressions]


def _checked_code(material: Material, optimiser: Optimiser) -> list[str]:
    """The lines for the first layer's weights and biases, run once and held against the module's optimiser."""
    first = material.system.parameters[0].name[1:]
    arrays = [name for name in (f"W{first}", f"b{first}") if name in material.system.tensors]
    lines = [line for array in arrays for line in _code(material, optimiser, array)]
    module, example = material.checked.module, material.example
    expected = getattr(module, optimiser.name)(example.params, example.gradients)
    after = expected[0] if optimiser.state else expected
    constants = {_rate(material) if name == "eta" else name: value for name, value in optimiser.constants.items()}
    body = "\n".join(f"    {line}" for line in lines)
    known = [
        name
        for array in arrays
        for name in (array, adjoint_name(array), *(code_names(optimiser, array, _rate(material))[state] for state in optimiser.state))
    ]
    source = f"import numpy as np\n\n\ndef step({', '.join([*known, *constants, 't'])}):\n{body}\n    return {', '.join(arrays)}\n"
    values = {}
    for array in arrays:
        values[array] = getattr(example.params, array)
        values[adjoint_name(array)] = getattr(example.gradients, array)
        values |= {code_names(optimiser, array, _rate(material))[state]: np.zeros_like(values[array]) for state in optimiser.state}
    found = load_source(source, f"{material.system.name}_{optimiser.name}").step(**values, **constants, t=1)
    for array, new in zip(arrays, found if len(arrays) > 1 else (found,), strict=True):
        material.checker.numbers_agree(f"the code of {optimiser.name} for {array}", new, getattr(after, array))
    return lines


def _batches(material: Material) -> list[Block]:
    """Which examples a step looks at, with a loop that is run once over all examples and compared with one step."""
    source = _epoch(material)
    example, module = material.example, material.checked.module
    epoch = load_source(f"import numpy as np\nmodule = None\n\n\n{source}", f"{material.system.name}_epoch")
    vars(epoch)["module"] = module
    x, y = example.data[0], example.data[1]
    found = epoch.epoch(example.params, x, y, example.learning_rate, example.examples, np.random.default_rng(SEED))
    for name, new, expected in zip(found._fields, found, example.new_params, strict=True):
        material.checker.numbers_agree(f"an epoch of one full batch in {name}", new, expected)
    return [
        Paragraph(say("update.code.batches", size=(Code("size"),))),
        Items((say("update.code.stochastic"), say("update.code.mini"), say("update.code.full"))),
        Listing(source.replace("module.", f"{material.system.name}."), "python"),
    ]


def _epoch(material: Material) -> str:
    def some(name: str) -> str:
        axes = material.system.tensors[name].axes
        places = ["some" if letter.name == material.system.batch else ":" for letter in axes]
        while places[-1] == ":":
            places.pop()
        return f"{name}[{', '.join(places)}]"

    batch = [letter.name for letter in material.system.tensors["x"].axes].index(material.system.batch or "n")
    return (
        f"def epoch(params, x, y, {_rate(material)}, size, rng):\n"
        f"    order = rng.permutation(x.shape[{batch}])\n"
        "    for start in range(0, len(order), size):\n"
        "        some = order[start : start + size]\n"
        f"        cost, gradients = module.cost_and_gradients(params, {some('x')}, {some('y')})\n"
        f"        params = module.sgd(params, gradients, eta={_rate(material)})\n"
        "    return params\n"
    )
