// SPDX-License-Identifier: MIT
#include "nvtx/labels.hpp"

#include <pthread.h>

#include <new>

#include "nvtx/label_cache.hpp"
#include "nvtx/range_stack.hpp"
#include "nvtx/thread_ranges.hpp"

namespace nonans::nvtx {
namespace {

using Cache = LabelCache<2048>;  // 16,384 labels, 4 MiB of zeroes that cost memory when touched
constinit Cache labels;

// Initial-exec: see interpose/guard.hpp. A pointer only, since such memory is short in a library
// that is opened late.
[[gnu::tls_model("initial-exec")]] thread_local constinit RangeStack* thread_stack = nullptr;

constinit pthread_once_t key_once = PTHREAD_ONCE_INIT;
constinit pthread_key_t thread_end = 0;
constinit bool have_key = false;  // written once, before anybody gets past key_once

void end_of_thread(void* stack) {
  thread_stack = nullptr;
  delete static_cast<RangeStack*>(stack);
}

RangeStack* stack_of_thread() noexcept {
  if (thread_stack != nullptr) return thread_stack;
  pthread_once(&key_once, [] { have_key = pthread_key_create(&thread_end, end_of_thread) == 0; });
  RangeStack* made = have_key ? new (std::nothrow) RangeStack : nullptr;
  if (made != nullptr && pthread_setspecific(thread_end, made) != 0) {
    delete made;
    made = nullptr;
  }
  return thread_stack = made;
}

uint32_t label_now(bool lasting) noexcept {
  RangeStack* stack = thread_stack;
  if (stack == nullptr) return 0;
  if (!lasting && stack->label != 0 && labels.holds(stack->label)) return stack->label;
  char room[Cache::kText];
  const std::string_view path = stack->path(room);
  return stack->label = path.empty() ? 0 : labels.label_of(path, lasting);
}

}  // namespace

int push_range(uint32_t domain, std::string_view name) noexcept {
  RangeStack* stack = stack_of_thread();
  return stack == nullptr ? RangeStack::kNoRange : stack->push(domain, name);
}

int pop_range(uint32_t domain) noexcept {
  return thread_stack == nullptr ? RangeStack::kNoRange : thread_stack->pop(domain);
}

uint32_t current_label() noexcept {
  return label_now(false);
}
uint32_t lasting_label() noexcept {
  return label_now(true);
}

std::string label_text(uint32_t label) {
  char text[Cache::kText];
  return std::string(text, labels.read(label, text));
}

}  // namespace nonans::nvtx
