// SPDX-License-Identifier: MIT
// The scan kernel against its reference: counts, first index, origin, refusals, repairs, records,
// the state of slot and ring, and every byte it had no business with.
#include <random>

#include "scan_bench.hpp"

using namespace scan_test;

TEST_CASE("scan: a clean output leaves a completion mark and nothing else") {
  Bench bench;
  for (const uint8_t type : kTypes) bench.run(one(finite(type, 1, 5000)));
  CHECK(bench.records() == 0);
}

TEST_CASE("scan: every bit pattern of the 8- and 16-bit types is judged right") {
  Bench bench;
  for (const uint8_t type : {NN_F16, NN_BF16, NN_E4M3, NN_E5M2}) {
    const uint64_t patterns = uint64_t{1} << (8 * bytes_of(type));
    Tensor t = finite(type, 1, patterns);
    for (uint64_t i = 0; i < patterns; ++i) t.bits[i] = i;
    t.flags = 0;
    bench.run(one(t));
  }
}

TEST_CASE("scan: neighbours of the border are judged right in the wide types, in every position") {
  Bench bench;
  std::mt19937_64 random(7);
  for (const uint8_t type : {NN_F32, NN_F64}) {
    Tensor t = finite(type, 1, 4096);
    const uint64_t inf = bits_of(type, Class::pos_inf), sign = bits_of(type, Class::neg_inf) ^ inf;
    for (uint64_t& bits : t.bits) {
      const uint64_t near = inf + random() % 5 - 2;
      bits = random() % 2 ? near : near | sign;
    }
    t.flags = 0;
    bench.run(one(t));
  }
}

TEST_CASE("scan: one bad element in any place, at any alignment, is found and repaired alone") {
  for (const uint8_t type : kTypes) {
    Bench bench;
    for (uint64_t offset = 0; offset < 16; offset += bytes_of(type)) {
      for (const uint64_t size : {9u, 23u, 100u}) {
        Tensor t = finite(type, 1, size);
        t.offset = offset;
        Scenario s = one(t);
        for (const uint64_t index : {uint64_t{0}, size / 2, size - 1}) {
          INFO("type " << int(type) << " offset " << offset << " size " << size << " index "
                       << index);
          s.outputs[0].bits = t.bits;
          dirty(s.outputs[0], index, Class::pos_inf);
          bench.run(s);
        }
      }
    }
  }
}

TEST_CASE("scan: no byte outside an allocation is read, down to one element") {
  for (const uint8_t type : kTypes) {
    Bench bench;
    for (uint64_t size = 1; size < 40; ++size) {
      Tensor t = finite(type, 1, size);
      t.exact = true;
      t.offset = size % 3 * bytes_of(type);
      bench.run(one(t));
    }
  }
}

TEST_CASE("scan: rows with gaps: what stands between them is neither counted nor changed") {
  for (const uint8_t type : kTypes) {
    Bench bench;
    for (const uint64_t row_elems : {1u, 2u, 7u, 33u}) {
      for (const uint64_t gap : {0u, 1u, 5u, 16u}) {
        Tensor t = finite(type, 40, row_elems);
        t.gap = gap * bytes_of(type);
        t.offset = bytes_of(type);
        dirty(t, 0, Class::nan);
        dirty(t, t.bits.size() - 1, Class::pos_inf);
        INFO("type " << int(type) << " row " << row_elems << " gap " << gap);
        bench.run(one(t));
      }
    }
  }
}

TEST_CASE("scan: each policy puts its value, with the sign of the infinity") {
  for (const uint8_t type : kTypes) {
    for (const uint8_t policy : {NN_KEEP, NN_ZERO, NN_SATURATE}) {
      Bench bench;
      Tensor t = finite(type, 1, 1000);
      dirty(t, 10, Class::neg_inf);
      dirty(t, 20, Class::pos_inf);
      dirty(t, 30, Class::nan);
      Scenario s = one(t);
      s.policy_nan = s.policy_pos_inf = s.policy_neg_inf = policy;
      bench.run(s);
      CHECK(bench.records() == 1);
    }
  }
}

