// SPDX-License-Identifier: MIT
// The child of `nonans doctor`: a small CUDA program, run under the preload like any other.
//
// It prints "name=value" lines on stdout and leaves; the parent reads what came before a crash,
// too.
//   driver       path of libcuda.so.1                  driver_error  why there is none
//   version      of the driver API, 13000
//   device       name, compute capability, memory      device_error  why there is none
//   launch_is_in file that cuLaunchKernel, looked up as a program does, belongs to
//   image        an embedded scan kernel and whether the driver loads it (several)
//   self_test    what stands in memory after a kernel divided 0 by 0: "0" if that was repaired,
//   "nan" if not
#pragma once

namespace nonans::cli {

inline constexpr const char* kProbeArgument = "--probe-of-doctor";
inline constexpr const char* kProbeKernel = "nonans_doctor_self_test";

int run_probe();

}  // namespace nonans::cli
