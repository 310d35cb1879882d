"""Tensors as they are declared, `y[n] in c`: a name, letters for its axes, and what its entries are.

`tok[n,t] in v` holds positions along the axis v. Some words are no axes: `y[n,k] in one_hot` has rows with one 1 and otherwise 0,
`y[n,k] in distribution` rows of numbers from 0 that sum to 1, `y[n,k] in unit` numbers from 0 to 1, and `y[n] in signs` -1 or 1. The rows
of the first two lie along the last axis, or along the one that is named: `y[n,c,h,w] in one_hot(c)`. `x in positive` is above 0,
`x in count` a whole number from 0, `m in {0, 1}` one of the two, `x in [0, 255]` within these limits, both included, `k[n] in lengths t` a
whole number up to the size of the axis t, and `A[i,j] in symmetric` its own transpose.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.symbolic.index.failures import InvalidDescription, KeyPath, expected_one_of, located, shown
from chainrule.symbolic.index.limits import LARGEST_VALUE, LONGEST_NAME, MOST_INDICES
from chainrule.symbolic.index.tensors import Role, Values, adjoint_name

from .functions import RESERVED

DECLARATION = re.compile(
    r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\[([^\]]*)\])?\s*"
    r"(?:in\s+(?:lengths\s+([A-Za-z][A-Za-z0-9_]*)|([\[{][^\[\]{}]*[\]}])|(one-hot|[A-Za-z][A-Za-z0-9_]*)\s*(?:\(([^()]*)\))?))?\s*"
)
LETTER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
#: What entries are, as it is written; the first of two words is the one that is printed.
VALUE_WORDS: dict[str, Values] = {
    "one_hot": Values.ONE_HOT,
    "one-hot": Values.ONE_HOT,
    "distribution": Values.DISTRIBUTION,
    "unit": Values.BINARY,
    "signs": Values.SIGNS,
    "positive": Values.POSITIVE,
    "count": Values.COUNT,
    "symmetric": Values.SYMMETRIC,
    "lengths": Values.LENGTHS,
}
#: What comes in rows along an axis of classes.
IN_ROWS = (Values.ONE_HOT, Values.DISTRIBUTION)


@dataclass(frozen=True, slots=True)
class Declared:
    """A tensor as it is declared: its name, its letters as written, what its entries are, and the axis that they point into.

    `classes` is the letter of the axis along which rows of classes lie, where the declaration names one.
    """

    name: str
    letters: tuple[str, ...]
    role: Role
    values: Values = Values.REAL
    points_into: str | None = None
    classes: str | None = None
    limits: tuple[float, float] | None = None
    at: KeyPath = ()


def declared_tensors(texts: Mapping[Role, Sequence[str]], values: Mapping[str, Values], constants: Collection[str]) -> dict[str, Declared]:
    """The tensors that are given from outside, by name, in their order.

    Raises:
        InvalidDescription: where a text is no declaration, or a name is given twice or taken.
    """
    found: dict[str, Declared] = {}
    for role, declarations in texts.items():
        for number, text in enumerate(declarations):
            at: KeyPath = (f"{role.value}s", number)
            with located(at):
                declared = _declared(text, role, at)
                if declared.name in found:
                    raise InvalidDescription(f"{declared.name!r} is given twice")
                check_name(declared.name, declared.letters, constants)
            found[declared.name] = declared
    for name, kind in values.items():
        if name not in found:
            raise InvalidDescription(f"values: no tensor {name!r} is declared; {expected_one_of(name, found)}", ("values", name))
        found[name] = replace(found[name], values=_fitting(found[name], kind))
    return found


def _declared(text: str, role: Role, at: KeyPath) -> Declared:
    matched = DECLARATION.fullmatch(text)
    if matched is None:
        raise InvalidDescription(f"a declaration is a name with its indices, as in X[n,k], found {shown(text)}")
    name, letters, measured, limits, word, along = matched.groups()
    with located((), f"{name}: "):
        values, between = _limits(limits) if limits else (VALUE_WORDS.get(word, Values.LABELS) if word else Values.REAL, None)
        if word == "lengths":
            raise InvalidDescription("lengths along which axis? expected its letter, as in lengths t")
    if measured:
        values = Values.LENGTHS
    own = tuple(part.strip() for part in letters.split(",")) if letters is not None else ()
    with located((), f"{name}: "):
        check_letters(own)
    declared = Declared(name, own, role)
    fitting, into = _fitting(declared, values), word if values is Values.LABELS else measured
    classes = None if along is None else _class_letter(declared, word, along.strip())
    return Declared(name, own, role, fitting, into, classes, between, at)


def _limits(written: str) -> tuple[Values, tuple[float, float] | None]:
    """What {0, 1} and [0, 255] say of entries."""
    parts = [part.strip() for part in written[1:-1].split(",")]
    if written[0] == "{" and written[-1] == "}":
        if sorted(parts) != ["0", "1"]:
            raise InvalidDescription(f"found {written}, expected {{0, 1}}; other sets are not read")
        return Values.MASK, None
    try:
        first, last = map(float, parts)
    except ValueError:
        first = last = 0.0
    if not (written[0] == "[" and written[-1] == "]" and -LARGEST_VALUE < first < last < LARGEST_VALUE):
        raise InvalidDescription(f"found {written}, expected two numbers, the smaller one first, as in [0, 255]")
    return Values.RANGE, (first, last)


def _class_letter(declared: Declared, word: str, letter: str) -> str:
    if VALUE_WORDS.get(word) not in IN_ROWS:
        raise InvalidDescription(f"{declared.name!r}: found 'in {word}({letter})', but only one_hot and distribution lie along an axis")
    if letter not in declared.letters:
        raise InvalidDescription(f"{declared.name!r}: in {word}({letter}): {expected_one_of(letter, declared.letters)}")
    return letter


def _fitting(declared: Declared, values: Values) -> Values:
    if values is Values.LABELS and declared.role is Role.PARAMETER:
        raise InvalidDescription(f"parameters: {declared.name!r} is an integer tensor, which has no derivative; declare it in inputs")
    if values is not Values.REAL and declared.role is Role.PARAMETER:
        way = _of_free_numbers(declared, values)
        raise InvalidDescription(f"parameters: {declared.name!r} is changed by its gradient and cannot stay {values.value}; {way}")
    if values in IN_ROWS and not declared.letters:
        raise InvalidDescription(f"{declared.name!r} is one number and cannot be one-hot")
    if values is Values.SYMMETRIC and len(declared.letters) < 2:
        raise InvalidDescription(f"{declared.name!r} has fewer than two axes and cannot be symmetric")
    if values is not Values.LABELS and declared.points_into:
        raise InvalidDescription(f"{declared.name!r} is declared 'in {declared.points_into}' and cannot hold {values.value} too")
    return values


def _of_free_numbers(declared: Declared, values: Values) -> str:
    """How a tensor of such values is written by a parameter that may be any number, which has a gradient of its own.

    Of a symmetric array each pair of entries is one number, so that the gradient of one entry alone says nothing; of (V + Vᵀ)/2 it does.
    """
    letters = declared.letters
    free = f"a parameter {declared.name}_free[{','.join(letters)}]" if letters else f"a parameter {declared.name}_free"
    here, own = (f"{name}[{','.join(letters)}]" if letters else name for name in (declared.name, f"{declared.name}_free"))
    if values is Values.POSITIVE:
        return f"with {free}, an equation {here} = exp({own}) is above 0 whatever the parameter is"
    if values in (Values.RANGE, Values.BINARY):
        return f"with {free}, an equation {here} = a + (b - a)*sigmoid({own}) lies between a and b whatever the parameter is"
    if values is Values.SYMMETRIC and len(letters) >= 2:
        turned = f"{declared.name}_free[{','.join([*letters[:-2], letters[-1], letters[-2]])}]"
        return f"with {free}, an equation {here} = ({own} + {turned})/2 is symmetric, and the gradient is that of the parameter"
    if values is Values.DISTRIBUTION and letters:
        return f"with {free}, an equation {here} = softmax({letters[-1]}, {own}) is one"
    return "what holds such values is declared in inputs"


def check_name(name: str, letters: Collection[str], constants: Collection[str]) -> None:
    """Refuses a tensor's name or letter that has a meaning already."""
    if name in RESERVED or name in constants:
        raise InvalidDescription(f"{name!r} already has a meaning; choose another name")
    if len(name) > LONGEST_NAME:
        raise InvalidDescription(f"a name of {len(name)} characters; at most {LONGEST_NAME} are read")
    if LETTER.fullmatch(name) is None:
        raise InvalidDescription(f"a name begins with a letter, found {name!r}")
    for word in (name, adjoint_name(name), *letters):
        if keyword.iskeyword(word):
            raise InvalidDescription(f"{name!r} would make {word!r} a name, which is a word of Python's; choose another")
    if name == "N" or name.startswith("N_"):
        raise InvalidDescription(f"{name!r} is how a size is called (N, N_k); give the tensor another name")


