# SPDX-License-Identifier: MIT
"""ld, ld.global.nc, ldu and st (PTX ISA 9.0, 9.7.9.8 to 9.7.9.11): bytes out, bytes in.

Forms without a state space are tried on every space that their semantics allow: .volatile, .relaxed, .acquire and
.release "may be used only with .global and .shared spaces and with generic addressing, where the address points to
.global or .shared", .mmio only with .global.
"""

from memory_extras import fault_cases, immediate_case, overlap_case, sink_case
from memory_kernels import load_case, store_case
from message_kernels import message_case
from parameter_kernels import load_parameter, store_parameter
from variable_kernels import initialised_case, placement_cases
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


def extras(form, kind, count):
    """Faults of the plain forms in global and shared memory, sinks in vectors of 256 bits, immediate addresses."""
    plain = len(form.mods) == (count > 1) + 1 + (1 if form.has("global", "shared") else 0) + form.has("nc")
    wide = form.target == "sm_100a"
    plain_local = form.mods[0] == "local" and len(form.mods) == 2 + (count > 1)
    cases = [immediate_case(form, kind, count)] if plain_local and kind[0] == "b" else []
    if plain and kind[0] == "b":
        for region in ("global", "shared"):
            if form.has(region) or region == "global" and not form.has("shared"):
                cases += fault_cases(form, region, kind, count)
    if wide and form.op != "ldu" and not form.has("nc"):
        cases.append(sink_case(form, kind, count))
    return cases


def messages(form, kind):
    """st.release and ld.acquire of a flag: what was written before the one is read behind the other."""
    if not form.has("acquire", "release") or kind[0] == "f" or kind in ("b128", "s8", "s16") or form.has(
            "v2", "v4", "v8", "L2::cache_hint"):
        return []
    scope = next(m for m in form.mods if m in ("cta", "cluster", "gpu", "sys"))
    shared = form.has("shared", "shared::cta", "shared::cluster")
    if shared and scope in ("gpu", "sys"):
        return []  # nobody but the block sees its shared memory
    bits = int(kind[1:])
    space, register = ("shared" if shared else "global"), {8: "%{}", 16: "%h", 32: "%{}", 64: "%l"}[bits]
    if form.op == "st":
        send = f"{form.spelling} [{{flag}}], {register.format('r')};"
        receive = f"ld.acquire.{scope}.{space}.b{bits} {register.format('w')}, [{{flag}}];"
    else:
        send = f"st.release.{scope}.{space}.b{bits} [{{flag}}], {register.format('r')};"
        receive = f"{form.spelling} {register.format('w')}, [{{flag}}];"
    return [message_case(form, space, scope, send, receive, bits)]


@covers("ld", "ldu")
def loads(form):
    kind, count = form.types[0], vector(form)
    if form.has("param::func"):
        return [load_parameter(form, kind, count)]
    cases = [load_case(form, region, kind, count, uniform=form.op == "ldu") for region in regions(form)]
    cases += extras(form, kind, count) + messages(form, kind) + placement_cases(form)
    if len(form.mods) == 2 and form.has("global", "const") and kind != "b128":
        cases.append(initialised_case(form, form.mods[0], kind))
    return cases + ([load_parameter(form, kind, count)] if form.has("param") else [])


@covers("st")
def stores(form):
    kind, count = form.types[0], vector(form)
    if form.has("param", "param::func"):
        return [store_parameter(form, kind, count)]
    cases = [store_case(form, region, kind, count) for region in regions(form)]
    if len(form.mods) == 2 + (count > 1) and form.has("global", "shared"):
        cases.append(overlap_case(form, regions(form)[0], kind, count))
    return cases + extras(form, kind, count) + messages(form, kind)
