"""Functions of real and complex numbers, in double and in extended precision, as the interpreter needs them beside NumPy's own."""

from __future__ import annotations

from functools import lru_cache

import mpmath
import numpy as np
import sympy

from chainrule.symbolic.index.numeric_array import NumericArray

#: Of a derivative by a complex step: its square is nothing beside any number that occurs in double precision.
STEP = 1e-30
#: Floats of the machine's widest type have exponents of 15 bits, or are no wider than double precision.
HAS_WIDE_EXPONENTS = bool(np.finfo(np.longdouble).maxexp > 2 * np.finfo(np.float64).maxexp)
WIDE_STEP = np.longdouble("1e-1000") if HAS_WIDE_EXPONENTS else np.longdouble(STEP)

#: Bits enough to keep an imaginary part of 1e-30 beside a real part of 1.
ERF_PRECISION = 200


@lru_cache(maxsize=1 << 16)
def _erf(value: complex) -> complex:
    """Kept: when one entry of an array is moved, the others are asked for again."""
    with mpmath.workprec(ERF_PRECISION):
        return complex(mpmath.erf(value))


_complex_erf = np.vectorize(_erf, otypes=[complex])
#: Digits enough for a long double of any machine.
EXTENDED_DIGITS = 40
_PI = np.longdouble(str(sympy.pi.evalf(EXTENDED_DIGITS)))
#: From here on 1 − erf is nothing beside 1 in a long double of up to 113 bits.
LARGEST_ERF = 9


def _real_erf(value: NumericArray) -> NumericArray:
    """erf(z) = 2/√π exp(−z²) Σ_k 2^k z^(2k+1)/(1·3·…·(2k+1)): all terms have the sign of z, so nothing cancels."""
    z = np.clip(value, -LARGEST_ERF, LARGEST_ERF)
    term = total = z
    factor = 1
    while np.any(np.abs(term) > np.finfo(value.dtype).eps * np.abs(total) / 8):
        factor += 2
        term = term * 2 * z**2 / factor
        total = total + term
    scaled: NumericArray = total * np.exp(-(z**2)) * 2 / np.sqrt(_PI)
    return scaled


def error_function(value: NumericArray) -> NumericArray:
    if value.dtype == np.longdouble:
        return _real_erf(value)
    if value.dtype == np.clongdouble:
        # To first order in the imaginary part, which is a step whose square is nothing.
        slope: NumericArray = np.exp(-(np.real(value) ** 2)) * 2 / np.sqrt(_PI)
        return np.asarray(_real_erf(np.real(value)) + 1j * np.imag(value) * slope)
    found: NumericArray = _complex_erf(value)
    return found if np.iscomplexobj(value) else np.real(found)


def real_part(value: NumericArray) -> NumericArray:
    """Real parts, to be compared, without what a complex step makes of a 0: (a + i h u) (b + i h v) = −h² u v for a = b = 0."""
    real: NumericArray = np.real(value)
    if not np.iscomplexobj(value) or not np.any(np.imag(value)):
        return real
    return np.where(np.abs(real) < (WIDE_STEP if value.dtype == np.clongdouble else STEP), 0, real)


def sigmoid_of(value: NumericArray) -> NumericArray:
    """1/(1 + e^−z), or e^z/(1 + e^z): whichever exponential is at most 1."""
    small = np.exp(-value * np.where(np.real(value) < 0, -1, 1))
    result: NumericArray = np.where(np.real(value) < 0, small, 1) / (1 + small)
    return result


def softplus_of(value: NumericArray) -> NumericArray:
    """log(1 + e^z), or z + log(1 + e^−z)."""
    result: NumericArray = np.where(np.real(value) < 0, 0, value) + np.log(1 + np.exp(-value * np.where(np.real(value) < 0, -1, 1)))
    return result
