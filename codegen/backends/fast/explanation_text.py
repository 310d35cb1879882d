"""An explanation of a module in `fast` style as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from .amounts import Amount
from .explanation import ESTIMATED, Explanation, PassReport
from .memory_size import FLOAT_TYPES, Storage

UNITS = ("", "k", "M", "G", "T", "P")


def explanation_parts(explained: Explanation) -> Iterator[RenderableType]:
    """Tables and sentences, from top to bottom."""
    at = ", ".join(f"{name} = {size:,}" for name, size in explained.sizes.items())
    yield Text(f"\n{explained.name} in fast style{f', at {at}' if at else ''}")
    yield _estimates(explained)
    yield _passes(explained)
    if explained.reasons:
        yield Text("As in plain style, with new arrays at each call:")
        for name, reason in explained.reasons.items():
            yield Text(f"  {name}: {reason}")
    else:
        yield Text("Nothing is printed as in plain style.")
    yield _memory(explained)
    yield Text("The data and the objects of Python itself, some 100 bytes for each view, come on top.")


def _estimates(explained: Explanation) -> Table:
    table = Table(box=SIMPLE_HEAD, title="Estimates for a step", title_justify="left")
    table.add_column("")
    table.add_column("formula")
    table.add_column("value", justify="right")
    width = FLOAT_TYPES[ESTIMATED]
    for title, amount in (
        ("floating-point operations", explained.work.flops),
        (f"bytes moved, {ESTIMATED}", explained.work.moved * width),
        ("NumPy calls", explained.work.calls),
    ):
        table.add_row(title, str(amount), short(amount.at(explained.sizes)))
    return table


def _passes(explained: Explanation) -> Table:
    table = Table(box=SIMPLE_HEAD, title="What each pass did, and what it saves", title_justify="left")
    table.add_column("pass", no_wrap=True)
    table.add_column("did")
    for title in ("operations", "bytes moved", "calls", "memory"):
        table.add_column(title, justify="right")
    for report in explained.passes:
        table.add_row(report.entry.name, *_pass_cells(report))
    return table


def _pass_cells(report: PassReport) -> list[str]:
    if report.saves is None:
        return ["switched off", "", "", "", ""]
    saves = report.saves
    cells = [short(number) if number else "" for number in (saves.flops, saves.bytes_moved, saves.calls, saves.memory)]
    return [report.did or ("" if any(cells) else "nothing to do"), *cells]


def _memory(explained: Explanation) -> Table:
    table = Table(box=SIMPLE_HEAD, title="Memory of a step in bytes", title_justify="left")
    table.add_column("")
    table.add_column("formula, float32")
    for dtype in FLOAT_TYPES:
        table.add_column(dtype, justify="right")
    memory = explained.memory
    for title, storage in (
        ("parameters", memory.parameters),
        ("gradients", memory.gradients),
        ("workspace", memory.workspace),
        ("in a call", memory.in_call),
    ):
        if storage != Storage():
            table.add_row(title, *_memory_cells(storage, explained))
    table.add_section()
    table.add_row("peak", *_memory_cells(memory.whole, explained))
    return table


def _memory_cells(storage: Storage, explained: Explanation) -> list[str]:
    amounts: list[Amount] = [storage.bytes(dtype) for dtype in FLOAT_TYPES]
    return [str(amounts[0]), *(f"{amount.at(explained.sizes):,}" for amount in amounts)]


def short(number: int) -> str:
    """13,400,000 as 13.4 M."""
    value, place = float(number), 0
    while abs(value) >= 999.5 and place < len(UNITS) - 1:
        value, place = value / 1000, place + 1
    return f"{value:.3g} {UNITS[place]}".rstrip()
