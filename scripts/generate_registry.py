#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Generate src/api/generated/ from the headers of the CUDA toolkit and from src/api/hooked.txt.

    scripts/generate_registry.py              write the files
    scripts/generate_registry.py --verify     exit 1 and name the file if a checked-in one differs (CI); 77 (skipped) if this
                                              toolkit is of another version than the one they were made from
    --cuda DIR                                the toolkit's include folder (default: that of nvcc on PATH)

How names and types are matched. cuda.h declares every exported symbol when __CUDA_API_VERSION_INTERNAL is set;
cudaTypedefs.h names a type PFN_<base>_v<version>[_ptsz|_ptds] for each. Neither says which belongs to which: cuCtxCreate_v3
is PFN_cuCtxCreate_v11040. Within one base and flavour, though, both are in the order in which they were introduced, and
there are equally many of each. The generated registry_check.cpp then has the compiler compare every pair of types.
"""
import argparse
import collections
import fnmatch
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "src/api/generated"
HEADERS = ["cuda.h", "cudaProfiler.h"]
TYPEDEFS = ["cudaTypedefs.h", "cudaProfilerTypedefs.h"]
# Functions of libcuda.so.1 that give graphics libraries their memory. Not in the registry: what they hand out is texture
# memory or a mapping that cuGraphicsResourceGetMappedPointer answers for. The shadow exports them all the same.
GRAPHICS = ["cudaGL.h", "cudaEGL.h", "cudaVDPAU.h"]
ELSEWHERE = {"cuWGLGetDevice"}  # Windows
BANNER = """// SPDX-License-Identifier: MIT
// DO NOT EDIT: written by scripts/generate_registry.py from cuda.h, cudaTypedefs.h (CUDA {cuda}) and src/api/hooked.txt.
"""

# src/nvtx, interpose/dlsym_*.S, interpose/cupti_entries.cpp, interpose/injection.cpp, the public API
OTHER_EXPORTS = ["InitializeInjection", "InitializeInjectionNvtx2", "dlsym", "dlvsym", "cuptiFinalize", "cuptiSubscribe",
                 "cuptiSubscribe_v2", "cuptiUnsubscribe", "nonans_*"]

Variant = collections.namedtuple("Variant", "name base ordinal version twin pfn params internal")
Hook = collections.namedtuple("Hook", "variant body")


def preprocess(include, headers, internal):
    text = "".join(f"#include <{h}>\n" for h in headers)
    define = ["-D__CUDA_API_VERSION_INTERNAL"] if internal else []
    run = subprocess.run(["gcc", "-E", "-P", "-x", "c", *define, "-isystem", include, "-"], input=text, text=True,
                         capture_output=True)
    if run.returncode:
        sys.exit(f"generate_registry: cannot preprocess {headers} in {include}:\n{run.stderr}")
    return re.sub(r"\s+", " ", run.stdout)


def split_name(name):
    m = re.match(r"(cu\w+?)(?:_v(\d+))?(?:_(ptsz|ptds))?$", name)
    return m[1], int(m[2] or 1), m[3] or ""


def read_variants(include):
    exported = collections.defaultdict(list)
    for name in set(re.findall(r"CUresult (cu[A-Z]\w*) ?\(", preprocess(include, HEADERS, True))):
        base, ordinal, twin = split_name(name)
        exported[base, twin].append((ordinal, name))
    pattern = r"typedef CUresult ?\( ?\* ?PFN_(cu\w+?)_v(\d+)(?:_(ptsz|ptds))? ?\) ?\((.*?)\) ?;"
    public = {m[:3] for m in re.findall(pattern, preprocess(include, TYPEDEFS, False))}
    types = collections.defaultdict(list)
    for base, version, twin, params in set(re.findall(pattern, preprocess(include, TYPEDEFS, True))):
        internal = (base, version, twin) not in public
        types[base, twin].append((int(version), params.strip(), internal))
    variants = []
    for key in sorted(set(exported) | set(types)):
        names, pfns = sorted(exported[key]), sorted(types[key])
        if len(names) != len(pfns):
            sys.exit(f"generate_registry: {key}: {len(names)} exported names, {len(pfns)} typedefs")
        base, twin = key
        for (ordinal, name), (version, params, internal) in zip(names, pfns):
            pfn = f"PFN_{base}_v{version}" + (f"_{twin}" if twin else "")
            variants.append(Variant(name, base, ordinal, version, twin, pfn, params, internal))
    return sorted(variants)


def read_graphics(include):
    """Exported names of the graphics headers. As text: what they include is not installed everywhere."""
    text = "".join((pathlib.Path(include) / header).read_text() for header in GRAPHICS)
    names = set(re.findall(r"CUresult CUDAAPI (cu[A-Z]\w*) ?\(", text)) - ELSEWHERE
    for name, target in re.findall(r"^\s*#\s*define (cu[A-Z]\w*)\s+(\S+)\s*$", text, flags=re.M):
        wrapped = re.match(r"__CUDA_API_(PTSZ|PTDS)\((\w+)\)$", target)
        names.add(wrapped[2] if wrapped else target)
        if wrapped:
            names.add(f"{wrapped[2]}_{wrapped[1].lower()}")
    return sorted(n for n in names if re.match(r"cu[A-Z]\w*$", n))


def read_hooks(path, variants):
    by_name = {v.name: v for v in variants}
    hooks = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        name, body = words[0], words[-1]
        if len(words) > 2 or name not in by_name or (body != "resolver" and body not in by_name):
            sys.exit(f"{path}:{number}: expected an exported driver function and its body, got '{line.strip()}'")
        hooks.append(Hook(by_name[name], body))
        for twin in ("_ptsz", "_ptds"):
            if name + twin in by_name:
                hooks.append(Hook(by_name[name + twin], body))
    return sorted(hooks)


def read_reasons(path):
    """[(pattern, reason)] of src/api/passed.txt, in order."""
    lines = [line.split(None, 1) for line in path.read_text().splitlines() if line and line[0] != "#"]
    return [(pattern, reason.strip()) for pattern, reason in lines]


def parameters(params):
    """"CUfunction f, void **extra" -> [("CUfunction f", "f"), …]"""
    if params in ("", "void"):
        return []
    return [(p.strip(), re.search(r"(\w+)\s*$", p)[1]) for p in params.split(",")]


def public_types(params):
    """A retired ABI in types that cuda.h shows without __CUDA_API_VERSION_INTERNAL: addresses had 32 bits."""
    return re.sub(r"\bCUdeviceptr_v1\b", "unsigned int", params)


class Writer:
    def __init__(self, variants, hooks, reasons, graphics, cuda):
        self.variants, self.hooks, self.reasons = variants, hooks, reasons
        hooked = {h.variant.name for h in hooks}
        self.forwards = sorted({v.name for v in variants} - hooked | set(graphics))
        self.by_name = {v.name: v for v in variants}
        self.cuda = cuda
        self.banner = BANNER.format(cuda=cuda)
        ordinals = collections.defaultdict(set)
        for v in variants:
            ordinals[v.base].add(v.ordinal)
        self.several = {base for base, found in ordinals.items() if len(found) > 1}

    def ident(self, v, twin=True):
        """The C++ name: see the comment of function.hpp about _v1."""
        ordinal = v.ordinal if v.ordinal > 1 or v.base in self.several else 0
        return v.base + (f"_v{ordinal}" if ordinal else "") + (f"_{v.twin}" if twin and v.twin else "")

    def bodies(self):
        return sorted({h.body for h in self.hooks if h.body != "resolver"})

    def body_ident(self, body):
        return self.ident(self.by_name[body])

    def functions_hpp(self):
        lines = [self.banner, "#pragma once\n\n#include <cstdint>\n\nnamespace nonans::api {\n\nenum class Fn : uint16_t {\n"]
        lines.append(textwrap.fill(", ".join(self.ident(v) for v in self.variants), 98, initial_indent="  ",
                                   subsequent_indent="  ") + "\n")
        lines += ["};\n", f"inline constexpr int kFunctionCount = {len(self.variants)};\n",
                  f"inline constexpr int kHookCount = {len(self.hooks)};\n", "\n}  // namespace nonans::api\n"]
        return "".join(lines)

    def hooks_hpp(self):
        lines = [self.banner, """// The bodies of the hooks; interpose/hook_call.hpp tells what a body is told and what it must keep to.
