"""`chainrule equations`."""

from __future__ import annotations

import click

from .options import SPEC_HELP, Spec, spec_options


@click.command(name="equations", epilog=SPEC_HELP)
@spec_options
def equations_command(spec: Spec) -> None:
    """Print the network as index equations, in the language of descriptions.

    \b
    Examples:
      chainrule equations mazur.toml
      chainrule equations 64-32-10 --activation softmax --cost cross_entropy --targets labels
    """
    from chainrule.codegen.formulas.equation_text import LanguageText

    description = spec.description()
    print(LanguageText(description.system).equations())
