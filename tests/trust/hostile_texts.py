"""Attempts on whoever builds a stranger's description: the table.

`REFUSED` are descriptions, or words behind `chainrule build net.toml`, at which the command ends with exit status 2 and one message.
`HARMLESS` are texts that a title, an author, a course, a date and a note may have, and that come out as the text that they are.
CANARY is a file that a success would make, SECRET one that it would show; both stand in for the folder of the trial.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

CANARY, SECRET = "CANARY", "SECRET"
GOOD = "s[n] = sum(k, X[n,k]*w[k])\nL = mean(n, s[n]**2)"


@dataclass(frozen=True)
class Attempt:
    """What somebody tries, by a file and the words behind the command."""

    aim: str
    title: str
    text: str
    words: tuple[str, ...] = ()


def by_equations(equations: str = GOOD, more: str = "", name: str = "net", parameters: str = '["w[k]"]', inputs: str = '["X[n,k]"]') -> str:
    written = json.dumps(equations, ensure_ascii=False)
    return f"name = {json.dumps(name)}\ninputs = {inputs}\nparameters = {parameters}\nequations = {written}\n{more}"


def by_layers(activation: str = '"tanh"', cost: str = 'kind = "quadratic"', more: str = "", head: str = "", name: str = "net") -> str:
    named = f"name = {json.dumps(name, ensure_ascii=False)}\n"
    return f"{named}{head}input = 2\n[[layers]]\nunits = 1\nactivation = {activation}\n[cost]\n{cost}\n{more}"


RUN, READ, ESCAPE, HIDE, EXHAUST = "run code", "read a file", "leave the folder", "hide a name", "take all time or memory"

#: Expressions that SymPy's or Python's own reader would have obeyed.
CODE = {
    "import by name": f"__import__('os').system('touch {CANARY}')",
    "eval": f"eval(\"open('{CANARY}','w')\")",
    "exec": f"exec('open(\\'{CANARY}\\',\\'w\\')')",
    "open": f"open('{SECRET}').read()",
    "attributes to object": "().__class__.__bases__[0].__subclasses__()",
    "attribute of a tensor": "w.__class__.__mro__",
    "lambda": "(lambda: w[0])()",
    "comprehension": "sum([w[0] for k in range(9)])",
    "formatted text": f"f\"{{open('{CANARY}','w')}}\"",
    "walrus": "(w := 1)",
    "choice with a call": f"w[0] if open('{CANARY}','w') else 1",
    "await": "await w[0]",
    "yield": "(yield w[0])",
    "starred call": "exp(*[w[0]])",
    "keyword call": "exp(u=w[0])",
    "method": "w[0].subs(1, 2)",
    "SymPy's Symbol": "Symbol('q')*w[0]",
    "SymPy's S": "S('__import__(\"os\")')*w[0]",
    "SymPy's Lambda": "Lambda(x, x)(w[0])",
    "getattr": "getattr(w, 'base')",
    "globals": "globals()['w']",
    "breakpoint": "breakpoint()",
    "dictionary": "{1: w[0]}[1]",
    "text": "'w[0]'*2",
    "bytes": "b'1'*w[0]",
    "ellipsis": "w[...]",
    "semicolon": f"w[0]; open('{CANARY}','w')",
    "line break in a bracket": "exp(w[0]\nimport os)",
    "backslash at the end": "w[0] + \\",
}
#: Names under which nothing may be written or hidden.
NAMES = {
    "the folder above": "..",
    "a path upwards": f"../../{CANARY}",
    "an absolute path": f"/tmp/{CANARY}",
    "a folder inside": "a/b",
    "a backslash": "a\\b",
    "an option": "-rf",
    "nothing": "",
    "a space": "a b",
    "a point": "net.py",
    "NUL": "net\0.py",
    "a line break": "net\nimport os",
    "a colon": "C:net",
    "another alphabet": "nеt",
    "very long": "n" * 5_000,
    "a device of Windows": "CON",
    "another device of Windows": "lpt1",
    "NumPy": "numpy",
    "a module of Python": "os",
    "a keyword": "class",
    "a package's own file": "__init__",
    "a program's own file": "__main__",
    "what pytest runs by itself": "conftest",
    "what Python runs by itself": "sitecustomize",
    "what Python runs for a user": "usercustomize",
}
#: Names of constants: they stand at the left of an assignment in the module.
CONSTANTS = {
    "an assignment with code": f"x = __import__('os').system('touch {CANARY}'); y",
    "a line break": "x = 1\nimport os\ny",
    "a dot": "np.float64",
    "an index": "x[0]",
    "Python's own": "__builtins__",
    "hidden below it": "_cost_of",
    "look-alike letters": "ｅｐｓ",
}
TENSORS = ("__class__", "__import__", "_x", "None", "lambda")
#: Names of what a module calls; it has other names for that where a description has these.
CALLED = ("isinstance", "print", "np", "forward", "params", "float", "open", "exec", "eval", "ValueError")


def called(name: str) -> dict[str, str]:
    """Descriptions in which a constant, an activation's or a tensor has this name."""
    return {
        "a constant": by_equations(more=f"[constants]\n{name} = 1.0\n"),
        "an activation's constant": by_layers(f'{{ expression = "z*{name}", {name} = 1.0 }}'),
        "a tensor": by_equations(f"{name}[n] = X[n,0]*w[0]\nL = mean(n, {name}[n]**2)"),
        "a parameter": by_equations(f"s[n] = X[n,0]*{name}[0] + w[0]\nL = mean(n, s[n]**2)", parameters=f'["w[k]", "{name}[k]"]'),
    }


