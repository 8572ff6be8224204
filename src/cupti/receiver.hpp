// SPDX-License-Identifier: MIT
// Who is told what CUPTI shows: images, allocations, contexts.
//
//   class Mine final : public cupti::Receiver { … };
//   Mine mine;                                       // must live as long as the process
//   cupti::Session session(mine, …);                 // session.hpp
//
// Called inside CUPTI's callbacks, on whatever thread made the driver call, several at a time, also
// for a short while after the session gave its place away. Nothing here may launch, wait or load;
// queries of the driver are allowed. Exceptions are caught by the caller and lose the one message.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>

namespace nonans::cupti {

enum class Memory : uint8_t { device, pool, managed, host };

struct Allocation {
  uint64_t base = 0;
  uint64_t size = 0;
  Memory memory = Memory::device;
  CUcontext context = nullptr;  // current at the call; null without one
  // Of pool memory: the stream that it was allocated on, and what a null stream means there.
  CUstream stream = nullptr;
  bool per_thread_default_stream = false;
};

class Receiver {
 public:
  // Asked first in every callback: false for a call that is not to be reported (the library's own,
  // or one that it sees by another way).
  virtual bool concerned() noexcept = 0;

  virtual void allocated(const Allocation& allocation) = 0;  // after a good call
  virtual void freeing(uint64_t base) = 0;                   // before the call

  // An image is shown inside the call that loads it, before the handle is known:
  //   code_call_begins()   image_shown(bytes)   module_returned(handle)
  // all on one thread. The bytes are valid inside image_shown() only.
  virtual void code_call_begins() = 0;
  virtual void image_shown(CUcontext context, uint32_t module_id, const void* bytes,
                           size_t size) = 0;
  virtual void module_returned(CUmodule module) = 0;
  virtual void library_returned(CUlibrary library) = 0;
  // A library's code may be loaded as late as here.
  virtual void kernel_used(CUkernel kernel) = 0;

  virtual void module_going(CUmodule module) = 0;        // before the unload
  virtual void library_going(CUlibrary library) = 0;     // before the unload
  virtual void module_id_going(uint32_t module_id) = 0;  // also with its context
  virtual void context_created(CUcontext context) = 0;
  virtual void context_going(CUcontext context) = 0;

  // A good launch of a kernel, or of a graph. Only if the session was asked for launches.
  virtual void launched(bool graph) = 0;

 protected:
  ~Receiver() = default;
};

}  // namespace nonans::cupti
