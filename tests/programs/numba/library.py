# SPDX-License-Identifier: MIT
"""What Numba makes of functions of one element: ufuncs, generalised ufuncs, reductions."""
import numpy as np
from checking import case, cuda, run
from numba import guvectorize, vectorize


def values(n=5000, seed=1):
    return np.random.default_rng(seed).uniform(-4, 4, n)


@case
def vectorized():
    @vectorize(["float32(float32, float32)", "float64(float64, float64)", "int64(int64, int64)"], target="cuda")
    def combine(a, b):
        return a * b + a

    a, b = values(), values(seed=2)
    # Numba contracts a * b + a into one rounding.
    np.testing.assert_allclose(combine(a, b), a * b + a, rtol=1e-15, atol=1e-14)
    x, y = a.astype(np.float32), b.astype(np.float32)
    np.testing.assert_allclose(combine(x, y), x * y + x, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(combine(np.arange(10), np.arange(10)), np.arange(10) ** 2 + np.arange(10))
    on_device = combine(cuda.to_device(a), cuda.to_device(b))
    np.testing.assert_allclose(on_device.copy_to_host(), a * b + a, rtol=1e-15, atol=1e-14)
    stream = cuda.stream()
    out = cuda.device_array_like(on_device)
    combine(cuda.to_device(a, stream), cuda.to_device(b, stream), out=out, stream=stream)
    np.testing.assert_allclose(out.copy_to_host(stream=stream), a * b + a, rtol=1e-15, atol=1e-14)


@case
def ufunc_reduces():
    @vectorize(["float64(float64, float64)"], target="cuda")
    def add(a, b):
        return a + b

    a = values(1000)
    np.testing.assert_allclose(add.reduce(a), a.sum(), rtol=1e-12)


@case
def generalised():
    @guvectorize(["void(float64[:,:], float64[:,:], float64[:,:])"], "(m,n),(n,p)->(m,p)", target="cuda")
    def product(a, b, c):
        for i in range(c.shape[0]):
            for j in range(c.shape[1]):
                total = 0.0
                for k in range(a.shape[1]):
                    total += a[i, k] * b[k, j]
                c[i, j] = total

    a, b = values(20 * 4 * 6).reshape(20, 4, 6), values(20 * 6 * 5, 2).reshape(20, 6, 5)
    np.testing.assert_allclose(product(a, b), a @ b, rtol=1e-12, atol=1e-12)


@case
def reductions():
    total = cuda.reduce(lambda a, b: a + b)
    largest = cuda.reduce(lambda a, b: a if a > b else b)
    for n in (1, 2, 31, 1000, 20000):
        a = np.round(values(n) * 16) / 16
        assert total(a) == a.sum()
        assert total(a, init=100.0) == a.sum() + 100
        assert largest(a) == a.max()
    d = cuda.to_device(a)
    result = cuda.device_array(1, np.float64)
    total(d, res=result)
    assert result.copy_to_host()[0] == a.sum()


@case
def complex_numbers():
    @vectorize(["complex128(complex128, float64)"], target="cuda")
    def rotate(z, angle):
        return z * complex(np.cos(angle), np.sin(angle))

    z, angle = values() + 1j * values(seed=2), values(seed=3)
    np.testing.assert_allclose(rotate(z, angle), z * np.exp(1j * angle), rtol=1e-13, atol=1e-13)


run()
