// SPDX-License-Identifier: MIT
// The bench of the scan suites: one stream's scan state and the tensors of one launch in device
// memory, held against the reference after each scan.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "scan_device.hpp"
#include "scan_reference.hpp"
#include "support/catch.hpp"

namespace scan_test {
inline constexpr uint8_t kTypes[] = {NN_F16, NN_BF16, NN_F32, NN_F64, NN_E4M3, NN_E5M2};
// Around a region stands what is a NaN in every type: a scan that looks too far finds it.
inline constexpr unsigned char kSurround = 0xff;
inline constexpr uint64_t kGuard = 256;

struct Placed {
  uint64_t allocation = 0, first = 0;  // device addresses
  uint64_t pitch = 0;
  std::vector<unsigned char> before;  // the whole allocation as it was
};

inline std::vector<unsigned char> image_of(const Tensor& t, uint64_t lead, uint64_t pitch,
                                           size_t size, const std::vector<uint64_t>& bits) {
  std::vector<unsigned char> bytes(size, kSurround);
  const unsigned width = bytes_of(t.type);
  for (uint64_t i = 0; i < bits.size(); ++i)
    std::memcpy(&bytes[lead + i / t.row_elems * pitch + i % t.row_elems * width], &bits[i], width);
  return bytes;
}

// A stream's worth of scan state, and the tensors of one launch in device memory.
class Bench {
 public:
  Bench() : device_(test_device()) {
    device_.release();
    slot_ = zeroed(sizeof(nn_slot));
    ring_ = zeroed(sizeof(nn_ring_device));
    std::memset(static_cast<void*>(&device_.ring()), 0, sizeof(nn_ring_host));
  }

  nn_scan_params prepare(const Scenario& s) {
    nn_scan_params p{};
    p.ring_device = ring_;
    p.slot = slot_;
    p.launch_id = ++launches_;
    p.kernel_id = s.kernel_id;
    p.context_id = 9;
    p.mode = s.mode;
    p.policy_nan = s.policy_nan;
    p.policy_pos_inf = s.policy_pos_inf;
    p.policy_neg_inf = s.policy_neg_inf;
    p.raced = s.raced;
    p.captured = s.captured;
    p.max_dirty_launches = s.max_dirty_launches;
    p.step = s.step;
    p.n_outputs = static_cast<nn_u8>(s.outputs.size());
    p.n_inputs = static_cast<nn_u8>(s.inputs.size());
    outputs_.clear();
    inputs_.clear();
    for (size_t i = 0; i < s.outputs.size(); ++i) p.outputs[i] = place(s.outputs[i], outputs_);
    for (size_t i = 0; i < s.inputs.size(); ++i) p.inputs[i] = place(s.inputs[i], inputs_);
    return p;
  }

  // One scan of `s`, held against the reference.
  void run(const Scenario& s, uint32_t earlier = 0) {
    const nn_scan_params p = prepare(s);
    device_.launch(p, s.blocks);
    ++finished_;
    const std::vector<Expected> expected = reference(s, earlier);
    for (size_t o = 0; o < s.outputs.size(); ++o) {
      INFO("output " << o);
      check_memory(s.outputs[o], outputs_[o], expected[o].bits);
      if (expected[o].dirty) check_record(s, p, static_cast<unsigned>(o), expected[o], earlier);
    }
    for (size_t i = 0; i < s.inputs.size(); ++i)
      check_memory(s.inputs[i], inputs_[i], s.inputs[i].bits);
    CHECK(device_.ring().records[records_ % NN_RING_RECORDS].sequence != records_ + 1);
    device_.ring().tail = records_;
    check_state();
  }

  nn_slot slot() { return get<nn_slot>(slot_); }
  // Half a stack's worth: the lists stand in it.
  std::unique_ptr<nn_ring_device> ring_device() {
    auto ring = std::make_unique<nn_ring_device>();
    device_.read(ring_, ring.get(), sizeof *ring);
    return ring;
  }
  // Lists [0, count) are in the hands of other scans.
  void take_lists(unsigned count) {
    const std::vector<nn_u64> owners(count, kSomebody);
    device_.write(ring_ + offsetof(nn_ring_device, list_owner), owners.data(),
                  count * sizeof(nn_u64));
    taken_lists_ = count;
  }
  uint64_t records() const { return records_; }
  Device& device() { return device_; }

 private:
  template <typename T>
  T get(uint64_t address) {
    T value;
    device_.read(address, &value, sizeof value);
    return value;
  }

  uint64_t zeroed(size_t size) {
    const uint64_t address = device_.allocate(size);
    const std::vector<unsigned char> zeros(size);
    device_.write(address, zeros.data(), size);
    return address;
  }

