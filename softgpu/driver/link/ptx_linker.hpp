// SPDX-License-Identifier: MIT
// Links PTX texts as nvlink links relocatable device code, with text as the result: this device
// runs text.
//
//   PtxLinker linker;
//   linker.add("kernel.ptx", kernel_text);          // texts that ptx::parse() accepts
//   linker.add("bar.ptx", bar_text);
//   const LinkedPtx linked = linker.link();
//   if (!linked.error.empty()) …                    // "undefined reference to 'bar' in
//   'kernel.ptx'"
//
// What a name means between inputs is its linkage (PTX ISA 5.4.1 and 11.6):
//   none      private: inputs may use the same name for different things, so all but the first of
//             them are renamed. Kernels are never private.
//   .visible  one definition among all inputs
//   .weak     the first definition counts, unless there is a .visible one
//   .common   the largest definition counts
//   .extern   somebody else's, except for `.extern .shared`, the dynamic shared memory of a block
// The result has the newest .version and .target of the inputs. Line tables (.loc) are kept and
// their files renumbered; other debugging information is dropped.
#pragma once

#include <string>
#include <vector>

#include "driver/link/ptx_text.hpp"

namespace softgpu::driver {

struct LinkedPtx {
  std::string text;
  std::string error;  // one line for each thing that is wrong
};

class PtxLinker {
 public:
  // `max_registers`: kernels of this text that give no .maxnreg get this one; 0 for none.
  void add(std::string name, std::string source, unsigned max_registers = 0);
  bool empty() const { return inputs_.empty(); }
  LinkedPtx link() const;

 private:
  std::vector<PtxText> inputs_;
  std::vector<unsigned> max_registers_;  // of each input
};

}  // namespace softgpu::driver
