// SPDX-License-Identifier: MIT
// Kernels, copies and fills that a listening tool is told of when they have run.
//
//   class LaunchOperation : public StreamOperation, public TracedWork {
//     void run(Context& context) override {
//       const TracedWork::Run times(*this);
//       …
//
// An operation remembers at submission which call and stream it belongs to, if a tool wants to
// know; without one that is a load and a branch at submission, and one at execution.
#pragma once

#include <memory>

#include "driver/stream.hpp"
#include "driver/trace/call.hpp"

namespace softgpu::driver {

class TracedWork {
 public:
  virtual ~TracedWork() = default;
  // The executable graph and the node that the work is of; before remember().
  void of_graph(uint64_t exec, uint64_t node) {
    graph_exec_ = exec;
    graph_node_ = node;
  }
  // On the thread that submits, before the operation can run.
  void remember(const Stream& stream);

  // The time between construction and destruction is that of the work. What the bodies of a
  // conditional node run inside of another one's time belongs to that one's call.
  class Run {
   public:
    explicit Run(const TracedWork& work);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

   private:
    const Activity* outer_ = nullptr;
    std::unique_ptr<Activity> activity_;
  };

 protected:
  // Fills in what was done; false for work that is none by itself.
  virtual bool describe(Activity& activity) const = 0;

 private:
  std::unique_ptr<Activity> submitted_;
  uint64_t graph_exec_ = 0, graph_node_ = 0;
};

// For every operation that is put on a stream.
void remember_submission(Operation* operation, const Stream& stream);

}  // namespace softgpu::driver
