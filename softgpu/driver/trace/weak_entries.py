#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""weak_entries.py NM FUNCTIONS_INC OUTPUT OBJECT...

Writes `#pragma weak cuX` for every function of FUNCTIONS_INC whose softgpu_cuX no object defines but as a weak
fallback. OUTPUT is left alone when it would not change, so that adding code to a function rebuilds nothing here.
"""
import pathlib
import re
import subprocess
import sys

nm, functions, output, *objects = sys.argv[1:]
listed = subprocess.run([nm, "--defined-only", *objects], check=True, capture_output=True, text=True).stdout
written = set(re.findall(r" T softgpu_(cu\w+)$", listed, re.M))
named = re.findall(r"SOFTGPU_FUNCTION\((\w+)\)", pathlib.Path(functions).read_text())
text = "".join(f"#pragma weak {name}\n" for name in named if name not in written)
if not pathlib.Path(output).exists() or pathlib.Path(output).read_text() != text:
    pathlib.Path(output).write_text(text)
