// SPDX-License-Identifier: MIT
// The ring is memory that a broken program can write to: whatever stands there, reading ends, and
// what was read can be said and written. The input is a list of records put at places of its
// choice, with sequences near what is due.
#include <cstdlib>
#include <cstring>
#include <memory>

#include "events/classify.hpp"
#include "events/ring.hpp"

using namespace nonans::events;

namespace {

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::unique_ptr<nn_ring_host> ring = std::make_unique<nn_ring_host>();
  std::memset(static_cast<void*>(ring.get()), 0, sizeof *ring);
  RingReader reader(ring.get());
  size_t read = 0, placed = 0;
  const auto read_all = [&](bool closing) {
    nn_record record;
    while (closing ? reader.next_final(record) : reader.next(record)) {
      require(++read <= placed);
      const Event event = event_of(
          record,
          size % 2 ? std::nullopt
                   : std::optional(KernelFacts{"_Z1kPf", static_cast<uint32_t>(size % 4096), ""}));
      require(!to_sentence(event).empty());
      Event back;
      std::string error;
      require(from_json_line(to_json_line(event), back, error));
      require(to_json_line(back) == to_json_line(event));
    }
  };
  uint64_t due = 0;
  while (size >= 4) {
    const unsigned place = (data[0] | data[1] << 8) % NN_RING_RECORDS;
    const int shift = static_cast<int8_t>(data[2]);
    const bool at_due = data[3] & 1, poll = data[3] & 2;
    data += 4;
    size -= 4;
    nn_record record{};
    const size_t taken = size < sizeof record ? size : sizeof record;
    std::memcpy(static_cast<void*>(&record), data, taken);
    data += taken;
    size -= taken;
    if (data[-1] & 1)
      record.sequence = due + 1 + static_cast<uint64_t>(static_cast<int64_t>(shift));
    ring->records[at_due ? due % NN_RING_RECORDS : place] = record;
    ++placed;
    if (at_due) ++due;
    if (poll) read_all(false);
  }
  read_all(true);
  require(reader.damaged() <= placed * uint64_t{NN_RING_RECORDS});
  return 0;
}
