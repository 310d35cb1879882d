"""Networks as index equations, and their gradients by the chain rule."""
