"""What systems are made of: each function adds equations of one kind to a drawing."""

from __future__ import annotations

from .drawing import Drawing


def pointwise(made: Drawing) -> None:
    """One equation with a random right side."""
    axes = made.subset(list(made.size), 3)
    made.plain(axes, made.expression({axis: axis for axis in axes}, made.one_of(1, 2, 2, 3)))


def contraction(made: Drawing) -> None:
    """A sum of a product over letters that are not on the left."""
    axes = made.subset([axis for axis, size in made.size.items() if size], 3)
    letters = {axis: axis for axis in axes}
    summed = []
    for axis in made.subset([axis for axis, size in made.size.items() if size], 2, 1):
        letter = made.fresh(axis, list(letters))
        letters[letter] = axis
        summed.append(letter)
    factors = "*".join(made.read(letters) for _ in range(made.one_of(1, 2, 2, 3)))
    outer = made.one_of("{}", "{}", "tanh({})", "({})**2", "relu({})", "sigmoid({})")
    made.plain(axes, outer.format(f"{made.one_of('sum', 'sum', 'mean')}({', '.join(summed)}, {factors})"))


def chain(made: Drawing) -> None:
    """Many equations, each of the one before it."""
    axes = made.subset([axis for axis, size in made.size.items() if size], 1)
    letters = {axis: axis for axis in axes}
    own = f"[{axes[0]}]" if axes else ""
    before = made.plain(axes, made.expression(letters, 1))
    parameter = made.given(axes, "parameters", "normal")
    forms = (
        "tanh({0})",
        "sin({0} + {1})",
        "{0}/2 + {1}",
        "relu({0}) - 0.25*{0}",
        "{0}*{1} - {2}",
        "sigmoid({0})*{2}",
        "maximum({0}, {1})",
        "log(1 + exp({0}))",
        "sqrt(1 + {0}**2)",
        "where({0} > {1}, {2}, {0})",
    )
    earlier = [before]
    for _ in range(made.rng.randint(6, 25)):
        right = made.rng.choice(forms).format(f"{before}{own}", f"{parameter}{own}", f"{made.rng.choice(earlier)}{own}")
        made.unread = [name for name in made.unread if name not in earlier]
        before = made.plain(axes, right)
        earlier.append(before)


def normalisation(made: Drawing) -> None:
    """Scores, and what a softmax, a norm or a standardisation makes of them."""
    axes = made.subset([axis for axis, size in made.size.items() if size], 2, 1)
    letters = {axis: axis for axis in axes}
    score = made.plain(axes, f"{made.one_of('', '3*', '40*')}({made.expression(letters, 1)})")
    along = made.rng.choice(axes)
    twin = f"{along}_"
    here = made.entry(score, letters) if made.odds(0.3) else f"{score}[{','.join(axes)}]"
    there = f"{score}[{','.join(twin if axis == along else axis for axis in axes)}]"
    rest = tuple(axis for axis in axes if axis != along)
    one = f"{score}[{','.join(axes)}]"
    made.unread = [name for name in made.unread if name != score]
    match made.rng.randrange(8):
        case 0 | 1:
            made.plain(axes, f"exp({here})/sum({twin}, exp({there}))")
        case 2:
            made.plain(axes, f"{here} - log(sum({twin}, exp({there})))")
        case 3:
            made.plain(axes, f"{here}/sqrt({made.one_of('1e-5', '1')} + mean({twin}, {there}**2))")
        case 4:
            made.plain(axes, f"{here}/sqrt(sum({twin}, {there}**2))")
        case 5:
            made.plain(
                axes,
                f"({here} - mean({twin}, {there}))"
                f"/sqrt(mean({twin}, ({there} - mean({twin}_, {there.replace(twin, twin + '_')}))**2) + 0.1)",
            )
        case 6:
            made.plain(axes, f"exp({here} - max({twin}, {there}))")
        case _:
            made.plain(rest, f"log(sum({along}, exp({one})))")


