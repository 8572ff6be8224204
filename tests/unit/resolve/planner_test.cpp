// SPDX-License-Identifier: MIT
// What the planner may ask the device to look at and to repair. Extents are given, so that the
// tests do not depend on what the analysis can express; the last test builds random launches and
// checks every promise byte by byte.
#include "resolve/planner.hpp"

#include <bit>
#include <cstring>
#include <random>
#include <vector>

#include "resolve/regions.hpp"
#include "support/catch.hpp"

using namespace nonans;
using analyze::Access;
using analyze::AccessKind;
using analyze::ElementType;
using analyze::Extent;
using memory::BufferKind;
using resolve::Mode;
using resolve::Plan;

namespace {

// Access::line is the index of its extent here.
thread_local std::vector<Extent> extents;
Extent given(const Access& access, const analyze::LaunchShape&) {
  return extents[access.line];
}

struct Case {
  analyze::KernelProfile profile;
  std::vector<uint64_t> arguments;
  memory::BufferRegistry buffers;
  resolve::Policy policy;
  nn_scan_params scan = {};
  Mode mode = Mode::resolve;

  Case() {
    extents.clear();
    profile.complete_writes = profile.complete_reads = true;
  }
  Access& access(std::vector<Access>& list, uint64_t root, ElementType type, Extent extent) {
    Access a;
    a.param_offset = static_cast<uint16_t>(arguments.size() * 8);
    a.param_index = static_cast<int16_t>(arguments.size());
    a.type = type;
    a.line = static_cast<uint32_t>(extents.size());
    arguments.push_back(root);
    extent.root = root;
    extents.push_back(extent);
    list.push_back(a);
    return list.back();
  }
  Access& write(uint64_t root, ElementType type, Extent extent) {
    return access(profile.writes, root, type, extent);
  }
  Access& read(uint64_t root, ElementType type, Extent extent) {
    return access(profile.reads, root, type, extent);
  }
  Plan plan(resolve::Decision::What what = resolve::Decision::What::full) {
    scan = {};
    analyze::LaunchShape shape;
    shape.params = std::as_bytes(std::span(arguments));
    return resolve::plan_scan(profile, shape, buffers, mode, policy, {what}, 4, scan, &given);
  }
};

Extent exact(uint64_t begin, uint64_t end) {
  return {.root = begin,
          .may = {true, begin, end},
          .must = {.known = true,
                   .base = begin,
                   .rows = 1,
                   .row_bytes = end - begin,
                   .pitch = end - begin},
          .exact = true};
}
Extent rows(uint64_t base, uint64_t count, uint64_t row_bytes, uint64_t pitch) {
  return {
      .root = base,
      .may = {true, base, base + (count - 1) * pitch + row_bytes},
      .must = {.known = true, .base = base, .rows = count, .row_bytes = row_bytes, .pitch = pitch},
      .exact = true};
}
Extent superset(uint64_t begin, uint64_t end) {
  return {.root = begin, .may = {true, begin, end}, .must = {}, .exact = false};
}
const Extent kUnknown = {};

constexpr uint64_t kA = 0x10000, kB = 0x20000, kC = 0x30000, kSize = 0x1000;

}  // namespace

TEST_CASE("a proven write with a finite-checkable input is repaired and judged") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.buffers.add({.base = kB, .size = kSize});
  c.write(kA, ElementType::f16, exact(kA, kA + 0x800));
  c.read(kB, ElementType::f32, superset(kB, kB + 0x400));
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 1);
  REQUIRE(plan.inputs == 1);
  REQUIRE(c.scan.n_outputs == 1);
  REQUIRE(c.scan.mode == 1);
  REQUIRE(c.scan.outputs[0].base == kA);
  REQUIRE(c.scan.outputs[0].rows == 1);
  REQUIRE(c.scan.outputs[0].row_elems == 0x400);
  REQUIRE(c.scan.outputs[0].type == NN_F16);
  REQUIRE(c.scan.outputs[0].flags == NN_REPAIR);
  REQUIRE(c.scan.outputs[0].arg == 0);
  REQUIRE(c.scan.inputs[0].base == kB);
  REQUIRE(c.scan.inputs[0].row_elems == 0x100);
  REQUIRE(c.scan.inputs[0].arg == 1);
  REQUIRE(plan.scanned_bytes == 0x800);
  REQUIRE(plan.provable_bytes == 0x800);
  REQUIRE(plan.written_bytes == 0x800);
  REQUIRE(plan.blocks == 1);
}

