# SPDX-License-Identifier: MIT
"""Kernels in which each thread takes one element of every input and stores its results.

    elementwise(form, "f32 f32", "f32", pairs, lambda a, b: F32.add(a, b))

makes the test of `add.f32 %d0, %a0, %a1` over a list of tuples of bit patterns. What the kernel does, for each thread i:

    load %a0[i], %a1[i] … and the flag active[i]; set %d0 … to a sentinel
    @%act add.f32 %d0, %a0, %a1;                 the instruction under test, guarded
    store %d0 …

so lanes that are inactive must keep the sentinel. Flags are laid out so that whole warps, every second lane, single
lanes, no lane, random lanes and a last warp with missing threads all occur. Types name widths: a predicate result
("pred") is stored as the u32 0 or 1. In `body` the statements may use %a0 …, %d0 …, and the scratch registers %h0-3
(16 bits), %r0-7 (32), %l0-7 (64), %p0-3 (predicates), %q0 (128); each statement is guarded by %act unless it already
has a guard, a declaration or a label. {op} stands for the form.
"""

import itertools
import random

from case import Case, doubles, words

SENTINEL = 0xA5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5


def width(kind):
    """Bits in memory of a type name."""
    if kind == "pred":
        return 32
    digits = kind.lstrip("abcdefghijklmnopqrstuvwxyz")
    known = {"f16x2": 32, "bf16x2": 32, "u16x2": 32, "s16x2": 32, "f32x2": 64, "tf32": 32}
    return known[kind] if kind in known else int(digits)


def header(target="sm_90", version="9.0"):
    return f".version {version}\n.target {target}\n.address_size 64\n"


def active_flags(count, seed=1):
    rng = random.Random(seed)
    flags = []
    for i in range(count):
        warp, lane = divmod(i, 32)
        kind = warp % 8
        flags.append({0: True, 1: lane % 2 == 0, 2: lane == 7, 3: False, 4: True,
                      5: lane >= 16, 6: rng.random() < 0.5, 7: True}[kind])
    return flags


def _register(kind):
    bits = width(kind)
    return f".b{max(bits, 16)}"


def kernel(form, sources, results, body, version="9.0", declarations=""):
    lines = [header(form.target, version), declarations, ".visible .entry k("]
    parameters = [f".param .u64 in{i}" for i in range(len(sources))] + [".param .u64 flags"]
    parameters += [f".param .u64 out{i}" for i in range(len(results))] + [".param .u32 n"]
    lines.append(", ".join(parameters) + ")\n{\n  .reg .pred %act, %end, %p<4>; .reg .b16 %h<4>, %flag;")
    lines.append("  .reg .b32 %i, %n, %cta, %width, %r<8>; .reg .b64 %ptr, %off, %l<8>; .reg .b128 %q0;")
    for i, kind in enumerate(sources):
        lines.append(f"  .reg {_register(kind)} %a{i};")
    for i, kind in enumerate(results):
        lines.append(f"  .reg {'.pred' if kind == 'pred' else _register(kind)} %d{i};")
    lines.append("  mov.u32 %i, %tid.x; mov.u32 %cta, %ctaid.x; mov.u32 %width, %ntid.x;")
    lines.append("  mad.lo.u32 %i, %cta, %width, %i;\n  ld.param.u32 %n, [n];")
    lines.append("  setp.ge.u32 %end, %i, %n;\n  @%end ret;")

    def address(name, size):
        lines.append(f"  ld.param.u64 %ptr, [{name}]; mul.wide.u32 %off, %i, {size}; add.s64 %ptr, %ptr, %off;")

    address("flags", 1)
    lines.append("  ld.global.u8 %flag, [%ptr]; setp.ne.u16 %act, %flag, 0;")
    for i, kind in enumerate(sources):
        address(f"in{i}", width(kind) // 8)
        lines.append(f"  ld.global.b{width(kind)} %a{i}, [%ptr];")
    for i, kind in enumerate(results):
        if kind == "pred":
            lines.append(f"  setp.ne.u32 %d{i}, %i, %i;")
        elif width(kind) == 128:
            lines.append(f"  mov.b64 %l0, {SENTINEL & (1 << 64) - 1:#x}; mov.b128 %d{i}, {{%l0, %l0}};")
        else:
            bits = max(width(kind), 16)
            lines.append(f"  mov.b{bits} %d{i}, {SENTINEL & (1 << bits) - 1:#x};")
    for statement in body.replace("{op}", form.spelling).split(";"):
        statement = " ".join(statement.split())
        if statement:
            guard = "" if statement[0] in "@.{}" or statement.endswith(":") else "@%act "
            lines.append(f"  {guard}{statement};")
    for i, kind in enumerate(results):
        address(f"out{i}", width(kind) // 8)
        value = f"%d{i}"
        if kind == "pred":
            lines.append(f"  selp.u32 %r7, 1, 0, %d{i};")
            value = "%r7"
        lines.append(f"  st.global.b{width(kind)} [%ptr], {value};")
    lines.append("  ret;\n}")
    return "\n".join(lines) + "\n"


def elementwise(form, sources, results, inputs, expected, body=None, compare=None, version="9.0", declarations=""):
    """`inputs`: tuples of bit patterns, one for each source. `expected(*tuple)`: the result's bit pattern, or a tuple
    of them for several results. `compare`: a list with, for each result, how to compare instead of exactly, or None
    (see case.py). For case.near, `expected` gives that result as a float, or as a list of floats for packed elements,
    and all threads are active: what the sentinel means as a number says nothing."""
    sources, results = sources.split(), results.split()
    inputs = list(inputs)
    count = len(inputs)
    compare = compare or [None] * len(results)
    real = [how is not None and "ulp" in how for how in compare]
    flags = [True] * count if any(real) else active_flags(count)
    if body is None:
        names = [f"%d{i}" for i in range(len(results))] + [f"%a{i}" for i in range(len(sources))]
        body = "{op} " + ", ".join(names) + ";"
    case = Case(kernel(form, sources, results, body, version, declarations), grid=((count + 127) // 128, 1, 1),
                block=(128, 1, 1))
    for i, kind in enumerate(sources):
        case.input(words([row[i] for row in inputs], width(kind)))
    case.input(bytes(flags))
    columns = [[] for _ in results]
    for row, active in zip(inputs, flags):
        values = None
        if active:
            values = expected(*row)
            if not isinstance(values, tuple):
                values = (values,)
        for i, kind in enumerate(results):
            idle = 0 if kind == "pred" else SENTINEL & (1 << width(kind)) - 1
            columns[i].append(values[i] if active else idle)
    for i, kind in enumerate(results):
        if real[i]:
            numbers = [x for value in columns[i] for x in (value if isinstance(value, list) else [value])]
            case.output(doubles(numbers), compare[i], size=count * width(kind) // 8)
        else:
            case.output(words([int(v) for v in columns[i]], width(kind)), compare[i] or "exact")
    case.scalar(count, 4)
    return case


def crossed(*lists, extra=(), limit=1500, seed=7):
    """The cross product of the lists, thinned to `limit` at random but with `extra` rows always there."""
    rows = list(itertools.product(*lists))
    if len(rows) > limit:
        rows = random.Random(seed).sample(rows, limit)
    return rows + list(extra)


def random_words(count, bits, columns, seed=11):
    rng = random.Random(seed)
    return [tuple(rng.getrandbits(bits) for _ in range(columns)) for _ in range(count)]