def saturated(made: Drawing) -> None:
    """Where floats overflow or lose all digits unless a formula is computed in another way than it is written."""
    axes = made.subset([axis for axis, size in made.size.items() if size], 2)
    letters = {axis: axis for axis in axes}
    large = f"{made.one_of('20', '50', '200')}*{made.read(letters)}*{made.read(letters)}"
    if made.odds(0.5):
        name = made.plain(axes, large)
        large = made.entry(name, letters) if made.odds(0.1) else f"{name}[{','.join(axes)}]" if axes else name
        made.unread = [other for other in made.unread if other != name]
    form = made.one_of(
        "log(sigmoid({0}))",
        "log(1 - sigmoid({0}))",
        "log(1 + exp({0}))",
        "log(1 + exp(-({0})))",
        "softplus({0})",
        "sigmoid({0})*(1 - sigmoid({0}))",
        "1/(1 + exp({0}))",
        "exp({0})/(1 + exp({0}))",
        "tanh({0})",
        "log(exp({0}) + exp(-({0})))",
        "-sigmoid({0})*log(sigmoid({0}))",
        "log(0.3*exp({0}) + 0.7)",
        "({0})*sigmoid({0})",
    )
    made.plain(axes, form.format(large))


def ties(made: Drawing) -> None:
    """Maxima of numbers of which several are equal."""
    axes = made.subset([axis for axis, size in made.size.items() if size], 2, 1)
    tensor = made.given(axes, "parameters", "ties")
    along = made.rng.choice(axes)
    rest = tuple(axis for axis in axes if axis != along)
    read = f"{tensor}[{','.join(axes)}]"
    match made.rng.randrange(5):
        case 0:
            made.plain(rest, f"max({along}, {read})")
        case 1:
            made.plain((), f"max({', '.join(axes)}, {read})")
        case 2:
            other = made.given(axes, "parameters", "ties")
            made.plain(axes, f"{made.one_of('maximum', 'minimum')}({read}, {other}[{','.join(axes)}])")
        case 3:
            made.plain(axes, f"where({read} {made.one_of('>', '>=', '<', '<=')} {made.one_of('0', '1', '0.5')}, {read}**2, 3*{read})")
        case _:
            made.plain(axes, f"{made.one_of('relu', 'abs')}({read}) + maximum({made.one_of('0', '1')}, {read})")


def unread_letters(made: Drawing) -> None:
    """Sums over letters that nothing reads."""
    axes = made.subset([axis for axis, size in made.size.items() if size], 2)
    letters = {axis: axis for axis in axes}
    axis = made.rng.choice([axis for axis, size in made.size.items() if size])
    letter = made.fresh(axis, list(letters))
    chosen = [letter, *made.one_of([], [f"{letter}_"])]
    inside = made.under(chosen, lambda: made.one_of(made.read, lambda own: made.expression(own, 1))(letters))
    made.plain(axes, f"{made.one_of('sum', 'mean', 'sum')}({', '.join(chosen)}, {inside})")


