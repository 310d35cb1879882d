"""How long `chainrule build` takes for large networks, with Markdown, and how much memory: each in a process of its own, in turn.

    python tests/benchmarks/build_times.py [--networks dense200,lstm4,…]

Seconds of processor time are both cores' together; on a machine with other work the seconds that pass say little. On two cores of 2026
that a dozen other processes shared, each checked at its own sizes with so many examples:

    network     s of processor time     MB      moved along random directions      examples
    dense200    11                      239     in 30 groups                       5
    lstm4       14                      186     all at once                        2
    unet        86                      1889    all at once                        3
    resnet18    24                      913     all at once                        2
    vgg16       122                     3835    all at once                        2
    gpt2        103                     3746    all at once                        2
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from large_networks import LARGE


def build(name: str, folder: Path) -> str:
    """One row of the table: the name, seconds that passed, seconds of processor time, MB, what the build said last."""
    spec = folder / f"{name}.toml"
    spec.write_text(LARGE[name](), encoding="utf-8")
    command = [sys.executable, "-m", "chainrule", "build", str(spec), "-o", str(folder / name), "--formats", "md"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    passed = time.perf_counter() - start
    last = said.strip().splitlines()[-1:] or [""]
    memory = used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return f"| {name} | {passed:.0f} | {used.ru_utime + used.ru_stime:.0f} | {memory:.0f} | {last[0]} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default=",".join(LARGE))
    names = parser.parse_args().networks.split(",")
    print("| network | s | s of processor time | MB | |\n| --- | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            print(build(name, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
