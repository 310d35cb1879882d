"""How much a description may hold: one table, so that no text, however short or long, takes all of a machine's time or memory.

Whatever is beyond is refused before it is worked out, with a message that names the limit.
"""

from __future__ import annotations

#: A description's file and a notation's, in bytes.
MOST_BYTES = 1_000_000
MOST_BYTES_OF_NOTATION = 20_000
#: Of a logo, and of LaTeX for a preamble.
MOST_BYTES_OF_LOGO, MOST_BYTES_OF_PREAMBLE = 2_000_000, 100_000
#: One equation, activation or cost, in characters; how deep its brackets and operators may be.
LONGEST_TEXT = 20_000
DEEPEST_NESTING = 60
#: Cases of a comparison, which is decided case by case.
MOST_CASES = 20
#: Comparisons of one condition, each of which doubles a value of the case distinction at worst.
MOST_COMPARISONS = 10
#: Parts of an equation whose shorthands are written out; softmax says its argument twice.
MOST_PARTS = 50_000
#: Names of tensors, constants, indices, layers and networks, in characters; letters that stand for a name in documents.
LONGEST_NAME = 100
LONGEST_LETTER = 20
#: Digits of a whole number; a decimal number keeps its digits, so that 0.01 is 1/100, and is 0 or between these.
LONGEST_NUMBER = 40
SMALLEST_DECIMAL, LARGEST_DECIMAL = 1e-30, 1e30
#: Of a power with a number for its exponent, and of what numbers come to: 9**9**9 is refused before it is worked out.
LARGEST_EXPONENT = 64
SMALLEST_NUMBER, LARGEST_NUMBER = 1e-100, 1e100
#: Values of constants and numbers of an example.
LARGEST_VALUE = 1e300
#: NumPy's arrays have so many dimensions at most, and a formula with more indices is none that anyone reads.
MOST_INDICES = 16
#: Every letter of an equation is a dimension of an array while it is checked.
MOST_LETTERS = 26
#: A whole number as an index, and the size of an axis.
LARGEST_PLACE = 10**9
MOST_POSITIONS = 10**9
#: Entries of one array, and those at the small sizes at which equations are tried; steps of a recurrence.
MOST_ENTRIES = 250_000_000
MOST_TRIED_ENTRIES = 10**7
#: Positions up to which axes are made longer while equations are tried. Places beyond are tried nearer, where they can be moved together.
MOST_TRIED_POSITIONS = 600
MOST_STEPS = 100_000
#: Positions beyond the ends of an axis at which it is read: there are zeros, which are made before they are read.
MOST_BEYOND = 10**7
#: Layers of a network, units of a layer, features of an input, axes of an input's shape, layers that a layer joins.
MOST_LAYERS = 100_000
MOST_UNITS = 1_000_000
MOST_FEATURES = 10_000_000
MOST_AXES = 6
MOST_SOURCES = 16

#: Every limit with what it is of, as people read it.
LIMITS: dict[str, str] = {
    "file": f"{MOST_BYTES} bytes of a description, {MOST_BYTES_OF_NOTATION} of a notation, {MOST_BYTES_OF_PREAMBLE} of a preamble, "
    f"{MOST_BYTES_OF_LOGO} of a logo",
    "equation": f"{LONGEST_TEXT} characters; an activation and a cost likewise",
    "nesting": f"{DEEPEST_NESTING} levels of brackets and operators",
    "cases": f"{MOST_CASES} of a comparison of maximum(…), minimum(…), where(…) with each other",
    "comparisons": f"{MOST_COMPARISONS} of one condition, joined by and, or, not",
    "parts": f"{MOST_PARTS} names, numbers and operators of one equation, written out: softmax(k, u) says u twice",
    "name": f"{LONGEST_NAME} characters of a tensor, an index, a constant, a layer or a network",
    "letter": f"{LONGEST_LETTER} characters in [symbols]",
    "whole number": f"{LONGEST_NUMBER} digits",
    "decimal number": f"0, or between {SMALLEST_DECIMAL:.0e} and {LARGEST_DECIMAL:.0e}",
    "exponent": f"-{LARGEST_EXPONENT} to {LARGEST_EXPONENT}, where it is a number",
    "number": f"0, or between {SMALLEST_NUMBER:.0e} and {LARGEST_NUMBER:.0e}, whatever operations it comes from",
    "constant": f"a finite number below {LARGEST_VALUE:.0e}",
    "indices": f"{MOST_INDICES} of a tensor",
    "letters": f"{MOST_LETTERS} in one equation",
    "place": f"below {LARGEST_PLACE}, where an index is a number",
    "size": f"{MOST_POSITIONS} positions of an axis, {MOST_FEATURES} features of an input, {MOST_UNITS} units of a layer",
    "entries": f"{MOST_ENTRIES} of one array, {MOST_TRIED_ENTRIES} at the small sizes at which equations are tried",
    "steps": f"{MOST_STEPS} of a recurrence",
    "reads": f"{MOST_BEYOND} positions beyond the ends of an axis",
    "tried positions": f"{MOST_TRIED_POSITIONS} of an axis; h[n,3000] is tried nearer, x[n,t-3000] is not",
    "shape": f"{MOST_AXES} axes of an input",
    "layers": f"{MOST_LAYERS} of a network, {MOST_SOURCES} that one layer joins",
}
