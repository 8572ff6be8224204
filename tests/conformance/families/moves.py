# SPDX-License-Identifier: MIT
"""mov (PTX ISA 9.0, 9.7.9.3 and, for vectors, 9.7.9.4): registers, constants, packing and unpacking, the addresses of
variables and functions, and, in special_registers.py, the special registers (chapter 10)."""

from case import Case, words
from elementwise import crossed, elementwise, header, random_words, width
from exact import integer_specials
from registry import covers
from special_registers import predicate_cases, wide_cases, word_cases

# Constants of each type: what is written, and the bits it gives.
CONSTANTS = {
    "b16": ("0xbeef", 0xbeef), "u16": ("65535", 0xffff), "s16": ("-2", 0xfffe),
    "b32": ("0xdeadbeef", 0xdeadbeef), "u32": ("4294967295", 0xffffffff), "s32": ("-2147483648", 0x80000000),
    "b64": ("0xdeadbeefcafef00d", 0xdeadbeefcafef00d), "u64": ("18446744073709551615", (1 << 64) - 1),
    "s64": ("-9223372036854775808", 1 << 63), "f32": ("0f7FC00001", 0x7fc00001), "f64": ("0d7FF4000000000001",
                                                                                        0x7ff4000000000001),
}


@covers("mov", when=lambda f: f.has("pred"))
def predicates(form):
    rows = [(i % 3 & 1,) for i in range(260)]
    body = "setp.ne.u32 %p0, %a0, 0; {op} %d0, %p0; {op} %d1, !%p0; {op} %d2, 1; {op} %d3, 0;"
    return [elementwise(form, "u32", "pred pred pred pred", rows, lambda a: (a, 1 - a, 1, 0), body=body),
            *predicate_cases(form)]


def pieces(value, bits, count):
    each = bits // count
    return tuple(value >> each * i & (1 << each) - 1 for i in range(count))


def vectors(form, count):
    """Unpacked into `count` registers, packed again in the reverse order, once with a piece left out."""
    bits = width(form.types[0])
    kind = f"b{bits // count}"
    names = ", ".join(f"%d{i}" for i in range(count))
    back = ", ".join(f"%d{i}" for i in reversed(range(count)))
    some = ", ".join("_" if i == 0 else f"%d{count + i}" for i in range(count))
    body = f"{{op}} {{{{{names}}}}}, %a0; {{op}} %d{2 * count}, {{{{{back}}}}}; {{op}} {{{{{some}}}}}, %a0;"
    body = body.replace("{{", "{").replace("}}", "}")
    sentinel = 0xa5a5a5a5a5a5a5a5 & (1 << bits // count) - 1

    def expected(a):
        parts = pieces(a, bits, count)
        whole = sum(p << bits // count * i for i, p in enumerate(reversed(parts)))
        return (*parts, sentinel, *parts[1:], whole)

    rows = [(v,) for v in integer_specials(bits)] + random_words(200, bits, 1)
    results = " ".join([kind] * (2 * count) + [form.types[0]])
    return elementwise(form, form.types[0], results, rows, expected, body=body)


@covers("mov")
def moves(form):
    kind = form.types[0]
    bits = width(kind)
    rows = [(v,) for v in integer_specials(bits)] + random_words(200, bits, 1)
    cases = [elementwise(form, kind, kind, rows, lambda a: a)]
    if kind in CONSTANTS:
        text, value = CONSTANTS[kind]
        cases.append(elementwise(form, kind, kind, rows, lambda a: value, body=f"{{op}} %d0, {text};"))
    if kind[0] == "b":
        cases += [vectors(form, count) for count in (2, 4) if 16 <= bits // count <= 64]
    if bits == 32 and kind[0] != "f":
        cases += word_cases(form)
    if bits == 64 and kind[0] != "f":
        cases += wide_cases(form)
        cases += addresses(form)
    if bits == 16:
        # A special register may be taken by a 16-bit move, which keeps its low half.
        cases.append(elementwise(form, kind, kind, rows[:150], lambda a: 128, body="{op} %d0, %ntid.x;"))
    return cases


def addresses(form):
    """The address of a variable in each space, with an offset, is what ld of that space takes; a function's calls it;
    initialisers hold generic and plain addresses."""
    lanes = 64
    ptx = header() + f"""
.global .align 8 .u32 numbers[4] = {{11, 22, 33, 44}};
.const .align 8 .u32 constants[4] = {{55, 66, 77, 88}};
.global .u64 generics[2] = {{generic(numbers), generic(numbers)+12}};
.global .u64 plain = numbers+4;
.func (.param .u32 r) triple(.param .u32 a)
{{
  .reg .u32 %x; ld.param.u32 %x, [a]; mul.lo.u32 %x, %x, 3; st.param.u32 [r], %x; ret;
}}
.visible .entry k(.param .u64 out)
{{
  .reg .u32 %t, %v<8>; .reg .u64 %p, %a<8>, %o; .shared .align 8 .u32 own[{2 * lanes}]; .local .align 8 .u32 mine[4];
  ld.param.u64 %o, [out]; mov.u32 %t, %tid.x;
  mad.wide.u32 %o, %t, 32, %o;
  {form.spelling} %a0, numbers; ld.global.u32 %v0, [%a0+8];
  {form.spelling} %a1, constants+4; ld.const.u32 %v1, [%a1];
  {form.spelling} %a2, own; mad.wide.u32 %a2, %t, 4, %a2; add.u32 %v2, %t, 1000; st.shared.u32 [%a2+{4 * lanes}], %v2;
  mov.u32 %v2, 0; ld.shared.u32 %v2, [%a2+{4 * lanes}];
  {form.spelling} %a3, mine+8; add.u32 %v3, %t, 2000; st.local.u32 [mine+8], %v3; mov.u32 %v3, 0; ld.local.u32 %v3, [%a3];
  {form.spelling} %a4, triple;
  {{
    .param .u32 given; .param .u32 got;
    st.param.u32 [given], %t;
    calls: .callprototype (.param .u32 _) _ (.param .u32 _);
    call (got), %a4, (given), calls;
    ld.param.u32 %v4, [got];
  }}
  ld.global.u64 %a5, [generics+8]; ld.u32 %v5, [%a5];
  ld.global.u64 %a6, [plain]; ld.global.u32 %v6, [%a6];
  ld.global.u64 %a7, [generics]; ld.u32 %v7, [%a7];
  st.global.v4.u32 [%o], {{%v0, %v1, %v2, %v3}}; st.global.v4.u32 [%o+16], {{%v4, %v5, %v6, %v7}};
  ret;
}}
"""
    values = []
    for t in range(lanes):
        values += [33, 66, t + 1000, t + 2000, 3 * t, 44, 22, 11]
    return [Case(ptx, block=(lanes, 1, 1)).output(words(values, 32))]