TEST_CASE("scan: observe mode changes nothing and says what it would have done") {
  Bench bench;
  Tensor t = finite(NN_F16, 1, 500);
  dirty(t, 499, Class::pos_inf);
  Scenario s = one(t);
  s.mode = 0;
  REQUIRE(reference(s)[0].resolution == NN_WOULD_REPAIR);
  bench.run(s);
}

TEST_CASE("scan: origin") {
  Bench bench;
  Tensor out = finite(NN_F32, 1, 300);
  dirty(out, 5, Class::pos_inf);
  Tensor clean = finite(NN_F16, 1, 1000, 0), bad = clean;
  clean.arg = 2;
  bad.arg = 70;
  dirty(bad, 999, Class::neg_inf);
  Scenario s = one(out);
  const auto expect = [&](unsigned origin, unsigned resolution) {
    REQUIRE(reference(s)[0].origin == origin);
    REQUIRE(reference(s)[0].resolution == resolution);
    bench.run(s);
  };
  s.inputs = {clean, clean};
  expect(NN_ORIGIN_HERE, NN_REPAIRED);
  s.inputs = {clean, bad};
  expect(NN_ORIGIN_PROPAGATED, NN_REFUSED_ORIGIN);
  s.inputs[1].flags = NN_IN_PLACE;
  expect(NN_ORIGIN_UNKNOWN, NN_REFUSED_ORIGIN);
  s.inputs = {clean};
  for (const uint8_t flag : {NN_IN_PLACE, NN_INPUTS_UNKNOWN, NN_MAY_ONLY}) {
    s.outputs[0].flags = static_cast<uint8_t>(NN_REPAIR | flag);
    expect(NN_ORIGIN_UNKNOWN, NN_REFUSED_ORIGIN);
  }
  s.outputs[0].flags = NN_REPAIR;
  s.raced = true;
  expect(NN_ORIGIN_RACED, NN_REFUSED_ORIGIN);
  s.raced = false;
  s.outputs[0].flags = 0;
  expect(NN_ORIGIN_HERE, NN_REFUSED_UNPROVEN);
}

TEST_CASE("scan: another output that was updated in place makes every origin unknown") {
  Bench bench;
  Tensor out = finite(NN_F32, 1, 300), in_place = finite(NN_F32, 1, 10, NN_IN_PLACE | NN_REPAIR);
  dirty(out, 5, Class::pos_inf);
  Scenario s;
  s.outputs = {out, in_place};
  REQUIRE(reference(s)[0].origin == NN_ORIGIN_UNKNOWN);
  bench.run(s);
}

TEST_CASE("scan: what the kernel means to write is left, and the rest beside it is repaired") {
  Bench bench;
  Tensor t = finite(NN_F32, 1, 400);
  t.flags = NN_REPAIR | NN_INTENDED_POS;
  dirty(t, 3, Class::pos_inf);
  REQUIRE(reference(one(t))[0].resolution == NN_OBSERVED);
  bench.run(one(t));
  dirty(t, 9, Class::nan);
  REQUIRE(reference(one(t))[0].repaired == 1);
  REQUIRE(reference(one(t))[0].first_index == 9);
  bench.run(one(t));
}

TEST_CASE("scan: a mask of −Inf does not hide an overflow and is not counted against it") {
  Bench bench;
  Tensor t = finite(NN_F16, 1, 40000);
  for (uint64_t i = 0; i < 20000; ++i) dirty(t, i, Class::neg_inf);
  dirty(t, 30000, Class::pos_inf);
  REQUIRE(reference(one(t))[0].resolution == NN_REPAIRED);
  bench.run(one(t));
}

