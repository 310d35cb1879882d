"""What several commands take: the description, and the derivatives of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .completion import FileOrWord, OneOf, SeveralOf, Word, WordOrFile
from .listings import LISTS
from .messages import warn

if TYPE_CHECKING:
    from chainrule.codegen.descriptions.reader import Description
    from chainrule.codegen.descriptions.remarks import Remark

Command = TypeVar("Command", bound=Callable[..., Any])

SPEC_HELP = "SPEC is a description in TOML, or a stack of dense layers such as 784-16-16-10."
STACKS = dict.fromkeys(["2-2-2", "784-16-16-10"], "a stack of dense layers")


def targets() -> dict[str, str]:
    """What targets may be, where a cost leaves a choice."""
    from chainrule.symbolic.layers.network import TARGETS

    return {word: values.value for word, values in TARGETS.items()}


@dataclass(frozen=True, slots=True)
class Spec:
    """A file, or a shorthand with the choices that go with it, as they were typed."""

    typed: str
    activation: str | None
    cost: str | None
    targets: str | None

    def description(self, input_gradients: bool = False) -> Description:
        """The description, after a word on what its author should know of it; `input_gradients` are wanted even where it says nothing."""
        from chainrule.codegen.descriptions.reader import read_description
        from chainrule.codegen.descriptions.remarks import remarks

        description = read_description(self.typed, activation=self.activation, cost=self.cost, targets=self.targets)
        self.warn(remarks(description))
        return description.with_input_gradients if input_gradients else description

    def warn(self, remarks: Iterable[Remark]) -> None:
        for remark in remarks:
            warn(f"{self.typed}:{remark.line}" if remark.line else self.typed, remark.message)


def spec_options(function: Callable[..., None]) -> Callable[..., None]:
    """The description, and the choices that go with a shorthand; the command gets them as one `Spec`."""

    @wraps(function)
    def with_spec(*, spec: str, activation: str | None, cost: str | None, targets: str | None, **choices: Any) -> None:
        function(Spec(spec, activation, cost, targets), **choices)

    for option in (
        click.option("--targets", type=Word(targets), help="With a shorthand: labels, one-hot, numbers …", metavar="KIND"),
        click.option("--cost", type=Word(LISTS["costs"]), help="With a shorthand: the cost. [default: quadratic]", metavar="NAME"),
        click.option(
            "--activation", type=Word(LISTS["activations"]), help="With a shorthand: of every layer. [default: sigmoid]", metavar="NAME"
        ),
        click.argument("spec", type=FileOrWord(lambda: STACKS)),
    ):
        with_spec = option(with_spec)
    return with_spec


def input_gradients_option(function: Command) -> Command:
    """Whether the cost is differentiated by the inputs too."""
    return click.option("--input-gradients", is_flag=True, help="The gradient of the cost in the inputs too.")(function)


def notation_option(of: str) -> Callable[[Command], Command]:
    """In which letters formulas are written."""
    said = f"{of}: a name, or a file such as own.toml. [default: the description's, or superscript]"
    return click.option("--notation", type=WordOrFile(LISTS["notations"]), help=said)


def language_option(of: str) -> Callable[[Command], Command]:
    """In which language sentences are."""
    said = f"{of}: en, zh-TW or zh-CN. [default: the description's, or en]"
    return click.option("--language", type=OneOf(LISTS["languages"]), metavar="TAG", help=said)


def derivatives_option(function: Callable[..., None]) -> Callable[..., None]:
    """Which derivatives a module computes; `--per-example` is short for one of them."""

    @wraps(function)
    def with_derivatives(spec: Spec, *, derivatives: tuple[str, ...], per_example: bool, **choices: Any) -> None:
        further = ("per_example_gradients",) if per_example and "per_example_gradients" not in derivatives else ()
        function(spec, derivatives=(*derivatives, *further), **choices)

    with_flag = click.option("--per-example", is_flag=True, help="The gradient of each example's own cost too.")(with_derivatives)
    return click.option(
        "--derivatives",
        type=SeveralOf(LISTS["derivatives"]),
        default="gradient",
        show_default=True,
        metavar="NAMES",
        help="What the module computes, with commas between: gradient, hvp (Hessian times a direction), hessian, vjp, jvp, ….",
    )(with_flag)
