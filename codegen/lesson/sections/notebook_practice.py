"""The last section of a notebook: lines to fill in, each with a cell that compares what they give with the derived values."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Code, Heading, Listing, Math, Paragraph
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.notebook_cells import ANSWER, shown_cells
from chainrule.codegen.lesson.try_it import learning_rate
from chainrule.codegen.words.sentences import listed, say

from .derivation import of_each_kind
from .notebook_curves import written_place
from .one_path import steepest

#: So many lines are asked for.
MOST_LINES = 3
COMPARE = '''def compare(name, found, expected):
    """Says whether an answer is the derived value."""
    if found is ...:
        print(f"{name}: no answer yet")
    elif np.shape(found) != np.shape(expected):
        print(f"{name}: found shape {np.shape(found)}, expected {np.shape(expected)}")
    elif np.max(np.abs(np.subtract(found, expected)), initial=0) <= 1e-4 * np.max(np.abs(expected), initial=0):
        print(f"{name}: right")
    else:
        print(f"{name}: the largest difference is {np.max(np.abs(np.subtract(found, expected))):.6g}")'''


def practice_section(material: Material) -> list[Block]:
    """Lines to fill in, each with a cell that compares what they give with the derived values."""
    blocks: list[Block] = [
        Heading(1, say("heading.practice"), "practice"),
        Paragraph(say("practice.intro", dots=Code("..."))),
        Listing(COMPARE, runs=True),
    ]
    for name, read in _lines_to_write(material):
        blocks += [
            Paragraph(say("practice.line", name=Code(name), read=listed([(Code(each),) for each in read]))),
            *_answer(name, name),
        ]
    along = steepest(material)
    if along is not None:
        name, place = along.parameter.name, written_place(along.place)
        w = Math(material.by_index.node(along.parameter.at(*along.place)))
        blocks += [Paragraph(say("practice.slope", w=w, cost=Code("cost_at"))), *_answer("slope", f"gradients.{name}[{place}]")]
    name, rate = material.system.parameters[-1].name, learning_rate(material)
    return [
        *blocks,
        Paragraph(say("practice.step", name=Code(name), rate=Code(rate), params=Code("params"), gradients=Code("gradients"))),
        *_answer(name, f"sgd(params, gradients, eta={rate}).{name}"),
    ]


def _answer(name: str, expected: str) -> tuple[Block, Block]:
    return Listing(f"{ANSWER}{name} = ...", runs=True), Listing(f'compare("{name}", {ANSWER}{name}, {expected})', runs=True)


def _lines_to_write(material: Material) -> list[tuple[str, tuple[str, ...]]]:
    """What single lines of the backward pass compute, parameters first, and what they read."""
    run = {name for cell in shown_cells(material, material.program.backward) for name in cell.names}
    written = {each.name: each for each in material.program.backward if each.loop is None and each.name in run}
    firsts = [adjoint for adjoint, first in of_each_kind(material.derivation.adjoints.values(), 0) if first is adjoint]
    names = [adjoint.as_tensor.name for adjoint in firsts]
    of_parameters = [material.system.adjoint_name(tensor.name) for tensor in material.system.parameters]
    ordered = sorted((name for name in names if name in written), key=lambda name: name not in of_parameters)
    return [(name, tuple(dict.fromkeys(written[name].reads))) for name in ordered[:MOST_LINES]]
