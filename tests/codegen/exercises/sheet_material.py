"""What sheets of the tests are made of: networks, the material of their handouts, and questions of a kind."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import residual_networks

from chainrule import Derivation, derive
from chainrule.codegen.build import material_of
from chainrule.codegen.checking.gradient_check import CheckedModule, checked_module
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.document.document import Display, Line
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.exercises.draw import QuestionDraw
from chainrule.codegen.exercises.kinds import KINDS
from chainrule.codegen.exercises.question import Question
from chainrule.codegen.exercises.source import QuestionSource
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.mistakes.formulas import mistakes
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.verification import Verified, difference, verify

SEEDS = (0, 1, 2)


LABELS = """
name = "labelled"
input = 2

[[layers]]
units = 3
activation = "tanh"

[[layers]]
units = 3
activation = "softmax"

[cost]
kind = "cross_entropy"
targets = "labels"
"""


EQUATIONS = '''
name       = "equations_net"
inputs     = ["X[n,k]"]
targets    = ["y[n]"]
parameters = ["w[k]", "b"]
equations  = """
s[n] = sum(k, X[n,k]*w[k]) + b
p[n] = tanh(s[n])
L    = mean(n, (p[n] - y[n])**2)
"""
batch = "n"
sizes = { k = 3 }
'''


CONVOLUTION = """
name = "convolution"
input = [1, 6, 6]

[[layers]]
kind = "conv2d"
channels = 2
kernel = 3
activation = "tanh"

[[layers]]
kind = "flatten"

[[layers]]
units = 3
activation = "softmax"

[cost]
kind = "cross_entropy"
targets = "labels"
"""


RECURRENCE = '''
name       = "recurrence"
inputs     = ["x[n,t,i]"]
targets    = ["y[n,t,j]"]
parameters = ["W[j,i]", "U[j,k]", "b[j]", "h0[j]"]
equations  = """
z[n,t,j]  = sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]) + b[j]
h[n,t,j]  = tanh(z[n,t,j])
h[n,-1,j] = h0[j]
C         = mean(n, sum(t, j, (h[n,t,j] - y[n,t,j])**2))/2
"""
batch = "n"
sizes = { i = 2, j = 3 }
'''


#: What makes it attention is in its equations alone; no name says so.
ATTENTION = '''
name       = "weighted"
inputs     = ["x[n,t,d]"]
targets    = ["y[n,t,e]"]
parameters = ["A[e,d]", "B[e,d]", "D[e,d]"]
equations  = """
f[n,t,e] = sum(d, A[e,d]*x[n,t,d])
g[n,t,e] = sum(d, B[e,d]*x[n,t,d])
m[n,t,e] = sum(d, D[e,d]*x[n,t,d])
l[n,t,r] = sum(e, f[n,t,e]*g[n,r,e])
w[n,t,r] = exp(l[n,t,r])/sum(u, exp(l[n,t,u]))
o[n,t,e] = sum(r, w[n,t,r]*m[n,r,e])
C        = mean(n, sum(t, e, (o[n,t,e] - y[n,t,e])**2))/2
"""
batch = "n"
sizes = { d = 3, e = 2 }
'''


DEAD = """
name = "dead"
input = 2

[[layers]]
units = 3
activation = "relu"

[[layers]]
units = 2
activation = "softmax"

[cost]
kind = "cross_entropy"
reduction = "sum"
"""


TEXT_OF = {
    "dead": DEAD,
    "convolution": CONVOLUTION,
    "recurrence": RECURRENCE,
    "weighted": ATTENTION,
    "residual": residual_networks.SMALL,
    "labelled": LABELS,
    "equations_net": EQUATIONS,
}


NETWORKS = ("2-2-2", "labelled", "equations_net", "residual")


@cache
def description(name: str, folder: str = "") -> Description:
    if name in TEXT_OF:
        file = Path(pytest_folder()) / f"{name}.toml"
        file.write_text(TEXT_OF[name])
        return read_description(file)
    return read_description(name)


@cache
def pytest_folder() -> str:
    import tempfile

    return tempfile.mkdtemp(prefix="chainrule-exercises-")


@cache
def derived(name: str) -> tuple[Description, Derivation, Verified, CheckedModule]:
    """What the material of a network has in common in all notations."""
    described = description(name)
    derivation = derive(described.network)
    return described, derivation, verify(derivation), checked_module(derivation)


@cache
def material(name: str, notation: str | None = None) -> Material:
    return material_of(*derived(name), notation, length="full")


@cache
def source(name: str, seed: int) -> QuestionSource:
    return QuestionSource(material(name), seed)


@cache
def of_kind(name: str, seed: int, kind: str) -> list[tuple[Any, Question]]:
    """Questions of a kind at every place that has one."""
    own = source(name, seed)
    found = []
    for number, place in enumerate(KINDS[kind].places(own)):
        question = KINDS[kind].question(own, place, QuestionDraw(seed, 1000 + number))
        if question is not None:
            found.append((place, question))
    return found


def answer_lines(question: Question) -> list[Line]:
    return [line for block in question.solution if isinstance(block, Display) for line in block.lines]


def prompt_lines(question: Question) -> list[Line]:
    return [line for block in question.prompt if isinstance(block, Display) for line in block.lines]


def holds(own: QuestionSource, name: str, written: str) -> bool:
    """Whether a formula for a gradient gives what differences of the cost give at the student's numbers, or exactly at random arrays."""
    adjoint = own.adjoint(name)
    candidates = {write_latex(own.by_index.node(adjoint.expression)): adjoint.expression}
    for mistake in mistakes(adjoint.expression, own.system):
        candidates.setdefault(write_latex(own.by_index.node(mistake.expression)), mistake.expression)
    expression = candidates[written]
    over = tuple(sorted(expression.free_symbols & set(adjoint.tensor.axes), key=str)) or adjoint.tensor.axes
    from chainrule.symbolic.index.index_letters import free_letters

    free = tuple(sorted(free_letters(expression) | set(over) | set(adjoint.tensor.axes), key=str))
    left = evaluate(adjoint.as_tensor.own_entry, own.numbers, free)
    return difference(left, evaluate(expression, own.numbers, free)) < 1e-9
