"""The command `chainrule`, as `start` runs it. Exit status 0: done; 1: a check failed; 2: the description or the call is wrong."""

from __future__ import annotations

import io
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chainrule.symbolic.index.failures import ChainruleError, CheckFailed, InvalidDescription, expected_one_of

from .start import BY_CTRL_C, INTERRUPTED, NobodyReads

if TYPE_CHECKING:
    from chainrule.codegen.descriptions.reader import Description

Command = TypeVar("Command", bound=Callable[..., Any])

SPEC_HELP = "SPEC is a description in TOML, or a stack of dense layers such as 784-16-16-10."


def spec_options(function: Command) -> Command:
    """The description, and the choices that go with a shorthand."""
    function = click.option("--targets", help="With a shorthand: labels, one-hot.", metavar="KIND")(function)
    function = click.option("--cost", help="With a shorthand: the cost. [default: quadratic]", metavar="NAME")(function)
    function = click.option("--activation", help="With a shorthand: of every layer. [default: sigmoid]", metavar="NAME")(function)
    return click.argument("spec")(function)


def derivatives_option(function: Command) -> Command:
    """Which derivatives a module computes."""
    return click.option(
        "--derivatives",
        default="gradient",
        show_default=True,
        metavar="NAMES",
        help="What the module computes, with commas between: gradient, hvp (Hessian times a direction), hessian.",
    )(function)


def comma_separated(words: str) -> list[str]:
    return [part.strip() for part in words.split(",") if part.strip()]


class Commands(click.Group):
    """The commands, as one command. For click an output that nobody reads on would be a failure."""

    def make_context(self, *given: Any, **named: Any) -> click.Context:
        try:
            return super().make_context(*given, **named)
        except BrokenPipeError:
            raise NobodyReads from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise NobodyReads from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="chainrule")
def main_group() -> None:
    """Networks as equations: a verified derivation of every gradient, and a standalone NumPy module.

    \b
    Examples:
      chainrule build mazur.toml            module, test and documents in the folder mazur
      chainrule derive 784-16-16-10 --wrt W1
      chainrule list activations
    """


