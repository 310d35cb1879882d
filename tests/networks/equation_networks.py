"""A corpus of networks written as index equations: keyword arguments of `system_from_equations`, by name.

Sizes that are fixed are small and pairwise different within a network. Recurrences and boundary values are elsewhere.
"""

from __future__ import annotations

from typing import Any

Description = dict[str, Any]

REGRESSION: dict[str, Description] = {
    "logistic_regression": {
        "inputs": ["X[n,k]"],
        "targets": ["y[n]"],
        "parameters": ["w[k]"],
        "equations": """
            s[n] = sum(k, X[n,k]*w[k])
            L    = sum(n, log(1 + exp(-y[n]*s[n])))
        """,
        "batch": "n",
        "sizes": {"k": 3},
    },
    "logistic_regression_with_bias": {
        "inputs": ["X[n,k]"],
        "targets": ["y[n]"],
        "parameters": ["w[k]", "b"],
        "equations": """
            p[n] = sigmoid(sum(k, X[n,k]*w[k]) + b)
            L    = -mean(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n])) + lam*sum(k, w[k]**2)
        """,
        "constants": {"lam": 0.05},
    },
    "softmax_one_hot": {
        "inputs": ["X[n,k]"],
        "targets": ["Y[n,c]"],
        "parameters": ["W[c,k]", "b[c]"],
        "equations": """
            z[n,c] = sum(k, W[c,k]*X[n,k]) + b[c]
            p[n,c] = exp(z[n,c])/sum(j, exp(z[n,j]))
            L = -mean(n, sum(c, Y[n,c]*log(p[n,c])))
        """,
        "batch": "n",
        "sizes": {"k": 3, "c": 7},
    },
    "softmax_labels": {
        "inputs": ["X[n,k]"],
        "targets": ["y[n] in c"],
        "parameters": ["W[c,k]", "b[c]"],
        "equations": """
            z[n,c] = sum(k, W[c,k]*X[n,k]) + b[c]
            L = mean(n, log(sum(c, exp(z[n,c]))) - z[n,y[n]])
        """,
        "batch": "n",
        "sizes": {"k": 3, "c": 7},
    },
    "softmax_labels_through_probabilities": {
        "inputs": ["X[n,k]"],
        "targets": ["y[n] in c"],
        "parameters": ["W[c,k]", "b[c]"],
        "equations": """
            z[n,c] = sum(k, W[c,k]*X[n,k]) + b[c]
            p[n,c] = exp(z[n,c])/sum(j, exp(z[n,j]))
            L = -mean(n, log(p[n,y[n]]))
        """,
    },
    "matrix_factorisation": {
        "inputs": ["O[i,j]", "T[i,j]"],
        "parameters": ["U[i,k]", "V[j,k]"],
        "equations": "L = sum(i, j, (O[i,j]*(T[i,j] - sum(k, U[i,k]*V[j,k])))**2)",
        "sizes": {"k": 2, "i": 7, "j": 5},
    },
    "factorisation_machine": {
        "inputs": ["X[n,k]"],
        "targets": ["y[n]"],
        "parameters": ["w0", "w[k]", "V[k,f]"],
        "equations": """
            q[n,f] = sum(k, V[k,f]*X[n,k])
            s[n] = w0 + sum(k, w[k]*X[n,k]) + sum(f, q[n,f]**2 - sum(k, V[k,f]**2*X[n,k]**2))/2
            L = mean(n, (s[n] - y[n])**2)
        """,
        "sizes": {"k": 5, "f": 3},
    },
    "factorisation_machine_in_pairs": {
        "inputs": ["X[n,k]"],
        "targets": ["y[n]"],
        "parameters": ["w0", "w[k]", "V[k,f]"],
        "equations": """
            s[n] = w0 + sum(k, w[k]*X[n,k]) + sum(k, l, sum(f, V[k,f]*V[l,f])*X[n,k]*X[n,l])
            L = mean(n, (s[n] - y[n])**2)
        """,
        "sizes": {"k": 5, "f": 3},
    },
    "quadratic_form": {
        "parameters": ["x[i]", "A[i,j]"],
        "equations": "L = sum(i, j, x[i]*A[i,j]*x[j])",
        "sizes": {"i": 5},
    },
    "bilinear_form": {
        "parameters": ["x[i]", "A[i,j]", "y[j]"],
        "equations": "L = sum(i, j, x[i]*A[i,j]*y[j])",
    },
    "bilinear_layer": {
        "inputs": ["X[n,i]", "Y[n,j]"],
        "targets": ["T[n,k]"],
        "parameters": ["W[k,i,j]", "b[k]"],
        "equations": """
            z[n,k] = sum(i, j, X[n,i]*W[k,i,j]*Y[n,j]) + b[k]
            L = mean(n, sum(k, (tanh(z[n,k]) - T[n,k])**2))
        """,
        "sizes": {"i": 2, "j": 3, "k": 7},
    },
    "radial_basis_functions": {
        "inputs": ["X[n,d]"],
        "targets": ["y[n]"],
        "parameters": ["c[k,d]", "g[k]", "w[k]", "b"],
        "equations": """
            r[n,k] = sum(d, (X[n,d] - c[k,d])**2)
            phi[n,k] = exp(-exp(g[k])*r[n,k])
            s[n] = sum(k, w[k]*phi[n,k]) + b
            L = mean(n, (s[n] - y[n])**2)
        """,
        "sizes": {"d": 2, "k": 7},
    },
    "cp_decomposition": {
        "inputs": ["T[i,j,k]"],
        "parameters": ["A[i,r]", "B[j,r]", "C[k,r]"],
        "equations": "L = sum(i, j, k, (T[i,j,k] - sum(r, A[i,r]*B[j,r]*C[k,r]))**2)",
        "sizes": {"i": 3, "j": 5, "k": 7, "r": 2},
    },
    "tucker_decomposition": {
        "inputs": ["T[i,j,k]"],
        "parameters": ["A[i,r]", "B[j,s]", "C[k,u]", "G[r,s,u]"],
        "equations": """
            P[i,j,k] = sum(r, s, u, G[r,s,u]*A[i,r]*B[j,s]*C[k,u])
            L = sum(i, j, k, (T[i,j,k] - P[i,j,k])**2)
        """,
    },
    "gaussian_nll": {
        "inputs": ["X[n,k]"],
        "targets": ["Y[n,j]"],
        "parameters": ["W[j,k]", "b[j]", "V[j,k]", "c[j]"],
        "equations": """
            mu[n,j] = sum(k, W[j,k]*X[n,k]) + b[j]
            v[n,j] = softplus(sum(k, V[j,k]*X[n,k]) + c[j]) + eps
            L = mean(n, sum(j, log(2*pi*v[n,j])/2 + (Y[n,j] - mu[n,j])**2/(2*v[n,j])))
        """,
        "constants": {"eps": 0.01},
    },
    "mixture_density": {
        "inputs": ["X[n,i]"],
        "targets": ["Y[n,d]"],
        "parameters": ["W[h,i]", "b[h]", "P[k,h]", "M[k,d,h]", "S[k,h]"],
        "equations": """
            a[n,h] = tanh(sum(i, W[h,i]*X[n,i]) + b[h])
            al[n,k] = sum(h, P[k,h]*a[n,h])
            mu[n,k,d] = sum(h, M[k,d,h]*a[n,h])
            ls[n,k] = sum(h, S[k,h]*a[n,h])
            lp[n,k] = al[n,k] - log(sum(m, exp(al[n,m]))) - sum(d, (Y[n,d] - mu[n,k,d])**2*exp(-2*ls[n,k])/2 + ls[n,k] + log(2*pi)/2)
            L = -mean(n, log(sum(k, exp(lp[n,k]))))
        """,
        "sizes": {"i": 2, "h": 5, "k": 3, "d": 7},
    },
    "autoencoder_tied": {
        "inputs": ["X[n,k]"],
        "parameters": ["W[j,k]", "b[j]", "c[k]"],
        "equations": """
            h[n,j] = sigmoid(sum(k, W[j,k]*X[n,k]) + b[j])
            r[n,k] = sum(j, W[j,k]*h[n,j]) + c[k]
            L = mean(n, sum(k, (r[n,k] - X[n,k])**2)/2)
        """,
        "sizes": {"k": 7, "j": 3},
    },
}

