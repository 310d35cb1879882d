"""A network as a system of equations: boundaries, placements, recurrences, ranges, and the sizes of its axes."""
