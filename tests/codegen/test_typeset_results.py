"""What IPython and Jupyter get of derivations, gradients, steps and networks: LaTeX that MathJax knows, the same as in documents."""

from __future__ import annotations

import pickle
import re
from functools import cache

import nbformat
import pytest
from places import GALLERY
from test_languages import derived

import chainrule
from chainrule import Dense, Network, derive, read_description
from chainrule.codegen.build import material_of
from chainrule.codegen.described_derivation import DescribedDerivation
from chainrule.codegen.formats.notebook import render_notebook
from chainrule.codegen.lesson.sections.registry import notebook
from chainrule.symbolic.derivation.derivation import Derivation

#: Of TeX and amsmath, what MathJax 3 has without a package of its own; tried with its node version, too.
KNOWN_TO_MATHJAX = frozenset(
    r"""
    \! \# \$ \% \& \, \: \; \\ \_ \alpha \approx \ast \bar \begin \beta \big \bigl \bigr \boldsymbol \bot \bullet \cdot \cdots
    \chi \circ \cos \cosh \cup \ddot \ddots \Delta \delta \det \dfrac \displaystyle \dot \dots \ell \end \epsilon \eta \exp
    \forall \frac \Gamma \gamma \ge \geq \gt \hat \hspace \in \infty \int \iota \kappa \Lambda \lambda \lbrace \lceil \ldots \le
    \left \leftarrow \leq \lfloor \lim \ln \log \lt \lVert \lvert \mathbb \mathbf \mathcal \mathit \mathop \mathrm \mathsf \max
    \mid \min \mu \nabla \ne \neq \nu \odot \Omega \omega \operatorname \oslash \otimes \overline \partial \Phi \phi \Pi \pi \pm
    \prime \prod \propto \Psi \psi \qquad \quad \rbrace \rceil \rfloor \rho \right \Rightarrow \rightarrow \rVert \rvert \setminus
    \Sigma \sigma \sim \sin \sinh \sqrt \star \substack \sum \tag \tan \tanh \tau \text \textstyle \Theta \theta \tilde \times \to
    \top \underbrace \Upsilon \upsilon \varepsilon \varphi \vartheta \vdots \vec \vert \widehat \widetilde \Xi \xi \zeta \{ \| \}
    """.split()
)


@cache
def of(name: str) -> DescribedDerivation:
    return derive(GALLERY / name / f"{name}.toml")


def shown(result: object, extended: bool = False) -> dict[str, str]:
    """What IPython's display formatter makes of a result."""
    formatters = pytest.importorskip("IPython.core.formatters")
    formatter = formatters.DisplayFormatter()
    if extended:

        class Shell:
            display_formatter = formatter

        chainrule.load_ipython_extension(Shell())
    return formatter.format(result)[0]


def formulas(text: str) -> list[str]:
    """What stands between dollar signs."""
    return [double or single for double, single in re.findall(r"\$\$(.+?)\$\$|\$(.+?)\$", text, re.DOTALL)]


def refuse_unknown(latex: str) -> None:
    """Every command is MathJax's, brackets close, and environments end."""
    words = re.sub(r"\\text\{[^{}]*\}", r"\\text{}", latex)
    assert set(re.findall(r"\\(?:[A-Za-z]+|.)", words)) <= KNOWN_TO_MATHJAX, latex
    assert set(re.findall(r"\\begin\{(\w+)\}", words)) <= {"aligned", "matrix", "pmatrix", "bmatrix", "cases", "array"}
    assert words.count(r"\begin{") == words.count(r"\end{")
    assert len(re.findall(r"\\left(?![a-z])", words)) == len(re.findall(r"\\right(?![a-z])", words))
    depth = 0
    for sign in re.sub(r"\\[{}]", "", words):
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize("name", ["mazur", "gaussian", "equilibrium", "jacobian", "affine_softmax"])
def test_a_derivation_and_its_gradients_are_typeset(name: str) -> None:
    derivation = of(name)
    for result in (derivation, *(derivation[parameter.name] for parameter in derivation.system.parameters)):
        latex = shown(result)["text/latex"]
        (inside,) = formulas(latex)
        refuse_unknown(inside)
        assert "∂" not in latex
    steps = shown(derivation[derivation.system.parameters[0].name].steps)["text/markdown"]
    assert formulas(steps)
    for formula in formulas(steps):
        refuse_unknown(formula)


@pytest.mark.parametrize("name", ["mazur", "lenet", "gru", "gaussian"])
def test_a_notebook_has_no_command_that_is_unknown_to_mathjax(name: str) -> None:
    cells = nbformat.reads(render_notebook(notebook(material_of(*derived(name)), "zh-TW")), as_version=4).cells
    found = [formula for cell in cells if cell.cell_type == "markdown" for formula in formulas(re.sub(r"`[^`]*`", "", cell.source))]
    assert len(found) > 20
    for formula in found:
        refuse_unknown(formula)


