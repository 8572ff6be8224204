#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What scripts/softgpu-functions.py makes of notes in sources and of symbols in libraries."""
import importlib.util
import pathlib
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "scripts/softgpu-functions.py"
spec = importlib.util.spec_from_file_location("softgpu_functions", SCRIPT)
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


class Notes(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            root, tool.ROOT = tool.ROOT, pathlib.Path(folder)
            try:
                (tool.ROOT / "part").mkdir()
                (tool.ROOT / "part/a.cpp").write_text(text)
                return {name: (n.state, n.text) for name, n in tool.read_notes("part").items()}
            finally:
                tool.ROOT = root

    def test_a_note_is_about_the_function_below_it(self):
        self.assertEqual(self.read("// softgpu-partial: no arrays\nCUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D* c) {\n"),
                         {"cuMemcpy2D": ("partial", "no arrays")})

    def test_a_note_goes_on_in_the_next_comment_line(self):
        self.assertEqual(self.read("// Why.\n// softgpu-partial: no arrays,\n// no surfaces\nnvmlReturn_t\nnvmlInit_v2() {\n"),
                         {"nvmlInit": ("partial", "no arrays, no surfaces")})

    def test_a_note_may_name_its_functions(self):
        self.assertEqual(self.read("// softgpu-partial(cudaFoo, cudaBar_v2): hints\nMAKE(Foo)\n"),
                         {"cudaFoo": ("partial", "hints"), "cudaBar": ("partial", "hints")})

    def test_a_definition_may_be_a_macro(self):
        self.assertEqual(self.read("// softgpu-partial: hints\nSOFTGPU_TWINS(cudaFoo, ptsz, foo, (int a), a)\n"),
                         {"cudaFoo": ("partial", "hints")})

    def test_two_notes_in_a_row_are_two(self):
        self.assertEqual(self.read("// softgpu-partial(cuA): one\n// softgpu-refused(cuB): two\n"),
                         {"cuA": ("partial", "one"), "cuB": ("refused", "two")})

    def test_a_note_about_nothing_is_an_error(self):
        for text in ("// softgpu-partial: of what?\n\nint x;\n", "// softgpu-partial without a colon\n",
                     "// softgpu-partial(cuA): one\n// softgpu-partial(cuA_v2): again\n"):
            with self.assertRaises(SystemExit):
                self.read(text)


    def test_a_note_may_be_that_of_a_driver_function(self):
        note, driver = tool.Note("partial", "as cuFoo_v2", "b.cpp:1"), {"cuFoo": tool.Note("partial", "hints", "a.cpp:1")}
        self.assertEqual(tool.resolve({"cudaFoo": note}, driver)["cudaFoo"].text, "hints")
        with self.assertRaises(SystemExit):
            tool.resolve({"cudaFoo": note}, {})


class Rows(unittest.TestCase):
    NOTE = tool.Note("partial", "hints", "a.cpp:1")

    def test_weak_is_refused_and_a_note_is_for_strong_ones(self):
        rows = tool.rows_of({"lib": {"cuA": True, "cuA_v2": False, "cuA_v2_ptsz": False, "cuB": False}}, {"cuA": self.NOTE})
        self.assertEqual(rows, [(["cuA"], "refused", ""), (["cuA_v2", "cuA_v2_ptsz"], "partial", "hints"),
                                (["cuB"], "implemented", "")])
        self.assertEqual(tool.counts_of(rows), {"refused": 1, "partial": 2, "implemented": 1})

    def test_what_one_version_lacks_is_said(self):
        rows = tool.rows_of({"lib.12": {"cudaA": False, "cudaB": False}, "lib.13": {"cudaA": False, "cudaC": True}}, {})
        self.assertEqual(rows, [(["cudaA"], "implemented", ""), (["cudaB"], "implemented", "only in lib.12"),
                                (["cudaC"], "refused", "only in lib.13")])

    def test_a_note_that_outlived_its_function_is_an_error(self):
        for symbols in ({"cuA": True}, {"cuB": False}):
            with self.assertRaises(SystemExit):
                tool.rows_of({"lib": symbols}, {"cuA": self.NOTE})


if __name__ == "__main__":
    unittest.main()
