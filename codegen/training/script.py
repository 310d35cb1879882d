"""The script that trains a network: readable NumPy that reads data.npz and runs the module beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import chainrule
from chainrule.codegen.backends.numpy.optimisers import state_class
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.templating.environments import text_template
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.layers.optimisers import OPTIMISERS
from chainrule.symbolic.system.system import System

from .choices import TrainingChoices
from .given import Given, counted, given
from .shares import ONE, share_of
from .text import CHARACTERS, Windows, chances_of

SCRIPT = "train_"


@dataclass(frozen=True, slots=True)
class ScriptArray:
    """An array in the script: how some of its examples are taken."""

    name: str
    along: int | None
    is_scaled: bool
    is_target: bool

    def at(self, chosen: str) -> str:
        """[chosen], or [:, chosen] where the examples are columns."""
        return "" if self.along is None else f"[{':, ' * self.along}{chosen}]"


def script_name(name: str) -> str:
    """Of the script for a network of this name."""
    return f"{SCRIPT}{name}.py"


def script_source(derivation: Derivation, choices: TrainingChoices, windows: Windows | None = None, beginning: str = "") -> str:
    """The script for a module of this derivation; with `windows` it reads a text, else arrays.

    It begins with the parameters of the file called `beginning`, which are of features as they are, or with random ones.

    Raises:
        InvalidDescription: where the network has no examples to train on, or sizes of parameters that no array has.
    """
    system = derivation.system
    takes = given(system)
    optimiser = OPTIMISERS[choices.optimiser]
    arrays = [ScriptArray(each.name, each.along, each.is_scaled and not (windows or beginning), each.is_target) for each in takes]
    right, outputs = _right(system, takes), _outputs(system)
    columns = ["epoch", "cost", "held_out_cost", *(["held_out_right"] if right else [])]
    first = counted(takes)
    share = share_of(system, [each.name for each in takes])
    shapes = _listed([f"{each.name} {each.shape_text}" for each in takes])
    state = optimiser.state
    restored = ['int(file["run/t"])'] if optimiser.counts_steps else []
    restored += state
    return text_template("training.py.jinja").render(
        name=system.name,
        version=chainrule.__version__,
        choices=choices,
        source="the characters of text.txt" if windows else f"the examples of data.npz, {shapes}",
        held_out="The end of the text" if windows else "A part of the examples",
        text=windows and _text(windows),
        chances=windows and _chances(derivation, windows),
        keeps=_keeps(choices),
        count=f'data["{first.name}"].shape[{first.along}]',
        scaled=[each for each in arrays if each.is_scaled],
        taken=", ".join(f'self.data["{each.name}"]{each.at("places")}' for each in arrays) + ("," if len(takes) == 1 else ""),
        right=right,
        # In windows of a text nothing is masked.
        share=share.text if share.reads and not windows else None,
        shared=[each for name in share.reads for each in arrays if each.name == name],
        at_once=share == ONE,
        header=",".join(columns),
        state=state,
        group_items="".join(f', "{name}": state.{name}' for name in state),
        counted=', "run/t": state.t' if optimiser.counts_steps else "",
        state_groups="".join(f", {name}" for name in state),
        state_names="".join(f', "{name}/"' for name in state),
        restored_state=f", network.{state_class(optimiser)}({', '.join(restored)})" if state else "",
        begins_with=_begins_with(beginning, system, takes, windows),
        predicts=[each for each in arrays if not each.is_target] if outputs and not windows else [],
        outputs=outputs,
        line=_line(right is not None),
    )


def _keeps(choices: TrainingChoices) -> str:
    if choices.patience:
        return "Training stops when their cost has not fallen for PATIENCE epochs, and the weights of the best epoch are kept."
    return "The weights of the epoch with their least cost are kept."


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _line(right: bool) -> str:
    told = "   right {row[3]:.1%}" if right else ""
    return f"epoch {{row[0]:4.0f}}   cost {{row[1]:.5f}}   held out {{row[2]:.5f}}{told}"


def _outputs(system: System) -> list[ScriptArray]:
    """What is predicted of each example; nothing where an output is one of all examples."""
    found = [ScriptArray(name, system.tensors[name].place_of(system.batch or ""), False, False) for name in system.outputs]
    return found if all(each.along is not None for each in found) else []


def _right(system: System, takes: Sequence[Given]) -> str | None:
    """Which of the examples' labels are told right, as NumPy source over a `batch`; None where nothing is told apart."""
    targets = [each for each in takes if each.is_target]
    if not system.outputs or len(targets) != 1 or targets[0].along is None:
        return None
    (target,) = targets
    tensor = system.tensors[system.outputs[0]]
    inputs = sum(not each.is_target for each in takes)
    predicted, expected = f"network.predict(params, *batch[:{inputs}])", f"batch[{inputs}]"
    predicted += "[0]" if len(system.outputs) > 1 else ""
    if target.tensor.is_integer and target.tensor.points_into is not None:
        axis = tensor.place_of(target.tensor.points_into)
        return None if axis is None else f"{predicted}.argmax(axis={axis}) == {expected}"
    if target.tensor.values is Values.ONE_HOT and system.batch is not None:
        axis = tensor.place_of(axis_name(target.tensor.class_axis(system.batch)))
        return None if axis is None else f"{predicted}.argmax(axis={axis}) == {expected}.argmax(axis={axis})"
    if target.tensor.values is Values.BINARY and tensor.axes == target.tensor.axes:
        return f"({predicted} > 0.5) == ({expected} > 0.5)"
    if target.tensor.values is Values.SIGNS and tensor.axes == target.tensor.axes:
        return f"({predicted} > 0) == ({expected} > 0)"
    return None


