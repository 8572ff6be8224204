// SPDX-License-Identifier: MIT
// NVIDIA's prototypes of every function this library exports, each by its own name: without this
// macro nvml.h would turn nvmlInit into nvmlInit_v2. A definition is exported because its
// declaration here has default visibility.
#pragma once

#ifndef NVML_NO_UNVERSIONED_FUNC_DEFS
#define NVML_NO_UNVERSIONED_FUNC_DEFS
#endif
#pragma GCC visibility push(default)
#include <nvml.h>
#pragma GCC visibility pop
