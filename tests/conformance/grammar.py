# SPDX-License-Identifier: MIT
"""Reads tests/conformance/isa/*.txt: the instruction forms of the PTX ISA, written down from its text.

    stage A                                     what follows belongs to stage A of the engine's plan
    @ 9.7.1.1 add                               section of PTX ISA 9.0
    add .u16|.u32|.u64|.s16|.s32|.s64           one form for each type
    add .sat .s32                               a modifier that must be there
    mul {.hi|.lo} .u32 ; target=sm_90           braces: may be left out
    ld .global <.ca|.cg|.cs> .b32               angle brackets: hints that change nothing about the result; each is
                                                tried once, in the first form of the line, not with all others
    # a comment

Groups stand in the order in which PTX writes them. Every combination of a line's groups is one form. `target` is the
architecture that has the form (sm_90 if not given): ptxas checks the test's PTX for it, the engine does not care.
"""

import itertools
import pathlib
from dataclasses import dataclass, field

TYPES = {"b1", "b8", "b16", "b32", "b64", "b128", "u2", "s2", "u4", "u8", "u16", "u32", "u64", "s4", "s8", "s16", "s32", "s64",
         "f16", "f16x2", "bf16", "bf16x2", "tf32", "f32", "f32x2", "f64", "e4m3", "e5m2", "e4m3x2", "e5m2x2", "e4m3x4",
         "e5m2x4", "e2m1", "e2m3", "e3m2", "e2m1x2", "e2m3x2", "e3m2x2", "e2m1x4", "e2m3x4", "e3m2x4", "ue8m0",
         "ue8m0x2", "u16x2", "s16x2", "pred"}


@dataclass(frozen=True)
class Form:
    spelling: str                      # "add.sat.s32"
    section: str                       # "9.7.1.1"
    stage: str                         # "A"
    target: str = "sm_90"
    mods: tuple = field(default=())    # ("sat", "s32")

    @property
    def op(self):
        return self.spelling.split(".", 1)[0]

    def has(self, *mods):
        """Whether any of the modifiers (without dot) is there."""
        return any(m in self.mods for m in mods)

    @property
    def types(self):
        return [m for m in self.mods if m in TYPES]

    @property
    def rounding(self):
        """rn, rz, rm, rp, rna; "rn" where none is written. rni … are given as rn …"""
        for m in self.mods:
            if m in ("rn", "rz", "rm", "rp", "rna", "rni", "rzi", "rmi", "rpi"):
                return m[:2] if m.endswith("i") else m
        return "rn"


def _expand(groups):
    """Lists of modifiers. Hint groups are varied one at a time in the first combination of the others."""
    product, hints = [], []
    for group in groups:
        choices = group.strip("{}<>").split("|")
        if group[0] == "<":
            hints.append((len(product), choices))
            product.append([""])
        elif group[0] == "{":
            product.append([""] + choices)
        else:
            product.append(choices)
    forms = list(itertools.product(*product))
    first = list(forms[0])
    for at, choices in hints:
        for choice in choices:
            varied = list(first)
            varied[at] = choice
            forms.append(tuple(varied))
    return ["".join(form) for form in forms]


def read(folder):
    """All forms of all files, in order, each spelling once."""
    forms = {}
    for path in sorted(pathlib.Path(folder).glob("*.txt")):
        stage, section = "?", "?"
        for number, line in enumerate(path.read_text().splitlines(), 1):
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            if line.startswith("stage "):
                stage = line[6:].strip()
                continue
            if line.startswith("@"):
                section = line[1:].split()[0]
                continue
            if stage == "?" or section == "?":
                raise SystemExit(f"{path}:{number}: a form before its stage and section")
            text, _, options = line.partition(";")
            target = dict(option.split("=", 1) for option in options.split()).get("target", "sm_90")
            op, *groups = text.split()
            for mods in _expand(groups) if groups else [""]:
                if op + mods in forms:
                    continue
                # "::" belongs to a modifier (.shared::cta); single dots separate.
                forms[op + mods] = Form(op + mods, section, stage, target, tuple(m for m in mods.split(".") if m))
    return list(forms.values())
