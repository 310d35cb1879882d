"""Small descriptions, and how tests read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.symbolic.index.failures import InvalidDescription

GOOD = """\
name  = "net"
title = "Two layers"
author = "A. Author"
course = "Analysis"
date = 2024-05-17
input = 2

[[layers]]
kind = "dense"
units = 3
activation = "sigmoid"

[[layers]]
kind = "dense"
units = 5
activation = { expression = "where(z > 0, z, alpha*z)", alpha = 0.01 }
name = "out"

[cost]
kind = "huber"
delta = 0.5
reduction = "sum"

[regularisation]
l2 = 0.05

[layout]
examples = "columns"
weights = "in-out"

[symbols]
a1 = "h"
zout = "\\\\alpha"

[example]
x = [[0.05, 0.10], [1, 2]]
y = [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]
learning_rate = 0.5
note = "a remark"

[example.parameters]
W1 = [
  [1, 2, 3],  # a comment ]
  [4, 5, 6],
]
b1 = [0, 0.5, 1]
"""


SMALL = 'name = "net"\ninput = 2\n[[layers]]\nunits = 3\nactivation = "tanh"\n[cost]\nkind = "quadratic"\n'


LABELLED = SMALL.replace('"tanh"', '"softmax"').replace('"quadratic"', '"cross_entropy"') + 'targets = "labels"\n'


ONE_HOT = SMALL.replace('"tanh"', '"softmax"').replace('"quadratic"', '"cross_entropy"')


def read(folder: Path, text: str | bytes) -> Description:
    path = folder / "net.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_description(path)


def message(folder: Path, text: str | bytes) -> str:
    with pytest.raises(InvalidDescription) as caught:
        read(folder, text)
    return str(caught.value)


EQUATIONS = """name = "n"
inputs = ["X[n,k]"]
targets = ["y[n]"]
parameters = ["w[k]"]
equations = '''
s[n] = sum(k, X[n,k]*w[k])
L    = sum(n, log(1 + exp(-y[n]*s[n])))
'''
"""


DECLARED = """name = "n"
inputs = ["A[i,j] in symmetric", "k in lengths i"]
parameters = ["w[i]"]
equations = "C = k*sum(i, j, A[i,j]*w[i]*w[j])"
sizes = { i = 2, j = 2 }
"""


def with_line(old: str, new: str, text: str = SMALL) -> str:
    assert old in text
    return text.replace(old, new, 1)
