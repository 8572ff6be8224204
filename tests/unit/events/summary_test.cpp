// SPDX-License-Identifier: MIT
#include "events/summary.hpp"

#include "support/catch.hpp"

using namespace nonans::events;
using nonans::resolve::Mode;

namespace {

RunStatistics example() {
  RunStatistics s;
  s.launches = 10412;
  s.scanned = 10300;
  s.unprovable = 112;
  s.provable_launches = 9163;
  s.scanned_bytes = 3u << 20;
  s.written_bytes = 3u << 20;
  s.provable_bytes = 1u << 20;
  s.outputs_by_evidence[static_cast<size_t>(nonans::resolve::Evidence::affine)] = 12000;
  s.outputs_by_evidence[static_cast<size_t>(nonans::resolve::Evidence::segment)] = 7;
  s.host_ns = 5'206'000;
  s.host_launches = 10412;
  s.device_bytes = 1u << 20;
  s.pinned_bytes = 512u << 10;
  s.events_path = "/x/events.jsonl";
  return s;
}

}  // namespace

TEST_CASE("summary: numbers with separators") {
  CHECK(with_separators(0) == "0");
  CHECK(with_separators(999) == "999");
  CHECK(with_separators(1000) == "1,000");
  CHECK(with_separators(131072) == "131,072");
  CHECK(with_separators(UINT64_MAX) == "18,446,744,073,709,551,615");
}

TEST_CASE("summary: a clean run") {
  CHECK(summarize(example()) ==
        std::vector<std::string>{"nonans: 10,412 launches: 10,300 scanned (3.0 MiB), 112 with an "
                                 "output that could not be looked at",
                                 "nonans: provable: 33.3 % of written bytes, 88.0 % of launches "
                                 "(extent of outputs: 12,000 computed from the arguments, "
                                 "7 taken as the rest of the buffer, 0 unknown)",
                                 "nonans: no non-finite value was found",
                                 "nonans: cost: 0.50 us of host time per launch; memory: 1.0 MiB "
                                 "on the device, 512.0 KiB pinned"});
}

TEST_CASE("summary: outputs known by tensor maps are named where there are any") {
  RunStatistics s = example();
  s.outputs_by_evidence[static_cast<size_t>(nonans::resolve::Evidence::tensor_map)] = 5;
  CHECK(summarize(s)[1] ==
        "nonans: provable: 33.3 % of written bytes, 88.0 % of launches (extent of outputs: 5 "
        "described by tensor maps, 12,000 computed from the arguments, 7 taken as the rest of the "
        "buffer, 0 unknown)");
}

TEST_CASE("summary: why outputs were left alone") {
  RunStatistics s = example();
  s.left[size_t(nonans::resolve::Left::other_device)] = 1;
  CHECK(summarize(s)[1] == "nonans: outputs left alone: 1 launch into memory of another device");
  s.left[size_t(nonans::resolve::Left::other_device)] = 100;
  s.left[size_t(nonans::resolve::Left::other_context)] = 1;
  s.left[size_t(nonans::resolve::Left::managed)] = 12;
  s.left[size_t(nonans::resolve::Left::host)] = 1200;
  s.left[size_t(nonans::resolve::Left::imported)] = 2;
  for (const auto why : {nonans::resolve::Left::external, nonans::resolve::Left::peer,
                         nonans::resolve::Left::exported, nonans::resolve::Left::multicast,
                         nonans::resolve::Left::aliased})
    s.left[size_t(why)] = 3;
  CHECK(summarize(s)[1] ==
        "nonans: outputs left alone: 100 launches into memory of another device, 1 into memory "
        "of another context, 12 into managed memory, 1,200 into host memory, 2 into memory of "
        "another process, 3 into memory of another library, 3 into memory that other devices can "
        "reach, 3 into memory given to another process, 3 into multicast memory, 3 into memory "
        "mapped at two addresses");
}

TEST_CASE("summary: kernels of communication are left alone") {
  RunStatistics s = example();
  s.left_by_rule = 1200;
  CHECK(summarize(s)[1] ==
        "nonans: left alone: 1,200 launches of kernels that wait for other devices (NCCL, NVSHMEM "
        "and the like)");
}

TEST_CASE("summary: events by kind and resolution, and where they are") {
  RunStatistics s = example();
  s.counts.events = 3;
  s.counts.by_kind[size_t(Kind::overflow)] = 2;
  s.counts.by_kind[size_t(Kind::unknown)] = 1;
  s.counts.by_resolution[size_t(Resolution::repaired)] = 2;
  s.counts.by_resolution[size_t(Resolution::refused)] = 1;
  s.counts.repaired_values = 1;
  s.counts.lost = 1;
  s.events_lost_in_file = 2;
  const auto lines = summarize(s);
  REQUIRE(lines.size() == 7);
  CHECK(lines[2] ==
        "nonans: 3 events: 2 overflow, 1 of unknown cause; 2 repaired (1 value), 1 refused");
  CHECK(lines[3] == "nonans: 1 event was lost: more came than could be read");
  CHECK(lines[4] == "nonans: events: /x/events.jsonl");
  CHECK(lines[5] == "nonans: 2 events could not be written to /x/events.jsonl");
}

TEST_CASE("summary: observe says what resolve would have changed") {
  RunStatistics s = example();
  s.mode = Mode::observe;
  s.counts.events = 4;
  s.counts.by_kind[size_t(Kind::overflow)] = 4;
  s.counts.by_resolution[size_t(Resolution::would_repair)] = 1;
  s.counts.by_resolution[size_t(Resolution::observed)] = 3;
  s.counts.would_repair_values = 1200;
  const auto lines = summarize(s);
  CHECK(lines[2] == "nonans: 4 events: 4 overflow; 3 observed, 1 would be repaired");
  CHECK(lines[3] ==
        "nonans: nothing was changed; NONANS_MODE=resolve would have repaired 1,200 values in 1 "
        "launch");
}

TEST_CASE("summary: a run without launches divides by nothing") {
  const auto lines = summarize({});
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] ==
        "nonans: 0 launches: 0 scanned (0 B), 0 with an output that could not be looked at");
}

TEST_CASE("summary: what became of the images is said to those who ask for details") {
  RunStatistics s = example();
  s.images = 12;
  s.ptx_referenced = 3 << 20;
  s.ptx_copied = 1536;
  const auto brief = summarize(s);
  s.details = true;
  auto lines = summarize(s);
  REQUIRE(lines.size() == brief.size() + 1);
  CHECK(lines[lines.size() - 2] ==
        "nonans: code: 12 images; 3.0 MiB of PTX referenced, 1.5 KiB copied");
  s.images_unreadable = 2;
  s.images_not_kept = 1;
  lines = summarize(s);
  CHECK(lines[lines.size() - 2] ==
        "nonans: code: 12 images, 2 not understood, 1 not kept for want of room; 3.0 MiB of PTX "
        "referenced, 1.5 KiB copied");
}
