// SPDX-License-Identifier: MIT
#include "resolve/planner.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "resolve/float_class.hpp"
#include "resolve/regions.hpp"
#include "resolve/tensor_region.hpp"

namespace nonans::resolve {
namespace {

using analyze::Access;
using analyze::AccessKind;
using analyze::ElementType;
using analyze::Extent;
using memory::Buffer;
using memory::BufferKind;

// Stores of one kernel that are told apart; one with more is unrolled beyond what is worth merging.
constexpr uint32_t kMaxWrites = 40;
// 8 loads of 16 bytes per thread: enough in flight to keep a memory-bound scan busy, few enough
// blocks to start fast.
constexpr uint64_t kBytesPerBlock = 32 * 1024;
constexpr uint8_t kIntents = NN_INTENDED_NAN | NN_INTENDED_POS | NN_INTENDED_NEG;
constexpr uint8_t kOriginUnknown = NN_IN_PLACE | NN_INPUTS_UNKNOWN | NN_MAY_ONLY;

ElementType type_of(memory::TensorElement element) {
  switch (element) {
    case memory::TensorElement::f16:
      return ElementType::f16;
    case memory::TensorElement::bf16:
      return ElementType::bf16;
    case memory::TensorElement::f32:
      return ElementType::f32;
    case memory::TensorElement::f64:
      return ElementType::f64;
    case memory::TensorElement::other:
      break;
  }
  return ElementType::unknown;
}

bool scannable(ElementType type) {
  return type != ElementType::integer && analyze::size_of(type) != 0;
}

// Memory that the launch can surely reach, whoever else can.
bool is_at_home(const Buffer& buffer, const Place& place) {
  const bool same_device = buffer.device != memory::kUnknownDevice && buffer.device == place.device;
  switch (buffer.kind) {
    case BufferKind::device:
    case BufferKind::module:
      return buffer.context != 0 && buffer.context == place.context;
    case BufferKind::pool:
    case BufferKind::mapped:
      return same_device;
    case BufferKind::graph:
      return same_device && place.in_graph;
    case BufferKind::managed:
    case BufferKind::host:
    case BufferKind::imported:
    case BufferKind::external:
      return false;
  }
  return false;
}

// Memory whose contents only the launch's own kernels and copies change, and that it can surely
// reach.
bool is_own_memory(const Buffer& buffer, const Place& place) {
  return buffer.shared_with() == 0 && is_at_home(buffer, place);
}

// Why memory that is not the launch's own is left alone; nothing if nobody knows whose it is.
std::optional<Left> reason_to_leave(const Buffer& buffer, const Place& place) {
  if (buffer.kind == BufferKind::managed) return Left::managed;
  if (buffer.kind == BufferKind::host) return Left::host;
  if (buffer.kind == BufferKind::imported) return Left::imported;
  if (buffer.kind == BufferKind::external) return Left::external;
  const memory::Sharing sharing = buffer.shared_with();
  if ((sharing & memory::kMulticast) != 0) return Left::multicast;  // of no device, or of several
  if (!is_at_home(buffer, place)) {
    const bool devices_known =
        buffer.device != memory::kUnknownDevice && place.device != memory::kUnknownDevice;
    if (devices_known && buffer.device != place.device) return Left::other_device;
    const bool of_context = buffer.kind == BufferKind::device || buffer.kind == BufferKind::module;
    if (of_context && buffer.context != 0 && place.context != 0) return Left::other_context;
    return std::nullopt;
  }
  if ((sharing & memory::kPeers) != 0) return Left::peer;
  if ((sharing & memory::kExported) != 0) return Left::exported;
  if ((sharing & memory::kHostReaches) != 0) return Left::host;
  if ((sharing & memory::kAliased) != 0) return Left::aliased;
  return std::nullopt;
}

uint64_t read_root(const Access& access, std::span<const std::byte> params) {
  uint64_t root = 0;
  if (size_t{access.param_offset} + sizeof root <= params.size())
    std::memcpy(&root, params.data() + access.param_offset, sizeof root);
  return root;
}

// What one access may touch, as well as it is known: a region, else a whole buffer, else any memory
// at all.
struct Reach {
  bool anywhere = true;
  bool empty = false;
  bool may_known = false;  // `region` follows from the access, not from the size of its allocation
  bool exact = false;      // `region` is the proven must-set, and nothing else is touched
  bool cut = false;        // bytes that are surely written lie outside of the buffer
  Region touched;          // for overlap: not clipped, a store beyond its buffer hits the neighbour
  Region region;           // to look at: inside the buffer, whole elements
  std::optional<Buffer> buffer;
};

bool may_overlap(const Reach& a, const Reach& b) {
  if (a.empty || b.empty) return false;
  return a.anywhere || b.anywhere || resolve::may_overlap(a.touched, b.touched);
}

// One store of the kernel, looked at or not.
struct Write {
  Reach reach;
  ElementType type = ElementType::unknown;
  bool output = false;  // goes into the scan
  uint8_t flags = 0;
  uint16_t arg = 0;
  Evidence evidence = Evidence::none;
};
struct Input {
  Region region;
  ElementType type = ElementType::unknown;
  uint16_t arg = 0;
};

class Planner {
 public:
  Planner(const analyze::KernelProfile& profile, const analyze::LaunchShape& shape,
          const memory::BufferRegistry& buffers, const Policy& policy, const Place& place,
          Evaluate evaluate) noexcept
      : profile_(profile),
        shape_(shape),
        view_(buffers.view()),
        policy_(policy),
        place_(place),
        evaluate_(evaluate) {}

