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
    "a label of two axes in a matrix": (
        "building",
        b"U[v,d];C[v,d]\nword[n]in v;context[n]in v;noise[n,m]in v\n\n\nh[n,d]=U[word[n],d]\n"
        b"L=mean(n,(sigmoid(sum(d,h[n,d]*C[context[n],d])))+sum(m,(sigmoid(sum(d,h[n,d]*C[noise[n,m],d])))))",
    ),
    "a quantity that is the same along an axis": (
        "building",
        b"W2[i];W5[j,k]\nq7[k]in j\nq4[j,k]in i\n\nu1[i]=W2[i]\nu3[k,j]=W5[j,k]+u1[q4[j,k]]\nu6[i,k]=relu(W2[i])\n"
        b"C=mean(k,log(sum(j,exp(u3[k,j])))-u3[k,q7[k]])+max(i,k,abs(u6[i,k]-u3[2*k+2,q7[k]]))",
    ),
    "a cycle in which one quantity lacks the axis of the steps": (
        "declarations",
        b"w[u]\nx[n,i]\n\n\nh[n,a] = sum(i, y[n,i]*x[n,i])\ny[n,u] = max(p, h[n,2*u + p])\nL = mean(n, sum(u, w[u]*y[n,u]**2))",
    ),
    "a negative number to a power of many digits": (
        "equations",
        b"L = w[0] + ((864878418/-4.391498019815294e+16)**(864878418/-4.391498019815294e+16))",
    ),
}
