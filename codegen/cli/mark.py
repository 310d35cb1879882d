"""`chainrule mark`."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule.symbolic.index.failures import CheckFailed, InvalidDescription

from .completion import OneOf
from .listings import LISTS
from .messages import harmless
from .options import SPEC_HELP, Spec, spec_options

#: Works that a message names.
MOST_NAMED = 5


@click.command(name="mark", epilog=SPEC_HELP)
@spec_options
@click.argument("works", nargs=-1, required=True, metavar="WORK...", type=click.Path(path_type=Path))
@click.option("--function", metavar="NAME", help="The one function of a work that is meant. [default: those that the work does not call]")
@click.option("--language", type=OneOf(LISTS["languages"]), metavar="TAG", help="Of what is said: en, zh-TW or zh-CN. [default: en]")
@click.option("--hints", is_flag=True, help="The line and the kind of a mistake, without the right formula.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="All of it as data.")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="A row for each work.")
def mark_command(
    spec: Spec,
    works: tuple[Path, ...],
    function: str | None,
    language: str | None,
    hints: bool,
    json_file: Path | None,
    csv_file: Path | None,
) -> None:
    """Mark a user's own NumPy code or formulas line by line: which line is wrong, and what is wrong with it.

    WORK is a file of Python code (.py, .ipynb), which is read and never run, or of formulas (.txt, .tex, .md).
    Exit status 1 where something is wrong or missing, 2 where a work cannot be read; the others are marked all the same.

    \b
    Examples:
      chainrule mark mazur.toml backward.py
      chainrule mark mazur.toml derivation.txt
      chainrule mark 784-16-16-10 model.py --function backward
      chainrule mark mazur.toml works/*.py --hints --csv marks.csv
    """
    from chainrule.codegen.files.write import write_data
    from chainrule.codegen.marking.mark import Marker
    from chainrule.codegen.marking.report import as_csv, as_json, report, table
    from chainrule.codegen.marking.several import marked_files
    from chainrule.codegen.words.translation import speaking
    from chainrule.symbolic.derivation.chain_rule import derive

    from .progress import shown_progress

    with shown_progress() as progress, speaking(language or "en"):
        progress("deriving")
        description = spec.description()
        marker = Marker(derive(description.network, description.wrt), description.symbols)
        found = marked_files(marker, works, function, progress)
    problems = [work.problem for work in found if work.problem is not None]
    with speaking(language or "en"):
        lines = table(found) if len(works) > 1 else report(found[0], not hints) if not problems else ()
        for line in lines:
            click.echo(harmless(line))
    for file, text in ((json_file, as_json(found, not hints)), (csv_file, as_csv(found))):
        if file is not None:
            write_data(file, text)
    if problems:
        raise InvalidDescription("\n".join(problems))
    wrong = [work.file for work in found if not work.is_right]
    if wrong:
        named = ", ".join(wrong) if len(wrong) <= MOST_NAMED else f"{len(wrong)} of {len(found)} works"
        raise CheckFailed(f"something is wrong or missing in {named}")
