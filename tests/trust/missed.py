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
    Missed("fast style wrote over an entry that is the cost before it was read", "a fast module's gradients were compared with plain ones, the costs of its workspace were not", "test_call_check:test_a_wrong_result_of_any_method_of_a_workspace_is_refused"),
    Missed("a boundary given as a formula was read outside of the range of its own letters", "the interpreter and the second reading took the boundary from the same formula", "test_ranges:test_a_boundary_is_as_long_as_its_own_letters"),
    Missed("the range of a placed letter was lost in the derivative", "axes were tried at sizes at which every read is inside", "test_ranges:test_the_range_of_a_placed_letter"),
    Missed("a label out of range read the label 0", "random labels were drawn along an axis that every read stays within", "test_ranges:test_a_label_out_of_range_says_no_entry"),
    Missed("steps of networks whose cost reads a late entry were compared as 0 with 0", "sizes of trials were cut to 8 whatever the description says, and two zeros count as equal", "test_evidence:test_what_is_verified_has_an_effect_on_the_cost"),
    Missed("softmax after a convolution summed over columns, and labels pointed along them", "the reference of the tests was the tool's own equation", "test_class_axis:test_an_image_has_a_class_or_numbers_at_every_place"),
    Missed("a dense layer without an activation was a sigmoid, a convolution none", "both were as their own tests said; nobody had compared the two", "test_class_axis:TestLayersWithoutActivation"),
    Missed("a key said that an array must not be transposed where its transpose had been lost", "formulas of keys were evaluated, sentences about them were not", "test_mistakes:test_what_a_key_says_of_a_formula_is_found_in_it"),
    Missed("common factors with exponents that are symbols lost a division by their base", "random formulas had numbers as exponents", "test_rewrites:test_a_rule_keeps_the_value"),
    Missed("fast modules with recurrences were wrong where an open axis is shorter than a shift", "modules were tried at sizes that fit their shifts", "test_small_sizes:test_recurrences_shorter_than_their_shifts"),
    Missed("axes of a single position became numbers in fast style", "sizes in tests are different primes, and 1 is none", "test_layers_of_one:test_every_call_is_that_of_plain"),
    Missed("quotients and logarithms of saturated sigmoids in formulas of one's own were no numbers", "safe forms were looked for in named layers, and random numbers are moderate", "test_saturated_compositions:test_compositions"),
    Missed("the slope of a norm at 0 was no number", "random vectors are never 0", "test_stability:test_a_norm_of_0_has_slope_0"),
    Missed("values above 600 were called not finite", "random numbers are moderate", "test_evidence:test_the_module_has_the_right_numbers"),
    Missed("inputs called as a variable of the module ended in a traceback", "the corpus calls its tensors as lecture notes do", "test_module_names:test_every_name_of_a_modules_own_in_every_place"),
    Missed("a folder of the user's was deleted with what is in it, as it was called as the tool's own", "folders of trials were new", "test_writing_files:test_a_folder_of_the_users_stays"),
    Missed("adjoints divided by what is read past the end were no numbers", "random numbers are never 0, and no corpus divided by a shifted entry", "test_ranges:test_what_is_divided_by_past_the_end_is_none_of_the_sum"),
    Missed("letters that a boundary value sums over ran into each other", "boundary values of the corpus were tensors", "test_ranges:test_letters_of_a_boundary_value_are_its_own"),
    Missed("one-hot rows added up to 1 also where the row is out of range", "rewrites were tried on the systems in which they had been found", "test_rewrites:test_a_rule_keeps_the_value"),
    Missed("load and write_module handed out modules that build refuses", "what build does and what load does were two paths, and tests of load compared gradients alone", "test_check_plan:test_no_wrong_module_is_handed_out"),
    Missed("a mistake of a tenth in values below 1e-6 passed", "differences were measured against 1e-3 at least", "test_evidence:test_small_values_are_compared_as_exactly_as_large_ones"),
    Missed("numbers multiplied out lost their digits in float32", "masks of 1e9 were tried in double precision alone", "test_stability:test_a_large_number_is_not_multiplied_out"),
    Missed("sums of weighted exponentials were divided 0 by 0, or warned, where a weight is 0 (alignments and survival times by logarithms)", "random weights are never 0, and safe forms were those of sums without weights", "test_reported_numbers:test_cost_and_gradients"),
    Missed("the logarithm of what a softmax written inline lacks had no slope where one class is certain", "softmaxes were tried under a name, where all that reads it is known", "test_stability:test_saturated"),
    Missed("a share of one class was taken for any case distinction of a quotient, and the logarithm of a negative adjoint with it", "adjoints of alignments in tests had one sign", "test_stability:test_saturated"),
    Missed("slopes of logistic costs had one digit in single precision", "errors are measured against the largest entry, and all examples were tried together", "test_stability:test_a_small_slope_has_all_its_digits"),
    Missed("the logarithm of 0 beside that 0 was no number", "random numbers are never 0", "test_reported_numbers:test_cost_and_gradients"),
    Missed("a network whose cost reads the last of thousands of steps was refused", "no corpus reads that far", "test_evidence:test_places_far_along_an_axis_are_tried_nearer"),
)
# fmt: on
