# SPDX-License-Identifier: MIT
"""atom and red (PTX ISA 9.0, 9.7.13.5 and 9.7.13.6). Forms without a state space are tried on global and shared
addresses; vectors "may be used only with .global space and with generic addressing where the address points to
.global space". That a NaN result has a certain payload is not said for atom and red: any will do."""

from atomic_kernels import atomic_case
from memory_extras import fault_cases
from message_kernels import lock_case
from registry import covers

OPERATIONS = ("add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec")


def locks(form, name, regions):
    """cas that acquires takes a lock, exch that releases frees it. Scopes that name no more than the block are tried
    within one; without scope, ".gpu scope is assumed by default"."""
    takes = name == "cas" and form.has("acquire", "acq_rel")
    frees = name == "exch" and form.has("release", "acq_rel")
    if form.types[0] != "b32" or not (takes or frees):
        return []
    scope = next((m for m in form.mods if m in ("cta", "cluster", "gpu", "sys")), "gpu")
    cases = []
    for region in regions:
        take = f"atom.acquire.{scope}.{region}.cas.b32 %w, [%lock], 0, 1"
        free = f"st.release.{scope}.{region}.b32 [%lock], 0"
        if takes:
            take = f"{form.spelling} %w, [%cell], 0, 1"
        else:
            free = f"{form.spelling} %v, [%cell], 0"
        cases.append(lock_case(form, region, scope, take, free))
    return cases


@covers("atom", "red")
def atomics(form):
    name = next(m for m in form.mods if m in OPERATIONS)
    count = next((int(m[1:]) for m in form.mods if m in ("v2", "v4", "v8")), 1)
    if form.has("shared", "shared::cta", "shared::cluster"):
        regions = ["shared"]
    elif form.has("global", "L2::cache_hint") or count > 1:
        regions = ["global"]
    else:
        regions = ["global", "shared"]
    cases = [atomic_case(form, region, name, form.types[0], count) for region in regions]
    plain = form.mods[0] in ("and", "exch", "global", "shared") and not form.has("L2::cache_hint", "relaxed", "acquire")
    if plain and form.has("and", "exch", "v2", "v4") and form.mods[1] not in ("gpu", "sys"):
        cases += fault_cases(form, regions[0], form.types[0], count)
    return cases + locks(form, name, regions)
