# SPDX-License-Identifier: MIT
"""Which function makes the tests of which form.

    @covers("add", "sub", when=lambda f: f.types[0] in INTEGERS)
    def integer_arithmetic(form):
        return elementwise(form, ...)          # a Case or a list of them

The first maker registered for an opcode whose `when` holds is taken. A maker may return None: "not mine after all".
"""

_makers = {}


def covers(*ops, when=None):
    def register(function):
        for op in ops:
            _makers.setdefault(op, []).append((when, function))
        return function
    return register


def cases_for(form):
    for when, maker in _makers.get(form.op, []):
        if when is not None and not when(form):
            continue
        made = maker(form)
        if made is not None:
            return made if isinstance(made, list) else [made]
    return []