TEST_CASE("each missing proof takes the repair away and leaves the look") {
  Case c;
  // A proof that is missing is told as that, also while fp16 would have to wait anyway.
  c.policy.repair_f16 = GENERATE(true, false);
  c.buffers.add({.base = kA, .size = kSize});
  Access& write = c.write(kA, ElementType::f16, exact(kA, kA + 0x800));
  SECTION("the kernel publishes") {
    c.profile.publishes = true;
  }
  SECTION("a store through an unknown pointer") {
    c.profile.complete_writes = false;
  }
  SECTION("an atomic") {
    write.kind = AccessKind::atomic;
  }
  SECTION("a reduction") {
    write.kind = AccessKind::reduction;
  }
  SECTION("a volatile store") {
    write.kind = AccessKind::volatile_;
  }
  SECTION("only a superset is known") {
    extents[0] = superset(kA, kA + 0x800);
  }
  SECTION("a module's own variable") {
    c.buffers.add({.base = kA, .size = kSize, .kind = BufferKind::module});
  }
  SECTION("the extent leaves the buffer") {
    extents[0] = exact(kA, kA + kSize + 8);
  }
  SECTION("integers into the same bytes") {
    c.write(kA, ElementType::integer, exact(kA + 0x7fc, kA + 0x800));
  }
  SECTION("integers somewhere in the same buffer") {
    c.write(kA, ElementType::integer, kUnknown);
  }
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 1);
  REQUIRE((c.scan.outputs[0].flags & (NN_REPAIR | NN_F16_WAITS)) == 0);
  REQUIRE(plan.provable_bytes == 0);
}

TEST_CASE("before the first optimiser step fp16 waits, and nothing else does") {
  Case c;
  c.policy.repair_f16 = false;
  c.buffers.add({.base = kA, .size = kSize});
  const bool half = GENERATE(true, false);
  c.write(kA, half ? ElementType::f16 : ElementType::f32, exact(kA, kA + 0x800));
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 1);
  REQUIRE(c.scan.outputs[0].flags == (half ? NN_F16_WAITS : NN_REPAIR));
  REQUIRE(plan.provable_bytes == (half ? 0 : 0x800));
}

TEST_CASE("memory that others share is not looked at") {
  Case c;
  const BufferKind kind = GENERATE(BufferKind::managed, BufferKind::host, BufferKind::imported);
  c.buffers.add({.base = kA, .size = kSize, .kind = kind});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  REQUIRE(c.plan().outputs == 0);
  REQUIRE(c.plan().writes_unknown == 1);
}

TEST_CASE("what cannot be looked at is counted") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  SECTION("unknown place") {
    c.write(kA, ElementType::f32, kUnknown);
  }
  SECTION("unknown type") {
    c.write(kA, ElementType::unknown, exact(kA, kA + 0x100));
  }
  SECTION("no live buffer there") {
    c.write(kB, ElementType::f32, exact(kB, kB + 0x100));
  }
  SECTION("off its element's grid") {
    c.write(kA, ElementType::f32, exact(kA + 2, kA + 0x102));
  }
  SECTION("a store without a root, or a kernel that nothing is known of") {
    c.profile.complete_writes = false;
  }
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 0);
  REQUIRE(plan.writes_unknown == 1);
}

TEST_CASE("integers and null optional outputs are nothing to look at and nothing unknown") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.write(kA, ElementType::integer, exact(kA, kA + 0x100));
  c.write(0, ElementType::f32, superset(0, 0x100));
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 0);
  REQUIRE(plan.writes_unknown == 0);
  REQUIRE(plan.written_bytes == 0);
}

