"""`chainrule train` and `chainrule predict`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from chainrule.symbolic.index.failures import InvalidDescription

from .completion import OneOf
from .listings import LISTS
from .messages import harmless
from .options import SPEC_HELP, Spec, spec_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chainrule.codegen.training.run import Epoch

DATA_HELP = (
    "A table with a header (.csv, .tsv), arrays called like inputs and targets (.npz, or one .npy for each), or texts (.txt, a folder)."
)


@click.command(name="train", epilog=f"{SPEC_HELP} With --resume it is the folder of a run.")
@spec_options
@click.option("--data", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help=DATA_HELP)
@click.option("--target", metavar="COLUMNS", help="Of a table: what is to be predicted; several with commas between.")
@click.option("--leave-out", metavar="COLUMNS", help="Of a table: columns that are no features.")
@click.option("--leave-out-missing", is_flag=True, help="Of a table: leave lines with a missing value out.")
@click.option("--optimiser", type=OneOf(LISTS["optimisers"]), default="adam", show_default=True, help="How the weights are changed.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), metavar="R", help="The learning rate. [default: the optimiser's own]")
@click.option("--batch", type=click.IntRange(1), default=32, show_default=True, metavar="N", help="Examples of a step.")
@click.option("--epochs", type=click.IntRange(1), default=100, show_default=True, metavar="N", help="At most.")
@click.option(
    "--patience", type=click.IntRange(0), default=0, metavar="N", help="Stop after N epochs without a lower cost. [default: never]"
)
@click.option(
    "--held-out",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.2,
    show_default=True,
    metavar="SHARE",
    help="Of the examples, never learned from.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="The same seed gives the same weights.")
@click.option(
    "--window", type=click.IntRange(1), metavar="N", help="Of a text: characters of an example, where the network leaves it open."
)
@click.option("--scheduler", metavar="ADDRESS", help="Share the work among the workers of a Dask scheduler, tcp://HOST:PORT.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Share it among N processes of this machine.")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="The folder of the run. [default: run_NAME]")
@click.option("--resume", is_flag=True, help="Go on with the run of a folder, with what it was begun with.")
@click.option("--force", is_flag=True, help="Replace a run, or files that were edited by hand.")
@click.pass_context
def train_command(
    context: click.Context,
    spec: Spec,
    data: tuple[Path, ...],
    target: str | None,
    leave_out: str | None,
    leave_out_missing: bool,
    optimiser: str,
    rate: float | None,
    batch: int,
    epochs: int,
    patience: int,
    held_out: float,
    seed: int,
    window: int | None,
    scheduler: str | None,
    workers: int | None,
    output: Path | None,
    resume: bool,
    force: bool,
) -> None:
    """Train a network on your own data, by a script that you can take away: module, script, weights and history in one folder.

    \b
    Examples:
      chainrule train digits.toml --data digits.csv --target label --patience 8
      chainrule train run_digits --resume
      chainrule train iris.toml --data iris.csv --target species --leave-out id
      chainrule train lenet.toml --data images.npz --optimiser momentum --rate 0.05 -o run
      chainrule train lenet.toml --data 'part-*.npz' --workers 2
      chainrule train language_model.toml --data books/ --window 100
    """
    from chainrule.codegen.checking.gradient_check import checked_module
    from chainrule.codegen.training.choices import TrainingChoices
    from chainrule.codegen.training.data_set import DataSet, expanded, read_data
    from chainrule.codegen.training.distributed_run import train_distributed
    from chainrule.codegen.training.given import Given, given
    from chainrule.codegen.training.parts import Parts, parts_of
    from chainrule.codegen.training.run import begin, train
    from chainrule.codegen.training.run_folder import found_run
    from chainrule.codegen.training.text import Text, is_text, text_of, windows_of
    from chainrule.symbolic.derivation.chain_rule import derive

    from .progress import shown_progress

    if scheduler is not None and workers is not None:
        raise InvalidDescription("--scheduler and --workers: say one of them; a scheduler has workers of its own")
    is_shared = scheduler is not None or workers is not None
    takes: Sequence[Given] = ()
    if resume:
        _refuse_with_resume(context)
        folder = found_run(Path(spec.typed))
        folder.refuse_other_data(is_shared)
    else:
        with shown_progress() as progress:
            progress("deriving")
            description = spec.description()
            derivation = derive(description.network, description.wrt)
            progress("reading the data")
            takes, paths = given(derivation.system), expanded(data)
            if is_shared:
                arrays: DataSet | Parts | Text = parts_of(paths, derivation.system, scales=not description.parameters)
            elif not target and is_text(paths) and (windows := windows_of(takes, window)):
                arrays = text_of(paths, windows)
            else:
                arrays = read_data(paths, takes, _columns(target), _columns(leave_out), leave_out_missing)
            progress("generating and checking the module")
            source = checked_module(derivation, description.front.title, style="fast").source
            choices = TrainingChoices(optimiser, rate, batch, epochs, patience, seed, held_out)
            folder = begin(
                derivation, source, arrays, choices, output or Path(f"run_{derivation.system.name}"), force, description.parameters
            )
    with _shown_epochs() as report:
        history = train_distributed(folder, scheduler, workers, takes, resume, report) if is_shared else train(folder, resume, report)
    best = min(history, key=lambda row: row[2])
    right = f", {best[3]:.1%} of it told right" if len(best) > 3 else ""
    click.echo(f"{len(history)} epochs; the weights of epoch {best[0]:.0f} are kept: cost of what is held out {best[2]:.5f}{right}.")
    click.echo(harmless(f"{folder.path}: {', '.join(sorted(path.name for path in folder.path.iterdir() if path.is_file()))}"))


def _columns(names: str | None) -> list[str]:
    return [name.strip() for name in names.split(",")] if names else []


def _refuse_with_resume(context: click.Context) -> None:
    for parameter in context.command.params:
        given = context.get_parameter_source(parameter.name or "") is not ParameterSource.DEFAULT
        if given and parameter.name not in ("spec", "resume", "scheduler", "workers"):
            raise InvalidDescription(f"{parameter.opts[0]}: a run goes on with what it was begun with; leave this out, or begin a new run")


@contextmanager
def _shown_epochs() -> Iterator[Callable[[Epoch], None]]:
    """On a terminal a bar, elsewhere a line an epoch."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console()
    columns = (TextColumn("epoch {task.completed:.0f} of {task.total:.0f}"), BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=None)

        def report(epoch: Epoch) -> None:
            right = f"   right {epoch.right:.1%}" if epoch.right is not None else ""
            said = f"cost {epoch.cost:.5f}   held out {epoch.held_out_cost:.5f}{right}   {epoch.seconds_left:.0f} s left"
            if console.is_terminal:
                shown.update(task, total=epoch.of, completed=epoch.number, description=said)
            else:
                print(f"epoch {epoch.number:4}   {said}", flush=True)

        yield report


@click.command(name="predict")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--data", multiple=True, required=True, type=click.Path(path_type=Path), metavar="FILE", help=DATA_HELP)
@click.option("--go-on", type=click.IntRange(0), default=0, metavar="N", help="Of a text: N more characters, drawn by their chances.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Of what is drawn.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="A table. [default: printed]")
def predict_command(run: Path, data: tuple[Path, ...], go_on: int, seed: int, output: Path | None) -> None:
    """Say what a trained network tells of new data: labels with the chance of each, or numbers.

    RUN is the folder that `chainrule train` has made.

    \b
    Examples:
      chainrule predict run_digits --data new.csv -o out.csv
      chainrule predict run_language_model --data beginning.txt --go-on 200
    """
    from chainrule.codegen.files.write import write_data
    from chainrule.codegen.training.predictions import predictions
    from chainrule.codegen.training.run_folder import found_run

    table = predictions(found_run(run), data, go_on, seed)
    if output is None:
        click.echo(harmless(table), nl=False)
    else:
        write_data(output, table)
