"""The numbers of a formula with whole arrays. A vector is a column, and a number is repeated for every entry."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule.codegen.marking.python.bounds import Bounds
from chainrule.codegen.marking.python.reasons import Mismatch, Unreadable
from chainrule.symbolic.index.numeric_array import NumericArray

from .functions import ACTIVATIONS, ALONG, ENTRYWISE, entrywise
from .index_values import COMPARISONS
from .quantities import Arrays

OPERATORS: dict[type[ast.operator], Callable[[NumericArray, NumericArray], NumericArray]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power,
}  # fmt: skip


@dataclass(frozen=True)
class MatrixValues:
    """Values of whole arrays."""

    arrays: Arrays
    bounds: Bounds

    def whole(self, value: ast.expr, shape: tuple[int, ...]) -> NumericArray:
        """The value, in the shape of a vector where one is meant.

        Raises:
            Mismatch: where shapes do not go together.
            Unreadable: where something has no meaning.
        """
        with np.errstate(all="ignore"):
            found = self.value(value)
        if len(shape) == 1 and found.ndim == 2 and 1 in found.shape:
            return found.ravel()
        return found.reshape(()) if not shape and found.size == 1 else found

    def value(self, node: ast.expr) -> NumericArray:
        self.bounds.step()
        match node:
            case ast.Constant(value=int() | float() as number):
                return np.asarray(float(number))
            case ast.Name(id=own):
                return self.named(own)
            case ast.Attribute(value=operand, attr="T"):
                return self.matrix(operand).T
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                if _is_ones(right):
                    return self.added_up(self.value(left), right, 1)
                return self.added_up(self.value(right), left, 0) if _is_ones(left) else self.product(self.value(left), self.value(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return self.together(OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.List(elts=[ast.Compare() as test]):
                return self.compared(test).astype(float)
            case ast.Call(func=ast.Name(id=function)):
                return self.called(function, node)
        raise Unreadable("whole", part=ast.unparse(node))

    def named(self, name: str) -> NumericArray:
        found = self.arrays.quantity(name)
        if found is None and name == "pi":
            return np.asarray(np.pi)
        if found is None:
            raise Unreadable("name", name=name)
        return self.column(np.asarray(found))

    def column(self, array: NumericArray) -> NumericArray:
        return array.reshape(-1, 1) if array.ndim == 1 else array

    def matrix(self, node: ast.expr) -> NumericArray:
        found = self.value(node)
        if found.ndim not in (0, 2):
            raise Unreadable("transpose")
        return found

    def product(self, left: NumericArray, right: NumericArray) -> NumericArray:
        """A product of matrices; of a number and anything else entry by entry."""
        if not left.ndim or not right.ndim:
            return left * right
        if left.ndim != 2 or right.ndim != 2:
            raise Unreadable("product")
        if left.shape[1] != right.shape[0] and left.shape == right.shape:
            return left * right
        if left.shape[1] != right.shape[0] and 1 in (left.size, right.size):
            # A sum over all that there is.
            return left * right
        if left.shape[1] != right.shape[0]:
            raise Mismatch("shapes", first=left.shape, second=right.shape)
        self.bounds.array((left.shape[0], right.shape[1]))
        return left @ right

    def added_up(self, value: NumericArray, ones: ast.expr, axis: int) -> NumericArray:
        """A 1_N and 1_N^⊤ A, the sums along an axis; of a vector across it as many times the vector, each of which is the same memory."""
        size = self.count(ones)
        if value.ndim != 2 or (value.shape[axis] == 1 and size is None):
            return value
        if size is not None and value.shape[axis] == 1:
            return np.broadcast_to(value, (size, value.shape[1]) if axis == 0 else (value.shape[0], size))
        if size is not None and size != value.shape[axis]:
            raise Mismatch("ones.multiplied", size=size, shape=value.shape)
        found: NumericArray = value.sum(axis=axis, keepdims=True)
        return found

    def count(self, ones: ast.expr) -> int | None:
        """How many ones there are; a number is that of the description, and the draws have others."""
        for node in ast.walk(ones):
            if isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Constant):
                found = self.value(node.args[0])
                if found.size != 1 or not np.isfinite(found).all():
                    raise Mismatch("ones", size=ast.unparse(node.args[0]))
                return int(found.item())
        return None

    def together(
        self, operator: Callable[[NumericArray, NumericArray], NumericArray], left: NumericArray, right: NumericArray
    ) -> NumericArray:
        """Entry by entry; a vector that is added to a matrix lies along the axis that is as long as it is."""
        for first, second in ((left, right), (left, _turned(right)), (_turned(left), right)):
            try:
                shape = np.broadcast_shapes(first.shape, second.shape)
            except ValueError:
                continue
            self.bounds.array(shape)
            return operator(first, second)
        raise Mismatch("shapes", first=left.shape, second=right.shape)

    def compared(self, test: ast.Compare) -> NumericArray:
        found, before = np.asarray(True), self.value(test.left)
        for operator, other in zip(test.ops, map(self.value, test.comparators), strict=True):
            found, before = found & self.together(COMPARISONS[type(operator)], before, other), other
        return found

    def called(self, function: str, node: ast.Call) -> NumericArray:
        if function == "where" and len(node.args) == 3 and isinstance(node.args[0], ast.Compare):
            test = self.compared(node.args[0])
            return np.where(test, self.value(node.args[1]), self.value(node.args[2]))
        if function in ALONG and node.args:
            return self.along(function, node)
        if function == "onehot" and len(node.args) == 1:
            return self.one_hot(node.args[0])
        if function == "ones":
            return np.asarray(1.0)
        if function == "diag" and len(node.args) == 1:
            return self.diagonal(self.value(node.args[0]))
        if function in ACTIVATIONS and len(node.args) == 1:
            return self.arrays.activation(node.args[0], self.value(node.args[0]), function)
        if function in ENTRYWISE and not node.keywords:
            return entrywise(function, [self.value(each) for each in node.args])
        if function == "derivative":
            for name in node.args:
                self.value(name)
            raise Unreadable("derivative")
        raise Unreadable("function.unknown", function=function)

    def along(self, function: str, node: ast.Call) -> NumericArray:
        """A sum over the axis of a letter, Σ_n A, or over one by its number, sum(A, axis=0); without either over all."""
        value = self.value(node.args[-1])
        for letter in node.args[:-1]:
            size = self.arrays.size(letter.id) if isinstance(letter, ast.Name) else None
            if size is None or size not in value.shape:
                raise Unreadable("axis", array=ast.unparse(node.args[-1]), letter=ast.unparse(letter))
            value = ALONG[function](value, value.shape.index(size))
        keywords = {each.arg: each.value for each in node.keywords}
        if len(node.args) > 1:
            return value
        match keywords.get("axis"):
            case None:
                return np.asarray(ALONG[function](value.reshape(-1), 0)).reshape(())
            case ast.Constant(value=int() as axis) if axis < value.ndim:
                found = ALONG[function](value, axis)
                return found if "keepdims" in keywords or found.size == value.size else found.reshape(-1, 1)
        raise Unreadable("axis.none", sum=ast.unparse(node))

    def one_hot(self, labels: ast.expr) -> NumericArray:
        """1 at the place that a label says: as many places as the array that it is of has."""
        found = self.value(labels)
        count = self.arrays.classes(labels.id) if isinstance(labels, ast.Name) else None
        if count is None or found.shape[1:] != (1,):
            raise Unreadable("labels", labels=ast.unparse(labels))
        hot: NumericArray = np.eye(count)[found.ravel().astype(int)]
        return hot

    def diagonal(self, value: NumericArray) -> NumericArray:
        """A vector on the diagonal of a matrix."""
        if value.ndim != 2 or 1 not in value.shape:
            raise Mismatch("diagonal", shape=value.shape)
        self.bounds.array((value.size, value.size))
        return np.diag(value.ravel())


def _is_ones(node: ast.expr) -> bool:
    """Whether it is a vector of ones, or its transpose."""
    inner = node.value if isinstance(node, ast.Attribute) else node
    return isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "ones"


def _turned(array: NumericArray) -> NumericArray:
    """A vector as a row."""
    return array.T if array.ndim == 2 and 1 in array.shape else array
