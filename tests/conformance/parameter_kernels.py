# SPDX-License-Identifier: MIT
"""Kernels that pass records to a device function and back: ld.param, ld.param::func, st.param, st.param::func.

    load_parameter(form, "s16", 2), store_parameter(form, "s16", 2)

f(p, act) gets an array of four slots (see memory_kernels.py) and returns another. A load is executed in the function
on its parameter, under a guard ("ld.param{::func} used for reading value returned from device function call cannot be
predicated": only this), and in the kernel on the returned array; a store in the kernel on the argument, and in the
function on what it returns.
"""

import functools

from case import FILL, Case, words
from elementwise import width
from memory_kernels import (ACTIVE, THREADS, element, finished, get, group, put, register_widths, sentinel,
                            set_register, values, widened)

KERNEL = """  .reg .pred %act, %end; .reg .b32 %i, %b, %c, %w; .reg .b64 %src, %dst, %x, %y;
"""
WHO = f"""  mov.u32 %b, %tid.x; mov.u32 %c, %ctaid.x; mad.lo.u32 %i, %c, 32, %b;
  setp.ge.u32 %end, %i, {THREADS};
  @%end ret;
  ld.param.u64 %x, [flags]; cvt.u64.u32 %y, %i; add.u64 %x, %x, %y; ld.global.u8 %w, [%x];
"""


def registers(widths, count):
    return "".join(f"  .reg .b{bits} {', '.join(f'%v{p}_{e}' for e in range(count))};\n"
                   for p, bits in enumerate(widths))


