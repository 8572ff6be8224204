#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the forms that the engine's table takes although no line of isa/*.txt names them.

    lax.py SOFTGPU_FORMS [--only REGEX] [--limit N] [--show N]

Every row of `softgpu-forms --rows` is multiplied out, cache and eviction hints left out; what `softgpu-forms --check`
confirms and the enumeration of the ISA does not have is printed by row, with the number of such forms and some of
them. Each is a line that the ISA's enumeration misses, or a row that takes too much. Rows with more than --limit
combinations are named and left out. Exit status 1 if anything was printed.

Modifiers are compared without regard to their order, types in their order: so does the table.
"""

import argparse
import itertools
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import grammar  # noqa: E402

HINTS = {"ca", "cg", "cs", "lu", "cv", "wb", "wt", "unified"}


def is_hint(modifier):
    return modifier in HINTS or re.match(r"L[12]::", modifier) is not None


def key(op, mods):
    """What two spellings of one form have in common."""
    return op, tuple(sorted(m for m in mods if m not in grammar.TYPES)), tuple(m for m in mods if m in grammar.TYPES)


def groups_of(tokens):
    """The alternatives of each group, "" where it may be left out; groups of hints left out."""
    groups = []
    for token in tokens:
        choices = [c.lstrip(".") for c in token.strip("{}").split("|")]
        if token[0] == "{":
            choices = [""] + [c for c in choices if not is_hint(c)]
        if choices != [""]:
            groups.append(choices)
    return groups


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("forms", help="the program softgpu-forms")
    parser.add_argument("--only", default="", help="rows whose text this expression finds")
    parser.add_argument("--limit", type=int, default=200000, help="combinations of a row that are looked at")
    parser.add_argument("--show", type=int, default=6, help="forms to print for a row")
    options = parser.parse_args()

    forms = grammar.read(HERE / "isa")
    named = {key(form.op, [m for m in form.mods if not is_hint(m)]) for form in forms}
    answer = subprocess.run([options.forms, "--rows"], capture_output=True, text=True, check=True).stdout
    found = False
    candidates = {}
    for line in answer.splitlines():
        row = line.split("\t")[0]
        if not re.search(options.only, row):
            continue
        op, *tokens = row.split()
        groups = groups_of(tokens)
        size = 1
        for group in groups:
            size *= len(group)
        if size > options.limit:
            print(f"{row}\n    {size} combinations: left out")
            found = True
            continue
        for choice in itertools.product(*groups):
            mods = [m for m in choice if m]
            if key(op, [m for m in mods if not is_hint(m)]) not in named:
                candidates.setdefault(".".join([op, *mods]), row)
    checked = subprocess.run([options.forms, "--check"], input="".join(f"{c}\n" for c in candidates),
                             capture_output=True, text=True, check=True).stdout
    extra = {}
    for line in checked.splitlines():
        spelling, answer = line.split("\t")
        if answer == "yes":
            extra.setdefault(candidates[spelling], []).append(spelling)
    for row, spellings in extra.items():
        shown = spellings[::max(1, len(spellings) // options.show)][:options.show]
        print(f"{row}\n    {len(spellings)}: " + " ".join(shown))
    return 1 if found or extra else 0


if __name__ == "__main__":
    sys.exit(main())