TEST_CASE("scan: one eighth is repaired, one more is refused") {
  Bench bench;
  Tensor t = finite(NN_BF16, 1, 800);
  for (uint64_t i = 0; i < 100; ++i) dirty(t, i * 8, Class::nan);
  REQUIRE(reference(one(t))[0].resolution == NN_REPAIRED);
  bench.run(one(t));
  dirty(t, 1, Class::nan);
  REQUIRE(reference(one(t))[0].resolution == NN_REFUSED_FRACTION);
  bench.run(one(t));
}

TEST_CASE("scan: as many as the list holds are repaired, one more is refused") {
  Bench bench;
  Tensor t = finite(NN_E5M2, 1, 8 * (NN_LIST_ENTRIES + 1));
  for (uint64_t i = 0; i < NN_LIST_ENTRIES; ++i) dirty(t, i * 7, Class::pos_inf);
  REQUIRE(reference(one(t))[0].resolution == NN_REPAIRED);
  bench.run(one(t));
  dirty(t, t.bits.size() - 1, Class::pos_inf);
  REQUIRE(reference(one(t))[0].resolution == NN_REFUSED_OVERFLOW);
  bench.run(one(t));
}

TEST_CASE("scan: an output that is wholly bad is counted to the last element") {
  Bench bench;
  Tensor t = finite(NN_F16, 1, 100001);
  for (uint64_t i = 0; i < t.bits.size(); ++i) dirty(t, i, Class::nan);
  bench.run(one(t));
  CHECK(bench.records() == 1);
}

TEST_CASE("scan: a row without a finite value is refused, a row with one is not") {
  Bench bench;
  Tensor t = finite(NN_F32, 100, 9);
  t.gap = 12;
  for (uint64_t i = 0; i < 9; ++i) dirty(t, 50 * 9 + i, i == 4 ? Class::neg_inf : Class::nan);
  REQUIRE(reference(one(t))[0].resolution == NN_REFUSED_ROW);
  bench.run(one(t));
  t.bits[50 * 9 + 8] = 0;
  REQUIRE(reference(one(t))[0].resolution == NN_REPAIRED);
  bench.run(one(t));
}

TEST_CASE("scan: outputs are judged one by one") {
  Bench bench;
  Scenario s;
  for (unsigned o = 0; o < NN_MAX_OUTPUTS; ++o) {
    Tensor t = finite(kTypes[o % 6], 1, 200 + o);
    t.arg = static_cast<uint16_t>(o);
    if (o % 3 != 1) dirty(t, o, Class::nan);
    if (o % 4 == 3) t.flags = 0;
    s.outputs.push_back(t);
  }
  bench.run(s);
  CHECK(bench.records() == 8);
}

TEST_CASE(
    "scan: after so many dirty launches of a kernel in a step it only counts; a new step starts "
    "afresh") {
  Bench bench;
  Tensor t = finite(NN_F32, 1, 100);
  dirty(t, 1, Class::nan);
  Scenario s = one(t);
  s.inputs = {finite(NN_F32, 1, 10, 0)};
  s.max_dirty_launches = 2;
  s.step = 5;
  for (uint32_t earlier = 0; earlier < 4; ++earlier) bench.run(s, earlier);
  Scenario other = s;
  other.kernel_id = 4;
  bench.run(other, 0);
  s.step = 6;
  bench.run(s, 0);
  s.captured = true;  // a replay has no step of its own
  bench.run(s, 7);
}

TEST_CASE("scan: a region that is not aligned to its type is left out") {
  Bench bench;
  Tensor t = finite(NN_F32, 1, 100);
  dirty(t, 1, Class::nan);
  nn_scan_params p = bench.prepare(one(t));
  p.outputs[0].base += 2;
  p.outputs[0].row_elems = 90;
  bench.device().launch(p, 4);
  CHECK(bench.ring_device()->head == 0);
  CHECK(bench.ring_device()->completed == 1);
}

