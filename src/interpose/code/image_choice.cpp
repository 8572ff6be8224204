// SPDX-License-Identifier: MIT
#include "interpose/code/image_choice.hpp"

#include <algorithm>

namespace nonans::interpose {
namespace {

// Machine code for `arch` runs on `sm` if the major version is the same and the minor is not newer.
bool runs_on(uint32_t arch, uint32_t sm) {
  return arch / 10 == sm / 10 && arch <= sm;
}

}  // namespace

ImageChoice choose_ptx(const image::Listing& listing, uint32_t sm) {
  ImageChoice choice;
  uint32_t machine_code = 0;  // the architecture of what the driver takes, if it takes machine code
  uint32_t best = 0;
  bool has_ptx = false, has_its_ptx = false;
  for (const image::Entry& entry : listing.entries)
    if (entry.kind == image::Kind::elf && runs_on(entry.arch, sm))
      machine_code = std::max(machine_code, entry.arch);
  for (const image::Entry& entry : listing.entries) {
    if (entry.kind != image::Kind::ptx || entry.arch > sm) continue;
    has_ptx = true;
    has_its_ptx |= entry.arch == machine_code;
    best = std::max(best, entry.arch);
  }
  if (!has_ptx) return choice;
  if (machine_code != 0 && has_its_ptx) best = machine_code;
  choice.same_code = machine_code == 0 || machine_code == best;
  for (const image::Entry& entry : listing.entries)
    if (entry.kind == image::Kind::ptx && entry.arch == best) choice.ptx.push_back(&entry);
  return choice;
}

}  // namespace nonans::interpose
