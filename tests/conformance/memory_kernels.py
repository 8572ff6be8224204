# SPDX-License-Identifier: MIT
"""Kernels that load or store one record for each thread, in any state space.

    load_case(form, "shared", "s16", 2)       ld.shared.v2.s16: a Case
    store_case(form, "global", "f32", 4)      st.release.gpu.global.v4.f32

A record has four slots of the size of the access: the base register points at slot 1, so register, register + offset
and register - offset all occur, and slot 3 must never be touched. Loads go into registers of the access's width and
of 32 and 64 bits (9.4.1: a wider destination is sign-extended for signed types, else zero-extended), stores come from
such registers, with bits above the type that must not reach memory. Shared memory is filled by other threads than
those that read it; lanes with an odd number or (in the second block) random ones are inactive, keep a sentinel, and
have an address that would fault. The second block has only nine threads.

`region` says where the memory is; a form without a state space gets a generic address of it (cvta). Everything but
the instruction under test is done with 32- and 64-bit accesses and moves.
"""

import functools
import random

from case import FILL, Case, words
from elementwise import SENTINEL, header, width
from exact import FORMATS, integer_specials, signed

THREADS = 41  # a whole warp and nine lanes
FEW = 8       # records in constant and parameter space
POLICY = "createpolicy.fractional.L2::evict_last.b64 %pol;"
ACTIVE = [t % 2 == 0 or t in (5, 9, 31) for t in range(32)] + [t in (0, 3, 4, 7) for t in range(9)]


def values(kind, count, seed=3):
    """`count` bit patterns of a type: its special values and random ones."""
    bits = width(kind)
    rng = random.Random(f"{kind}{seed}")
    special = FORMATS[kind].specials() if kind in FORMATS else integer_specials(min(bits, 64))
    return [rng.choice(special) if rng.random() < 0.5 else rng.getrandbits(bits) for _ in range(count)]


def widened(kind, value, bits):
    """What a register of `bits` bits holds after a load of this value."""
    return signed(value, width(kind)) & ((1 << bits) - 1) if kind[0] == "s" else value


def register_widths(kind):
    bits = width(kind)
    return {8: (64, 32, 16), 16: (64, 32, 16), 32: (64, 32, 32), 64: (64, 64, 64), 128: (128, 128, 128)}[bits]


def group(probe, count):
    names = [f"%v{probe}_{e}" for e in range(count)]
    return names[0] if count == 1 else "{" + ", ".join(names) + "}"


def sentinel(bits):
    return SENTINEL & ((1 << bits) - 1)


def set_register(name, bits, value):
    if bits == 128:
        return f"  mov.b64 %x, {value & (1 << 64) - 1:#x}; mov.b128 {name}, {{%x, %x}};"
    return f"  mov.b{bits} {name}, {value:#x};"


def put(address, name, bits):
    """Stores a whole register to global memory."""
    if bits == 128:
        return (f"  mov.b128 {{%x, %y}}, {name}; st.global.b64 [{address}], %x; "
                f"st.global.b64 [{address}+8], %y;")
    return f"  st.global.b{bits} [{address}], {name};"


def get(name, address, bits):
    if bits == 128:
        return (f"  ld.global.b64 %x, [{address}]; ld.global.b64 %y, [{address}+8]; "
                f"mov.b128 {name}, {{%x, %y}};")
    return f"  ld.global.b{bits} {name}, [{address}];"


def copy(to, to_space, source, source_space, size):
    return "\n".join(f"  ld.{source_space}.b32 %w, [{source}+{at}]; st.{to_space}.b32 [{to}+{at}], %w;"
                     for at in range(0, size, 4))


def start(widths, count, extra_parameters="", declarations=""):
    """The head of a kernel: %i the thread, %b its place in the block, %live the block's threads, %act."""
    registers = "".join(f"  .reg .b{bits} {', '.join(f'%v{p}_{e}' for e in range(count))};\n"
                        for p, bits in enumerate(widths))
    return f"""$HEADER{declarations}
.visible .entry k(.param .u64 in, .param .u64 flags, .param .u64 out{extra_parameters})
{{
  .reg .pred %act, %end, %first; .reg .b32 %i, %b, %c, %live, %w, %rec, %as; .reg .b64 %ad, %src, %dst, %x, %y, %pol;
{registers}  mov.u32 %b, %tid.x; mov.u32 %c, %ctaid.x; mad.lo.u32 %i, %c, 32, %b;
  setp.ge.u32 %end, %i, {THREADS};
  @%end ret;
  $POLICY
  mul.lo.u32 %live, %c, 32; sub.u32 %live, {THREADS}, %live; min.u32 %live, %live, 32;
  ld.param.u64 %x, [flags]; cvt.u64.u32 %y, %i; add.u64 %x, %x, %y; ld.global.u8 %w, [%x];
  setp.ne.u32 %act, %w, 0;
"""


def element(pointer, parameter, index, stride):
    return f"  ld.param.u64 {pointer}, [{parameter}]; mad.wide.u32 {pointer}, {index}, {stride}, {pointer};\n"


