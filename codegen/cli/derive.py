"""`chainrule derive`."""

from __future__ import annotations

import click

from .completion import ParameterName, Word
from .listings import LEVELS
from .options import SPEC_HELP, Spec, spec_options


@click.command(name="derive", epilog=SPEC_HELP)
@spec_options
@click.option("--wrt", type=ParameterName(), help="Only the gradient in this tensor, such as W1.", metavar="NAME")
@click.option(
    "--level", type=Word(lambda: list(LEVELS.items())), default="index", show_default=True, help="scalar, index, matrix or graph."
)
@click.option("--latex", is_flag=True, help="As LaTeX.")
def derive_command(spec: Spec, wrt: str | None, level: str, latex: bool) -> None:
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

    derivation = derive(spec.description().network)
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
