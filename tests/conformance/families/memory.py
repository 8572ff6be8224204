# SPDX-License-Identifier: MIT
"""ld, ld.global.nc, ldu and st (PTX ISA 9.0, 9.7.9.8 to 9.7.9.11): bytes out, bytes in.

Forms without a state space are tried on every space that their semantics allow: .volatile, .relaxed, .acquire and
.release "may be used only with .global and .shared spaces and with generic addressing, where the address points to
.global or .shared", .mmio only with .global.
"""

from memory_kernels import load_case, store_case
from parameter_kernels import load_parameter, store_parameter
from registry import covers

STRONG = ("volatile", "relaxed", "acquire", "release")


def vector(form):
    return next((int(m[1:]) for m in form.mods if m in ("v2", "v4", "v8")), 1)


def regions(form):
    if form.has("shared", "shared::cta", "shared::cluster"):
        return ["shared"]
    if form.has("param", "param::entry"):
        return ["param"]
    for name in ("global", "local", "const"):
        if form.has(name):
            return [name]
    wide = form.target == "sm_100a" or form.has("mmio", "L2::cache_hint", "L2::64B", "L2::128B", "L2::256B")
    if form.op == "ldu" or wide:
        return ["global"]
    if form.has(*STRONG):
        return ["global", "shared"]
    return ["global", "shared", "local", "const", "param"] if form.op == "ld" else ["global", "shared", "local"]


@covers("ld", "ldu")
def loads(form):
    kind, count = form.types[0], vector(form)
    if form.has("param::func"):
        return [load_parameter(form, kind, count)]
    cases = [load_case(form, region, kind, count, uniform=form.op == "ldu") for region in regions(form)]
    return cases + ([load_parameter(form, kind, count)] if form.has("param") else [])


@covers("st")
def stores(form):
    if form.has("param", "param::func"):
        return [store_parameter(form, form.types[0], vector(form))]
    return [store_case(form, region, form.types[0], vector(form)) for region in regions(form)]