TEST_CASE("a superset is clipped to its buffer on the element grid") {
  Case c;
  c.buffers.add({.base = kA + 2, .size = 0x101});
  c.write(kA + 4, ElementType::f32, superset(kA - 0x100, kA + 0x1000));
  REQUIRE(c.plan().outputs == 1);
  REQUIRE(c.scan.outputs[0].base == kA + 4);
  REQUIRE(c.scan.outputs[0].row_elems == (0x102 - 4 + 1) / 4);
  REQUIRE((c.scan.outputs[0].flags & NN_MAY_ONLY) != 0);
}

TEST_CASE("who cannot see every input untouched does not call the origin") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.buffers.add({.base = kB, .size = kSize});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  uint8_t expected = NN_INPUTS_UNKNOWN;
  SECTION("in place") {
    c.read(kA, ElementType::f32, exact(kA, kA + 0x800));
    expected = NN_IN_PLACE | NN_INPUTS_UNKNOWN;
  }
  SECTION("a read of the same allocation, who knows where") {
    c.read(kA + 0x900, ElementType::f32, kUnknown);
    expected = NN_IN_PLACE | NN_INPUTS_UNKNOWN;
  }
  SECTION("a read of who knows what memory") {
    c.read(kC, ElementType::f32, kUnknown);
    expected = NN_IN_PLACE | NN_INPUTS_UNKNOWN;
  }
  SECTION("a read of unknown type") {
    c.read(kB, ElementType::unknown, exact(kB, kB + 4));
  }
  SECTION("loads through unknown pointers") {
    c.profile.complete_reads = false;
  }
  SECTION("an input in host memory") {
    c.buffers.add({.base = kC, .size = kSize, .kind = BufferKind::host});
    c.read(kC, ElementType::f32, exact(kC, kC + 4));
  }
  SECTION("an input that another write of the launch went over") {
    c.read(kB, ElementType::f32, exact(kB, kB + 4));
    c.write(kB, ElementType::integer, exact(kB, kB + 4));
  }
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 1);
  REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | expected));
  REQUIRE(plan.provable_bytes == 0);
}

TEST_CASE("a read of which only the root is known is bounded by its allocation") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.buffers.add({.base = kB, .size = kSize});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  c.read(kB + 0x100, ElementType::f16, kUnknown);
  REQUIRE(c.plan().provable_bytes == 0x800);
  REQUIRE(c.scan.inputs[0].base == kB);
  REQUIRE(c.scan.inputs[0].row_elems == kSize / 2);
}

TEST_CASE("integer reads say nothing about NaN") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  c.read(kC, ElementType::integer, kUnknown);
  REQUIRE(c.plan().provable_bytes == 0x800);
  REQUIRE(c.scan.n_inputs == 0);
}

TEST_CASE("a float parameter that is not finite is an input that is not finite") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  const float value =
      GENERATE(1.0f, std::bit_cast<float>(0x7f800000u), std::bit_cast<float>(0xff800000u),
               std::bit_cast<float>(0x7fc00000u), -3.4e38f, 1e-42f);
  c.arguments.push_back(std::bit_cast<uint32_t>(value));
  image::ptx::Variable param;
  param.type = image::ptx::Type::f32;
  param.offset = 8;
  param.size = 4;
  c.profile.params = {{}, param};
  c.plan();
  const bool finite = (std::bit_cast<uint32_t>(value) & 0x7f800000u) != 0x7f800000u;
  REQUIRE(((c.scan.outputs[0].flags & NN_INPUTS_UNKNOWN) == 0) == finite);
}

TEST_CASE("constants and parameters that reach a store unchanged are intent, class by class") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  Access& write = c.write(kA, ElementType::f16, exact(kA, kA + 0x800));
  write.immediate_neg_inf = true;
  write.float_params = {8};
  write.float_param_type = ElementType::f16;
  c.arguments.push_back(0x7c00);  // +Inf
  c.plan();
  REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | NN_INTENDED_NEG | NN_INTENDED_POS));
  c.arguments.back() = 0x7c01;  // NaN
  c.plan();
  REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | NN_INTENDED_NEG | NN_INTENDED_NAN));
  c.arguments.back() = 0x7bff;  // 65504
  c.plan();
  REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | NN_INTENDED_NEG));
}

