"""Trains character_model.py on text.txt with its own Adam: python train_character_model.py [STEPS]

The text is cut to small letters and one space for everything between two words. Its last tenth is held out. In training every batch is
normalised by its own mean and variance; for one letter at a time there is no batch, so the mean and the variance over the whole training
text take their place.
"""

import sys
import time
from pathlib import Path

import character_model
import numpy as np

LETTERS = " abcdefghijklmnopqrstuvwxyz"
CONTEXT, BATCH, STEPS = 3, 128, 8_000


def read_text() -> np.ndarray:
    """The text as places in LETTERS; its first line says where it is from."""
    _, text = (Path(__file__).parent / "text.txt").read_text(encoding="utf-8").lower().split("\n", 1)
    words = "".join(letter if letter in LETTERS else " " for letter in text).split()
    return np.array([LETTERS.index(letter) for letter in " ".join(words)])


def examples(text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every three letters in a row, and the letter that follows."""
    contexts = np.lib.stride_tricks.sliding_window_view(text[:-1], CONTEXT)
    return contexts, text[CONTEXT:]


def by_frequency(train: np.ndarray, held_out: np.ndarray) -> float:
    """The cost of always guessing the letters as often as they occur in the training text."""
    counts = np.bincount(train, minlength=len(LETTERS)) + 1
    return float(-np.mean(np.log(counts[held_out[CONTEXT:]] / counts.sum())))


def by_pairs(train: np.ndarray, held_out: np.ndarray) -> float:
    """The cost of guessing from the last letter alone, by the pairs counted in the training text."""
    counts = np.ones((len(LETTERS), len(LETTERS)))
    np.add.at(counts, (train[:-1], train[1:]), 1)
    chances = counts / counts.sum(axis=1, keepdims=True)
    return float(-np.mean(np.log(chances[held_out[CONTEXT - 1 : -1], held_out[CONTEXT:]])))


def predict(params: character_model.Parameters, whole: character_model.Cache, contexts: np.ndarray) -> np.ndarray:
    """The chance of every letter after each context, normalised as the whole training text is."""
    hprebn = params.C[contexts].reshape(len(contexts), -1) @ params.W1 + params.b1
    h = np.tanh(params.bngain * (hprebn - whole.bnmeani) * whole.bnvar_inv + params.bnbias)
    counts = np.exp(h @ params.W2 + params.b2)
    return counts / counts.sum(axis=1, keepdims=True)


def write(params: character_model.Parameters, whole: character_model.Cache, rng: np.random.Generator, length: int) -> str:
    """Letters drawn one after the other."""
    text = [0] * CONTEXT
    for _ in range(length):
        chances = predict(params, whole, np.array([text[-CONTEXT:]]))[0]
        text.append(rng.choice(len(LETTERS), p=chances))
    return "".join(LETTERS[place] for place in text).strip()


def main(steps: int = STEPS) -> tuple[float, float]:
    """Prints the cost on the held-out text as it falls; returns the last one, and that of guessing by letter frequency."""
    rng = np.random.default_rng(0)
    text = read_text()
    train, held_out = text[: -len(text) // 10], text[-len(text) // 10 :]
    contexts, following = examples(train)
    asked, answers = examples(held_out)
    frequency = by_frequency(train, held_out)
    print(f"{len(train):,} letters to learn from, {len(held_out):,} held out")
    print(f"cost by letter frequency {frequency:.3f}, by pairs of letters {by_pairs(train, held_out):.3f}")

    params, state = character_model.init(rng), None
    started = time.perf_counter()
    for step in range(1, steps + 1):
        batch = rng.integers(0, len(following), BATCH)
        _, gradients = character_model.cost_and_gradients(params, contexts[batch], following[batch])
        params, state = character_model.adam(params, gradients, state, eta=0.01 if step <= steps * 2 / 3 else 0.001)
        if step % max(steps // 4, 1) == 0 or step == steps:
            whole = character_model.forward(params, contexts)
            cost = -np.mean(np.log(predict(params, whole, asked)[np.arange(len(answers)), answers]))
            print(f"step {step:6,}   cost on the held-out text {cost:.3f}")
    print(f"{time.perf_counter() - started:.1f} s")
    for _ in range(4):
        print(write(params, whole, rng, 60))
    return float(cost), frequency


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS)
