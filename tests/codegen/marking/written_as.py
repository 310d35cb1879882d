"""How an author writes a work down: names of his own, in a script, in functions, or in a class with dictionaries."""

from __future__ import annotations

import ast
import copy
import random
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from generated_works import RATE, RATE_NAME, Arrays, Work, expression, reads, statements, target

#: Usual spellings of what every work reads: tensors of a layer with its number, and what there is once.
OF_LAYERS = {
    "W": ("W{}", "w{}", "W_{}", "weights{}", "theta{}"),
    "b": ("b{}", "bias{}", "b_{}", "biases{}"),
    "z": ("z{}", "Z{}", "s{}", "net{}", "z_{}"),
    "a": ("a{}", "A{}", "h{}", "out{}", "layer{}"),
}
ONCE = {
    "x": ("x", "X", "inputs", "x_batch", "X_train"),
    "y": ("y", "Y", "t", "targets", "labels", "y_true"),
    "N": ("N", "n", "m", "batch_size", "num_examples", "n_samples"),
    "C": ("C", "cost", "loss", "J"),
    RATE_NAME: ("lr", "eta", "alpha", "learning_rate"),
    "l2": ("l2", "reg", "lambd", "lam", "weight_decay"),
    "l2_half": ("l2_half", "reg", "lambd", "reg_lambda"),
}
#: What a gradient is called after what it is by.
GRADIENTS = ("d{}", "grad_{}", "{}_grad", "d_{}", "{}_delta")
#: Names that say nothing.
MEANINGLESS = (
    "foo tmp temp aux val piece part stuff thing inner first second mid quux spam eggs ham item left_part right_part cur nxt value1 value2 "
    "value3 value4 value5 value6 tmp1 tmp2 tmp3 tmp4 tmp5 tmp6 tmp7 tmp8 v1 v2 v3 v4 v5 v6 v7 v8 q1 q2 q3 q4 q5 q6 q7 q8"
).split()
PLACES = ("script", "function", "pair", "class")


@dataclass(frozen=True)
class Written:
    """A text with where each statement of the work stands in it, and how its results are had from running it."""

    text: str
    place: str
    names: dict[str, str]
    lines: tuple[int, ...]
    work: Work

    def run(self) -> Arrays:
        """The text itself is run; the results by their names in the module.

        Raises:
            ValueError: where shapes do not go together.
        """
        given = {name: np.array(array) for name, array in self.work.arrays.items()} | {RATE_NAME: RATE}
        names: dict[str, Any] = {"np": np}
        if self.place == "script":
            names |= {self.names.get(name, name): array for name, array in given.items()}
        with np.errstate(all="ignore"):
            exec(compile(self.text, "work", "exec"), names)
            if self.place == "script":
                return {name: names[self.names.get(name, name)] for name in self.work.results}
            found = self._called(names, given)
        return dict(zip(self.work.results, found, strict=True))

    def _called(self, names: dict[str, Any], given: Arrays) -> Any:
        if self.place == "function":
            return names["gradients"](*(given[name] for name in _arguments(self.work)))
        parameters = {key(name, self.names): given[name] for name in self.work.parameters}
        examples = [given[name] for name in self.work.arrays if name not in self.work.parameters]
        if self.place == "pair":
            cache = names["forward"](*examples, parameters)
            found = names["backward"](*examples, parameters, cache)
        else:
            network = names["Net"](parameters, RATE)
            network.forward(*examples)
            found = network.backward(*examples)
            parameters = network.params
        return [found[key(name, self.names)] if name.startswith("d") else parameters[key(name, self.names)] for name in self.work.results]


def key(name: str, names: dict[str, str]) -> str:
    """What a name is under in a dictionary: W1 of params["W1"]."""
    own = names.get(name, name)
    return str(ast.literal_eval(own[own.index("[") + 1 : -1])) if "[" in own else own


def _arguments(work: Work) -> list[str]:
    return [*work.arrays, *([RATE_NAME] if set(work.results) - set(work.gradients) else [])]


def written_as(work: Work, draw: random.Random, place: str | None = None) -> Written:
    """The work with an author's names."""
    place = place or draw.choice(PLACES)
    names = _names(work, draw, place)
    body = [_renamed(statement, names) for statement in work.body]
    first = [_renamed(statement, {name: own for name, own in names.items() if name.startswith("l2")}) for statement in work.first]
    head = _head(work, body, place, names)
    module = ast.Module([*statements("import numpy as np"), *first, *head], [])
    text = ast.unparse(ast.fix_missing_locations(module))
    return Written(text + "\n", place, names, _places(text, module, body), work)


def _names(work: Work, draw: random.Random, place: str) -> dict[str, str]:
    stems = {stem: draw.choice(spelled) for stem, spelled in OF_LAYERS.items()}
    gradient = draw.choice(GRADIENTS)
    own = {name: draw.choice(spelled) for name, spelled in ONCE.items()}
    if own["N"] in (own["x"], own["y"]):
        own["N"] = "N"
    names = {RATE_NAME: own[RATE_NAME], **{name: own[name] for name in ("N", "C", "l2", "l2_half", *work.arrays) if name in own}}
    layers = [name for name in work.quantities if re.fullmatch(r"[Wbza]\d+", name)]
    names |= {name: stems[name[0]].format(name[1:]) for name in layers}
    names |= {f"d{name}": gradient.format(names.get(name, name)) for name in (*layers, "V") if f"d{name}" in work.quantities}
    unnamed = draw.sample(MEANINGLESS, len(MEANINGLESS))
    names |= {name: unnamed.pop() for name in dict.fromkeys(map(target, work.body)) if name.startswith("step")}
    if place in ("script", "function") and draw.random() < 0.3:
        names |= {name: unnamed.pop() for name in layers if name[0] in "za" and draw.random() < 0.5}
    if draw.random() < 0.3:
        names |= {name: unnamed.pop() for name in sorted(names) if re.fullmatch(r"d[za]\d+", name) and draw.random() < 0.5}
    return names | _held(work, place, names)


