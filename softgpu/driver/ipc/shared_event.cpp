// SPDX-License-Identifier: MIT
#include "driver/ipc/shared_event.hpp"

#include <sys/mman.h>

#include <chrono>
#include <thread>

namespace softgpu::driver {
namespace {

constexpr uint64_t kPage = 4096;

class SharedWait final : public StreamOperation {
 public:
  SharedWait(std::shared_ptr<Context> context, std::shared_ptr<SharedEvent> event)
      : StreamOperation(std::move(context)), event_(std::move(event)), number_(event_->latest()) {}

 private:
  void run(Context& context) override {
    event_->wait(context, number_);
    event_.reset();
  }
  std::shared_ptr<SharedEvent> event_;
  uint64_t number_;
};

}  // namespace

std::shared_ptr<SharedEvent> SharedEvent::make() {
  SharedFile file = SharedFile::make(SharedKind::event, kPage);
  return file.ok() ? map(std::move(file)) : nullptr;
}

std::shared_ptr<SharedEvent> SharedEvent::open(SharedFile file) {
  const SharedTrailer& t = file.trailer();
  return t.kind == SharedKind::event && t.size == kPage ? map(std::move(file)) : nullptr;
}

// A fresh file is zero: no records, none done.
std::shared_ptr<SharedEvent> SharedEvent::map(SharedFile file) {
  void* const p = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd(), 0);
  if (p == MAP_FAILED) return nullptr;
  std::shared_ptr<SharedEvent> event(new SharedEvent);
  event->file_ = std::move(file);
  event->page_ = static_cast<Page*>(p);
  return event;
}

SharedEvent::~SharedEvent() {
  if (page_) munmap(page_, kPage);
}

void SharedEvent::end_record(uint64_t number) {
  std::atomic<uint64_t>& place = page_->done[number % kKept];
  uint64_t seen = place.load();
  while (seen < number && !place.compare_exchange_weak(seen, number)) {
  }
}

bool SharedEvent::reached(uint64_t number) const {
  return number == 0 || page_->done[number % kKept].load() >= number;
}

void SharedEvent::wait(const Context& context, uint64_t number) const {
  for (unsigned spins = 0; !reached(number) && context.sticky() == CUDA_SUCCESS; ++spins) {
    if (spins < 64)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

OperationPtr SharedEvent::make_wait(const std::shared_ptr<Context>& context) {
  return std::make_shared<SharedWait>(context, shared_from_this());
}

}  // namespace softgpu::driver
