"""Pictures of a network: layouts make a `Drawing` of labels and shapes at their places, and `tikz` and `svg` write the same drawing."""