COSTS: dict[str, Description] = {
    "siamese_contrastive": {
        "inputs": ["A[n,k]", "B[n,k]"],
        "targets": ["y[n]"],
        "parameters": ["W[j,k]", "b[j]"],
        "equations": """
            u[n,j] = tanh(sum(k, W[j,k]*A[n,k]) + b[j])
            v[n,j] = tanh(sum(k, W[j,k]*B[n,k]) + b[j])
            D[n] = sqrt(sum(j, (u[n,j] - v[n,j])**2) + eps)
            L = mean(n, y[n]*D[n]**2 + (1 - y[n])*maximum(margin - D[n], 0)**2)
        """,
        "constants": {"margin": 2.0, "eps": 0.001},
    },
    "triplet": {
        "inputs": ["A[n,k]", "P[n,k]", "Q[n,k]"],
        "parameters": ["W[j,k]"],
        "equations": """
            a[n,j] = sum(k, W[j,k]*A[n,k])
            p[n,j] = sum(k, W[j,k]*P[n,k])
            q[n,j] = sum(k, W[j,k]*Q[n,k])
            L = mean(n, relu(sum(j, (a[n,j] - p[n,j])**2) - sum(j, (a[n,j] - q[n,j])**2) + margin))
        """,
        "constants": {"margin": 0.5},
    },
    "multiclass_hinge": {
        "inputs": ["X[n,k]"],
        "targets": ["y[n] in c"],
        "parameters": ["W[c,k]", "b[c]"],
        "equations": """
            s[n,c] = sum(k, W[c,k]*X[n,k]) + b[c]
            L = mean(n, sum(c, maximum(0, s[n,c] - s[n,y[n]] + 1)) - 1)
        """,
        "sizes": {"k": 3, "c": 7},
    },
    "crammer_singer_hinge": {
        "inputs": ["X[n,k]"],
        "targets": ["Y[n,c]"],
        "parameters": ["W[c,k]"],
        "equations": """
            s[n,c] = sum(k, W[c,k]*X[n,k])
            L = mean(n, maximum(0, 1 + max(c, s[n,c] - 10*Y[n,c]) - sum(c, Y[n,c]*s[n,c])))
        """,
    },
    "kl_divergence": {
        "inputs": ["X[n,k]", "Q[n,c]"],
        "parameters": ["W[c,k]"],
        "equations": """
            z[n,c] = sum(k, W[c,k]*X[n,k])
            q[n,c] = exp(Q[n,c])/sum(j, exp(Q[n,j]))
            p[n,c] = exp(z[n,c])/sum(j, exp(z[n,j]))
            L = mean(n, sum(c, q[n,c]*(log(q[n,c]) - log(p[n,c]))))
        """,
    },
    "kl_of_parameters": {
        "inputs": ["X[n,k]"],
        "parameters": ["W[c,k]", "V[c,k]"],
        "equations": """
            z[n,c] = sum(k, W[c,k]*X[n,k])
            v[n,c] = sum(k, V[c,k]*X[n,k])
            p[n,c] = exp(z[n,c])/sum(j, exp(z[n,j]))
            q[n,c] = exp(v[n,c])/sum(j, exp(v[n,j]))
            L = mean(n, sum(c, q[n,c]*(log(q[n,c]) - log(p[n,c]))))
        """,
    },
    "masked_cross_entropy_over_time": {
        "inputs": ["X[n,t,k]"],
        "targets": ["y[n,t] in v", "m[n,t]"],
        "parameters": ["W[v,k]", "b[v]"],
        "equations": """
            z[n,t,v] = sum(k, W[v,k]*X[n,t,k]) + b[v]
            l[n,t] = log(sum(v, exp(z[n,t,v]))) - z[n,t,y[n,t]]
            L = sum(n, t, m[n,t]*l[n,t])/sum(n, t, m[n,t]**2)
        """,
        "sizes": {"t": 4, "v": 7, "k": 3},
    },
    "word2vec": {
        "inputs": ["word[n] in v", "context[n] in v", "noise[n,m] in v"],
        "parameters": ["U[v,d]", "C[v,d]"],
        "equations": """
            pos[n] = sum(d, U[word[n],d]*C[context[n],d])
            neg[n,m] = sum(d, U[word[n],d]*C[noise[n,m],d])
            L = mean(n, softplus(-pos[n]) + sum(m, softplus(neg[n,m])))
        """,
        "sizes": {"v": 11, "d": 3, "m": 2},
    },
    "word2vec_log_sigmoid": {
        "inputs": ["word[n] in v", "context[n] in v", "noise[n,m] in v"],
        "parameters": ["U[v,d]", "C[v,d]"],
        "equations": """
            h[n,d] = U[word[n],d]
            L = -mean(n, log(sigmoid(sum(d, h[n,d]*C[context[n],d]))) + sum(m, log(sigmoid(-sum(d, h[n,d]*C[noise[n,m],d])))))
        """,
    },
}

