# SPDX-License-Identifier: MIT
"""Threads, several kernels at once, kernels kept on disk, and what happens after a fault."""
import os
import subprocess
import sys
import tempfile
import threading

import numpy as np
from checking import case, cuda, run


@cuda.jit
def steps(a, n):
    i = cuda.grid(1)
    x = a[i]
    for _ in range(n):
        x = x * 3 + 1
    a[i] = x


def expected(a, n):
    with np.errstate(over="ignore"):
        for _ in range(n):
            a = a * np.uint32(3) + np.uint32(1)
    return a


@case
def threads_share_the_device():
    errors = []

    def work(seed):
        try:
            a = np.random.default_rng(seed).integers(0, 1 << 31, 2048).astype(np.uint32)
            stream = cuda.stream()
            for n in range(1, 6):
                d = cuda.to_device(a, stream=stream)
                steps[16, 128, stream](d, n)
                out = d.copy_to_host(stream=stream)
                stream.synchronize()
                np.testing.assert_array_equal(out, expected(a, n))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors[0]


@case
def compiled_kernels_are_kept():
    program = """
import sys
import numpy as np
from numba import cuda
@cuda.jit("void(int32[:])", cache=True)
def kernel(a):
    a[cuda.grid(1)] += 5
a = np.zeros(32, np.int32)
kernel[1, 32](a)
assert (a == 5).all()
print(sum(kernel.stats.cache_hits.values()))
"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cached.py")
        with open(path, "w") as file:
            file.write(program)
        environment = dict(os.environ, NUMBA_CACHE_DIR=folder)
        hits = [subprocess.run([sys.executable, "-W", "ignore", path], env=environment, capture_output=True, text=True,
                               check=True).stdout.strip() for _ in range(2)]
    assert hits == ["0", "1"], hits


@case
def a_fault_is_an_error_of_the_program():
    program = """
import numpy as np
from numba import cuda
@cuda.jit
def out_of_bounds(a):
    a[cuda.grid(1) + 1000] = 1
a = cuda.device_array(32, np.float32)
out_of_bounds[1, 32](a)
try:
    cuda.synchronize()
except Exception as error:
    print("raised:", error)
"""
    child = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True)
    assert "raised:" in child.stdout and "ILLEGAL_ADDRESS" in child.stdout, child.stdout + child.stderr
    assert "softgpu: illegal address: st.global" in child.stderr, child.stderr


@case
def machine_code_is_refused_with_a_way_out():
    """What nvJitLink makes: an ELF image for CUDA (machine 190) without PTX."""
    import ctypes
    import struct

    image = struct.pack("<4sBBBBB7xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0x33, 7, 2, 190, 130, 0, 0, 0, 90, 64, 56, 0, 64,
                        0, 0)
    driver = ctypes.CDLL("libcuda.so.1")
    module = ctypes.c_void_p()
    cuda.current_context()
    log = ctypes.create_string_buffer(1024)
    options = (ctypes.c_int * 2)(5, 6)  # CU_JIT_ERROR_LOG_BUFFER and its size
    values = (ctypes.c_void_p * 2)(ctypes.addressof(log), 1024)
    assert driver.cuModuleLoadDataEx(ctypes.byref(module), image, 2, options, values) == 209
    assert b"cubin" in log.value and b"PTX" in log.value, log.value


run()