def test_a_gradient_is_that_of_the_document() -> None:
    derivation = of("mazur")
    written = render_notebook(notebook(material_of(*derived("mazur")), "en")).replace("\\\\", "\\")
    for name in ("W1", "b1", "W2", "b2", "a1", "z2"):
        left, right = derivation[name].latex().split(" = ", 1)
        # The result is the last step where steps lead to it.
        assert f"&= {right}\\n" in written or f"&= {right} &&" in written, name
        assert shown(derivation[name])["text/latex"] == rf"$\displaystyle {left} = {right}$"
        assert f"{left} &= " in shown(derivation)["text/latex"]


def test_steps_are_a_tuple_and_show_the_derivation() -> None:
    derivation = of("mazur")
    steps = derivation.steps("W2")
    assert isinstance(steps, tuple)
    assert steps == derivation["W2"].steps
    assert pickle.loads(pickle.dumps(steps)) == steps
    markdown = shown(steps)["text/markdown"]
    assert markdown.startswith("### ∂C/∂W2 `(2, 2)`")
    assert r"\text{differentiate entrywise}" in markdown
    assert r"&= \sum_{n} h_{nj} \, \frac{\partial C}{\partial z^{(2)}_{nk}}" in markdown
    assert "<br>" not in markdown
    jacobian = derivation.jacobian("a2", "z1")
    assert shown(jacobian)["text/latex"] == rf"$\displaystyle {jacobian.latex()}$"
    assert len(formulas(shown(jacobian.steps)["text/markdown"])) == 4


NORM = """
name = "norm"
inputs = ["x[n,k]"]
targets = ["y[n,k]"]
parameters = ["g[k]"]
equations = '''
m[n] = mean(k, x[n,k])
v[n] = mean(k, (x[n,k] - m[n])**2)
u[n,k] = g[k]*(x[n,k] - m[n])/sqrt(v[n] + eps)
C = mean(n, sum(k, (u[n,k] - y[n,k])**2)/2)
'''
batch = "n"
sizes = { k = 3 }
constants = { eps = 1e-5 }
"""


def test_a_collected_gradient_is_typeset_and_is_the_derivation_s_own() -> None:
    """Layer normalisation: no adjoint of the mean or the variance is left."""
    derivation = derive(NORM, ["x"])
    form, own = derivation.collected("x", "u"), Derivation.collected(derivation, "x", "u")
    assert (form.expression, form.steps, form.put_in) == (own.expression, own.steps, own.put_in)
    (inside,) = formulas(shown(form)["text/latex"])
    refuse_unknown(inside)
    assert inside.startswith(r"\displaystyle \frac{\partial C}{\partial x_{nk}} = \frac{")
    assert set(re.findall(r"\\partial (\w)_", inside)) == {"x", "u"}
    assert repr(form).startswith("dx[n,k] = (")


def test_steps_are_said_in_the_language_of_the_description() -> None:
    text = (GALLERY / "mazur" / "mazur.toml").read_text(encoding="utf-8")
    derivation = derive('language = "zh-TW"\n' + re.sub(r"(?m)^language = .*\n", "", text))
    assert "逐元素求偏導數" in derivation.steps("W2")._repr_markdown_()


def test_the_extension_typesets_networks_and_descriptions() -> None:
    network = Network(2, [Dense(3, "tanh")], cost="quadratic", name="small")
    assert "text/latex" not in shown(network)
    latex = shown(network, extended=True)["text/latex"]
    assert r"a^{(1)}_{nj} &= \tanh" in latex
    for result in (network, read_description(GALLERY / "gaussian" / "gaussian.toml"), of("gru").system):
        (inside,) = formulas(shown(result, extended=True)["text/latex"])
        refuse_unknown(inside)


def test_a_kernel_typesets_results(tmp_path) -> None:
    pytest.importorskip("ipykernel")
    client = pytest.importorskip("nbclient")
    lines = (
        "%load_ext chainrule",
        "from chainrule import Dense, Network, derive",
        'network = Network(2, [Dense(3, "tanh")], cost="quadratic", name="small")',
        "d = derive(network)",
        "network",
        "d",
        'd["W1"]',
        'd["W1"].steps',
        'd.jacobian("a1", "W1")',
    )
    cells = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(line) for line in lines])
    client.NotebookClient(cells, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    kinds = ["latex", "latex", "latex", "markdown", "latex"]
    assert [cell.outputs for cell in cells.cells[:4]] == [[], [], [], []]
    for cell, kind in zip(cells.cells[4:], kinds, strict=True):
        (output,) = cell.outputs
        for formula in formulas(output.data[f"text/{kind}"]):
            refuse_unknown(formula)