def constant_array(name, data):
    numbers = ", ".join(f"{int.from_bytes(data[i:i + 4], 'little'):#x}" for i in range(0, len(data), 4))
    return f".const .align 32 .b32 {name}[{len(data) // 4}] = {{{numbers}}};\n"


def memory_base(region, generic, stride, size):
    """Statements that leave the address of slot 1 of the thread's record in %ad, and in %as for shared memory."""
    if region == "global":
        return element("%ad", "in", "%rec", stride) + f"  add.u64 %ad, %ad, {size};\n"
    symbol = {"shared": "sh", "local": "lo", "const": "co", "param": "pe"}[region]
    text = f"  mov.b64 %ad, {symbol};\n"
    if generic:
        text += f"  cvta.{region}.u64 %ad, %ad;\n"
    text += f"  mad.wide.u32 %ad, %rec, {stride}, %ad; add.u64 %ad, %ad, {size};\n"
    return text + ("  cvt.u32.u64 %as, %ad;\n" if region == "shared" and not generic else "")


@functools.lru_cache(maxsize=None)
def load_template(region, generic, kind, count, uniform, hint):
    bits = width(kind)
    size = bits // 8 * count
    stride = 4 * size
    few = region in ("const", "param")
    records = FEW if few else THREADS
    data = values(kind, records * 4 * count)
    image = words(data, bits)
    widths = register_widths(kind)
    # Slot and address of each probe; "first": of the first record of the block.
    through_register = [(1, "[%ad]", ""), (2, f"[%ad+{size}]", ""), (0, f"[%ad+-{size}]", "")]
    probes = through_register if generic else {
        "global": through_register,
        "shared": [(1, "[%ad]", ""), (2, f"[%as+{size}]", ""), (2, f"[sh+{2 * size}]", "first")],
        "local": [(1, "[%ad]", ""), (0, f"[%ad+-{size}]", ""), (2, f"[lo+{2 * size}]", "")],
        "const": [(1, "[%ad]", ""), (2, f"[%ad+{size}]", ""), (0, "[co]", "first")],
        "param": [(0, f"[%ad+-{size}]", ""), (2, f"[pe+{2 * size}]", "first"), (0, "[pe]", "first")]}[region]

    text = start(widths, count, f", .param .align 32 .b8 pe[{records * stride}]" if region == "param" else "",
                 constant_array("co", image) if region == "const" else "")
    text += {"shared": f"  .shared .align 32 .b8 sh[{32 * stride}];\n",
             "local": f"  .local .align 32 .b8 lo[{stride}];\n"}.get(region, "")
    index = {"global": "%c" if uniform else "%i", "local": "0"}.get(region, "%b")
    text += f"  and.b32 %rec, %b, {FEW - 1};\n" if few else f"  mov.u32 %rec, {index};\n"
    if region in ("shared", "local"):
        text += element("%src", "in", "%i", stride)
        text += f"  mov.b64 %dst, {'sh' if region == 'shared' else 'lo'}; "
        text += f"mad.wide.u32 %dst, %rec, {stride}, %dst;\n"
        text += copy("%dst", region, "%src", "global", stride)
        if region == "shared":
            text += "\n  bar.sync 0;\n  sub.u32 %rec, %live, %rec; sub.u32 %rec, %rec, 1;\n"
    text += "\n" + memory_base(region, generic, stride, size)
    if not uniform:
        text += "  @!%act mov.u64 %ad, 3;\n  @!%act mov.u32 %as, 3;\n"
    for p, bits_of_register in enumerate(widths):
        for e in range(count):
            text += set_register(f"%v{p}_{e}", bits_of_register, sentinel(bits_of_register)) + "\n"
    for p, (_, address, _) in enumerate(probes):
        text += f"  @%act $OP {group(p, count)}, {address}{', %pol' if hint else ''};\n"
    total = -(-sum(w // 8 * count for w in widths) // 16) * 16
    text += element("%dst", "out", "%i", total)
    at, places = 0, []
    for p, bits_of_register in enumerate(widths):
        for e in range(count):
            text += put(f"%dst+{at}", f"%v{p}_{e}", bits_of_register) + "\n"
            places.append((at, p, e))
            at += bits_of_register // 8
    text += "  ret;\n}\n"

    expected = bytearray([FILL]) * (THREADS * total)
    for t in range(THREADS):
        block, lane = divmod(t, 32)
        live = min(32, THREADS - 32 * block)
        own = {"global": block if uniform else t, "shared": 32 * block + live - 1 - lane, "local": t,
               "const": lane % FEW, "param": lane % FEW}[region]
        for at, p, e in places:
            slot, _, first = probes[p]
            record = (32 * block if region == "shared" else 0) if first else own
            value = (widened(kind, data[(record * 4 + slot) * count + e], widths[p]) if ACTIVE[t]
                     else sentinel(widths[p]))
            expected[t * total + at:t * total + at + widths[p] // 8] = value.to_bytes(widths[p] // 8, "little")
    return text, image, bytes(expected)


def finished(form, template, hint):
    return (template.replace("$HEADER", header(form.target)).replace("$OP", form.spelling)
            .replace("$POLICY", POLICY if hint else ""))


def load_case(form, region, kind, count, uniform=False):
    hint = form.has("L2::cache_hint")
    text, image, expected = load_template(region, not has_space(form), kind, count, uniform, hint)
    case = Case(finished(form, text, hint), grid=(2, 1, 1), block=(32, 1, 1))
    case.input(b"" if region in ("const", "param") else image).input(bytes(ACTIVE)).output(expected)
    return case.scalar(image, len(image)) if region == "param" else case


def has_space(form):
    return form.has("global", "shared", "shared::cta", "shared::cluster", "local", "const", "param", "param::entry",
                    "param::func")


@functools.lru_cache(maxsize=None)
def store_template(region, generic, kind, count, hint):
    bits = width(kind)
    size = bits // 8 * count
    stride = 4 * size
    widths = register_widths(kind)
    cell = 16 if bits == 128 else 8
    data = [v | r << bits if bits < 64 else v
            for v, r in zip(values(kind, THREADS * 3 * count), values("u64", THREADS * 3 * count))]
    image = words(data, cell * 8)
    probes = [(1, "[%ad]"), (2, f"[%ad+{size}]"), (0, f"[%ad+-{size}]")]
    if not generic and region == "shared":
        probes[1] = (2, f"[%as+{size}]")
    if not generic and region == "local":
        probes[1] = (2, f"[lo+{2 * size}]")
    text = start(widths, count)
    if region == "shared":
        text += f"  .shared .align 32 .b8 sh[{33 * stride}];\n"
    if region == "local":
        text += f"  .local .align 32 .b8 lo[{stride}];\n"
    text += element("%src", "in", "%i", 3 * count * cell)
    for p, bits_of_register in enumerate(widths):
        for e in range(count):
            text += get(f"%v{p}_{e}", f"%src+{(p * count + e) * cell}", bits_of_register) + "\n"
    text += f"  mov.u32 %rec, {'%i' if region == 'global' else '%b' if region == 'shared' else '0'};\n"
    fill = int.from_bytes(bytes([FILL]) * 4, "little")
    if region == "global":
        text += element("%ad", "out", "%rec", stride) + f"  add.u64 %ad, %ad, {size};\n"
    else:
        text += memory_base(region, False, stride, size) + f"  sub.u64 %dst, %ad, {size};\n"
        text += "".join(f"  st.{region}.b32 [%dst+{at}], {fill:#x};\n" for at in range(0, stride, 4))
        if region == "shared":  # the record behind all others, stored to by name
            text += "".join(f"  st.shared.b32 [sh+{32 * stride + at}], {fill:#x};\n" for at in range(0, stride, 4))
            text += "  bar.sync 0;\n"
        if generic:
            text += f"  cvta.{region}.u64 %ad, %ad;\n"
    text += "  @!%act mov.u64 %ad, 3;\n  @!%act mov.u32 %as, 3;\n"
    for p, (_, address) in enumerate(probes):
        text += f"  @%act $OP {address}, {group(p, count)}{', %pol' if hint else ''};\n"
    by_name = region == "shared" and not generic
    if by_name:
        text += "  setp.eq.u32 %first, %b, 0;\n"
        text += f"  @%first $OP [sh+{32 * stride + size}], {group(0, count)}{', %pol' if hint else ''};\n"
    if region != "global":
        if region == "shared":
            text += "  bar.sync 0;\n  sub.u32 %w, %live, %rec; sub.u32 %w, %w, 1;\n"
            text += f"  mov.b64 %src, sh; mad.wide.u32 %src, %w, {stride}, %src; sub.u32 %w, %w, %b; "
            text += f"add.u32 %w, %w, %i;\n"
        else:
            text += "  mov.b64 %src, lo; mov.u32 %w, %i;\n"
        text += element("%dst", "out", "%w", stride) + copy("%dst", "global", "%src", region, stride)
        if by_name:
            text += "\n  @!%first ret;\n" + element("%dst", "out", "%c", stride)
            text += f"  mov.b64 %src, sh; add.u64 %src, %src, {32 * stride}; add.u64 %dst, %dst, {THREADS * stride};\n"
            text += copy("%dst", "global", "%src", region, stride)
    text += "\n  ret;\n}\n"

    def low(thread, probe):
        first = (thread * 3 + probe) * count
        return words([data[first + e] & ((1 << bits) - 1) for e in range(count)], bits)

    expected = bytearray([FILL]) * ((THREADS + (2 if by_name else 0)) * stride)
    for t in range(THREADS):
        for p, (slot, _) in enumerate(probes):
            if ACTIVE[t]:
                expected[t * stride + slot * size:t * stride + (slot + 1) * size] = low(t, p)
    if by_name:
        for block in range(2):
            at = (THREADS + block) * stride + size
            expected[at:at + size] = low(32 * block, 0)
    return text, image, bytes(expected)


def store_case(form, region, kind, count):
    hint = form.has("L2::cache_hint")
    text, image, expected = store_template(region, not has_space(form), kind, count, hint)
    case = Case(finished(form, text, hint), grid=(2, 1, 1), block=(32, 1, 1))
    return case.input(image).input(bytes(ACTIVE)).output(expected)