CONVOLUTIONS: dict[str, Description] = {
    "conv1d": {
        "inputs": ["x[n,c,l]"],
        "parameters": ["K[o,c,p]", "b[o]"],
        "equations": """
            y[n,o,u] = sum(c, p, K[o,c,p]*x[n,c,u + p]) + b[o]
            L = mean(n, sum(o, u, y[n,o,u]**2))
        """,
        "sizes": {"c": 2, "l": 7, "o": 5, "p": 3},
    },
    "conv1d_stride_padding_dilation": {
        "inputs": ["x[n,c,l]"],
        "parameters": ["K[o,c,p]"],
        "equations": """
            y[n,o,u] = sum(c, p, K[o,c,p]*x[n,c,2*u + 3*p - 2])
            L = mean(n, sum(o, u, tanh(y[n,o,u])))
        """,
        "sizes": {"c": 2, "l": 11, "o": 5, "p": 3, "u": 4},
    },
    "conv2d": {
        "inputs": ["x[n,c,a,d]"],
        "parameters": ["K[o,c,p,q]", "b[o]"],
        "equations": """
            y[n,o,u,v] = sum(c, p, q, K[o,c,p,q]*x[n,c,u + p,v + q]) + b[o]
            L = mean(n, sum(o, u, v, y[n,o,u,v]**2))
        """,
        "sizes": {"c": 2, "a": 7, "d": 5, "o": 4, "p": 3, "q": 2},
    },
    "conv2d_stride": {
        "inputs": ["x[n,c,a,d]"],
        "parameters": ["K[o,c,p,q]"],
        "equations": """
            y[n,o,u,v] = sum(c, p, q, K[o,c,p,q]*x[n,c,2*u + p,3*v + q])
            L = mean(n, sum(o, u, v, y[n,o,u,v]**2))
        """,
        "sizes": {"c": 2, "a": 7, "d": 11, "o": 4, "p": 3, "q": 5},
    },
    "conv2d_padding": {
        "inputs": ["x[n,c,a,d]"],
        "parameters": ["K[o,c,p,q]"],
        "equations": """
            y[n,o,u,v] = sum(c, p, q, K[o,c,p,q]*x[n,c,u + p - 1,v + q - 2])
            L = mean(n, sum(o, u, v, y[n,o,u,v]**2))
        """,
        "sizes": {"c": 2, "a": 7, "d": 5, "o": 4, "p": 3, "q": 5, "u": 7, "v": 5},
    },
    "conv2d_dilation": {
        "inputs": ["x[n,c,a,d]"],
        "parameters": ["K[o,c,p,q]"],
        "equations": """
            y[n,o,u,v] = sum(c, p, q, K[o,c,p,q]*x[n,c,u + 2*p,v + 3*q])
            L = mean(n, sum(o, u, v, y[n,o,u,v]**2))
        """,
        "sizes": {"c": 2, "a": 7, "d": 8, "o": 4, "p": 3, "q": 2},
    },
    "conv2d_groups": {
        "inputs": ["x[n,g,c,a,d]"],
        "parameters": ["K[g,o,c,p,q]"],
        "equations": """
            y[n,g,o,u,v] = sum(c, p, q, K[g,o,c,p,q]*x[n,g,c,u + p,v + q])
            L = mean(n, sum(g, o, u, v, y[n,g,o,u,v]**2))
        """,
        "sizes": {"g": 3, "c": 2, "a": 7, "d": 5, "o": 4, "p": 2, "q": 3},
    },
    "conv2d_groups_by_index_sum": {
        "inputs": ["x[n,c,a]"],
        "parameters": ["K[g,o,e,p]"],
        "equations": """
            y[n,g,o,u] = sum(e, p, K[g,o,e,p]*x[n,2*g + e,u + p])
            L = mean(n, sum(g, o, u, y[n,g,o,u]**2))
        """,
        "sizes": {"g": 3, "c": 6, "e": 2, "a": 7, "o": 4, "p": 3},
    },
    "conv2d_learned_input": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[a,d,i]", "K[o,p,q]"],
        "equations": """
            h[n,a,d] = tanh(sum(i, V[a,d,i]*x[n,i]))
            y[n,o,u,v] = sum(p, q, K[o,p,q]*h[n,2*u + p - 1,v + 2*q])
            L = mean(n, sum(o, u, v, y[n,o,u,v]**2))
        """,
        "sizes": {"i": 2, "a": 7, "d": 8, "o": 4, "p": 3, "q": 3, "u": 4, "v": 4},
    },
    "conv_transposed_stride_one": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[l,i]", "K[o,p]"],
        "equations": """
            h[n,l] = tanh(sum(i, V[l,i]*x[n,i]))
            y[n,o,u] = sum(p, K[o,p]*h[n,u - p])
            L = mean(n, sum(o, u, y[n,o,u]**2))
        """,
        "sizes": {"i": 2, "l": 5, "o": 4, "p": 3, "u": 7},
    },
    "conv_transposed_stride_two_as_phases": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[l,i]", "K[o,q]"],
        "equations": """
            h[n,l] = tanh(sum(i, V[l,i]*x[n,i]))
            y[n,o,u,r] = sum(p, K[o,2*p + r]*h[n,u - p])
            L = mean(n, sum(o, u, r, y[n,o,u,r]**2))
        """,
        "sizes": {"i": 3, "l": 5, "o": 4, "q": 6, "p": 3, "u": 7, "r": 2},
    },
    "conv_transposed_stride_two": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[c,l,i]", "K[c,o,p]"],
        "equations": """
            h[n,c,l] = tanh(sum(i, V[c,l,i]*x[n,i]))
            y[n,o,u] = sum(c, l, K[c,o,u - 2*l]*h[n,c,l])
            L = mean(n, sum(o, u, y[n,o,u]**2))
        """,
        "sizes": {"i": 2, "c": 3, "l": 5, "o": 4, "p": 6, "u": 14},
    },
    "conv_transposed_2d_stride_padding": {
        "inputs": ["h[n,c,i,j]"],
        "parameters": ["K[c,o,p,q]"],
        "equations": """
            y[n,o,u,v] = sum(c, i, j, K[c,o,u + 1 - 2*i,v + 2 - 3*j]*h[n,c,i,j])
            L = mean(n, sum(o, u, v, tanh(y[n,o,u,v])))
        """,
        "sizes": {"c": 3, "i": 5, "j": 4, "o": 2, "p": 3, "q": 6, "u": 9, "v": 11},
    },
    "max_pooling_with_given_output_sizes": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[a,d,i]", "w[u,v]"],
        "equations": """
            h[n,a,d] = sum(i, V[a,d,i]*x[n,i])
            y[n,u,v] = max(p, q, h[n,2*u + p,3*v + q])
            L = mean(n, sum(u, v, w[u,v]*y[n,u,v]))
        """,
        "sizes": {"i": 5, "a": 7, "d": 8, "p": 2, "q": 3, "u": 3, "v": 2},
    },
    "average_pooling_with_given_output_sizes": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[a,d,i]", "w[u,v]"],
        "equations": """
            h[n,a,d] = tanh(sum(i, V[a,d,i]*x[n,i]))
            y[n,u,v] = mean(p, q, h[n,2*u + p,3*v + q])
            L = mean(n, sum(u, v, w[u,v]*y[n,u,v]**2))
        """,
        "sizes": {"i": 5, "a": 7, "d": 8, "p": 2, "q": 3, "u": 3, "v": 2},
    },
    "max_pooling": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[a,d,i]", "w[u,v]"],
        "equations": """
            h[n,a,d] = sum(i, V[a,d,i]*x[n,i])
            y[n,u,v] = max(p, q, h[n,2*u + p,3*v + q])
            L = mean(n, sum(u, v, w[u,v]*y[n,u,v]))
        """,
        "sizes": {"i": 2, "a": 7, "d": 8, "p": 2, "q": 3},
    },
    "max_pooling_overlapping": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[a,i]", "w[u]"],
        "equations": """
            h[n,a] = sum(i, V[a,i]*x[n,i])
            y[n,u] = max(p, h[n,2*u + p])
            L = mean(n, sum(u, w[u]*y[n,u]**2))
        """,
        "sizes": {"i": 2, "a": 9, "p": 3},
    },
    "max_over_an_axis": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[a,i]"],
        "equations": """
            h[n,a] = sum(i, V[a,i]*x[n,i])
            L = mean(n, max(a, h[n,a])**2)
        """,
    },
    "average_pooling": {
        "inputs": ["x[n,i]"],
        "parameters": ["V[a,d,i]", "w[u,v]"],
        "equations": """
            h[n,a,d] = tanh(sum(i, V[a,d,i]*x[n,i]))
            y[n,u,v] = mean(p, q, h[n,2*u + p,3*v + q])
            L = mean(n, sum(u, v, w[u,v]*y[n,u,v]**2))
        """,
        "sizes": {"i": 2, "a": 7, "d": 8, "p": 2, "q": 3},
    },
    "lenet": {
        "inputs": ["x[n,c,a,d]"],
        "targets": ["y[n] in k"],
        "parameters": ["K1[e,c,p,q]", "b1[e]", "K2[f,e,s,t]", "b2[f]", "W3[h,f,w,z]", "b3[h]", "W4[k,h]", "b4[k]"],
        "equations": """
            c1[n,e,u,v] = tanh(sum(c, p, q, K1[e,c,p,q]*x[n,c,u + p,v + q]) + b1[e])
            s1[n,e,i,j] = mean(g, m, c1[n,e,2*i + g,2*j + m])
            c2[n,f,r,o] = tanh(sum(e, s, t, K2[f,e,s,t]*s1[n,e,r + s,o + t]) + b2[f])
            s2[n,f,w,z] = max(gg, mm, c2[n,f,2*w + gg,2*z + mm])
            a3[n,h] = tanh(sum(f, w, z, W3[h,f,w,z]*s2[n,f,w,z]) + b3[h])
            a4[n,k] = sum(h, W4[k,h]*a3[n,h]) + b4[k]
            L = mean(n, log(sum(k, exp(a4[n,k]))) - a4[n,y[n]])
        """,
        "batch": "n",
        "sizes": {
            "c": 1,
            "a": 12,
            "d": 14,
            "e": 3,
            "p": 3,
            "q": 3,
            "g": 2,
            "m": 2,
            "f": 5,
            "s": 2,
            "t": 3,
            "gg": 2,
            "mm": 2,
            "u": 10,
            "v": 12,
            "i": 5,
            "j": 6,
            "r": 4,
            "o": 4,
            "w": 2,
            "z": 2,
            "h": 7,
            "k": 6,
        },
    },
}

