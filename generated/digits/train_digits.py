"""Trains digits.py on real handwritten digits with its own Adam: python train_digits.py

Needs scikit-learn, which ships the 1,797 images (8×8 grey values from 0 to 16; Alpaydin and Kaynak, UCI). A fifth is held out.
"""

import time

import digits
import numpy as np
from sklearn.datasets import load_digits

EPOCHS, BATCH = 30, 32


def main() -> float:
    """Prints the cost and the accuracy on the held-out images as they improve; returns the last accuracy."""
    rng = np.random.default_rng(0)
    images, labels = load_digits(return_X_y=True)
    images = images / 16
    order = rng.permutation(len(images))
    held_out, train = order[: len(order) // 5], order[len(order) // 5 :]

    params, state = digits.init(rng), None
    started = time.perf_counter()
    for epoch in range(1, EPOCHS + 1):
        for batch in np.array_split(rng.permutation(train), len(train) // BATCH):
            cost, gradients = digits.cost_and_gradients(params, images[batch], labels[batch])
            params, state = digits.adam(params, gradients, state, eta=0.003)
        right = np.mean(digits.predict(params, images[held_out]).argmax(axis=1) == labels[held_out])
        if epoch % 5 == 0:
            print(f"epoch {epoch:3}   cost of the last batch {cost:.4f}   held-out images right {right:.1%}")
    print(f"{time.perf_counter() - started:.1f} s")
    return float(right)


if __name__ == "__main__":
    main()
