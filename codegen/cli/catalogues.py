"""All that a catalogue translates: every sentence, by its key, and the words of the templates.

    python -m chainrule.codegen.cli.catalogues

brings the catalogues up to date after a sentence was added or changed: new ones come without a translation, which a test reports.
"""

from __future__ import annotations

from importlib import resources
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

from chainrule.codegen.templating.environments import html_environment, latex_environment, text_environment
from chainrule.codegen.words.layer_words import Message, kind_message, option_message
from chainrule.codegen.words.sentences import ENGLISH, ENGLISH_FOR_ONE
from chainrule.codegen.words.translation import LANGUAGES
from chainrule.symbolic.layers import KINDS

FOLDER = Path(__file__).parent.parent / "words" / "translations"


def messages() -> Catalog:
    """Every message once: a sentence and the words of a layer with their key as the context, words of templates without one."""
    found = Catalog(project="chainrule")
    for key, sentence in ENGLISH.items():
        found.add((ENGLISH_FOR_ONE[key][1], sentence) if key in ENGLISH_FOR_ONE else sentence, context=key)
    for key, words in layer_messages().items():
        found.add(words, context=key)
    for words in _words_of_templates():
        found.add(words)
    return found


def layer_messages() -> dict[str, str]:
    """The words of all kinds of layers and their options, by their keys; those that no catalogue translates stay as they are."""
    found: list[Message] = []
    for name, kind in KINDS.items():
        found.append(kind_message(name))
        found += [option_message(name, key, choice) for key, option in kind.options.items() for choice in option.choices or (None,)]
    return dict(found)


def _words_of_templates() -> list[str]:
    """What templates have in `_(…)`, in the order of their names."""
    environments: dict[str, Environment] = {
        ".html.jinja": html_environment(),
        ".tex.jinja": latex_environment(),
        ".md.jinja": text_environment(),
    }
    words: dict[str, None] = {}
    for template in sorted(resources.files("chainrule.templates").iterdir(), key=lambda entry: entry.name):
        for ending, environment in environments.items():
            if template.name.endswith(ending):
                found = environment.extract_translations(template.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
                words |= {text: None for _, _, text in found if isinstance(text, str)}
    return list(words)


def update(path: Path, wanted: Catalog) -> None:
    """A catalogue with all messages that are wanted and no others, under its own head.

    A new sentence waits there for its translation, which the words of a new kind of layer do not need.
    A translation stays; where the English sentence of a key is another now, it is marked as fuzzy and not used until somebody has looked.
    """
    with path.open("rb") as file:
        before = read_po(file, locale=LANGUAGES[path.stem].locale)
    named = layer_messages()
    of_key = {message.context: message for message in before if message.context}
    after = Catalog(locale=LANGUAGES[path.stem].locale)
    for message in wanted:
        if not message.id:
            continue
        kept = of_key.get(message.context) if message.context else before.get(message.id)
        if kept is None and message.context in named:
            continue
        flags = kept.flags if kept and kept.id == message.id else {"fuzzy"}
        after.add(message.id, kept.string if kept else None, flags=flags if kept else (), context=message.context)
    head, _, _ = path.read_text(encoding="utf-8").partition("\n\n")
    body = BytesIO()
    write_po(body, after, width=0, no_location=True, omit_header=True)
    path.write_text(f"{head}\n\n{body.getvalue().decode()}", encoding="utf-8")


if __name__ == "__main__":
    for tag in LANGUAGES:
        if (FOLDER / f"{tag}.po").exists():
            update(FOLDER / f"{tag}.po", messages())