def results(widths, count):
    """Stores the registers of all probes one behind the other; gives the text, the places and the stride."""
    text, at, places = "", 0, []
    for p, bits in enumerate(widths):
        for e in range(count):
            text += put(f"%dst+{at}", f"%v{p}_{e}", bits) + "\n"
            places.append((at, p, e))
            at += bits // 8
    return text, places, -(-at // 16) * 16


@functools.lru_cache(maxsize=None)
def load_template(kind, count):
    bits = width(kind)
    size = bits // 8 * count
    stride = 4 * size
    widths = register_widths(kind)
    data = values(kind, THREADS * 4 * count)
    image = words(data, bits)
    _, places, total = results(widths, count)
    inside = [p for p in places if p[1] < 2]
    t = f"$HEADER\n.func (.param .align 16 .b8 r[{stride}]) f(.param .align 16 .b8 p[{stride}], "
    t += ".param .b32 act, .param .b64 to)\n"
    t += "{\n  .reg .pred %act; .reg .b32 %w; .reg .b64 %dst, %x, %y;\n" + registers(widths, count)
    t += "  ld.param.b32 %w, [act]; setp.ne.u32 %act, %w, 0;\n  ld.param.b64 %dst, [to];\n"
    for p in range(2):
        for e in range(count):
            t += set_register(f"%v{p}_{e}", widths[p], sentinel(widths[p])) + "\n"
        t += f"  @%act $OP {group(p, count)}, [p+{size * (1 + p)}];\n"
    t += "".join(put(f"%dst+{at}", f"%v{p}_{e}", widths[p]) + "\n" for at, p, e in inside)
    t += "".join(f"  ld.param.b32 %w, [p+{at}]; st.param.b32 [r+{at}], %w;\n" for at in range(0, stride, 4))
    t += "  ret;\n}\n.visible .entry k(.param .u64 in, .param .u64 flags, .param .u64 out)\n{\n" + KERNEL
    t += f"  .reg .b32 {', '.join(f'%c{n}' for n in range(stride // 4))};\n" + registers(widths, count) + WHO
    t += element("%src", "in", "%i", stride) + element("%dst", "out", "%i", total)
    t += "".join(f"  ld.global.b32 %c{at // 4}, [%src+{at}];\n" for at in range(0, stride, 4))
    t += f"  {{\n  .param .align 16 .b8 q[{stride}]; .param .b32 a; .param .b64 d; .param .align 16 .b8 s[{stride}];\n"
    t += "".join(f"  st.param.b32 [q+{at}], %c{at // 4};\n" for at in range(0, stride, 4))
    t += "  st.param.b32 [a], %w; st.param.b64 [d], %dst;\n  call (s), f, (q, a, d);\n"
    t += f"  $OP {group(2, count)}, [s];\n  }}\n"
    t += "".join(put(f"%dst+{at}", f"%v{p}_{e}", widths[p]) + "\n" for at, p, e in places if p == 2) + "  ret;\n}\n"
    expected = bytearray([FILL]) * (THREADS * total)
    for thread in range(THREADS):
        for at, p, e in places:
            slot = (1, 2, 0)[p]
            value = (widened(kind, data[(thread * 4 + slot) * count + e], widths[p]) if ACTIVE[thread] or p == 2
                     else sentinel(widths[p]))
            expected[thread * total + at:thread * total + at + widths[p] // 8] = value.to_bytes(widths[p] // 8, "little")
    return t, image, bytes(expected)


@functools.lru_cache(maxsize=None)
def store_template(kind, count):
    bits = width(kind)
    size = bits // 8 * count
    stride = 4 * size
    widths = register_widths(kind)
    cell = 16 if bits == 128 else 8
    data = [v | r << bits if bits < 64 else v
            for v, r in zip(values(kind, THREADS * 3 * count), values("u64", THREADS * 3 * count))]
    fill = int.from_bytes(bytes([FILL]) * 4, "little")
    t = f"$HEADER\n.func (.param .align 16 .b8 r[{stride}]) f(.param .align 16 .b8 p[{stride}], .param .b64 from)\n"
    t += "{\n  .reg .b32 %w; .reg .b64 %src, %x, %y;\n" + registers(widths, count) + "  ld.param.b64 %src, [from];\n"
    t += "".join(get(f"%v2_{e}", f"%src+{(2 * count + e) * cell}", widths[2]) + "\n" for e in range(count))
    t += "".join(f"  ld.param.b32 %w, [p+{at}]; st.param.b32 [r+{at}], %w;\n" for at in range(0, stride, 4))
    t += f"  $OP [r+{2 * size}], {group(2, count)};\n"
    t += "  ret;\n}\n.visible .entry k(.param .u64 in, .param .u64 out)\n{\n" + KERNEL
    t += f"  .reg .b32 {', '.join(f'%c{n}' for n in range(stride // 4))};\n" + registers(widths, count)
    t += WHO.replace("  ld.param.u64 %x, [flags]; cvt.u64.u32 %y, %i; add.u64 %x, %x, %y; ld.global.u8 %w, [%x];\n", "")
    t += element("%src", "in", "%i", 3 * count * cell) + element("%dst", "out", "%i", stride)
    t += "".join(get(f"%v{p}_{e}", f"%src+{(p * count + e) * cell}", widths[p]) + "\n"
                 for p in range(2) for e in range(count))
    t += f"  {{\n  .param .align 16 .b8 q[{stride}]; .param .b64 d; .param .align 16 .b8 s[{stride}];\n"
    t += "".join(f"  st.param.b32 [q+{at}], {fill:#x};\n" for at in range(0, stride, 4))
    t += f"  $OP [q], {group(0, count)};\n  $OP [q+{size}], {group(1, count)};\n"
    t += "  st.param.b64 [d], %src;\n  call (s), f, (q, d);\n"
    t += "".join(f"  ld.param.b32 %c{at // 4}, [s+{at}];\n" for at in range(0, stride, 4)) + "  }\n"
    t += "".join(f"  st.global.b32 [%dst+{at}], %c{at // 4};\n" for at in range(0, stride, 4)) + "  ret;\n}\n"
    expected = bytearray([FILL]) * (THREADS * stride)
    for n in range(THREADS * 3):
        thread, slot = divmod(n, 3)
        low = words([v & ((1 << bits) - 1) for v in data[n * count:(n + 1) * count]], bits)
        expected[thread * stride + slot * size:thread * stride + (slot + 1) * size] = low
    return t, words(data, cell * 8), bytes(expected)


def load_parameter(form, kind, count):
    text, image, expected = load_template(kind, count)
    case = Case(finished(form, text, False), grid=(2, 1, 1), block=(32, 1, 1))
    return case.input(image).input(bytes(ACTIVE)).output(expected)


def store_parameter(form, kind, count):
    text, image, expected = store_template(kind, count)
    return Case(finished(form, text, False), grid=(2, 1, 1), block=(32, 1, 1)).input(image).output(expected)
