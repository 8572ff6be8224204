# SPDX-License-Identifier: MIT
"""atom and red (PTX ISA 9.0, 9.7.13.5 and 9.7.13.6). Forms without a state space are tried on global and shared
addresses; vectors "may be used only with .global space and with generic addressing where the address points to
.global space". That a NaN result has a certain payload is not said for atom and red: any will do."""

from atomic_kernels import atomic_case
from registry import covers

OPERATIONS = ("add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec")


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
    return [atomic_case(form, region, name, form.types[0], count) for region in regions]
