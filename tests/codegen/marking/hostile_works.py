"""Works that would do harm if they were run, or take all time and memory."""

from __future__ import annotations

WORKS = {
    "import": "import os\nos.system('touch harmed')\n",
    "exec": "exec('x = 1')\neval('1')\n__import__('os')\nopen('/etc/passwd').read()\n",
    "underscores": "a = ().__class__.__bases__[0].__subclasses__()\nb = np.zeros(2).__array_interface__\n",
    "endless": "while True:\n    a = 1.0\n",
    "nested": "for i in range(9999):\n    for j in range(9999):\n        for k in range(9999):\n            a = i + j + k * 1.0\n",
    "huge arrays": "a = np.zeros((100000, 100000))\n"
    "b = np.arange(10**12)\nc = np.eye(10**6)\nd = np.ones(10**6)[:, None] * np.ones(10**6)\n",
    "many arrays": "a = []\nwhile True:\n    a.append(np.ones(10**6))\n",
    "huge numbers": "a = 9**9**9**9\nb = 10**100\nwhile True:\n    b = b * b\n",
    "huge texts": "a = 'x' * 10**12\nb = [0] * 10**12\nc = '%1000000000d' % 3\n",
    "lists of lists": "a = [0]\na = [a, a, a, a, a, a, a, a, a, a]\n"
    + "a = [a, a, a, a, a, a, a, a, a, a]\n" * 30
    + "b = np.array(a)\nc = a == a\n",
    "deep recursion": "def f(x):\n    return f(x) + f(x)\n\ndef g(y):\n    return f(y)\n",
    "deep expression": "a = " + "-" * 5000 + "1\n",
    "deep brackets": "a = " + "(" * 3000 + "1" + ")" * 3000 + "\n",
    "long sum": "a = " + "+".join(["1"] * 20000) + "\n",
    "einsum": "a = np.einsum('abcdefgh,ijklmnop->abcdefghijklmnop', np.ones((9,)*8), np.ones((9,)*8))\n",
    "object arrays": "a = np.array([10**200, 1])\nb = np.array(['a', 'b'])\nc = np.zeros(3, dtype='O')\n"
    "d = np.array([2], dtype=object) ** 10**9\n",
    "long text": "a = 1.0\n" * 24_000,
    "repeated": "a = np.tile(np.ones(1000), 10**9)\nb = np.repeat(np.ones(1000), 10**9)\nc = np.pad(np.ones(3), 10**9)\n",
    "sum of lists": "a = [0] * 9000\ntotal = sum([a] * 9000, [])\n",
    "odd names": "def \u0435(x, y):\n    d\u0416 = x\n    return d\u0416\n",
    "class": "class A:\n    def __del__(self):\n        exec('1')\n    def f(self):\n        return self.f()\n",
    "decompositions": "a = np.ones((900, 900))\nfor i in range(9999):\n    b = np.linalg.norm(a, 'nuc') * i\n",
    "diagonals": "a = np.diag(np.ones(10**6))\nb = np.tril(np.ones(10**6))\nc = np.zeros_like(a, shape=(10**6, 10**6))\n",
    "repeats by name": "a = np.repeat(np.ones(9), axis=0, repeats=10**10)\n",
    "pairs": "a, b = np.ones((10**5, 1)), np.ones((1, 10**5))\nc = np.allclose(a, b)\nd = np.clip(a=a, a_min=b, a_max=b)\ne = sum([a, b])\n"
    "f = np.take_along_axis(np.ones((10**5, 1)), np.zeros((1, 10**5), dtype=int), 1)\n",
    "places": "q = np.zeros(9)\ni, j = np.arange(10**5), np.arange(10**5)\nnp.add.at(q, i[:, None] * 0 + j[None, :] * 0, 1.0)\n"
    "q[i[:, None] * 0 + j * 0] = 1.0\n",
    "looked for": "a = 0.5 in range(10**15)\nb = np.ones(3) in range(10**12)\n",
    "nested in a comparison": "a = [0]\n"
    + "a = [a, a, a, a, a, a, a, a, a, a]\n" * 30
    + "b = np.ones(3) == a\nc = np.ones(3)[a]\nd = np.roll(np.ones(3), a)\n",
    "splits": "for i in range(99):\n    a = np.split(np.ones(10**6), 10**6)\n",
    "texts as numbers": "def f(x=int('a'), y=float('b')):\n    return x\n\na = int('c')\n",
    "pairs of lists": "a = list(range(9999))\nb = {}\ni = 0\nwhile True:\n    i = i + 1\n    b[i] = list(enumerate(a))\n",
    "values that are kept": "".join(f"q{place} = np.ones(900000) * {place}\n" for place in range(40)),
    "many values": "z1 = x @ W1.T + b1\n" + "".join(f"q{place} = z1 * {place}\n" for place in range(2000)) + "dW1 = q7.T @ x\n",
    "many statements": ";".join(["q = 1.0"] * 20_000) + "\n",
    "many functions": "".join(f"def f{place}(x):\n    return x\n" for place in range(6000)),
    "many products": "dW1 = " + "+".join(["((a1 - y)*a1*(1 - a1)).T @ x"] * 30) + "\n",
    "too many products": "dW1 = " + "+".join(["W1"] * 900) + "\n",
    "left": "return 1\nbreak\nraise ValueError\n",
}
#: What is read as formulas, with the endings of such files.
STANDS_FOR_ANYTHING = "In this section $u$ stand for any quantities and functions."
FORMULAS = {
    "long line": (".txt", "dW1[j,k] = " + "+".join(["x[n,k]"] * 100_000)),
    "many equations": (".txt", "".join(f"dz1[n,j] = a1[n,j]*z1[n,j]*{place}\n" for place in range(399))),
    "equations of arrays": (".txt", "".join(f"z1 = a1*{place}\ndW1 = z1.T@x\n" for place in range(199))),
    "many sums": (".txt", "dW1[j,k] = " + "Σ_n " * 400 + "x[n,k]\n"),
    "many letters": (".txt", "C = sum(n,sum(k,sum(j,sum(i,sum(l,sum(m,x[n,k]*x[n,j]*W1[i,j]*W1[l,m]))))))\n"),
    "powers": (".txt", "C = 9**9**9**9**9\nC = 10**400\nC = 1e999\nC = 1/0\n"),
    "semicolons": (".txt", "a=1;" * 200_000),
    "braces": (".tex", "$$ a = " + "{" * 4000 + "1" + "}" * 4000 + " $$"),
    "gradients of gradients": (".tex", "$$ a = " + "d" * 7000 + " $$"),
    "fractions": (".tex", "$$ a = " + r"\frac{1}{" * 900 + "1" + "}" * 900 + " $$"),
    "roots": (".tex", "$$ a = " + r"\sqrt" * 3000 + "1 $$"),
    "rows": (".tex", r"\\[" * 200_000),
    "rows of a display": (".tex", r"$$ \\[" + r"\\[" * 200_000),
    "blank lines": (".tex", r"\[ a = 1" + "\n" * 400_000),
    "remarks": (".tex", r"\[ a = 1 \text{" + "$a$ " * 2000),
    "dollars": (".md", "$ a = " * 100_000),
    "brackets": (".md", r"\(a" * 200_000),
    "brackets that do not close": (".md", r"\( a = 1 " * 60_000 + r"\)"),
    "brackets in pairs": (".md", r"\( a = 1 \) " * 25_000),
    "digits in a cell": (".md", "| $dW1$ | $" + "1" * 300 + "a$ |\n"),
    "sizes in a cell": (".md", "| $dW1$ | $" + "N_11" * 300 + "a$ |\n"),
    "rows of a table": (".md", "| $dW1_{jk}$ | $x_{nk}$ |\n" * 6000),
    "cells that do not close": (".md", "| $dW1 | $x" * 20_000),
    "blanks of a row": (".md", "|" + " " * 200_000 + "$"),
    "braces of a row": (".tex", r"{\raggedright $d" * 15_000),
    "fences": (".md", "```\n" * 60_000),
    "fences of formulas": (".md", "```math\na = 1\n" * 10_000),
    "fences of all lengths": (".md", "".join("`" * (3 + place % 50) + "\n" for place in range(6000))),
    "pictures that do not end": (".tex", r"\begin{tikzpicture}" * 10_000),
    "listings that end as others": (".tex", r"\begin{verbatim}\end{lstlisting}" * 6000),
    "headings": (".md", "## a\n" * 40_000),
    "headings and formulas": (".md", "## a\n$dW1_{jk} = x_{nk}$\n" * 390),
    "letters that stand for anything": (".md", f"## a\n{STANDS_FOR_ANYTHING}\n" * 2200),
    "matrices of steps": (".md", "".join(f"$z_{{{place}}} = {place}$\n" for place in range(399))),
}