TEST_CASE("stores of an unrolled loop become one region") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  SECTION("columns of the same rows") {
    for (const uint64_t i : {2, 0, 3, 1}) {
      c.write(kA, ElementType::f32, rows(kA + i * 4, 64, 4, 16));
      c.profile.writes.back().param_index = 0;
    }
  }
  SECTION("slices one after the other") {
    for (const uint64_t i : {1, 3, 0, 2}) {
      c.write(kA, ElementType::f32, exact(kA + i * 0x100, kA + (i + 1) * 0x100));
      c.profile.writes.back().param_index = 0;
    }
  }
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 1);
  REQUIRE(c.scan.outputs[0].base == kA);
  REQUIRE(c.scan.outputs[0].rows == 1);
  REQUIRE(c.scan.outputs[0].row_elems == 256);
  REQUIRE(c.scan.outputs[0].flags == NN_REPAIR);
}

TEST_CASE("a conditional second store adds its intent to the region, and takes no proof away") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.write(kA, ElementType::f32, superset(kA, kA + 0x400)).immediate_neg_inf = true;
  c.write(kA, ElementType::f32, exact(kA, kA + 0x400));
  REQUIRE(c.plan().outputs == 1);
  REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | NN_INTENDED_NEG));
}

TEST_CASE("fields of different types in one array of structures do not contest each other") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.write(kA, ElementType::f32, rows(kA, 64, 4, 16));
  c.write(kA, ElementType::integer, rows(kA + 4, 64, 4, 16));
  c.plan();
  REQUIRE(c.scan.outputs[0].flags == NN_REPAIR);
  c.write(kA, ElementType::integer,
          rows(kA + 14, 64, 4, 16));  // its last two bytes are the next row's first
  c.plan();
  REQUIRE(c.scan.outputs[0].flags == 0);
}

TEST_CASE("beyond the limits: counted, and repairable outputs come first") {
  Case c;
  for (uint64_t i = 0; i < 20; ++i) {
    const uint64_t base = (i + 1) * 0x10000;
    c.buffers.add({.base = base, .size = 0x100});
    c.write(base, ElementType::f32,
            i >= 15 ? exact(base, base + 0x100) : superset(base, base + 0x100));
  }
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == NN_MAX_OUTPUTS);
  REQUIRE(plan.writes_unknown == 20 - NN_MAX_OUTPUTS);
  for (int i = 0; i < 5; ++i) REQUIRE(c.scan.outputs[i].flags == NN_REPAIR);
  REQUIRE(plan.provable_bytes == 5 * 0x100);
  REQUIRE(plan.written_bytes == 20 * 0x100);
}

TEST_CASE("more stores than can be told apart: nothing is proven") {
  Case c;
  c.buffers.add({.base = kA, .size = 0x100000});
  for (uint64_t i = 0; i < 100; ++i)
    c.write(kA, ElementType::f32, exact(kA + i * 64, kA + i * 64 + 4));
  const Plan plan = c.plan();
  REQUIRE(plan.provable_bytes == 0);
  REQUIRE(plan.writes_unknown == 100 - NN_MAX_OUTPUTS);
}

TEST_CASE("more inputs than the device can look at: not the origin") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x100));
  for (uint64_t i = 0; i < NN_MAX_INPUTS + 1; ++i) {
    c.buffers.add({.base = kB + i * 0x10000, .size = kSize});
    c.read(kB + i * 0x10000, ElementType::f32, exact(kB + i * 0x10000, kB + i * 0x10000 + 4));
  }
  REQUIRE(c.plan().inputs == NN_MAX_INPUTS);
  REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | NN_INPUTS_UNKNOWN));
}

TEST_CASE("modes: off and skip plan nothing, observe marks what resolve would repair") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x100));
  REQUIRE(c.plan(resolve::Decision::What::skip).outputs == 0);
  c.mode = Mode::off;
  REQUIRE(c.plan().outputs == 0);
  c.mode = Mode::observe;
  REQUIRE(c.plan().outputs == 1);
  REQUIRE(c.scan.mode == 0);
  REQUIRE(c.scan.outputs[0].flags == NN_REPAIR);
}

