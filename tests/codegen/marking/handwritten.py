"""Formulas in LaTeX as people write them in answers and lecture notes: the same marks, other networks, other mistakes."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule import Dense, Layout, Network

NETWORKS = {
    "one neuron a layer": Network(1, [Dense(1, "sigmoid"), Dense(1, "sigmoid")], "squared_error"),
    "rows": Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic"),
    "softmax": Network(3, [Dense(4, "tanh"), Dense(5, "softmax")], "cross_entropy"),
    "columns": Network(3, [Dense(4, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy", layout=Layout("columns")),
    "three": Network(2, [Dense(3, "sigmoid"), Dense(5, "sigmoid"), Dense(4, "sigmoid")], "quadratic"),
}


@dataclass(frozen=True)
class Handwritten:
    """A text, the network that it is of, how many gradients are right, and the kind and the line of its first mistake."""

    network: str
    text: str
    right: int
    mistake: str | None = None
    line: int = 0


WRITTEN = {
    # A question on Mathematics Stack Exchange, 4158072: the answer says that 2(a - y) is missing, and at what σ′ has to be taken.
    "no output factor": Handwritten(
        "one neuron a layer",
        r"""
We have $z^{(1)} = w^{(1)} x + b^{(1)}$, $a^{(1)} = \sigma(z^{(1)})$ and $C = (a^{(2)} - y)^2$.
$$\frac{\partial C}{\partial w^{(2)}} = 2(a^{(2)} - y)\,\sigma'(w^{(2)}a^{(1)} + b^{(2)})\, a^{(1)}$$
$$\frac{\partial C}{\partial w^{(1)}} = \sigma'(w^{(2)} a^{(1)} + b^{(2)}) \cdot w^{(2)} \cdot \sigma'(w^{(1)} x + b^{(1)}) \cdot x$$
""",
        1,
        "factor",
        4,
    ),
    "slope of the next layer": Handwritten(
        "one neuron a layer",
        r"""
\[
\frac{\partial C}{\partial w^{(L)}} = 2\left(a^{(L)} - y\right) \sigma'\left(z^{(L)}\right) a^{(L-1)}
\]
\[
\frac{\partial C}{\partial w^{(L-1)}} =
  2\left(a^{(L)} - y\right) \sigma'\left(z^{(L)}\right) w^{(L)} \sigma'\left(w^{(L)} a^{(L-1)} + b^{(L)}\right) a^{(L-2)}
\]
""",
        1,
        "place",
        6,
    ),
    "both at once": Handwritten(
        "one neuron a layer",
        r"""
\[ C_0 = (a^{(L)} - y)^2, \qquad \frac{\partial C_0}{\partial a^{(L)}} = 2(a^{(L)} - y) \]
\[ \frac{\partial C_0}{\partial w^{(L-1)}} = \sigma'(z^{(L)}) \times w^{(L)} \times \sigma'(z^{(L)}) \times x \]
""",
        0,
        "factor",
        3,
    ),
    "one example, by index": Handwritten(
        "rows",
        r"""
\begin{align}
  z^{(1)}_j &= \sum_{i=1}^{3} w^{(1)}_{ji} x_i + b^{(1)}_j, & a^{(1)}_j &= \sigma(z^{(1)}_j) \\
  C &= \frac12 \sum_k (a^{(2)}_k - y_k)^2 \\
  \delta^{(2)}_k &= (a_k^{(2)} - y_k)\, \sigma'(z_k^{(2)}) \label{eq:out} \\
  \delta^{(1)}_j &= \sigma'(z_j^{(1)}) \sum_k w^{(2)}_{kj} \delta^{(2)}_k \\
  \frac{\partial C}{\partial w^{(2)}_{kj}} &= \delta^{(2)}_k a^{(1)}_j, \qquad \dfrac{\partial C}{\partial b^{(2)}_k} = \delta^{(2)}_k \\
  \frac{\partial C}{\partial w^{(1)}_{ji}} &= \delta^{(1)}_j \cdot x_i, \qquad \dfrac{\partial C}{\partial b^{(1)}_j} = \delta^{(1)}_j
\end{align}
""",
        4,
    ),
    "one example, indices exchanged": Handwritten(
        "three",
        r"""
$$\delta_k^{3} = (a_k^{3} - y_k) a_k^{3} (1 - a_k^{3})$$
$$\delta_j^{2} = a_j^{2} (1 - a_j^{2}) \sum_k w_{kj}^{3} \delta_k^{3}$$
$$\frac{\partial C}{\partial w_{kj}^{3}} = \delta_k^{3} a_j^{2}$$
$$\delta_i^{1} = a_i^{1} (1 - a_i^{1}) \sum_j w_{ij}^{2} \delta_j^{2}$$
""",
        1,
        "transpose",
        5,
    ),
    "matrices of one example": Handwritten(
        "three",
        r"""
