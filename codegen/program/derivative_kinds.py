"""What a module can compute: the gradient, and further derivatives, by their names."""

from __future__ import annotations

#: Second derivatives, with what they are.
SECOND = {
    "hvp": "the Hessian times a direction, at about twice the work of the gradient",
    "hessian": "∂²C/∂W∂W of one parameter at a time, and ∂²C/∂W∂V of two",
}
#: Functions made of gradients.
FUNCTIONS = {
    "vjp": "a vector times the Jacobian of a tensor by the parameters: its vector–Jacobian product",
    "jvp": "the Jacobian of a tensor by the parameters times a direction: its Jacobian–vector product",
    "jacobian": "the Jacobian of the network's output by one parameter at a time",
    "per_example_gradients": "the gradient of each example's own cost (--per-example)",
    "gnvp": "the Gauss–Newton matrix times a direction",
    "fisher": "the diagonal of the empirical Fisher matrix: the mean of the squares of single examples' gradients",
    "kfac": "the Kronecker factors A = E[a aᵀ] and G = E[g gᵀ] of every dense and convolution layer's weights",
}
#: All that a module can compute.
DERIVATIVES = {"gradient": "∂C/∂W of every parameter; always there", **SECOND, **FUNCTIONS}
GRADIENT = ("gradient",)
