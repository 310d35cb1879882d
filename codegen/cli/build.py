"""`chainrule build`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from click.core import ParameterSource

from chainrule.symbolic.index.failures import InvalidDescription

from .completion import OneOf, SeveralOf
from .listings import LISTS
from .options import SPEC_HELP, Spec, derivatives_option, input_gradients_option, language_option, notation_option, spec_options


def _styles() -> Mapping[str, str]:
    from chainrule.codegen.backends.registry import BACKENDS, NUMPY

    return BACKENDS[NUMPY].styles


def _targets() -> Mapping[str, str]:
    from chainrule.codegen.backends.registry import BACKENDS

    return {name: backend.meaning for name, backend in BACKENDS.items()}


@click.command(name="build", epilog=SPEC_HELP)
@spec_options
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="The folder to write to. [default: NAME]")
@click.option(
    "--style",
    type=OneOf(_styles),
    help="Of the module's code: plain to be read, fast to be run. [default: plain; fast with --explain, --without]",
)
@click.option(
    "--target",
    type=OneOf(_targets),
    default="numpy",
    show_default=True,
    help="What the module is written in: numpy, or c, which makes NAME.c, NAME.h and NAME_c.py, which compiles and calls them.",
)
@click.option(
    "--formats",
    type=SeveralOf(LISTS["formats"]),
    default="tex,html,md",
    show_default=True,
    help="Of the documents: tex, html, md, ipynb, slides, typ, pdf; of the questions of --exercises: moodle, nbgrader, json.",
)
@click.option("--module-only", is_flag=True, help="The module and its test, without documents.")
@click.option("--training", is_flag=True, help="The script that trains the module on arrays or a text of your own too: train_NAME.py.")
@derivatives_option
@input_gradients_option
@notation_option("Of the documents")
@language_option("Of the documents")
@click.option(
    "--length",
    type=OneOf(LISTS["lengths"]),
    default="short",
    show_default=True,
    help="Of the documents: short, each pattern once with numbers, or full, with every step and the module.",
)
@click.option(
    "--markdown", type=OneOf(LISTS["dialects"]), default="github", show_default=True, help="Of md files: as GitHub shows it, or for pandoc."
)
@click.option("--exercises", type=int, metavar="N", help="A sheet of N questions, 1 to 50, in NAME_exercises, and its key in NAME_answers.")
@click.option("--seed", type=int, metavar="S", help="Of the sheet: each seed has other questions and other numbers. [default: 0]")
@click.option("--seeds", metavar="S-T", help="A sheet and its key for each of several seeds, as 1-30 or 1,4,9-12: NAME_exercises_SEED.")
@click.option(
    "--templates",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Layouts of documents of your own: files named as those of the folder templates, such as handout.tex.jinja.",
)
@click.option("--force", is_flag=True, help="Replace files even where they were edited by hand.")
@click.option("--explain", is_flag=True, help="Print what each pass of the fast style did, what it saves, and the memory of a step.")
@click.option(
    "--without",
    type=SeveralOf(LISTS["passes"]),
    default="",
    metavar="PASSES",
    help="Of the fast style, with commas between: passes that are left out.",
)
@click.option("--batch", type=click.IntRange(1), metavar="N", help="For --explain: the number of examples. [default: 32]")
def build_command(
    spec: Spec,
    output: Path | None,
    style: str | None,
    target: str,
    formats: tuple[str, ...],
    module_only: bool,
    training: bool,
    derivatives: tuple[str, ...],
    input_gradients: bool,
    notation: str | None,
    language: str | None,
    length: str,
    markdown: str,
    exercises: int | None,
    seed: int | None,
    seeds: str | None,
    templates: Path | None,
    force: bool,
    explain: bool,
    without: tuple[str, ...],
    batch: int | None,
) -> None:
    """Derive, check and write everything: NAME.py, test_NAME.py and the documents.

    \b
    Examples:
      chainrule build mazur.toml
      chainrule build mazur.toml -o handouts/week3 --formats html
      chainrule build 4-5-3 --activation tanh --cost squared_error
      chainrule build 4-5-3 --derivatives gradient,hvp,hessian
      chainrule build mazur.toml --input-gradients
      chainrule build 784-128-10 --activation relu --style fast
      chainrule build 784-128-10 --activation relu --explain --batch 64
      chainrule build 784-128-10 --activation relu --style fast --without in-place,reuse
      chainrule build mazur.toml --target c
      chainrule build mazur.toml --notation delta
      chainrule build mazur.toml --formats ipynb,slides,pdf
      chainrule build mazur.toml --module-only
      chainrule build mazur.toml --language zh-TW
      chainrule build mazur.toml --length full --formats pdf
      chainrule build mazur.toml --formats md --markdown pandoc
      chainrule build mazur.toml --exercises 12 --seed 7
      chainrule build mazur.toml --exercises 12 --seeds 1-30 --formats pdf
      chainrule build mazur.toml --exercises 8 --formats nbgrader,moodle,json
    """
    from rich.console import Console

    from chainrule.codegen.backends.fast.explanation import explained_sizes, explanation
    from chainrule.codegen.backends.fast.explanation_text import explanation_parts
    from chainrule.codegen.build import Choices, build
    from chainrule.codegen.checking.gradient_check import EXACT_BOUNDS, error_bound
    from chainrule.codegen.checking.how_checked import how_checked_as_text
    from chainrule.codegen.descriptions.remarks import remarks_on_effect
    from chainrule.codegen.exercises.seeds import seeds_of
    from chainrule.codegen.exercises.selection import refuse_out_of_range
    from chainrule.codegen.formats.registry import SLIDES
    from chainrule.codegen.formulas.notation_file import read_notation
    from chainrule.codegen.handout import HANDOUT_SECTIONS
    from chainrule.codegen.training.choices import TrainingChoices

    from .progress import shown_progress

    is_chosen = click.get_current_context().get_parameter_source("formats") is ParameterSource.COMMANDLINE
    if module_only and is_chosen:
        raise InvalidDescription("--module-only makes no documents; leave it out, or --formats")
    formats = () if module_only else formats
    if target != "numpy" and (style or explain or training):
        raise InvalidDescription("--style, --explain and --training go with --target numpy alone")
    style = style or ("fast" if explain or without else "plain")
    for option, is_given, needed, has_needed in (
        ("--explain", explain, "--style fast", style == "fast"),
        ("--without", bool(without), "--style fast", style == "fast"),
        ("--batch", batch is not None, "--explain", explain),
        ("--seed", seed is not None, "--exercises", exercises is not None),
        ("--seeds", seeds is not None, "--exercises", exercises is not None),
        (
            "--exercises",
            exercises is not None,
            "one of the formats tex, html, md, ipynb, pdf, moodle, nbgrader, json",
            bool(set(formats) - {SLIDES}),
        ),
    ):
        if is_given and not has_needed:
            raise InvalidDescription(f"{option} goes with {needed} alone")
    if seed is not None and seeds is not None:
        raise InvalidDescription("--seed is one sheet and --seeds are several; leave one of them out")
    of_class = () if seeds is None else seeds_of(seeds)
    if exercises is not None:
        refuse_out_of_range(exercises, seed or 0)
    if notation is not None:
        _ = read_notation(notation, HANDOUT_SECTIONS)
    with shown_progress() as progress:
        progress("reading the description")
        description = spec.description(input_gradients)
        # Before anything is written.
        explained_sizes(description.system, batch)
        directory = output if output is not None else Path(description.network.name)
        choices = Choices(
            formats,
            derivatives,
            style,
            without,
            notation,
            language,
            exercises or 0,
            seed or 0,
            length,
            markdown,
            of_class,
            templates,
            TrainingChoices() if training else None,
            target,
        )
        built = build(description, directory, choices, force, progress)
        if explain:
            progress("estimating what the passes save")
        explained = explanation(built.derivation, batch, without) if explain else None
    spec.warn(remarks_on_effect(description, built.ineffective))
    for path in built.files:
        print(path)
    print(
        f"{built.verified.equations} equations checked, errors below {error_bound(built.verified.largest_error, EXACT_BOUNDS):.0e}; "
        f"gradients agree with numeric ones to {error_bound(built.checked.largest_error):.0e}. " + how_checked_as_text(built.checked.plan)
    )
    for part in explanation_parts(explained) if explained else ():
        Console().print(part)