  nn_region place(const Tensor& t, std::vector<Placed>& placed) {
    const unsigned width = bytes_of(t.type);
    Placed at;
    at.pitch = t.row_elems * width + t.gap;
    const uint64_t lead = t.exact ? t.offset : kGuard + t.offset;
    const uint64_t size = lead + (t.rows ? (t.rows - 1) * at.pitch + t.row_elems * width : 0) +
                          (t.exact ? 0 : kGuard);
    at.before = image_of(t, lead, at.pitch, size, t.bits);
    at.allocation = device_.allocate(size);
    at.first = at.allocation + lead;
    device_.write(at.allocation, at.before.data(), size);
    placed.push_back(at);
    nn_region region{};
    region.base = at.first;
    region.rows = t.rows;
    region.row_elems = t.row_elems;
    region.pitch = at.pitch;
    region.type = t.type;
    region.flags = t.flags;
    region.arg = t.arg;
    return region;
  }

  void check_memory(const Tensor& t, const Placed& at, const std::vector<uint64_t>& bits) {
    std::vector<unsigned char> now(at.before.size());
    device_.read(at.allocation, now.data(), now.size());
    CHECK(now == image_of(t, at.first - at.allocation, at.pitch, at.before.size(), bits));
  }

  void check_record(const Scenario& s, const nn_scan_params& p, unsigned o, const Expected& e,
                    uint32_t earlier) {
    const nn_record& r = device_.ring().records[records_ % NN_RING_RECORDS];
    ++records_;
    REQUIRE(r.sequence == records_);
    CHECK(r.launch_id == p.launch_id);
    CHECK(r.kernel_id == s.kernel_id);
    CHECK(r.context_id == 9);
    CHECK(r.step == s.step);
    CHECK(r.arg == s.outputs[o].arg);
    CHECK(unsigned{r.region} == o);
    CHECK(r.type == s.outputs[o].type);
    CHECK(r.flags == s.outputs[o].flags);
    CHECK(unsigned{r.policy} ==
          (s.policy_nan | s.policy_pos_inf << 2 | unsigned{s.policy_neg_inf} << 4));
    CHECK(r.nan == e.nan);
    CHECK(r.pos_inf == e.pos_inf);
    CHECK(r.neg_inf == e.neg_inf);
    CHECK(unsigned{r.origin} == e.origin);
    CHECK(unsigned{r.resolution} == e.resolution);
    CHECK(r.repaired == e.repaired);
    CHECK(r.elements == s.outputs[o].rows * s.outputs[o].row_elems);
    CHECK(r.first_index == e.first_index);
    CHECK(r.first_bits == e.first_bits);
    CHECK(r.fill_bits == e.fill_bits);
    CHECK(r.first_address == address_of(s.outputs[o], outputs_[o], e.first_index));
    CHECK(r.replay == (s.captured ? finished_ : 0));
    uint64_t dirty_args = 0;
    unsigned judged = 0;
    const bool limited = s.max_dirty_launches && !s.captured && earlier + 1 > s.max_dirty_launches;
    for (const Tensor& input : s.inputs) {
      if (limited || input.flags & NN_IN_PLACE) continue;
      ++judged;
      if (std::any_of(input.bits.begin(), input.bits.end(),
                      [&](uint64_t b) { return class_of(input.type, b) != Class::finite; }))
        dirty_args |= uint64_t{1} << std::min<unsigned>(input.arg, 63);
    }
    CHECK(r.dirty_args == dirty_args);
    CHECK(r.inputs_judged == judged);
  }

  static uint64_t address_of(const Tensor& t, const Placed& at, uint64_t index) {
    return at.first + index / t.row_elems * at.pitch + index % t.row_elems * bytes_of(t.type);
  }

  void check_state() {
    const nn_slot s = slot();
    CHECK(s.tickets == 0);
    CHECK(s.list == 0);
    CHECK(s.replays == finished_);
    for (int o = 0; o < NN_MAX_OUTPUTS; ++o) {
      CHECK(s.outputs[o].nan == 0);
      CHECK(s.outputs[o].pos_inf == 0);
      CHECK(s.outputs[o].neg_inf == 0);
      CHECK(s.outputs[o].first == 0);
    }
    const auto ring = ring_device();
    CHECK(ring->head == records_);
    CHECK(ring->dropped == 0);
    for (unsigned i = 0; i < NN_LISTS; ++i) {
      CHECK(ring->list_owner[i] == (i < taken_lists_ ? kSomebody : 0));
      CHECK(ring->lists[i].count == 0);
    }
    CHECK(device_.ring().completed == finished_);
  }

  Device& device_;
  static constexpr nn_u64 kSomebody = 0x1000;
  uint64_t slot_ = 0, ring_ = 0;
  unsigned taken_lists_ = 0;
  uint64_t launches_ = 0, records_ = 0;
  uint32_t finished_ = 0;
  std::vector<Placed> outputs_, inputs_;
};

inline Tensor finite(unsigned type, uint64_t rows, uint64_t row_elems, uint8_t flags = NN_REPAIR) {
  Tensor t;
  t.type = static_cast<uint8_t>(type);
  t.rows = rows;
  t.row_elems = row_elems;
  t.flags = flags;
  t.arg = 1;
  t.bits.assign(rows * row_elems, bits_of(type, Class::finite));
  return t;
}

inline Scenario one(Tensor output) {
  Scenario s;
  s.outputs.push_back(std::move(output));
  return s;
}

inline void dirty(Tensor& t, uint64_t index, Class c) {
  t.bits[index] = bits_of(t.type, c);
}

}  // namespace scan_test
