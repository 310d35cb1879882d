"""Networks of graphs, sets and memories, node by node."""

from __future__ import annotations

import numpy as np

from .functions import Array, cross_entropy, log_sum, relu, sigmoid, softmax


def graph_attention(x: Array, A: Array, y: Array, W: Array, a: Array, b: Array, V: Array) -> Array:
    z = np.einsum("hfi,vi->hvf", W, x)
    g = np.zeros(z.shape, complex)
    for head, node in np.ndindex(z.shape[:2]):
        near = [u for u in range(len(x)) if A[node, u] or u == node]
        scores = np.array([a[head] @ z[head, node] + b[head] @ z[head, u] for u in near])
        shares = softmax(np.where(scores.real > 0, scores, 0.2 * scores))
        g[head, node] = np.tanh(shares @ z[head, near])
    return cross_entropy(np.einsum("khf,hvf->vk", V, g), y)


def graph_convolution(x: Array, A: Array, labelled: Array, y: Array, W: Array, V: Array) -> Array:
    B = A**2 + np.eye(len(x))
    root = np.diag(1 / np.sqrt(B.sum(1)))
    S = root @ B @ root
    z = S @ relu(S @ x @ W) @ V
    return sum(log_sum(z[v]) - z[v, y[v]] for v in range(len(x)) if labelled[v])


def message_passing(
    x: Array, source: Array, sink: Array, f: Array, y: Array, P: Array, M: Array, Z: Array, z: Array, U: Array, R: Array
) -> Array:
    start = x @ P.T
    heard = np.zeros(start.shape, complex)
    for edge, (sender, receiver) in enumerate(zip(source, sink, strict=True)):
        heard[receiver] += (M @ f[edge]) @ start[sender]
    gate = sigmoid(heard @ Z.T + z)
    return ((((1 - gate) * start + gate * np.tanh(heard @ U.T)) @ R).sum() - y) ** 2


def pointer_network(e: Array, y: Array, v: Array, A: Array, B: Array, W: Array, U: Array) -> Array:
    scores = []
    for entries, places in zip(e, y, strict=True):
        d = np.tanh(U @ entries.mean(0))
        for step, place in enumerate(places):
            d = np.tanh(W @ d + U @ entries[places[step - 1]]) if step else d
            u = np.tanh(entries @ A.T + B @ d) @ v
            scores.append(log_sum(u) - u[place])
    return sum(scores) / len(e)


def end_to_end_memory(
    told: Array, asked: Array, y: Array, A: Array, TA: Array, C1: Array, TC1: Array, B: Array, C2: Array, TC2: Array, W: Array
) -> Array:
    found = []
    for sentences, question in zip(told, asked, strict=True):
        u = sum(B[word] for word in question)
        for read, read_when, said, said_when in ((A, TA, C1, TC1), (C1, TC1, C2, TC2)):
            memory = np.array([sum(read[word] for word in sentence) + read_when[s] for s, sentence in enumerate(sentences)])
            answer = np.array([sum(said[word] for word in sentence) + said_when[s] for s, sentence in enumerate(sentences)])
            u = u + softmax(memory @ u) @ answer
        found.append(W @ u)
    return cross_entropy(np.array(found), y)


def graph_isomorphism(x: Array, A: Array, y: Array, e1: Array, W1: Array, e2: Array, W2: Array, V0: Array, V1: Array, V2: Array) -> Array:
    z = []
    for nodes, edges in zip(x, A, strict=True):
        first = relu((nodes + e1 * nodes + edges @ nodes) @ W1.T)
        second = relu((first + e2 * first + edges @ first) @ W2.T)
        z.append(V0 @ nodes.sum(0) + V1 @ first.sum(0) + V2 @ second.sum(0))
    return cross_entropy(np.array(z), y)
