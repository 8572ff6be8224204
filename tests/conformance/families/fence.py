# SPDX-License-Identifier: MIT
"""membar and fence (PTX ISA 9.0, 9.7.13.4), and the message passing that ld.acquire, st.release (9.7.9.8, 9.7.9.11)
and atom (9.7.13.5) promise. A fence before a relaxed store of the flag and a fence behind the relaxed load that sees
it synchronise; one side may instead be a release or an acquire. Proxy fences, and those restricted to mbarriers or to
one state space, order nothing that can be seen here without the asynchronous proxy: that they change nothing is
looked at."""

from message_kernels import dekker_case, message_case, touched_case
from registry import covers


def scope_of(form):
    return next(m for m in form.mods if m in ("cta", "cluster", "gpu", "sys", "gl"))


@covers("fence", "membar", when=lambda f: not f.has("proxy", "mbarrier_init") and "sync_restrict" not in f.spelling)
def thread_fence(form):
    scope = scope_of(form)
    relaxed = "gpu" if scope == "gl" else scope
    cases = []
    for region in ("global", "shared") if scope in ("cta", "cluster") else ("global",):
        send = f"{form.spelling}; st.relaxed.{relaxed}.{region}.u32 [{{flag}}], %r;"
        receive = f"ld.relaxed.{relaxed}.{region}.u32 %w, [{{flag}}]; {form.spelling};"
        if form.has("acquire"):
            send = f"st.release.{relaxed}.{region}.u32 [{{flag}}], %r;"
        if form.has("release"):
            receive = f"ld.acquire.{relaxed}.{region}.u32 %w, [{{flag}}];"
        cases.append(message_case(form, region, scope, send, receive))
    if form.has("sc") or form.op == "membar":
        cases.append(dekker_case(form, scope))
    return cases


@covers("fence", "membar")
def other_fence(form):
    operands = " [%x], 128" if form.has("tensormap::generic") and form.has("acquire") else ""
    return touched_case(form, f"  {form.spelling}{operands};\n  @%p {form.spelling}{operands};\n")
