"""Inputs from Hypothesis: valid systems with pieces changed, soup of the language's words, text of any signs, strange numbers."""

from __future__ import annotations

import random
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .seeds import seeds, words

#: The tokens of a text are changed, not its characters: most of what comes out is still nearly a description.
SEPARATORS = " \n,()[]=+-*/\"'"
MOST_CHANGES = 4


@cache
def seeds_of(target: str) -> list[bytes]:
    """The good inputs of a target, made once."""
    return seeds(target)


def tokens(text: str) -> list[str]:
    found, word = [], ""
    for sign in text:
        if sign in SEPARATORS:
            found += [word, sign] if word else [sign]
            word = ""
        else:
            word += sign
    return [*found, word] if word else found


@st.composite
def mutated(draw: st.DrawFn, target: str) -> bytes:
    """A good input in which a few tokens are left out, doubled, swapped, or replaced by others."""
    pool = seeds_of(target)
    # Numbers of a generator cost Hypothesis less than hundreds of draws, and the choice of the seed still shrinks.
    rng = random.Random(draw(st.integers(0, 2**63)))
    parts = tokens(draw(st.sampled_from(pool)).decode())
    for _ in range(draw(st.integers(0, MOST_CHANGES))):
        if not parts:
            break
        place = rng.randrange(len(parts))
        match rng.randrange(6):
            case 0:
                del parts[place]
            case 1:
                parts.insert(place, parts[rng.randrange(len(parts))])
            case 2:
                other = rng.randrange(len(parts))
                parts[place], parts[other] = parts[other], parts[place]
            case 3:
                parts[place] = rng.choice(words())
            case 4:
                parts.insert(place, rng.choice(words()))
            case _:
                donor = tokens(rng.choice(pool).decode())
                start = rng.randrange(len(donor) or 1)
                parts[place : place + rng.randrange(4)] = donor[start : start + rng.randrange(1, 12)]
    return "".join(parts).encode("utf-8", errors="replace")


def soup() -> SearchStrategy[bytes]:
    """Words of the language in any order."""
    signs = st.sampled_from([*words(), *"()[]{}=+-*/,<>.:\n #", *"kntjyzawb"])
    return st.lists(signs, max_size=40).map(lambda parts: "".join(parts).encode("utf-8", errors="replace"))


def numbers() -> SearchStrategy[bytes]:
    """An equation with a number of any form, or an operation on such numbers."""
    one = st.one_of(
        st.integers(-(10**50), 10**50).map(str),
        st.floats().map(repr),
        st.tuples(st.integers(0, 10**6), st.integers(-500, 500)).map(lambda pair: f"{pair[0]}e{pair[1]}"),
        st.sampled_from(["0", "1", "-1", "0.5", "pi", "1/3", "w[0]", "b", "1e30", "1e-30", "64", "65", "-64"]),
    )
    functions = st.sampled_from("exp log sqrt tan arcsin arccos erf sigmoid tanh abs sign cosh relu softplus".split())
    formula = st.recursive(
        one,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(lambda parts: f"({''.join(parts)})"),
            st.tuples(functions, inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
            st.tuples(inner, inner, inner, inner).map(lambda four: f"where({four[0]} > {four[1]}, {four[2]}, {four[3]})"),
        ),
        max_leaves=8,
    )
    return formula.map(lambda text: f"L = w[0] + {text}".encode())


def inputs(target: str) -> SearchStrategy[bytes]:
    """Inputs of all kinds for a target."""
    if target in ("derivation", "building"):
        return mutated(target)
    kinds = [mutated(target), mutated(target), soup(), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")), st.binary()]
    if target == "equations":
        kinds.insert(0, numbers())
    if target == "formulas":
        kinds.insert(0, numbers().map(lambda data: data.removeprefix(b"L = w[0] + ").replace(b"w[0]", b"z").replace(b"b", b"z")))
    return st.one_of(kinds)
