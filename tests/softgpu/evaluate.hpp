// SPDX-License-Identifier: MIT
// Evaluates one instruction (or a few) on vectors of inputs, one thread per element.
#pragma once

#include "harness.hpp"

namespace softgpu::test {

template <class T>
std::vector<T> rotated(std::vector<T> values, size_t by) {
  std::rotate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(by % values.size()),
              values.end());
  return values;
}

// `body` computes %d from %a0, %a1 … ; %t0-7, %l0-7, %h0-7 and %p1-7 are free.
template <class Result, class... In>
std::vector<Result> evaluate(const std::string& body, const std::vector<std::string>& types,
                             const std::string& result, const std::vector<In>&... in) {
  Device device;
  device.load(element_kernel(types, result, body));
  const size_t n = std::max({in.size()...});
  const uint64_t out = device.upload(std::vector<Result>(n));
  device.run("k", {static_cast<uint32_t>((n + 127) / 128)}, {128}, device.upload(in)..., out,
             static_cast<uint32_t>(n));
  return device.download<Result>(out, n);
}

}  // namespace softgpu::test
