"""`chainrule summary`."""

from __future__ import annotations

import click

from .options import SPEC_HELP, Spec, spec_options


@click.command(name="summary", epilog=SPEC_HELP)
@spec_options
@click.option("--batch", type=click.IntRange(1), metavar="N", help="The number of examples of the step that is counted. [default: 32]")
def summary_command(spec: Spec, batch: int | None) -> None:
    """Print the layers with their shapes, parameters, operations and arrays of a step.

    \b
    Examples:
      chainrule summary lenet.toml
      chainrule summary 784-16-16-10 --batch 128
    """
    from rich.console import Console

    from chainrule.codegen.summary.summary import summary
    from chainrule.codegen.summary.tables import PLAIN_WIDTH, summary_parts
    from chainrule.symbolic.derivation.chain_rule import derive

    from .progress import shown_progress

    with shown_progress() as progress:
        progress("deriving")
        found = summary(derive(spec.description().network), batch)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    for part in summary_parts(found):
        console.print(part)
