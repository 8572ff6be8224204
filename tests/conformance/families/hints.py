# SPDX-License-Identifier: MIT
"""prefetch, prefetchu, applypriority, discard, createpolicy (PTX ISA 9.0, 9.7.9.15 to 9.7.9.18): performance hints.
Nothing may change, but what discard does to memory: "Semantically, this behaves like a weak write of an unstable
indeterminate value", so the bytes are written again behind it. A policy is an opaque value; it serves as operand of
accesses with a cache hint. nanosleep (9.7.19.2) suspends for "a duration in range [0, 2*t]": it must end, and let the
thread that others wait for go on."""

from message_kernels import message_case, touched_case
from registry import covers


@covers("prefetch", "prefetchu")
def prefetch(form):
    if form.has("local"):
        return touched_case(form, f"  mov.b64 %g, lo; st.local.u32 [%g], %v;\n  {form.spelling} [%g];\n"
                                  f"  @%p {form.spelling} [lo+4];\n")
    if form.has("const", "param"):  # tensor maps
        space = "const" if form.has("const") else "param"
        variable = "co" if space == "const" else "mem"
        return touched_case(form, f"  {form.spelling} [{variable}];\n", ".const .align 128 .b8 co[128];\n")
    text = f"  {form.spelling} [%x];\n  @%p {form.spelling} [%x+64];\n"
    if not form.has("global", "tensormap"):
        # "A prefetch to a shared memory location performs no operation."
        text += f"  cvta.shared.u64 %g, %s;\n  {form.spelling} [%g];\n" if form.op == "prefetch" else ""
    return touched_case(form, text)


@covers("applypriority")
def applypriority(form):
    return touched_case(form, f"  {form.spelling} [%x], 128;\n  @%p {form.spelling} [%x], 128;\n")


@covers("discard")
def discard(form):
    again = "".join(f"  st.global.u32 [%x+{at}], 0xcccccccc;\n" for at in range(4, 128, 4))
    return touched_case(form, f"  {form.spelling} [%x], 128;\n  st.global.u32 [%x], %v;\n{again}"
                              f"  @%p {form.spelling} [%x], 128;\n  st.global.u32 [%x], %v;\n{again}")


@covers("createpolicy")
def createpolicy(form):
    def used(create):
        return (f"  {create};\n  ld.global.L2::cache_hint.u32 %w, [%x], %pol; add.u32 %w, %w, 0;\n"
                "  st.global.L2::cache_hint.u32 [%x], %w, %pol;\n"
                "  @%p atom.global.add.L2::cache_hint.u32 %w, [%x], 0, %pol;\n")
    if form.has("range"):
        forms = [f"{form.spelling} %pol, [%x], 64, 128", f"{form.spelling} %pol, [%x], %i, 128"]
        return [touched_case(form, used(forms[0])), touched_case(form, used(forms[1]), setup="  or.b32 %i, %i, 1;\n")]
    if form.has("cvt"):
        make = "createpolicy.fractional.L2::evict_last.b64 %g, 1.0"
        return touched_case(form, used(f"{make}; {form.spelling} %pol, %g"))
    return [touched_case(form, used(f"{form.spelling} %pol")), touched_case(form, used(f"{form.spelling} %pol, 0.25"))]


@covers("nanosleep")
def nanosleep(form):
    sleeping = (f"  {form.spelling} 0;\n  {form.spelling} 100;\n  mul.lo.u32 %w, %i, 50;\n  {form.spelling} %w;\n"
                f"  @%p {form.spelling} %w;\n")
    waits = f"ld.acquire.gpu.global.u32 %w, [{{flag}}]; {form.spelling} 20;"
    return [touched_case(form, sleeping),
            message_case(form, "global", "gpu", f"{form.spelling} 200; st.release.gpu.global.u32 [{{flag}}], %r;", waits)]
