"""Pieces in which a tensor reads itself at an earlier place."""

from __future__ import annotations

from .drawing import Drawing


def recurrence(made: Drawing) -> None:
    """One or two tensors along one axis, forwards or backwards, with boundary values."""
    sized = [axis for axis, size in made.size.items() if size]
    steps = made.rng.choice(sized)
    rest = made.subset([axis for axis in sized if axis != steps], 2)
    axes = [*rest]
    axes.insert(made.rng.randint(0, len(rest)), steps)
    forwards = made.odds(0.75)
    names = [made.name("defined") for _ in range(made.one_of(1, 1, 2))]
    letters = {axis: axis for axis in axes}
    deepest = made.one_of(1, 1, 1, 2)
    rights = []
    for at in range(len(names)):
        states = []
        for other in names:
            places = [
                f"{steps}{'-' if forwards else '+'}{made.rng.randint(1, deepest)}" if axis == steps else _beside(made, axis)
                for axis in axes
            ]
            states.append(f"{other}[{','.join(places)}]")
        if at and made.odds(0.4):
            states.append(f"{names[0]}[{','.join(axes)}]")
        weights = [made.read(letters) for _ in states]
        if rest and made.odds(0.25):
            twin = f"{rest[0]}_"
            before = ",".join(f"{axis}{'-1' if forwards else '+1'}" if axis == steps else {rest[0]: twin}.get(axis, axis) for axis in axes)
            states[0] = f"sum({twin}, {made.read({**letters, twin: rest[0]})}*{names[0]}[{before}])"
        sums = " + ".join(f"{weight}*{state}" for weight, state in zip(weights, states, strict=True))
        extra = made.read(letters)
        rights.append(
            made.one_of(
                "tanh({0} + {1})",
                "{1} + ({0})/2",
                "sin({0})*{1}",
                "sigmoid({1})*({0})/3 + {1}",
                "maximum({0}, {1})/2",
                "tanh({0})*{1} + 1",
                "where({s} > 0, tanh({0}), {1})",
            ).format(sums, extra, s=steps)
        )
    for name, right in zip(names, rights, strict=True):
        made.define(name, f"{name}[{','.join(axes)}]", right, axes)
    known = {name: made.tensors.pop(name) for name in names}
    for name in names:
        for back in range(1, deepest + 1):
            if made.odds(0.45):
                if not forwards and steps in made.is_open:
                    continue
                at = -back if forwards else made.size[steps] - 1 + back
                if forwards and back == 1 and made.odds(0.2):
                    # The first step has an equation of its own.
                    at = 0
                places = [str(at) if axis == steps else axis for axis in axes]
                made.lines.append(f"{name}[{','.join(places)}] = {boundary_value(made, rest)}")
    made.tensors |= known
    made.unread = [name for name in made.unread if name not in names[:-1]]


def _beside(made: Drawing, axis: str) -> str:
    return axis if made.odds(0.75) else f"{axis}{made.one_of('-1', '+1')}"


def boundary_value(made: Drawing, rest: tuple[str, ...]) -> str:
    """A number, a tensor, a formula of a tensor, or a case distinction of letters."""
    letters = {axis: axis for axis in rest}
    match made.rng.randrange(5):
        case 0:
            return str(made.one_of("1", "0.5", "2", "pi"))
        case 1:
            return made.read(letters)
        case 2 if rest:
            otherwise = made.one_of("1", made.read(letters))
            return f"where({rest[0]} {made.one_of('>', '<=')} {made.one_of(0, 1)}, {made.one_of(0, 2)}, {otherwise})"
        case 3:
            return f"{made.one_of('1', '2', 'cos(1)')} + {made.read(letters)}**2"
        case _:
            return made.expression(letters, 1)


def lattice(made: Drawing) -> None:
    """A recurrence over two axes: each entry is one of several of the step before, at the same place and beside it."""
    _over_two_axes(
        made,
        (
            "{e} + {w}*({u} + {c})/3",
            "tanh({u} - {c})*{w} + {e}",
            "log(exp({u}) + exp({c}) + exp({f})) + {e}",
            "{e} + maximum({u}, {c})",
            "({u} + {c} + where({second} > 1, {f}, 0))*{e}",
            "{e} - log(exp(-({u})) + exp(-({c})))",
            "tanh({c})*{w} + {e}",
        ),
    )


def alignment(made: Drawing) -> None:
    """A recurrence in which each entry is also of another one of the same step, as the shortest path through a table."""
    _over_two_axes(
        made,
        (
            "{e} + {w}*({u} + {l})/3",
            "{e} + tanh({u} - {c}) + sin({l})",
            "{e} - log(exp(-({u})) + exp(-({l})) + exp(-({c})))",
            "{e} + maximum({u}, {l})",
            "{e} + minimum({u}, minimum({l}, {c}))",
        ),
    )


def _over_two_axes(made: Drawing, forms: tuple[str, ...]) -> None:
    sized = [axis for axis, size in made.size.items() if size]
    if len(sized) < 2:
        recurrence(made)
        return
    first, second = made.rng.sample(sized, 2)
    batch = made.subset([axis for axis in sized if axis not in (first, second) and made.size[axis] < 4], 1)
    name = made.name("defined")
    letters = {axis: axis for axis in (*batch, first, second)}
    extra, weight = made.read(letters), made.read({second: second})
    before = "".join(f"{axis}," for axis in batch)
    reads = {
        "u": f"{name}[{before}{first}-1,{second}]",
        "c": f"{name}[{before}{first}-1,{second}-1]",
        "f": f"{name}[{before}{first}-1,{second}-2]",
        "l": f"{name}[{before}{first},{second}-1]",
    }
    right = made.rng.choice(forms).format(e=extra, w=weight, second=second, **reads)
    axes = (*batch, first, second)
    made.define(name, f"{name}[{','.join(axes)}]", right, axes)
    del made.tensors[name]
    if made.odds(0.7):
        made.lines.append(f"{name}[{before}-1,{second}] = {boundary_value(made, (*batch, second)[::-1])}")
    if made.odds(0.4):
        made.lines.append(f"{name}[{before}{first},-1] = {boundary_value(made, (*batch, first)[::-1])}")
    made.tensors[name] = axes