@main_group.command(name="build", epilog=SPEC_HELP)
@spec_options
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="The folder to write to. [default: NAME]")
@click.option("--style", help="Of the module's code: plain to be read, fast to be run. [default: plain; fast with --explain, --without]")
@click.option("--formats", default="tex,html,md", show_default=True, help="Of the documents: tex, html, md, ipynb, slides, pdf.")
@derivatives_option
@click.option("--notation", help="Of the documents: a name, or a file such as own.toml. [default: the description's, or superscript]")
@click.option("--language", metavar="TAG", help="Of the documents: en, zh-TW or zh-CN. [default: the description's, or en]")
@click.option("--exercises", type=int, metavar="N", help="A sheet of N questions, 1 to 50, in NAME_exercises, and its key in NAME_answers.")
@click.option("--seed", type=int, metavar="S", help="Of the sheet: each seed has other questions and other numbers. [default: 0]")
@click.option("--force", is_flag=True, help="Replace files even where they were edited by hand.")
@click.option("--explain", is_flag=True, help="Print what each pass of the fast style did, what it saves, and the memory of a step.")
@click.option("--without", default="", metavar="PASSES", help="Of the fast style, with commas between: passes that are left out.")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="For --explain: the number of examples. [default: 32]")
def build_command(
    spec: str,
    output: Path | None,
    style: str | None,
    formats: str,
    derivatives: str,
    notation: str | None,
    language: str | None,
    exercises: int | None,
    seed: int | None,
    force: bool,
    explain: bool,
    without: str,
    batch: int | None,
    activation: str | None,
    cost: str | None,
    targets: str | None,
) -> None:
    """Derive, check and write everything: NAME.py, test_NAME.py and the documents.

    \b
    Examples:
      chainrule build mazur.toml
      chainrule build mazur.toml -o handouts/week3 --formats html
      chainrule build 4-5-3 --activation tanh --cost squared_error
      chainrule build 4-5-3 --derivatives gradient,hvp,hessian
      chainrule build 784-128-10 --activation relu --style fast
      chainrule build 784-128-10 --activation relu --explain --batch 64
      chainrule build 784-128-10 --activation relu --style fast --without in-place,reuse
      chainrule build mazur.toml --notation delta
      chainrule build mazur.toml --formats ipynb,slides,pdf
      chainrule build mazur.toml --language zh-TW
      chainrule build mazur.toml --exercises 12 --seed 7
    """
    from rich.console import Console

    from chainrule.codegen.backends.fast.explanation import explained_sizes, explanation
    from chainrule.codegen.backends.fast.explanation_text import explanation_parts
    from chainrule.codegen.backends.fast.pass_table import PASS_NAMES
    from chainrule.codegen.build import STYLES, build
    from chainrule.codegen.checking.gradient_check import EXACT_BOUNDS, error_bound
    from chainrule.codegen.checking.how_checked import how_checked_as_text
    from chainrule.codegen.exercises.selection import refuse_out_of_range
    from chainrule.codegen.formats.registry import FORMATS, SLIDES
    from chainrule.codegen.formulas.notation_file import read_notation
    from chainrule.codegen.program.second_program import DERIVATIVES
    from chainrule.codegen.words.translation import LANGUAGES

    from .progress import shown_progress

    wanted, kinds, left_out = comma_separated(formats), comma_separated(derivatives), comma_separated(without)
    style = style or ("fast" if explain or left_out else "plain")
    for option, chosen, allowed in (
        ("--style", [style], STYLES),
        ("--formats", wanted, FORMATS),
        ("--derivatives", kinds, DERIVATIVES),
        ("--language", [language] if language else [], LANGUAGES),
        ("--without", left_out, PASS_NAMES),
    ):
        for value in chosen:
            if value not in allowed:
                raise InvalidDescription(f"{option}: found {value!r}; {expected_one_of(value, allowed)}")
    for option, is_given, needed, has_needed in (
        ("--explain", explain, "--style fast", style == "fast"),
        ("--without", bool(left_out), "--style fast", style == "fast"),
        ("--batch", batch is not None, "--explain", explain),
        ("--seed", seed is not None, "--exercises", exercises is not None),
        ("--exercises", exercises is not None, "one of the formats tex, html, md, ipynb, pdf", bool(set(wanted) - {SLIDES})),
    ):
        if is_given and not has_needed:
            raise InvalidDescription(f"{option} goes with {needed} alone")
    if exercises is not None:
        refuse_out_of_range(exercises, seed or 0)
    if notation is not None:
        _ = read_notation(notation)
    with shown_progress() as progress:
        progress("reading the description")
        description = _described(spec, activation, cost, targets)
        # Before anything is written.
        explained_sizes(description.system, batch)
        directory = output if output is not None else Path(description.network.name)
        built = build(
            description, directory, wanted, notation, force, progress, kinds, style, left_out, language, exercises or 0, seed or 0
        )
        if explain:
            progress("estimating what the passes save")
        explained = explanation(built.derivation, batch, left_out) if explain else None
    for name in built.ineffective:
        _warn(spec, f"the cost does not depend on {name!r} at these sizes: its gradient is 0 at all numbers that were tried")
    for path in built.files:
        print(path)
    print(
        f"{built.verified.equations} equations checked, errors below {error_bound(built.verified.largest_error, EXACT_BOUNDS):.0e}; "
        f"gradients agree with numeric ones to {error_bound(built.checked.largest_error):.0e}. " + how_checked_as_text(built.checked.plan)
    )
    for part in explanation_parts(explained) if explained else ():
        Console().print(part)


