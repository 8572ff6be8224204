// SPDX-License-Identifier: MIT
// An event as one sentence for a person:
//
//   nonans: step 412, in softmax, gemm_bias_relu_f16: 3 of 131,072 values of argument 4 became +Inf
//   (inputs finite); set to 65504
//
// "became" only where the launch is proven to be the origin; otherwise the values "are" what they
// are.
#include "events/event.hpp"
#include "events/summary.hpp"

namespace nonans::events {
namespace {

// "_Z4gemmPfS_i" demangles to "gemm(float*, float*, int)"; the parameter list tells a reader
// nothing here. Brackets of templates and of "(anonymous namespace)" are not parameter lists.
std::string without_parameters(const std::string& name) {
  if (!name.ends_with(')')) return name;
  int depth = 0;
  for (size_t i = name.size(); i-- > 0;) {
    if (name[i] == ')') ++depth;
    if (name[i] == '(' && --depth == 0) return i > 0 ? name.substr(0, i) : name;
  }
  return name;
}

// The operator at work: of "layer3 / softmax" the innermost.
std::string innermost(const std::string& ranges) {
  const size_t separator = ranges.rfind(" / ");
  return separator == std::string::npos ? ranges : ranges.substr(separator + 3);
}

std::string where(const Event& event) {
  std::string text = event.step     ? "step " + with_separators(event.step) + ", "
                     : event.launch ? "launch " + with_separators(event.launch) + ", "
                                    : "";
  if (event.captured) text += "graph replay " + with_separators(event.replay) + ", ";
  if (!event.nvtx.empty()) text += "in " + innermost(event.nvtx) + ", ";
  text += without_parameters(event.kernel);
  if (!event.source.empty()) text += " (" + event.source + ")";
  return text;
}

std::string values(const Event& event) {
  const uint64_t counts[] = {event.nan, event.pos_inf, event.neg_inf};
  const char* const names[] = {"NaN", "+Inf", "-Inf"};
  const char* only = nullptr;
  std::string each;
  int classes = 0;
  for (int c = 0; c < 3; ++c) {
    if (!counts[c]) continue;
    each += (classes++ ? ", " : "") + with_separators(counts[c]) + " " + names[c];
    only = names[c];
  }
  return classes == 1 ? only : "non-finite (" + each + ")";
}

std::string arguments(const std::vector<int>& indices) {
  std::string text = indices.size() == 1 ? "argument " : "arguments ";
  for (size_t i = 0; i < indices.size(); ++i)
    text += (i == 0 ? "" : i + 1 == indices.size() ? " and " : ", ") + std::to_string(indices[i]);
  return text;
}

std::string cause(const Event& event) {
  switch (event.origin) {
    case Origin::origin:
      return " (inputs finite)";
    case Origin::propagated:
      return event.dirty_inputs.empty()
                 ? " (an input already was)"
                 : " (from " + arguments(event.dirty_inputs) + ", not finite before)";
    case Origin::intended:
      return " (put there by the kernel itself)";
    case Origin::stale:
      return " (older than this launch)";
    case Origin::raced:
      return " (another launch may have come between)";
    case Origin::transient:
      return " (gone when looked at again)";
    case Origin::unknown:
      break;
  }
  return " (where it comes from is not known)";
}

std::string outcome(const Event& event) {
  const uint64_t all = event.nan + event.pos_inf + event.neg_inf;
  const std::string part = event.repaired == all ? "" : with_separators(event.repaired) + " ";
  switch (event.resolution) {
    case Resolution::repaired:
      return "; " + part + "set to " + event.fill;
    case Resolution::would_repair:
      return "; " + part + "would be set to " + event.fill;
    case Resolution::refused:
      return "; not repaired: " + event.reason;
    case Resolution::observed:
      break;
  }
  return event.reason.empty() ? "" : "; " + event.reason;
}

}  // namespace

std::string to_sentence(const Event& event) {
  const uint64_t all = event.nan + event.pos_inf + event.neg_inf;
  const std::string verb = event.origin == Origin::origin ? "became" : all == 1 ? "is" : "are";
  return "nonans: " + where(event) + ": " + with_separators(all) + " of " +
         with_separators(event.elements) + (event.elements == 1 ? " value" : " values") +
         " of argument " + std::to_string(event.arg) + " " + verb + " " + values(event) +
         cause(event) + outcome(event);
}

}  // namespace nonans::events