PLACEMENTS: dict[str, Description] = {
    "flatten": {
        "inputs": ["x[n,c,h,w]"],
        "targets": ["T[n,k]"],
        "parameters": ["g[c]", "W[k,f]", "b[k]"],
        "equations": """
            a[n,c,h,w] = tanh(g[c]*x[n,c,h,w])
            flat[n, 15*c + 5*h + w] = a[n,c,h,w]
            z[n,k] = sum(f, W[k,f]*flat[n,f]) + b[k]
            L = mean(n, sum(k, (z[n,k] - T[n,k])**2))
        """,
        "sizes": {"c": 2, "h": 3, "w": 5, "k": 7},
    },
    "flatten_of_a_size_read_from_the_arrays": {
        "inputs": ["x[n,h,w]"],
        "parameters": ["V[h,w]", "W[k,f]"],
        "equations": """
            flat[n, 4*h + w] = V[h,w]*x[n,h,w]
            z[n,k] = sum(f, W[k,f]*flat[n,f])
            L = mean(n, sum(k, tanh(z[n,k])))
        """,
    },
    "concatenation": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,m]"],
        "parameters": ["A[j,i]", "B[k,i]", "W[m,q]"],
        "equations": """
            a[n,j] = tanh(sum(i, A[j,i]*x[n,i]))
            b[n,k] = sigmoid(sum(i, B[k,i]*x[n,i]))
            cat[n, j] = a[n,j]
            cat[n, 5 + k] = b[n,k]
            z[n,m] = sum(q, W[m,q]*cat[n,q])
            L = mean(n, sum(m, (z[n,m] - T[n,m])**2))
        """,
        "sizes": {"i": 2, "j": 5, "k": 3, "m": 7},
    },
    "concatenation_of_three_with_a_gap": {
        "inputs": ["x[n,j]"],
        "parameters": ["w[j]", "v", "V[q]"],
        "equations": """
            cat[n, 0] = v*x[n,2]
            cat[n, 1 + j] = w[j]*x[n,j]
            cat[n, 6 + j] = -2*w[j]**2
            L = mean(n, sum(q, V[q]*tanh(cat[n,q])))
        """,
        "sizes": {"j": 3},
    },
    "transposed_convolution": {
        "inputs": ["x[n,d,i]"],
        "parameters": ["g[d]", "K[d,c,p]", "b[c]"],
        "equations": """
            h[n,d,i] = tanh(g[d]*x[n,d,i])
            y[n,c,2*i + p] = sum(d, h[n,d,i]*K[d,c,p])
            L = mean(n, sum(c, u, (y[n,c,u] + b[c])**2))
        """,
        "sizes": {"d": 2, "i": 5, "c": 7, "p": 3},
    },
    "transposed_convolution_2d_of_any_size": {
        "inputs": ["x[n,d,i,j]"],
        "parameters": ["K[d,c,p,q]"],
        "equations": """
            y[n,c,2*i + p,3*j + q] = sum(d, x[n,d,i,j]*K[d,c,p,q])
            L = mean(n, sum(c, u, v, tanh(y[n,c,u,v])))
        """,
    },
    "transposed_convolution_cut_to_size": {
        "inputs": ["x[n,d,i]"],
        "parameters": ["g[d]", "K[d,c,p]"],
        "equations": """
            h[n,d,i] = tanh(g[d]*x[n,d,i])
            y[n,c,2*i + p - 1] = sum(d, h[n,d,i]*K[d,c,p])
            L = mean(n, sum(c, u, y[n,c,u]))
        """,
        "sizes": {"d": 2, "i": 5, "c": 7, "p": 4, "u": 10},
    },
    "upsampling_by_gaps": {
        "inputs": ["x[n,i]"],
        "parameters": ["g[i]", "w[u]"],
        "equations": """
            y[n,3*i] = g[i]*x[n,i]
            L = mean(n, sum(u, w[u]*y[n,u]**2))
        """,
        "sizes": {"i": 5},
    },
    "reversal": {
        "inputs": ["x[n,i]"],
        "parameters": ["g[i]", "w[u]"],
        "equations": """
            y[n,4 - i] = g[i]*x[n,i]
            L = mean(n, sum(u, tanh(w[u]*y[n,u])))
        """,
        "sizes": {"i": 5},
    },
    "cut_to_size_with_a_constant_sensitivity": {
        "inputs": ["x[n,i]"],
        "parameters": ["K[p]"],
        "equations": """
            y[n,2*i + p] = K[p]*x[n,i]
            L = mean(n, sum(u, y[n,u]))
        """,
        "sizes": {"i": 5, "p": 3, "u": 4},
    },
    "concatenation_inside_of_a_recurrence": {
        "inputs": ["x[n,t,j]"],
        "parameters": ["w[j]", "U[k,q]"],
        "equations": """
            c[n,t,j] = w[j]*x[n,t,j]
            c[n,t,3 + k] = h[n,t-1,k]
            h[n,t,k] = tanh(sum(q, U[k,q]*c[n,t,q]))
            L = mean(n, sum(t, k, h[n,t,k]))
        """,
        "sizes": {"j": 3, "k": 2, "t": 4},
    },
    "placed_by_labels_that_repeat": {
        "inputs": ["tok[n,t] in v", "x[n,t,d]"],
        "parameters": ["g[d]", "W[v,d]"],
        "equations": """
            y[tok[n,t],d] = g[d]*x[n,t,d]
            L = sum(v, d, (y[v,d] - W[v,d])**2)
        """,
    },
    "placed_by_a_label": {
        "inputs": ["tok[n] in v", "x[n,d]"],
        "parameters": ["g[d]", "W[v,d]"],
        "equations": """
            y[tok[n],d] = g[d]*x[n,d]
            L = sum(v, d, (y[v,d] - W[v,d])**2)
        """,
        "sizes": {"d": 3, "v": 7},
    },
}


