"""The cost and all gradients of small and large networks: generated modules, in C and in NumPy, and peers, on the same arrays.

python tests/benchmarks/speed.py [--nets a,b] [--types float32] [--threads 1] [--rounds 30] [--compile] [--picture FILE.png]

A process of its own for each type and number of threads, since the libraries read at their start how many they may use.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from measuring import PAUSE, ROUNDS, TOLERANCES, Timing, measured
from nets import NETS
from peers import chosen
from printing import busy, draw, heading, machine, table
from targets import TARGETS, target_table


def words_of(allowed: Sequence[str]) -> Callable[[str], list[str]]:
    """A list with commas, each word one of those allowed."""

    def read(text: str) -> list[str]:
        words = text.split(",")
        for word in words:
            if word not in allowed:
                raise argparse.ArgumentTypeError(f"found {word!r}, expected {', '.join(allowed)}")
        return words

    return read


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", type=words_of(list(NETS)), default=list(NETS), help="which networks")
    parser.add_argument("--types", type=words_of(list(TOLERANCES)), default=list(TOLERANCES), help="float32, float64 or both")
    parser.add_argument("--threads", type=words_of(["1", "2"]), default=["1", "2"], help="1, 2 or both")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how many times everybody has a turn")
    parser.add_argument("--compile", action="store_true", help="measure torch.compile too")
    parser.add_argument("--picture", type=Path, help="write a bar chart")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    found = parser.parse_args(words)
    if found.rounds < 1:
        parser.error(f"--rounds: found {found.rounds}, expected at least 1")
    if found.picture and found.picture.suffix != ".png":
        parser.error(f"--picture: found {found.picture}, expected a name that ends in .png")
    return found


#: They make OpenBLAS take other kernels than those for the processor, as some machines that are shared have them set.
KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def environment(type_name: str, threads: int) -> dict[str, str]:
    """How many threads each library may use, whether JAX keeps 64 bits, and no choice of kernels for one library alone."""
    variables = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    flags = f"--xla_cpu_multi_thread_eigen={'false' if threads == 1 else 'true'} intra_op_parallelism_threads={threads}"
    inherited = {name: value for name, value in os.environ.items() if name not in KERNELS}
    return {**inherited, **variables, "XLA_FLAGS": flags, "JAX_ENABLE_X64": str(int(type_name == "float64")), "JAX_PLATFORMS": "cpu"}


def in_a_process(options: argparse.Namespace, type_name: str, threads: int) -> dict[str, Timing]:
    command = [sys.executable, __file__, "--child", "--nets", ",".join(options.nets), "--types", type_name, "--threads", str(threads)]
    command += ["--rounds", str(options.rounds), *(["--compile"] if options.compile else [])]
    found = subprocess.run(command, env=environment(type_name, threads), stdout=subprocess.PIPE, text=True)
    if found.returncode:
        raise SystemExit(found.returncode)
    lines = json.loads(found.stdout.splitlines()[-1])
    return {name: Timing(line) for name, line in lines.items()}


def child(options: argparse.Namespace) -> None:
    """One type, one number of threads: measure, and print what was found as JSON."""
    (type_name,), (threads,) = options.types, options.threads
    peers, _ = chosen(options.compile)
    if any(peer.name.startswith("torch") for peer in peers):
        import torch

        torch.set_num_threads(int(threads))
    found = {}
    for name in options.nets:
        print(f"{type_name}, {threads} thr.: {NETS[name].title}", file=sys.stderr, flush=True)
        try:
            pause = PAUSE if int(threads) > 1 else 0
            found[name] = measured(NETS[name], peers, type_name, options.rounds, pause).rounds
        except AssertionError as disagreement:
            raise SystemExit(str(disagreement)) from None
    print(json.dumps(found))


def main(words: Sequence[str]) -> None:
    options = arguments(words)
    if options.child:
        child(options)
        return
    peers, left_out = chosen(options.compile)
    names = [peer.name for peer in peers]
    print(machine())
    print(busy(), end="")
    print("\n".join(left_out), end="\n" if left_out else "")
    measurements = {}
    for threads in map(int, options.threads):
        for type_name in options.types:
            timings = measurements[type_name, threads] = in_a_process(options, type_name, threads)
            print(f"\n{heading(type_name, threads, names[0])}\n\n{table(timings, names)}", flush=True)
            if (type_name, threads) == ("float32", 1):
                for own in filter(TARGETS.get, names):
                    print(f"\n{target_table(timings, own)}", flush=True)
    if options.picture and importlib.util.find_spec("matplotlib"):
        draw(measurements, names, options.picture)
    elif options.picture:
        print("\nNo picture: matplotlib is not installed.")


if __name__ == "__main__":
    main(sys.argv[1:])
