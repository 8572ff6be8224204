// SPDX-License-Identifier: MIT
// Random launches: every promise of the planner, and of the regions that it compares, byte by byte.
#include <algorithm>
#include <random>
#include <vector>

#include "planner_case.hpp"
#include "resolve/planner.hpp"
#include "resolve/regions.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::test;
using memory::BufferKind;

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
        memory::Buffer buffer{.base = at,
                              .size = std::min(size, kBase + kBytes - at),
                              .context = kContext,
                              .device = kDevice};
        if (pick(8) == 0) buffer.kind = static_cast<BufferKind>(pick(9));
        if (pick(8) == 0) buffer.sharing = static_cast<memory::Sharing>(1u << pick(6));
        if (pick(8) == 0) buffer.context = pick(2) ? 0 : 0xc1;
        if (pick(8) == 0) buffer.device = static_cast<int32_t>(pick(2)) - 1;
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
    c.place.in_graph = pick(2) == 0;
    const auto is_own = [&](const memory::Buffer& buffer) {
      if (buffer.sharing != 0) return false;
      if (buffer.kind == BufferKind::pool || buffer.kind == BufferKind::mapped)
        return buffer.device == kDevice;
      if (buffer.kind == BufferKind::graph) return buffer.device == kDevice && c.place.in_graph;
      return buffer.context == kContext;
    };
    const Plan plan = c.plan();
    Bytes looked(kBytes), judged(kBytes);
    for (uint32_t i = 0; i < plan.inputs; ++i) {
      const nn_region& in = c.scan.inputs[i];
      const Bytes set = bytes_of(in, bytes_in(static_cast<ElementType>(in.type)));
      for (size_t b = 0; b < kBytes; ++b) {
        if (!set[b]) continue;
        judged[b] = true;
        REQUIRE(is_own(*c.buffers.find(kBase + b)));
      }
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
        REQUIRE(is_own(*buffer));
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
