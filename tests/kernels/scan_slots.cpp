// SPDX-License-Identifier: MIT
// The scan kernel's own memory: the pool of lists, slots of any length, the numbers it hands on.
#include "scan_bench.hpp"

using namespace scan_test;

TEST_CASE("scan: the last list that is free is used, and without one nothing is repaired") {
  Bench bench;
  Tensor t = finite(NN_F32, 1, 100);
  dirty(t, 41, Class::nan);
  bench.take_lists(NN_LISTS - 1);
  bench.run(one(t));
  bench.take_lists(NN_LISTS);
  nn_scan_params p = bench.prepare(one(t));
  bench.device().launch(p, 4);
  const nn_record& r = bench.device().ring().records[bench.records()];
  CHECK(r.sequence == bench.records() + 1);
  CHECK(r.resolution == NN_REFUSED_NO_LIST);
  CHECK(r.nan == 1);
  CHECK(r.repaired == 0);
  uint32_t value = 0;
  bench.device().read(r.first_address, &value, sizeof value);
  CHECK(class_of(NN_F32, value) == Class::nan);
  CHECK(bench.slot().list == 0);
}

TEST_CASE("scan: nothing behind the tallies of its outputs is touched") {
  Bench bench;
  Scenario s = one(finite(NN_F32, 1, 64));
  s.outputs.push_back(finite(NN_F16, 1, 64));
  dirty(s.outputs[0], 3, Class::nan);
  dirty(s.outputs[1], 5, Class::pos_inf);
  nn_scan_params p = bench.prepare(s);
  const std::vector<uint8_t> guard(64, 0x5a);
  std::vector<uint8_t> bytes(NN_SLOT_BYTES(2) + guard.size(), 0);
  std::copy(guard.begin(), guard.end(), bytes.begin() + NN_SLOT_BYTES(2));
  p.slot = bench.device().allocate(bytes.size());
  bench.device().write(p.slot, bytes.data(), bytes.size());
  bench.device().launch(p, 4);
  CHECK(bench.device().ring().records[0].repaired == 1);
  CHECK(bench.device().ring().records[1].repaired == 1);
  std::vector<uint8_t> after(guard.size());
  bench.device().read(p.slot + NN_SLOT_BYTES(2), after.data(), after.size());
  CHECK(after == guard);
}

TEST_CASE("scan: a record bears the numbers of names and node that the launch was given") {
  Bench bench;
  Tensor t = finite(NN_F32, 1, 100);
  dirty(t, 41, Class::nan);
  nn_scan_params p = bench.prepare(one(t));
  p.label = 77;
  p.node = 0x80000001u;
  bench.device().launch(p, 4);
  CHECK(bench.device().ring().records[0].label == 77);
  CHECK(bench.device().ring().records[0].node == 0x80000001u);
}
