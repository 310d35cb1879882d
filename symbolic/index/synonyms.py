"""What others call it: words of libraries and books, and what stands for them here.

A word that is spelled alike may mean something else (mse is no mae, swish no sinh), so these come before any likeness.
"""

from __future__ import annotations

#: From a word to what is written here: a name, or an expression.
SYNONYMS: dict[str, str] = {
    # costs
    "mse": "squared_error",
    "l2": "squared_error",
    "mean_squared_error": "squared_error",
    "least_squares": "squared_error",
    "half_mse": "quadratic",
    "l1": "mae",
    "mean_absolute_error": "mae",
    "absolute_error": "mae",
    "nll": "cross_entropy",
    "log_loss": "cross_entropy",
    "logloss": "cross_entropy",
    "crossentropy": "cross_entropy",
    "categorical_crossentropy": "cross_entropy",
    "softmax_cross_entropy": "cross_entropy",
    "bce": "binary_cross_entropy",
    "smooth_l1": "huber",
    "kl": "kl_divergence",
    "kld": "kl_divergence",
    "kldiv": "kl_divergence",
    # activations
    "swish": "silu",
    "logistic": "sigmoid",
    "linear": "identity",
    "none": "identity",
    "lrelu": "leaky_relu",
    "leakyrelu": "leaky_relu",
    "hardtanh": "minimum(maximum(z, -1), 1)",
    "relu6": "minimum(maximum(z, 0), 6)",
    "softsign": "z/(1 + abs(z))",
    "mish": "z*tanh(softplus(z))",
    # layers
    "linear_layer": "dense",
    "fc": "dense",
    "fully_connected": "dense",
    "conv": "conv2d",
    "convolution": "conv2d",
    "batchnorm": "batch_norm",
    "layernorm": "layer_norm",
    # keys of a description, and words after them
    "hidden": "units",
    "hidden_size": "units",
    "neurons": "units",
    "nodes": "units",
    "size": "units",
    "width": "units",
    "out_features": "units",
    "filters": "channels",
    "out_channels": "channels",
    "kernel_size": "kernel",
    "embedding_dim": "features",
    "num_embeddings": "vocabulary",
    "return_sequences": "returns",
    "nonlinearity": "activation",
    "sources": "from",
    "loss": "cost",
    "regularizer": "regularisation",
    "weight_decay": "regularisation",
    "average": "mean",
    # functions
    "inv": "1/u",
    "reciprocal": "1/u",
    "ln": "log",
    "log2": "log(u)/log(2)",
    "log10": "log(u)/log(10)",
    "log1p": "log(1 + u)",
    "expm1": "exp(u) - 1",
    "pow": "u**v",
    "power": "u**v",
    "square": "u**2",
    "sqr": "u**2",
    "absolute": "abs",
    "fabs": "abs",
    "sgn": "sign",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "expit": "sigmoid",
    "min": "minimum(u, v), and over a letter -max(k, -u[k])",
    "dot": "sum(k, u[k]*v[k])",
    "matmul": "sum(k, A[i,k]*B[k,j])",
    "einsum": "sum(k, A[i,k]*B[k,j])",
    "norm": "sqrt(sum(k, u[k]**2))",
    "var": "mean(n, (u[n] - m)**2) with m = mean(n, u[n])",
    "std": "sqrt(mean(n, (u[n] - m)**2)) with m = mean(n, u[n])",
    "clip": "minimum(maximum(u, low), high)",
    "clamp": "minimum(maximum(u, low), high)",
    "heaviside": "where(u > 0, 1, 0)",
    "step": "where(u > 0, 1, 0)",
    "if": "where(u > 0, v, w)",
    "e": "exp(1)",
}
#: Of functions alone: an activation is a formula in z.
FORMULAS: dict[str, str] = {
    "silu": "u*sigmoid(u)",
    "swish": "u*sigmoid(u)",
    "gelu": "u*(1 + erf(u/sqrt(2)))/2",
    "elu": "where(u > 0, u, exp(u) - 1)",
    "leaky_relu": "where(u > 0, u, 0.01*u)",
    "softmax": "exp(u[k])/sum(k_, exp(u[k_]))",
    "logsumexp": "log(sum(k, exp(u[k])))",
    "log_sum_exp": "log(sum(k, exp(u[k])))",
}


def synonym(word: str, options: list[str]) -> str | None:
    """What a word is called here: one of the options, or an expression where the options hold functions."""
    plain = word.lower()
    is_language = "where" in options
    found = FORMULAS.get(plain) if is_language else None
    if found is None:
        found = SYNONYMS.get(plain)
    is_expression = found is not None and not found.isidentifier()
    if found in options:
        return found
    takes_formula = is_language or any(option.startswith("a formula") for option in options)
    return found if is_expression and takes_formula else None