@main_group.command(name="derive", epilog=SPEC_HELP)
@spec_options
@click.option("--wrt", help="Only the gradient in this tensor, such as W1.", metavar="NAME")
@click.option("--level", default="index", show_default=True, help="scalar, index, matrix or graph.")
@click.option("--latex", is_flag=True, help="As LaTeX.")
def derive_command(
    spec: str, wrt: str | None, level: str, latex: bool, activation: str | None, cost: str | None, targets: str | None
) -> None:
    """Print the derivation of the gradients, every step with its reason.

    \b
    Examples:
      chainrule derive mazur.toml --wrt W1
      chainrule derive 2-2-2 --level scalar
      chainrule derive 2-2-2 --level graph --wrt W1
      chainrule derive 784-16-16-10 --activation relu --level matrix --latex
    """
    from rich.console import Console

    from chainrule.symbolic.checking.verification import verify
    from chainrule.symbolic.derivation.chain_rule import derive

    from .derivation_text import derivation_rows, shown_forms
    from .terminal_layout import PLAIN_WIDTH, laid_out

    derivation = derive(_described(spec, activation, cost, targets).network)
    forms = shown_forms(derivation, wrt) if level == "index" else ()
    verified = verify(derivation, forms)
    rows = list(derivation_rows(derivation, wrt, level, latex, forms=forms, verified=verified))
    console = Console(highlight=False)
    for line in laid_out(rows, console.width if console.is_terminal else PLAIN_WIDTH):
        # Formulas are folded by nobody, LaTeX is not coloured, and a pipe gets no escape codes.
        if console.is_terminal and not latex:
            console.print(line, soft_wrap=True)
        else:
            print(line.plain)


@main_group.command(name="equations", epilog=SPEC_HELP)
@spec_options
def equations_command(spec: str, activation: str | None, cost: str | None, targets: str | None) -> None:
    """Print the network as index equations, in the language of descriptions.

    \b
    Examples:
      chainrule equations mazur.toml
      chainrule equations 64-32-10 --activation softmax --cost cross_entropy --targets labels
    """
    from chainrule.codegen.formulas.equation_text import LanguageText

    description = _described(spec, activation, cost, targets)
    print(LanguageText(description.system).equations())