def _begins_with(beginning: str, system: System, takes: Sequence[Given], windows: Windows | None) -> str:
    if beginning:
        return f'network.restore(WEIGHTS.with_name("{beginning}"))'
    return f"network.init(np.random.default_rng(SEED){_init_sizes(system, takes, windows)})"


def _init_sizes(system: System, takes: Sequence[Given], windows: Windows | None) -> str:
    """Sizes of parameters that the description leaves open are those of the data."""
    found = []
    for axis in dict.fromkeys(axis_name(letter) for tensor in system.parameters for letter in tensor.axes):
        if system.axes[axis].size is None:
            place = next(((each.name, each.tensor.place_of(axis)) for each in takes if each.tensor.place_of(axis) is not None), None)
            if windows and axis == windows.read.tensor.points_into:
                found.append(f', {size_name(axis)}=len(examples.data["{CHARACTERS}"])')
            elif place is not None:
                found.append(f', {size_name(axis)}=examples.data["{place[0]}"].shape[{place[1]}]')
            else:
                raise InvalidDescription(
                    f"the size of axis {axis} of the parameters is open, and no array of the data has it; say it under sizes"
                )
    return "".join(found)


@dataclass(frozen=True, slots=True)
class ScriptText:
    """How the script cuts a text."""

    said: str
    length: int
    every: str
    arrays: tuple[str, ...]


def _text(windows: Windows) -> ScriptText:
    if windows.says_all:
        said, following = "Windows one behind the other; what is to be said at each place is the character behind it.", "windows[:, 1:]"
    else:
        said, following = "A window at each place; what is to be said is the character behind it.", "windows[:, -1]"
    every = f"[::{windows.every}]" if windows.every > 1 else ""
    masks = (f'"{each.name}": np.ones((len(windows), {windows.length}))' for each in windows.masks)
    return ScriptText(
        said, windows.length, every, (f'"{windows.read.name}": windows[:, :-1]', f'"{windows.following.name}": {following}', *masks)
    )


def _chances(derivation: Derivation, windows: Windows) -> list[str] | None:
    """The lines that say what comes after the labels of a text."""
    found = chances_of(derivation, windows)
    if found is None:
        return None
    inputs = [each for each in given(derivation.system) if not each.is_target]
    given_in = ", ".join("labels[None]" if each == windows.read else "np.ones((1, len(labels)))" for each in inputs)
    last = "[0, -1]" if windows.says_all else "[0]"
    lines = [f"found = network.forward(network.restore(WEIGHTS), {given_in}).{found.name}{last}"]
    if found.are_logarithms:
        lines.append("found = np.exp(found - found.max())")
    return lines