#pragma once

#include <cudaTypedefs.h>

#include "interpose/hook_call.hpp"

namespace nonans::interpose::hooks {

"""]
        for v in (self.by_name[body] for body in self.bodies()):
            if v.internal:  # cudaTypedefs.h shows it with __CUDA_API_VERSION_INTERNAL only
                lines.append(f"using {v.pfn} = CUresult(CUDAAPI*)({public_types(v.params)});\n")
        for body in self.bodies():
            v = self.by_name[body]
            params = "" if v.params == "void" else f", {public_types(v.params)}"
            lines.append(f"CUresult {self.ident(v)}(const HookCall& call, {v.pfn} real{params});\n")
        lines.append("\n}  // namespace nonans::interpose::hooks\n")
        return "".join(lines)

    def real_hpp(self):
        lines = [self.banner, """// The driver's own entries, typed: real::cuCtxGetCurrent()(&ctx), real::cuMemsetD8Async(call.stream)(ptr, 0, n, stream).
// Null if the driver has no such entry, and for the per-thread flavour if it has no such twin: check, and fail open.
// The first call of an accessor looks the entry up (real_functions.hpp); later ones are one load.
#pragma once

#include <cudaProfilerTypedefs.h>
#include <cudaTypedefs.h>

#include "interpose/real_functions.hpp"

namespace nonans::interpose::real {

"""]
        for v in self.variants:
            if v.twin or v.internal:
                continue
            ident = self.ident(v)
            twin = next((t for t in ("_ptsz", "_ptds") if v.name + t in self.by_name), None)
            if twin:
                lines.append(f"inline {v.pfn} {ident}(api::StreamFlavour stream) {{ return entry<{v.pfn}>("
                             f"stream == api::StreamFlavour::per_thread ? api::Fn::{ident}{twin} : api::Fn::{ident}); }}\n")
            else:
                lines.append(f"inline {v.pfn} {ident}() {{ return entry<{v.pfn}>(api::Fn::{ident}); }}\n")
        lines.append("\n}  // namespace nonans::interpose::real\n")
        return "".join(lines)

    def reason(self, v):
        if v.internal:
            return "a retired ABI"
        name = v.name.removesuffix("_" + v.twin) if v.twin else v.name
        for pattern, reason in self.reasons:
            if fnmatch.fnmatchcase(name, pattern):
                return reason
        sys.exit(f"generate_registry: {v.name} is neither in hooked.txt nor matched by passed.txt")

    def functions_def(self):
        hook = {h.variant.name: i for i, h in enumerate(self.hooks)}
        lines = [self.banner, """// All driver functions, sorted by exported name. The including file defines
//   NONANS_DRIVER_FUNCTION(C++ name, exported, base, version, StreamFlavour, internal_type, hook or -1, reason or nullptr)
"""]
        for v in self.variants:
            stream = "per_thread" if v.twin else "legacy"
            index = hook.get(v.name, -1)
            reason = "nullptr" if index >= 0 else f'"{self.reason(v)}"'
            lines.append(f'NONANS_DRIVER_FUNCTION({self.ident(v)}, "{v.name}", "{v.base}", {v.version}, {stream}, '
                         f"{'true' if v.internal else 'false'}, {index}, {reason})\n")
        lines.append("#undef NONANS_DRIVER_FUNCTION\n")
        return "".join(lines)

    INTERNAL = """#define __CUDA_API_VERSION_INTERNAL
#define __CUDA_API_VERSION_INTERNAL_ODR
#include <cuda.h>
#include <cudaProfiler.h>
#include <cudaProfilerTypedefs.h>
#include <cudaTypedefs.h>
#undef cuGetProcAddress_v2  // cuda.h leaves it a macro for an inline wrapper
"""

    def registry_check(self):
        lines = [self.banner, "// Each exported name and its typedef: the same type, or the registry pairs them wrongly.\n",
                 self.INTERNAL, "\n#include <type_traits>\n\n"]
        lines += [f"static_assert(std::is_same_v<decltype(&{v.name}), {v.pfn}>);\n" for v in self.variants]
        return "".join(lines)

    def trampolines(self):
        lines = [self.banner, "// The exported entries of the hooked functions. interpose/trampoline.hpp tells what they do.\n",
                 self.INTERNAL, """
#include "api/generated/hooks.hpp"
#include "interpose/routing.hpp"
#include "interpose/trampoline.hpp"

using nonans::api::Fn;
using nonans::api::StreamFlavour;
namespace interpose = nonans::interpose;
namespace hooks = nonans::interpose::hooks;

extern "C" {

"""]
        for index, h in enumerate(self.hooks):
            v = h.variant
            params = parameters(v.params)
            names = "".join(f", {name}" for _, name in params)
            stream = "per_thread" if v.twin else "legacy"
            if h.body == "resolver":
                call = f"interpose::resolve_trampoline<{v.pfn}>({index}, Fn::{self.ident(v)}{names})"
            else:
                call = (f"interpose::trampoline<{self.by_name[h.body].pfn}>({index}, Fn::{self.ident(v)}, "
                        f"StreamFlavour::{stream}, hooks::{self.body_ident(h.body)}{names})")
            lines.append(f"NONANS_TRAMPOLINE {v.name}({', '.join(p for p, _ in params)}) {{\n  return {call};\n}}\n")
        lines.append("\n}  // extern \"C\"\n\n")
        lines.append("void* const nonans::interpose::kTrampolines[nonans::api::kHookCount] = {\n")
        lines += [f"    reinterpret_cast<void*>(&{h.variant.name}),\n" for h in self.hooks]
        lines.append("};\n\nconst nonans::api::Fn nonans::interpose::kHookedFunctions[nonans::api::kHookCount] = {\n")
        lines += [f"    Fn::{self.ident(h.variant)},\n" for h in self.hooks]
        lines.append("};\n")
        return "".join(lines)

    def passing_bodies(self):
        lines = [self.banner, """// A weak body for each hook that only passes on: what a test of the trampolines links where it brings no body of its own.
#include "api/generated/hooks.hpp"

namespace nonans::interpose::hooks {

"""]
        for body in self.bodies():
            v = self.by_name[body]
            params = parameters(public_types(v.params))
            lines.append(f"[[gnu::weak]] CUresult {self.ident(v)}(const HookCall&, {v.pfn} real"
                         f"{''.join(', ' + p for p, _ in params)}) {{\n  return real({', '.join(n for _, n in params)});\n}}\n")
        lines.append("\n}  // namespace nonans::interpose::hooks\n")
        return "".join(lines)

    def version_script(self, library, functions):
        lines = ["/* DO NOT EDIT: written by scripts/generate_registry.py. "
                 f"What {library} shows to the loader. */\n{{\n  global:\n"]
        lines += [f"    {name};\n" for name in functions + OTHER_EXPORTS]
        lines.append("  local:\n    *;\n};\n")
        return "".join(lines)

    def forwards_inc(self):
        lines = [self.banner, "// What the SONAME shadow jumps on with: NONANS_FORWARD(index, name). For the compiler and the assembler.\n"]
        lines += [f"NONANS_FORWARD({i}, {name})\n" for i, name in enumerate(self.forwards)]
        return "".join(lines)

    def files(self):
        return {
            "driver_functions.def": self.functions_def(),
            "forwards.inc": self.forwards_inc(),
            "functions.hpp": self.functions_hpp(),
            "hooks.hpp": self.hooks_hpp(),
            "libnonans.map": self.version_script("libnonans.so", [h.variant.name for h in self.hooks]),
            "passing_bodies.cpp": self.passing_bodies(),
            "real.hpp": self.real_hpp(),
            "registry_check.cpp": self.registry_check(),
            "shadow.map": self.version_script("libnonans-shadow.so",
                                              sorted(self.forwards + [h.variant.name for h in self.hooks])),
            "trampolines.cpp": self.trampolines(),
        }


def cuda_include(given):
    if given:
        return given
    nvcc = shutil.which("nvcc")
    if not nvcc:
        sys.exit("generate_registry: no nvcc on PATH; name the toolkit's include folder with --cuda")
    return str(pathlib.Path(nvcc).resolve().parent.parent / "include")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--cuda")
    options = parser.parse_args()
    include = cuda_include(options.cuda)
    version = int(re.search(r"#define CUDA_VERSION (\d+)", (pathlib.Path(include) / "cuda.h").read_text())[1])
    variants = read_variants(include)
    hooks = read_hooks(ROOT / "src/api/hooked.txt", variants)
    reasons = read_reasons(ROOT / "src/api/passed.txt")
    writer = Writer(variants, hooks, reasons, read_graphics(include), f"{version // 1000}.{version % 1000 // 10}")
    OUT.mkdir(parents=True, exist_ok=True)
    stale = [name for name, text in writer.files().items()
             if not (OUT / name).exists() or (OUT / name).read_text() != text]
    if options.verify:
        made_from = re.search(r"\(CUDA ([\d.]+)\)", (OUT / "functions.hpp").read_text())[1]
        if made_from != writer.cuda:
            print(f"not compared: src/api/generated is of CUDA {made_from}, this toolkit is {writer.cuda}")
            sys.exit(77)
        if stale:
            sys.exit(f"src/api/generated/{{{', '.join(stale)}}} is stale: run scripts/generate_registry.py and commit")
        return
    for name in stale:
        (OUT / name).write_text(writer.files()[name])
        print(f"wrote src/api/generated/{name}")


if __name__ == "__main__":
    main()