TEST_CASE("blocks grow with the bytes, up to four per multiprocessor") {
  Case c;
  c.buffers.add({.base = kA, .size = 1 << 30});
  c.write(kA, ElementType::f32, exact(kA, kA + (1 << 16)));
  REQUIRE(c.plan().blocks == 2);
  extents[0] = exact(kA, kA + (1 << 30));
  REQUIRE(c.plan().blocks == 16);
}

// ---- every promise, byte by byte
// -------------------------------------------------------------------------------------

namespace {

constexpr uint64_t kBase = 0x4000, kBytes = 1024;  // the small world
using Bytes = std::vector<bool>;

Bytes bytes_of(const analyze::Rows& r) {
  Bytes set(kBytes);
  for (uint64_t i = 0; i < r.rows; ++i)
    for (uint64_t b = 0; b < r.row_bytes; ++b) {
      const uint64_t at = r.base + i * r.pitch + b - kBase;
      if (at < kBytes) set[at] = true;
    }
  return set;
}
Bytes bytes_of(const nn_region& r, unsigned element) {
  return bytes_of(analyze::Rows{.known = true,
                                .base = r.base,
                                .rows = r.rows,
                                .row_bytes = r.row_elems * element,
                                .pitch = r.pitch});
}
unsigned bytes_in(ElementType type) {
  return type == ElementType::f16 ? 2 : type == ElementType::f64 ? 8 : 4;
}

}  // namespace

