#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The driver API as NVIDIA's headers give it: what the tests of every way in expect, and what the fake drivers are made of.

    driver_interface.py CUDA_INCLUDE HOOKED_TXT OUT.inc

writes one line per exported name, and one per CUDA version that a typedef of cudaTypedefs.h names:

    INTERFACE_ENTRY(cuMemAlloc_v2, "cuMemAlloc", 3020, 0, 2, 1)   name, base, version, per-thread twin, words, hooked
    INTERFACE_VERSION(3020)

Nothing here knows the registry of src/api: the two are made from the same headers by different hands, and the tests
compare what comes of them. Only the list of what is to be hooked is read from there, because that is a decision.

The public text of the headers holds one name per function and flavour, the newest; cuda.h's #defines lead from the base
to it (cuMemAlloc -> cuMemAlloc_v2, cuMemcpyHtoD -> __CUDA_API_PTDS(cuMemcpyHtoD_v2)). Retired ABIs are declared below
#if defined(__CUDA_API_VERSION_INTERNAL). A typedef's version is the CUDA version that introduced the ABI, so the n-th
oldest name of a base has the n-th oldest typedef.
"""
import collections
import pathlib
import re
import sys

# words: how many of its arguments are one register or stack word each, before the first that is a struct by value or a
# float.
Entry = collections.namedtuple("Entry", "name base version twin words")
SUFFIX = re.compile(r"^(?P<base>cu[A-Z]\w*?)(?:_v(?P<ordinal>\d+))?(?:_(?P<twin>ptsz|ptds))?$")


def text_of(include, *names):
    """The headers without comments and without line breaks inside a declaration."""
    text = "".join((pathlib.Path(include) / name).read_text() for name in names)
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def declared_names(include):
    """Every name that is exported: those declared, and what the #defines make of them."""
    text = text_of(include, "cuda.h", "cudaProfiler.h")
    written = set(re.findall(r"\bCUresult\s+CUDAAPI\s+(cu[A-Z]\w*)\s*\(", text))
    renamed = {}
    for name, target in re.findall(r"^[ \t]*#[ \t]*define[ \t]+(cu[A-Z]\w*)[ \t]+(\S+)[ \t]*$", text, flags=re.M):
        renamed.setdefault(name, []).append(target)
    names = set()
    for name in written:
        for target in renamed.get(name, [name]) + [name]:
            wrapped = re.match(r"__CUDA_API_(PTSZ|PTDS)\((\w+)\)$", target)
            plain = wrapped[2] if wrapped else target
            # In the public part a declaration by the base declares what the base is #defined to; in the internal part,
            # which begins by undefining all of them, it declares itself.
            if re.match(r"cu[A-Z]\w*$", plain):
                names.add(plain)
            if wrapped:
                names.add(f"{plain}_{wrapped[1].lower()}")
    return names


def words_of(parameters):
    """"CUdeviceptr *p, size_t n" -> 2"""
    words = 0
    for parameter in parameters.split(","):
        if parameter.strip() in ("", "void") or re.match(
                r"\s*(CUipc(Mem|Event)Handle(_v\d+)?|float)\b[^*]*$", parameter):
            break
        words += 1
    return words


def typedefs(include):
    """{(base, twin): [(version, words), oldest first]}"""
    found = collections.defaultdict(set)
    text = re.sub(r"\s+", " ", text_of(include, "cudaTypedefs.h", "cudaProfilerTypedefs.h"))
    pattern = r"\* ?PFN_(cu[A-Z]\w*?)_v(\d{4,5})(?:_(ptsz|ptds))? ?\) ?\((.*?)\) ?;"
    for base, version, twin, parameters in re.findall(pattern, text):
        found[base, twin].add((int(version), words_of(parameters)))
    return {key: sorted(versions) for key, versions in found.items()}


def read(include):
    """All entries, sorted by base, so that the fakes can search by halves."""
    families = collections.defaultdict(list)
    for name in declared_names(include):
        parts = SUFFIX.match(name)
        families[parts["base"], parts["twin"] or ""].append((int(parts["ordinal"] or 1), name))
    versions = typedefs(include)
    entries = []
    for (base, twin), names in families.items():
        known = versions.get((base, twin), [])
        # A base whose first ABI was never public starts at _v2 and is declared by both spellings: keep what has a type.
        names = sorted(names)[-len(known):] if known else []
        if len(names) != len(known):
            sys.exit(f"driver_interface: {base} {twin}: names {names}, versions {known}")
        entries += [Entry(name, base, version, twin, words) for (_, name), (version, words) in zip(names, known)]
    return sorted(entries, key=lambda e: (e.base, e.version, e.twin))


def hooked_names(path, entries):
    """What hooked.txt lists, and the per-thread twins of it."""
    names = {e.name for e in entries}
    hooked = set()
    for line in pathlib.Path(path).read_text().splitlines():
        words = line.split("#")[0].split()
        if words:
            hooked |= {words[0] + twin for twin in ("", "_ptsz", "_ptds")} & names
    return hooked


def main():
    include, hooked_txt, out = sys.argv[1:]
    entries = read(include)
    hooked = hooked_names(hooked_txt, entries)
    lines = ["// Written by driver_interface.py from cuda.h and cudaTypedefs.h.\n"]
    lines += [f'INTERFACE_ENTRY({e.name}, "{e.base}", {e.version}, {int(bool(e.twin))}, {e.words}, '
              f'{int(e.name in hooked)})\n'
              for e in entries]
    lines += [f"INTERFACE_VERSION({v})\n" for v in sorted({e.version for e in entries})]
    pathlib.Path(out).write_text("".join(lines))


if __name__ == "__main__":
    main()