REFUSED: tuple[Attempt, ...] = (
    *(Attempt(RUN, f"{title}, in an equation", by_equations(f"L = {code}*1 + w[0]")) for title, code in CODE.items()),
    *(Attempt(RUN, f"{title}, in an activation", by_layers(json.dumps(code))) for title, code in CODE.items()),
    *(Attempt(RUN, f"{title}, in a cost", by_layers(cost=f"expression = {json.dumps(code)}")) for title, code in CODE.items()),
    *(Attempt(ESCAPE, f"a name: {title}", by_layers(name=name)) for title, name in NAMES.items()),
    *(
        Attempt(RUN, f"a constant's name: {title}", by_equations(more=f"[constants]\n{json.dumps(name, ensure_ascii=False)} = 1.0\n"))
        for title, name in CONSTANTS.items()
    ),
    *(
        Attempt(
            RUN, f"an activation's constant: {title}", by_layers(f'{{ expression = "z", {json.dumps(name, ensure_ascii=False)} = 1.0 }}')
        )
        for title, name in CONSTANTS.items()
    ),
    *(Attempt(HIDE, f"a tensor called {name}", by_equations(f"{name}[n] = X[n,0]*w[0]\nL = mean(n, {name}[n])")) for name in TENSORS),
    *(Attempt(HIDE, f"a parameter called {name}", by_equations(GOOD, parameters=f'["w[k]", "{name}[k]"]')) for name in TENSORS),
    Attempt(RUN, "a declaration with code", by_equations(inputs=f"[\"X[n,__import__('os').system('touch {CANARY}')]\"]")),
    Attempt(RUN, "a layer's name with code", by_layers().replace("units", f"name = \"x; open('{CANARY}','w')\"\nunits")),
    Attempt(READ, "a notation by a path", by_layers(head='notation = "../../etc/passwd"\n')),
    Attempt(READ, "a notation that is a file", by_layers(head=f'notation = "{SECRET}"\n')),
    Attempt(READ, "a language by a path", by_layers(head='language = "../../etc/passwd"\n')),
    Attempt(READ, "a key for a file", by_layers(head=f'include = "{SECRET}"\n')),
    Attempt(READ, "data from a file", by_layers(more=f'[example]\nx = "{SECRET}"\n')),
    Attempt(READ, "a kind of layer by a path", by_layers().replace("units", f'kind = "{SECRET}"\nunits')),
    Attempt(READ, "--notation of a file of the system", by_layers(), ("--notation", "/etc/passwd")),
    Attempt(READ, "--notation of a secret", by_layers(), ("--notation", SECRET)),
    Attempt(READ, "--notation of an endless device", by_layers(), ("--notation", "/dev/zero.toml")),
    Attempt(RUN, "--style with code", by_layers(), ("--style", "plain; touch x")),
    Attempt(READ, "--language by a path", by_layers(), ("--language", "../../../etc")),
    Attempt(ESCAPE, "--formats by a path", by_layers(), ("--formats", "../x")),
    Attempt(ESCAPE, "-o into a file", by_layers(), ("-o", "/etc/passwd")),
    Attempt(ESCAPE, "-o into a device", by_layers(), ("-o", "/dev/null")),
    Attempt(ESCAPE, "-o into the system", by_layers(), ("-o", "/proc/1/x")),
    Attempt(ESCAPE, "-o with a name too long", by_layers(), ("-o", "x" * 3_000)),
    Attempt(RUN, "a symbol with a command of LaTeX", by_layers(more='[symbols]\nW1 = "\\\\input{/etc/passwd}"\n')),
    Attempt(RUN, "a symbol that ends the formula", by_layers(more='[symbols]\nW1 = "$x$"\n')),
    Attempt(RUN, "a symbol with a command behind a letter", by_layers(more='[symbols]\nW1 = "\\\\alpha\\\\write18{touch x}"\n')),
    Attempt(RUN, "a symbol in TeX's other writing", by_layers(more='[symbols]\nW1 = "^^5cinput x"\n')),
    Attempt(RUN, "a symbol with a tag", by_layers(more='[symbols]\nW1 = "<b>"\n')),
    Attempt(RUN, "a symbol with an entity", by_layers(more='[symbols]\nW1 = "&lt;"\n')),
    Attempt(RUN, "a symbol with a remark", by_layers(more='[symbols]\nW1 = "a%"\n')),
    Attempt(RUN, "a title of two lines", by_layers(head='title = "net\\n\\"\\"\\"\\nimport os"\n')),
    Attempt(RUN, "a title that steers the terminal", by_layers(head='title = "\\u001b]0;hacked\\u0007"\n')),
    Attempt(RUN, "an author with a NUL", by_layers(head='author = "a\\u0000b"\n')),
    Attempt(RUN, "an author of another kind", by_layers(head='author = ["a", "b"]\n')),
    Attempt(EXHAUST, "a tower of powers", by_equations("L = w[0]*9**9**9**9")),
    Attempt(EXHAUST, "ten thousand brackets", by_equations("L = " + "(" * 10_000 + "w[0]" + ")" * 10_000)),
    Attempt(EXHAUST, "a layer of a billion units", by_layers().replace("units = 1", "units = 1000000000")),
    Attempt(EXHAUST, "lists a thousand deep", by_layers(head="title = " + "[" * 1_000 + "]" * 1_000 + "\n")),
    Attempt(EXHAUST, "a key of ten thousand parts", "a." * 10_000 + "b = 1\n"),
    Attempt(EXHAUST, "a number of a million digits", by_layers(head="author = " + "9" * 900_000 + "\n")),
)