def cases(made: Drawing) -> None:
    """Case distinctions and maxima inside of functions, of each other and of comparisons."""
    axes = made.subset([axis for axis, size in made.size.items() if size], 2)
    letters = {axis: axis for axis in axes}

    def choice(depth: int) -> str:
        if depth == 0:
            return made.leaf(letters) if made.odds(0.7) else made.expression(letters, 1)
        first, second = choice(depth - 1), choice(depth - 1)
        axis = made.rng.choice([axis for axis, size in made.size.items() if size])
        # No sum and no choice inside of the parts has this letter.
        letter = f"{axis}{'_' * (4 + depth)}"
        wide = {**letters, letter: axis}
        return {
            "where": lambda: f"where({made.condition(letters, 1)}, {first}, {second})",
            "inner": lambda: (
                f"where(maximum({made.read(letters)}, {made.one_of('0', made.read(letters))}) > {made.read(letters)}, {first}, {second})"
            ),
            "maximum": lambda: f"maximum({first}, {second})",
            "minimum": lambda: f"minimum({first}, {second})",
            "clip": lambda: f"minimum(maximum({first}, {made.one_of('-1', '1 - eps', '-0.5')}), {made.one_of('1', '1 + eps')})",
            "relu": lambda: f"relu({first})",
            "leaky": lambda: f"maximum({first}, 0.1*({first}))",
            "abs": lambda: f"abs({first})",
            "sign": lambda: f"sign({first})*({second})",
            "max": lambda: f"max({letter}, {made.expression(wide, 1)})",
            "over": lambda: f"max({letter}, where({made.read(wide)} > {made.one_of('0', made.read(wide))}, {made.read(wide)}, {first}))",
        }[made.one_of("where", "where", "inner", "maximum", "minimum", "clip", "relu", "leaky", "abs", "sign", "max", "over")]()

    outer = made.one_of(
        "{}",
        "({})**2",
        "({})**3",
        "tanh({})",
        "exp(-({})**2)",
        "sqrt(1 + ({})**2)",
        "sqrt(abs({}) + 0.5)",
        "log(1.5 + sin({}))",
        "abs({})",
        "(abs({}) + 1)**1.5",
        "1/(1 + exp({}))",
        "sign({})*2",
        "erf({})",
        "(1 + ({})**2)**gamma",
        "arctan({})",
        "log(1 + exp({}))",
    )
    made.constants.setdefault("eps", 0.5)
    made.constants.setdefault("gamma", 2.0)
    made.plain(axes, outer.format(choice(made.one_of(1, 2, 2, 3))))


def words(made: Drawing) -> None:
    """What is short for something else: softmax, running sums and products, norms, roundings, inside of each other."""
    sized = [axis for axis, size in made.size.items() if size]
    axes = made.subset(sized, 2, 1)

    def word(letters: dict[str, str], depth: int) -> str:
        def inside(own: dict[str, str]) -> str:
            return word(own, depth - 1) if depth > 1 and made.odds(0.6) else made.expression(own, 1)

        letter = made.rng.choice(list(letters))
        axis = made.rng.choice(sized)
        other = made.fresh(axis, [*letters, *made.bound])
        kinds = ["along", "along", "over", "one", "one"]
        match made.rng.choice(kinds):
            case "along":
                form = made.one_of("softmax({0}, {1})", "log_softmax({0}, {1})", "cumsum({0}, {1})", "cumprod({0}, 1 + tanh({1})/2)")
                return form.format(letter, f"{inside(letters)} + {made.read({letter: letters[letter]})}")
            case "over":
                forms = ["logsumexp({0}, {1})", "norm({0}, 0.5 + {1})", "var({0}, {1})", "std({0}, {0}/2 + {1})"]
                forms += ["prod({0}, 1 + tanh({1})/2)", "mean({0}, {1})", "max({0}, {1})"]
                within = made.under([other], lambda: inside({**letters, other: axis}))
                return made.rng.choice(forms).format(other, f"{within} + {made.read({other: axis})}")
        form = made.one_of(
            "clip({0}, -0.5, 0.75)", "stop({0})*{1}", "{1} + stop(round({0}) - {1})", "floor(3*({0}))*{1}", "ceil({0})/2 + {1}"
        )
        return form.format(inside(letters), made.read(letters))

    letters = {axis: axis for axis in axes}
    if made.odds(0.4):
        # Step by step: what is read of the step before is 0 at the first one.
        name, own = made.name("defined"), made.rng.choice(axes)
        before = f"{name}[{','.join(f'{axis}{made.one_of(-1, -1, -2)}' if axis == own else axis for axis in axes)}]"
        form = made.one_of("tanh({0}*{1} + {2})", "{0}/2 + {2}", "tanh({2})*({0} + 1)", "{0}*tanh({2}) + {1}")
        made.define(name, f"{name}[{','.join(axes)}]", form.format(before, made.read(letters), word(letters, 2)), axes)
    else:
        made.plain(axes, word(letters, 2))
