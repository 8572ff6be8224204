// SPDX-License-Identifier: MIT
#include "interpose/guard.hpp"

namespace nonans::interpose {

thread_local constinit bool Guard::inside_ = false;

}  // namespace nonans::interpose
