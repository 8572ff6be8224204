# SPDX-License-Identifier: MIT
"""Single cases around loads and stores: faults, sinks, stores to one place, immediate addresses."""

from case import FILL, Case, any_of, words
from elementwise import header, width
from memory_kernels import values

MISALIGNED, ILLEGAL = 716, 700  # CUDA_ERROR_MISALIGNED_ADDRESS, CUDA_ERROR_ILLEGAL_ADDRESS (cuda.h)


def registers(kind, count):
    bits = max(width(kind), 16)
    names = [f"%v{e}" for e in range(count)]
    group = names[0] if count == 1 else "{" + ", ".join(names) + "}"
    text = f"  .reg .b{bits} {', '.join(names)};\n"
    for name in names:
        text += "  mov.b128 %v0, {%x, %x};\n" if bits == 128 else f"  mov.b{bits} {name}, 1;\n"
    return text, group


def fault_cases(form, region, kind, count):
    """An address that is no multiple of the access size ("the address must be naturally aligned to a multiple of the
    access size", 6.4.1.2), of one lane only; and one that belongs to nothing.
    Inactive lanes may have either without harm: load_case and store_case try that."""
    size = width(kind) // 8 * count
    declared, group = registers(kind, count)
    t = header(form.target) + ".visible .entry k(.param .u64 mem)\n{\n"
    t += "  .reg .pred %p; .reg .b32 %i; .reg .b64 %a, %x;\n  .shared .align 32 .b8 sh[4096];\n  mov.u64 %x, 1;\n"
    t += declared + "  mov.u32 %i, %tid.x;\n"
    t += "  mov.b64 %a, sh;\n" if region == "shared" else "  ld.param.u64 %a, [mem];\n"
    t += f"  mad.wide.u32 %a, %i, {size}, %a;\n  setp.eq.u32 %p, %i, 11;\n"
    operands = {"st": f"[%a], {group}", "red": f"[%a], {group}", "atom": f"{group}, [%a], {group}"}.get(
        form.op, f"{group}, [%a]")
    cases = []
    if size > 1:
        offsets = sorted({1, size // 2})
        for offset in offsets:
            text = t + f"  @%p add.u64 %a, %a, {offset};\n  {form.spelling} {operands};\n  ret;\n}}\n"
            cases.append(Case(text, error=MISALIGNED).buffer(bytes(4096)))
    bad = 1 << (28 if region == "shared" else 44)
    text = t + f"  @%p add.u64 %a, %a, {bad};\n  {form.spelling} {operands};\n  ret;\n}}\n"
    cases.append(Case(text, error=ILLEGAL).buffer(bytes(4096)))
    if region == "global":
        text = t + f"  mov.b64 %a, 64;\n  {form.spelling} {operands};\n  ret;\n}}\n"
        cases.append(Case(text, error=ILLEGAL).buffer(bytes(4096)))
    return cases


def sink_case(form, kind, count):
    """The sink "_" in a vector of 256 bits: that element is not read, or nothing is written there."""
    bits, n = width(kind), 32
    size = bits // 8 * count
    kept = [e for e in range(count) if e % 3 != 1]
    names = [f"%v{e}" if e in kept else "_" for e in range(count)]
    data = values(kind, n * count)
    t = header(form.target) + ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
    t += "  .reg .b32 %i; .reg .b64 %s, %d;\n"
    t += f"  .reg .b{bits} {', '.join(f'%v{e}' for e in kept)};\n  mov.u32 %i, %tid.x;\n"
    t += f"  ld.param.u64 %s, [in]; mad.wide.u32 %s, %i, {size}, %s;\n"
    t += f"  ld.param.u64 %d, [out]; mad.wide.u32 %d, %i, {size}, %d;\n"
    if form.op == "st":
        t += "".join(f"  ld.global.b{bits} %v{e}, [%s+{e * bits // 8}];\n" for e in kept)
        t += f"  {form.spelling} [%d], {{{', '.join(names)}}};\n"
    else:
        t += f"  {form.spelling} {{{', '.join(names)}}}, [%s];\n"
        t += "".join(f"  st.global.b{bits} [%d+{e * bits // 8}], %v{e};\n" for e in kept)
    t += "  ret;\n}\n"
    expected = bytearray([FILL]) * (n * size)
    for i in range(n * count):
        if i % count in kept:
            expected[i * bits // 8:(i + 1) * bits // 8] = words([data[i]], bits)
    return Case(t).input(words(data, bits)).output(bytes(expected))


def overlap_case(form, region, kind, count):
    """All lanes store to one place. "The memory operations of a vector access are unordered among each other"
    (8.2.2: it is modelled as a set of scalar accesses in unspecified order), so every element must be that element of
    some lane; nothing more."""
    bits, n = width(kind), 32
    cell = bits // 8
    data = values(kind, n * count)
    t = header(form.target) + ".visible .entry k(.param .u64 in" + "".join(f", .param .u64 o{e}" for e in range(count))
    t += ")\n{\n  .reg .pred %p; .reg .b32 %i; .reg .b64 %s, %a, %d;\n  .shared .align 32 .b8 sh[64];\n"
    if region == "global":
        t = t.replace(".visible .entry", ".global .align 32 .b8 gl[64];\n.visible .entry").replace(
            "  .shared .align 32 .b8 sh[64];\n", "")
    names = [f"%v{e}" for e in range(count)]
    register = max(bits, 16)
    t += f"  .reg .b{register} {', '.join(names)};\n  mov.u32 %i, %tid.x; "
    t += f"mov.b64 %a, {'sh' if region == 'shared' else 'gl'};\n"
    t += f"  ld.param.u64 %s, [in]; mad.wide.u32 %s, %i, {cell * count}, %s;\n"
    t += "".join(f"  ld.global.b{bits} %v{e}, [%s+{e * cell}];\n" for e in range(count))
    group = names[0] if count == 1 else "{" + ", ".join(names) + "}"
    t += f"  {form.spelling} [%a], {group};\n  bar.warp.sync 0xffffffff;\n  setp.ne.u32 %p, %i, 5;\n  @%p ret;\n"
    for e in range(count):
        t += f"  ld.{region}.b{bits} %v{e}, [%a+{e * cell}]; ld.param.u64 %d, [o{e}]; st.global.b{bits} [%d], %v{e};\n"
    case = Case(t + "  ret;\n}\n").input(words(data, bits))
    for e in range(count):
        case.output(words(data[e::count], bits), any_of(cell), size=cell)
    return case


def immediate_case(form, kind, count):
    """Immediate addresses: "allowed only for .local state space", says ptxas. Stored and loaded again in a frame of
    256 bytes that nothing else uses."""
    bits, n = width(kind), 40
    size, cell = bits // 8 * count, max(bits, 16) // 8
    suffix = form.spelling.split(".local")[1]
    data = values(kind, n * count)
    names = [f"%v{e}" for e in range(count)]
    group = names[0] if count == 1 else "{" + ", ".join(names) + "}"
    t = header(form.target) + ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
    t += "  .reg .b32 %i; .reg .b64 %s, %d;\n"
    t += f"  .local .align 32 .b8 lo[256];\n  .reg .b{cell * 8} {', '.join(names)};\n  mov.u32 %i, %tid.x;\n"
    t += f"  ld.param.u64 %s, [in]; mad.wide.u32 %s, %i, {size}, %s;\n"
    t += f"  ld.param.u64 %d, [out]; mad.wide.u32 %d, %i, {size}, %d;\n"
    t += "".join(f"  ld.global.b{bits} %v{e}, [%s+{e * bits // 8}];\n" for e in range(count))
    t += f"  st.local{suffix} [64], {group};\n"
    t += "".join(f"  mov.b{cell * 8} {name}, 0;\n" for name in names if bits < 128)
    t += f"  ld.local{suffix} {group}, [64];\n"
    t += "".join(f"  st.global.b{bits} [%d+{e * bits // 8}], %v{e};\n" for e in range(count)) + "  ret;\n}\n"
    return Case(t, block=(n, 1, 1)).input(words(data, bits)).output(words(data, bits))
