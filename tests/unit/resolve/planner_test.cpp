// SPDX-License-Identifier: MIT
// What the planner may ask the device to look at and to repair. Extents are given, so that the
// tests do not depend on what the analysis can express.
#include "resolve/planner.hpp"

#include <bit>

#include "planner_case.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::test;
using analyze::AccessKind;
using memory::Buffer;
using memory::BufferKind;

namespace {

constexpr uint64_t kA = 0x10000, kB = 0x20000, kC = 0x30000, kSize = 0x1000;

}  // namespace

TEST_CASE("a proven write with a finite-checkable input is repaired and judged") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
  c.buffers.add({.base = kB, .size = kSize, .context = kContext, .device = kDevice});
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
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
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
    c.buffers.add({.base = kA,
                   .size = kSize,
                   .kind = BufferKind::module,
                   .context = kContext,
                   .device = kDevice});
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

TEST_CASE("a mapping that its device may not write is not followed") {
  Case c;
  c.buffers.add({.base = kA,
                 .size = kSize,
                 .kind = BufferKind::mapped,
                 .device = kDevice,
                 .sharing = memory::kNoAccess});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  REQUIRE(c.plan().outputs == 0);
  REQUIRE(c.plan().writes_unknown == 1);
}

TEST_CASE("memory of a graph's allocation node is looked at from inside of a graph only") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .kind = BufferKind::graph, .device = kDevice});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  REQUIRE(c.plan().outputs == 0);
  c.place.in_graph = true;
  REQUIRE(c.plan().outputs == 1);
  REQUIRE(c.scan.outputs[0].flags == NN_REPAIR);
}

TEST_CASE("before the first optimiser step fp16 waits, and nothing else does") {
  Case c;
  c.policy.repair_f16 = false;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
  const bool half = GENERATE(true, false);
  c.write(kA, half ? ElementType::f16 : ElementType::f32, exact(kA, kA + 0x800));
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 1);
  REQUIRE(c.scan.outputs[0].flags == (half ? NN_F16_WAITS : NN_REPAIR));
  REQUIRE(plan.provable_bytes == (half ? 0 : 0x800));
}

TEST_CASE("memory that others share is not looked at, and the reason is counted") {
  using resolve::Left;
  struct Shared {
    BufferKind kind;
    uint64_t context;
    int32_t device;
    Left reason;
    memory::Sharing sharing = 0;
  };
  const Shared shared = GENERATE(
      Shared{BufferKind::managed, kContext, kDevice, Left::managed},
      Shared{BufferKind::host, kContext, kDevice, Left::host},
      Shared{BufferKind::imported, kContext, kDevice, Left::imported},
      Shared{BufferKind::external, kContext, kDevice, Left::external},
      Shared{BufferKind::device, 0xc1, 0, Left::other_device},
      Shared{BufferKind::module, 0xc1, 0, Left::other_device},
      Shared{BufferKind::pool, kContext, 0, Left::other_device},
      Shared{BufferKind::mapped, kContext, 0, Left::other_device},
      Shared{BufferKind::device, 0xc1, kDevice, Left::other_context},
      Shared{BufferKind::module, 0xc1, kDevice, Left::other_context},
      Shared{BufferKind::device, kContext, kDevice, Left::peer, memory::kPeers},
      Shared{BufferKind::pool, 0xc1, kDevice, Left::peer, memory::kPeers | memory::kExported},
      Shared{BufferKind::mapped, 0, kDevice, Left::exported, memory::kExported},
      Shared{BufferKind::mapped, 0, kDevice, Left::multicast, memory::kMulticast},
      Shared{BufferKind::mapped, 0, kDevice, Left::aliased, memory::kAliased},
      Shared{BufferKind::pool, 0, kDevice, Left::host, memory::kHostReaches});
  const Buffer buffer{.base = kA,
                      .size = kSize,
                      .kind = shared.kind,
                      .context = shared.context,
                      .device = shared.device,
                      .sharing = shared.sharing};
  Case c;
  c.buffers.add(buffer);
  SECTION("as an output") {
    c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
    const Plan plan = c.plan();
    REQUIRE(plan.outputs == 0);
    REQUIRE(plan.writes_unknown == 1);
    for (size_t i = 0; i < resolve::kLeftReasons; ++i)
      REQUIRE(plan.writes_left[i] == (i == static_cast<size_t>(shared.reason) ? 1 : 0));
  }
  SECTION("as an input: the launch cannot be called the origin") {
    c.buffers.add({.base = kB, .size = kSize, .context = kContext, .device = kDevice});
    c.write(kB, ElementType::f32, exact(kB, kB + 0x800));
    c.read(kA, ElementType::f32, exact(kA, kA + 0x800));
    REQUIRE(c.plan().inputs == 0);
    REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | NN_INPUTS_UNKNOWN));
    REQUIRE(c.plan().provable_bytes == 0);
  }
}

TEST_CASE("a pool belongs to its device, whichever context is current") {
  Case c;
  c.buffers.add(
      {.base = kA, .size = kSize, .kind = BufferKind::pool, .context = 0xc1, .device = kDevice});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  REQUIRE(c.plan().provable_bytes == 0x800);
}

