#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the outcome of scripts/conformance.sh from the files it left in a folder.

forms.txt (stage, section, spelling), implemented.txt (spelling, yes or no), results.txt (pass|fail|refused, form, name,
reason), counted.txt (spelling, yes or no: forms counted in real code). Exit status 1 unless implemented = tested =
passed for stages A to C and at least 95 % of the counted forms are implemented.
"""

import collections
import pathlib
import sys

STAGES = ("A", "B", "C")
LEAST_SHARE = 0.95
MOST_NAMES = 20


def table(path):
    return [line.split("\t") for line in path.read_text().splitlines() if line]


def main():
    folder = pathlib.Path(sys.argv[1])
    implemented = {row[0]: row[1] == "yes" for row in table(folder / "implemented.txt")}
    results = collections.defaultdict(list)
    for outcome, form, *_ in table(folder / "results.txt"):
        results[form].append(outcome == "pass")
    totals = collections.Counter()
    for stage in sorted({row[0] for row in table(folder / "forms.txt")}):
        forms = [row[2] for row in table(folder / "forms.txt") if row[0] == stage]
        have = [f for f in forms if implemented[f]]
        tested = [f for f in have if results[f]]
        passed = [f for f in tested if all(results[f])]
        print(f"stage {stage}: {len(forms)} forms of the ISA, {len(have)} implemented, {len(tested)} tested, "
              f"{len(passed)} passed")
        for title, names in (("not implemented", [f for f in forms if f not in set(have)]),
                             ("not tested", [f for f in have if f not in set(tested)]),
                             ("failed", [f for f in tested if f not in set(passed)])):
            if names:
                shown = " ".join(names[:MOST_NAMES]) + (" ..." if len(names) > MOST_NAMES else "")
                print(f"  {title} ({len(names)}, all in {folder}/{title.replace(' ', '_')}_{stage}.txt): {shown}")
                (folder / f"{title.replace(' ', '_')}_{stage}.txt").write_text("\n".join(names) + "\n")
        if stage in STAGES:
            totals.update(forms=len(forms), have=len(have), tested=len(tested), passed=len(passed))
    counted = table(folder / "counted.txt")
    missing = [form for form, known in counted if known != "yes"]
    share = 1 - len(missing) / len(counted)
    print(f"forms counted in real code: {len(counted) - len(missing)} of {len(counted)} implemented "
          f"({100 * share:.1f} %); not: " + (" ".join(missing) or "none"))
    print(f"conformance: implemented {totals['have']}, tested {totals['tested']}, passed {totals['passed']}")
    complete = totals["forms"] == totals["have"] == totals["tested"] == totals["passed"]
    return 0 if complete and share >= LEAST_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
