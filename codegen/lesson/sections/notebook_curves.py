"""The sections of a notebook that draw: an activation with its slope, the cost along one weight, and the cost while the network learns."""

from __future__ import annotations

from chainrule.codegen.backends.numpy.expressions import NumpySource
from chainrule.codegen.document.document import Block, Code, Heading, Listing, Math, Paragraph
from chainrule.codegen.document.nodes import derivative_on_a_line, primed
from chainrule.codegen.lesson.curves import NUDGE, POINTS, REACH, STEPS, activation_curves
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.try_it import NOTEBOOK_NAMES, data_names, learning_rate
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.derivation.activation_derivatives import slopes
from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.tensors import scalar

from .one_path import steepest

#: Larger networks learn so many steps only.
MANY_PARAMETERS, FEWER_STEPS = 30_000, 10

DRAW = '''try:
    import matplotlib.pyplot as plt
except ImportError:
    plt = None
    print("matplotlib is not installed: some points of each curve are printed (pip install matplotlib)")


def draw(across, curves, label):
    """Curves over the same places, by their names; one that is a single number is level."""
    curves = {name: np.broadcast_to(values, len(across)) for name, values in curves.items()}
    if plt is None:
        shown = np.linspace(0, len(across) - 1, 7).astype(int)
        for name, values in {label: np.array(across), **curves}.items():
            print(f"{name:>12}", *(f"{value:12.6g}" for value in values[shown]))
        return
    figure, axes = plt.subplots(figsize=(6, 3.5))
    for name, values in curves.items():
        axes.plot(across, values, label=name)
    axes.set_xlabel(label)
    axes.grid(alpha=0.3)
    axes.legend()
    plt.show()'''


def run_curves_section(material: Material) -> list[Block]:
    return [
        Heading(1, say("heading.notebook.curves"), "curves"),
        Paragraph(say("notebook.curves", matplotlib=Code("matplotlib"))),
        Listing(DRAW, runs=True),
        *_activation(material),
        *_along(material),
        Heading(1, say("heading.learning"), "learning"),
        *_training(material),
    ]


def _activation(material: Material) -> list[Block]:
    """The first activation that is a function of one number."""
    system = material.system
    taken = {*system.stored, *system.constants, *system.axes, *NOTEBOOK_NAMES, *vars(material.checked.module)}
    z, a, slope = (free_name(name, taken) for name in ("z", "a", "slope"))
    for found in slopes(material.derivation).values():
        if activation_curves(material, found) is None:
            continue
        renamed = {found.at.own_entry: scalar(z), found.of.own_entry: scalar(a)}
        source = NumpySource(system)
        try:
            value, its_slope = (
                source.line(array_form(expression.xreplace(renamed)), ()).text
                for expression in (system.definition[found.of.name].expression, found.equation.expression)
            )
        except NotExpressible:
            continue
        sign = material.ledger.activation
        return [
            Paragraph(say("notebook.activation", sign=Math(sign), slope=Math(primed(sign)))),
            Listing(
                f"{z} = np.linspace({-REACH}, {REACH}, 241)\n{a} = {value}\n{slope} = {its_slope}\n"
                f'draw({z}, {{"activation": {a}, "slope": {slope}}}, "z")',
                runs=True,
            ),
        ]
    return []


def _along(material: Material) -> list[Block]:
    """The cost along the entry along which it is steepest, and its tangent."""
    along = steepest(material)
    if along is None:
        return []
    name, place = along.parameter.name, written_place(along.place)
    entry = along.parameter.at(*along.place)
    w, gradient = material.by_index.node(entry), derivative_on_a_line(material.by_index.cost, material.by_index.node(entry))
    reach = along.points[-1][0] - along.value
    lines = [
        "def cost_at(value):",
        f'    """The cost where {name}[{place}] has this value, and everything else is as it was."""',
        f"    moved = np.array(params.{name})",
        f"    moved[{place}] = value",
        f"    return cost({_call(material, f'params._replace({name}=moved)')})",
        "",
        "",
        f"present, slope_there = params.{name}[{place}], gradients.{name}[{place}]",
        f"across = np.linspace(present - {reach:g}, present + {reach:g}, {POINTS})",
        'draw(across, {"cost": [cost_at(value) for value in across], "tangent": first_cost + slope_there * (across - present)}, '
        f'"{name}[{place}]")',
        f'print("slope", slope_there, "difference quotient", (cost_at(present + {NUDGE}) - cost_at(present - {NUDGE})) / {2 * NUDGE})',
    ]
    return [Paragraph(say("notebook.along", w=Math(w), gradient=Math(gradient))), Listing("\n".join(lines), runs=True)]


def _training(material: Material) -> list[Block]:
    """Steps of gradient descent, and the cost before each of them."""
    count = STEPS if sum(array.size for array in material.example.params) <= MANY_PARAMETERS else FEWER_STEPS
    rate = learning_rate(material)
    lines = [
        "trained, costs = params, []",
        f"for _ in range({count}):",
        f"    value, slopes = cost_and_gradients({_call(material, 'trained')})",
        "    costs.append(value)",
        f"    trained = sgd(trained, slopes, eta={rate})",
        f"costs.append(cost({_call(material, 'trained')}))",
        'draw(range(len(costs)), {"cost": costs}, "steps")',
        'print("cost", costs[0], "after one step", costs[1], f"after {len(costs) - 1} steps", costs[-1])',
    ]
    return [Paragraph(say("notebook.training", count=count, rate=Code(rate))), Listing("\n".join(lines), runs=True)]


def written_place(place: tuple[int, ...]) -> str:
    return ", ".join(map(str, place)) or "()"


def _call(material: Material, params: str) -> str:
    return ", ".join([params, *data_names(material)])
