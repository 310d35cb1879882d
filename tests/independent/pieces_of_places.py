"""Pieces in which tensors are read or put at computed places."""

from __future__ import annotations

from .drawing import Drawing
from .pieces import pointwise


def window(made: Drawing) -> None:
    """Reads at index sums; the left side's letter is a range that follows from them, or has a size of its own."""
    along = made.rng.choice([axis for axis, size in made.size.items() if size])
    if made.size[along] < 2:
        pointwise(made)
        return
    source = made.given((along, *made.subset([axis for axis, size in made.size.items() if size and axis != along], 1)), "inputs")
    place = next(letter for letter in ("o", "o1", "o2", "o3", "o4") if letter not in made.size)
    width = next(letter for letter in ("p", "p1", "p2", "p3", "p4") if letter not in made.size)
    made.size[width] = made.one_of(1, 2, 2, 3) if made.size[along] > 2 else 1
    kernel = made.given((width,), "parameters")
    stride = made.one_of("", "", "2*", "3*")
    sign, last = made.one_of(("+", ""), ("+", ""), ("+", " - 1"), ("-", ""), ("-", f" + {made.size[width] - 1}"))
    # A range of its own needs only that it is there; otherwise it follows.
    made.size[place] = made.one_of(0, 0, 1, 2, made.size[along]) if sign == "+" else made.rng.randint(1, made.size[along])
    rest = made.tensors[source][1:]
    others = "".join(f", {axis}" for axis in rest)
    reduced = made.one_of("sum", "sum", "max")
    made.plain((place, *rest), f"{reduced}({width}, {source}[{stride}{place} {sign} {width}{last}{others}]*{kernel}[{width}])")


def backwards(made: Drawing) -> None:
    """x[9 - i]."""
    along = made.rng.choice([axis for axis, size in made.size.items() if size])
    source = made.given((along,), made.one_of("inputs", "parameters"))
    last = made.size[along] - 1 + made.one_of(0, 0, 1, -1, 2)
    letter = made.rng.choice([along, *(axis for axis, size in made.size.items() if size)])
    read = f"{source}[{max(0, last)} - {letter}]"
    made.plain((letter,), f"{made.one_of('{0}', 'sin({0})', '{0}*{0}', '{0}*{1}')}".format(read, made.read({letter: letter})))


def placement(made: Drawing) -> None:
    """Parts of a tensor put at places that a left side says."""
    name = made.name("defined")
    axis = next(letter for letter in ("z1", "z2", "z3", "z4", "z5", "z6") if letter not in made.size)
    sized = [own for own, size in made.size.items() if size]
    kind = made.one_of("join", "spread", "flat", "back", "scatter", "corners", "fixed", "stretched", "twice")
    rest = made.subset([own for own in sized if made.size[own] < 6], 1)
    free = [own for own in sized if own not in rest]
    if not free:
        rest, free = (), sized
    first = made.rng.choice(free)
    second = made.rng.choice(free)
    size = {own: made.size[own] for own in sized}
    lines: list[tuple[str, str]] = []

    def value(*letters: str) -> str:
        return made.expression({letter: letter for letter in (*letters, *rest)}, made.one_of(0, 0, 1))

    match kind:
        case "join":
            lines = [(first, value(first)), (f"{size[first]}+{second}", value(second))]
            made.size[axis] = size[first] + size[second] + made.one_of(0, 0, 1, -1, 3)
        case "spread":
            lines = [(f"{made.one_of(2, 3)}*{first}{made.one_of('', '+1', '-1')}", value(first))]
            made.size[axis] = 3 * size[first] + made.one_of(0, 1)
        case "flat" if first != second:
            lines = [(f"{size[second]}*{first}+{second}", value(first, second))]
            made.size[axis] = size[first] * size[second]
        case "twice" if first != second:
            lines = [(f"{first}+{second}", value(first, second)), (f"{first}", value(first))]
            made.size[axis] = size[first] + size[second] - 1
        case "back":
            lines = [(f"{size[first] - 1 + made.one_of(0, 1)}-{first}", value(first))]
            made.size[axis] = size[first] + 1
        case "scatter":
            made.size[axis] = made.one_of(1, 2, 3, 4)
            label = made.label((first,), axis)
            lines = [(f"{label}[{first}]", value(first))]
        case "corners" if first != second:
            other = next(letter for letter in ("y1", "y2", "y3", "y4", "y5") if letter not in made.size)
            made.size[axis], made.size[other] = 2 * size[first], size[second] + 1
            lines = [(f"2*{first},1+{second}", value(first, second))]
            _place(made, name, lines, rest, (axis, other))
            return
        case "fixed":
            lines = [("0", value()), (f"1+{first}", value(first))]
            made.size[axis] = size[first] + 1
        case _:
            lines = [(f"1*{first}", value(first)), (f"{made.one_of(0, 2, 4)}+{second}", value(second))]
            made.size[axis] = max(size[first], size[second] + 4)
    _place(made, name, lines, rest, (axis,))


def _place(made: Drawing, name: str, lines: list[tuple[str, str]], rest: tuple[str, ...], axes: tuple[str, ...]) -> None:
    first = made.odds(0.5)
    for place, value in lines:
        places = [*rest, place] if first else [place, *rest]
        made.lines.append(f"{name}[{','.join(places)}] = {value}")
    made.tensors[name] = (*rest, *axes) if first else (*axes, *rest)
    made.unread.append(name)
    if made.odds(0.3) and not any(label in place for place, _ in lines for label in made.into):
        # Its size follows from what is placed.
        made.follows |= dict.fromkeys(axes, name)


def gather(made: Drawing) -> None:
    """Rows of a table at places that labels say."""
    sized = [axis for axis, size in made.size.items() if size]
    into = made.rng.choice(sized)
    axes = made.subset(sized, 2, 1)
    features = made.subset([axis for axis in sized if axis not in (into, *axes)], 1)
    table = made.given((into, *features), "parameters") if made.odds(0.7) else None
    place = made.computed(into, {axis: axis for axis in axes})
    if table is None:
        known = [
            name for name in made.tensors if made.tensors[name][:1] == (into,) and len(made.tensors[name]) == 1 and name not in made.into
        ]
        table = made.rng.choice(known) if known else made.given((into,), "parameters")
        made.unread = [name for name in made.unread if name != table]
    own = made.tensors[table][1:]
    read = f"{table}[{', '.join([place, *own])}]"
    letters = {axis: axis for axis in (*axes, *own)}
    left = (*axes, *(axis for axis in own if axis not in axes))
    made.plain(left, made.one_of("{0}", "{0}*{1}", "tanh({0}) + {1}", "{0} - {1}", "{0}**2").format(read, made.read(letters)))
