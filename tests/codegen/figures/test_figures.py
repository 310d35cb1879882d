"""Pictures: nothing overlaps, nothing is cut off, both formats show them, and the numbers in them are the right ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from equation_networks import NETWORKS
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_networks import ALONE, TOGETHER
from places import GALLERY
from test_render import compiled, required

from chainrule import Dense, Layer, Layout, Network, derive
from chainrule.codegen.build import Choices, build, document_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.descriptions.example_reader import Example
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.document.document import Document, Figure, FrontMatter, Math, Sentence, Words
from chainrule.codegen.document.drawing import Drawing, drawing, is_turned, line, page_scale
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import Accent, Letter, Text, row, scripted, with_commas
from chainrule.codegen.document.shapes import BoundingBox, Box, Circle, Curve, Label, Polygon
from chainrule.codegen.figures.block_diagram import block_diagram
from chainrule.codegen.figures.columns import columns, some
from chainrule.codegen.figures.equation_graph import equation_graph
from chainrule.codegen.figures.layered_drawing import LayeredDrawing, layered_drawing
from chainrule.codegen.figures.letters import StackLetters
from chainrule.codegen.figures.node_shapes import quantity
from chainrule.codegen.figures.reversed_stack import reversed_stack
from chainrule.codegen.figures.scalar_graph import scalar_graph
from chainrule.codegen.figures.shortened import MOST_NODES, shortened
from chainrule.codegen.figures.stack import lettered_stack, plain_stack
from chainrule.codegen.formats.html import render_html
from chainrule.codegen.formats.latex import render_latex
from chainrule.codegen.formats.markdown import markdown_pictures, render_markdown
from chainrule.codegen.formats.svg import inline_svg, svg_file
from chainrule.codegen.formats.tikz import tikz
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.lesson.layer_table import owned_names
from chainrule.codegen.lesson.worked_example import worked_example
from chainrule.codegen.words.sentences import formula
from chainrule.codegen.writing import write_handout
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.forms.scalar_form import scalar_form
from chainrule.symbolic.index.failures import InvalidDescription

SVG = "{http://www.w3.org/2000/svg}"


def words(text: str) -> Sentence:
    return (Words(text),)


# What may not be


def points(curve: Curve, count: int = 24) -> Iterator[tuple[float, float]]:
    """Places along a line."""
    start = curve.start
    for segment in curve.segments:
        corners = (start, *segment) if len(segment) == 3 else (start, start, segment[0], segment[0])
        for step in range(count + 1):
            t = step / count
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            yield tuple(sum(weight * corner[axis] for weight, corner in zip(weights, corners, strict=True)) for axis in (0, 1))
        start = segment[-1]


def contains(outer: BoundingBox, inner: BoundingBox) -> bool:
    return outer.left <= inner.left and outer.top <= inner.top and inner.right <= outer.right and inner.bottom <= outer.bottom


def is_inside(point: tuple[float, float], extent: BoundingBox, margin: float = 1.0) -> bool:
    x, y = point
    return extent.left + margin < x < extent.right - margin and extent.top + margin < y < extent.bottom - margin


def covers_label(shape: object, label: Label) -> bool:
    """Whether there is paper under a label, so that nothing below shows."""
    if shape is label:
        return label.backed
    return isinstance(shape, Circle | Box) and contains(shape.extent, label.extent)


def complaints(picture: Drawing) -> list[str]:
    """Everything that a reader would stumble over."""
    found = []
    whole = BoundingBox(0, 0, picture.width, picture.height)
    found += [f"{shape} is cut off" for shape in picture.shapes if not contains(whole, shape.extent)]
    labels = [(place, shape) for place, shape in enumerate(picture.shapes) if isinstance(shape, Label)]
    for (_, first), (_, second) in combinations(labels, 2):
        if first.extent.overlaps(second.extent):
            found.append(f"{first.text} lies on {second.text}")
    for place, label in labels:
        for other_place, shape in enumerate(picture.shapes):
            if isinstance(shape, Label) or not shape.extent.overlaps(label.extent):
                continue
            covers = [*picture.shapes[other_place + 1 : place], *([label] if label.backed and other_place < place else [])]
            is_covered = any(covers_label(cover, label) for cover in covers)
            if isinstance(shape, Curve):
                if not is_covered and any(is_inside(point, label.extent) for point in points(shape)):
                    found.append(f"{label.text} is crossed by {shape}")
            elif shape.extent.overlaps(label.extent, -1.0) and not contains(shape.extent, label.extent) and not is_covered:
                found.append(f"{label.text} meets {shape}")
    return found


def text_of(label: Label) -> str:
    """Words and LaTeX as they stand."""
    return "".join(write_latex(piece.node) if isinstance(piece, Math) else piece.text for piece in label.text)


@pytest.mark.parametrize(
    ("shapes", "complaint"),
    [
        ([Label((0.0, 0.0), words("one")), Label((12.0, 3.0), words("two"))], "lies on"),
        ([Label((0.0, 0.0), words("wide")), Circle((0.0, 0.0), 5.0)], "meets"),
        ([line((-20.0, 4.0), (20.0, -4.0)), Label((0.0, 0.0), words("struck"))], "is crossed"),
        ([Curve((-20.0, 0.0), (((0.0, 30.0), (0.0, -30.0), (20.0, 0.0)),)), Label((0.0, 0.0), words("struck"))], "is crossed"),
    ],
)
def test_what_cannot_be_read_is_found(shapes, complaint):
    assert complaint in complaints(drawing(shapes))[0]
    assert "is cut off" in complaints(Drawing(10.0, 10.0, tuple(shapes)))[0]


# A stack of dense layers


def of_stack(network: Network, symbols: dict[str, str] | None = None) -> tuple[StackLetters, MatrixPrinter]:
    notation = NOTATIONS["superscript"].adapted(symbols or {}, True)
    return StackLetters(network, IndexPrinter(network.system, notation, examples=1)), MatrixPrinter(network.system, notation)


LAYERS = st.lists(
    st.tuples(st.integers(1, 1000) | st.integers(1, 5), st.sampled_from(["sigmoid", "leaky_relu", "softmax", "z*tanh(z)"])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20)
@given(st.integers(1, 1000) | st.integers(1, 4), LAYERS, st.sampled_from(["rows", "columns"]), st.sampled_from(["out-in", "in-out"]))
def test_pictures_of_stacks_can_be_read(features, layers, examples, weights):
    network = Network(features, [Dense(*layer) for layer in layers], layout=Layout(examples, weights))
    letters, matrices = of_stack(network)
    pictures = [plain_stack(letters, matrices), lettered_stack(letters, matrices), reversed_stack(letters)]
    for picture in pictures:
        if picture is not None:
            assert complaints(picture) == []
            assert page_scale(picture) == 1


@pytest.mark.parametrize("activation", ["leaky_relu", "softplus", "gelu_tanh", "tanh"])
@pytest.mark.parametrize("sizes", [(3, 2, 4), (2, 4, 4, 3), (1, 5, 1)])
def test_names_of_slopes_are_crossed_by_nothing(activation: str, sizes: tuple[int, ...]) -> None:
    features, *units = sizes
    letters, _ = of_stack(Network(features, [Dense(count, activation) for count in units]))
    picture = reversed_stack(letters)
    assert picture is not None
    assert complaints(picture) == []


@pytest.mark.parametrize("shorthand", ["1-1", "2-3-1", "2-2-2", "3-3-3-2", "1-3-1", "3-1-3"])
def test_small_stacks_have_letters_on_all_weights(shorthand):
    network = Network.stack(shorthand)
    picture = lettered_stack(*of_stack(network))
    assert picture is not None
    assert complaints(picture) == []
    written = [text_of(label) for label in picture.labels]
    count = sum(before * after for before, after in zip(network.sizes, network.sizes[1:], strict=False))
    weights = [text for text in written if re.fullmatch(r"w\^\{\(\d\)\}_\{\d\d\}", text)]
    assert len(set(weights)) == len(weights) == count


def test_large_layers_are_shown_in_short():
    assert some(6, 6) == (0, 1, 2, 3, 4, 5)
    assert some(784, 6) == (0, 1, 2, None, 782, 783)
    assert some(7, 4) == (0, 1, 2, None, 6)
    assert some(5, 2) == (0, None, 4)
    network = Network.stack("784-16-16-10")
    assert lettered_stack(*of_stack(network)) is None
    texts = [text_of(label) for label in plain_stack(*of_stack(network)).labels]
    for text in ("x_{784}", "a^{(1)}_{16}", "a^{(3)}_{10}", r"W^{(1)}: 16 \times 784", "784 units", "sigmoid", "layer 3"):
        assert text in texts
    deep = columns(Network.stack("-".join(["3"] * 40)))
    assert [column and column.place for column in deep] == [0, 1, 2, None, 38, 39]


def test_a_weight_leads_into_its_own_unit_in_every_layout():
    for weights in ("out-in", "in-out"):
        letters, _ = of_stack(Network(2, [Dense(3)], layout=Layout("rows", weights)))
        assert letters.weight(1, unit=2, before=0).indices == ((2, 0) if weights == "out-in" else (0, 2))


def test_a_name_too_long_for_a_circle_leaves_the_number():
    picture = plain_stack(*of_stack(Network(3, [Dense(12, "tanh", "a_very_long_name")])))
    assert complaints(picture) == []
    assert words("12") in [label.text for label in picture.labels]


def test_the_reversed_network_has_an_amplifier_for_every_activation_of_its_own_entry():
    def triangles(network: Network) -> int:
        picture = reversed_stack(of_stack(network)[0])
        assert picture is not None
        assert complaints(picture) == []
        return sum(isinstance(shape, Polygon) and not shape.filled for shape in picture.shapes)

    assert triangles(Network.stack("2-3-1")) == 4
    assert triangles(Network(2, [Dense(3), Dense(2, "softmax")], "cross_entropy")) == 3
    assert reversed_stack(of_stack(Network(2, [Dense(3, "softmax"), Dense(2)]))[0]) is None
    assert reversed_stack(of_stack(Network.stack("2-2-2-2-2-2"))[0]) is None


# Layers and equations


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """Nodes in order, every one but the first reading some before it, or itself or a later one in the next step."""
    count = draw(st.integers(2, 14))
    edges = [(draw(st.integers(0, target - 1)), target) for target in range(1, count)]
    edges += draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(1, count - 1)), max_size=10))
    return count, edges


@settings(max_examples=100)
@given(graphs())
def test_no_connection_crosses_a_node(graph):
    count, edges = graph
    beside = formula(with_commas("W", "b"))
    nodes = [quantity(formula(scripted("q", str(place))), beside if place % 3 else ()) for place in range(count)]
    layout = LayeredDrawing(nodes, edges)
    picture = layered_drawing(nodes, edges)
    assert complaints(picture) == []
    boxes = []
    for place, node in enumerate(nodes):
        x, y = layout.place(place)
        boxes.append(BoundingBox(x - node.left, y - node.half, x + node.right, y + node.half))
    for first, second in combinations(boxes, 2):
        assert not first.overlaps(second, 3.0)
    for edge in layout.edges:
        way = layout.way(edge)
        for place, box in enumerate(boxes):
            assert not any(is_inside(point, box, 0.5) for point in points(way)), (edge, place)
        target = boxes[edge[1]]
        end_x, end_y = way.points[-1]
        assert target.left <= end_x <= target.right
        assert end_y == pytest.approx(target.top)


def diagram(network: Network) -> Drawing:
    return block_diagram(network, IndexPrinter(network.system, NOTATIONS["superscript"].adapted({}, False, owned_names(network))))


@pytest.mark.parametrize("name", [*ALONE, *TOGETHER])
def test_diagrams_of_layers_can_be_read(name):
    network = Network(**{**ALONE, **TOGETHER}[name])
    picture = diagram(network)
    assert complaints(picture) == []
    assert page_scale(picture) == 1
    texts = [text_of(label) for label in picture.labels]
    assert all(placed.suffix in texts for placed in network.connections)


def test_a_residual_connection_is_an_arc_past_the_layers():
    picture = diagram(Network(**TOGETHER["residual"]))
    arcs = [shape for shape in picture.shapes if isinstance(shape, Curve) and len(shape.segments) > 2]
    boxes = [shape.extent for shape in picture.shapes if isinstance(shape, Box)]
    assert len(arcs) == 1
    assert max(x for x, _ in arcs[0].points) > max(box.right for box in boxes)
    assert sum(isinstance(shape, Circle) for shape in picture.shapes) == 1


def test_long_networks_are_shown_in_short():
    network = Network(3, [*(Dense(3, "tanh") for _ in range(59)), Layer("add", sources=("a2", "a59"))])
    picture = diagram(network)
    assert complaints(picture) == []
    assert page_scale(picture) == 1
    shown = sum(isinstance(shape, Box | Circle) and not getattr(shape, "filled", False) for shape in picture.shapes)
    assert f"{62 - shown} more layers" in [text_of(label) for label in picture.labels]
    short = shortened(30, [(number, number + 1) for number in range(29)] + [(0, 20), (15, 29)])
    assert len(short.shown) <= MOST_NODES[0]
    assert short.left_out == 30 - len(short.shown) + 1
    middle = short.shown.index(None)
    assert (0, middle) in short.edges
    assert (middle, len(short.shown) - 1) in short.edges


def test_many_branches_are_shown_in_short():
    branches = [Dense(3, "tanh", name=f"branch{number}", sources=("x",)) for number in range(12)]
    picture = diagram(Network(4, [*branches, Layer("concatenate", sources=tuple(f"branch{number}" for number in range(12)))]))
    assert complaints(picture) == []
    assert page_scale(picture) == 1


@pytest.mark.parametrize("name", NETWORKS)
def test_graphs_of_equations_can_be_read(name):
    system = Network.from_equations(**NETWORKS[name])
    picture = equation_graph(IndexPrinter(system, NOTATIONS["superscript"].adapted({}, False)))
    assert complaints(picture) == []
    assert page_scale(picture) == 1


# Numbers


@cache
def description_of(name: str) -> Description:
    """A description of the gallery, one of those below, or a stack."""
    path = GALLERY / name / f"{name}.toml"
    if path.exists():
        return read_description(path)
    return OTHERS[name] if name in OTHERS else Description(Network.stack(name), FrontMatter(name))


@cache
def document(name: str) -> Document:
    description = description_of(name)
    derivation = derive(description.network)
    return document_of(description, derivation, verify(derivation), checked_module(derivation), length="full")


OTHERS = {
    "labels": Description(Network(2, [Dense(2, "tanh"), Dense(2, "softmax")], "cross_entropy", targets="labels"), FrontMatter("t")),
    "two examples": Description(
        Network.stack("2-2-1"), FrontMatter("t"), example=Example({"x": ((0.1, 0.2), (0.3, 0.4)), "y": ((1.0,), (0.0,))}, learning_rate=0.1)
    ),
    "operations": Description(
        Network.from_equations(
            "p = w*x\ns = p + b\ne = exp(-s)\nq = 1 + e\na = 1/q\nr = a - y\nL = r**2", ["w", "b"], ["x"], ["y"], name="operations"
        ),
        FrontMatter("t"),
    ),
}


def figures(name: str) -> dict[str, Figure]:
    found = [block for block in document(name).blocks if isinstance(block, Figure)]
    return {figure.name.rsplit("_", 1)[1]: figure for figure in found}


def test_the_graph_of_the_worked_example_has_its_numbers():
    assert list(figures("mazur")) == ["network", "reversed", "graph"]
    picture = figures("mazur")["graph"].drawing
    assert complaints(picture) == []
    written = [text_of(label) for label in picture.labels]
    # Forward: z, a and the cost of Mazur's example. Backward: ∂C/∂o, ∂C/∂W2, ∂C/∂h and ∂C/∂W1, from his page.
    assert set("0.378 0.392 0.593 0.597 1.11 1.22 0.751 0.773 0.298".split()) <= set(written)
    assert set("0.741 -0.217 0.0822 0.0827 -0.0226 -0.0227 0.0364 0.0414 0.000439 0.000877 0.000498 0.000995".split()) <= set(written)
    assert written.count("1") == 1


@pytest.mark.parametrize("name", ["2-3-1", "1-1-1", "3-2", "labels", "two examples"])
def test_every_parameter_has_its_gradient_in_the_graph(name):
    description = description_of(name)
    derivation = derive(description.network)
    picture = figures(name)["graph"].drawing
    assert complaints(picture) == []
    module = checked_module(derivation).module
    example = worked_example(derivation.system, module, description.example, of_layers=True)
    written = [text_of(label) for label in picture.labels]
    for gradient, parameter in zip(example.gradients, example.params, strict=True):
        for value in (*np.ravel(gradient), *np.ravel(parameter)):
            assert write_latex(number(float(value), 3)) in written


def test_equations_that_are_single_operations_are_the_graph_of_the_operations():
    picture = figures("operations")["graph"].drawing
    assert complaints(picture) == []
    written = [text_of(label) for label in picture.labels]
    assert set("xpseqary") | {"L"} <= set(written)
    assert "reversed" not in figures("operations")


def test_a_graph_that_cannot_be_read_is_left_out():
    assert list(figures("3-4-5")) == ["network", "reversed"]
    residual = Network(2, [Dense(2), Dense(2), Layer("add", sources=("a1", "a2"))])
    assert scalar_graph(residual.system, scalar_form(derive(residual)).forward) is None


# Formats


def every_kind() -> dict[str, Drawing]:
    """A picture of each kind."""
    stack = of_stack(Network.stack("2-3-1"))
    large = of_stack(Network.stack("784-16-16-10"))
    lettered = lettered_stack(*stack)
    backward, short = reversed_stack(stack[0]), reversed_stack(large[0])
    assert lettered is not None
    assert backward is not None
    assert short is not None
    systems = {name: read_description(GALLERY / name / f"{name}.toml").network for name in ("block", "language_model", "lenet")}
    found = {
        "lettered": lettered,
        "plain": plain_stack(*large),
        "reversed": backward,
        "reversed_short": short,
        "worked": figures("mazur")["graph"].drawing,
        "worked_2_3_1": figures("2-3-1")["graph"].drawing,
        "residual": diagram(Network(**TOGETHER["residual"])),
        "transformer": diagram(Network(**TOGETHER["transformer"])),
        "recurrent": diagram(Network(**TOGETHER["recurrent with attention"])),
        "triplet": diagram(Network(**TOGETHER["triplet"])),
    }
    for name, network in systems.items():
        found[name] = (
            diagram(network)
            if isinstance(network, Network)
            else equation_graph(IndexPrinter(network, NOTATIONS["superscript"].adapted({}, False)))
        )
    return found


@pytest.fixture(scope="module")
def pictures() -> dict[str, Drawing]:
    return every_kind()


def as_document(pictures: dict[str, Drawing]) -> Document:
    blocks = [
        Figure(name, picture, words(f"Picture {name}"), words("What is seen."), words(f"A picture: {name}."))
        for name, picture in pictures.items()
    ]
    return Document(FrontMatter("Pictures"), tuple(blocks))


def test_pictures_of_the_gallery_can_be_read(pictures):
    for name, picture in pictures.items():
        assert complaints(picture) == [], name
        assert page_scale(picture) == 1 or is_turned(picture), name


def test_svg_is_well_formed_and_can_be_read_aloud(pictures):
    for name, picture in pictures.items():
        for text in (svg_file(picture, name, "a & b", "<c>"), inline_svg(picture, name, "a & b", "<c>")):
            root = ElementTree.fromstring(text)
            space = SVG if "xmlns" in text else ""
            assert root.tag == f"{space}svg"
            assert root.get("role") == "img"
            title, description = root.find(f"{space}title"), root.find(f"{space}desc")
            assert title is not None
            assert description is not None
            assert (title.text, description.text) == ("a & b", "<c>")
            assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
            assert len(root.findall(f".//{space}text")) == len(picture.labels)


def test_words_of_a_label_are_words_in_every_format():
    hostile = "<b>&\\\"'{}%"
    picture = drawing([Label((0.0, 0.0), words(hostile)), Label((0.0, 30.0), formula(row(Text("<&"), Accent(Letter("y"), "hat"))))])
    document = as_document({"hostile": picture})
    texts = ElementTree.fromstring(markdown_pictures(document)["hostile.svg"]).findall(f"{SVG}text")
    assert ["".join(text.itertext()) for text in texts] == [hostile, "<&ŷ"]
    assert r"\textless{}b\textgreater{}\&\textbackslash{}\textquotedbl{}'\{\}\%" in render_latex(document)
    assert "&lt;b&gt;&amp;" in render_html(document)


def test_same_picture_same_text(pictures):
    again = every_kind()
    for name, picture in pictures.items():
        assert svg_file(picture, name, "", "") == svg_file(again[name], name, "", "")
        assert tikz(picture, str) == tikz(again[name], str)


def test_markdown_names_files_that_are_made(pictures):
    document = as_document(pictures)
    named = re.findall(r"!\[What is seen\.\]\((\w+\.svg)\)", render_markdown(document))
    assert named == list(markdown_pictures(document)) == [f"{name}.svg" for name in pictures]


def test_a_picture_is_made_smaller_where_there_is_less_room(pictures):
    wide = pictures["worked"]
    assert page_scale(wide) == 1
    assert page_scale(wide, (400.0, 560.0)) == pytest.approx(400 / wide.width)
    assert tikz(wide, str, (300.0, 200.0)).startswith(rf"\scalebox{{{300 / wide.width:.3f}}}")
    assert tikz(wide, str, (wide.width, wide.height)).startswith(r"\begin{tikzpicture}")


def test_pictures_are_written_beside_markdown(tmp_path):
    built = build(description_of("mazur"), tmp_path, Choices(("md",), length="full"))
    names = [path.name for path in built.files]
    assert names == ["mazur.py", "test_mazur.py", "mazur.md", "mazur_network.svg", "mazur_reversed.svg", "mazur_graph.svg"]
    assert all(f"({name})" in (tmp_path / "mazur.md").read_text() for name in names[3:])
    ElementTree.parse(tmp_path / "mazur_graph.svg")
    assert not [
        path for path in build(description_of("mazur"), tmp_path / "tex", Choices(("tex",), length="full")).files if path.suffix == ".svg"
    ]
    (tmp_path / "mazur_graph.svg").write_text("<svg/>")
    with pytest.raises(InvalidDescription, match=r"mazur_graph\.svg: found a file that was edited by hand"):
        build(description_of("mazur"), tmp_path, Choices(("md",), length="full"))


def test_write_handout_writes_the_pictures_too(tmp_path):
    write_handout(derive(Network.stack("2-2-2")), tmp_path / "pair.md", length="full")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "network_2_2_2_graph.svg",
        "network_2_2_2_network.svg",
        "network_2_2_2_reversed.svg",
        "pair.md",
    ]


def test_xelatex_draws_all_pictures(pictures, tmp_path):
    log = compiled(render_latex(as_document(pictures)), tmp_path)
    assert "Missing character" not in log
    assert "not available" not in log
    assert re.findall(r"Overfull .*", log) == []


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_chromium_shows_letters_where_they_were_laid_out(pictures, width, scheme, tmp_path):
    chromium = required("/usr/bin/chromium", "chromium", "google-chrome")
    playwright = pytest.importorskip("playwright.sync_api")
    page_file = tmp_path / "page.html"
    page_file.write_text(render_html(as_document(pictures)), encoding="utf-8")
    complained: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("console", lambda message: complained.append(message.text))
        page.goto(page_file.as_uri())
        shown = page.evaluate(
            """() => [...document.querySelectorAll("svg")].map(svg => ({
                box: [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height],
                wide: svg.getBoundingClientRect().width / svg.parentElement.clientWidth,
                ink: getComputedStyle(svg.querySelector(".area-ink")).fill,
                texts: [...svg.querySelectorAll("text")].map(text => text.getBBox()).map(box => [box.x, box.x + box.width]),
            }))"""
        )
        browser.close()
    assert complained == []
    assert len(shown) == len(pictures)
    for name, picture, seen in zip(pictures, pictures.values(), shown, strict=True):
        assert seen["ink"] == ("rgb(28, 32, 36)" if scheme == "light" else "rgb(227, 230, 232)")
        assert scheme == "dark" or seen["wide"] <= 1.0
        assert seen["box"] == pytest.approx([picture.width, picture.height], abs=0.01)
        for label, (left, right) in zip(picture.labels, seen["texts"], strict=True):
            # The letters that the browser found are no wider than the room they were given; a slanted one leans out of it.
            assert left >= label.extent.left - 0.2 * label.size, (name, label)
            assert right <= label.extent.right + 0.2 * label.size, (name, label)


@pytest.mark.parametrize("name", ["lettered", "plain", "reversed", "reversed_short", "worked", "worked_2_3_1", "transformer", "lenet"])
def test_no_letter_is_smaller_than_eight_points(pictures: dict[str, Drawing], name: str) -> None:
    assert min(label.size for label in pictures[name].labels) >= 8
