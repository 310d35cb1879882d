"""Measurements as a Markdown table and as a picture."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from measuring import Spread, Timing
from nets import NETS

#: One type and number of threads: the networks' timings by name.
Timings = Mapping[str, Timing]


def machine() -> str:
    versions = [f"Python {platform.python_version()}"]
    for package in ("numpy", "sympy", "torch", "jax", "autograd"):
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return f"{processor()}, {os.cpu_count()} cores, {platform.system()}; {', '.join(versions)}"


def busy() -> str:
    """A line where others are at work on this machine: threads that wait for each other then wait for a turn of the processor."""
    load, cores = (os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0), os.cpu_count() or 1
    return f"The machine is busy (load {load:.1f} on {cores} cores): figures of several threads mean little.\n" if load > cores / 2 else ""


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def seconds(value: float) -> str:
    return f"{value * 1e6:.3g} µs" if value < 1e-3 else f"{value * 1e3:.3g} ms"


def ratio(spread: Spread) -> str:
    low, middle, high = (f"{value:.2f}" if value < 10 else f"{value:.0f}" for value in (spread.low, spread.middle, spread.high))
    return f"{middle} ({low}–{high})"


def table(timings: Timings, peers: Sequence[str]) -> str:
    lines = [f"| net | ours | {' | '.join(peers)} |", "| --- | ---: |" + " ---: |" * len(peers)]
    for name, timing in timings.items():
        cells = [ratio(timing.ratios[peer]) for peer in peers]
        lines.append(f"| {name}: {NETS[name].title} | {seconds(timing.seconds.middle)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def heading(type_name: str, threads: int) -> str:
    return f"{type_name}, {threads} {'thread' if threads == 1 else 'threads'}: the peer's time divided by ours, median (quartiles)"


def draw(measurements: Mapping[tuple[str, int], Timings], peers: Sequence[str], path: Path) -> None:
    """A row of charts for each type and number of threads, a chart for each network, a bar for each peer."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullFormatter, StrMethodFormatter

    columns = max(len(timings) for timings in measurements.values())
    figure = Figure(figsize=(2.2 * columns + 1, 2.8 * len(measurements)), layout="constrained")
    axes = figure.subplots(len(measurements), columns, squeeze=False, sharey=True)
    for line, ((type_name, threads), timings) in zip(axes, measurements.items(), strict=True):
        for axis, (name, timing) in zip(line, timings.items(), strict=True):
            spreads = [timing.ratios[peer] for peer in peers]
            middles = [spread.middle for spread in spreads]
            errors = [[s.middle - s.low for s in spreads], [s.high - s.middle for s in spreads]]
            heights, colours = [middle - 1 for middle in middles], [f"C{number}" for number in range(len(peers))]
            # Bars start at 1, where both take the same time: up is slower than ours, down is faster.
            axis.bar(range(len(peers)), heights, bottom=1, yerr=errors, color=colours)
            axis.axhline(1, color="black", linewidth=1)
            axis.set_yscale("log")
            axis.yaxis.set_major_locator(FixedLocator([number * 10.0**power for power in range(-3, 5) for number in (1, 2, 5)]))
            axis.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.yaxis.set_minor_formatter(NullFormatter())
            axis.set_xticks(range(len(peers)), peers, rotation=60, ha="right", fontsize=7)
            axis.set_title(f"{name}: {seconds(timing.seconds.middle)}", fontsize=9)
        line[0].set_ylabel(f"{type_name}, {threads} thr.\ntime / ours", fontsize=8)
    figure.savefig(path, dpi=150)
