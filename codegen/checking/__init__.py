"""Everything that a derivation and its modules claim, tried at random tensors: `chainrule check --deep`."""
