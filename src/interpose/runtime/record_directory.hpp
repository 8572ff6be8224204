// SPDX-License-Identifier: MIT
// What the drain asks about a record: its kernel and names, from the table of kernels; the step of
// a replay, from the graphs.
#pragma once

#include <optional>
#include <string>

#include "events/directory.hpp"
#include "interpose/runtime/kernel_table.hpp"

namespace nonans::interpose {

namespace graphs {
class GraphWatch;
}

class RecordDirectory final : public events::KernelDirectory {
 public:
  RecordDirectory(const KernelTable& kernels, const graphs::GraphWatch& graphs)
      : kernels_(kernels), graphs_(graphs) {}

  std::optional<events::KernelFacts> find(uint32_t kernel_id, unsigned param_index) const override {
    return kernels_.find(kernel_id, param_index);
  }
  std::string label(uint32_t label) const override { return kernels_.label(label); }
  std::optional<uint32_t> step_of(uint32_t node, uint32_t replay) const override;

 private:
  const KernelTable& kernels_;
  const graphs::GraphWatch& graphs_;
};

}  // namespace nonans::interpose
