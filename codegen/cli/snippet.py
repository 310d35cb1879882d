"""`chainrule snippet`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from chainrule.symbolic.index.failures import InvalidDescription

from .completion import Completed, OneOf, ParameterName, Word
from .listings import LEVELS, LISTS
from .options import SPEC_HELP, Spec, language_option, notation_option, spec_options


def _parts() -> Mapping[str, str]:
    from chainrule.codegen.pieces import PARTS

    return PARTS


@click.command(name="snippet", epilog=SPEC_HELP)
@spec_options
@click.option("--wrt", type=ParameterName(), metavar="NAMES", help="Gradients by these, with commas between. [default: every parameter]")
@click.option("--of", "of", type=Completed(), metavar="NAME", help="In place of the gradients the Jacobians of this tensor, such as a2.")
@click.option("--part", type=OneOf(_parts), default="gradients", show_default=True, help="gradients, forward or update.")
@click.option("--level", type=Word(lambda: LEVELS), default="index", show_default=True, help="scalar, index, matrix or graph.")
@click.option(
    "--as", "format", type=OneOf(LISTS["pieces"]), default="latex", show_default=True, help="latex, markdown, pandoc, html or text."
)
@notation_option("Of the formulas")
@language_option("Of the reasons")
@click.option("--no-reasons", is_flag=True, help="The steps alone.")
@click.option("--no-steps", is_flag=True, help="The results alone.")
@click.option("--all", "every", is_flag=True, help="Every part, and the gradient by each parameter, as a file of its own in the folder -o.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write to, or with --all the folder. [default: printed]")
@click.option("--force", is_flag=True, help="Replace files even where they were edited by hand.")
def snippet_command(
    spec: Spec,
    wrt: str | None,
    of: str | None,
    part: str,
    level: str,
    format: str,  # noqa: A002
    notation: str | None,
    language: str | None,
    no_reasons: bool,
    no_steps: bool,
    every: bool,
    output: Path | None,
    force: bool,
) -> None:
    """Print a piece for somebody else's document: gradients, the forward pass or the update, ready to paste.

    \b
    Examples:
      chainrule snippet mazur.toml --wrt W1
      chainrule snippet mazur.toml --wrt W1,b1 --no-steps --level matrix --notation delta
      chainrule snippet mazur.toml --wrt z2 --as pandoc --language zh-TW
      chainrule snippet mazur.toml --part forward --no-reasons
      chainrule snippet mazur.toml --of a2 --wrt W1 -o jacobian.tex
      chainrule snippet mazur.toml --all -o pieces
    """
    from chainrule.codegen.pieces import GRADIENTS, Pieces, write_piece

    for option, is_given, needed, has_needed in (
        ("--wrt", wrt is not None, f"--part {GRADIENTS}", part == GRADIENTS and not every),
        ("--of", of is not None, "--wrt", wrt is not None),
        ("--all", every, "-o, a folder", output is not None),
    ):
        if is_given and not has_needed:
            raise InvalidDescription(f"{option} goes with {needed} alone")
    names = [name.strip() for name in (wrt or "").split(",") if name.strip()]
    pieces = Pieces(spec.description(), spec.typed, format, level, of, notation, language, not no_steps, not no_reasons)
    if every and output is not None:
        for path in pieces.write_every(output, force):
            print(path)
    elif output is not None:
        print(write_piece(output, pieces.piece(part, names), force))
    else:
        print(pieces.piece(part, names))