def checked_constant(name: str, value: object) -> float:
    """A constant's value, where its name can stand at the top of the module, left of an = sign."""
    with located(("constants", name), "constants: "):
        if LETTER.fullmatch(name) is None or keyword.iskeyword(name) or len(name) > LONGEST_NAME:
            raise InvalidDescription(f"a name is letters, digits and underscores after a letter, found {shown(name)}")
        if name in RESERVED:
            raise InvalidDescription(f"{name!r} already has a meaning; choose another name")
        return finite(value, name)


def finite(value: object, what: str) -> float:
    """A number that a float can hold.

    Raises:
        InvalidDescription: at anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST_VALUE:
        raise InvalidDescription(f"{what} is a finite number, found {shown(value)}")
    return float(value)


def check_letters(letters: Sequence[str]) -> None:
    """Refuses what cannot be the indices of a tensor."""
    for part in letters:
        if LETTER.fullmatch(part) is None:
            raise InvalidDescription(f"an index on the left or in a declaration is a letter, found {shown(part)}")
        if part in RESERVED or part in VALUE_WORDS:
            raise InvalidDescription(f"{part!r} already has a meaning; choose another index")
        if len(part) > LONGEST_NAME:
            raise InvalidDescription(f"an index of {len(part)} characters; at most {LONGEST_NAME} are read")
    if len(set(letters)) < len(letters):
        raise InvalidDescription(f"the indices of a tensor differ, found {', '.join(letters)}")
    if len(letters) > MOST_INDICES:
        raise InvalidDescription(f"found {len(letters)} indices, expected at most {MOST_INDICES}")
