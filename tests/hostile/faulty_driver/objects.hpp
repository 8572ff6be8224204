// SPDX-License-Identifier: MIT
// Which calls make and end objects, and what libnonans has made and not ended.
#pragma once

#include <cstdint>

#include "faulty_driver.h"

namespace faulty {

// After a good call: `words` are its arguments.
void note_objects(const char* function, const uint64_t* words, bool by_library);
// Before a call that will be refused: what it would have ended is the refuser's to answer for.
void excuse_objects(const char* function, const uint64_t* words);
long live_objects(faulty_kind kind);

}  // namespace faulty
