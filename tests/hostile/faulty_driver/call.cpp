// SPDX-License-Identifier: MIT
#include "call.hpp"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>

#include "objects.hpp"

namespace faulty {
namespace {

// Where libnonans.so's code is mapped. It is preloaded, so it is there before us and stays.
struct Range {
  uintptr_t first = 0, last = 0;
  bool holds(const void* address) const {
    const auto at = reinterpret_cast<uintptr_t>(address);
    return at >= first && at < last;
  }
};
Range library;
int (*locks_held)() = nullptr;

// Constants to begin with: open_driver() may run before this file's constructors.
struct Plan {
  char function[128] = "";  // empty: any
  faulty_who who = FAULTY_ANYBODY;
  long nth = 0;
  bool after = false;
  CUresult code = CUDA_SUCCESS;
  long matched = 0;
};
std::mutex plan_mutex;
std::atomic<bool> planned{false};
constinit Plan plan;
std::atomic<long> refusals{0};
std::atomic<const char*> last_refused{nullptr};

int find_library(dl_phdr_info* info, size_t, void*) {
  const char* slash = std::strrchr(info->dlpi_name, '/');
  const std::string_view file(slash != nullptr ? slash + 1 : info->dlpi_name);
  if (!file.starts_with("libnonans.so")) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    library.first = info->dlpi_addr + header.p_vaddr;
    library.last = library.first + header.p_memsz;
  }
  return 1;
}

void plan_from_environment() {
  const char* text = std::getenv("FAULTY_PLAN");
  if (text == nullptr) return;
  char function[128], who[16], when[16];
  long nth;
  int code;
  if (std::sscanf(text, "%127s %15s %ld %15s %d", function, who, &nth, when, &code) != 5) {
    std::fprintf(stderr, "faulty driver: cannot read FAULTY_PLAN=%s\n", text);
    std::abort();
  }
  const std::string_view whose(who);
  const faulty_plan wanted = {std::string_view(function) == "*" ? nullptr : function,
                              whose == "library"       ? FAULTY_LIBRARY
                              : whose == "application" ? FAULTY_APPLICATION
                                                       : FAULTY_ANYBODY,
                              nth, std::string_view(when) == "after" ? 1 : 0, code};
  faulty_set(&wanted);
}

void report() {
  const char* path = std::getenv("FAULTY_REPORT");
  FILE* file = path != nullptr ? std::fopen(path, "w") : nullptr;
  if (file == nullptr) return;
  for (int i = 0; i < function_count; ++i) {
    const Function& f = functions[i];
    if (const long n = f.calls[FAULTY_APPLICATION])
      std::fprintf(file, "made %s application %ld\n", f.name, n);
    if (const long n = f.calls[FAULTY_LIBRARY])
      std::fprintf(file, "made %s library %ld\n", f.name, n);
    if (const long n = f.locked) std::fprintf(file, "locked %s %ld\n", f.name, n);
  }
  constexpr const char* kKinds[FAULTY_KINDS] = {"memory", "registration", "module", "stream",
                                                "event",  "graph",        "context"};
  for (int kind = 0; kind < FAULTY_KINDS; ++kind)
    if (const long n = live_objects(static_cast<faulty_kind>(kind)))
      std::fprintf(file, "live %s %ld\n", kKinds[kind], n);
  std::fprintf(file, "refused %ld\n", refusals.load());
  std::fclose(file);
}

__attribute__((constructor)) void open_driver() {
  void* driver = dlopen(FAULTY_REAL_DRIVER, RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) {
    std::fprintf(stderr, "faulty driver: %s\n", dlerror());
    std::abort();
  }
  for (int i = 0; i < function_count; ++i) functions[i].real = dlsym(driver, functions[i].name);
  dl_iterate_phdr(find_library, nullptr);
  *reinterpret_cast<void**>(&locks_held) = dlsym(RTLD_DEFAULT, "lock_watch_held");
  plan_from_environment();
  std::atexit(report);
}

// True if this call is the plan's.
bool matches(const Function& function, faulty_who who, bool& after, CUresult& code) {
  if (!planned.load(std::memory_order_acquire)) return false;
  const std::lock_guard lock(plan_mutex);
  if (plan.function[0] != '\0' && std::strcmp(plan.function, function.name) != 0) return false;
  if (plan.who != FAULTY_ANYBODY && plan.who != who) return false;
  if (++plan.matched != plan.nth && plan.nth != 0) return false;
  after = plan.after;
  code = plan.code;
  ++refusals;
  last_refused = function.name;
  return true;
}

bool is_resolver(const char* name) {
  return std::strncmp(name, "cuGetProcAddress", 16) == 0;
}

// The answer of the real cuGetProcAddress, as an address of ours.
void* answered(void* real) {
  for (int i = 0; i < function_count; ++i)
    if (functions[i].real == real) return functions[i].answered;
  return real;
}

}  // namespace

