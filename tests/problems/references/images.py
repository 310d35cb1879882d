"""Networks of images, place by place."""

from __future__ import annotations

import numpy as np

from .functions import Array, clipped, cross_entropy, relu, sigmoid, softmax


def patches(x: Array, kernel: int, stride: int = 1) -> Array:
    """The squares around the places of an image of channels, rows and columns, with zeros at the edge."""
    padded = np.pad(x, ((0, 0), (kernel // 2,) * 2, (kernel // 2,) * 2))
    rows, columns = ((size - 1) // stride + 1 for size in x.shape[1:])
    return np.array(
        [[padded[:, stride * i : stride * i + kernel, stride * j : stride * j + kernel] for j in range(columns)] for i in range(rows)]
    )


def dice(x: Array, y: Array, K: Array, b: Array) -> Array:
    total = 0
    for image, segment in zip(x, y, strict=True):
        p = sigmoid((patches(image, 3) * K).sum((2, 3, 4)) + b)
        total += 1 - (2 * (p * segment).sum() + 1) / ((p**2).sum() + (segment**2).sum() + 1)
    return total / len(x)


def depthwise_separable(x: Array, y: Array, D: Array, P: Array, b: Array, V: Array) -> Array:
    z = []
    for image in x:
        filtered = clipped((patches(image, 3, 2) * D).sum((3, 4)), 0, 6)
        z.append(V @ clipped(filtered @ P.T + b, 0, 6).mean((0, 1)))
    return cross_entropy(np.array(z), y)


def grouped_residual(x: Array, y: Array, A: Array, K: Array, B: Array) -> Array:
    """Each group by itself, as the paper's first drawing has it."""
    total = 0
    for line, right in zip(x, y, strict=True):
        out = np.array(line, complex)
        for group in range(len(A)):
            narrow = np.pad(relu(A[group] @ line), ((0, 0), (1, 1)))
            wide = relu(np.array([[(K[group, o] * narrow[:, h : h + 3]).sum() for h in range(line.shape[1])] for o in range(K.shape[1])]))
            out += B[:, group] @ wide
        total += ((relu(out) - right) ** 2).sum()
    return total / len(x)


def capsules(u: Array, T: Array, W: Array) -> Array:
    total = 0
    for low, right in zip(u, T, strict=True):
        guess = np.einsum("ijed,id->ije", W, low)
        b = np.zeros(guess.shape[:2], complex)
        for _ in range(3):
            s = np.einsum("ij,ije->je", softmax(b, 1), guess)
            square = (s**2).sum(1, keepdims=True)
            v = square / (1 + square) * s / np.sqrt(square)
            b = b + np.einsum("ije,je->ij", guess, v)
        size = np.sqrt((v**2).sum(1))
        total += (right * relu(0.9 - size) ** 2 + 0.5 * (1 - right) * relu(size - 0.1) ** 2).sum()
    return total / len(u)
