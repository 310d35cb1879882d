"""`chainrule import`."""

from __future__ import annotations

from pathlib import Path

import click

from .completion import Word
from .listings import LISTS
from .messages import harmless


@click.command(name="import")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="The folder to write to. [default: the present one]")
@click.option(
    "--cost", type=Word(LISTS["costs"]), metavar="NAME", help="What is minimised; without it the description has a line to fill in."
)
@click.option("--name", metavar="NAME", help="Of the network and its files. [default: the model's file]")
@click.option("--force", is_flag=True, help="Replace a description even where it was edited by hand.")
def import_command(model: Path, output: Path | None, cost: str | None, name: str | None, force: bool) -> None:
    """Take over a model that exists: NAME.toml describes it, NAME_weights.npz has its weights.

    MODEL is an ONNX file (.onnx), a program that torch.export.save wrote (.pt2), a model of Keras (.keras), or
    the configuration of one (config.json), which has no weights.

    \b
    Examples:
      chainrule import lenet.onnx --cost cross_entropy
      chainrule import lenet.onnx --cost cross_entropy -o lenet --name lenet5
    """
    from dataclasses import replace

    from chainrule.codegen.importers.registry import read_model
    from chainrule.codegen.importers.written import import_files, usable
    from chainrule.symbolic.layers.network import usable_name

    from .progress import shown_progress

    with shown_progress() as progress:
        progress("reading the model")
        graph = read_model(model)
        progress("writing its equations")
        graph = replace(graph, name=usable_name(name) if name else usable(model.stem))
        paths, imported = import_files(graph, output or Path(), cost, force)
    for path in paths:
        print(path)
    for remark in imported.remarks:
        click.echo(harmless(f"{remark[:1].upper()}{remark[1:]}."))
    if cost is None:
        click.echo(
            f"Say in {paths[0]} what is to be minimised: there are lines for it, or run this again with --cost (chainrule list costs)."
        )