  Plan run(nn_scan_params& scan) noexcept {
    look_at_tensor_stores();
    look_at_writes();
    if (!has_output_) return plan_;
    drop_contested_repairs();
    look_at_reads();
    look_at_tensor_loads();
    for (Write& write : writes()) write.flags |= common_flags_;
    merge_outputs();
    emit(scan);
    const uint64_t wanted = (plan_.scanned_bytes + kBytesPerBlock - 1) / kBytesPerBlock;
    plan_.blocks = static_cast<uint32_t>(
        std::clamp<uint64_t>(wanted, 1, std::max(1u, 4 * place_.multiprocessors)));
    return plan_;
  }

 private:
  std::span<Write> writes() noexcept { return {writes_, n_writes_}; }
  Reach reach_of(const Access& access, bool is_read) const noexcept;
  Reach reach_of(const analyze::TensorAccess& access, ElementType& type) const noexcept;
  Write* next_write() noexcept;
  bool may_look_at(const Write& write) noexcept;
  void look_at_tensor_stores() noexcept;
  void look_at_tensor_loads() noexcept;
  void look_at_writes() noexcept;
  void look_at_reads() noexcept;
  void drop_contested_repairs() noexcept;
  void merge_outputs() noexcept;
  void emit(nn_scan_params& scan) noexcept;
  uint8_t repair_flag(const Access& write, const Reach& reach) const noexcept;
  uint8_t intents_of(const Access& write) const noexcept;
  bool has_bad_parameter() const noexcept;
  void add_input(const Region& region, ElementType type, int16_t param_index) noexcept;

  const analyze::KernelProfile& profile_;
  const analyze::LaunchShape& shape_;
  const memory::BufferRegistry::View view_;
  const Policy& policy_;
  const Place place_;
  const Evaluate evaluate_;

