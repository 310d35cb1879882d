"""Programs of PyTorch: a module as `torch.export` writes it down, and what `torch.export.save` made a file of.

PyTorch's own loader unpickles what a file says it should, and takes the text of sizes as Python's. So a file is looked through before:
arrays are bytes, sizes are arithmetic, and the example inputs, which are a pickle always, are left out.
"""

from __future__ import annotations

import io
import json
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from chainrule.codegen.files.read import read_bytes
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.first_line import first_line

from .graph import Graph
from .onnx_file import LONGEST_SAID, MOST_BYTES_OF_MODEL
from .torch_graph import TorchReader

WITHOUT_TORCH = "to read programs of PyTorch the package torch is needed: pip install torch"
PICKLES = (
    "found a pickle, which is a program that runs when it is read; expected a .pt2 file, by "
    "torch.export.save(torch.export.export(module, (inputs,)), 'model.pt2')"
)
#: What sizes are written with, as Mul(Integer(2), Symbol('s31', positive=True, integer=True)); no attribute is asked for.
IN_SIZES = re.compile(r"[A-Za-z]\w*|'\w+'|\d+(?:\.\d+)?|[-+*/%(),= ]")
WORDS_OF_SIZES = set(
    "Symbol Integer Rational Float Add Mul Pow Max Min Mod PythonMod FloorDiv CeilDiv CleanDiv IntTrueDiv ModularIndexing Abs "
    "positive nonnegative integer real True False precision".split()
)
MOST_LETTERS_OF_SIZE = 1000


def read_torch(path: str | Path) -> Graph:
    """The graph of a file that `torch.export.save` wrote.

    Raises:
        InvalidDescription: where PyTorch is missing, the file is no whole program or one that could run something, or of other operators.
    """
    content = checked_archive(read_bytes(Path(path), f"{path}: ", "a program in a .pt2 file", MOST_BYTES_OF_MODEL), str(path))
    torch = _torch()
    with _quiet():
        try:
            program = torch.export.load(io.BytesIO(content))
        except Exception as problem:
            raise InvalidDescription(
                f"{path}: PyTorch {torch.__version__} cannot read this file ({first_line(problem)[:LONGEST_SAID]})"
            ) from None
        return TorchReader(program, str(path)).graph(Path(path).stem)


def module_graph(module: Any, example_inputs: Any) -> Graph:
    """The graph of a module, for batches of any size; in training or not, as the module is.

    Raises:
        InvalidDescription: where PyTorch cannot write the module down, or there is an operator without equations.
    """
    torch = _torch()
    if not isinstance(module, torch.nn.Module):
        raise InvalidDescription(f"from_torch: found {type(module).__name__}, expected a torch.nn.Module")
    given = tuple(example_inputs) if isinstance(example_inputs, (tuple, list)) else (example_inputs,)
    if not given or not all(isinstance(each, torch.Tensor) and each.ndim for each in given):
        raise InvalidDescription(
            "from_torch: expected example inputs that are tensors with an axis of examples, as torch.randn(2, 3, 28, 28)"
        )
    # A size of 1 would be taken for one that is always 1.
    given = tuple(torch.cat([each, each]) for each in given) if all(len(each) == 1 for each in given) else given
    name = type(module).__name__
    with _quiet(), _masks_as_given(torch):
        try:
            free = torch.export.ShapesCollection()
            for each in given:
                free[each] = {0: torch.export.Dim.AUTO}
            program = torch.export.export(module, given, dynamic_shapes=free)
        except Exception as problem:
            raise InvalidDescription(
                f"{name}: torch.export cannot write this module down as one program ({first_line(problem)[:LONGEST_SAID]})"
            ) from None
        return TorchReader(program, name).graph(name)


def checked_archive(content: bytes, where: str) -> bytes:
    """The archive without its pickles.

    Raises:
        InvalidDescription: where it is none, needs a pickle, or says a size by other than arithmetic.
    """
    kept = io.BytesIO()
    try:
        with ZipFile(io.BytesIO(content)) as archive, ZipFile(kept, "w") as written:
            members = archive.infolist()
            if not any(member.filename.endswith("models/model.json") for member in members):
                raise InvalidDescription(f"{where}: {PICKLES}" if _is_pickled(members) else f"{where}: found no program in this archive")
            if sum(member.file_size for member in members) > MOST_BYTES_OF_MODEL:
                raise InvalidDescription(f"{where}: found more than {MOST_BYTES_OF_MODEL} bytes unpacked, expected at most that")
            for member in members:
                data = b"" if "/sample_inputs/" in member.filename else archive.read(member)
                if member.filename.endswith(".json"):
                    _check(json.loads(data), where)
                written.writestr(ZipInfo(member.filename), data)
    except (BadZipFile, ValueError, RecursionError, NotImplementedError, RuntimeError, EOFError, MemoryError) as problem:
        pickled = content[:1] == b"\x80"
        raise InvalidDescription(
            f"{where}: {PICKLES if pickled else f'no whole .pt2 file ({first_line(problem)[:LONGEST_SAID]})'}"
        ) from None
    return kept.getvalue()


def _is_pickled(members: list[ZipInfo]) -> bool:
    return any(member.filename.endswith(".pkl") for member in members)


def _check(found: Any, where: str) -> None:
    """A part of the program's JSON, with all that is in it."""
    if isinstance(found, dict):
        if found.get("use_pickle"):
            raise InvalidDescription(f"{where}: {PICKLES}")
        size = found.get("expr_str")
        if size is not None and not _is_arithmetic(size):
            raise InvalidDescription(f"{where}: found the size {str(size)[:60]!r}, expected arithmetic")
    for each in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        if isinstance(each, (dict, list)):
            _check(each, where)


def _is_arithmetic(size: object) -> bool:
    if not isinstance(size, str) or len(size) > MOST_LETTERS_OF_SIZE or IN_SIZES.sub("", size):
        return False
    words = (part for part in IN_SIZES.findall(size) if part[0].isalpha())
    return all(word in WORDS_OF_SIZES or re.fullmatch(r"[su]\d+", word) for word in words)


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise InvalidDescription(WITHOUT_TORCH) from None
    return torch


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the lines that PyTorch writes of what it finds, which are not about the user's model."""
    before = logging.root.manager.disable
    try:
        logging.disable(logging.CRITICAL)
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


@contextmanager
def _masks_as_given(torch: Any) -> Iterator[None]:
    """Masks of attention are added as they are: PyTorch's transformers look at their numbers for whether one is causal, which only says
    that it may be computed faster, and there are no numbers while a program is written down.
    """
    module = torch.nn.modules.transformer
    before = getattr(module, "_detect_is_causal_mask", None)
    try:
        if before is not None:
            module._detect_is_causal_mask = lambda mask, is_causal=None, size=None: bool(is_causal)
        yield
    finally:
        if before is not None:
            module._detect_is_causal_mask = before
