"""The command `chainrule`, as `start` runs it. Exit status 0: done; 1: a check failed; 2: the description or the call is wrong."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

import chainrule
from chainrule.symbolic.index.failures import ChainruleError, CheckFailed

from .build import build_command
from .check import check_command
from .derive import derive_command
from .endings import BY_CTRL_C, INTERRUPTED, NobodyReads
from .equations import equations_command
from .import_model import import_command
from .list import list_command
from .mark import mark_command
from .messages import harmless
from .schema import schema_command
from .serve import serve_command
from .snippet import snippet_command
from .summary import summary_command
from .train import predict_command, train_command


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


@click.group(
    cls=Commands,
    commands=[
        build_command,
        derive_command,
        snippet_command,
        equations_command,
        summary_command,
        check_command,
        mark_command,
        import_command,
        train_command,
        predict_command,
        serve_command,
        schema_command,
        list_command,
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(chainrule.__version__, prog_name="chainrule")
def main_group() -> None:
    """Networks as equations: a verified derivation of every gradient, and a standalone NumPy module.

    \b
    Examples:
      chainrule build mazur.toml            module, test and documents in the folder mazur
      chainrule derive 784-16-16-10 --wrt W1
      chainrule list activations
    """


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
