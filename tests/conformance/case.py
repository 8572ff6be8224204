# SPDX-License-Identifier: MIT
"""A test triple: PTX text, a launch with its inputs, the bytes that must lie in memory afterwards.

    case = Case(ptx, grid=(2, 1, 1), block=(64, 1, 1))
    case.input(struct.pack("<64I", *values))            # a buffer that must still hold the same afterwards
    case.output(expected_bytes)                         # a buffer of 0xcc bytes that must hold these
    case.scalar(n, 4)                                   # a parameter by value
    case.write(folder, "add.s32", "9.7.1.1", 0)

Parameters are passed in the order of the calls: buffers as 64-bit addresses. On disk a triple is NAME.ptx and
NAME.test: one line of JSON, then the bytes that its offsets (counted from behind the newline) refer to. runner.cpp
reads it; it knows nothing of Python and runs the same files on any libcuda.so.1, a real one included.

How an output is compared:
    exact                       byte for byte (the rule; everything below is for what the ISA leaves open)
    near(kind, ulp, rel, abs)   expected holds one f64 for each element of `kind` (f16, bf16, f32, f64): NaN for NaN,
                                else |got - expected| <= abs + rel * |expected| + ulp * (ulp of `kind` at expected);
                                infinities and the sign of zero must be the same
    any_nan(kind)               byte for byte, but a NaN of `kind` may have any payload (f64: 9.7.3 leaves it open)
    multiset(size)              the same elements of `size` bytes in any order
    any_of(size)                expected holds several whole alternatives, one behind the other, each `size` bytes
"""

import json
import re
import struct

FILL = 0xCC


class Case:
    def __init__(self, ptx, grid=(1, 1, 1), block=(32, 1, 1), shared=0, cooperative=False, kernel="k", error=0):
        """`error`: the CUresult that the launch or the synchronisation behind it must give (0: success)."""
        self.ptx = ptx
        self.header = {"kernel": kernel, "grid": list(grid), "block": list(block), "shared": shared,
                       "cooperative": cooperative, "error": error, "params": [], "buffers": []}
        self.blob = bytearray()

    def _place(self, data):
        at = len(self.blob)
        self.blob += data
        return at

    def buffer(self, initial, expected=None, compare="exact"):
        """A buffer with its initial bytes; `expected` None: must be unchanged, b"" : is not looked at."""
        entry = {"size": len(initial), "at": self._place(initial), "compare": compare}
        if expected is None:
            entry["expect"], entry["expect_size"] = entry["at"], len(initial)
        else:
            entry["expect"], entry["expect_size"] = self._place(expected), len(expected)
        self.header["params"].append({"buffer": len(self.header["buffers"])})
        self.header["buffers"].append(entry)
        return self

    def input(self, data):
        return self.buffer(bytes(data))

    def output(self, expected, compare="exact", size=None):
        """`size`: bytes of the buffer where the comparison needs another number of expected bytes."""
        return self.buffer(bytes([FILL]) * (len(expected) if size is None else size), bytes(expected), compare)

    def scalar(self, value, size):
        data = value if isinstance(value, bytes) else int(value).to_bytes(size, "little", signed=value < 0)
        self.header["params"].append({"bytes": data.hex()})
        return self

    def write(self, folder, form, section, index):
        name = re.sub(r"[^A-Za-z0-9_.]", "_", form) + (f"-{index}" if index else "")
        (folder / f"{name}.ptx").write_text(self.ptx)
        header = {"form": form, "section": section, **self.header}
        (folder / f"{name}.test").write_bytes(json.dumps(header).encode() + b"\n" + bytes(self.blob))
        return name


def near(kind, ulp=0.0, rel=0.0, absolute=0.0):
    return {"kind": kind, "ulp": ulp, "rel": rel, "abs": absolute}


def any_nan(kind):
    return {"any_nan": kind}


def multiset(size):
    return {"multiset": size}


def any_of(size):
    return {"any_of": size}


def words(values, bits):
    """Bit patterns as little-endian bytes: 8, 16, 32, 64 or 128 bits each."""
    if bits == 128:
        return b"".join(int(v).to_bytes(16, "little") for v in values)
    mask = (1 << bits) - 1
    return struct.pack(f"<{len(values)}{ {8: 'B', 16: 'H', 32: 'I', 64: 'Q'}[bits] }", *[v & mask for v in values])


def doubles(values):
    return struct.pack(f"<{len(values)}d", *values)