\begin{align*}
\boldsymbol{\delta}^{[3]} &= (\mathbf{a}^{[3]} - \mathbf{y}) \odot \sigma'(\mathbf{z}^{[3]}) \\
\boldsymbol{\delta}^{[2]} &= \left( {\mathbf{W}^{[3]}}^{\top} \boldsymbol{\delta}^{[3]} \right) \circ \sigma'(\mathbf{z}^{[2]}) \\
\boldsymbol{\delta}^{[1]} &= \bigl( (\mathbf{W}^{[2]})^T \boldsymbol{\delta}^{[2]} \bigr) \odot \sigma'(\mathbf{z}^{[1]}) \\
\nabla_{\mathbf{W}^{[3]}} C &= \boldsymbol{\delta}^{[3]} {\mathbf{a}^{[2]}}^T \\
\nabla_{\mathbf{W}^{[2]}} C &= \boldsymbol{\delta}^{[2]} (\mathbf{a}^{[1]})^T \\
\nabla_{\mathbf{W}^{[1]}} C &= \boldsymbol{\delta}^{[1]} \mathbf{x}^T \\
\frac{\partial C}{\partial \mathbf{b}^{[1]}} &= \boldsymbol{\delta}^{[1]}
\end{align*}
""",
        4,
    ),
    "columns, gradients by their own names": Handwritten(
        "columns",
        r"""
\begin{align}
Z^{[1]} &= W^{[1]} X + b^{[1]} \\
A^{[1]} &= \tanh(Z^{[1]}) \\
A^{[2]} &= \sigma(Z^{[2]}) \\
dZ^{[2]} &= A^{[2]} - Y \\
dW^{[2]} &= \frac{1}{m} dZ^{[2]} A^{[1]T} \\
db^{[2]} &= \frac{1}{m}\, \text{np.sum}(dZ^{[2]}, \text{axis}=1, \text{keepdims}=True) \\
dZ^{[1]} &= W^{[2]T} dZ^{[2]} * g'^{[1]}(Z^{[1]}) \\
dW^{[1]} &= \frac{1}{m} dZ^{[1]} X^T \\
db^{[1]} &= \frac{1}{m}\, \text{np.sum}(dZ^{[1]}, \text{axis}=1, \text{keepdims}=True)
\end{align}
""",
        4,
    ),
    "columns, a transpose lost": Handwritten(
        "columns",
        r"""
\begin{align}
dZ^{[2]} &= \tfrac{1}{m} (A^{[2]} - Y) \\
dW^{[2]} &= dZ^{[2]} {A^{[1]}}' \\
dZ^{[1]} &= W^{[2]} dZ^{[2]} \odot (1 - A^{[1]} \odot A^{[1]})
\end{align}
""",
        1,
        "transpose",
        5,
    ),
    "softmax": Handwritten(
        "softmax",
        r"""
$\hat y = a^{(2)}$ and $L = -\sum_k y_k \log \hat{y}_k$, so that
$$\frac{\partial L}{\partial z^{(2)}_k} = \hat{y}_k - y_k .$$
$$\frac{\partial L}{\partial w^{(2)}_{kj}} = (\hat{y}_k - y_k)\, a^{(1)}_j \quad\text{and}\quad
\frac{\partial L}{\partial b^{(2)}_k} = \hat{y}_k - y_k$$
""",
        2,
    ),
    "softmax, sign": Handwritten(
        "softmax",
        r"""
The cost is $L = -\sum_k y_k \ln a^{(2)}_k$.
$$\frac{\partial L}{\partial z^{(2)}_k} = y_k - a^{(2)}_k$$
$$\frac{\partial L}{\partial w^{(2)}_{kj}} = \frac{\partial L}{\partial z^{(2)}_k} \frac{\partial z^{(2)}_k}{\partial w^{(2)}_{kj}}
= (y_k - a^{(2)}_k) a^{(1)}_j$$
""",
        0,
        "sign",
        3,
    ),
    "any layer": Handwritten(
        "three",
        r"""
\begin{align}
\delta^L &= \nabla_a C \odot \sigma'(z^L) \\
\delta^l &= ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l) \\
\frac{\partial C}{\partial b^l_j} &= \delta^l_j \\
\frac{\partial C}{\partial w^l_{jk}} &= a^{l-1}_k \delta^l_j
\end{align}
""",
        6,
    ),
    "any layer, indices": Handwritten(
        "three",
        r"""
\begin{align}
\delta^L_j &= (a^L_j - y_j)\, \sigma'(z^L_j) \\
\delta^l_j &= \sum_k w^{l+1}_{jk} \delta^{l+1}_k \sigma'(z^l_j) \\
\frac{\partial C}{\partial w^l_{jk}} &= a^{l-1}_k \delta^l_j
\end{align}
""",
        3,
        "transpose",
        4,
    ),
}  # fmt: skip
