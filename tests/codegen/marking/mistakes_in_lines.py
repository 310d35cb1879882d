"""Mistakes of every kind that marking has a word for: how each is made in one line of a right work."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from generated_works import Work, expression, reads, statements, target

TURNED: dict[type[ast.cmpop], ast.cmpop] = {ast.Gt: ast.Lt(), ast.LtE: ast.Gt()}
#: Of sums as they are spelled.
OTHER_AXES = (
    ("axis=0", "axis=1"), ("axis=1", "axis=0"), ("sum(0)", "sum(1)"), ("sum(1)", "sum(0)"), (", -1)", ", -2)"), (", -2)", ", -1)"),
)  # fmt: skip
Changed = tuple[str, ast.stmt]


@dataclass(frozen=True)
class Place:
    """A statement of a backward pass, in which something may be changed."""

    work: Work
    index: int

    @property
    def statement(self) -> ast.stmt:
        return self.work.body[self.index]

    @property
    def name(self) -> str:
        return target(self.statement)

    @property
    def value(self) -> ast.expr:
        assert isinstance(self.statement, ast.Assign | ast.AugAssign)
        return self.statement.value

    @property
    def is_plain(self) -> bool:
        """Whether a name of a gradient or of a delta is set as a whole."""
        own = isinstance(self.statement, ast.Assign) and isinstance(self.statement.targets[0], ast.Name)
        return own and self.name in self.work.quantities and self.name.startswith("d")

    @cached_property
    def parts(self) -> list[tuple[ast.expr, bool]]:
        """Every expression in it, and whether it is inside of a product of matrices."""
        return list(_parts(self.value, False))

    def whole(self, text: str) -> ast.stmt:
        """The same with another right side, where {} is the present one."""
        return self.instead(self.value, text.format(f"({ast.unparse(self.value)})"))

    def instead(self, node: ast.expr, text: str) -> ast.stmt:
        """The same with another expression in the place of one."""
        place = [each is node for each in ast.walk(self.statement)].index(True)
        changed = copy.deepcopy(self.statement)
        old, new = list(ast.walk(changed))[place], expression(text)

        class Exchange(ast.NodeTransformer):
            def visit(self, own: ast.AST) -> ast.AST:
                return new if own is old else self.generic_visit(own)

        done = Exchange().visit(changed)
        assert isinstance(done, ast.stmt)
        return done


def _parts(node: ast.AST, inside: bool) -> Iterator[tuple[ast.expr, bool]]:
    if isinstance(node, ast.expr):
        yield node, inside
    below = inside or _operands(node) is not None or (isinstance(node, ast.Call) and ast.unparse(node.func) == "np.einsum")
    for child in ast.iter_child_nodes(node):
        yield from _parts(child, below)


def _operands(node: ast.AST) -> tuple[ast.expr, ast.expr, str] | None:
    """The factors of a product of matrices, and how it is written."""
    match node:
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return left, right, "({}) @ ({})"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="dot" | "matmul" as name), args=[left, right]):
            return left, right, f"np.{name}({{}}, {{}})"
        case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right]):
            return left, right, "({}).dot({})"
        case _:
            return None


def _sign(place: Place) -> Iterator[Changed]:
    if place.is_plain:
        yield "the whole", place.whole("-{}")
    if isinstance(place.statement, ast.AugAssign) and isinstance(place.statement.op, ast.Add | ast.Sub):
        changed = copy.deepcopy(place.statement)
        changed.op = ast.Sub() if isinstance(changed.op, ast.Add) else ast.Add()
        yield "added, taken off", changed
    for node, _ in place.parts:
        match node:
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                yield "a sum for a difference", place.instead(node, f"({ast.unparse(left)}) + ({ast.unparse(right)})")
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                yield "a minus lost", place.instead(node, f"({ast.unparse(operand)})")


def _factor(place: Place) -> Iterator[Changed]:
    if place.is_plain:
        for number in ("2", "0.5", "3"):
            yield f"{number} times", place.whole(f"{number} * {{}}")
    if place.name in place.work.parameters or "l2" in ast.unparse(place.statement):
        return
    for node, inside in place.parts:
        match node:
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                factors = [left, right]
            case ast.Call(func=ast.Attribute(attr="multiply"), args=[left, right]):
                factors = [left, right]
            case _:
                continue
        for out, kept in (factors, reversed(factors)):
            if not inside and not _is_mean(out) and not _is_mean(kept) and ast.unparse(left) != ast.unparse(right):
                yield f"{ast.unparse(out)} left out", place.instead(node, ast.unparse(kept))


def _is_mean(node: ast.expr) -> bool:
    return bool(re.fullmatch(r"1(\.0)? / N", ast.unparse(node)))


def _mean(place: Place) -> Iterator[Changed]:
    if place.is_plain and "N" in place.work.run():
        yield "twice", place.whole("{} / N")
    if isinstance(place.statement, ast.AugAssign) and isinstance(place.statement.op, ast.Div):
        yield "twice", place.whole("{} * N")
    for node, _ in place.parts:
        match node:
            case ast.BinOp(left=left, op=ast.Div(), right=ast.Name(id="N")) if not isinstance(left, ast.Constant):
                yield "missing", place.instead(node, ast.unparse(left))
            case ast.Call(func=ast.Attribute(attr="divide"), args=[left, _]):
                yield "missing", place.instead(node, ast.unparse(left))
            case ast.BinOp(left=left, op=ast.Mult(), right=right) if _is_mean(left) or _is_mean(right):
                yield "missing", place.instead(node, ast.unparse(right if _is_mean(left) else left))
            case ast.Call(func=ast.Attribute(attr="sum")):
                yield "of a sum", place.instead(node, ast.unparse(node).replace("sum(", "mean("))


def _sum(place: Place) -> Iterator[Changed]:
    for node, _ in place.parts:
        text = ast.unparse(node)
        if not isinstance(node, ast.Call) or not re.search(r"(sum|reduce)\([^()]*\)$", text):
            continue
        for old, new in OTHER_AXES:
            if text.endswith(old) or (old in text and "=" in old):
                yield "over the other axis", place.instead(node, text.replace(old, new))
        if "axis=" in text and text.startswith(("np.sum", "d")):
            yield "over all", place.instead(node, re.sub(r"axis=\d(, )?", "", text))
        is_function = ast.unparse(node.func) in ("np.sum", "np.add.reduce")
        if ast.unparse(node.func) != "np.einsum":
            yield "not at all", place.instead(node, ast.unparse(node.args[0] if is_function else node.func).removesuffix(".sum"))


def _transpose(place: Place) -> Iterator[Changed]:
    if place.is_plain and re.match(r"d[WVaz]", place.name):
        yield "the whole", place.whole("{}.T")
    for node, inside in place.parts:
        match node:
            case ast.Attribute(value=value, attr="T") if inside:
                yield "lost", place.instead(node, ast.unparse(value))
            case ast.Call(func=ast.Attribute(value=value, attr="transpose"), args=args) if inside:
                yield "lost", place.instead(node, ast.unparse(args[0] if args else value))
            case _ if (operands := _operands(node)) is not None:
                for own in operands[:2]:
                    if isinstance(own, ast.Name):
                        yield "too many", place.instead(own, f"{own.id}.T")
            case ast.Call(args=[ast.Constant(value=str() as letters) as text, *_]) if letters.endswith("->ik"):
                yield "letters", place.instead(text, repr(letters.replace("->ik", "->ki")))


def _order(place: Place) -> Iterator[Changed]:
    for node, _ in place.parts:
        if (operands := _operands(node)) is not None:
            left, right, form = operands
            yield "exchanged", place.instead(node, form.format(ast.unparse(right), ast.unparse(left)))


def _slope_at(place: Place) -> Iterator[Changed]:
    """σ′ at a in place of z, or of another layer."""
    if not re.match(r"dz|step", place.name):
        return
    for node, inside in place.parts:
        if not isinstance(node, ast.Name) or inside or not re.fullmatch(r"[za]\d", node.id):
            continue
        if any(isinstance(other, ast.Compare) and node in ast.walk(other) for other, _ in place.parts) or "y" in reads(place.statement):
            continue
        other = ("a" if node.id[0] == "z" else "z") + node.id[1]
        layer = node.id[0] + str(int(node.id[1]) - 1 if node.id[1] != "1" else 2)
        for wrong in (other, layer):
            yield f"{wrong} for {node.id}", _everywhere(place, node.id, wrong)


def _everywhere(place: Place, name: str, other: str) -> ast.stmt:
    return statements(re.sub(rf"\b{name}\b", other, ast.unparse(place.statement)))[0]


def _operand(place: Place) -> Iterator[Changed]:
    kinds = {"a": "za", "z": "z", "W": "W", "x": "x"}
    known = [name for name in (*place.work.quantities, *place.work.arrays) if re.fullmatch(r"[zaW]\d+|x", name)]
    for node, inside in place.parts:
        if not isinstance(node, ast.Name) or place.name in place.work.parameters:
            continue
        if inside and (own := re.fullmatch(r"([aWx])\d*", node.id)):
            for other in sorted(set(known)):
                if other != node.id and (other[0] in kinds[own[1]] or (own[1] in "ax" and other[0] in "ax")):
                    yield f"{other} for {node.id}", place.instead(node, other)
        if inside and (delta := re.fullmatch(r"dz(\d)", node.id)) and f"da{delta[1]}" in map(target, place.work.body[: place.index]):
            yield f"da{delta[1]} for {node.id}", place.instead(node, f"da{delta[1]}")
        if not inside and re.fullmatch(r"a\d", node.id) and "y" in reads(place.statement) and place.name.startswith("d"):
            yield f"z for {node.id}", place.instead(node, f"z{node.id[1]}")


def _path(place: Place) -> Iterator[Changed]:
    statement = place.statement
    penalties = {target(other) for other in place.work.body if target(other).startswith("step") and "l2" in ast.unparse(other)}
    if "l2" in ast.unparse(statement) or place.name in place.work.parameters or penalties & reads(statement):
        return
    for node, inside in place.parts:
        match node:
            case ast.BinOp(left=left, op=ast.Add(), right=right) if not inside and {"y", "1"}.isdisjoint(_words(node)):
                yield "the first alone", place.instead(node, ast.unparse(left))
                yield "the second alone", place.instead(node, ast.unparse(right))
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        yield "overwritten", ast.Assign([statement.target], statement.value)


def _words(node: ast.expr) -> list[str]:
    return re.findall(r"\w+", ast.unparse(node))


def _penalty(place: Place) -> Iterator[Changed]:
    constant = next((name for name in ("l2", "l2_half") if name in place.work.run()), None)
    if constant is None:
        return
    two = "2 * " if constant == "l2" else ""
    statement = place.statement
    if match := re.fullmatch(r"db(\d)", place.name):
        if place.is_plain:
            yield "on a bias", place.whole(f"{{}} + {two}{constant} * b{match[1]}")
        return
    terms = []
    for node, _ in place.parts:
        match node:
            case ast.BinOp(left=left, op=ast.Add(), right=right) if constant in ast.unparse(right):
                terms.append(right)
                yield "missing", place.instead(node, ast.unparse(left))
    if isinstance(statement, ast.AugAssign) and constant in ast.unparse(statement.value):
        terms = [statement.value]
    for term in terms:
        own = ast.unparse(term)
        yield "twice", place.instead(term, f"2 * ({own})")
        yield "half", place.instead(term, f"({own}) / 2")
        yield "divided by N", place.instead(term, f"({own}) / N")
        yield "taken off", place.instead(term, f"-({own})")


def _shift(place: Place) -> Iterator[Changed]:
    statement = place.statement
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id == "y" and ("arange" in ast.unparse(statement) or isinstance(statement, ast.AugAssign)):
            for other in ("(y + 1)", "(y - 1)"):
                changed = statements(re.sub(r"\by\b", other, ast.unparse(statement)))[0]
                yield f"{other} for y", changed


def _mask(place: Place) -> Iterator[Changed]:
    for node in ast.walk(place.statement):
        match node:
            case ast.Compare(left=ast.Name(id=name) as left, ops=[sign], comparators=against) if type(sign) in TURNED:
                text, own = ast.unparse(place.statement), ast.unparse(node)
                turned = ast.unparse(ast.Compare(left, [TURNED[type(sign)]], against))
                yield "the other side", statements(text.replace(own, turned))[0]
                delta = f"da{name[1:]}"
                if delta in map(target, place.work.body[: place.index]):
                    yield "of another array", statements(text.replace(own, own.replace(name, delta)))[0]


def _shape(place: Place) -> Iterator[Changed]:
    if place.is_plain and re.match(r"d[WV]", place.name):
        yield "flat", place.whole("{}.ravel()")
        yield "an axis more", place.whole("{}[:, :, None]")
    if place.is_plain and re.match(r"db", place.name):
        yield "turned", place.whole("{}.reshape(-1, 1)")
        yield "flat", place.whole("{}.ravel()")


KINDS: dict[str, Callable[[Place], Iterator[Changed]]] = {
    "sign": _sign, "factor": _factor, "mean": _mean, "sum": _sum, "transpose": _transpose, "order": _order, "place": _slope_at,
    "operand": _operand, "path": _path, "penalty": _penalty, "shift": _shift, "mask": _mask, "shape": _shape,
}  # fmt: skip