Call::Call(int index, Way way, const void* from, const uint64_t* words, int count) noexcept
    : function_(functions[index]) {
  const bool through_library = library.holds(from);
  who_ = way == Way::exported && through_library ? FAULTY_LIBRARY : FAULTY_APPLICATION;
  std::copy_n(words, std::min(count, kWords), words_);
  function_.calls[who_].fetch_add(1, std::memory_order_relaxed);
  if (through_library && locks_held != nullptr && locks_held() != 0)
    function_.locked.fetch_add(1, std::memory_order_relaxed);
  bool after = false;
  if (!matches(function_, who_, after, code_)) return;
  (after ? refused_after_ : refused_) = true;
  if (refused_ && who_ == FAULTY_LIBRARY) excuse_objects(function_.name, words_);
}

CUresult Call::finished(CUresult result) noexcept {
  if (result == CUDA_SUCCESS && is_resolver(function_.name)) {
    auto** out = reinterpret_cast<void**>(words_[1]);
    if (out != nullptr && *out != nullptr) *out = answered(*out);
  }
  // Said to have failed though it was done: nobody can be asked to give back what came of it.
  if (result == CUDA_SUCCESS)
    note_objects(function_.name, words_, who_ == FAULTY_LIBRARY && !refused_after_);
  return refused_after_ ? code_ : result;
}

}  // namespace faulty

using namespace faulty;

void faulty_set(const faulty_plan* wanted) {
  const std::lock_guard lock(plan_mutex);
  refusals = 0;
  last_refused = nullptr;
  planned.store(wanted != nullptr, std::memory_order_release);
  if (wanted == nullptr) return;
  plan = {.who = wanted->who,
          .nth = wanted->nth,
          .after = wanted->after != 0,
          .code = static_cast<CUresult>(wanted->code)};
  if (wanted->function != nullptr)
    std::strncpy(plan.function, wanted->function, sizeof plan.function - 1);
}

long faulty_refused(void) {
  return refusals;
}

const char* faulty_last_refused(void) {
  return last_refused;
}

long faulty_calls(const char* function, faulty_who who) {
  long calls = 0;
  for (int i = 0; i < function_count; ++i) {
    const Function& f = functions[i];
    if (function != nullptr && std::strcmp(function, f.name) != 0) continue;
    if (who != FAULTY_LIBRARY) calls += f.calls[FAULTY_APPLICATION];
    if (who != FAULTY_APPLICATION) calls += f.calls[FAULTY_LIBRARY];
  }
  return calls;
}

long faulty_live(faulty_kind kind) {
  return live_objects(kind);
}

long faulty_locked(const char** first) {
  long calls = 0;
  for (int i = 0; i < function_count; ++i) {
    const long n = functions[i].locked;
    if (n != 0 && calls == 0 && first != nullptr) *first = functions[i].name;
    calls += n;
  }
  return calls;
}
