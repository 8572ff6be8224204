# SPDX-License-Identifier: MIT
"""Memory: where arrays lie, how they get there and back, streams and events."""
import ctypes

import numpy as np
from checking import case, cuda, run


@cuda.jit
def scale(out, a, factor):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] * factor


def values(n, seed=1):
    return np.random.default_rng(seed).uniform(-4, 4, n).astype(np.float32)


@case
def copies():
    a = values(1000).reshape(10, 100)
    d = cuda.to_device(a)
    np.testing.assert_array_equal(d.copy_to_host(), a)
    np.testing.assert_array_equal(d[3:7, 10:90].copy_to_host(), a[3:7, 10:90])
    d[2, :] = np.float32(7)
    a[2, :] = 7
    d.copy_to_host(out := np.empty_like(a))
    np.testing.assert_array_equal(out, a)
    other = cuda.device_array_like(d)
    other.copy_to_device(d)
    np.testing.assert_array_equal(other.copy_to_host(), a)
    np.testing.assert_array_equal(other.T.copy_to_host(), a.T)
    np.testing.assert_array_equal(other.reshape(100, 10).copy_to_host(), a.reshape(100, 10))
    np.testing.assert_array_equal(cuda.to_device(np.asfortranarray(a)).copy_to_host(), a)


@case
def records():
    kind = np.dtype([("a", np.int32), ("b", np.float64), ("c", np.complex64)], align=True)
    host = np.zeros(50, kind)
    host["a"] = np.arange(50)

    @cuda.jit
    def fill(r):
        i = cuda.grid(1)
        if i < r.size:
            r[i].b = r[i].a * 0.5
            r[i].c = complex(r[i].a, -r[i].a)

    d = cuda.to_device(host)
    fill[2, 32](d)
    out = d.copy_to_host()
    np.testing.assert_array_equal(out["b"], np.arange(50) * 0.5)
    np.testing.assert_array_equal(out["c"], (np.arange(50) * (1 - 1j)).astype(np.complex64))


@case
def pinned_and_mapped():
    n = 4096
    a = cuda.pinned_array(n, np.float32)
    a[:] = values(n)
    stream = cuda.stream()
    d = cuda.to_device(a, stream=stream)
    scale[32, 128, stream](d, d, 2.0)
    back = cuda.pinned_array(n, np.float32)
    d.copy_to_host(back, stream=stream)
    stream.synchronize()
    np.testing.assert_array_equal(back, a * 2)

    m = cuda.mapped_array(n, np.float32)
    m[:] = values(n, 2)
    scale[32, 128](m, m, 3.0)
    cuda.synchronize()
    np.testing.assert_array_equal(m, values(n, 2) * 3)

    plain = values(n, 3)
    with cuda.pinned(plain):
        d = cuda.to_device(plain, stream=stream)
        stream.synchronize()
    np.testing.assert_array_equal(d.copy_to_host(), plain)


@case
def managed():
    n = 1000
    m = cuda.managed_array(n, np.float32)
    m[:] = 2
    scale[8, 128](m, m, 4.0)
    cuda.synchronize()
    assert (m == 8).all()
    m[5] = 1
    scale[8, 128](m, m, 4.0)
    cuda.synchronize()
    assert m[5] == 4 and m[6] == 32


@case
def streams_and_events():
    n = 1 << 14
    first, second = cuda.stream(), cuda.stream()
    a = cuda.to_device(values(n))
    b, c = cuda.device_array_like(a), cuda.device_array_like(a)
    done = cuda.event()
    scale[128, 128, first](b, a, 2.0)
    done.record(first)
    done.wait(second)
    scale[128, 128, second](c, b, 5.0)
    second.synchronize()
    assert done.query()
    np.testing.assert_array_equal(c.copy_to_host(), values(n) * 2 * 5)

    begin, end = cuda.event(), cuda.event()
    begin.record()
    scale[128, 128](c, b, 5.0)
    end.record()
    end.synchronize()
    assert cuda.event_elapsed_time(begin, end) >= 0

    with first.auto_synchronize():
        scale[128, 128, first](b, a, 1.0)
    for stream in (cuda.default_stream(), cuda.legacy_default_stream(), cuda.per_thread_default_stream()):
        scale[128, 128, stream](c, b, 3.0)
        stream.synchronize()
        np.testing.assert_array_equal(c.copy_to_host(stream=stream), values(n) * 3)


@case
def host_functions_on_streams():
    """With the driver's function, from the package that Numba calls it by: Numba's own wrapper is broken in this version."""
    from cuda.bindings import driver

    seen = []
    called = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda argument: seen.append(argument))
    stream = cuda.stream()
    a = cuda.device_array(1 << 12, np.float32)
    for round in range(3):
        scale[32, 128, stream](a, a, 1.0)
        address = ctypes.cast(called, ctypes.c_void_p).value
        error, = driver.cuLaunchHostFunc(stream.handle, driver.CUhostFn(address), round + 1)
        assert int(error) == 0
    stream.synchronize()
    assert seen == [1, 2, 3], seen


@case
def other_allocators_memory():
    d = cuda.to_device(values(100))

    class Foreign:
        __cuda_array_interface__ = d.__cuda_array_interface__

    view = cuda.as_cuda_array(Foreign())
    scale[1, 128](view, view, 2.0)
    np.testing.assert_array_equal(d.copy_to_host(), values(100) * 2)
    assert cuda.is_cuda_array(Foreign())


@case
def memory_information():
    context = cuda.current_context()
    deallocations = context.memory_manager.deallocations
    deallocations.clear()  # what other cases have let go
    before = context.get_memory_info()
    held = cuda.device_array(1 << 26, np.uint8)
    after = context.get_memory_info()
    assert before.total == after.total
    assert before.free - after.free >= held.nbytes
    del held
    deallocations.clear()
    assert context.get_memory_info().free == before.free


@case
def interprocess_handles_exist():
    d = cuda.to_device(np.arange(10, dtype=np.int32))
    try:
        handle = d.get_ipc_handle()
    except Exception as refused:  # a device may refuse; the functions have to be there
        assert "NOT_SUPPORTED" in str(refused), refused
    else:
        assert handle is not None


@case
def pointers_from_outside():
    driver = ctypes.CDLL("libcuda.so.1")
    count = ctypes.c_int()
    assert driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value == len(cuda.gpus)


run()
