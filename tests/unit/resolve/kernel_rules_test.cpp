// SPDX-License-Identifier: MIT
#include "resolve/kernel_rules.hpp"

#include "support/catch.hpp"

using nonans::resolve::waits_for_other_devices;

TEST_CASE("rules: kernels of collective communication are known by name") {
  for (const char* name : {
           "ncclKernel_AllReduce_RING_LL_Sum_float(ncclDevComm*, unsigned long, ncclWork*)",
           "ncclDevKernel_AllReduce_Sum_f32_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
           "ncclDevKernel_SendRecv",
           "ncclSymkDevKernel_AllReduce_RSxLD_AGxST_sum_f32",
           "nvshmemi_transfer_amo_nonfetch",
           "nvshmem_barrier_all_kernel()",
           "void vllm::cross_device_reduce_1stage<float, 2>(vllm::RankData*, vllm::RankSignals)",
           "void (anonymous namespace)::one_shot_all_reduce_kernel<float>(float**, int)",
       }) {
    INFO(name);
    CHECK(waits_for_other_devices(name));
  }
}

TEST_CASE("rules: others that only mention them are not") {
  for (const char* name : {
           "",
           "gemm",
           "reduce(ncclDevComm*)",
           "void at::native::elementwise_kernel<ncclDevKernel>(int)",
           "my_ncclDevKernel_like",
           "nccl::copy(float*)",
           "(odd)",
           "(anonymous namespace)::",
       }) {
    INFO(name);
    CHECK_FALSE(waits_for_other_devices(name));
  }
}