TEST_CASE("scan: a type that is unknown, counts beyond the table and empty regions do no harm") {
  Bench bench;
  Tensor t = finite(NN_F32, 1, 100);
  dirty(t, 1, Class::nan);
  nn_scan_params p = bench.prepare(one(t));
  p.outputs[0].type = 200;
  p.outputs[1] = p.outputs[0];
  p.outputs[1].type = NN_F32;
  p.outputs[1].row_elems = 0;
  p.n_outputs = 255;
  p.n_inputs = 255;
  bench.device().launch(p, 4);
  CHECK(bench.ring_device()->head == 0);
  CHECK(bench.ring_device()->completed == 1);
}

TEST_CASE("scan: a full ring loses the record, says so, and repairs all the same") {
  Bench bench;
  Tensor t = finite(NN_F32, 1, 100);
  dirty(t, 1, Class::nan);
  nn_scan_params p = bench.prepare(one(t));
  const auto ring = bench.ring_device();
  ring->head = NN_RING_RECORDS + 10;
  bench.device().ring().tail = 10;  // the host has 4,096 records to read
  bench.device().write(p.ring_device, ring.get(), sizeof *ring);
  bench.device().launch(p, 4);
  CHECK(bench.ring_device()->head == NN_RING_RECORDS + 10);
  CHECK(bench.ring_device()->dropped == 1);
  CHECK(bench.device().ring().dropped == 1);
  CHECK(bench.device().ring().records[10].sequence == 0);
  uint32_t now = 1;
  bench.device().read(p.outputs[0].base + 4, &now, sizeof now);
  CHECK(now == 0);
}

TEST_CASE("scan: random tensors, types, layouts, dirt, flags and policies") {
  std::mt19937_64 random(20261122);
  const auto below = [&](uint64_t n) { return random() % n; };
  const auto random_tensor = [&](uint64_t dirt_per_thousand) {
    Tensor t = finite(kTypes[below(6)], 1, 1 + below(below(4) ? 60 : 3000));
    if (below(2)) t.rows = 1 + below(below(4) ? 20 : 100);
    t.row_elems = std::max<uint64_t>(1, t.row_elems / t.rows);
    t.gap = below(3) ? 0 : below(20) * bytes_of(t.type);
    t.offset = below(16) * bytes_of(t.type);
    t.exact = below(2);
    t.arg = static_cast<uint16_t>(below(80));
    t.bits.resize(t.rows * t.row_elems);
    for (uint64_t& bits : t.bits) {
      bits = random();
      if (bytes_of(t.type) < 8) bits &= (uint64_t{1} << 8 * bytes_of(t.type)) - 1;
      // Random bits are often non-finite in the small types; keep to the chosen share.
      if (class_of(t.type, bits) != Class::finite) bits = 0;
      if (below(1000) < dirt_per_thousand) bits = bits_of(t.type, static_cast<Class>(1 + below(3)));
    }
    return t;
  };
  for (int i = 0; i < test_device().random_cases(); ++i) {
    INFO("case " << i);
    Bench bench;
    Scenario s;
    for (uint64_t n = 1 + below(3); n > 0; --n) {
      Tensor t = random_tensor(below(3) ? below(60) : below(1000));
      t.flags = below(4) ? NN_REPAIR : 0;
      if (!below(6)) t.flags = static_cast<uint8_t>(t.flags | 1u << (1 + below(6)));
      s.outputs.push_back(t);
    }
    for (uint64_t n = below(3); n > 0; --n) {
      Tensor t = random_tensor(below(4) ? 0 : 3);
      t.flags = below(8) ? 0 : NN_IN_PLACE;
      s.inputs.push_back(t);
    }
    s.mode = below(4) ? 1 : 0;
    s.policy_nan = static_cast<uint8_t>(below(3));
    s.policy_pos_inf = static_cast<uint8_t>(below(3));
    s.policy_neg_inf = static_cast<uint8_t>(below(3));
    s.raced = !below(20);
    s.blocks = static_cast<unsigned>(1 + below(9));
    bench.run(s);
    bench.run(s);  // the slot serves again
  }
}
