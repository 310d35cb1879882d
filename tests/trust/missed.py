"""Kinds of mistakes that problems of others brought to light and no check had seen, each with why not, and what holds it now."""

# One a line, as the findings.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missed:
    """What was wrong, why no check saw it, and what fails when it comes back (as of a finding)."""

    what: str
    why: str
    held_by: str


# fmt: off
MISSED: tuple[Missed, ...] = (
    Missed("fast style wrote over an entry that is the cost before it was read", "a fast module's gradients were compared with plain ones, the costs of its workspace were not", "test_call_check:test_the_check_sees_a_fast_cost_whose_array_was_written_over"),
    Missed("a boundary given as a formula was read outside of the range of its own letters", "the interpreter and the second reading took the boundary from the same formula", "test_ranges:test_a_boundary_is_as_long_as_its_own_letters"),
    Missed("the range of a placed letter was lost in the derivative", "axes were tried at sizes at which every read is inside", "test_ranges:test_the_range_of_a_placed_letter"),
    Missed("a label out of range read the label 0", "random labels were drawn along an axis that every read stays within", "test_ranges:test_a_label_out_of_range_says_no_entry"),
    Missed("steps of networks whose cost reads a late entry were compared as 0 with 0", "sizes of trials were cut to 8 whatever the description says, and two zeros count as equal", "test_evidence"),
    Missed("softmax after a convolution summed over columns, and labels pointed along them", "the reference of the tests was the tool's own equation", "test_class_axis:test_an_image_has_a_class_or_numbers_at_every_place"),
    Missed("a dense layer without an activation was a sigmoid, a convolution none", "both were as their own tests said; nobody had compared the two", "test_class_axis:TestLayersWithoutActivation"),
    Missed("a key said that an array must not be transposed where its transpose had been lost", "formulas of keys were evaluated, sentences about them were not", "test_exercises:test_what_a_key_says_of_a_formula_is_found_in_it"),
    Missed("common factors with exponents that are symbols lost a division by their base", "random formulas had numbers as exponents", "test_rewrites:test_a_rule_keeps_the_value"),
    Missed("fast modules with recurrences were wrong where an open axis is shorter than a shift", "modules were tried at sizes that fit their shifts", "test_small_sizes"),
    Missed("axes of a single position became numbers in fast style", "sizes in tests are different primes, and 1 is none", "test_layers_of_one"),
    Missed("quotients and logarithms of saturated sigmoids in formulas of one's own were no numbers", "safe forms were looked for in named layers, and random numbers are moderate", "test_saturated_compositions"),
    Missed("the slope of a norm at 0 was no number", "random vectors are never 0", "test_stability:test_a_norm_of_0_has_slope_0"),
    Missed("values above 600 were called not finite", "random numbers are moderate", "test_evidence"),
    Missed("inputs called as a variable of the module ended in a traceback", "the corpus calls its tensors as lecture notes do", "test_module_names"),
    Missed("a folder of the user's was deleted with what is in it, as it was called as the tool's own", "folders of trials were new", "test_writing_files"),
)
# fmt: on
