"""Pictures of single equations beside them: the window of the first convolution, and the first recurrence at three steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chainrule.codegen.document.document import Figure, Math
from chainrule.codegen.document.nodes import Node, Number, separated
from chainrule.codegen.figures.letters import on_one_line
from chainrule.codegen.figures.unrolled import Recurrence, first_recurrence
from chainrule.codegen.figures.unrolled_drawing import unrolled_drawing
from chainrule.codegen.figures.window import Window, window_of
from chainrule.codegen.figures.window_drawing import window_drawing, window_parts
from chainrule.codegen.words.sentences import formula, listed, say, together
from chainrule.symbolic.forms.scalar_form import fixed_sizes
from chainrule.symbolic.index.failures import NotExpressible

from .material import Material


def equation_pictures(material: Material) -> dict[str, Figure]:
    """By the name of what an equation computes: the first window and the first recurrence of the network, if it has any."""
    found: dict[str, Figure] = {}
    window = _first_window(material)
    if window is not None:
        found[window.output] = _window_figure(material, window)
    recurrence = first_recurrence(material.system)
    if recurrence is not None:
        found[recurrence.last] = _recurrence_figure(material, recurrence)
    return found


def window_pictures(material: Material) -> list[Figure]:
    """The window of the first convolution in two pictures, forward and backward; nothing where there is none."""
    window = _first_window(material)
    if window is None:
        return []
    figure = _window_figure(material, window)
    parts = zip(("forward", "backward"), window_parts(material.by_index, window), strict=True)
    return [
        replace(figure, name=f"{figure.name}_{part}", drawing=drawing, title=say(f"figure.title.window.{part}"), caption=())
        for part, drawing in parts
    ]


def _first_window(material: Material) -> Window | None:
    sizes = _sizes(material)
    windows = (window_of(material.system, equation, sizes) for equation in material.system.equations)
    return next((window for window in windows if window is not None), None)


def _sizes(material: Material) -> Mapping[str, int]:
    """Those of the description; where some are read from the arrays, those at which the derivation was verified."""
    try:
        return fixed_sizes(material.system, material.example.examples)
    except NotExpressible:
        return material.numbers.sizes


def _window_figure(material: Material, window: Window) -> Figure:
    names = {key: Math(material.bare(name)) for key, name in (("x", window.read), ("w", window.kernel), ("z", window.output))}
    size, step = (Math(separated([Number(str(number)) for number in numbers], "×")) for numbers in (window.places, window.steps))
    gradients = {key: Math(_gradient(material, name)) for key, name in (("dw", window.kernel), ("dz", window.output))}
    caption = say("figure.window", **names, **gradients)
    if window.reads_outside:
        caption = together(caption, say("figure.window.outside", x=names["x"]))
    says = say("figure.window.says", size=size, step=step, **names)
    return material.figure("window", window_drawing(material.by_index, window), says, caption)


def _recurrence_figure(material: Material, recurrence: Recurrence) -> Figure:
    states = listed([formula(material.bare(tensor.name)) for tensor in recurrence.states])
    letter = Math(material.by_index.node(recurrence.direction.letter))
    caption = say("figure.unrolled", letter=letter, states=states)
    if recurrence.shared:
        caption = together(caption, say("figure.unrolled.shared"))
    says = say("figure.unrolled.says", letter=letter, states=states)
    return material.figure("unrolled", unrolled_drawing(material.by_index, recurrence), says, caption)


def _gradient(material: Material, name: str) -> Node:
    return on_one_line(material.bare(material.system.adjoint_name(name)))
