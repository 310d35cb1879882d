"""Trains character_model.py on the characters of text.txt: python train_character_model.py [--resume]

The end of the text is held out. The weights of the epoch with their least cost are kept.
Everything is saved after each epoch: a run that was ended goes on with --resume, to the same weights.
Written by chainrule 0.1.0.
"""

import sys
from pathlib import Path

import numpy as np

import character_model as network

WEIGHTS = Path(__file__).resolve().with_name("weights.npz")
EPOCHS, BATCH, RATE, PATIENCE = 12, 128, 0.01, 0
HELD_OUT, SEED = 0.2, 0


class Examples:
    """Arrays, and the places in them of the examples to learn from and of those that are held out."""

    def __init__(self, data, training, held_out):
        self.data, self.training, self.held_out = data, training, held_out

    def at(self, places):
        """The examples at these places, as the network takes them."""
        return self.data["X"][places], self.data["Y"][places]

    def gradients(self, params, places):
        """The cost of these examples and its gradients."""
        return network.cost_and_gradients(params, *self.at(places))

    def judged(self, params):
        """The cost of what is held out."""
        parts = np.array_split(self.held_out, -(-len(self.held_out) // 1000))
        rows = [(network.cost(params, *batch),) for batch in map(self.at, parts)]
        return np.average(rows, axis=0, weights=[len(places) for places in parts])


def read_examples():
    """Those of the data."""
    text = WEIGHTS.with_name("text.txt").read_text(encoding="utf-8")
    characters, labels = np.unique(list(text), return_inverse=True)
    # A window at each place; what is to be said is the character behind it.
    windows = np.lib.stride_tricks.sliding_window_view(labels, 4)
    data = {
        "text/characters": characters,
        "X": windows[:, :-1],
        "Y": windows[:, -1],
    }
    places = np.arange(len(windows))
    training, held_out = np.split(places, [len(places) - round(HELD_OUT * len(places))])
    return Examples(data, training, held_out)


def keep(best, params, state, history, data):
    """Saves the weights of the best epoch, what the next one begins with, and the history."""
    further = {name: array for name, array in data.items() if "/" in name} | {"run/history": np.array(history), "run/t": state.t}
    for group, arrays in {"last": params, "m": state.m, "v": state.v}.items():
        further |= {f"{group}/{name}": array for name, array in arrays._asdict().items()}
    network.save(best, WEIGHTS, further)
    np.savetxt(WEIGHTS.with_name("history.csv"), history, "%.17g", ",", header="epoch,cost,held_out_cost", comments="")


def kept():
    """What was saved last."""
    with np.load(WEIGHTS) as file:
        groups = ([file[group + name] for name in network.Parameters._fields] for group in ("", "last/", "m/", "v/"))
        best, last, m, v = (network.Parameters(*arrays) for arrays in groups)
        return best, last, network.AdamState(int(file["run/t"]), m, v), [tuple(row) for row in file["run/history"]]


def train(resume=False, examples=None):
    """Goes through the epochs; gives the last row of the history after each."""
    examples = examples or read_examples()
    best = params = network.init(np.random.default_rng(SEED))
    state, history = None, []
    if resume and WEIGHTS.exists():
        best, params, state, history = kept()
    for epoch in range(len(history) + 1, EPOCHS + 1):
        if PATIENCE and history and epoch > best_epoch(history) + PATIENCE:
            return
        costs, order = [], np.random.default_rng((SEED, epoch)).permutation(examples.training)
        for places in np.array_split(order, -(-len(order) // BATCH)):
            cost, gradients = examples.gradients(params, places)
            params, state = network.adam(params, gradients, state, eta=RATE)
            costs.append(cost)
        history.append((epoch, np.mean(costs), *examples.judged(params)))
        if not np.isfinite(history[-1]).all():
            raise FloatingPointError(f"the cost is no number any more in epoch {epoch}; choose a smaller rate than {RATE}")
        best = params if best_epoch(history) == epoch else best
        keep(best, params, state, history, examples.data)
        yield history[-1]


def best_epoch(history):
    """The epoch with the least cost of what is held out, the first of several."""
    return int(min(history, key=lambda row: row[2])[0])


if __name__ == "__main__":
    for row in train(resume="--resume" in sys.argv):
        print(f"epoch {row[0]:4.0f}   cost {row[1]:.5f}   held out {row[2]:.5f}")

# chainrule fingerprint 2d8d8b4d24244201