TEST_CASE("random launches: no byte is repaired or judged without every proof") {
  std::mt19937_64 random(GENERATE(11u, 12u, 13u, 14u, 15u, 16u));
  const auto pick = [&](uint64_t n) { return random() % n; };
  uint64_t repaired_regions = 0, judged_regions = 0;
  for (int round = 0; round < 3000; ++round) {
    Case c;
    std::vector<memory::Buffer> live;
    for (uint64_t at = kBase; at < kBase + kBytes;) {
      const uint64_t size = 64 + 16 * pick(16);
      if (pick(5) != 0) {
        memory::Buffer buffer{.base = at, .size = std::min(size, kBase + kBytes - at)};
        if (pick(8) == 0) buffer.kind = static_cast<BufferKind>(pick(6));
        c.buffers.add(buffer);
        live.push_back(buffer);
      }
      at += size;
    }
    if (live.empty()) continue;
    const auto random_extent = [&](unsigned element) -> Extent {
      if (pick(6) == 0) return kUnknown;
      const memory::Buffer& buffer = live[pick(live.size())];
      const uint64_t base = buffer.base + pick(buffer.size / element) * element;
      Extent e;
      if (pick(3) == 0) {
        e = rows(base, 1 + pick(4), element * (1 + pick(2)), 0);
        e.must.pitch = e.must.row_bytes + element * pick(4);
        e.may.end = e.must.base + (e.must.rows - 1) * e.must.pitch + e.must.row_bytes;
      } else {
        e = exact(base, base + element * (1 + pick(24)));
      }
      if (pick(4) == 0) {
        e.exact = false;
        e.may.begin -= element * pick(3);
        if (pick(2) == 0) e.must = {};
      }
      return e;
    };
    const ElementType types[] = {ElementType::f16, ElementType::f32, ElementType::f64,
                                 ElementType::integer, ElementType::unknown};
    const auto random_type = [&] { return types[std::min<uint64_t>(pick(8), 4)]; };
    for (uint64_t i = 0, n = 1 + pick(3); i < n; ++i) {
      const ElementType type = random_type();
      c.write(live[pick(live.size())].base, type, random_extent(bytes_in(type)));
    }
    for (uint64_t i = 0, n = pick(3); i < n; ++i) {
      const ElementType type = random_type();
      c.read(live[pick(live.size())].base, type, random_extent(bytes_in(type)));
    }
    c.profile.complete_writes = pick(10) != 0;
    c.profile.complete_reads = pick(10) != 0;
    c.profile.publishes = pick(10) == 0;
    // The root a launch hook sees is in the arguments.
    const auto whole_buffer = [&](const Access& a) {
      const auto buffer = c.buffers.find(c.arguments[a.param_offset / 8]);
      return bytes_of(analyze::Rows{.known = true,
                                    .base = buffer->base,
                                    .rows = 1,
                                    .row_bytes = buffer->size,
                                    .pitch = buffer->size});
    };
    const auto may_of = [&](const Access& a) {
      const Extent& e = extents[a.line];
      if (!e.may.known) return whole_buffer(a);
      if (e.exact) return bytes_of(e.must);
      return bytes_of(analyze::Rows{.known = true,
                                    .base = e.may.begin,
                                    .rows = 1,
                                    .row_bytes = e.may.end - e.may.begin,
                                    .pitch = 1});
    };
    const Plan plan = c.plan();
    Bytes looked(kBytes), judged(kBytes);
    for (uint32_t i = 0; i < plan.inputs; ++i) {
      const nn_region& in = c.scan.inputs[i];
      const Bytes set = bytes_of(in, bytes_in(static_cast<ElementType>(in.type)));
      for (size_t b = 0; b < kBytes; ++b) judged[b] = judged[b] || set[b];
    }
    for (uint32_t i = 0; i < plan.outputs; ++i) {
      const nn_region& out = c.scan.outputs[i];
      const ElementType type = static_cast<ElementType>(out.type);
      const Bytes set = bytes_of(out, bytes_in(type));
      const bool repair = (out.flags & NN_REPAIR) != 0;
      repaired_regions += repair;
      if (repair) REQUIRE((c.profile.complete_writes && !c.profile.publishes));
      REQUIRE(out.base % bytes_in(type) == 0);
      for (size_t b = 0; b < kBytes; ++b) {
        if (!set[b]) continue;
        looked[b] = true;
        const auto buffer = c.buffers.find(kBase + b);
        REQUIRE(buffer);
        REQUIRE((buffer->repairable() || buffer->kind == BufferKind::module));
        if (!repair) continue;
        REQUIRE(buffer->repairable());
        bool proven = false;
        for (const Access& w : c.profile.writes) {
          const Extent& e = extents[w.line];
          proven |= w.type == type && e.exact && bytes_of(e.must)[b];
          if (w.type != type) REQUIRE_FALSE(may_of(w)[b]);
        }
        REQUIRE(proven);
      }
      if ((out.flags & (NN_IN_PLACE | NN_INPUTS_UNKNOWN | NN_MAY_ONLY)) != 0) continue;
      // It may be called the origin: every float read can be looked at, and nothing of it was
      // written over.
      ++judged_regions;
      REQUIRE((c.profile.complete_reads && c.profile.complete_writes));
      for (const Access& r : c.profile.reads) {
        if (r.type == ElementType::integer) continue;
        REQUIRE(r.type != ElementType::unknown);
        const Bytes read = may_of(r);
        // A read stays in the allocation of its root; where it does not touch that, in that of its
        // first byte.
        auto home = c.buffers.find(c.arguments[r.param_offset / 8]);
        const analyze::Interval& may = extents[r.line].may;
        if (may.known && (!home || may.end <= home->base || may.begin >= home->end()))
          home = c.buffers.find(may.begin);
        for (size_t b = 0; b < kBytes; ++b) {
          const auto buffer = c.buffers.find(kBase + b);
          if (!read[b] || !buffer || !home || buffer->base != home->base) continue;
          // Whole elements only: a tail shorter than one cannot have been read.
          const uint64_t left = buffer->end() - (kBase + b);
          if (left >= bytes_in(r.type)) REQUIRE(judged[b]);
          for (const Access& w : c.profile.writes) REQUIRE_FALSE(may_of(w)[b]);
        }
      }
    }
    // Nothing that can be looked at is forgotten without being counted.
    for (const Access& w : c.profile.writes) {
      const Extent& e = extents[w.line];
      if (w.type == ElementType::integer || !e.exact) continue;
      const Bytes set = bytes_of(e.must);
      for (size_t b = 0; b < kBytes; ++b)
        if (set[b] && !looked[b] && plan.writes_unknown == 0)
          REQUIRE_FALSE(c.buffers.find(kBase + b)->repairable());
    }
  }
  REQUIRE(repaired_regions > 300);
  REQUIRE(judged_regions > 100);
}
