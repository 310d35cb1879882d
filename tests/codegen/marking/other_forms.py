"""A right work in other forms: steps written apart or together, factors put in later, biases as columns; each keeps what it computes."""

from __future__ import annotations

import ast
import copy
import random
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from generated_works import RATE_NAME, Work, expression, reads, statements, target, written
from other_spellings import respelled

Form = Callable[[Work, random.Random], Work]
#: What a step that is written apart is called before its author gives it a name.
STEP = "step"


def _rewritten(work: Work, change: Callable[[str], list[str]]) -> Work:
    """Every statement as other lines."""
    return replace(work, body=tuple(own for statement in work.body for own in statements("\n".join(change(ast.unparse(statement))))))


def biases_with_two_axes(work: Work, draw: random.Random) -> Work:
    """(n, 1) beside columns, (1, n) beside rows; the sums keep their dimensions."""
    biases = [name for name in work.parameters if name.startswith("b")]

    def change(line: str) -> list[str]:
        if re.match(r"db\d+ = d\w+\.sum\(axis=\d\)$", line):
            line = line.replace(")", ", keepdims=True)")
        return [re.sub(r"\b(b\d+)\[:, None\]", r"\1", line)]

    arrays = {name: (array[:, None] if work.columns else array[None]) if name in biases else array for name, array in work.arrays.items()}
    return replace(_rewritten(work, change), arrays=arrays)


def mean_put_in_later(work: Work, draw: random.Random) -> Work:
    """1/N in every gradient, in place of the first delta alone."""
    found = [statement for statement in work.body if re.match(r"d\w+ = .* / N$", ast.unparse(statement))]
    if len(found) != 1:
        return work
    first = ast.unparse(found[0])

    def change(line: str) -> list[str]:
        if line == first:
            return [line.removesuffix(" / N")]
        match = re.match(r"(d[WVb]\d*) = (.*?)( \+ (?:2 \* )?l2\w* \* \w+)?$", line)
        if match is None:
            return [line]
        own = draw.choice(("1 / N * ({})", "({}) / N", "({}) * (1.0 / N)")).format(match[2])
        return [f"{match[1]} = {own}{match[3] or ''}"]

    return _rewritten(work, change)


def own_functions_written_out(work: Work, draw: random.Random) -> Work:
    """exp in place of functions that do not overflow, logarithms of what the network puts out."""
    axis = 0 if work.columns else 1

    def change(line: str) -> list[str]:
        name = line.split(" = ")[0]
        line = re.sub(r"\bsigmoid\((\w+)\)", r"(1 / (1 + np.exp(-\1)))", line)
        line = re.sub(r"= softplus\((\w+)\)$", r"= np.log(1 + np.exp(\1))", line)
        if " = softmax(" in line:
            inside = line.split("(")[1].split(",")[0]
            largest = draw.choice(("", f" - np.max({inside}, axis={axis}, keepdims=True)", f" - {inside}.max()"))
            return [f"{STEP}s = np.exp({inside}{largest})", f"{name} = {STEP}s / np.sum({STEP}s, axis={axis}, keepdims=True)"]
        if name == "C" and "log_sum_exp" in line:
            output = _output(line)
            picked = re.search(r"\[(np\.arange\(N\), y|y, np\.arange\(N\))\]", line)
            inside = f"np.log({output}[{picked[1].replace('np.arange', 'range')}])" if picked else f"y * np.log({output})"
            line = f"C = -np.sum({inside}) / N{' + R' if line.endswith('+ R') else ''}"
        if name == "C" and "softplus" in line:
            output = _output(line)
            line = f"C = -np.sum(y * np.log({output}) + (1 - y) * np.log(1 - {output})) / N"
        return [line]

    return _only_what_is_called(_rewritten(work, change))


def _output(line: str) -> str:
    """What the layer puts out whose z stands in a line."""
    return "a" + re.findall(r"z(\d)", line)[0]