def without_sizes(description: Description) -> Description:
    return {key: value for key, value in description.items() if key != "sizes"}


SIZES_BY_RULE: dict[str, Description] = {
    "conv1d_of_any_size": without_sizes(CONVOLUTIONS["conv1d"]),
    "conv1d_dilated_of_any_size": without_sizes(CONVOLUTIONS["conv1d_stride_padding_dilation"]),
    "conv2d_of_any_size": without_sizes(CONVOLUTIONS["conv2d"]),
    "conv2d_stride_of_any_size": without_sizes(CONVOLUTIONS["conv2d_stride"]),
    "convolution_and_pooling_of_any_size": {
        "inputs": ["x[n,c,a]"],
        "targets": ["T[n,o,i]"],
        "parameters": ["K[o,c,p]", "b[o]"],
        "equations": """
            z[n,o,u] = sum(c, p, K[o,c,p]*x[n,c,u + p]) + b[o]
            h[n,o,u] = tanh(z[n,o,u])
            s[n,o,i] = mean(g, h[n,o,2*i + g])
            L = mean(n, sum(o, i, (s[n,o,i] - T[n,o,i])**2))
        """,
        "sizes": {"g": 2},
        "batch": "n",
    },
    "two_reads_that_limit_one_range": {
        "inputs": ["x[n,a]", "m[n,d]"],
        "parameters": ["w[a]", "v[d]"],
        "equations": """
            y[n,u] = w[0]*x[n,2*u + 1] + v[1]*m[n,u + 2] + x[n,u + 3]
            L = mean(n, sum(u, tanh(y[n,u])))
        """,
    },
}