TEST_CASE("memory of unknown place is not looked at, and no reason is made up") {
  Case c;
  SECTION("a pool that the driver could not place") {
    c.buffers.add({.base = kA, .size = kSize, .kind = BufferKind::pool, .context = kContext});
  }
  SECTION("a buffer without a context") {
    c.buffers.add({.base = kA, .size = kSize});
  }
  SECTION("a launch without a place, and a buffer without one") {
    c.place = {};
    c.buffers.add({.base = kA, .size = kSize});
  }
  SECTION("a launch without a place, and a pool without one") {
    c.place = {};
    c.buffers.add({.base = kA, .size = kSize, .kind = BufferKind::pool});
  }
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 0);
  REQUIRE(plan.writes_unknown == 1);
  for (const uint32_t left : plan.writes_left) REQUIRE(left == 0);
}

TEST_CASE("what cannot be looked at is counted") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
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
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
  c.write(kA, ElementType::integer, exact(kA, kA + 0x100));
  c.write(0, ElementType::f32, superset(0, 0x100));
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 0);
  REQUIRE(plan.writes_unknown == 0);
  REQUIRE(plan.written_bytes == 0);
}

TEST_CASE("a superset is clipped to its buffer on the element grid") {
  Case c;
  c.buffers.add({.base = kA + 2, .size = 0x101, .context = kContext, .device = kDevice});
  c.write(kA + 4, ElementType::f32, superset(kA - 0x100, kA + 0x1000));
  REQUIRE(c.plan().outputs == 1);
  REQUIRE(c.scan.outputs[0].base == kA + 4);
  REQUIRE(c.scan.outputs[0].row_elems == (0x102 - 4 + 1) / 4);
  REQUIRE((c.scan.outputs[0].flags & NN_MAY_ONLY) != 0);
}

TEST_CASE("who cannot see every input untouched does not call the origin") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
  c.buffers.add({.base = kB, .size = kSize, .context = kContext, .device = kDevice});
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
    c.buffers.add({.base = kC,
                   .size = kSize,
                   .kind = BufferKind::host,
                   .context = kContext,
                   .device = kDevice});
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
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
  c.buffers.add({.base = kB, .size = kSize, .context = kContext, .device = kDevice});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  c.read(kB + 0x100, ElementType::f16, kUnknown);
  REQUIRE(c.plan().provable_bytes == 0x800);
  REQUIRE(c.scan.inputs[0].base == kB);
  REQUIRE(c.scan.inputs[0].row_elems == kSize / 2);
}

TEST_CASE("integer reads say nothing about NaN") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x800));
  c.read(kC, ElementType::integer, kUnknown);
  REQUIRE(c.plan().provable_bytes == 0x800);
  REQUIRE(c.scan.n_inputs == 0);
}

TEST_CASE("a float parameter that is not finite is an input that is not finite") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
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
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
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
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
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
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
  c.write(kA, ElementType::f32, superset(kA, kA + 0x400)).immediate_neg_inf = true;
  c.write(kA, ElementType::f32, exact(kA, kA + 0x400));
  REQUIRE(c.plan().outputs == 1);
  REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | NN_INTENDED_NEG));
}

TEST_CASE("fields of different types in one array of structures do not contest each other") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
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
    c.buffers.add({.base = base, .size = 0x100, .context = kContext, .device = kDevice});
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
  c.buffers.add({.base = kA, .size = 0x100000, .context = kContext, .device = kDevice});
  for (uint64_t i = 0; i < 100; ++i)
    c.write(kA, ElementType::f32, exact(kA + i * 64, kA + i * 64 + 4));
  const Plan plan = c.plan();
  REQUIRE(plan.provable_bytes == 0);
  REQUIRE(plan.writes_unknown == 100 - NN_MAX_OUTPUTS);
}

TEST_CASE("more inputs than the device can look at: not the origin") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
  c.write(kA, ElementType::f32, exact(kA, kA + 0x100));
  for (uint64_t i = 0; i < NN_MAX_INPUTS + 1; ++i) {
    c.buffers.add(
        {.base = kB + i * 0x10000, .size = kSize, .context = kContext, .device = kDevice});
    c.read(kB + i * 0x10000, ElementType::f32, exact(kB + i * 0x10000, kB + i * 0x10000 + 4));
  }
  REQUIRE(c.plan().inputs == NN_MAX_INPUTS);
  REQUIRE(c.scan.outputs[0].flags == (NN_REPAIR | NN_INPUTS_UNKNOWN));
}

TEST_CASE("modes: off and skip plan nothing, observe marks what resolve would repair") {
  Case c;
  c.buffers.add({.base = kA, .size = kSize, .context = kContext, .device = kDevice});
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
  c.buffers.add({.base = kA, .size = 1 << 30, .context = kContext, .device = kDevice});
  c.write(kA, ElementType::f32, exact(kA, kA + (1 << 16)));
  REQUIRE(c.plan().blocks == 2);
  extents[0] = exact(kA, kA + (1 << 30));
  REQUIRE(c.plan().blocks == 16);
}
