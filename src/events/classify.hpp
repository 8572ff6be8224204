// SPDX-License-Identifier: MIT
// From what the device wrote to what it means. Pure: a record and the facts about its kernel in, an
// event out.
//
//   Event event = event_of(record, directory.find(record.kernel_id, record.arg));
//
// The record may hold anything (the ring is memory that a broken program can write to): every field
// is checked, and what is out of range reads as unknown.
#pragma once

#include <optional>
#include <string>

#include "events/directory.hpp"
#include "events/event.hpp"
#include "resolve/scan_abi.h"

namespace nonans::events {

// Ordinal and time are left zero.
Event event_of(const nn_record& record, const std::optional<KernelFacts>& facts);

// What can have happened, as far as the hazards on the way to the store decide it. `unknown` where
// they leave two causes.
Kind kind_of(const nn_record& record, uint32_t hazards);

// An element's bits as text: "+Inf", "NaN", "65504".
std::string value_text(unsigned type, uint64_t bits);

// Demangled, or the symbol itself where it is no mangled name.
std::string demangle(const std::string& symbol);

}  // namespace nonans::events
