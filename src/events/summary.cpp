// SPDX-License-Identifier: MIT
#include "events/summary.hpp"

#include <cstdarg>
#include <cstdio>

namespace nonans::events {
namespace {

using resolve::Mode;

// "1 launch", "2 launches", "1,024 values"
std::string count_of(uint64_t count, const char* one, const char* many) {
  return with_separators(count) + " " + (count == 1 ? one : many);
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string percent(uint64_t part, uint64_t whole) {
  return fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

std::string bytes(uint64_t count) {
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  size_t unit = 0;
  double value = static_cast<double>(count);
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  return unit ? fixed(value, 1) + " " + units[unit] : with_separators(count) + " B";
}

std::string spaced(const char* word) {
  std::string text = word;
  for (char& c : text)
    if (c == '_') c = ' ';
  return text;
}

std::string launches_line(const RunStatistics& s) {
  return count_of(s.launches, "launch", "launches") + ": " + with_separators(s.scanned) +
         " scanned (" + bytes(s.scanned_bytes) + "), " + with_separators(s.unprovable) +
         " with an output that could not be looked at";
}

const char* memory_of(resolve::Left why) {
  switch (why) {
    case resolve::Left::other_device:
      return "memory of another device";
    case resolve::Left::other_context:
      return "memory of another context";
    case resolve::Left::managed:
      return "managed memory";
    case resolve::Left::host:
      return "host memory";
    case resolve::Left::imported:
      return "memory of another process";
    case resolve::Left::external:
      return "memory of another library";
    case resolve::Left::peer:
      return "memory that other devices can reach";
    case resolve::Left::exported:
      return "memory given to another process";
    case resolve::Left::multicast:
      return "multicast memory";
    case resolve::Left::aliased:
      return "memory mapped at two addresses";
  }
  return "?";
}

// What others may change at any time is not looked at. Empty if there was none.
std::string left_alone_line(const RunStatistics& s) {
  std::string text;
  for (size_t i = 0; i < std::size(s.left); ++i) {
    if (!s.left[i]) continue;
    const std::string where = memory_of(static_cast<resolve::Left>(i));
    text += text.empty()
                ? "outputs left alone: " + count_of(s.left[i], "launch", "launches") + " into "
                : ", " + with_separators(s.left[i]) + " into ";
    text += where;
  }
  return text;
}

std::string rule_line(const RunStatistics& s) {
  return "left alone: " + count_of(s.left_by_rule, "launch", "launches") +
         " of kernels that wait for other devices (NCCL, NVSHMEM and the like)";
}

std::string provable_line(const RunStatistics& s) {
  std::string text = "provable: ";
  text += s.written_bytes ? percent(s.provable_bytes, s.written_bytes) + " of written bytes"
                          : "no bytes were looked at";
  if (s.launches) text += ", " + percent(s.provable_launches, s.launches) + " of launches";
  const auto outputs = [&](resolve::Evidence how) {
    return with_separators(s.outputs_by_evidence[static_cast<size_t>(how)]);
  };
  text += " (extent of outputs: ";
  if (s.outputs_by_evidence[static_cast<size_t>(resolve::Evidence::tensor_map)] != 0)
    text += outputs(resolve::Evidence::tensor_map) + " described by tensor maps, ";
  return text + outputs(resolve::Evidence::affine) + " computed from the arguments, " +
         outputs(resolve::Evidence::segment) + " taken as the rest of the buffer, " +
         outputs(resolve::Evidence::none) + " unknown)";
}

std::string code_line(const RunStatistics& s) {
  std::string text = "code: " + count_of(s.images, "image", "images");
  if (s.images_unreadable) text += ", " + with_separators(s.images_unreadable) + " not understood";
  if (s.images_not_kept)
    text += ", " + with_separators(s.images_not_kept) + " not kept for want of room";
  return text + "; " + bytes(s.ptx_referenced) + " of PTX referenced, " + bytes(s.ptx_copied) +
         " copied";
}

std::string cupti_line(const RunStatistics& s) {
  const auto times = [](uint64_t n) {
    return n == 1 ? std::string("once") : with_separators(n) + " times";
  };
  return "CUPTI: subscribed " + times(s.cupti_taken) + ", given up for the program " +
         times(s.cupti_given) + "; from it " + count_of(s.cupti_images, "image", "images") +
         " and " + count_of(s.cupti_buffers, "buffer", "buffers");
}

std::string events_line(const RunStatistics& s) {
  const EventCounts& c = s.counts;
  if (c.events == 0) return "no non-finite value was found";
  std::string text = count_of(c.events, "event", "events") + ": ";
  bool first = true;
  for (size_t kind = 0; kind < std::size(c.by_kind); ++kind) {
    if (!c.by_kind[kind]) continue;
    const auto k = static_cast<Kind>(kind);
    text += (first ? "" : ", ") + with_separators(c.by_kind[kind]) + " " +
            (k == Kind::unknown ? "of unknown cause" : spaced(name_of(k)));
    first = false;
  }
  first = true;
  for (size_t r = 0; r < std::size(c.by_resolution); ++r) {
    if (!c.by_resolution[r]) continue;
    const auto resolution = static_cast<Resolution>(r);
    const char* const word =
        resolution == Resolution::would_repair ? "would be repaired" : name_of(resolution);
    text += (first ? "; " : ", ") + with_separators(c.by_resolution[r]) + " " + word;
    if (resolution == Resolution::repaired)
      text += " (" + count_of(c.repaired_values, "value", "values") + ")";
    first = false;
  }
  return text;
}

}  // namespace

std::string with_separators(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
  return digits;
}

std::vector<std::string> summarize(const RunStatistics& s) {
  std::vector<std::string> lines;
  const auto say = [&](const std::string& text) { lines.push_back("nonans: " + text); };
  say(launches_line(s));
  if (const std::string left = left_alone_line(s); !left.empty()) say(left);
  if (s.left_by_rule) say(rule_line(s));
  if (s.launches) say(provable_line(s));
  say(events_line(s));
  const uint64_t would = s.counts.by_resolution[static_cast<size_t>(Resolution::would_repair)];
  if (s.mode == Mode::observe && s.counts.events)
    say("nothing was changed; NONANS_MODE=resolve would have repaired " +
        count_of(s.counts.would_repair_values, "value", "values") + " in " +
        count_of(would, "launch", "launches"));
  if (s.counts.lost)
    say(count_of(s.counts.lost, "event was", "events were") +
        " lost: more came than could be read");
  if (s.counts.events && !s.events_path.empty()) say("events: " + s.events_path);
  if (s.events_lost_in_file)
    say(count_of(s.events_lost_in_file, "event", "events") + " could not be written to " +
        s.events_path);
  if (s.details) say(code_line(s));
  if (s.details && s.cupti_taken + s.cupti_given != 0) say(cupti_line(s));
  if (s.host_launches)
    say("cost: " +
        fixed(static_cast<double>(s.host_ns) / static_cast<double>(s.host_launches) / 1000.0, 2) +
        " us of host time per launch; memory: " + bytes(s.device_bytes) + " on the device, " +
        bytes(s.pinned_bytes) + " pinned");
  return lines;
}

}  // namespace nonans::events