def _held(work: Work, place: str, names: dict[str, str]) -> dict[str, str]:
    """What is in a dictionary or belongs to an object."""
    found = {}
    if place in ("pair", "class"):
        own = "self." if place == "class" else ""
        found |= {name: f"{own}params['{names.get(name, name)}']" for name in work.parameters}
        found |= {f"d{name}": f"grads['{names.get(f'd{name}', f'd{name}')}']" for name in work.parameters}
    if place == "class":
        found |= {name: f"self.{names[name]}" for name in work.quantities if re.fullmatch(r"[za]\d+", name)}
        found[RATE_NAME] = f"self.{names[RATE_NAME]}"
    return found


def _renamed(statement: ast.stmt, names: dict[str, str]) -> ast.stmt:
    class Rename(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            found = expression(names.get(node.id, node.id))
            if isinstance(found, ast.Name | ast.Attribute | ast.Subscript):
                found.ctx = node.ctx
            return found

    changed = Rename().visit(copy.deepcopy(statement))
    assert isinstance(changed, ast.stmt)
    return changed


def _head(work: Work, body: list[ast.stmt], place: str, names: dict[str, str]) -> list[ast.stmt]:
    """What stands in the file, with the statements of the work in it."""
    if place == "script":
        return body
    examples = ", ".join(names.get(name, name) for name in work.arrays if name not in work.parameters)
    if place == "function":
        arguments = ", ".join(names.get(name, name) for name in _arguments(work))
        results = ", ".join(names.get(name, name) for name in work.results)
        (function,) = statements(f"def gradients({arguments}):\n    return {results}")
        assert isinstance(function, ast.FunctionDef)
        function.body[:0] = body
        return [function]
    in_forward = _in_forward(work)
    forward = [own for own, value in zip(body, in_forward, strict=True) if value]
    backward = [own for own, value in zip(body, in_forward, strict=True) if not value]
    if place == "pair":
        two = _two_functions(work, examples, names, in_forward)
    else:
        backward[:0] = [copy.deepcopy(own) for own, given in zip(body, work.body, strict=True) if target(given) == "N"]
        two = statements(CLASS.format(examples=examples, rate=names[RATE_NAME]))
    functions = [node for node in ast.walk(ast.Module(two, [])) if isinstance(node, ast.FunctionDef) and node.name.endswith("ward")]
    for function, own in zip(functions, (forward, backward), strict=True):
        end = len(function.body) if isinstance(function.body[-1], ast.Pass) else len(function.body) - 1
        function.body[end:end] = own
    return two


#: A class whose methods have no statements yet.
CLASS = """
class Net:
    def __init__(self, params, rate):
        self.params = params
        {rate} = rate
    def forward(self, {examples}):
        pass
    def backward(self, {examples}):
        grads = {{}}
        return grads
"""


def _two_functions(work: Work, examples: str, names: dict[str, str], in_forward: list[bool]) -> list[ast.stmt]:
    """A forward pass that gives a dictionary, and a backward pass that reads it."""
    cached = {name for name in map(target, work.body) if re.fullmatch(r"[za]\d+", name) or _is_passed(name, work, in_forward)}
    called = [names.get(name, name) for name in sorted(cached)]
    kept = ", ".join(f"'{name}': {name}" for name in called)
    rate = f", {names[RATE_NAME]}={RATE}" if RATE_NAME in _arguments(work) else ""
    lines = [f"def forward({examples}, params):", f"    return {{{kept}}}", f"def backward({examples}, params, cache{rate}):"]
    lines += ["    grads = {}", *(f"    {name} = cache['{name}']" for name in called), "    return grads"]
    return statements("\n".join(lines))


def _in_forward(work: Work) -> list[bool]:
    """Which statements are of the forward pass; a step that one of them reads is too."""
    body = work.body
    known = {name for name in work.quantities if not name.startswith("d")} - set(work.parameters) | {"N", "C"}
    found = [target(own) in known for own in body]
    for place in reversed(range(len(body))):
        if target(body[place]).startswith("step"):
            found[place] = any(found[later] and target(body[place]) in reads(body[later]) for later in range(place, len(body)))
    return found


def _is_passed(name: str, work: Work, in_forward: list[bool]) -> bool:
    made = any(target(own) == name and value for own, value in zip(work.body, in_forward, strict=True))
    return made and any(name in reads(own) and not value for own, value in zip(work.body, in_forward, strict=True))


def _places(text: str, module: ast.Module, body: list[ast.stmt]) -> tuple[int, ...]:
    """The line of each statement: the text is walked as the tree is that it was written from."""
    lines = [node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    every = [node for node in ast.walk(module) if isinstance(node, ast.stmt)]
    return tuple(lines[next(place for place, node in enumerate(every) if node is own)] for own in body)