#: Texts for people. Each comes out as what it is, in every format.
HARMLESS: dict[str, str] = {
    "LaTeX: input": r"\input{/etc/passwd}",
    "LaTeX: shell": rf"\immediate\write18{{touch {CANARY}}}",
    "LaTeX: openin": rf"\newread\f \openin\f={SECRET} \read\f to\x \x",
    "LaTeX: openout": rf"\newwrite\f \immediate\openout\f={CANARY} \immediate\write\f{{x}}",
    "LaTeX: csname": r"\csname input\endcsname{/etc/passwd}",
    "LaTeX: catcode": r"\catcode`\@=0 @input{/etc/passwd}",
    "LaTeX: the other writing of a backslash": "^^5cinput{/etc/passwd} ^^5e^5cx",
    "LaTeX: remark": "100% of it % the rest is gone }{",
    "LaTeX: formula": r"$\frac{1}{0}$ and $$x$$ \( \[",
    "LaTeX: end of the document": r"\end{document} \stop \bye",
    "LaTeX: Lua": r"\directlua{os.execute('x')} \special{ps: run}",
    "LaTeX: endless": r"\def\x{\x\x}\x \loop\iftrue\repeat",
    "LaTeX: a link to a program": r"\href{run:x}{click} \url{file:///etc/passwd}",
    "HTML: script": "<script>window.canary=1;alert(1)</script>",
    "HTML: end of the script": "</script></title></style><script>window.canary=1</script>",
    "HTML: image": '"><img src=x onerror="window.canary=1;alert(1)">',
    "HTML: attribute": '" onmouseover="window.canary=1" autofocus onfocus="window.canary=1" x="',
    "HTML: picture": '<svg onload="window.canary=1"><script>alert(1)</script></svg>',
    "HTML: remark": "--> <script>window.canary=1</script> <!-- ]]>",
    "HTML: link": '<a href="javascript:window.canary=1">x</a> <base href="//evil.example/">',
    "HTML: frame": '<iframe src="https://evil.example/"></iframe><meta http-equiv=refresh content="0;url=https://evil.example/">',
    "HTML: entities": "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62; &#x3c;",
    "HTML: style": "</style><style>@import url(https://evil.example/x.css);",
    "Jinja: expression": "{{ 7*7 }} {{ ''.__class__.__mro__ }} {{ self }}",
    "Jinja: statement": "{% include 'handout.js' %} {% for x in y %} {# remark #}",
    "Jinja for LaTeX": r"\VAR{7*7} \BLOCK{include 'x'} \REMARK{x}",
    "gettext": "%(title)s %(x)d %s %n %% %",
    "format of Python": "{0.__class__} {title} {note!r:>{width}}",
    "Markdown: link": "[click](javascript:alert(1)) <https://evil.example> ![x](https://evil.example/x.png)",
    "Markdown: raw HTML": "<script>alert(1)</script> **bold** `code` ~~gone~~",
    "Markdown: formula": "$x$ $$y$$ $`z`$ \\\\( \\\\[ \\begin{aligned}",
    "Markdown: fence": "``` ~~~ ````python",
    "Markdown: table and list": "| a | b | - x 1. y # z > q === ---",
    "Markdown: bare addresses": "https://evil.example www.evil.example mailto:a@evil.example",
    "notebook: shell": f"!touch {CANARY}",
    "notebook: magic": "%run x.py %%bash %load_ext x ?x x?",
    "Python: end of the text": f'""" + __import__("os").system("touch {CANARY}") + """',
    "Python: single quotes": "''' ' \" \\\" \\' \\",
    "Python: backslash at the end": "net\\",
    "Python: quotation mark at the end": 'net"',
    "Python: two at the end": 'net""',
    "Python: escapes": "\\x41 \\N{DASH} \\u0041 \\777 \\z",
    "Python: form of a coding": "-*- coding: utf-7 -*- +ADw-script+AD4-",
    "signs: other way round": "\u202eevil\u202c \u2066x\u2069 \u200f",
    "signs: line separators": "a\u2028import os\u2029b\u0085c".replace("\u0085", ""),
    "signs: invisible": "a\u200bb\ufeffc\u00add\u2060e",
    "signs: outside of every plane": "\U0001f600 \U000e0041 \uffff \ufdd0",
    "signs: many marks": "e" + "\u0301" * 60,
    "very long": "long " * 200,
}


def with_texts(text: str) -> str:
    """A description in which a text stands everywhere where a text for people may."""
    written = json.dumps(text, ensure_ascii=False)
    head = "".join(f"{key} = {written}\n" for key in ("title", "author", "course", "date"))
    return by_layers(head=head, more=f"[example]\nx = [1.0, 2.0]\ny = [0.5]\nnote = {written}\n")
