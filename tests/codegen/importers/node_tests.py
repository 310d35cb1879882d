"""The tests of operators that the package onnx ships, on our equations: translated, and evaluated by the interpreter.

python tests/codegen/importers/node_tests.py        writes the table node_tests.md beside this file
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto
from onnx.backend.test.case.node import collect_testcases
from onnx.numpy_helper import to_array

from chainrule.codegen.importers.describe import translated
from chainrule.codegen.importers.graph import Graph
from chainrule.codegen.importers.onnx_file import read_onnx
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.index.failures import ChainruleError
from chainrule.symbolic.language.system_reader import system_from_equations

TYPES = {getattr(TensorProto, name) for name in "FLOAT FLOAT16 DOUBLE INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 BOOL".split()}
#: Those that models are taken over with.
OPERATORS = """Gemm MatMul Add Sub Mul Div Pow Sqrt Exp Log Neg Abs Erf Relu LeakyRelu Elu Selu Sigmoid HardSigmoid Tanh Softplus Gelu Mish
Softmax LogSoftmax Clip Where Conv ConvTranspose MaxPool AveragePool GlobalAveragePool LRN BatchNormalization LayerNormalization
InstanceNormalization GroupNormalization RMSNormalization Flatten Reshape Transpose Squeeze Unsqueeze Concat Split Slice Gather Pad
Expand ReduceSum ReduceMean ReduceMax Einsum LSTM GRU RNN Attention Dropout Identity Cast Resize DepthToSpace SpaceToDepth""".split()
TABLE = Path(__file__).with_name("node_tests.md")
#: What the cost of a test is made of, which has no weights.
WEIGHT = "weight"


@dataclass(frozen=True)
class Outcome:
    """Of one test: its name, and what was wrong, or nothing."""

    name: str
    problem: str = ""


@cache
def cases() -> dict[str, list[Any]]:
    """All tests, by the operator that each is of.

    Left out are those in which it is taken apart into others, and those of text, of lists, and of numbers of types that NumPy has not.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[str, list[Any]] = {}
        for case in collect_testcases(None):
            if "_expanded" not in case.name and len(case.model.graph.node) == 1 and _is_of_numbers(case):
                found.setdefault(case.model.graph.node[0].op_type, []).append(case)
    return found


def _is_of_numbers(case: Any) -> bool:
    given = [each.type for each in (*case.model.graph.input, *case.model.graph.output)]
    return all(each.HasField("tensor_type") and each.tensor_type.elem_type in TYPES for each in given)


def _array(given: Any) -> Any:
    return to_array(given) if isinstance(given, TensorProto) else np.asarray(given)


def outcomes(operator: str) -> Iterator[Outcome]:
    """Of every test of an operator."""
    return (outcome(case) for case in cases().get(operator, []))


def outcome(case: Any) -> Outcome:
    try:
        for inputs, outputs in case.data_sets:
            problem = _problem(case, [_array(each) for each in inputs if each is not None], [_array(each) for each in outputs])
            if problem:
                return Outcome(case.name, problem)
    except ChainruleError as refused:
        return Outcome(case.name, str(refused))
    return Outcome(case.name)


def _problem(case: Any, inputs: list[Any], outputs: list[Any]) -> str:
    graph = read_onnx(case.model)
    named = dict(zip((each.name for each in graph.inputs), inputs, strict=True))
    # Shapes, axes, places and scales are numbers of a file; the tests give them as inputs.
    is_known = {name: array.dtype.kind in "iu" or name in ("scales", "roi") for name, array in named.items()}
    known = {name: array for name, array in named.items() if is_known[name] and name != graph.inputs[0].name}
    free = tuple(each for each in graph.inputs if each.name not in known)
    graph = Graph(graph.name, free, graph.outputs, {**graph.constants, **known}, graph.nodes)
    translation = translated(graph)
    if missing := [each.name for each in graph.outputs if each.name not in translation.values]:
        return f"there is nothing for its output {missing[0]!r}"
    values = [(translation.stored(translation.values[each.name]), wanted) for each, wanted in zip(graph.outputs, outputs, strict=True)]
    texts = [*(each.declared for each in translation.inputs.values()), *(each.declared for each in translation.parameters.values())]
    texts += [*translation.lines, *(value.at(*value.axes) for value, _ in values)]
    said, sizes = translation.with_letters(texts)
    count, all_given = len(translation.inputs), len(translation.inputs) + len(translation.parameters)
    given, weights, lines, found = said[:count], said[count:all_given], said[all_given : -len(values)], said[-len(values) :]
    cost = " + ".join(f"sum({', '.join([*_letters(text), text])})" if _letters(text) else text for text in found)
    system = system_from_equations("\n".join([*lines, f"C = {WEIGHT}*({cost})"]), [WEIGHT, *weights], given, sizes=sizes)
    arrays = {each.name: named[origin].astype(np.clongdouble) for origin, each in translation.inputs.items()} | {
        WEIGHT: np.ones((), np.clongdouble)
    }
    arrays |= {each.name: np.asarray(each.array).astype(np.clongdouble) for each in translation.parameters.values()}
    numbers = forward(system, arrays, {name: axis.size or 1 for name, axis in system.axes.items()}, np.clongdouble)
    for text, (_, wanted) in zip(found, values, strict=True):
        array = np.real(numbers.arrays[text.partition("[")[0]])
        if array.shape != wanted.shape:
            return f"the shape {array.shape}, expected {wanted.shape}"
        if not np.allclose(array, wanted, case.rtol, case.atol, equal_nan=True):
            return f"off by {np.max(np.abs(array - wanted)):.2g}"
    return ""


def _letters(text: str) -> list[str]:
    inside = text.partition("[")[2].rstrip("]")
    return inside.split(",") if inside else []


def found_table() -> tuple[str, int, int]:
    """A table of all operators, and how many tests pass of how many."""
    rows, failed, passed, count = [], [], 0, 0
    for operator in OPERATORS:
        found = [*outcomes(operator)]
        right = [each for each in found if not each.problem]
        passed, count = passed + len(right), count + len(found)
        rows.append(f"| {operator} | {len(right)} | {len(found)} |")
        failed += [f"- `{each.name}`: {each.problem.splitlines()[0]}" for each in found if each.problem]
    said = f"{passed} of {count} pass: our equations of the operator give what the test says."
    head = f"# Tests of operators in onnx {onnx.__version__}\n\n{said}"
    table = ["| operator | pass | of |", "| --- | ---: | ---: |", *rows]
    return "\n".join([head, "", *table, "", "Those that do not:", "", *failed, ""]), passed, count


if __name__ == "__main__":
    TABLE.write_text(found_table()[0])
