// SPDX-License-Identifier: MIT
#include "driver/copy.hpp"

#include "driver/capture/capture.hpp"
#include "driver/driver_state.hpp"
#include "driver/memory.hpp"
#include "driver/modelled_time.hpp"
#include "driver/trace/work.hpp"
#include "driver/watch.hpp"

namespace softgpu::driver {
namespace {

// Bytes from the first of the first row to the last of the last row.
std::optional<uint64_t> span_of(const Side& side, const Extent& e) {
  uint64_t slices = 0, rows = 0, all = 0;
  if (__builtin_mul_overflow(side.slice_pitch, e.depth - 1, &slices) ||
      __builtin_mul_overflow(side.pitch, e.height - 1, &rows) ||
      __builtin_add_overflow(slices, rows, &all) || __builtin_add_overflow(all, e.width, &all))
    return std::nullopt;
  return all;
}

// The memory may have gone since the call, (from a pool) not be there yet for this stream, or
// (mapped) not be open to the device: then the copy faults, as a kernel would. The device's view
// decides, so the caller holds a LaunchGuard.
enum class Use { read, write };
bool still_there(const Context& context, const Side& side, const Extent& e, Use use) {
  if (!side.device) return true;
  const Allocation* a = memory().find_visible(side.base, context.device);
  // A copy between devices runs on both, so mapped memory has to be open to one of them.
  if (!a) a = memory().find_visible(side.base, side.ordinal);
  if (!a || (use == Use::write && !a->writable)) return false;
  return *span_of(side, e) <= a->size - (side.base - a->address);
}
constexpr const char* kNotThere =
    " reached memory that is not there: freed, not yet allocated in its stream, or mapped without "
    "access";

template <typename RowBody>
void for_rows(const Extent& e, RowBody&& body) {
  for (uint64_t z = 0; z < e.depth; ++z)
    for (uint64_t y = 0; y < e.height; ++y) body(y, z);
}

MemoryPlace place_of(const Side& side) {
  if (side.pageable) return MemoryPlace::pageable;
  if (side.device) return MemoryPlace::device;
  const auto found = memory().find(side.base);
  return found && found->kind == MemoryKind::managed ? MemoryPlace::managed : MemoryPlace::pinned;
}

class CopyOperation final : public StreamOperation, public TracedWork {
 public:
  CopyOperation(std::shared_ptr<Context> context, Side to, Side from, Extent extent)
      : StreamOperation(std::move(context)), to_(to), from_(from), extent_(extent) {}

  // Takes the source now: the program may change it once the call has returned.
  void stage() {
    staged_.resize(extent_.width * extent_.height * extent_.depth);
    std::byte* at = staged_.data();
    for_rows(extent_, [&](uint64_t y, uint64_t z) {
      std::memcpy(at, from_.host + z * from_.slice_pitch + y * from_.pitch, extent_.width);
      at += extent_.width;
    });
    from_.host = staged_.data();
    from_.pitch = extent_.width;
    from_.slice_pitch = extent_.width * extent_.height;
  }

  void host_waits() { async_ = false; }

 private:
  bool describe(Activity& activity) const override {
    activity.kind = ActivityKind::copy;
    activity.bytes = extent_.width * extent_.height * extent_.depth;
    activity.from = place_of(from_);
    activity.to = place_of(to_);
    activity.async = async_;
    return true;
  }
  void run(Context& context) override {
    const TracedWork::Run times(*this);
    const LaunchGuard guard(memory());
    if (!still_there(context, to_, extent_, Use::write) ||
        !still_there(context, from_, extent_, Use::read)) {
      context.break_with(CUDA_ERROR_ILLEGAL_ADDRESS, std::string("a queued copy") + kNotThere);
      return;
    }
    for_rows(extent_, [&](uint64_t y, uint64_t z) {
      std::memmove(to_.host + z * to_.slice_pitch + y * to_.pitch,
                   from_.host + z * from_.slice_pitch + y * from_.pitch, extent_.width);
    });
    if (device_settings().modelled_clock)
      takes(modelled_copy(*this, to_, from_, extent_.width * extent_.height * extent_.depth));
    if (to_.device)
      for_rows(extent_, [&](uint64_t y, uint64_t z) {
        tell_written(to_.base + z * to_.slice_pitch + y * to_.pitch, extent_.width);
      });
    staged_ = {};
  }
  Side to_, from_;
  Extent extent_;
  bool async_ = true;
  std::vector<std::byte> staged_;
};

class FillOperation final : public StreamOperation, public TracedWork {
 public:
  FillOperation(std::shared_ptr<Context> context, Side to, Extent extent, uint32_t pattern,
                unsigned bytes)
      : StreamOperation(std::move(context)),
        to_(to),
        extent_(extent),
        pattern_(pattern),
        bytes_(bytes) {}

  void host_waits() { async_ = false; }

