"""Everything from a description: derive, check, generate, check again, write. The pipeline from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.codegen.backends.registry import NUMPY, backend_of, style_of
from chainrule.codegen.checking.gradient_check import CheckedModule, checked_module, ineffective
from chainrule.codegen.courses.course import Course
from chainrule.codegen.courses.registry import COURSE_FORMATS, course_files, refuse_without_questions
from chainrule.codegen.descriptions.reader import Description
from chainrule.codegen.document.document import Document
from chainrule.codegen.exercises.sheet import exercises as exercises_on
from chainrule.codegen.files.array_files import npz_bytes
from chainrule.codegen.files.name_clashes import refuse_neighbours
from chainrule.codegen.files.write import write_all, write_data
from chainrule.codegen.formats.registry import DEFAULT_FORMATS, NOTEBOOK, SLIDES, Files, document_files, exercise_files, slide_files
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.formulas.notation_file import read_notation
from chainrule.codegen.lesson.frames.registry import lecture
from chainrule.codegen.lesson.layer_table import owned_names
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.sections.registry import notebook
from chainrule.codegen.lesson.worked_example import worked_example
from chainrule.codegen.program.derivative_kinds import GRADIENT
from chainrule.codegen.program.program import lower
from chainrule.codegen.templating.own_templates import own_templates, refuse_unknown_layouts
from chainrule.codegen.training.choices import TrainingChoices
from chainrule.codegen.training.run_folder import WEIGHTS
from chainrule.codegen.training.script import script_name, script_source
from chainrule.codegen.training.text import windows_for
from chainrule.symbolic.checking.verification import Verified, verify
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.layers.network import Network

from .handout import HANDOUT_SECTIONS, handout

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Choices:
    """What is made of a description, and how.

    `derivatives` are those that the module computes and the documents derive: "gradient", "hvp", "hessian". `style` is one of STYLES,
    `without` names passes of `fast` style that are left out. Of another `target` than NumPy the module is in place of that in NumPy, which
    documents have all the same. `notation` is the name of one or a user's file; without it, and without
    `language`, the description's are taken. `exercises` is the number of questions of a sheet, 0 for none, and `seed` says which;
    with `seeds` there is a sheet for each of these, whose files have the seed behind their names.
    `length` of the handout is one of LENGTHS; a notebook has always all steps. `training` adds the script that
    trains the module as it says, on text.txt where the network is of text, else on data.npz.
    `markdown` is one of DIALECTS. `templates` is a folder of layouts that are taken in place of ours.
    """

    formats: Sequence[str] = DEFAULT_FORMATS
    derivatives: Sequence[str] = GRADIENT
    style: str = "plain"
    without: Collection[str] = frozenset()
    notation: str | None = None
    language: str | None = None
    exercises: int = 0
    seed: int = 0
    length: str = "short"
    markdown: str = "github"
    seeds: Sequence[int] = ()
    templates: Path | None = None
    training: TrainingChoices | None = None
    target: str = "numpy"


@dataclass(frozen=True)
class Made:
    """The files of a build by their names, before any is written, and what was found."""

    contents: Files
    verified: Verified
    checked: CheckedModule
    derivation: Derivation
    ineffective: tuple[str, ...] = ()


@dataclass(frozen=True)
class Built:
    """What a build has made and found; the cost does not depend on the parameters that are `ineffective`."""

    files: tuple[Path, ...]
    verified: Verified
    checked: CheckedModule
    derivation: Derivation
    ineffective: tuple[str, ...] = ()


def build(
    description: Description,
    directory: Path,
    choices: Choices = Choices(),
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Built:
    """Module, test and documents of a description, everything checked, written into a directory.

    Raises:
        InvalidDescription: where something cannot be made or written.
        CheckFailed: where an equation or a gradient does not hold; then nothing is written.
    """
    refuse_neighbours(directory, description.network.name)
    made = make(description, choices, progress)
    progress("saving")
    written = write_all(directory, made.contents, force)
    if description.weights:
        written.append(directory / description.weights)
        write_data(written[-1], npz_bytes(description.parameters))
    return Built(tuple(written), made.verified, made.checked, made.derivation, made.ineffective)


def make(description: Description, choices: Choices = Choices(), progress: Progress = lambda _: None) -> Made:
    """Everything that a build writes but arrays; raises as it does."""
    refuse_unknown_layouts(choices.templates)
    refuse_without_questions(choices.formats, choices.exercises)
    progress("deriving")
    derivation = derive(description.network, description.wrt)
    progress("checking every step")
    verified = verify(derivation)
    progress("generating and checking the module")
    checked = checked_module(derivation, description.front.title, choices.derivatives, choices.style, choices.without)
    # Before the documents, whose worked example keeps parameters of its own.
    in_vain = ineffective(derivation, checked.module)
    if checked.further:
        progress("checking every step of the further derivatives")
        verified = verified.together(checked.further.verified())
    name = derivation.system.name
    style, module = choices.style, checked
    if choices.target != NUMPY:
        progress("generating, compiling and checking the module of the target")
        style = style_of(choices.target, None)
        module = checked_module(derivation, description.front.title, choices.derivatives, style, choices.without)
    contents: Files = {**backend_of(style).files(module.made, derivation.system, module.further)}
    if choices.training:
        if description.weights == WEIGHTS:
            raise InvalidDescription(f"weights: {WEIGHTS} is what the training script writes; call the file otherwise", ("weights",))
        script = script_source(derivation, choices.training, windows_for(derivation), description.weights)
        contents |= {script_name(name): script}
    if choices.formats:
        progress("writing the documents")
        material = material_of(description, derivation, verified, checked, choices.notation, choices.length)
        language = choices.language or description.language
        with own_templates(choices.templates):
            contents |= _documents(material, language, choices)
            verified = verified.together(material.checker.verified)
            for seed in (choices.seeds or (choices.seed,)) if choices.exercises else ():
                progress(f"making and checking the exercises of seed {seed}")
                asked = exercises_on(material, language, choices.exercises, seed)
                behind = f"_{seed}" if choices.seeds else ""
                contents |= exercise_files(asked.sheet, asked.key, name, _for_people(choices), choices.markdown, behind)
                contents |= course_files(Course(material, asked), choices.formats, behind)
    return Made(contents, verified, checked, derivation, in_vain)


def _documents(material: Material, language: str, choices: Choices) -> Files:
    """The handout in every format that is asked for; what runs the module, and slides, are documents of their own."""
    name, formats = material.system.name, _for_people(choices)
    to_read = [chosen for chosen in formats if chosen not in (NOTEBOOK, SLIDES)]
    files = document_files(handout(material, language), name, to_read, choices.markdown) if to_read else {}
    if SLIDES in formats:
        files |= slide_files(lecture(material, language), name, formats)
    if NOTEBOOK in formats:
        files |= document_files(notebook(material, language), name, [NOTEBOOK])
    return files


def _for_people(choices: Choices) -> list[str]:
    """The formats of documents; the others are made of questions alone."""
    return [chosen for chosen in choices.formats if chosen not in COURSE_FORMATS]


def document_of(
    description: Description,
    derivation: Derivation,
    verified: Verified,
    checked: CheckedModule,
    notation: str | None = None,
    language: str | None = None,
    length: str = "short",
) -> Document:
    """The handout, in no format yet. `notation` is a name or a user's file; without it, the description's own."""
    return handout(material_of(description, derivation, verified, checked, notation, length), language or description.language)


def material_of(
    description: Description,
    derivation: Derivation,
    verified: Verified,
    checked: CheckedModule,
    notation: str | None = None,
    length: str = "short",
) -> Material:
    """What the sections of the handout draw on."""
    example = worked_example(derivation.system, checked.module, description.example, description.layers is not None)
    written = letters_of(description, notation)
    return Material(description, derivation, lower(derivation), checked, verified, example, written, written.sections_of(length))


def letters_of(description: Description, notation: str | None = None) -> Notation:
    """The notation with the description's own symbols; `notation` is a name or a user's file, and without it the description's."""
    stack, network = description.layers, description.network
    owned = owned_names(network) if isinstance(network, Network) and stack is None else None
    adapted = read_notation(notation or description.notation, HANDOUT_SECTIONS).adapted(description.symbols, stack is not None, owned)
    return adapted.of(description.system)
