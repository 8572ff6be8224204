# SPDX-License-Identifier: MIT
"""The kernel of the wmma tests: load A, B and C, multiply, store D, with the form under test in its place.

How fragments lie in registers is left open (PTX ISA 9.0, 9.7.14.4.1), so only memory can be compared: a load of A is
tested by what its product with B gives. A matrix lies by rows or columns `step` elements apart; what lies between must
not be read (it is 0xcc) nor written. One block for each round, of two warps: the second skips every wmma instruction.

    wmma_case(Setup(shape, kinds, …), rounds, results, compare)
"""

from dataclasses import dataclass, field

from case import FILL, Case
from elementwise import header
from matrix_fragments import BITS, braces, register


@dataclass
class Setup:
    shape: tuple                       # m, n, k
    kinds: tuple                       # of D, A, B, C
    mma: str                           # the spelling of the multiplication
    target: str = "sm_90"
    layouts: dict = field(default_factory=lambda: {"a": "row", "b": "col", "c": "row", "d": "row"})
    spaces: dict = field(default_factory=lambda: {"a": ".global", "b": ".global", "c": ".global", "d": ".global"})
    extra: dict = field(default_factory=lambda: {"a": 0, "b": 0, "c": 0, "d": 0})  # elements between two rows
    strides: dict = field(default_factory=lambda: {"a": True, "b": True, "c": True, "d": True})
    shared: tuple = ()                 # matrices that lie in shared memory

    def size(self, name):
        m, n, k = self.shape
        return {"a": (m, k), "b": (k, n), "c": (m, n), "d": (m, n)}[name]

    def kind(self, name):
        return self.kinds["dabc".index(name)]

    def step(self, name):
        rows, columns = self.size(name)
        return (columns if self.layouts[name] == "row" else rows) + self.extra[name]

    def bytes(self, name):
        rows, columns = self.size(name)
        lines = rows if self.layouts[name] == "row" else columns
        return (lines * self.step(name) * BITS[self.kind(name)] // 8 + 31) // 32 * 32

    def registers(self, name):
        rows, columns = self.size(name)
        kind = self.kind(name)
        if kind == "f16":
            return 8 if name in "ab" else 4
        return max(rows * columns * BITS[kind] // (64 if kind == "f64" else 32) // 32, 1)

    def spelling(self, name):
        m, n, k = self.shape
        what = "store.d" if name == "d" else f"load.{name}"
        return (f"wmma.{what}.sync.aligned.{self.layouts[name]}.m{m}n{n}k{k}{self.spaces[name]}"
                f".{self.kind(name)}")


def lay_out(setup, name, codes):
    """The matrix's bytes."""
    rows, columns = setup.size(name)
    bits, step = BITS[setup.kind(name)], setup.step(name)
    data = bytearray([FILL]) * setup.bytes(name)
    by_rows = setup.layouts[name] == "row"
    for row in range(rows):
        for column in range(columns):
            at = (row * step + column if by_rows else column * step + row) * bits
            code = codes[row * columns + column]
            if bits >= 8:
                data[at // 8:at // 8 + bits // 8] = code.to_bytes(bits // 8, "little")
            else:
                mask = ((1 << bits) - 1) << at % 8
                data[at // 8] = data[at // 8] & ~mask & 0xFF | code << at % 8
    return bytes(data)


def kernel(setup):
    names = "abcd"
    text = header(setup.target)
    for name in setup.shared:
        text += f".shared .align 32 .b8 sh_{name}[{setup.bytes(name)}];\n"
    text += ".visible .entry k(" + ", ".join(f".param .u64 {n}" for n in names) + ", "
    text += ", ".join(f".param .u32 step_{n}" for n in names) + ")\n{\n"
    text += "  .reg .pred %first, %more; .reg .b32 %t, %w, %at, %round, %warp, %sa, %sb, %sc, %sd;\n"
    text += "  .reg .b64 %pa, %pb, %pc, %pd, %x, %y;\n"
    for name in names:
        text += f"  .reg .{register(setup.kind(name))} %{name}<{setup.registers(name)}>;\n"
    text += "  mov.u32 %t, %tid.x; mov.u32 %round, %ctaid.x; shr.u32 %warp, %t, 5; setp.eq.u32 %first, %warp, 0;\n"
    for name in names:
        text += f"  ld.param.u64 %p{name}, [{name}]; mad.wide.u32 %p{name}, %round, {setup.bytes(name)}, %p{name};\n"
        text += f"  ld.param.u32 %s{name}, [step_{name}];\n"
    for name in setup.shared:
        text += copy(name, setup.bytes(name), to_shared=True)
    text += "  bar.sync 0;\n"
    address = {}
    for name in names:
        address[name] = f"%p{name}"
        if name in setup.shared:
            text += f"  mov.u64 %x, sh_{name};\n"
            if not setup.spaces[name]:
                text += "  cvta.shared.u64 %x, %x;\n"
            text += f"  mov.u64 %y, %p{name}; mov.u64 %p{name}, %x;\n" if name != "d" else ""
            address[name] = f"%p{name}" if name != "d" else "%x"
        stride = f", %s{name}" if setup.strides[name] else ""
        if name == "d":
            d, a, b, c = (braces(n, setup.registers(n)) for n in "dabc")
            text += f"  @%first {setup.mma} {d}, {a}, {b}, {c};\n"
            text += f"  @%first {setup.spelling('d')} [{address['d']}], {d}{stride};\n"
        else:
            fragment = braces(name, setup.registers(name))
            text += f"  @%first {setup.spelling(name)} {fragment}, [{address[name]}]{stride};\n"
    text += "  bar.sync 0;\n"
    if "d" in setup.shared:
        text += copy("d", setup.bytes("d"), to_shared=False)
    return text + "  ret;\n}\n"


def copy(name, size, to_shared):
    """All threads copy a matrix between its place in global memory (%p) and shared memory."""
    move = "ld.global.b32 %w, [%x]; st.shared.b32 [%y], %w;" if to_shared else \
        "ld.shared.b32 %w, [%y]; st.global.b32 [%x], %w;"
    label = f"COPY_{name}_{'IN' if to_shared else 'OUT'}"
    return (f"  shl.b32 %at, %t, 2;\n{label}:\n  setp.lt.u32 %more, %at, {size};\n  @!%more bra {label}_END;\n"
            f"  cvt.u64.u32 %x, %at; mov.u64 %y, sh_{name}; add.u64 %y, %y, %x; add.u64 %x, %x, %p{name};\n"
            f"  {move}\n  add.u32 %at, %at, 256;\n  bra.uni {label};\n{label}_END:\n")


def wmma_case(setup, rounds, results, compare):
    """`rounds`: [(A, B, C)] lists of codes; `results`: lists of codes of D, or the bytes to compare with near()."""
    case = Case(kernel(setup), grid=(len(rounds), 1, 1), block=(64, 1, 1))
    for at, name in enumerate("abc"):
        case.input(b"".join(lay_out(setup, name, matrices[at]) for matrices in rounds))
    if compare == "exact":
        case.output(b"".join(lay_out(setup, "d", codes) for codes in results))
    else:
        case.output(results, compare, size=setup.bytes("d") * len(rounds))
    for name in "abcd":
        case.scalar(setup.step(name), 4)
    return case
