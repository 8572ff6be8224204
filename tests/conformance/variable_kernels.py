# SPDX-License-Identifier: MIT
"""Module variables (PTX ISA 9.0, 5.4): initialisers of every type, addresses as initialisers, arrays, alignment,
linkage, shared memory whose size the launch gives; and vector registers (6.4.3).

    initialised_case(form, "global", "s16")     .global .s16 a[2][4] = {{1, -2, …}, {…}}; loaded one by one
    placement_cases(form)                       what else a declaration promises about addresses
"""

from case import Case, words
from elementwise import header, width
from exact import FORMATS

LITERALS = {"s": ["-1", "0", "7", "0x12", "-0x11", "010", "0b101"], "u": ["1", "0", "7", "0x12U", "077", "0b1101", "9"],
            "b": ["255", "0", "0xfe", "1", "3", "0x7f", "-2"]}


def literals(kind):
    """(text, bit pattern) of seven initialisers."""
    bits = width(kind)
    mask = (1 << bits) - 1
    if kind in FORMATS:
        number, prefix, digits = FORMATS[kind], "0f" if kind == "f32" else "0d", bits // 4
        exact = [v for v in (0x7FC00001, 0x80000000, 0xFF800000, 1, 0x3EAAAAAB)] if kind == "f32" else [
            0x7FF8000000000001, 1 << 63, 0xFFF << 52, 1, 0x3FD5555555555555]
        plain = [("1.5", 1.5), ("-2.25", -2.25)]
        from fractions import Fraction
        return [(f"{prefix}{v:0{digits}X}", v) for v in exact] + [(s, number.encode(Fraction(v))) for s, v in plain]
    result = []
    for text in LITERALS[kind[0]]:
        sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text)
        digits = digits.rstrip("U")
        base = 16 if digits[:2] == "0x" else 2 if digits[:2] == "0b" else 8 if digits[0] == "0" and len(digits) > 1 else 10
        result.append((text, sign * int(digits[2:] if base in (2, 16) else digits, base) & mask))
    if bits > 8:
        top = (1 << bits - 1) - 1
        result[4] = (str(top), top)
    return result


def initialised_case(form, space, kind):
    """A two-dimensional array with fewer rows of initialisers than it has (the rest is zero), a scalar, one without
    initialiser (zero). "Array initializers may be incomplete": rows in the middle that are short are left out here,
    since ptxas does not leave their rest out, as C does, but goes on with the next row."""
    bits = width(kind)
    size, register = bits // 8, max(bits, 16)
    row = literals(kind)
    text = f".{space} .{kind} many[3][4] = {{{{{', '.join(t for t, _ in row[:4])}}}, {{{', '.join(t for t, _ in row[4:7])}}}}};\n"
    text += f".{space} .{kind} one = {row[0][0]};\n.{space} .{kind} none[2];\n"
    expected = [v for _, v in row[:7]] + [0] * 5 + [row[0][1], 0, 0]
    places = [f"many+{size * i}" for i in range(12)] + ["one", "none", f"none+{size}"]
    t = header(form.target) + text + ".visible .entry k(.param .u64 out)\n{\n"
    t += f"  .reg .b{register} %v; .reg .b64 %d; ld.param.u64 %d, [out];\n"
    for i, place in enumerate(places):
        t += f"  {form.spelling} %v, [{place}]; st.global.b{bits} [%d+{i * size}], %v;\n"
    return Case(t + "  ret;\n}\n", block=(1, 1, 1)).output(words(expected, bits))


def answers(form, declarations, body, expected, shared=0, block=1):
    """A kernel that stores 64-bit answers with ANSWER(n, register)."""
    t = header(form.target) + declarations + ".visible .entry k(.param .u64 out)\n{\n"
    t += "  .reg .pred %p; .reg .b32 %i, %v; .reg .b64 %d, %x, %y, %z; ld.param.u64 %d, [out]; mov.u32 %i, %tid.x;\n"
    lines = []
    for line in body.strip().splitlines():
        line = "  " + line.strip()
        if "ANSWER" in line:
            head, _, rest = line.partition("ANSWER(")
            number, register = rest.split(")")[0].split(", ")
            line = f"{head}st.global.b64 [%d+{int(number) * 8}], {register};"
        lines.append(line)
    t += "\n".join(lines) + "\n  ret;\n}\n"
    return Case(t, block=(block, 1, 1), shared=shared).output(words(expected, 64))


def addresses(form):
    """Initialisers that are addresses of variables, plain ("the address in its state space") and generic(), with
    offsets; 0xFF00(name) masks take single bytes of an address (5.4.4, 5.4.5)."""
    space = "global" if form.has("global") else "const"
    load = form.spelling
    declarations = (".global .align 8 .b8 target[64];\n.const .align 8 .b8 steady[64] = {9, 8, 7};\n"
                    f".{space} .u64 plain = target;\n.{space} .u64 offset[3] = {{target+8, target+60, 5}};\n"
                    f".{space} .u64 wide[2] = {{generic(target), generic(steady)+2}};\n"
                    f".{space} .u8 bytes[8] = {{0xFF(target), 0xFF00(target), 0xFF0000(target), 0xFF000000(target), "
                    "0xFF00000000(target), 0xFF0000000000(target), 0xFF000000000000(target), 0xFF00000000000000(target)};\n")
    body = f"""
        mov.u64 %x, target;
        {load} %y, [plain]; sub.u64 %y, %y, %x;
        ANSWER(0, %y)
        {load} %y, [offset]; sub.u64 %y, %y, %x;
        ANSWER(1, %y)
        {load} %y, [offset+8]; sub.u64 %y, %y, %x;
        ANSWER(2, %y)
        {load} %y, [offset+16];
        ANSWER(3, %y)
        {load} %y, [wide]; cvta.global.u64 %x, %x; sub.u64 %y, %y, %x;
        ANSWER(4, %y)
        {load} %y, [wide+8]; ld.u8 %y, [%y];
        ANSWER(5, %y)
    """
    whole = [0, 8, 60, 5, 0, 7]
    for i in range(8):
        body += f"ld.{space}.u8 %z, [bytes+{i}];\n" + (f"shl.b64 %z, %z, {8 * i}; or.b64 %y, %y, %z;\n" if i else "mov.b64 %y, %z;\n")
    body += "mov.u64 %x, target; sub.u64 %y, %y, %x;\nANSWER(6, %y)\n"
    return answers(form, declarations, body, whole + [0])


