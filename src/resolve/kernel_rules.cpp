// SPDX-License-Identifier: MIT
#include "resolve/kernel_rules.hpp"

namespace nonans::resolve {
namespace {

// How names begin, without return type and namespace.
constexpr std::string_view kCollectives[] = {
    "ncclKernel",           // NCCL up to 2.18: ncclKernel_AllReduce_RING_LL_Sum_float
    "ncclDevKernel",        // NCCL from 2.19: ncclDevKernel_AllReduce_Sum_f32_RING_LL
    "ncclSymk",             // NCCL 2.27: ncclSymkDevKernel_AllReduce_…, on symmetric memory
    "nvshmem",              // NVSHMEM: nvshmemi_…, nvshmemx_…
    "cross_device_reduce",  // vLLM and SGLang: all-reduce within a machine
    "one_shot_all_reduce",  // PyTorch: symmetric memory
    "two_shot_all_reduce",  //
    "multimem_",            // PyTorch: multimem_all_reduce_kernel, multimem_all_gather_kernel
};

constexpr std::string_view kAnonymous = "(anonymous namespace)::";

// "void vllm::cross_device_reduce_1stage<float, 2>(…)" → "cross_device_reduce_1stage"
std::string_view plain(std::string_view name) noexcept {
  // Everything up to the parameters or template arguments, then what follows the last "::" or
  // return type.
  size_t end = 0;
  while (end < name.size() && name[end] != '<') {
    if (name[end] == '(') {
      if (!name.substr(end).starts_with(kAnonymous)) break;
      end += kAnonymous.size() - 1;
    }
    ++end;
  }
  name = name.substr(0, end);
  const size_t begin = name.find_last_of(": ");
  return begin == std::string_view::npos ? name : name.substr(begin + 1);
}

}  // namespace

bool waits_for_other_devices(std::string_view name) noexcept {
  const std::string_view own = plain(name);
  for (const std::string_view beginning : kCollectives)
    if (own.starts_with(beginning)) return true;
  return false;
}

}  // namespace nonans::resolve