NORMALISATION: dict[str, Description] = {
    "batch_norm_biased": {
        "inputs": ["X[n,k]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,k]", "g[j]", "b[j]"],
        "equations": """
            z[n,j] = sum(k, W[j,k]*X[n,k])
            mu[j] = mean(n, z[n,j])
            v[j] = mean(n, (z[n,j] - mu[j])**2)
            zn[n,j] = (z[n,j] - mu[j])/sqrt(v[j] + eps)
            a[n,j] = g[j]*zn[n,j] + b[j]
            L = mean(n, sum(j, (tanh(a[n,j]) - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
        "batch": "n",
        "sizes": {"k": 3, "j": 7},
    },
    "batch_norm_bessel": {
        "inputs": ["X[n,k]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,k]", "g[j]", "b[j]"],
        "equations": """
            z[n,j] = sum(k, W[j,k]*X[n,k])
            mu[j] = mean(n, z[n,j])
            v[j] = 5*mean(n, (z[n,j] - mu[j])**2)/4
            a[n,j] = g[j]*(z[n,j] - mu[j])*(v[j] + eps)**(-1/2) + b[j]
            L = mean(n, sum(j, (tanh(a[n,j]) - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
        "sizes": {"n": 5, "k": 3, "j": 7},
    },
    "batch_norm_evaluation": {
        "inputs": ["X[n,k]", "mu[j]", "v[j]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,k]", "g[j]", "b[j]"],
        "equations": """
            z[n,j] = sum(k, W[j,k]*X[n,k])
            a[n,j] = g[j]*(z[n,j] - mu[j])/sqrt(v[j]**2 + eps) + b[j]
            L = mean(n, sum(j, (a[n,j] - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
    },
    "layer_norm": {
        "inputs": ["X[n,k]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,k]", "g[j]", "b[j]"],
        "equations": """
            z[n,j] = sum(k, W[j,k]*X[n,k])
            mu[n] = mean(j, z[n,j])
            v[n] = mean(j, (z[n,j] - mu[n])**2)
            a[n,j] = g[j]*(z[n,j] - mu[n])/sqrt(v[n] + eps) + b[j]
            L = mean(n, sum(j, (a[n,j] - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
        "sizes": {"k": 3, "j": 7},
    },
    "rms_norm": {
        "inputs": ["X[n,k]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,k]", "g[j]"],
        "equations": """
            z[n,j] = sum(k, W[j,k]*X[n,k])
            a[n,j] = g[j]*z[n,j]/sqrt(mean(i, z[n,i]**2) + eps)
            L = mean(n, sum(j, (a[n,j] - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
    },
    "residual": {
        "inputs": ["X[n,k]"],
        "targets": ["T[n,k]"],
        "parameters": ["W1[j,k]", "b1[j]", "W2[k,j]"],
        "equations": """
            h[n,j] = relu(sum(k, W1[j,k]*X[n,k]) + b1[j])
            r[n,k] = X[n,k] + sum(j, W2[k,j]*h[n,j])
            h2[n,j] = relu(sum(k, W1[j,k]*r[n,k]) + b1[j])
            r2[n,k] = r[n,k] + sum(j, W2[k,j]*h2[n,j])
            L = mean(n, sum(k, (r2[n,k] - T[n,k])**2))
        """,
        "sizes": {"k": 3, "j": 7},
    },
    "dropout_with_a_given_mask": {
        "inputs": ["X[n,k]", "m[n,j]"],
        "targets": ["T[n,k]"],
        "parameters": ["W1[j,k]", "W2[k,j]"],
        "equations": """
            h[n,j] = m[n,j]*relu(sum(k, W1[j,k]*X[n,k]))/keep
            r[n,k] = sum(j, W2[k,j]*h[n,j])
            L = mean(n, sum(k, (r[n,k] - T[n,k])**2))
        """,
        "constants": {"keep": 0.8},
    },
}

SEQUENCES: dict[str, Description] = {
    "embedding": {
        "inputs": ["tok[n,t] in v"],
        "targets": ["T[n,j]"],
        "parameters": ["E[v,d]", "W[j,t,d]"],
        "equations": """
            e[n,t,d] = E[tok[n,t],d]
            z[n,j] = sum(t, d, W[j,t,d]*e[n,t,d])
            L = mean(n, sum(j, (tanh(z[n,j]) - T[n,j])**2))
        """,
        "sizes": {"v": 11, "d": 3, "t": 4, "j": 2},
    },
    "embedding_read_in_place": {
        "inputs": ["tok[n,t] in v"],
        "targets": ["T[n,j]"],
        "parameters": ["E[v,d]", "W[j,t,d]"],
        "equations": """
            z[n,j] = sum(t, d, W[j,t,d]*E[tok[n,t],d])
            L = mean(n, sum(j, (tanh(z[n,j]) - T[n,j])**2))
        """,
        "sizes": {"v": 11, "d": 3, "t": 4, "j": 2},
    },
    "bigram": {
        "inputs": ["x[n] in v"],
        "targets": ["y[n] in v"],
        "parameters": ["W[v,w]"],
        "equations": "L = mean(n, log(sum(w, exp(W[x[n],w]))) - W[x[n],y[n]])",
    },
    "positional_addition": {
        "inputs": ["tok[n,t] in v"],
        "targets": ["T[n,t,d]"],
        "parameters": ["E[v,d]", "P[t,d]"],
        "equations": """
            h[n,t,d] = E[tok[n,t],d] + P[t,d]
            L = mean(n, sum(t, d, (tanh(h[n,t,d]) - T[n,t,d])**2))
        """,
        "sizes": {"v": 11, "d": 3, "t": 4},
    },
    "attention": {
        "inputs": ["x[n,t,e]"],
        "targets": ["T[n,t,f]"],
        "parameters": ["Q[d,e]", "K[d,e]", "V[f,e]"],
        "equations": """
            q[n,t,d] = sum(e, Q[d,e]*x[n,t,e])
            k[n,t,d] = sum(e, K[d,e]*x[n,t,e])
            v[n,t,f] = sum(e, V[f,e]*x[n,t,e])
            s[n,t,u] = sum(d, q[n,t,d]*k[n,u,d])/sqrt(2)
            p[n,t,u] = exp(s[n,t,u])/sum(j, exp(s[n,t,j]))
            o[n,t,f] = sum(u, p[n,t,u]*v[n,u,f])
            L = mean(n, sum(t, f, (o[n,t,f] - T[n,t,f])**2))
        """,
        "batch": "n",
        "sizes": {"t": 4, "e": 3, "d": 2, "f": 7},
    },
    "cross_attention": {
        "inputs": ["x[n,t,e]", "m[n,u,e]"],
        "targets": ["T[n,t,f]"],
        "parameters": ["Q[d,e]", "K[d,e]", "V[f,e]"],
        "equations": """
            q[n,t,d] = sum(e, Q[d,e]*x[n,t,e])
            k[n,u,d] = sum(e, K[d,e]*m[n,u,e])
            v[n,u,f] = sum(e, V[f,e]*m[n,u,e])
            s[n,t,u] = sum(d, q[n,t,d]*k[n,u,d])/sqrt(2)
            p[n,t,u] = exp(s[n,t,u])/sum(j, exp(s[n,t,j]))
            o[n,t,f] = sum(u, p[n,t,u]*v[n,u,f])
            L = mean(n, sum(t, f, (o[n,t,f] - T[n,t,f])**2))
        """,
        "sizes": {"t": 4, "u": 5, "e": 3, "d": 2, "f": 7},
    },
    "attention_masked": {
        "inputs": ["x[n,t,e]", "M[t,u]"],
        "targets": ["T[n,t,e]"],
        "parameters": ["Q[d,e]", "K[d,e]"],
        "equations": """
            s[n,t,u] = sum(d, sum(e, Q[d,e]*x[n,t,e])*sum(e, K[d,e]*x[n,u,e]))/sqrt(2) + M[t,u]
            p[n,t,u] = exp(s[n,t,u])/sum(j, exp(s[n,t,j]))
            o[n,t,e] = sum(u, p[n,t,u]*x[n,u,e])
            L = mean(n, sum(t, e, (o[n,t,e] - T[n,t,e])**2))
        """,
        "sizes": {"t": 4, "e": 3, "d": 2},
    },
    "multi_head_attention": {
        "inputs": ["x[n,t,e]", "M[t,u]"],
        "targets": ["T[n,t,e]"],
        "parameters": ["Q[h,d,e]", "K[h,d,e]", "V[h,d,e]", "O[e,h,d]"],
        "equations": """
            q[n,h,t,d] = sum(e, Q[h,d,e]*x[n,t,e])
            k[n,h,t,d] = sum(e, K[h,d,e]*x[n,t,e])
            v[n,h,t,d] = sum(e, V[h,d,e]*x[n,t,e])
            s[n,h,t,u] = sum(d, q[n,h,t,d]*k[n,h,u,d])/sqrt(2) + M[t,u]
            p[n,h,t,u] = exp(s[n,h,t,u])/sum(j, exp(s[n,h,t,j]))
            c[n,h,t,d] = sum(u, p[n,h,t,u]*v[n,h,u,d])
            o[n,t,e] = sum(h, d, O[e,h,d]*c[n,h,t,d])
            L = mean(n, sum(t, e, (o[n,t,e] - T[n,t,e])**2))
        """,
        "batch": "n",
        "sizes": {"t": 4, "e": 6, "d": 2, "h": 3},
    },
    "transformer_block": {
        "inputs": ["x[n,t,e]", "M[t,u]"],
        "targets": ["T[n,t,e]"],
        "parameters": [
            "g1[e]",
            "c1[e]",
            "Q[h,d,e]",
            "K[h,d,e]",
            "V[h,d,e]",
            "O[e,h,d]",
            "g2[e]",
            "c2[e]",
            "W1[f,e]",
            "b1[f]",
            "W2[e,f]",
            "b2[e]",
        ],
        "equations": """
            mu1[n,t] = mean(e, x[n,t,e])
            var1[n,t] = mean(e, (x[n,t,e] - mu1[n,t])**2)
            y1[n,t,e] = g1[e]*(x[n,t,e] - mu1[n,t])/sqrt(var1[n,t] + eps) + c1[e]
            q[n,h,t,d] = sum(e, Q[h,d,e]*y1[n,t,e])
            k[n,h,t,d] = sum(e, K[h,d,e]*y1[n,t,e])
            v[n,h,t,d] = sum(e, V[h,d,e]*y1[n,t,e])
            s[n,h,t,u] = sum(d, q[n,h,t,d]*k[n,h,u,d])/sqrt(2) + M[t,u]
            p[n,h,t,u] = exp(s[n,h,t,u])/sum(j, exp(s[n,h,t,j]))
            a[n,h,t,d] = sum(u, p[n,h,t,u]*v[n,h,u,d])
            r1[n,t,e] = x[n,t,e] + sum(h, d, O[e,h,d]*a[n,h,t,d])
            mu2[n,t] = mean(e, r1[n,t,e])
            var2[n,t] = mean(e, (r1[n,t,e] - mu2[n,t])**2)
            y2[n,t,e] = g2[e]*(r1[n,t,e] - mu2[n,t])/sqrt(var2[n,t] + eps) + c2[e]
            z[n,t,f] = sum(e, W1[f,e]*y2[n,t,e]) + b1[f]
            m[n,t,f] = z[n,t,f]*(1 + erf(z[n,t,f]/sqrt(2)))/2
            r2[n,t,e] = r1[n,t,e] + sum(f, W2[e,f]*m[n,t,f]) + b2[e]
            L = mean(n, sum(t, e, (r2[n,t,e] - T[n,t,e])**2))
        """,
        "constants": {"eps": 1e-5},
        "batch": "n",
        "sizes": {"t": 4, "e": 6, "d": 2, "h": 3, "f": 7},
    },
}

CHARACTER_EQUATIONS = """
    emb[n,t,d] = C[X[n,t],d]
    {embcat}
    hprebn[n,j] = {product} + b1[j]
    bnmeani[j] = mean(n, hprebn[n,j])
    bndiff[n,j] = hprebn[n,j] - bnmeani[j]
    bndiff2[n,j] = bndiff[n,j]**2
    bnvar[j] = 32*mean(n, bndiff2[n,j])/31
    bnvar_inv[j] = (bnvar[j] + eps)**(-1/2)
    bnraw[n,j] = bndiff[n,j]*bnvar_inv[j]
    hpreact[n,j] = bngain[j]*bnraw[n,j] + bnbias[j]
    h[n,j] = tanh(hpreact[n,j])
    logits[n,v] = sum(j, h[n,j]*W2[j,v]) + b2[v]
    logit_maxes[n] = max(v, logits[n,v])
    norm_logits[n,v] = logits[n,v] - logit_maxes[n]
    counts[n,v] = exp(norm_logits[n,v])
    counts_sum[n] = sum(v, counts[n,v])
    counts_sum_inv[n] = counts_sum[n]**(-1)
    probs[n,v] = counts[n,v]*counts_sum_inv[n]
    logprobs[n,v] = log(probs[n,v])
    loss = -mean(n, logprobs[n,Y[n]])
"""

CHARACTER: dict[str, Description] = {
    "character_model": {
        "inputs": ["X[n,t] in v"],
        "targets": ["Y[n] in v"],
        "parameters": ["C[v,d]", "W1[t,d,j]", "b1[j]", "bngain[j]", "bnbias[j]", "W2[j,v]", "b2[v]"],
        "equations": CHARACTER_EQUATIONS.format(embcat="embcat[n,t,d] = emb[n,t,d]", product="sum(t, d, embcat[n,t,d]*W1[t,d,j])"),
        "constants": {"eps": 1e-5},
        "batch": "n",
        "sizes": {"n": 32, "t": 3, "d": 10, "v": 27, "j": 64},
    },
    "character_model_with_a_flat_weight_matrix": {
        "inputs": ["X[n,t] in v"],
        "targets": ["Y[n] in v"],
        "parameters": ["C[v,d]", "W1[i,j]", "b1[j]", "bngain[j]", "bnbias[j]", "W2[j,v]", "b2[v]"],
        "equations": CHARACTER_EQUATIONS.format(embcat="embcat[n,t,d] = emb[n,t,d]", product="sum(t, d, embcat[n,t,d]*W1[10*t + d,j])"),
        "constants": {"eps": 1e-5},
        "batch": "n",
        "sizes": {"n": 32, "t": 3, "d": 10, "v": 27, "j": 64, "i": 30},
    },
}

STOPPED: dict[str, Description] = {
    "rounded_straight_through": {
        "inputs": ["X[n,k]"],
        "parameters": ["W[j,k]", "T[j]"],
        "equations": """
            z[n,j] = sum(k, W[j,k]*X[n,k])
            q[n,j] = z[n,j] + stop(round(z[n,j]) - z[n,j])
            L      = sum(n, j, T[j]*floor(2*z[n,j]) + ceil(z[n,j])**2 + q[n,j]**2)
        """,
        "sizes": {"k": 5, "j": 3},
    },
    "clipped": {
        "inputs": ["x[n,i]", "top[j]"],
        "targets": ["y[n]"],
        "parameters": ["W[j,i]", "low[j]", "v[j]"],
        "equations": """
            z[n,j] = sum(i, W[j,i]*x[n,i])
            h[n,j] = clip(z[n,j], -0.5, top[j]) + clip(z[n,j], low[j], 2)/2
            C      = mean(n, (sum(j, v[j]*h[n,j]) - y[n])**2)
        """,
        "sizes": {"i": 3, "j": 2},
        "batch": "n",
    },
    "truncated_recurrence": {
        "inputs": ["x[t,i]"],
        "targets": ["y[t,j]"],
        "parameters": ["W[j,i]", "U[j,k]"],
        "equations": """
            h[t,j] = tanh(sum(i, W[j,i]*x[t,i]) + sum(k, U[j,k]*stop(h[t-1,k])))
            C      = mean(t, sum(j, (h[t,j] - y[t,j])**2))/2
        """,
        "sizes": {"i": 2, "j": 3, "t": 5},
        "batch": None,
    },
    "gate_of_the_largest": {
        "inputs": ["x[n,i]"],
        "targets": ["y[n]"],
        "parameters": ["G[e,i]", "W[e,i]"],
        "equations": """
            s[n,e]   = sum(i, G[e,i]*x[n,i])
            best[n]  = max(e, s[n,e])
            m[n,e]   = stop(where(s[n,e] >= best[n], 1, 0))
            second[n] = max(e, s[n,e] - 1000*m[n,e])
            keep[n,e] = stop(where(s[n,e] >= second[n], 1, 0))
            g[n,e]   = keep[n,e]*exp(s[n,e])/sum(f, keep[n,f]*exp(s[n,f]))
            C        = mean(n, (sum(e, g[n,e]*sum(i, W[e,i]*x[n,i])) - y[n])**2)
        """,
        "sizes": {"i": 2, "e": 5},
        "batch": "n",
    },
}
NETWORKS: dict[str, Description] = {
    **STOPPED,
    **REGRESSION,
    **COSTS,
    **CONVOLUTIONS,
    **PLACEMENTS,
    **SIZES_BY_RULE,
    **NORMALISATION,
    **SEQUENCES,
    **CHARACTER,
}
