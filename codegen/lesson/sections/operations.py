"""Single operations of a computational graph: what each hands back to its inputs, and a matrix product with numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import THIN, Grid, Letter, row, with_commas
from chainrule.codegen.formulas.letters import upright
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.equation_writer import EquationWriter
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.forms.computational_graph import node_gradients
from chainrule.symbolic.layers.network import Network

#: An operation, its equation, and the arrays whose gradients are shown; `g` stands for all that comes behind.
MULTIPLY = ("f = x*y", "f*g", ("x", "y"), "g")
ADD = ("f = x + y", "f*g", ("x", "y"), "g")
PRODUCT = ("f[n,k] = sum(j, x[n,j]*W[j,k])", "sum(n, k, f[n,k]*g[n,k])", ("x[n,j]", "W[j,k]"), "g[n,k]")
BIAS = ("f[n,k] = x[n,k] + b[k]", "sum(n, k, f[n,k]*g[n,k])", ("x[n,k]", "b[k]"), "g[n,k]")
AFFINE = ("u[n,k] = sum(j, x[n,j]*W[j,k])\nf[n,k] = u[n,k] + b[k]", "sum(n, k, f[n,k]*g[n,k])", ("x[n,j]", "W[j,k]", "b[k]"), "g[n,k]")
OWN_LETTERS = "fxyuWb"
ExampleOperation = tuple[str, str, tuple[str, ...], str]
#: A row times a column: 38.
ROW, COLUMN = (1.0, 2.0, 3.0), (4.0, 5.0, 8.0)


def operations_section(material: Material) -> list[Block]:
    """Multiply, add, the product of matrices, a bias for every row, and an affine layer of these."""
    multiply, add = (_view(material, operation) for operation in (MULTIPLY, ADD))
    product, bias, affine = (_view(material, operation) for operation in (PRODUCT, BIAS, AFFINE))
    names = Spelling(names={"f": upright("out")})
    blocks: list[Block] = [
        Heading(1, say("heading.operations"), "operations"),
        Paragraph(say("letters.own", letters=Math(with_commas(*OWN_LETTERS)))),
        Paragraph(say("operations.intro", d=Math(row(material.notation.gradient_mark, "f")), f=Math(Letter("f")))),
        Paragraph(say("operations.multiply")),
        _by_index(multiply, ("x", "y")),
        Paragraph(say("operations.add")),
        _by_index(add, ("x", "y")),
        Paragraph(say("operations.product")),
        _as_matrices(product, ("x", "W"), names),
        *_with_numbers(product, names),
        Paragraph(say("operations.bias")),
        _as_matrices(bias, ("x", "b"), names),
        _by_index(bias, ("b",), names),
        *_bias_with_numbers(bias, names),
        Heading(2, say("heading.operations.affine"), "affine"),
        Paragraph(say("operations.affine")),
        _as_matrices(affine, ("u", "b", "x", "W"), names),
    ]
    return material.ledger.to_themselves(blocks, f"{OWN_LETTERS}jk")


def operations_in_short_section(material: Material) -> list[Block]:
    """The product of matrices and a bias for every row, each with numbers."""
    product, bias = (_view(material, operation) for operation in (PRODUCT, BIAS))
    names = Spelling(names={"f": upright("out")})
    blocks: list[Block] = [
        Heading(1, say("heading.operations"), "operations"),
        Paragraph(say("letters.own", letters=Math(with_commas(*OWN_LETTERS)))),
        Paragraph(say("operations.product.hands")),
        *_with_numbers(product, names)[:-1],
        Paragraph(say("operations.bias")),
        _by_index(bias, ("b",), names),
        *_bias_with_numbers(bias, names),
    ]
    return material.ledger.to_themselves(blocks, f"{OWN_LETTERS}jk")


def _bias_with_numbers(view: NetworkView, spelling: Spelling) -> list[Block]:
    """Two rows of ones arrive, so [2, 2, 2] is handed on."""
    upstream = np.ones((2, len(ROW)))
    arrays = {"x": np.zeros_like(upstream), "b": np.zeros(len(ROW)), "g": upstream, "df": upstream}
    gradient = node_gradients(view.derivation, "b")[0]
    system = replace(view.system, tensors={**view.system.tensors, "df": view.derivation.adjoint("f").as_tensor})
    found = np.real(evaluate(gradient.expression, Numbers(system, arrays, {"n": 2, "k": len(ROW)}), gradient.indices))
    names = view.writer(spelling).matrices
    given = Formula(names.name("df")), Formula(_matrix(upstream))
    shown = Formula(names.name("db")), Formula(_matrix(found))
    evidence = view.checker.numbers_agree("db of two rows of ones", found, upstream.sum(axis=0), *shown)
    lines = Line(*given, evidence=Defined("given")), Line(*shown, evidence=evidence)
    return [Paragraph(say("operations.rows")), Display(lines)]


def _view(material: Material, operation: ExampleOperation) -> NetworkView:
    equation, cost, parameters, rest = operation
    system = Network.from_equations(f"{equation}\nC = {cost}", parameters, inputs=[rest], name="operation", batch=None)
    return NetworkView(system, material.notation.adapted({}, of_layers=False), material.checker)


def _by_index(view: NetworkView, wanted: tuple[str, ...], spelling: Spelling | None = None) -> Display:
    writer = view.writer(spelling)
    forward = [writer.equation(equation) for equation in view.system.equations[:-1]]
    return Display((*forward, *(writer.equation(node_gradients(view.derivation, name)[0]) for name in wanted)))


def _as_matrices(view: NetworkView, wanted: tuple[str, ...], spelling: Spelling) -> Display:
    writer = view.writer(spelling)
    forward = [writer.matrix(equation, shapes=True) for equation in view.system.equations[:-1]]
    return Display((*forward, *(writer.matrix(node_gradients(view.derivation, name)[0], shapes=True) for name in wanted)))


def _with_numbers(view: NetworkView, spelling: Spelling) -> list[Block]:
    """[1, 2, 3] times the column of 4, 5, 8, with dout = 1; every number is that of the equations above."""
    arrays = {"x": np.array([ROW]), "W": np.array(COLUMN)[:, None], "g": np.ones((1, 1))}
    known = Numbers(view.system, arrays, {"n": 1, "j": len(ROW), "k": 1})
    out = view.system.definition["f"]
    value = np.real(evaluate(out.expression, known, out.indices))
    known = known.with_array("df", np.ones((1, 1)))
    writer: EquationWriter = view.writer(spelling)
    shown = Formula(writer.matrices.name("f")), Formula(row(_matrix(arrays["x"]), THIN, _matrix(arrays["W"]), "=", number(value.item())))
    evidence = view.checker.numbers_agree("the product of a row and a column", value, arrays["x"] @ arrays["W"], *shown)
    lines = [Line(*shown, evidence=evidence)]
    for name, product in (("x", "df @ W.T"), ("W", "x.T @ df")):
        gradient = node_gradients(view.derivation, name)[0]
        found = np.real(evaluate(gradient.expression, known, gradient.indices))
        left, right = (np.ones((1, 1)), arrays["W"].T) if name == "x" else (arrays["x"].T, np.ones((1, 1)))
        own = view.system.adjoint_name(name)
        shown = Formula(writer.matrices.name(own)), Formula(row(_matrix(left), THIN, _matrix(right), "=", _matrix(found)))
        evidence = view.checker.numbers_agree(f"{own} = {product}", found, left @ right, *shown)
        lines.append(Line(*shown, evidence=evidence))
    one = Math(row(writer.matrices.name("df"), "=", "1"), Defined("given"))
    return [Paragraph(say("operations.numbers", one=one)), Display(tuple(lines)), Paragraph(say("operations.order"))]


def _matrix(array: object) -> Grid:
    return Grid(tuple(tuple(number(float(entry)) for entry in line) for line in np.atleast_2d(np.asarray(array))))
