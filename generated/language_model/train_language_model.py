"""Trains language_model.py with its own Adam on the verses of ../character_model/text.txt: python train_language_model.py [STEPS]

A verse is cut to small letters and one space for everything between two words; a space stands before it and after it. The verses of a
batch have different lengths: shorter ones are filled up, and mask is 0 where they are. The last tenth of the verses is held out.
"""

import sys
import time
from pathlib import Path

import language_model
import numpy as np

LETTERS = " abcdefghijklmnopqrstuvwxyz"
TEXT = Path(__file__).parent.parent / "character_model" / "text.txt"
BATCH, LONGEST, STEPS = 16, 120, 600


def read_verses() -> list[np.ndarray]:
    """Each verse as places in LETTERS; the first line of the file says where the text is from."""
    _, *lines = TEXT.read_text(encoding="utf-8").lower().splitlines()
    verses = ["".join(letter if letter in LETTERS else " " for letter in line).split() for line in lines]
    return [np.array([LETTERS.index(letter) for letter in f" {' '.join(words)} "])[:LONGEST] for words in verses]


def together(verses: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the model reads, where there is something to read, and what it is to say: the next letter at every place."""
    length = max(len(verse) for verse in verses) - 1
    tok, following = np.zeros((2, len(verses), length), int)
    mask = np.zeros((len(verses), length))
    for row, verse in enumerate(verses):
        places = len(verse) - 1
        tok[row, :places], following[row, :places], mask[row, :places] = verse[:-1], verse[1:], 1
    return tok, mask, following


def by_frequency(train: list[np.ndarray], held_out: list[np.ndarray]) -> float:
    """The cost of always guessing the letters as often as they occur in the verses to learn from."""
    counts = np.bincount(np.concatenate([verse[1:] for verse in train]), minlength=len(LETTERS)) + 1
    return float(-np.mean(np.log(counts / counts.sum())[np.concatenate([verse[1:] for verse in held_out])]))


def write(params: language_model.Parameters, rng: np.random.Generator, length: int) -> str:
    """Letters drawn one after the other, each from the chances after all before it."""
    text = [0]
    for _ in range(length):
        chances = language_model.forward(params, np.array([text]), np.ones((1, len(text)))).p[0, -1]
        text.append(rng.choice(len(LETTERS), p=chances))
    return "".join(LETTERS[place] for place in text).strip()


def main(steps: int = STEPS) -> tuple[float, float]:
    """Prints the cost on the held-out verses as it falls; returns the last one, and that of guessing by letter frequency."""
    rng = np.random.default_rng(0)
    verses = read_verses()
    train, held_out = verses[: -len(verses) // 10], verses[-len(verses) // 10 :]
    frequency = by_frequency(train, held_out)
    print(f"{len(train)} verses to learn from, {len(held_out)} held out; cost by letter frequency {frequency:.3f}")

    params, state = language_model.init(rng), None
    # The cell forgets little at first (Gers et al., 2000).
    params = params._replace(bf=np.ones_like(params.bf))
    started = time.perf_counter()
    for step in range(1, steps + 1):
        chosen = [train[place] for place in rng.choice(len(train), BATCH, replace=False)]
        _, gradients = language_model.cost_and_gradients(params, *together(chosen))
        params, state = language_model.adam(params, gradients, state, eta=0.01 if step <= steps * 2 / 3 else 0.002)
        if step % max(steps // 6, 1) == 0 or step == steps:
            cost = language_model.cost(params, *together(held_out))
            print(f"step {step:5}   cost on the held-out verses {cost:.3f}   {time.perf_counter() - started:.0f} s")
    for _ in range(4):
        print(write(params, rng, 80))
    return cost, frequency


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS)