@main_group.command(name="check", epilog=SPEC_HELP)
@spec_options
@derivatives_option
@click.option("--deep", is_flag=True, help="Try everything: steps, rewrites, both styles of the module, in extended precision.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="For --deep: of the random tensors. [default: 0]")
def check_command(
    spec: str, derivatives: str, deep: bool, seed: int | None, activation: str | None, cost: str | None, targets: str | None
) -> None:
    """Check every gradient against numeric ones; exit status 1 where one differs, or is 0 wherever it is tried.

    Second derivatives are checked against differences of the gradient. With --deep, every step is evaluated on several random tensors,
    every rewrite alone, and the module in both styles is compared with differences in extended precision whose own error is stated.

    \b
    Examples:
      chainrule check mazur.toml
      chainrule check 64-32-10 --activation gelu
      chainrule check 4-5-3 --derivatives hvp,hessian
      chainrule check mazur.toml --deep
      chainrule check 784-16-16-10 --deep --seed 7
    """
    from rich.console import Console
    from rich.table import Table

    from chainrule.codegen.backends.numpy_module import GRADIENT_TOLERANCE
    from chainrule.codegen.checking.gradient_check import try_module, without_effect
    from chainrule.codegen.program.second_program import DERIVATIVES
    from chainrule.symbolic.checking.verification import verify
    from chainrule.symbolic.derivation.chain_rule import derive

    from .progress import shown_progress

    kinds = comma_separated(derivatives)
    for value in kinds:
        if value not in DERIVATIVES:
            raise InvalidDescription(f"--derivatives: found {value!r}; {expected_one_of(value, DERIVATIVES)}")
    if seed is not None and not deep:
        raise InvalidDescription("--seed goes with --deep alone")
    if deep:
        _check_deep(spec, kinds, seed or 0, activation, cost, targets)
        return
    with shown_progress() as progress:
        progress("deriving")
        description = _described(spec, activation, cost, targets)
        derivation = derive(description.network)
        progress("checking every step")
        verified = verify(derivation)
        progress("checking the gradients")
        checked = try_module(derivation, derivatives=kinds)
        not_checked = without_effect(derivation, checked.module)
        if checked.second:
            progress("checking every step of the second derivatives")
            verified = verified.together(checked.second.verified())
    table = Table(title=f"{description.network.name}: gradients against numeric ones")
    table.add_column("parameter")
    table.add_column("largest relative error", justify="right")
    table.add_column("")
    for name, error in checked.errors.items():
        verdict = "wrong" if name in checked.failed else "not checked" if name in not_checked else "right"
        table.add_row(name, "" if verdict == "not checked" else f"{error:.1e}", verdict)
    Console().print(table)
    vacuous = f"; in {verified.vacuous} of them 0 was compared with 0 alone" if verified.vacuous else ""
    print(f"{verified.equations} equations of the derivation hold, errors up to {verified.largest_error:.1e}{vacuous}.")
    if checked.failed:
        raise CheckFailed(f"wrong at more than {GRADIENT_TOLERANCE:.0e}: {', '.join(checked.failed)}")
    if not_checked:
        raise CheckFailed(f"not checked, as the cost does not depend on it at any numbers that were tried: {', '.join(not_checked)}")


def _check_deep(spec: str, kinds: list[str], seed: int, activation: str | None, cost: str | None, targets: str | None) -> None:
    from rich.console import Console

    from chainrule.codegen.checking.deep_check import deep_check
    from chainrule.symbolic.derivation.chain_rule import derive

    from .deep_check_table import failure_lines, findings_table, kink_lines, summary
    from .progress import shown_progress

    with shown_progress() as progress:
        progress("deriving")
        description = _described(spec, activation, cost, targets)
        found = deep_check(derive(description.network), seed, kinds, progress)
    Console().print(findings_table(found, description.network.name))
    for line in (*kink_lines(found), *failure_lines(found)):
        print(line)
    print(summary(found))
    if found.failed:
        raise CheckFailed(f"the deep check fails: {', '.join(dict.fromkeys(finding.check for finding in found.failed))}")


@main_group.command(name="list")
@click.argument("what", required=False)
def list_command(what: str | None) -> None:
    """List what can be chosen: activations, costs, layers, optimisers, notations, languages, derivatives, passes, formats; and limits.

    \b
    Examples:
      chainrule list
      chainrule list activations
    """
    from .listings import choices

    tables = choices()
    if what is not None and what not in tables:
        raise InvalidDescription(f"unknown list {what!r}; {expected_one_of(what, tables)}")
    for name, rows in tables.items():
        if what is None:
            print(f"{name}:")
        if what in (None, name):
            width = max(len(row[0]) for row in rows)
            for word, meaning in rows:
                print(f"{'' if what else '  '}{word:{width}}  {meaning}".rstrip())


def _described(spec: str, activation: str | None, cost: str | None, targets: str | None) -> Description:
    """The description, after a word on what it declares in vain."""
    from chainrule.codegen.descriptions.reader import read_description
    from chainrule.symbolic.system.unused_names import unused_names

    description = read_description(spec, activation=activation, cost=cost, targets=targets)
    for name in unused_names(description.system):
        _warn(spec, f"{name!r} is declared, and no equation reads it")
    return description


def _warn(spec: str, message: str) -> None:
    """One line beside what the command prints."""
    click.echo(harmless(f"chainrule: {spec}: warning: {message}"), err=True)


def harmless(message: str) -> str:
    """A message for a terminal, which signs quoted from a stranger's file must not steer: no escape codes, nothing that turns the line."""
    return "".join(
        sign if sign == "\n" or not unicodedata.category(sign).startswith("C") else "\N{REPLACEMENT CHARACTER}" for sign in message
    )


def main() -> None:
    """Runs the command; everything that goes wrong is one message and an exit status."""
    try:
        main_group(standalone_mode=False)
    except click.ClickException as problem:
        said = io.StringIO()
        problem.show(said)
        click.echo(harmless(said.getvalue()), err=True, nl=False)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo(INTERRUPTED, err=True)
        sys.exit(BY_CTRL_C)
    except CheckFailed as problem:
        click.echo(harmless(f"chainrule: {problem}"), err=True)
        sys.exit(1)
    except ChainruleError as problem:
        click.echo(harmless(f"chainrule: {problem}"), err=True)
        sys.exit(2)
    except MemoryError:
        click.echo("chainrule: the arrays of this network are too large for this machine's memory; choose smaller sizes", err=True)
        sys.exit(2)


if __name__ == "__main__":
    from . import start

    start.main()
