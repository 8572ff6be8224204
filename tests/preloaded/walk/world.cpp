// SPDX-License-Identifier: MIT
#include "world.hpp"

#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

World::World(const char* image_path, uint64_t seed) : random(seed) {
  std::ifstream file(image_path, std::ios::binary);
  image.assign(std::istreambuf_iterator<char>(file), {});
  check(cu(cuInit)(0), "cuInit");
  check(cu(cuDeviceGet)(&device, 0), "cuDeviceGet");
  check(cu(cuDevicePrimaryCtxRetain)(&context, device), "cuDevicePrimaryCtxRetain");
  check(cu(cuCtxSetCurrent)(context), "cuCtxSetCurrent");
  CUmodule module;
  check(cu(cuModuleLoadData)(&module, image.c_str()), "cuModuleLoadData");
  for (const char* const f :
       {"blend", "widen", "narrow", "bits", "sum", "by_value", "decay", "churn"}) {
    check(cu(cuModuleGetFunction)(&functions_[f], module, f), f);
    know(functions_[f], f);
  }
  streams.push_back(nullptr);
  for (const unsigned flags : {CU_STREAM_DEFAULT, CU_STREAM_NON_BLOCKING, CU_STREAM_NON_BLOCKING}) {
    streams.emplace_back();
    check(cu(cuStreamCreate)(&streams.back(), flags), "cuStreamCreate");
  }
  for (int i = 0; i < 4; ++i) {
    events.emplace_back();
    check(cu(cuEventCreate)(&events.back(), CU_EVENT_DISABLE_TIMING), "cuEventCreate");
  }
  // All of them now: in a capture nothing can be allocated and waited for.
  slots_.resize(kSlots);
  for (CUdeviceptr& p : slots_) {
    check(cu(cuMemAlloc)(&p, kN * sizeof(double)), "cuMemAlloc");
    check(cu(cuMemsetD8)(p, 0, kN * sizeof(double)), "cuMemsetD8");
  }
  check(cu(cuCtxSynchronize)(), "cuCtxSynchronize");
  std::vector<float> values(2 * kN);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 97) / 97.0f - 0.5f;
  check(cu(cuMemAlloc)(&input_, values.size() * sizeof(float)), "cuMemAlloc");
  check(cu(cuMemcpyHtoD)(input_, values.data(), values.size() * sizeof(float)), "cuMemcpyHtoD");
}

CUdeviceptr World::slot() {
  if (used_ == slots_.size()) {
    std::fprintf(stderr, "walk: too many steps for %zu slots\n", slots_.size());
    std::exit(5);
  }
  return slots_[used_++];
}

std::vector<char> Call::block_of_arguments() const {
  std::vector<char> block(offsets.back() + sizes.back());
  for (unsigned i = 0; i < count; ++i) std::memcpy(block.data() + offsets[i], &values[i], sizes[i]);
  return block;
}

Call World::call() {
  static constexpr const char* kNames[] = {"blend", "widen", "narrow", "bits", "sum", "by_value"};
  const unsigned which = random.below(std::size(kNames));
  Call c;
  c.function = function(kNames[which]);
  const int n = random.one_in(3) ? static_cast<int>(random.below(kN)) : kN;
  const float k = static_cast<float>(random.below(1000)) / 1000.0f;
  const CUdeviceptr out = slot(), in = input_ + 4 * random.below(kN);
  const auto put = [&](const auto& value) {
    const auto size = static_cast<unsigned>(sizeof value);
    const unsigned at = c.count == 0 ? 0 : c.offsets.back() + c.sizes.back();
    c.offsets.push_back((at + size - 1) / size * size);
    c.sizes.push_back(size);
    std::memcpy(&c.values[c.count++], &value, size);
  };
  if (which == 5) {
    c.values = {out, in, 0, 0, 0};
    std::memcpy(&c.values[2], &n, 4);
    std::memcpy(reinterpret_cast<char*>(&c.values[2]) + 4, &k, 4);
    c.count = 1, c.offsets = {0}, c.sizes = {24};
    return c;
  }
  put(out);
  put(in);
  if (which == 0) put(input_);
  if (which == 1)
    put(static_cast<double>(k));
  else if (which == 3)
    put(static_cast<uint32_t>(random.next()));
  else
    put(k);
  put(n);
  return c;
}

uint64_t fingerprint_of(const void* bytes, size_t size, uint64_t so_far) {
  const auto* const p = static_cast<const unsigned char*>(bytes);
  for (size_t i = 0; i < size; ++i) so_far = (so_far ^ p[i]) * 0x100000001b3u;
  return so_far;
}

void World::fingerprint() {
  uint64_t all = 0xcbf29ce484222325u;
  int result = cu(cuCtxSynchronize)();
  std::vector<char> bytes(kN * sizeof(double));
  for (size_t i = 0; i < used_; ++i) {
    result = result ? result : cu(cuMemcpyDtoH)(bytes.data(), slots_[i], bytes.size());
    all = fingerprint_of(bytes.data(), bytes.size(), all);
  }
  say("bytes", result) << ' ' << used_ << ' ' << std::hex << all << std::dec << " host "
                       << host_calls;
}
