"""Types of arguments that a shell completes: words out of a list, one or several, and descriptions.

The words are asked for when a shell or a check needs them, so that to complete the name of an option nothing large is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete, add_completion_class

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .listings import Meanings


class Completed(click.types.StringParamType):
    """A text, of which a shell is offered what may follow."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            return self.offered(ctx, incomplete)
        except Exception:
            # Whatever is wrong: it would be printed into the line that is being typed.
            return []

    def offered(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What begins like the incomplete word."""
        raise NotImplementedError


class ParameterName(Completed):
    """A parameter of the description that was typed before."""

    def offered(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from chainrule.codegen.descriptions.reader import read_description

        # While an option has no value yet, click leaves the arguments unread.
        spec = ctx.params["spec"] or ctx.args[0]
        choices = {option: ctx.params[option] for option in ("activation", "cost", "targets")}
        names = [tensor.name for tensor in read_description(spec, **choices).system.parameters]
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@dataclass(frozen=True)
class Word(Completed):
    """Any text, for which words are offered, each with its meaning."""

    words: Callable[[], Meanings]

    def offered(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(word, help=meaning) for word, meaning in self.words().items() if word.startswith(incomplete)]


class WordOrFile(Word):
    """A word or a TOML file."""

    def offered(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return super().offered(ctx, incomplete) + toml_files(incomplete)


class FileOrWord(Word):
    """A TOML file; words are offered where no file begins so."""

    def offered(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return toml_files(incomplete) or super().offered(ctx, incomplete)


class OneOf(Word):
    """A word out of the list and no other."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if ctx is None or ctx.resilient_parsing else self.checked([value], param)[0]

    def checked(self, chosen: Sequence[str], param: click.Parameter | None) -> tuple[str, ...]:
        """The chosen words, each one of the list."""
        allowed = self.words()
        for value in chosen:
            if value not in allowed:
                option = f"{param.opts[-1]}: " if param else ""
                raise InvalidDescription(f"{option}found {value!r}; {expected_one_of(value, allowed)}")
        return tuple(chosen)


class SeveralOf(OneOf):
    """Words out of the list, with commas between."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if ctx is None or ctx.resilient_parsing or not isinstance(value, str):
            return value
        return self.checked([part.strip() for part in value.split(",") if part.strip()], param)

    def offered(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        before, comma, last = incomplete.rpartition(",")
        items = super().offered(ctx, last)
        return [CompletionItem(before + comma + item.value, help=item.help) for item in items if item.value not in before.split(",")]


def toml_files(incomplete: str) -> list[CompletionItem]:
    """TOML files and folders whose path begins so.

    After a single word a shell sets a space; where that is a folder, what is in it is offered, which begins alike.
    """
    folder, slash, start = incomplete.rpartition("/")
    entries = [
        f"{entry.name}/" if entry.is_dir() else entry.name
        for entry in sorted(Path(folder + slash).expanduser().iterdir())
        if entry.name.startswith(start) and entry.name.startswith(".") == start.startswith(".")
    ]
    found = [name for name in entries if name.endswith(("/", ".toml"))]
    if any(quote(name) != name for name in found):
        # What has to be quoted, the shell completes itself.
        return [CompletionItem(incomplete, type="file")]
    if len(found) == 1 and found[0].endswith("/"):
        return toml_files(folder + slash + found[0])
    return [CompletionItem(folder + slash + name) for name in found]


class Shell(ShellComplete):
    """A shell where `--option=value` completes as `--option value` does: for some this is one word, for bash it is three."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        option, equals, _ = incomplete.partition("=")
        before = option + equals if equals and option.startswith("--") else ""
        found = super().get_completions(args[:-1] if args[-1:] == ["="] else args, incomplete)
        return [CompletionItem(before + item.value, item.type, item.help) for item in found]


@add_completion_class
class Bash(Shell, BashComplete):
    """As click has it."""


@add_completion_class
class Zsh(Shell, ZshComplete):
    """As click has it."""


@add_completion_class
class Fish(Shell, FishComplete):
    """Click's script for fish cuts off a word at its first comma; only the comma after the type of a completion is one to split at."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')
