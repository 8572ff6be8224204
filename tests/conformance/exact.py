# SPDX-License-Identifier: MIT
"""Binary floating-point formats in exact rational arithmetic: the reference every expected value is computed with.

    F32.decode(0x3fc00000)                    Fraction(3, 2)
    F32.encode(Fraction(1, 3), "rz")          0x3eaaaaaa
    F16.add(0x7c00, 0xfc00)                   0x7fff            Inf - Inf = the canonical NaN
    F32.fma(a, b, c, "rn", ftz=True)          bits of a * b + c, rounded once

Values are bit patterns (Python ints) outside and fractions.Fraction inside, so nothing here can share an error with
a floating-point unit or with the engine. Rounding modes are PTX's: rn (ties to even), rz, rm, rp, rna (ties away from
zero). Sources: IEEE 754-2019 sections 3.4, 4.3, 6; PTX ISA 9.0 section 5.2 (formats) and 9.7.3 (flush to zero:
subnormal inputs and results become zeros of the same sign; NaN results are 0x7fffffff for f32, 0x7fff for f16 and bf16).
"""

from fractions import Fraction
from math import isqrt


class Format:
    """One format. `max_finite` is the code of the largest finite magnitude; `infinity` is None where there is none."""

    def __init__(self, name, bits, exponent_bits, mantissa_bits, infinity=True, nan=None, max_finite=None, bias=None):
        self.name, self.bits, self.mantissa_bits = name, bits, mantissa_bits
        self.exponent_bits = exponent_bits
        self.sign_bit = 1 << (bits - 1)
        self.bias = (1 << (exponent_bits - 1)) - 1 if bias is None else bias
        self.least_exponent = 1 - self.bias
        top = ((1 << exponent_bits) - 1) << mantissa_bits
        self.infinity = top if infinity else None
        self.max_finite = max_finite if max_finite is not None else top - 1
        self.nan = nan
        self.min_normal = 1 << mantissa_bits
        self._decoded = {}

    # Classes ---------------------------------------------------------------------------------------------------------
    def magnitude(self, code):
        return code & (self.sign_bit - 1)

    def negative(self, code):
        return code & self.sign_bit != 0

    def is_nan(self, code):
        return self.magnitude(code) > (self.max_finite if self.infinity is None else self.infinity)

    def is_infinite(self, code):
        return self.infinity is not None and self.magnitude(code) == self.infinity

    def is_finite(self, code):
        return not self.is_nan(code) and not self.is_infinite(code)

    def is_zero(self, code):
        return self.magnitude(code) == 0

    def is_subnormal(self, code):
        return 0 < self.magnitude(code) < self.min_normal

    def flush(self, code):
        """Subnormals become zeros of their sign."""
        return code & self.sign_bit if self.is_subnormal(code) else code

    # Values ----------------------------------------------------------------------------------------------------------
    def decode(self, code):
        """The exact value of a finite code."""
        value = self._decoded.get(code)
        if value is None:
            m = self.magnitude(code)
            exponent = m >> self.mantissa_bits
            fraction = m & (self.min_normal - 1)
            if exponent == 0:
                exponent = 1
            else:
                fraction |= self.min_normal
            power = exponent - self.bias - self.mantissa_bits
            value = Fraction(fraction << power) if power >= 0 else Fraction(fraction, 1 << -power)
            if self.negative(code):
                value = -value
            if len(self._decoded) < 1 << 17:
                self._decoded[code] = value
        return value

    def encode(self, value, mode="rn", negative_zero=False, saturate=False):
        """The code of `value` (a Fraction) rounded by `mode`. `saturate`: overflow gives the largest finite value."""
        if value == 0:
            return self.sign_bit if negative_zero else 0
        sign = self.sign_bit if value < 0 else 0
        size = abs(value)
        n, d = size.numerator, size.denominator
        exponent = n.bit_length() - d.bit_length()
        if (n << -exponent if exponent < 0 else n) < (d << exponent if exponent > 0 else d):
            exponent -= 1
        power = max(exponent, self.least_exponent) - self.mantissa_bits
        if power >= 0:
            d <<= power
        else:
            n <<= -power
        whole, rest = divmod(n, d)
        up = {
            "rn": 2 * rest > d or (2 * rest == d and whole & 1 == 1),
            "rna": 2 * rest >= d,
            "rz": False,
            "rm": rest != 0 and sign != 0,
            "rp": rest != 0 and sign == 0,
        }[mode]
        whole += up
        code = whole + ((power + self.mantissa_bits - self.least_exponent) << self.mantissa_bits)
        if code > self.max_finite:
            away = mode in ("rn", "rna") or (mode == "rm" and sign != 0) or (mode == "rp" and sign == 0)
            code = self.infinity if away and not saturate and self.infinity is not None else self.max_finite
        return sign | code

    # Operations ------------------------------------------------------------------------------------------------------
    # Each takes and gives codes. NaN operands and invalid operations give self.nan.
    def _result(self, code, ftz, sat):
        if ftz:
            code = self.flush(code)
        if sat:
            one = self.encode(Fraction(1))
            if self.is_nan(code) or self.negative(code):
                return 0
            return min(code, one)
        return code

    def add(self, a, b, mode="rn", ftz=False, sat=False):
        return self.fma(a, self.encode(Fraction(1)), b, mode, ftz, sat)

    def sub(self, a, b, mode="rn", ftz=False, sat=False):
        return self.add(a, b if self.is_nan(b) else b ^ self.sign_bit, mode, ftz, sat)

    def mul(self, a, b, mode="rn", ftz=False, sat=False):
        if ftz:
            a, b = self.flush(a), self.flush(b)
        if self.is_nan(a) or self.is_nan(b):
            return self._result(self.nan, False, sat)
        sign = (a ^ b) & self.sign_bit
        if self.is_infinite(a) or self.is_infinite(b):
            if self.is_zero(a) or self.is_zero(b):
                return self._result(self.nan, False, sat)
            return self._result(sign | self.infinity, False, sat)
        return self._result(self.encode(self.decode(a) * self.decode(b), mode, sign != 0), ftz, sat)

    def fma(self, a, b, c, mode="rn", ftz=False, sat=False):
        if ftz:
            a, b, c = self.flush(a), self.flush(b), self.flush(c)
        if self.is_nan(a) or self.is_nan(b) or self.is_nan(c):
            return self._result(self.nan, False, sat)
        sign = (a ^ b) & self.sign_bit
        if self.is_infinite(a) or self.is_infinite(b):
            if self.is_zero(a) or self.is_zero(b) or (self.is_infinite(c) and (c & self.sign_bit) != sign):
                return self._result(self.nan, False, sat)
            return self._result(sign | self.infinity, False, sat)
        if self.is_infinite(c):
            return self._result(c, False, sat)
        product, addend = self.decode(a) * self.decode(b), self.decode(c)
        total = product + addend
        # An exact sum of zero is negative if both parts are, or if they cancel while rounding down.
        both = sign != 0 and c & self.sign_bit != 0
        differ = (sign != 0) != (c & self.sign_bit != 0)
        negative_zero = both or (mode == "rm" and differ)
        return self._result(self.encode(total, mode, negative_zero), ftz, sat)

    def div(self, a, b, mode="rn", ftz=False):
        if ftz:
            a, b = self.flush(a), self.flush(b)
        sign = (a ^ b) & self.sign_bit
        if self.is_nan(a) or self.is_nan(b):
            return self.nan
        if self.is_infinite(a):
            return self.nan if self.is_infinite(b) else sign | self.infinity
        if self.is_infinite(b):
            return sign
        if self.is_zero(b):
            return self.nan if self.is_zero(a) else sign | self.infinity
        return self._result(self.encode(self.decode(a) / self.decode(b), mode, sign != 0), ftz, False)

    def sqrt(self, a, mode="rn", ftz=False):
        if ftz:
            a = self.flush(a)
        if self.is_nan(a) or (self.negative(a) and not self.is_zero(a)):
            return self.nan
        if self.is_infinite(a) or self.is_zero(a):
            return a
        value = self.decode(a)
        # The root to at least 100 bits, whatever the magnitude; a last one bit stands for what is cut off.
        half = 100 + max(0, value.denominator.bit_length() - value.numerator.bit_length()) // 2
        n, rest = divmod(value.numerator << 2 * half, value.denominator)
        root = isqrt(n)
        exact = rest == 0 and root * root == n
        approximate = Fraction((root << 1) | (0 if exact else 1), 1 << (half + 1))
        return self._result(self.encode(approximate, mode), ftz, False)

    def convert(self, code, source, mode="rn", ftz=False, saturate=False):
        """`code` of format `source` in this format. ftz flushes what is subnormal in f32."""
        if ftz:
            code = source.flush(code) if source.name == "f32" else code
        sign = self.sign_bit if source.negative(code) else 0
        if source.is_nan(code):
            return self.nan
        if source.is_infinite(code):
            if self.infinity is None or saturate:
                return sign | self.max_finite
            return sign | self.infinity
        result = self.encode(source.decode(code), mode, sign != 0, saturate)
        return self.flush(result) if ftz and self.name == "f32" else result

    def to_integer(self, code, mode, bits, signed):
        """Rounded to an integer (rni rzi rmi rpi given as rn rz rm rp) and clamped to its range. NaN gives 0, or
        1 << (bits - 1) where a 64-bit type takes part (PTX ISA 9.0, cvt)."""
        low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
        if self.is_nan(code):
            return 1 << (bits - 1) if bits == 64 or self.bits == 64 else 0
        if self.is_infinite(code):
            return low if self.negative(code) else high
        return min(max(round_fraction(self.decode(code), mode), low), high)

    # Interesting codes -----------------------------------------------------------------------------------------------
    def specials(self):
        """Both signs of zero, subnormals, neighbours of 1, ties, the extremes, infinities and NaNs."""
        one = self.encode(Fraction(1))
        magnitudes = [0, 1, 2, self.min_normal - 1, self.min_normal, self.min_normal + 1, one - 1, one, one + 1,
                      self.encode(Fraction(3, 2)), self.encode(Fraction(2)), self.encode(Fraction(3)),
                      self.max_finite - 1, self.max_finite]
        if self.infinity is not None:
            magnitudes.append(self.infinity)
            magnitudes += [self.infinity + 1, self.infinity | (self.min_normal >> 1), self.sign_bit - 1]
        elif self.nan is not None:
            magnitudes.append(self.nan & (self.sign_bit - 1))
        out = []
        for m in dict.fromkeys(magnitudes):
            out += [m, m | self.sign_bit]
        return out


