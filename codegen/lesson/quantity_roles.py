"""What the quantities of a network of equations are, found by the form of their equations: gates, scores, means, states, weights, biases.

A role is the key of a sentence, and the names that the sentence mentions. No name says what it stands for: a gate is a sigmoid that
another quantity is multiplied by, scores are products that a softmax reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol, exp, tanh

from chainrule.symbolic.index.implicit import body, implicit
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.tensors import Role, Tensor, entry_name
from chainrule.symbolic.system.system import Equation, System

from .elementary_roles import elementary_role
from .quantity_role import QuantityRole, entry_of


def role_of(tensor: Tensor, system: System) -> QuantityRole | None:
    """That of a parameter or of what is computed; None where its equations have no usual form."""
    if tensor.role is Role.PARAMETER:
        return _of_parameter(tensor, system)
    return _of_equation(system.definition[tensor.name], system) if tensor.name in system.definition else None


def _of_equation(equation: Equation, system: System) -> QuantityRole | None:
    expression, name = equation.expression, equation.tensor.name
    read = _read(expression, system)
    if isinstance(expression, implicit):
        return QuantityRole("implicit")
    if name in read:
        return QuantityRole("state")
    if _is_softmax(expression):
        return QuantityRole("softmax", (("read", read),))
    if _is_sigmoid(expression) and any(name in _factors(each.expression, system) for each in system.readers.get(name, ())):
        return QuantityRole("gate")
    if isinstance(expression, tanh) and (states := _states_of(name, system)):
        return QuantityRole("candidate", (("state", states),))
    for form in (_statistic, _normalised, _sum_of_products, _weighted_sum, _activation, elementary_role):
        if (role := form(equation, system)) is not None:
            return role
    return None


def _of_parameter(tensor: Tensor, system: System) -> QuantityRole | None:
    found = [(use, each.tensor.name) for each in system.readers.get(tensor.name, ()) for use in _uses(each.expression, tensor.name, system)]
    keys = {use.key for use, _ in found}
    if len(keys) != 1:
        return None
    (key,) = keys
    read = tuple(dict.fromkeys(name for use, _ in found for name in use.read))
    readers = tuple(dict.fromkeys(reader for _, reader in found))
    return QuantityRole(key if tensor.axes else OF_ONE_NUMBER.get(key, key), (("read", read), ("readers", readers)))


#: Keys of parameters without axes.
OF_ONE_NUMBER = {"biases": "bias", "weights": "weight", "gains": "weight", "thresholds": "threshold"}


@dataclass(frozen=True, slots=True)
class _Use:
    """How a parameter stands in an equation, and what it is multiplied by, or which labels choose its rows."""

    key: str
    read: tuple[str, ...] = ()


def _uses(expression: Expr, name: str, system: System, summed: frozenset[Symbol] = frozenset()) -> Iterator[_Use]:
    """Where a sequence begins, added, multiplied, chosen by labels, or under a sum with what it weighs."""
    if isinstance(expression, implicit):
        # Of a system that is solved, L r = x − m, each side by itself.
        unknown = [term for term in Add.make_args(body(expression)) if term.has(expression.args[0].base)]
        for side in (*unknown, body(expression) - Add(*unknown)):
            yield from _uses(side, name, system, summed)
        return
    if isinstance(expression, Sum):
        summed |= {limit[0] for limit in expression.limits}
    args = expression.args
    if isinstance(expression, Indexed) and entry_name(expression) == name and (labels := _labels(expression)):
        yield _Use("embedding", labels)
    added = [term for term in args if name in {entry_of(term), entry_of(-term)}] if isinstance(expression, Add) else []
    if added:
        yield _added(expression, added[0], system)
    for entry in (factor for factor in args if isinstance(expression, Mul) and entry_of(factor) == name):
        others = [node for factor in args if factor is not entry for node in nodes(factor) if isinstance(node, Indexed)]
        parameters = tuple(entry_name(other) for other in others if system.tensors[entry_name(other)].role is Role.PARAMETER)
        partners = tuple(dict.fromkeys(entry_name(other) for other in others if _is_quantity(other, system)))
        if len(args) == 2 and any(isinstance(factor, KroneckerDelta) for factor in args):
            yield _Use("initial")
        elif _labels(entry):
            continue
        elif partners:
            yield _Use("weights", partners) if summed & entry.free_symbols or not entry.args else _Use("gains")
        elif parameters and summed & entry.free_symbols:
            yield _Use("factor", parameters)
    for part in args if not isinstance(expression, Indexed) else ():
        if isinstance(part, Expr) and part not in added:
            yield from _uses(part, name, system, summed)


def _added(expression: Add, own: Expr, system: System) -> _Use:
    """The bias of a weighted sum; where all else has the other sign, the threshold of one, or the centre of x − m."""
    rest = [term for term in expression.args if term != own]
    if any(_is_negative(term) == _is_negative(own) for term in rest):
        return _Use("biases")
    read = _read(expression, system)
    are_entries = all(isinstance(term, Indexed) or isinstance(-term, Indexed) for term in rest)
    is_weighted = any(name in system.definition and _weighted(system.definition[name].expression, system) for name in read)
    return _Use("centre", read) if read and are_entries and not is_weighted else _Use("thresholds")


def _labels(entry: Indexed) -> tuple[str, ...]:
    """What chooses an entry by its values."""
    return tuple(entry_name(node) for node in nodes(entry) if isinstance(node, Indexed) and node is not entry)


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _is_quantity(entry: Indexed, system: System) -> bool:
    tensor = system.tensors[entry_name(entry)]
    return tensor.role is not Role.PARAMETER and not tensor.is_integer


def _read(expression: Expr, system: System) -> tuple[str, ...]:
    """What is read but parameters and labels, in order of appearance."""
    entries = (node for node in nodes(expression) if isinstance(node, Indexed))
    return tuple(dict.fromkeys(entry_name(entry) for entry in entries if _is_quantity(entry, system)))


def _is_softmax(expression: Expr) -> bool:
    """exp(u)/Σ exp(u), with another letter under the sum."""
    above = [factor for factor in Mul.make_args(expression) if isinstance(factor, exp)]
    below = [factor.base.function for factor in Mul.make_args(expression) if isinstance(factor, Pow) and isinstance(factor.base, Sum)]
    if len(above) != 1 or len(below) != 1 or not isinstance(below[0], exp):
        return False
    read = [{entry_name(node) for node in nodes(part) if isinstance(node, Indexed)} for part in (above[0], below[0])]
    return len(Mul.make_args(expression)) == 2 and read[0] == read[1]


def _is_sigmoid(expression: Expr) -> bool:
    """1/(1 + exp(u))."""
    match expression:
        case Pow(base=Add(args=args), exp=power) if power == -1 and len(args) == 2:
            return 1 in args and any(isinstance(term, exp) for term in args)
    return False


def _factors(expression: Expr, system: System) -> set[str]:
    """What other quantities are multiplied by as a whole, or as what is left of 1: q and 1 − q."""
    found: set[str] = set()
    for product in (node for node in nodes(expression) if isinstance(node, Mul)):
        plain = [factor for factor in product.args if _read(factor, system)]
        for factor in plain if len(plain) > 1 else ():
            rest = Add.make_args(factor)
            entries = [-term if isinstance(term, Mul) else term for term in rest if term != 1]
            if len(entries) == 1 and isinstance(entries[0], Indexed):
                found.add(entry_name(entries[0]))
    return found


def _states_of(name: str, system: System) -> tuple[str, ...]:
    """The states that a quantity is a factor in the equation of."""
    readers = system.readers.get(name, ())
    return tuple(each.tensor.name for each in readers if each.tensor.name in each.reads and name in _factors(each.expression, system))


def _total(expression: Expr) -> Sum | None:
    """The sum that an equation is, but for a factor."""
    return next((factor for factor in Mul.make_args(expression) if isinstance(factor, Sum)), None)


def _statistic(equation: Equation, system: System) -> QuantityRole | None:
    """A mean of a quantity, or the variance about one."""
    total = _total(equation.expression)
    if total is None or total == equation.expression:
        return None
    if isinstance(total.function, Indexed) and _is_quantity(total.function, system):
        return QuantityRole("mean", (("read", (entry_name(total.function),)),))
    squared = total.function.base if isinstance(total.function, Pow) and total.function.exp == 2 else total.function
    centred = _centred(squared, system)
    return QuantityRole("variance", (("read", (centred,)),)) if squared != total.function and centred else None


def _centred(expression: Expr, system: System) -> str | None:
    """The x of x − m, where m is its mean."""
    entries = [entry_name(term) for term in Add.make_args(expression) if isinstance(term, Indexed)]
    taken = [entry_name(-term) for term in Add.make_args(expression) if isinstance(-term, Indexed)]
    if len(entries) != 1 or len(taken) != 1 or taken[0] not in system.definition:
        return None
    return entries[0] if _statistic(system.definition[taken[0]], system) == QuantityRole("mean", (("read", (entries[0],)),)) else None


def _normalised(equation: Equation, system: System) -> QuantityRole | None:
    """(x − m)/√(v + ε), with a gain and a shift or without."""
    products = [term for term in Add.make_args(equation.expression) if isinstance(term, Mul)]
    for product in products:
        centred = [found for factor in product.args if (found := _centred(factor, system))]
        if centred and any(isinstance(factor, Pow) and factor.exp.is_negative for factor in product.args):
            return QuantityRole("normalised", (("read", (centred[0],)),))
    return None


def _sum_of_products(equation: Equation, system: System) -> QuantityRole | None:
    """Scores, which a softmax reads, and means by its weights: sums over products of two quantities."""
    total = _total(equation.expression)
    factors = [entry_of(factor) for factor in Mul.make_args(total.function)] if total is not None else []
    pair = tuple(name for name in system.tensors if name in factors)
    if len({system.tensors[name].role is Role.PARAMETER for name in pair}) != 1:
        return None
    if len(pair) != 2 or len(factors) != 2:
        return None
    if any(_is_softmax(each.expression) for each in system.readers.get(equation.tensor.name, ())):
        return QuantityRole("scores", (("read", pair),))
    chances = tuple(each for each in pair if each in system.definition and _is_softmax(system.definition[each].expression))
    rest = tuple(each for each in pair if each not in chances)
    return QuantityRole("mixture", (("read", rest), ("weights", chances))) if len(chances) == 1 else None


def _weighted_sum(equation: Equation, system: System) -> QuantityRole | None:
    """Weighted sums of quantities with biases, or these added to a quantity by itself."""
    weighted, expression = _weighted(equation.expression, system), equation.expression
    kept = tuple(entry_of(term) or "" for term in Add.make_args(expression) if isinstance(term, Indexed) and _is_quantity(term, system))
    if not weighted:
        return None
    return QuantityRole("residual", (("kept", kept), ("read", weighted))) if kept else QuantityRole("weighted", (("read", weighted),))


def _weighted(expression: Expr, system: System) -> tuple[str, ...]:
    """What stands under a sum with a parameter, where each term is such a sum, a parameter or a quantity by itself."""
    found: list[str] = []
    for term in Add.make_args(expression):
        factors = Mul.make_args(term.function) if isinstance(term, Sum) else ()
        has_weight = any(entry_of(factor) in {each.name for each in system.parameters} for factor in factors)
        if has_weight and (read := _read(term, system)):
            found += read
        elif entry_of(term) is None:
            return ()
    return tuple(dict.fromkeys(found))


def _activation(equation: Equation, system: System) -> QuantityRole | None:
    """A sigmoid, tanh, ReLU or exponential of a quantity or of weighted sums."""
    match equation.expression:
        case tanh(args=(inside,)):
            key = "tanh"
        case exp(args=(inside,)):
            key = "exp"
        case Pow(base=base) if _is_sigmoid(equation.expression):
            key, inside = "sigmoid", -next(term.args[0] for term in base.args if isinstance(term, exp))
        case Piecewise() as cases if cases == Piecewise((cases.args[0][0], cases.args[0][0] > 0), (0, True)):
            key, inside = "relu", cases.args[0][0]
        case _:
            return None
    if isinstance(inside, Indexed) and _is_quantity(inside, system):
        return QuantityRole(key, (("read", (entry_name(inside),)),))
    weighted = _weighted(inside, system)
    return QuantityRole(f"{key}.sums", (("read", weighted),)) if weighted else None