 private:
  bool describe(Activity& activity) const override {
    activity.kind = ActivityKind::fill;
    activity.bytes = extent_.width * extent_.height * extent_.depth;
    activity.to = place_of(to_);
    activity.value = pattern_;
    activity.async = async_;
    return true;
  }
  void run(Context& context) override {
    const TracedWork::Run times(*this);
    const LaunchGuard guard(memory());
    if (!still_there(context, to_, extent_, Use::write)) {
      context.break_with(CUDA_ERROR_ILLEGAL_ADDRESS, std::string("a queued memset") + kNotThere);
      return;
    }
    if (device_settings().modelled_clock)
      takes(modelled_fill(*this, extent_.width * extent_.height * extent_.depth));
    for_rows(extent_, [&](uint64_t y, uint64_t z) {
      std::byte* const row = to_.host + z * to_.slice_pitch + y * to_.pitch;
      if (to_.device) tell_written(to_.base + z * to_.slice_pitch + y * to_.pitch, extent_.width);
      if (bytes_ == 1) {
        std::memset(row, static_cast<int>(pattern_), extent_.width);
        return;
      }
      for (uint64_t x = 0; x < extent_.width; x += bytes_) std::memcpy(row + x, &pattern_, bytes_);
    });
  }
  Side to_;
  Extent extent_;
  uint32_t pattern_;
  unsigned bytes_;
  bool async_ = true;
};

}  // namespace

CUresult locate(Side& side, const Extent& extent, Accepts accepts) {
  if (extent.empty()) return CUDA_SUCCESS;
  const auto span = span_of(side, extent);
  if (!span || side.base == 0) return CUDA_ERROR_INVALID_VALUE;
  if (const auto found = memory().find(side.base, *span)) {
    side.host = found->host + (side.base - found->address);
    side.device = found->device_only();
    side.ordinal = found->device;
    return CUDA_SUCCESS;
  }
  if (accepts == Accepts::device_pointer || memory().is_device_address(side.base))
    return CUDA_ERROR_INVALID_VALUE;
  side.host = reinterpret_cast<std::byte*>(side.base);
  side.pageable = true;
  return CUDA_SUCCESS;
}

OperationPtr make_copy(const std::shared_ptr<Context>& context, const Side& to, const Side& from,
                       const Extent& extent) {
  return std::make_shared<CopyOperation>(context, to, from, extent);
}

OperationPtr make_fill(const std::shared_ptr<Context>& context, const Side& to,
                       const Extent& extent, uint32_t pattern, unsigned pattern_bytes) {
  return std::make_shared<FillOperation>(context, to, extent, pattern, pattern_bytes);
}

namespace {

// A located side as a node's parameters name it.
bool is_host(const Side& side) {
  if (side.pageable) return true;
  const auto found = memory().find(side.base);
  return found && found->is_host();
}

CUDA_MEMCPY3D describe(const Side& to, const Side& from, const Extent& e) {
  CUDA_MEMCPY3D c{};
  c.WidthInBytes = e.width;
  c.Height = e.height;
  c.Depth = e.depth;
  c.dstMemoryType = is_host(to) ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
  c.srcMemoryType = is_host(from) ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
  if (c.dstMemoryType == CU_MEMORYTYPE_HOST)
    c.dstHost = reinterpret_cast<void*>(to.base);
  else
    c.dstDevice = to.base;
  if (c.srcMemoryType == CU_MEMORYTYPE_HOST)
    c.srcHost = reinterpret_cast<const void*>(from.base);
  else
    c.srcDevice = from.base;
  c.dstPitch = to.pitch;
  c.srcPitch = from.pitch;
  // Slices are whole rows apart (memcpy_rect.cpp).
  c.dstHeight = to.pitch != 0 ? to.slice_pitch / to.pitch : 0;
  c.srcHeight = from.pitch != 0 ? from.slice_pitch / from.pitch : 0;
  return c;
}

}  // namespace

CUresult copy(const StreamPtr& stream, Side to, Side from, const Extent& extent, HostWaits waits) {
  if (extent.empty()) return CUDA_SUCCESS;
  const auto node = captured(stream, [&](Graph&, Work& work) {
    work = CopyWork{describe(to, from, extent), stream->context};
    return CUDA_SUCCESS;
  });
  if (node) return *node;
  const auto operation = std::make_shared<CopyOperation>(stream->context, to, from, extent);
  if (waits == HostWaits::sync) operation->host_waits();
  if (waits == HostWaits::sync || to.pageable) return run_to_end(stream, operation);
  if (from.pageable) operation->stage();
  enqueue(stream, operation);
  return CUDA_SUCCESS;
}

CUresult fill(const StreamPtr& stream, Side to, const Extent& extent, uint32_t pattern,
              unsigned pattern_bytes, HostWaits waits) {
  if (extent.empty()) return CUDA_SUCCESS;
  const auto node = captured(stream, [&](Graph&, Work& work) {
    work = FillWork{
        {to.base, to.pitch, pattern, pattern_bytes, extent.width / pattern_bytes, extent.height},
        stream->context};
    return CUDA_SUCCESS;
  });
  if (node) return *node;
  const auto operation =
      std::make_shared<FillOperation>(stream->context, to, extent, pattern, pattern_bytes);
  if (waits == HostWaits::sync) operation->host_waits();
  if (waits == HostWaits::sync && !to.device) return run_to_end(stream, operation);
  enqueue(stream, operation);
  return CUDA_SUCCESS;
}

}  // namespace softgpu::driver
