"""The chain rule, which is the only place of differentiation, and what it gives: adjoints with their steps; second derivatives."""
