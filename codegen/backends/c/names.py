"""Names that C takes: letters, digits and underscores of ASCII, and none that the language or its headers have."""

from __future__ import annotations

from collections.abc import Collection

from chainrule.symbolic.index.free_name import free_name

#: Names that modules bring themselves; words of C99, and of C++ for who includes the header there; macros and functions of the headers.
RESERVED = frozenset(
    """
    REAL ONE_BY_ONE chosen BYTES WIDTH ROWS PANEL MOST_TILES TILE TILES LOWER_PAIRS UPPER_PAIRS ROUNDING EXPONENT MANTISSA LN2_HIGH LN2_LOW
    side vector unaligned bits product product_of_terms product_of_panels fill_panels tile tile_of_terms tile_of_size tiles turn fill
    is_panel least largest_of total_of GEMM leading is_product_of_cblas cblas_sgemm cblas_dgemm CblasRowMajor CblasTrans CblasNoTrans
    INT_MAX inner_of power_of_two limited elementwise_exp elementwise_tanh elementwise_erf EXPM1_NEAR_0 LOWEST HIGHEST FLAT WHERE_ERF_IS_1
    ERF_P ERF_Q WHOLE OF_MACHINE bits_of_vector vectors_limited vectors_power_of_two vectors_quotient vectors_exp vectors_tanh vectors_erf
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t class compl concept const const_cast
    constexpr continue decltype default delete do double dynamic_cast else enum explicit export extern false float for friend goto if
    import inline int linux long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
    reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch template this
    thread_local throw true try typedef typeid typename typeof union unix unsigned using virtual void volatile wchar_t while xor xor_eq
    _Bool _Complex _Imaginary NULL NAN INFINITY HUGE_VAL HUGE_VALF HUGE_VALL MATH_ERRNO MATH_ERREXCEPT math_errhandling
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma fmax fmin fmod frexp
    hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround nearbyint nextafter nexttoward pow remainder remquo
    rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc conj creal cimag carg cproj fpclassify isfinite isinf isnan isnormal
    signbit isgreater isgreaterequal isless islessequal islessgreater isunordered size_t ptrdiff_t offsetof memset memcpy main
    """.split()
)


def ascii_name(name: str) -> str:
    """The name with the number of every letter that is not of ASCII in its place: σ is u3c3."""
    return "".join(letter if letter.isascii() else f"u{ord(letter):x}" for letter in name.replace("'", "_prime"))


class Names:
    """C's name for each of a kind of things, given out once."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.taken = {*RESERVED, *taken}
        self.given: dict[object, str] = {}

    def of(self, key: object, wanted: str) -> str:
        """The name of what is known by a key: the one that is wanted, where nothing else has it."""
        if key not in self.given:
            name = ascii_name(wanted)
            # Names that begin with an underscore and those that end in _t belong to the implementation.
            name = f"v{name}" if name.startswith("_") else f"{name}_" if name.endswith("_t") else name
            self.given[key] = free_name(name, self.taken)
            self.taken.add(self.given[key])
        return self.given[key]