def slopes_as_functions(work: Work, draw: random.Random) -> Work:
    """σ′(z) has a name of its own."""
    text = written(work)
    first = list(work.first)
    if re.search(r"da(\d) \* a\1 \* \(1 - a\1\)", text):
        text = re.sub(r"da(\d) \* a\1 \* \(1 - a\1\)", r"da\1 * sigmoid_prime(z\1)", text)
        first += statements("def sigmoid_prime(z):\n    s = 1 / (1 + np.exp(-z))\n    return s * (1 - s)")
    if re.search(r"\(1 - a(\d) \*\* 2\)", text):
        text = re.sub(r"\(1 - a(\d) \*\* 2\)", r"tanh_prime(z\1)", text)
        first += statements("def tanh_prime(z):\n    return 1 - np.tanh(z) ** 2")
    return replace(work, first=tuple(first), body=tuple(statements(text)))


def labels_taken_off(work: Work, draw: random.Random) -> Work:
    """p[range(N), y] -= 1, as courses have it."""

    def change(line: str) -> list[str]:
        match = re.match(r"(d\w+) = \((a\d) - \(y.* == np\.arange\(.*\)( / N)?$", line)
        if match is None:
            return [line]
        places = "y, range(N)" if work.columns else "range(N), y"
        return [f"{match[1]} = {match[2]}.copy()", f"{match[1]}[{places}] -= 1", *([f"{match[1]} /= N"] if match[3] else [])]

    return _rewritten(work, change)


def zeros_put_in(work: Work, draw: random.Random) -> Work:
    """dz = np.array(da, copy=True); dz[z <= 0] = 0."""

    def change(line: str) -> list[str]:
        match = re.match(r"(d\w+) = np\.where\((\w+) > 0, (\w+), 0\)$", line)
        if match is None or draw.random() < 0.3:
            return [line]
        copied = draw.choice((f"np.array({match[3]}, copy=True)", f"{match[3]}.copy()"))
        return [f"{match[1]} = {copied}", f"{match[1]}[{match[2]} <= 0] = 0"]

    return _rewritten(work, change)


def put_together(work: Work, draw: random.Random) -> Work:
    """What is read once stands where it is read."""
    body = list(work.body)
    for statement in list(body):
        name, readers = target(statement), [other for other in body if target(statement) in reads(other)]
        is_single = [target(other) for other in body].count(name) == 1 and isinstance(statement, ast.Assign)
        if len(readers) == 1 and is_single and re.match(r"d[az]\d", name) and draw.random() < 0.5:
            body[body.index(readers[0])] = _with(readers[0], name, statement.value)  # type: ignore[attr-defined]
            body.remove(statement)
    return replace(work, body=tuple(body))


