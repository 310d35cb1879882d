"""The same in PyTorch: import, one eager call; or, with `compiled` as the last word, `torch.compile` of the cost."""

import time

start = time.perf_counter()
import json  # noqa: E402
import sys  # noqa: E402

import torch  # noqa: E402
from first_networks import network_of, peak_memory, result  # noqa: E402
from torch.nn import functional  # noqa: E402

*words, way = sys.argv[1:]
network = network_of(words)
arrays, x, y = network.arrays()
params = [torch.tensor(array, requires_grad=True) for array in arrays]


def dense(a, W, b):
    return torch.tanh(functional.linear(a, W, b))


def block(x, g1, c1, Wq, Wk, Wv, Wo, g2, c2, W1, b1, W2, b2):
    normal = functional.layer_norm(x, g1.shape, g1, c1)
    parts = (functional.linear(normal, W.flatten(0, 1)).unflatten(-1, W.shape[:2]).transpose(1, 2) for W in (Wq, Wk, Wv))
    w = functional.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)
    x = x + functional.linear(w, Wo.flatten(1))
    return x + functional.linear(functional.gelu(functional.linear(functional.layer_norm(x, g2.shape, g2, c2), W1, b1)), W2, b2)


layer, own = (dense, 2) if network.kind == "dense" else (block, 12)


def cost(params, a, y):
    for place in range(0, len(params), own):
        a = layer(a, *params[place : place + own])
    return ((a - y) ** 2).sum() / (2 * a[..., 0].numel())


function = torch.compile(cost) if way == "compiled" else cost
value = function(params, torch.tensor(x), torch.tensor(y))
gradients = torch.autograd.grad(value, params)
done = time.perf_counter()
print(json.dumps({"total": done - start, "memory": peak_memory()} | result(value.detach(), [each.numpy() for each in gradients])))
