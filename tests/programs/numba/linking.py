# SPDX-License-Identifier: MIT
"""Kernels linked with code from outside: PTX and CUDA C++, in files and in memory. The driver's linker does it: this
environment has no nvJitLink, and what the device has under its name says so."""
import os
import tempfile

import numpy as np
from checking import case, cuda, run
from numba import types
from numba.cuda.cudadrv.driver import _have_nvjitlink

PTX = """
.version 7.0
.target sm_70
.address_size 64
.global .align 4 .u32 calls = 1000;
.visible .func (.param .b32 result) add_to_all(.param .b64 value_out, .param .b32 n)
{
  .reg .b32 %n, %c;
  .reg .b64 %p;
  ld.param.b64 %p, [value_out];
  ld.param.b32 %n, [n];
  ld.global.u32 %c, [calls];
  add.u32 %n, %n, %c;
  st.u32 [%p], %n;
  st.param.b32 [result], 0;
  ret;
}
"""

CUDA = """
#include <cuda_fp16.h>
__device__ int calls = 7;                     // private names of two sources do not meet
static __device__ int square(int x) { return x * x; }
extern "C" __device__ int squared(int* out, int x) { *out = square(x); return 0; }
extern "C" __device__ int sum(float* out, const float* a, int n) {
  float total = 0;
  for (int i = 0; i < n; ++i) total += a[i];
  *out = total;
  return 0;
}
"""

MORE = """
static __device__ int square(int x) { return -x; }
extern "C" __device__ int squared(int* out, int x);
extern "C" __device__ int minus_and_squared(int* out, int x) {
  int s;
  squared(&s, x);
  *out = s * 1000 + square(x);
  return 0;
}
"""


@case
def the_driver_links():
    assert not _have_nvjitlink()


@case
def ptx():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "add.ptx")
        with open(path, "w") as file:
            file.write(PTX)
        add_to_all = cuda.declare_device("add_to_all", "int32(int32)", link=[path])

        @cuda.jit
        def kernel(out):
            i = cuda.grid(1)
            out[i] = add_to_all(i)

        out = np.zeros(64, np.int32)
        kernel[2, 32](out)
    np.testing.assert_array_equal(out, np.arange(64) + 1000)


@case
def cuda_sources_that_call_each_other():
    sources = [cuda.CUSource(CUDA, name="first.cu"), cuda.CUSource(MORE, name="second.cu")]
    function = cuda.declare_device("minus_and_squared", "int32(int32)", link=sources)

    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        out[i] = function(i)

    out = np.zeros(30, np.int32)
    kernel[1, 30](out)
    i = np.arange(30)
    np.testing.assert_array_equal(out, i * i * 1000 - i)


@case
def pointers():
    total = cuda.declare_device("sum", types.float32(types.CPointer(types.float32), types.int32),
                                link=[cuda.CUSource(CUDA)])
    import cffi

    ffi = cffi.FFI()

    @cuda.jit
    def kernel(out, a):
        out[0] = total(ffi.from_buffer(a), a.size)

    a = np.arange(100, dtype=np.float32)
    out = np.zeros(1, np.float32)
    kernel[1, 1](out, a)
    assert out[0] == 4950


@case
def what_is_missing_is_named():
    nowhere = cuda.declare_device("nowhere_to_be_found", "int32()")

    @cuda.jit
    def kernel(out):
        out[0] = nowhere()

    try:
        kernel[1, 1](np.zeros(1, np.int32))
    except Exception as refused:
        assert "undefined reference to 'nowhere_to_be_found'" in str(refused), refused
    else:
        raise AssertionError("linked without a definition")


@case
def register_limit():
    def body(a):
        i = cuda.grid(1)
        t0, t1, t2, t3 = a[i], a[i + 1], a[i + 2], a[i + 3]
        for _ in range(4):
            t0, t1, t2, t3 = t1 * t2 + t3, t2 * t3 + t0, t3 * t0 + t1, t0 * t1 + t2
        a[i] = t0 + t1 + t2 + t3

    free, limited = cuda.jit("void(float64[:])")(body), cuda.jit("void(float64[:])", max_registers=24)(body)
    assert limited.get_regs_per_thread() <= 24 < free.get_regs_per_thread()


run()