def alignment(form):
    """Every variable at a multiple of its .align, or of its type's size; of different ones, no byte shared."""
    space = next(m for m in form.mods if m in ("global", "const", "shared", "local"))
    sizes = [(1, 1), (8, 3), (128, 5), (2, 7), (32, 9), (64, 1), (4, 4)]
    declared = "".join(f".{space} .align {a} .b8 v{n}[{s}];\n" for n, (a, s) in enumerate(sizes)) + f".{space} .b64 w;\n"
    inside = space in ("shared", "local")
    body = declared if inside else ""
    expected = []
    for n, (a, s) in enumerate(sizes + [(8, 8)]):
        name = f"v{n}" if n < len(sizes) else "w"
        body += f"mov.u64 %x, {name}; and.b64 %y, %x, {a - 1};\nANSWER({n}, %y)\n"
        expected.append(0)
    for n, (_, s) in enumerate(sizes):
        if space in ("shared", "local", "global"):
            body += "".join(f"mov.u32 %v, {16 * n + i % 16}; st.{space}.u8 [v{n}+{i}], %v;\n" for i in range(s))
    if space != "const":
        for n, (_, s) in enumerate(sizes):
            body += "mov.b64 %y, 0;\n" + "".join(f"ld.{space}.u8 %x, [v{n}+{i}]; add.u64 %y, %y, %x;\n" for i in range(s))
            body += f"ANSWER({8 + n}, %y)\n"
            expected.append(sum(16 * n + i for i in range(s)))
    return answers(form, "" if inside else declared, body, expected)


def dynamic_shared(form):
    """.extern .shared without a size: the launch gives 4,096 bytes, behind the static ones; all such names mean the
    same place."""
    declarations = ".extern .shared .align 16 .b8 dynamic[];\n.extern .shared .align 16 .b32 again[];\n.shared .align 4 .b8 fixed[40];\n"
    body = f"""
        mov.u64 %x, dynamic; mov.u64 %y, again; sub.u64 %y, %y, %x;
        and.b64 %z, %x, 15; or.b64 %y, %y, %z;
        shl.b32 %v, %i, 5; cvt.u64.u32 %z, %v; add.u64 %x, %x, %z;
        mul.lo.u32 %v, %i, 3; st.shared.u32 [%x], %v; st.shared.u32 [%x+28], %v; st.shared.u32 [fixed+8], 99;
        bar.sync 0;
        xor.b32 %v, %i, 127; shl.b32 %v, %v, 5; cvt.u64.u32 %z, %v; mov.u64 %x, dynamic; add.u64 %x, %x, %z;
        mul.wide.u32 %z, %i, 16; add.u64 %d, %d, %z;
        ANSWER(0, %y)
        {form.spelling} %v, [%x+28]; cvt.u64.u32 %z, %v;
        ANSWER(1, %z)
    """
    expected = [x for i in range(128) for x in (0, 3 * (i ^ 127))]
    return answers(form, declarations, body, expected, shared=4096, block=128)


def linkage(form):
    """.visible, .weak, .common (5.4, 11.6): variables like others where nothing is linked; .common starts as zero."""
    declarations = (".visible .global .u64 seen = 11;\n.weak .global .u64 feeble = 12;\n.common .global .u64 shared_name;\n"
                    ".weak .const .u64 steady = 13;\n")
    body = f"""
        {form.spelling} %x, [seen];
        ANSWER(0, %x)
        {form.spelling} %x, [feeble];
        ANSWER(1, %x)
        {form.spelling} %x, [shared_name];
        ANSWER(2, %x)
        ld.const.u64 %x, [steady];
        ANSWER(3, %x)
    """
    return answers(form, declarations, body, [11, 12, 0, 13])


def vector_registers(form):
    """.reg .v4: loads and stores of a whole vector variable, and its elements by name."""
    body = f"""
        .reg .v4 .b32 %q;
        {form.spelling} %q, [source];
        add.u32 %v, %q.x, %q.w; mov.b32 %q.y, %v;
        st.global.v4.b32 [%d], %q;
        add.u32 %v, %q.b, %q.a; cvt.u64.u32 %x, %v;
        ANSWER(2, %x)
    """
    return answers(form, ".global .align 16 .b32 source[4] = {1, 2, 3, 4};\n", body,
                   [1 | 5 << 32, 3 | 4 << 32, 7])


def placement_cases(form):
    made = {"ld.global.u64": [addresses, linkage], "ld.const.u64": [addresses], "ld.shared.u32": [dynamic_shared],
            "ld.global.b8": [alignment], "ld.const.b8": [alignment], "ld.shared.b8": [alignment],
            "ld.local.b8": [alignment], "ld.global.v4.b32": [vector_registers]}
    return [make(form) for make in made.get(form.spelling, [])]