def _with(statement: ast.stmt, name: str, value: ast.expr) -> ast.stmt:
    class Exchange(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(value) if node.id == name and isinstance(node.ctx, ast.Load) else node

    changed = Exchange().visit(copy.deepcopy(statement))
    assert isinstance(changed, ast.stmt)
    return changed


def steps_apart(work: Work, draw: random.Random) -> Work:
    """Parts of a line before it, with a name of their own."""
    body, values, count = [], work.run(), 0
    for statement in work.body:
        own = copy.deepcopy(statement)
        if isinstance(own, ast.Assign) and target(own) in work.quantities and isinstance(own.targets[0], ast.Name):
            places = [node for node in ast.walk(own.value) if node is not own.value and isinstance(node, ast.BinOp | ast.Call)]
            places = [node for node in places if _is_new_array(node, values)]
            if places and draw.random() < 0.3:
                part, count = draw.choice(places), count + 1
                body += statements(f"{STEP}{count} = {ast.unparse(part)}")
                own = statements(f"{target(own)} = {ast.unparse(_exchanged(own.value, part, f'{STEP}{count}'))}")[0]  # type: ignore[assignment]
        body.append(own)
    return replace(work, body=tuple(body))


def _is_new_array(node: ast.expr, values: dict[str, object]) -> bool:
    """Whether it is an array of its own: an update in place changes what only looks at a parameter."""
    found = _value(ast.unparse(node), values)
    return isinstance(found, np.ndarray) and found.ndim > 0 and found.base is None


def _value(text: str, values: dict[str, object]) -> object:
    found: object = eval(text, dict(values))
    return found


def _exchanged(whole: ast.expr, part: ast.expr, name: str) -> ast.expr:
    class Exchange(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return expression(name) if node is part else self.generic_visit(node)

    changed = Exchange().visit(whole)
    assert isinstance(changed, ast.expr)
    return changed


def in_place(work: Work, draw: random.Random) -> Work:
    """dW /= N and dW += penalty on lines of their own."""
    shapes, rest = work.run(), []
    for statement in work.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=left, op=ast.Add() | ast.Div() as sign, right=right)) if (
                name.startswith("d") and draw.random() < 0.5 and _fits(left, name, shapes) and not isinstance(left, ast.Name)
            ):
                rest += [*statements(f"{name} = {ast.unparse(left)}"), ast.AugAssign(ast.Name(name, ast.Store()), sign, right)]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=before), op=ast.Mult() as sign, right=right)) if (
                name.startswith("d") and draw.random() < 0.5 and _fits(expression(before), name, shapes)
            ):
                rest += [*statements(f"{name} = {before}.copy()"), ast.AugAssign(ast.Name(name, ast.Store()), sign, right)]
            case _:
                rest.append(statement)
    return replace(work, body=tuple(rest))


def _fits(left: ast.expr, name: str, values: dict[str, object]) -> bool:
    return np.shape(_value(ast.unparse(left), values)) == np.shape(values[name])  # type: ignore[arg-type]


def parameters_updated(work: Work, draw: random.Random) -> Work:
    """A step downhill at the end."""
    form = draw.choice(("{0} -= {2} * {1}", "{0} = {0} - {2} * {1}", "{0} += -{2} * {1}"))
    added = [form.format(name, f"d{name}", RATE_NAME) for name in work.parameters]
    return replace(work, body=(*work.body, *statements("\n".join(added))))


def reordered(work: Work, draw: random.Random) -> Work:
    """Any order in which everything is computed before it is read, and read before it is changed."""
    body, chosen = list(work.body), []
    while body:
        free = [statement for place, statement in enumerate(body) if not any(_needs(statement, before) for before in body[:place])]
        following = free[0] if draw.random() < 0.4 else draw.choice(free)
        chosen.append(following)
        body.remove(following)
    return replace(work, body=tuple(chosen))


def _needs(later: ast.stmt, before: ast.stmt) -> bool:
    return target(before) in reads(later) | {target(later)} or target(later) in reads(before)


def _only_what_is_called(work: Work) -> Work:
    text = written(work)
    return replace(work, first=tuple(node for node in work.first if not isinstance(node, ast.FunctionDef) or f"{node.name}(" in text))


#: In the order in which they are made, with how often.
FORMS: tuple[tuple[Form, float], ...] = (
    (biases_with_two_axes, 0.4),
    (mean_put_in_later, 0.4),
    (labels_taken_off, 0.6),
    (own_functions_written_out, 0.5),
    (slopes_as_functions, 0.2),
    (zeros_put_in, 0.3),
    (put_together, 0.4),
    (in_place, 0.3),
    (respelled, 0.8),
    (steps_apart, 0.4),
    (parameters_updated, 0.3),
    (reordered, 0.5),
)


def other_form(work: Work, draw: random.Random) -> tuple[Work, tuple[str, ...]]:
    """The work rewritten in several ways, and which; it computes the same."""
    right, names = work.run(), []
    for form, share in FORMS:
        if draw.random() < share:
            changed = form(work, draw)
            if written(changed) != written(work):
                names.append(form.__name__)
            work = changed
    found = work.run()
    for name in work.gradients:
        assert np.allclose(np.ravel(found[name]), np.ravel(right[name]), rtol=1e-9, atol=1e-12), f"{name} after {', '.join(names)}"
    return work, tuple(names)
