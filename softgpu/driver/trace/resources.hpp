// SPDX-License-Identifier: MIT
// Tells a listening tool of contexts, streams and modules that come and go. Without one each is a
// load and a branch.
//
// What was made is told when the API call is done, since locks may be held now. What is about to go
// is told at once, while it is still there: no lock of the driver may be held.
#pragma once

#include "driver/module.hpp"
#include "driver/stream.hpp"
#include "driver/trace/call.hpp"

namespace softgpu::driver {

void tell_created(const std::shared_ptr<Context>& context);
void tell_created(const StreamPtr& stream);
void tell_created(const ModulePtr& module);

// Of a context: also its modules and streams.
void tell_going(const Context& context);
void tell_going(const Stream& stream);
void tell_going(const Module& module);

}  // namespace softgpu::driver
