# SPDX-License-Identifier: MIT
"""mbarrier objects (PTX ISA 9.0, 9.7.13.15).

Two kinds of tests. A sequence: one thread does operations, and after each of them two bits tell which of the two
parities counts as complete; a model of the object that follows the text of 9.7.13.15.2 to .5 says what they must be.
A meeting: warps hand values around and wait for each other with the form under test, round after round.
"""

from case import Case, words
from elementwise import header
from registry import covers

OWN = ("shared", "shared::cta", "shared::cluster")


class Model:
    """Pending and expected count, transaction count and phase: complete when nothing is pending and no bytes are."""

    def __init__(self, count):
        self.phase, self.pending, self.expected, self.bytes = 0, count, count, 0

    def change(self, arrivals=0, tx=0, drop=0):
        self.bytes += tx
        self.expected -= drop
        self.pending -= arrivals
        if self.pending == 0 and self.bytes == 0:
            self.phase, self.pending = self.phase + 1, self.expected

    @property
    def bits(self):
        # "Parity p is complete" is asked of the open phase (false) or of the one before it (true).
        return 1 << (1 - self.phase % 2)


def place(form):
    return "[%bar]" if form.has(*OWN) else "[%generic]"


HEAD = """.visible .entry k(.param .u64 out)
{
  .reg .pred %p<6>; .reg .b32 %t, %bar, %r<12>; .reg .b64 %out, %generic, %off, %state, %s<4>;
  .shared .align 8 .b64 object[2]; .shared .align 4 .b32 values[256];
  ld.param.u64 %out, [out]; mov.u32 %t, %tid.x;
  mov.u32 %bar, object; cvt.u64.u32 %generic, %bar; cvta.shared.u64 %generic, %generic;
"""
LOOK = """  mbarrier.test_wait.parity.shared.b64 %p0, [%bar], 0; mbarrier.test_wait.parity.shared.b64 %p1, [%bar], 1;
  selp.u32 %r0, 1, 0, %p0; selp.u32 %r1, 2, 0, %p1; or.b32 %r0, %r0, %r1;
"""


def sequence(form, count, steps):
    """`steps`: (statement, keyword arguments of Model.change). The bits after each step are the output."""
    model, text, expected = Model(count), f"  mbarrier.init.shared.b64 [%bar], {count};\n", []
    for i, (statement, change) in enumerate([("", {})] + steps):
        model.change(**change)
        text += f"  {statement}\n{LOOK}  st.global.u32 [%out+{4 * i}], %r0;\n"
        expected.append(model.bits)
    ptx = header(form.target) + HEAD + text + "  ret;\n}\n"
    return Case(ptx, block=(1, 1, 1)).output(words(expected, 32))


def meeting(form, arrive, wait, threads=96, rounds=5, relaxed=False):
    """`arrive` and `wait` are statements; `wait` sets %p3 for the phase of parity %r5 or of %state."""
    fence = "  fence.acq_rel.cta;\n" if relaxed else ""
    ptx = header(form.target) + HEAD + f"""
  setp.eq.u32 %p0, %t, 0; @%p0 mbarrier.init.shared.b64 [%bar], {threads};
  bar.sync 0;
  shl.b32 %r2, %t, 2; mov.u32 %r3, values; add.u32 %r2, %r2, %r3;
  add.u32 %r4, %t, 35; rem.u32 %r4, %r4, {threads}; shl.b32 %r4, %r4, 2; add.u32 %r4, %r4, %r3;
  mov.u32 %r5, 0; mov.u32 %r6, 0; mov.u32 %r7, %t;
ROUND:
  st.shared.u32 [%r2], %r7;
{fence}  {arrive}
FULL:
  {wait}
  @!%p3 bra FULL;
{fence}  ld.shared.u32 %r7, [%r4];
  add.u32 %r7, %r7, 1; xor.b32 %r5, %r5, 1;
{fence}  {arrive}
READ:
  {wait}
  @!%p3 bra READ;
{fence}  xor.b32 %r5, %r5, 1; add.u32 %r6, %r6, 1;
  setp.lt.u32 %p4, %r6, {rounds}; @%p4 bra ROUND;
  mul.wide.u32 %off, %t, 4; add.s64 %out, %out, %off; st.global.u32 [%out], %r7;
  ret;
}}
"""
    expected = [(t + 35 * rounds) % threads + rounds for t in range(threads)]
    return Case(ptx, block=(threads, 1, 1)).output(words(expected, 32))


ARRIVE = "mbarrier.arrive.shared.b64 %state, [%bar];"
WAIT = "mbarrier.try_wait.parity.shared.b64 %p3, [%bar], %r5;"


@covers("mbarrier", when=lambda f: f.has("init", "inval"))
def init(form):
    made = []
    for count in (1, 2, 5):
        steps = [("mbarrier.arrive.shared.b64 %state, [%bar];", {"arrivals": 1})] * (2 * count + 1)
        if form.has("init"):
            # Once more over an object that was made invalid: a fresh one, in phase 0.
            again = f"mbarrier.inval.shared.b64 [%bar]; {form.spelling} {place(form)}, {count};"
        else:
            again = f"{form.spelling} {place(form)}; mbarrier.init.shared.b64 [%bar], {count};"
        model_steps = [(again, {})] + steps
        made.append(sequence(form, count, model_steps))
    return made