def round_fraction(value, mode):
    """A Fraction to an integer."""
    whole = value.numerator // value.denominator
    rest = value - whole
    if mode == "rm" or rest == 0:
        return whole
    if mode == "rp":
        return whole + 1
    if mode == "rz":
        return whole + (1 if value < 0 else 0)
    half = Fraction(1, 2)
    return whole + (1 if rest > half or (rest == half and (whole & 1 or mode == "rna")) else 0)


F16 = Format("f16", 16, 5, 10, nan=0x7FFF)
BF16 = Format("bf16", 16, 8, 7, nan=0x7FFF)
F32 = Format("f32", 32, 8, 23, nan=0x7FFFFFFF)
F64 = Format("f64", 64, 11, 52, nan=0x7FF8000000000000)
TF32 = Format("tf32", 19, 8, 10, nan=0x3FFFF)
E4M3 = Format("e4m3", 8, 4, 3, infinity=False, nan=0x7F, max_finite=0x7E)
E5M2 = Format("e5m2", 8, 5, 2, nan=0x7F)
E2M1 = Format("e2m1", 4, 2, 1, infinity=False, max_finite=0x7)
E2M3 = Format("e2m3", 6, 2, 3, infinity=False, max_finite=0x1F)
E3M2 = Format("e3m2", 6, 3, 2, infinity=False, max_finite=0x1F)
FORMATS = {f.name: f for f in (F16, BF16, F32, F64, TF32, E4M3, E5M2, E2M1, E2M3, E3M2)}


def signed(value, bits):
    """The two's complement value of the low `bits`."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def unsigned(value, bits):
    return value & ((1 << bits) - 1)


def integer_specials(bits):
    """Bit patterns: zero, one, the extremes of both readings, powers of two and their neighbours."""
    top = 1 << bits
    values = [0, 1, 2, 3, top - 1, top - 2, top >> 1, (top >> 1) - 1, (top >> 1) + 1]
    for shift in (4, 7, 8, 15, 16, 31, 32, 63):
        if shift < bits:
            values += [1 << shift, (1 << shift) - 1]
    return list(dict.fromkeys(v & (top - 1) for v in values))
