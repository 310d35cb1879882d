"""Inputs that once went wrong, shortened, by what was wrong: the target and the bytes."""

from __future__ import annotations

REGRESSIONS: dict[str, tuple[str, bytes]] = {
    "a division by a number that is 0 when it is worked out": ("equations", b"L = w[0] + 1/softplus(-4.6e16)"),
    "a quotient of which the sign is asked": ("equations", b"L = w[0] + sign(sigmoid(tanh(w[0])/softplus(-7e16)))"),
    "the same in an activation": ("formulas", b"z/softplus(-4.6e16)"),
    "an escape code in a message about a file's name": ("command", b"derive a\x1b[31m"),
    "an escape code in a message about an option": ("command", b"build net.toml --style \x1b]0;x\x07"),
    "a sign that turns the line": ("command", "derive \u202etoml.net".encode()),
    "a name that begins with an underscore": ("derivation", b"w[k]\nX[n,k]\n\n\n_x[n] = X[n,0]*w[0]\nL = mean(n, _x[n])"),
    "a list among the declarations": ("description", b'e=""\ninputs=[[""]]\np=[""]\nequations=""""""\n[s]\nk=2'),
    "a derivation whose steps have thirteen letters": (
        "building",
        b"K[d,c,p,q]\nx[n,d,i,j]\n\n\ny[n,c,2*i + p,3*j + q] = sum(d, x[n,d,i,j]*K[d,c,p,q])\nL = mean(n, sum(c, u, v, tanh(y[n,c,u,v])))",
    ),
}
