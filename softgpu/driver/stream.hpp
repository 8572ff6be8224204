// SPDX-License-Identifier: MIT
// Streams: an order of operations. What runs them is the scheduler.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "driver/context.hpp"
#include "driver/cuda_api.hpp"
#include "driver/handles.hpp"
#include "driver/scheduler.hpp"

namespace softgpu::driver {

struct CapturePart;
struct GreenContext;

struct Stream {
  CUstream handle = nullptr;
  std::shared_ptr<Context> context;
  unsigned flags = CU_STREAM_DEFAULT;
  int priority = 0;
  uint64_t id = 0;
  std::shared_ptr<GreenContext> green;   // that it was made in, if any (green/green_context.hpp)
  bool is_legacy = false;                // a default stream: the context's, or a green context's
  bool blocking = true;                  // orders with the legacy default stream
  OperationPtr tail;                     // the last operation; under context->submission
  std::shared_ptr<CapturePart> capture;  // while it captures; under the graph lock
  CUsynchronizationPolicy sync_policy = CU_SYNC_POLICY_AUTO;
  CUlaunchMemSyncDomain memory_domain = CU_LAUNCH_MEM_SYNC_DOMAIN_DEFAULT;
};
inline constexpr int kLeastPriority = 0, kGreatestPriority = -5;
uint64_t next_stream_id();

using StreamPtr = std::shared_ptr<Stream>;

using StreamTable = HandleTable<Stream, CUstream, HandleKind::stream>;
StreamTable& streams();

// 0: the default stream of the variant called; CU_STREAM_LEGACY, CU_STREAM_PER_THREAD; or a created
// one. While a green context is current, the default stream is its own, and there is none per
// thread. CONTEXT_IS_DESTROYED for a stream of a green context that is gone.
CUresult resolve_stream(Context& context, CUstream handle, bool per_thread, StreamPtr& out);
StreamPtr make_stream(const std::shared_ptr<Context>& context, unsigned flags, int priority,
                      const std::shared_ptr<GreenContext>& green = nullptr);

// An operation that belongs to a stream's context: skipped once the context is broken.
class StreamOperation : public Operation {
 public:
  explicit StreamOperation(std::shared_ptr<Context> context) : context_(std::move(context)) {}
  void execute() final;

 protected:
  // Called on a worker thread. `Context::break_with` reports a fault.
  virtual void run(Context& context) = 0;
  // Instead of run() when the context is already broken.
  virtual void skipped(Context&) {}

 private:
  std::shared_ptr<Context> context_;
};

enum class Run { later, here_if_ready };

// Puts the operation at the end of the stream. Dependencies: the stream's last operation, `extra`,
// and the other side of the legacy default stream. (A stream that captures takes no operation:
// callers have asked capture/capture.hpp first.)
void enqueue(const StreamPtr& stream, const OperationPtr& operation, Run run = Run::later,
             std::span<const OperationPtr> extra = {});

// Operations that depend on each other, as one step of the stream: the first starts after what is
// there (and after `extra`), the last becomes the stream's end. Every other one must come, directly
// or not, after the first and before the last.
struct GroupMember {
  OperationPtr operation;
  std::vector<OperationPtr> after;
  std::optional<int> priority;  // else the stream's
};
void enqueue_group(const StreamPtr& stream, std::span<const GroupMember> members,
                   std::span<const OperationPtr> extra);

// Waits for the stream's last operation (and, for the legacy stream, for all blocking streams),
// then answers the context's state.
CUresult synchronize(const StreamPtr& stream);

// Enqueues, waits, answers the context's state: what synchronous calls do.
CUresult run_to_end(const StreamPtr& stream, const OperationPtr& operation);

}  // namespace softgpu::driver
