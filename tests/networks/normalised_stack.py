"""A stack with a batch normalisation as a description: the activation `before` it, the `last` one, and the `cost`."""

NORMALISED = """
name = "net"
input = 3

[[layers]]
units = 5
activation = "{before}"

[[layers]]
kind = "batch_norm"
activation = "tanh"

[[layers]]
units = 2
activation = "{last}"

[cost]
{cost}
"""
