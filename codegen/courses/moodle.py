"""Questions for the question bank of Moodle: <https://docs.moodle.org/en/Moodle_XML_format>, and for gaps
<https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type>.

A question stands by itself, whatever quiz it is drawn into: it has the network below it, and the student's numbers where it needs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from chainrule.codegen.document.document import Paragraph
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.exercises.answers import (
    Answer,
    ChoiceAnswer,
    CountsAnswer,
    GapAnswer,
    NumberAnswer,
    OrderAnswer,
    SelectionAnswer,
    ShapesAnswer,
    TruthAnswer,
)
from chainrule.codegen.exercises.question import Question
from chainrule.codegen.exercises.sheet import Exercises
from chainrule.codegen.formats.markdown import formula_text
from chainrule.codegen.templating.environments import one_line
from chainrule.codegen.words.sentences import formula, say
from chainrule.codegen.words.translation import spoken_language

from .course import Course
from .moodle_html import moodle_html, moodle_sentence

#: What Moodle takes off for each wrong try, where several are allowed.
PENALTY = "0.3333333"
#: Fractions are percentages with so many digits; others Moodle refuses.
DIGITS = 7


def render_moodle(course: Course) -> str:
    """The file. Same questions, same text."""
    asked = course.exercises
    questions = [_question(course, number, question) for number, question in enumerate(asked.questions, 1)]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", _category(asked), *questions, "</quiz>"]) + "\n"


def _category(asked: Exercises) -> str:
    """A category of its own; a slash in a name is doubled."""
    name = one_line(asked.sheet.front.title).replace("/", "//")
    return f'<question type="category">\n<category><text>{escape(f"$course$/top/{name}")}</text></category>\n</question>'


def _question(course: Course, number: int, question: Question) -> str:
    asked, prompt = course.exercises, moodle_html(question.prompt)
    kind, gaps, parts = _answered(question.answer)
    given = [*asked.forward, *(asked.numbers if question.needs_numbers else ())]
    solution = moodle_html([*question.solution, Paragraph(question.checked)])
    name = f"{course.name} {asked.seed}-{number:02} {question.kind}"
    lines = [
        f'<question type="{kind}">',
        f"<name><text>{escape(name)}</text></name>",
        _html("questiontext", Markup("\n").join([prompt, *gaps, Markup("<hr>"), moodle_html(given)])),
        _html("generalfeedback", solution),
        # A gap says itself how much it is worth.
        *([] if kind == "cloze" else [f"<defaultgrade>{question.points}</defaultgrade>"]),
        f"<penalty>{PENALTY}</penalty>",
        "<hidden>0</hidden>",
        *(parts if kind != "essay" else _essay(question, solution)),
        f"<tags><tag><text>{escape(question.kind)}</text></tag></tags>",
        "</question>",
    ]
    return "\n".join(lines)


def _answered(answer: Answer) -> tuple[str, list[Markup], list[str]]:
    """The type of a question, what is added to its text, and its answers."""
    match answer:
        case NumberAnswer(_, value, tolerance):
            return "numerical", [], [_answer("100", repr(value), [f"<tolerance>{tolerance!r}</tolerance>"])]
        case TruthAnswer(is_true):
            return "truefalse", [], [_answer("100" if value == is_true else "0", str(value).lower()) for value in (True, False)]
        case ChoiceAnswer(options, right):
            return "multichoice", [], _options(list(map(moodle_sentence, options)), {right})
        case SelectionAnswer(options, places):
            return "multichoice", [], _options(list(map(moodle_sentence, options)), set(places), is_single=False)
        case GapAnswer(missing, others) if others:
            written = [moodle_sentence(formula(node)) for node in (missing, *others)]
            return "multichoice", [], _options(written, {0}, is_shuffled=True)
        case OrderAnswer(letters):
            return "matching", [], list(_matching(letters))
        case ShapesAnswer(shapes):
            return "cloze", [_shape(array, shape) for array, shape in shapes], []
        case CountsAnswer(counts):
            colon = "：" if spoken_language().is_chinese else ": "
            return "cloze", [Markup("<p>{}{}{}</p>").format(moodle_sentence(what), colon, _gap(count)) for what, count in counts], []
        case _:
            return "essay", [], []


def _html(tag: str, content: Markup, inside: str = "") -> str:
    return f'<{tag} format="html">{_cdata(content)}{inside}</{tag}>'


def _cdata(content: Markup) -> str:
    """Text that Moodle shows as HTML; the end of CDATA inside of it would end it."""
    safe = str(content).replace("]]>", "]]]]><![CDATA[>")
    return f"<text><![CDATA[{safe}]]></text>"


def _answer(fraction: str, text: str, inside: Sequence[str] = ()) -> str:
    return f'<answer fraction="{fraction}" format="plain_text"><text>{escape(text)}</text>{"".join(inside)}</answer>'


def _options(options: Sequence[Markup], right: set[int], is_single: bool = True, is_shuffled: bool = False) -> list[str]:
    """All right ones together are worth the whole, and so are, below nothing, all wrong ones where several may be chosen."""
    answers = []
    for place, option in enumerate(options):
        wrong = 0 if is_single else -100 / (len(options) - len(right))
        fraction = 100 / len(right) if place in right else wrong
        answers.append(f'<answer fraction="{fraction:.{DIGITS}g}" format="html">{_cdata(option)}</answer>')
    shuffled = str(is_shuffled).lower()
    single = str(is_single).lower()
    return [
        f"<single>{single}</single>",
        f"<shuffleanswers>{shuffled}</shuffleanswers>",
        "<answernumbering>none</answernumbering>",
        *answers,
    ]


def _matching(letters: Sequence[str]) -> Iterator[str]:
    """The places, in their order, each with its letter."""
    yield "<shuffleanswers>false</shuffleanswers>"
    for number, letter in enumerate(letters, 1):
        place = moodle_sentence(say("exercises.line", number=number))
        yield _html("subquestion", place, f"<answer><text>{letter}</text></answer>")


def _shape(array: Node, shape: Sequence[int]) -> Markup:
    r"""dW: □ × □, where each gap takes a whole number."""
    return Markup("<p>{}: {}</p>").format(rf"\({formula_text(array)}\)", " × ".join(map(_gap, shape)))


def _gap(number: int) -> str:
    """One whole number, which has to be right exactly."""
    return f"{{1:NUMERICAL:={number}:0}}"


def _essay(question: Question, solution: Markup) -> list[str]:
    """A person grades it, who sees the solution."""
    return [
        "<responseformat>editor</responseformat>",
        "<responserequired>1</responserequired>",
        f"<responsefieldlines>{max(5, 2 * question.room)}</responsefieldlines>",
        "<attachments>0</attachments>",
        _html("graderinfo", solution),
    ]
