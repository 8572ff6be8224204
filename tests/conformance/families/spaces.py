# SPDX-License-Identifier: MIT
"""isspacep and cvta (PTX ISA 9.0, 9.7.9.19, 9.7.9.20): one address in each space, of this thread where the space has
one for each.

Which window a kernel parameter lies in besides .param, and whether a constant's address is also a .param one, is left
open (5.1.6: parameters may be placed in constant memory); those two answers are not looked at. .shared means
.shared::cta, whose window is part of .shared::cluster's; .param means .param::entry.
"""

from case import Case, words
from elementwise import header
from registry import covers

LANES, BLOCKS = 48, 2
# Each space: how its variable's address is taken, and the values that its words 0 and 1 hold for thread t.
SPACES = ["global", "const", "shared", "local", "param"]


def home(space):
    """.shared::cta -> shared"""
    return space.split("::")[0]


def kernel(body):
    """%a0 … %a4: the addresses in the spaces of SPACES, of a word that holds the number of the space and the thread."""
    return header() + f"""
.global .align 8 .u32 in_global[{2 * LANES}];
.const .align 8 .u32 in_const[4] = {{1000, 1001, 1002, 1003}};
.visible .entry k(.param .align 8 .b8 in_param[16], .param .u64 active, .param .u64 out)
{{
  .reg .u32 %t, %b, %i, %v<8>; .reg .u64 %a<5>, %g<5>, %x, %o; .reg .pred %act, %p<6>; .reg .b16 %flag;
  .shared .align 8 .u32 in_shared[{2 * LANES}]; .local .align 8 .u32 in_local[4];
  mov.u32 %t, %tid.x; mov.u32 %b, %ctaid.x; mad.lo.u32 %i, %b, {LANES}, %t;
  mov.u64 %a0, in_global; mad.wide.u32 %a0, %i, 4, %a0; add.u32 %v0, %i, 100; st.global.u32 [%a0], %v0;
  mov.u64 %a1, in_const+8;
  mov.u64 %a2, in_shared; mad.wide.u32 %a2, %t, 8, %a2; add.u32 %v0, %i, 300; st.shared.u32 [%a2], %v0;
  mov.u64 %a3, in_local+4; add.u32 %v0, %i, 400; st.local.u32 [in_local+4], %v0;
  mov.b64 %a4, in_param; add.u64 %a4, %a4, 4;
  ld.param.u64 %x, [active]; cvt.u64.u32 %o, %i; add.u64 %x, %x, %o; ld.global.u8 %flag, [%x];
  setp.ne.u16 %act, %flag, 0;
  ld.param.u64 %o, [out]; mad.wide.u32 %o, %i, 32, %o;
{body}
  ret;
}}
"""


def held(space, i):
    return {"global": 100 + i, "const": 1002, "shared": 300 + i, "local": 400 + i, "param": 500}[space]


def case(body, row):
    """`row(i, active)`: eight words that thread i stores."""
    active = [1 if i % 3 or i >= LANES else 0 for i in range(LANES * BLOCKS)]
    test = Case(kernel(body), grid=(BLOCKS, 1, 1), block=(LANES, 1, 1))
    test.scalar(words([499, 500, 501, 502], 32), 16).input(bytes(active))
    return test.output(words([v for i, on in enumerate(active) for v in row(i, on)], 32))


STORE = ("  st.global.v4.u32 [%o], {%v0, %v1, %v2, %v3}; st.global.v4.u32 [%o+16], {%v4, %v5, %v6, %v7};")


@covers("isspacep")
def is_space(form):
    asked = home(form.mods[0])
    body = ""
    for at, space in enumerate(SPACES):
        body += f"  cvta.{space}.u64 %g{at}, %a{at}; setp.ne.u32 %p{at}, %t, %t;\n"
        body += f"  @%act {form.spelling} %p{at}, %g{at}; selp.u32 %v{at}, 1, 0, %p{at};\n"
        if {space, asked} == {"param", "const"} or (space == "param" and asked == "global"):
            body += f"  mov.u32 %v{at}, 0;\n"  # left open
    body += "  mov.u32 %v5, 0; mov.u32 %v6, 0; mov.u32 %v7, 0;\n" + STORE
    return case(body, lambda i, on: [on if space == asked else 0 for space in SPACES] + [0, 0, 0])


@covers("cvta")
def convert_address(form):
    """To generic: a generic load finds the value, with an offset too. Back: the space's load does. The reverse
    conversion gives the first address again."""
    space = home(form.mods[1] if form.has("to") else form.mods[0])
    qualified = form.mods[1] if form.has("to") else form.mods[0]
    at = SPACES.index(space)
    wide = ".param" if space == "param" else f".{space}"
    body = f"  mov.u64 %g0, 0; mov.u64 %g1, 0; mov.u32 %v0, 7; mov.u32 %v1, 7; mov.u32 %v2, 7; mov.u32 %v3, 7;\n"
    if form.has("to"):
        body += f"  cvta.{qualified}.u64 %g0, %a{at};\n"
        body += f"  @%act {form.spelling} %g1, %g0;\n  @%act ld{wide}.u32 %v0, [%g1];\n"
        body += f"  add.u64 %g2, %g0, 4; @%act {form.spelling} %g2, %g2; sub.u64 %g2, %g2, 4;\n"
        body += f"  setp.eq.u64 %p0, %g1, %a{at}; and.pred %p0, %p0, %act; selp.u32 %v1, 1, 0, %p0;\n"
        body += "  setp.eq.u64 %p0, %g1, %g2; and.pred %p0, %p0, %act; selp.u32 %v2, 1, 0, %p0; mov.u32 %v3, %v0;\n"

        def row(i, on):
            value = held(space, i)
            return [value, 1, 1, value] if on else [7, 0, 0, 7]
    else:
        variable = {"shared": "in_shared", "local": "in_local", "global": "in_global", "const": "in_const",
                    "param": "in_param"}[space]
        body += f"  @%act {form.spelling} %g1, %a{at};\n  @%act ld.u32 %v0, [%g1];\n"
        body += f"  cvta.to.{qualified}.u64 %g0, %g1; setp.eq.u64 %p0, %g0, %a{at};\n"
        body += "  and.pred %p0, %p0, %act; selp.u32 %v1, 1, 0, %p0;\n"
        # The same from the name of the variable.
        offset = {"shared": None, "global": None, "local": 4, "const": 8, "param": 4}[space]
        if offset is not None and space != "param":
            body += f"  @%act {form.spelling} %g3, {variable}+{offset};\n  @%act ld.u32 %v2, [%g3];\n"
        else:
            body += "  mov.u32 %v2, %v0;\n"
        body += "  mov.u32 %v3, 0;\n"

        def row(i, on):
            value = held(space, i)
            return [value, 1, value, 0] if on else [7, 0, 7, 0]
    body += "  mov.u32 %v4, 0; mov.u32 %v5, 0; mov.u32 %v6, 0; mov.u32 %v7, 0;\n" + STORE
    return case(body, lambda i, on: row(i, on) + [0, 0, 0, 0])