  Plan plan_;
  uint8_t common_flags_ = 0;  // for every output
  bool has_output_ = false;
  bool places_known_ = false;  // of every write of the launch
  Write writes_[kMaxWrites];
  uint32_t n_writes_ = 0;
  Input inputs_[NN_MAX_INPUTS];
  uint32_t n_inputs_ = 0;
};

Reach Planner::reach_of(const Access& access, bool is_read) const noexcept {
  Reach reach;
  const uint64_t root = read_root(access, shape_.params);
  const unsigned element = std::max(1u, analyze::size_of(access.type));
  const Extent extent = evaluate_(access, shape_);
  if (root != 0) reach.buffer = view_.find(root);
  if (!extent.may.known) {
    // The root names an allocation. For a write that is no knowledge of where to look.
    if (!reach.buffer) return reach;
    const Buffer& buffer = *reach.buffer;
    reach.anywhere = false;
    reach.region = clip(root - (root - buffer.base) / element * element, buffer.end(), buffer.base,
                        buffer.end(), element);
    reach.empty = reach.region.rows == 0;
    reach.touched = reach.region;
    return reach;
  }
  reach.anywhere = false;
  reach.may_known = true;
  const auto [begin, end] = std::pair(extent.may.begin, extent.may.end);
  if (begin >= end) {
    reach.empty = true;
    return reach;
  }
  reach.touched = Region::of(begin, end);
  if (!reach.buffer || end <= reach.buffer->base || begin >= reach.buffer->end())
    reach.buffer = view_.find(begin);
  if (!reach.buffer) {
    reach.empty =
        root ==
        0;  // an optional argument that was not given: the code that would use it does not run
    return reach;
  }
  const Buffer& buffer = *reach.buffer;
  reach.region = clip(begin, end, buffer.base, buffer.end(), element);
  const analyze::Rows& rows = extent.must;
  if (is_read || !extent.exact || !rows.known || rows.rows == 0 || rows.row_bytes == 0 ||
      rows.row_bytes % element != 0 || (rows.rows > 1 && rows.pitch < rows.row_bytes))
    return reach;
  const Region must = Region::of(rows);
  // Exact means that may is the hull of must. Checked, since a repair rests on it.
  reach.cut = begin < buffer.base || end > buffer.end();
  if (reach.cut || must.base < begin || must.end() > end) return reach;
  reach.exact = true;
  reach.touched = reach.region = must;
  return reach;
}

// NN_REPAIR, NN_F16_WAITS, or 0 where a proof is missing.
uint8_t Planner::repair_flag(const Access& write, const Reach& reach) const noexcept {
  if (!reach.exact || !reach.buffer->repairable()) return 0;
  if (profile_.publishes || !places_known_) return 0;
  if (write.kind == AccessKind::atomic || write.kind == AccessKind::reduction ||
      write.kind == AccessKind::volatile_)
    return 0;
  return write.type != ElementType::f16 || policy_.repair_f16 ? NN_REPAIR : NN_F16_WAITS;
}

uint8_t Planner::intents_of(const Access& write) const noexcept {
  uint8_t flags = 0;
  if (write.immediate_nan) flags |= NN_INTENDED_NAN;
  if (write.immediate_pos_inf) flags |= NN_INTENDED_POS;
  if (write.immediate_neg_inf) flags |= NN_INTENDED_NEG;
  for (const uint16_t offset : write.float_params) {
    switch (class_at(shape_.params, offset, write.float_param_type)) {
      case FloatClass::nan:
        flags |= NN_INTENDED_NAN;
        break;
      case FloatClass::pos_inf:
        flags |= NN_INTENDED_POS;
        break;
      case FloatClass::neg_inf:
        flags |= NN_INTENDED_NEG;
        break;
      case FloatClass::finite:
        break;
    }
  }
  return flags;
}

// All of what the map describes, clipped to the buffer that holds its beginning. Anywhere, if
// nobody knows.
Reach Planner::reach_of(const analyze::TensorAccess& access, ElementType& type) const noexcept {
  Reach reach;
  if (place_.tensor_maps == nullptr ||
      size_t{access.param_offset} + memory::TensorMap::kBytes > shape_.params.size())
    return reach;
  const std::optional<memory::TensorMap> map =
      place_.tensor_maps->find(shape_.params.data() + access.param_offset);
  const std::optional<Region> region = map ? region_of(*map) : std::nullopt;
  if (!region) return reach;
  type = type_of(map->element);
  reach.anywhere = false;
  reach.may_known = true;
  reach.touched = *region;
  reach.buffer = view_.find(region->base);
  if (!reach.buffer) return reach;
  const Buffer& buffer = *reach.buffer;
  reach.region = clip(*region, buffer.base, buffer.end(), std::max(1u, analyze::size_of(type)));
  reach.cut = region->end() > buffer.end();
  return reach;
}

// Null where there is no room: writers that nobody looks at may touch anything, as anything, and no
// proof survives them.
Write* Planner::next_write() noexcept {
  if (n_writes_ < kMaxWrites) return &writes_[n_writes_++];
  Write& last = writes_[kMaxWrites - 1];
  plan_.writes_unknown += last.output ? 2 : 1;
  last = {};
  return nullptr;
}

// Is it a write to look at? If not, it is counted.
bool Planner::may_look_at(const Write& write) noexcept {
  const Reach& reach = write.reach;
  const unsigned element = analyze::size_of(write.type);
  if (reach.may_known && reach.buffer)
    if (const std::optional<Left> why = reason_to_leave(*reach.buffer, place_))
      ++plan_.writes_left[static_cast<size_t>(*why)];
  if (!reach.may_known || !reach.buffer || !is_own_memory(*reach.buffer, place_) ||
      !scannable(write.type) || reach.region.rows == 0 || reach.region.base % element != 0 ||
      reach.region.pitch % element != 0) {
    ++plan_.writes_unknown;
    return false;
  }
  if (reach.cut) ++plan_.writes_unknown;
  return true;
}

void Planner::look_at_tensor_stores() noexcept {
  places_known_ = profile_.complete_writes;
  for (const analyze::TensorAccess& access : profile_.tensor_stores) {
    Write* write = next_write();
    if (write == nullptr) {
      places_known_ = false;
      continue;
    }
    write->reach = reach_of(access, write->type);
    if (write->reach.anywhere) places_known_ = false;
    if (write->reach.may_known) plan_.written_bytes += write->reach.region.bytes();
    if (access.reduction) {
      write->flags |= NN_IN_PLACE;
      common_flags_ |= NN_INPUTS_UNKNOWN;
    }
    if (!may_look_at(*write)) continue;
    write->output = has_output_ = true;
    write->arg = static_cast<uint16_t>(access.param_index);
    write->flags |= NN_MAY_ONLY;
    write->evidence = Evidence::tensor_map;
  }
}

// Only to say what came in: the profile calls the reads of such a kernel incomplete.
void Planner::look_at_tensor_loads() noexcept {
  for (const analyze::TensorAccess& access : profile_.tensor_loads) {
    ElementType type = ElementType::unknown;
    const Reach reach = reach_of(access, type);
    if (!reach.may_known || !reach.buffer || !is_own_memory(*reach.buffer, place_) ||
        !scannable(type) || reach.region.rows == 0)
      continue;
    bool overwritten = false;
    for (Write& write : writes()) {
      if (!may_overlap(write.reach, reach)) continue;
      write.flags |= NN_IN_PLACE;
      overwritten = true;
    }
    if (!overwritten) add_input(reach.region, type, access.param_index);
  }
}

void Planner::look_at_writes() noexcept {
  if (!profile_.complete_writes) ++plan_.writes_unknown;  // by stores without a root
  for (const Access& access : profile_.writes) {
    Write* const room = next_write();
    if (room == nullptr) continue;
    Write& write = *room;
    write.reach = reach_of(access, false);
    write.type = access.type;
    const Reach& reach = write.reach;
    if (reach.empty || write.type == ElementType::integer) continue;
    if (reach.may_known) plan_.written_bytes += reach.region.bytes();
    if (access.kind == AccessKind::atomic || access.kind == AccessKind::reduction) {
      write.flags |= NN_IN_PLACE;  // the old value went into the new one
      common_flags_ |= NN_INPUTS_UNKNOWN;
    }
    if (!may_look_at(write)) continue;
    write.output = true;
    has_output_ = true;
    write.evidence = reach.exact ? Evidence::affine : Evidence::segment;
    write.arg = static_cast<uint16_t>(access.param_index);
    write.flags |= intents_of(access);
    write.flags |= repair_flag(access, reach);
    if (!reach.exact) write.flags |= NN_MAY_ONLY;
  }
}

void Planner::drop_contested_repairs() noexcept {
  for (Write& write : writes())
    for (const Write& other : writes())
      if (other.type != write.type && may_overlap(other.reach, write.reach))
        write.flags &= static_cast<uint8_t>(~(NN_REPAIR | NN_F16_WAITS));
}

// Float parameters passed by value are inputs too.
bool Planner::has_bad_parameter() const noexcept {
  using image::ptx::Type;
  for (const image::ptx::Variable& param : profile_.params) {
    if (!param.dims.empty() || param.vector != 1) continue;
    const ElementType type = param.type == Type::f32    ? ElementType::f32
                             : param.type == Type::f64  ? ElementType::f64
                             : param.type == Type::f16  ? ElementType::f16
                             : param.type == Type::bf16 ? ElementType::bf16
                                                        : ElementType::unknown;
    if (type != ElementType::unknown &&
        class_at(shape_.params, param.offset, type) != FloatClass::finite)
      return true;
  }
  return false;
}

void Planner::look_at_reads() noexcept {
  if (!profile_.complete_reads || !places_known_ || has_bad_parameter())
    common_flags_ |= NN_INPUTS_UNKNOWN;
  for (const Access& read : profile_.reads) {
    if (read.type == ElementType::integer) continue;
    const Reach reach = reach_of(read, true);
    if (reach.empty) continue;
    bool overwritten = false;
    for (Write& write : writes()) {
      if (!may_overlap(write.reach, reach)) continue;
      write.flags |= NN_IN_PLACE;
      overwritten = true;
    }
    const unsigned element = analyze::size_of(read.type);
    if (overwritten || reach.anywhere || !reach.buffer || !is_own_memory(*reach.buffer, place_) ||
        !scannable(read.type) || reach.region.rows == 0 || reach.region.base % element != 0) {
      common_flags_ |= NN_INPUTS_UNKNOWN;
      continue;
    }
    add_input(reach.region, read.type, read.param_index);
  }
}

// Regions of one type on one grid that touch or overlap are looked at once.
void Planner::add_input(const Region& region, ElementType type, int16_t param_index) noexcept {
  const unsigned element = analyze::size_of(type);
  for (uint32_t i = 0; i < n_inputs_; ++i) {
    Input& known = inputs_[i];
    if (known.type != type || known.region.base % element != region.base % element) continue;
    if (region.base > known.region.end() || known.region.base > region.end()) continue;
    known.region = Region::of(std::min(known.region.base, region.base),
                              std::max(known.region.end(), region.end()));
    return;
  }
  if (n_inputs_ == NN_MAX_INPUTS) {
    common_flags_ |= NN_INPUTS_UNKNOWN;
    return;
  }
  inputs_[n_inputs_++] = {region, type, static_cast<uint16_t>(param_index)};
}

// Makes `b` part of `a` if that changes nothing for the device.
bool absorb(Write& a, const Write& b) {
  const unsigned element = analyze::size_of(a.type);
  if (a.type != b.type || a.reach.region.base % element != b.reach.region.base % element)
    return false;
  const auto keeps = [&](uint8_t flag) { return (a.flags & flag) != 0 || (b.flags & flag) == 0; };
  if (contains(a.reach.region, b.reach.region) && keeps(NN_REPAIR) &&
      (a.reach.exact || !b.reach.exact)) {
    // The byte may hold what either store wrote: either's intent counts, and `a` alone proves that
    // it was written.
    a.flags |= b.flags & static_cast<uint8_t>(kIntents | NN_IN_PLACE | NN_INPUTS_UNKNOWN);
    return true;
  }
  return a.flags == b.flags && a.arg == b.arg && a.reach.exact == b.reach.exact &&
         a.reach.buffer->base == b.reach.buffer->base && join(a.reach.region, b.reach.region);
}

void Planner::merge_outputs() noexcept {
  for (bool again = true; again;) {
    again = false;
    for (Write& a : writes())
      for (Write& b : writes())
        if (&a != &b && a.output && b.output && absorb(a, b)) {
          b.output = false;
          again = true;
        }
  }
}

nn_region to_abi(const Region& region, ElementType type, uint8_t flags, uint16_t arg) {
  const unsigned element = analyze::size_of(type);
  return {.base = region.base,
          .rows = region.rows,
          .row_elems = region.row_bytes / element,
          .pitch = region.pitch,
          .type = static_cast<uint8_t>(type),
          .flags = flags,
          .arg = arg,
          .reserved = 0};
}

void Planner::emit(nn_scan_params& scan) noexcept {
  // Those that may be repaired first: they must not fall victim to the limit.
  for (const bool repair : {true, false}) {
    for (const Write& output : writes()) {
      if (!output.output || ((output.flags & NN_REPAIR) != 0) != repair) continue;
      if (plan_.outputs == NN_MAX_OUTPUTS) {
        ++plan_.writes_unknown;
        continue;
      }
      scan.outputs[plan_.outputs++] =
          to_abi(output.reach.region, output.type, output.flags, output.arg);
      plan_.scanned_bytes += output.reach.region.bytes();
      if (repair && (output.flags & kOriginUnknown) == 0)
        plan_.provable_bytes += output.reach.region.bytes();
      ++plan_.by_evidence[static_cast<size_t>(output.evidence)];
    }
  }
  for (uint32_t i = 0; i < n_inputs_; ++i)
    scan.inputs[plan_.inputs++] = to_abi(inputs_[i].region, inputs_[i].type, 0, inputs_[i].arg);
}

}  // namespace

Plan plan_scan(const analyze::KernelProfile& profile, const analyze::LaunchShape& shape,
               const memory::BufferRegistry& buffers, Mode mode, const Policy& policy,
               Decision decision, const Place& place, nn_scan_params& scan,
               Evaluate evaluate) noexcept {
  if (mode == Mode::off || decision.what == Decision::What::skip) return {};
  const Plan plan = Planner(profile, shape, buffers, policy, place, evaluate).run(scan);
  scan.n_outputs = static_cast<nn_u8>(plan.outputs);
  scan.n_inputs = static_cast<nn_u8>(plan.inputs);
  scan.mode = mode == Mode::resolve ? 1 : 0;
  scan.policy_nan = policy.nan;
  scan.policy_pos_inf = policy.pos_inf;
  scan.policy_neg_inf = policy.neg_inf;
  return plan;
}

}  // namespace nonans::resolve