@covers("mbarrier", when=lambda f: f.has("arrive", "arrive_drop"))
def arrive(form):
    sink = form.has("shared::cluster")
    start = f"{form.spelling} {'_' if sink else '%state'}, {place(form)}"
    drop = form.has("arrive_drop")

    def change(n, tx=0):
        return {"arrivals": n, "tx": tx, "drop": n if drop else 0}

    complete = "mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%bar], "
    plain = (ARRIVE, {"arrivals": 1})
    made = []
    if form.has("expect_tx"):
        made.append(sequence(form, 3, [
            (f"{start}, 24;", change(1, 24)), plain, plain, (complete + "16;", {"tx": -16}),
            (complete + "8;", {"tx": -8}), plain, (f"mov.u32 %r2, 1048575; {start}, %r2;", change(1, 1048575)),
            (complete + "1048575;", {"tx": -1048575}), plain, plain]))
    elif form.has("noComplete"):
        made.append(sequence(form, 6, [(f"{start}, 2;", change(2)), (f"mov.u32 %r2, 3; {start}, %r2;", change(3)),
                                       plain, plain, plain, plain]))
    else:
        made.append(sequence(form, 4, [(f"{start};", change(1)), (f"{start}, 2;", change(2)), plain, plain, plain]))
        made.append(sequence(form, 1048575, [(f"mov.u32 %r2, 1048574; {start}, %r2;", change(1048574)), plain, plain]))
    if not drop and not form.has("noComplete"):
        tx = ", 0" if form.has("expect_tx") else ""
        made.append(meeting(form, f"{start}{tx};", WAIT, relaxed=form.has("relaxed")))
    return made


@covers("mbarrier", when=lambda f: f.has("expect_tx", "complete_tx"))
def transactions(form):
    at = place(form)
    expect = f"{form.spelling} {at}" if form.has("expect_tx") else "mbarrier.expect_tx.shared.b64 [%bar]"
    complete = f"{form.spelling} {at}" if form.has("complete_tx") else "mbarrier.complete_tx.shared.b64 [%bar]"
    plain = (ARRIVE, {"arrivals": 1})
    return [sequence(form, 2, [
        (f"{expect}, 100;", {"tx": 100}), plain, plain, (f"{complete}, 60;", {"tx": -60}),
        (f"mov.u32 %r2, 40; {complete}, %r2;", {"tx": -40}),
        # Bytes that come before they are expected.
        (f"{complete}, 32;", {"tx": -32}), plain, plain, (f"{expect}, 32;", {"tx": 32}), plain, plain])]


@covers("mbarrier", when=lambda f: f.has("test_wait", "try_wait"))
def wait(form):
    at, relaxed = place(form), form.has("relaxed")
    hints = ["", ", 1000", ", %r8"] if form.has("try_wait") else [""]
    made = []
    for hint in hints:
        operand = "%r5" if form.has("parity") else "%state"
        made.append(meeting(form, "mov.u32 %r8, 20; " + ARRIVE, f"{form.spelling} %p3, {at}, {operand}{hint};",
                            relaxed=relaxed))
    # The answers of one thread, for the open phase and the one before.
    first, second = ("0", "1") if form.has("parity") else ("%s0", "%s1")
    ptx = header(form.target) + HEAD + f"""
  mbarrier.init.shared.b64 [%bar], 1;
  mbarrier.arrive.shared.b64 %s0, [%bar];
  {form.spelling} %p0, {at}, {first};
  mbarrier.expect_tx.shared.b64 [%bar], 8;
  mbarrier.arrive.shared.b64 %s1, [%bar];
  {form.spelling} %p1, {at}, {second};
  mbarrier.complete_tx.shared.b64 [%bar], 8;
  {form.spelling} %p2, {at}, {second};
  selp.u32 %r0, 1, 0, %p0; selp.u32 %r1, 2, 0, %p1; selp.u32 %r2, 4, 0, %p2; or.b32 %r0, %r0, %r1;
  or.b32 %r0, %r0, %r2; st.global.u32 [%out], %r0;
  ret;
}}
"""
    made.append(Case(ptx, block=(1, 1, 1)).output(words([1 | 4], 32)))
    return made


@covers("mbarrier", when=lambda f: f.has("pending_count"))
def pending_count(form):
    """The count before the arrival that returned the state."""
    text, expected, model = "  mbarrier.init.shared.b64 [%bar], 1048575;\n", [], Model(1048575)
    for i, count in enumerate((1, 1000, 524288, 523286, 1, 1048574)):
        text += f"  mbarrier.arrive.shared::cta.b64 %state, [%bar], {count}; {form.spelling} %r0, %state;\n"
        text += f"  st.global.u32 [%out+{4 * i}], %r0;\n"
        expected.append(model.pending)
        model.change(arrivals=count)
    ptx = header(form.target) + HEAD + text + "  ret;\n}\n"
    return Case(ptx, block=(1, 1, 1)).output(words(expected, 32))
