"""Trains digits.py on the examples of data.npz, x (examples, 64) and y (examples,): python train_digits.py [--resume]

A part of the examples is held out. The weights of the epoch with their least cost are kept.
Everything is saved after each epoch: a run that was ended goes on with --resume, to the same weights.
Written by chainrule 0.1.0.
"""

import sys
from pathlib import Path

import numpy as np

import digits as network

WEIGHTS = Path(__file__).resolve().with_name("weights.npz")
EPOCHS, BATCH, RATE, PATIENCE = 30, 32, 0.003, 0
HELD_OUT, SEED = 0.2, 0


class Examples:
    """Arrays, and the places in them of the examples to learn from and of those that are held out."""

    def __init__(self, data, training, held_out):
        self.data, self.training, self.held_out = data, training, held_out

    def at(self, places):
        """The examples at these places, as the network takes them."""
        return self.data["x"][places], self.data["y"][places]

    def gradients(self, params, places):
        """The cost of these examples and its gradients."""
        return network.cost_and_gradients(params, *self.at(places))

    def judged(self, params):
        """The cost of what is held out, and the share of it that is told right."""
        parts = np.array_split(self.held_out, -(-len(self.held_out) // 1000))
        rows = []
        for batch in map(self.at, parts):
            right = network.predict(params, *batch[:1]).argmax(axis=1) == batch[1]
            rows.append((network.cost(params, *batch), np.mean(right)))
        return np.average(rows, axis=0, weights=[len(places) for places in parts])


def split(count):
    """The places of the examples to learn from, and of those that are held out."""
    order = np.random.default_rng(SEED).permutation(count)
    return order[round(HELD_OUT * count) :], order[: round(HELD_OUT * count)]


def read_examples():
    """Those of the data."""
    with np.load(WEIGHTS.with_name("data.npz")) as file:
        data = dict(file)
    training, held_out = split(data["x"].shape[0])
    # Features of mean 0 and deviation 1, by the examples to learn from alone; one that never changes has deviation 0.
    learned = data["x"][training]
    mean, deviation, spread = (of(learned, axis=0, keepdims=True) for of in (np.mean, np.std, np.ptp))
    data["mean/x"], data["deviation/x"] = mean, np.where(spread > 0, deviation, 1)
    data["x"] = (data["x"] - mean) / data["deviation/x"]
    return Examples(data, training, held_out)


def keep(best, params, state, history, data):
    """Saves the weights of the best epoch, what the next one begins with, and the history."""
    further = {name: array for name, array in data.items() if "/" in name} | {"run/history": np.array(history), "run/t": state.t}
    for group, arrays in {"last": params, "m": state.m, "v": state.v}.items():
        further |= {f"{group}/{name}": array for name, array in arrays._asdict().items()}
    network.save(best, WEIGHTS, further)
    np.savetxt(WEIGHTS.with_name("history.csv"), history, "%.17g", ",", header="epoch,cost,held_out_cost,held_out_right", comments="")


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


def predict(x):
    """The output of the best epoch's network for new examples, along the first axis of all arrays."""
    with np.load(WEIGHTS) as file:
        x = (x - file["mean/x"]) / file["deviation/x"]
    return network.predict(network.restore(WEIGHTS), x)


if __name__ == "__main__":
    for row in train(resume="--resume" in sys.argv):
        print(f"epoch {row[0]:4.0f}   cost {row[1]:.5f}   held out {row[2]:.5f}   right {row[3]:.1%}")

# chainrule fingerprint e7b01179513b15d8
