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


def table(timings: Timings, names: Sequence[str]) -> str:
    """The time of the first, and that of the others divided by it."""
    unit, *others = names
    lines = [f"| net | {unit} | {' | '.join(others)} |", "| --- | ---: |" + " ---: |" * len(others)]
    for net, timing in timings.items():
        cells = [ratio(timing.ratio(other, unit)) for other in others]
        lines.append(f"| {net}: {NETS[net].title} | {seconds(timing.seconds(unit).middle)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def heading(type_name: str, threads: int, unit: str) -> str:
    return f"{setting(type_name, threads)}: the time in {unit}, and that of others divided by it, median (quartiles)"


def setting(type_name: str, threads: int) -> str:
    return f"{type_name}, {threads} {'thread' if threads == 1 else 'threads'}"


#: A mark for each name, in turn: those that lie on each other can be told apart by form too.
MARKS = "osD^vP*X<>"


def draw(measurements: Mapping[tuple[str, int], Timings], names: Sequence[str], path: Path) -> None:
    """A chart for each type and number of threads, a line for each network: how many times as long as the first everybody takes."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    unit, *_ = names
    heights = [0.34 * len(timings) + 0.7 for timings in measurements.values()]
    figure = Figure(figsize=(9.6, sum(heights) + 0.4), layout="constrained")
    axes = figure.subplots(len(measurements), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
    for axis, ((type_name, threads), timings) in zip(axes, measurements.items(), strict=True):
        places = range(len(timings))
        for number, name in enumerate(names):
            middles = [timing.ratio(name, unit).middle for timing in timings.values()]
            axis.plot(middles, places, MARKS[number % len(MARKS)], color=f"C{number}", markersize=6, alpha=0.85, label=name)
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.xaxis.set_minor_formatter(NullFormatter())
        titles = [f"{NETS[net].title}: {seconds(timing.seconds(unit).middle)}" for net, timing in timings.items()]
        axis.set_yticks(places, titles, fontsize=8)
        axis.invert_yaxis()
        axis.grid(color="#ddd", linewidth=0.6)
        axis.axvline(1, color="black", linewidth=0.8)
        axis.set_title(setting(type_name, threads), fontsize=9)
        axis.tick_params(axis="x", labelsize=8)
    axes[-1].set_xlabel(f"time divided by that of {unit}: right of 1 is slower", fontsize=8)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=5, fontsize=8, frameon=False)
    figure.savefig(path, dpi=150)
