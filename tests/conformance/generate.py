#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the conformance tests: one or more test triples for every form that tests/conformance/isa/*.txt names.

    generate.py OUT [--only REGEX] [--jobs N] [--ptxas PROGRAM]

OUT/forms.txt      every form: stage, section, spelling (tabs between)
OUT/triples/       NAME.ptx and NAME.test (see case.py)
OUT/untested.txt   forms without a test
With --ptxas every test's PTX is compiled for its target too: a form that the assembler refuses is an error in
isa/*.txt or in the test, and is listed. Nothing is done when OUT is newer than these sources.
"""

import argparse
import concurrent.futures
import hashlib
import importlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TARGET = re.compile(r"^\.target (\w+)", re.M)
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import grammar  # noqa: E402
import registry  # noqa: E402


def load_families():
    for path in sorted((HERE / "families").glob("*.py")):
        importlib.import_module(f"families.{path.stem}")


def make(form, out):
    """Writes a form's triples; gives their names and targets, or the error that a maker ran into."""
    try:
        cases = registry.cases_for(form)
        return form, [(case.write(out, form.spelling, form.section, i), TARGET.search(case.ptx)[1])
                      for i, case in enumerate(cases)], None
    except Exception as error:  # a broken maker must name its form, not end the whole run
        return form, [], f"{form.spelling}: {type(error).__name__}: {error}"


def make_many(forms, out):
    return [make(form, out) for form in forms]


def legal(chunk, triples, ptxas):
    """Errors that ptxas has for these tests: (name, message). One file for all; in case of errors one by one."""
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        for target in sorted({t for _, t in chunk}):
            names = [n for n, t in chunk if t == target]
            whole = pathlib.Path(folder) / "all.ptx"
            parts, head = [], ""
            for i, name in enumerate(names):
                text = (triples / f"{name}.ptx").read_text()
                head = text[:text.index(".address_size 64\n") + len(".address_size 64\n")]
                parts.append(re.sub(r"\.entry k\(", f".entry k{i}(", text[len(head):]))
            whole.write_text(head + "\n".join(parts))
            command = [ptxas, f"-arch={target}", "-O0", "-o", os.devnull]
            if subprocess.run(command + [str(whole)], capture_output=True).returncode == 0:
                continue
            for name in names:
                result = subprocess.run(command + [str(triples / f"{name}.ptx")], capture_output=True, text=True)
                if result.returncode != 0:
                    said = result.stderr.strip().splitlines() or [f"exit status {result.returncode}"]
                    errors.append((name, said[0]))
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--only", default="", help="forms whose spelling this expression finds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--ptxas", default="")
    options = parser.parse_args()

    digest = hashlib.sha256((options.only + options.ptxas).encode())
    for path in sorted(HERE.rglob("*")):
        if path.suffix in (".py", ".txt"):
            digest.update(path.read_bytes())
    stamp = options.out / "stamp"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return 0
    if options.out.exists():
        shutil.rmtree(options.out)
    triples = options.out / "triples"
    triples.mkdir(parents=True)

    load_families()
    forms = [f for f in grammar.read(HERE / "isa") if re.search(options.only, f.spelling)]
    (options.out / "forms.txt").write_text("".join(f"{f.stage}\t{f.section}\t{f.spelling}\n" for f in forms))
    made, broken = [], []
    pieces = [forms[i:i + 40] for i in range(0, len(forms), 40)]
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for results in pool.map(make_many, pieces, [triples] * len(pieces)):
            for form, names, error in results:
                made += names
                broken += [error] if error else []
                if not names:
                    with open(options.out / "untested.txt", "a") as untested:
                        untested.write(form.spelling + "\n")
    for error in broken:
        print(f"maker failed: {error}", file=sys.stderr)
    illegal = []
    if options.ptxas:
        pieces = [made[i:i + 100] for i in range(0, len(made), 100)]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for errors in pool.map(lambda piece: legal(piece, triples, options.ptxas), pieces):
                illegal += errors
        for name, message in illegal:
            print(f"ptxas refuses {name}: {message}", file=sys.stderr)
    print(f"{len(forms)} forms, {len(made)} tests")
    if broken or illegal:
        return 1
    stamp.write_text(digest.hexdigest())
    return 0


if __name__ == "__main__":
    sys.exit(main())
