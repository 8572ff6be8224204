// SPDX-License-Identifier: MIT
// Results: the last one of a thread, their names, what is said on stderr, lasting names.
#include <cstdio>
#include <mutex>
#include <set>
#include <string>

#include "cupti/api.hpp"

namespace softgpu::cupti {
namespace {

// Plain data: functions are called from destructors of threads too.
thread_local CUptiResult t_last = CUPTI_SUCCESS;

struct Result {
  CUptiResult code;
  const char *name, *text;
};
constexpr Result kResults[] = {
#define SOFTGPU_RESULT(name, text) {name, #name, text},
#include "cupti/generated/results.inc"
#undef SOFTGPU_RESULT
};

const Result* find(CUptiResult code) {
  for (const Result& r : kResults)
    if (r.code == code) return &r;
  return nullptr;
}

// A set of texts that only grows; never destroyed.
struct Texts {
  std::mutex mutex;
  std::set<std::string, std::less<>> texts;
};

}  // namespace

CUptiResult answer(CUptiResult result) noexcept {
  if (result != CUPTI_SUCCESS) t_last = result;
  return result;
}

void say_once(const std::string& message) noexcept try {
  static auto* const said = new Texts;
  {
    const std::lock_guard lock(said->mutex);
    if (!said->texts.insert(message).second) return;
  }
  std::fprintf(stderr, "softgpu: %s\n", message.c_str());
} catch (...) {  // no memory for the message: the code still says it
}

const char* lasting(std::string_view name) noexcept try {
  static auto* const names = new Texts;
  const std::lock_guard lock(names->mutex);
  const auto it = names->texts.find(name);
  return (it != names->texts.end() ? it : names->texts.emplace(name).first)->c_str();
} catch (...) {
  return "";
}

}  // namespace softgpu::cupti

using namespace softgpu::cupti;

CUptiResult cuptiGetLastError() {
  const CUptiResult last = t_last;
  t_last = CUPTI_SUCCESS;
  return last;
}

CUptiResult cuptiGetResultString(CUptiResult result, const char** text) {
  const Result* const found = find(result);
  if (!text || !found) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  *text = found->name;
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiGetErrorMessage(CUptiResult result, const char** text) {
  const Result* const found = find(result);
  if (!text || !found) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  *text = found->text;
  return answer(CUPTI_SUCCESS);
}
