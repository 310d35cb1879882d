"""`chainrule derive`."""

from __future__ import annotations

import click

from chainrule.symbolic.index.failures import InvalidDescription

from .completion import Completed, ParameterName, Word
from .listings import LEVELS
from .options import SPEC_HELP, Spec, language_option, notation_option, spec_options


@click.command(name="derive", epilog=SPEC_HELP)
@spec_options
@click.option(
    "--wrt",
    type=ParameterName(),
    help="Only the gradient in this tensor: a parameter, W1, an intermediate value, z2, an input, x.",
    metavar="NAME",
)
@click.option(
    "--of", "of", type=Completed(), help="With --wrt: the Jacobian of this tensor, such as a2, in place of a gradient.", metavar="NAME"
)
@click.option("--level", type=Word(lambda: LEVELS), default="index", show_default=True, help="scalar, index, matrix or graph.")
@click.option("--latex", is_flag=True, help="As LaTeX to paste: align* environments that need amsmath alone.")
@notation_option("With --latex")
@language_option("With --latex, of the reasons")
def derive_command(
    spec: Spec, wrt: str | None, of: str | None, level: str, latex: bool, notation: str | None, language: str | None
) -> None:
    """Print the derivation of the gradients, every step with its reason.

    \b
    Examples:
      chainrule derive mazur.toml --wrt W1
      chainrule derive mazur.toml --wrt x
      chainrule derive mazur.toml --of a2 --wrt W1
      chainrule derive 2-2-2 --level scalar
      chainrule derive 2-2-2 --level graph --wrt W1
      chainrule derive 784-16-16-10 --activation relu --level matrix --latex
      chainrule derive mazur.toml --wrt W1 --latex --notation delta
    """
    from rich.console import Console

    from chainrule.codegen.build import letters_of
    from chainrule.codegen.descriptions.remarks import remarks_on_effect
    from chainrule.codegen.formats.latex_piece import latex_piece
    from chainrule.codegen.formats.text import PLAIN_WIDTH, text_lines
    from chainrule.codegen.formulas.printers import PLAIN, in_notation
    from chainrule.codegen.lesson.derivation_document import derivation_document
    from chainrule.codegen.lesson.jacobian_document import jacobian_document
    from chainrule.codegen.words.translation import ENGLISH, speaking
    from chainrule.symbolic.checking.without_effect import without_effect
    from chainrule.symbolic.derivation.chain_rule import derive
    from chainrule.symbolic.derivation.jacobian import derive_jacobian

    if of is not None and wrt is None:
        raise InvalidDescription("--of goes with --wrt: say by what, as in --of a2 --wrt W1")
    for option, value in (("--notation", notation), ("--language", language)):
        if value is not None and not latex:
            raise InvalidDescription(f"{option} goes with --latex alone: a terminal shows the names of the module")
    description = spec.description()
    derivation = derive(description.network, [wrt] if wrt and of is None else description.wrt)
    printers = in_notation(letters_of(description, notation), derivation.system) if latex else PLAIN
    with speaking((language or description.language) if latex else ENGLISH.tag):
        if of is not None and wrt is not None:
            document = jacobian_document(derive_jacobian(derivation, of, wrt), level, printers)
        else:
            document = derivation_document(derivation, wrt, level, printers)
    spec.warn(remarks_on_effect(description, without_effect(derivation)))
    if latex:
        what = f"d{of}/d{wrt}" if of else f"the gradient by {wrt}" if wrt else "every gradient"
        print(latex_piece(document.blocks, f"{what} ({LEVELS.get(level, level)}), from {spec.typed}"))
        return
    console = Console(highlight=False)
    for line in text_lines(document, console.width if console.is_terminal else PLAIN_WIDTH):
        # Formulas are folded by nobody, and a pipe gets no escape codes.
        if console.is_terminal:
            console.print(line, soft_wrap=True)
        else:
            print(line.plain)
