// SPDX-License-Identifier: MIT
#include "memory/buffer_registry.hpp"

#include <algorithm>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>

#include "memory/buffer_tree.hpp"

namespace nonans::memory {

// Everything only writers touch. Nodes unlinked in epoch E wait in limbo[E & 1] until epoch E+2
// (reader_epochs.hpp).
struct BufferRegistry::Writer {
  std::mutex mutex;
  uint64_t generations = 0;
  tree::Retired limbo[2];
  std::unordered_map<uint64_t, Sharing> shared_homes;  // without those that share nothing
  // There was no memory to note one: from then on any range may be shared.
  bool homes_lost = false;

  void note(uint64_t home, Sharing sharing) noexcept {
    try {
      if (sharing == 0)
        shared_homes.erase(home);
      else
        shared_homes[home] = sharing;
    } catch (const std::bad_alloc&) {
      homes_lost = true;
    }
  }
};

BufferRegistry::BufferRegistry() : writer_(std::make_unique<Writer>()) {}

BufferRegistry::~BufferRegistry() {
  tree::destroy_all(root_.load(std::memory_order_relaxed));
  for (tree::Retired& nodes : writer_->limbo)
    for (const tree::Node* node : nodes) tree::destroy(node);
}

// Called with the lock held. Never throws: if there is no memory to remember what to free, it is
// leaked.
void BufferRegistry::publish(const tree::Node* next, tree::Retired&& retired) noexcept {
  root_.store(next, std::memory_order_seq_cst);
  tree::Retired& limbo = writer_->limbo[epochs_.current() & 1];
  try {
    if (limbo.empty())
      limbo = std::move(retired);
    else
      limbo.insert(limbo.end(), retired.begin(), retired.end());
  } catch (const std::bad_alloc&) {
  }
  if (!epochs_.try_advance()) return;
  // Now in epoch E+2 seen from what is left in the list of this parity.
  tree::Retired& free_now = writer_->limbo[epochs_.current() & 1];
  for (const tree::Node* node : free_now) tree::destroy(node);
  free_now.clear();
}

void BufferRegistry::forget_everything() noexcept {
  tree::Retired all;
  try {
    tree::retire_all(root_.load(std::memory_order_relaxed), all);
  } catch (const std::bad_alloc&) {
    all.clear();  // leaked
  }
  size_.store(0, std::memory_order_relaxed);
  bytes_.store(0, std::memory_order_relaxed);
  publish(nullptr, std::move(all));
  losses_.fetch_add(1, std::memory_order_release);
}

// The tree on its way from one root to the next. Readers see the old one until it is published.
class BufferRegistry::Edit {
 public:
  Edit(const tree::Node* from, size_t count, uint64_t bytes)
      : root(from), count(count), bytes(bytes) {}

  void erase(const Buffer& gone) {
    root = tree::erase(root, gone.base, retired);
    --count;
    bytes -= gone.size;
    changed = lost = true;
  }
  void insert(const Buffer& buffer) {
    root = tree::insert(root, buffer, retired);
    ++count;
    bytes += buffer.size;
    changed = true;
  }
  void replace(const Buffer& buffer) {
    root = tree::replace(root, buffer, retired);
    changed = lost = true;
  }
  // The first range with a byte in [begin, end).
  bool first_in(uint64_t begin, uint64_t end, Buffer& out) const noexcept {
    if (tree::at_or_below(root, begin, out) && out.end() > begin) return true;
    return tree::above(root, begin, out) && out.base < end;
  }
  bool exactly_at(uint64_t base, Buffer& out) const noexcept {
    return tree::at_or_below(root, base, out) && out.base == base;
  }
  void drop(uint64_t begin, uint64_t end) {
    for (Buffer other; first_in(begin, end, other);) erase(other);
  }
  // What lies outside of [begin, end) stays.
  void cut(uint64_t begin, uint64_t end, std::vector<Buffer>* pieces) {
    for (Buffer whole; first_in(begin, end, whole);) {
      erase(whole);
      const auto part = [&](uint64_t from, uint64_t to) {
        Buffer piece = whole;
        piece.base = from;
        piece.size = to - from;
        return piece;
      };
      if (whole.base < begin) insert(part(whole.base, begin));
      if (whole.end() > end) insert(part(end, whole.end()));
      if (pieces) pieces->push_back(part(std::max(whole.base, begin), std::min(whole.end(), end)));
    }
  }

  template <typename Change>
  void rebuild(Change change);

  const tree::Node* root;
  size_t count;
  uint64_t bytes;
  tree::Retired retired;
  bool changed = false;
  bool lost = false;  // more than that something was added
};

template <typename Change>
void BufferRegistry::edit(Change change) noexcept {
  const std::lock_guard lock(writer_->mutex);
  Edit next(root_.load(std::memory_order_relaxed), size_.load(std::memory_order_relaxed),
            bytes_.load(std::memory_order_relaxed));
  try {
    change(next);
  } catch (const std::bad_alloc&) {
    // Half of a change: none of what is known here can be trusted.
    forget_everything();
    return;
  }
  if (!next.changed) return;
  size_.store(next.count, std::memory_order_relaxed);
  bytes_.store(next.bytes, std::memory_order_relaxed);
  publish(next.root, std::move(next.retired));
  if (next.lost) losses_.fetch_add(1, std::memory_order_release);
}

// The tree anew: `change` alters a Buffer and says whether it stays. For changes to many ranges at
// once.
template <typename Change>
void BufferRegistry::Edit::rebuild(Change change) {
  std::vector<Buffer> all, kept;
  tree::collect(root, all);
  uint64_t total = 0;
  bool same = true;
  for (Buffer& buffer : all) {
    const Buffer before = buffer;
    if (!change(buffer)) continue;
    same = same && buffer.owner == before.owner && buffer.sharing == before.sharing &&
           buffer.owner_sharing == before.owner_sharing;
    kept.push_back(buffer);
    total += buffer.size;
  }
  if (same && kept.size() == all.size()) return;
  tree::retire_all(root, retired);
  root = tree::build(kept);
  count = kept.size();
  bytes = total;
  changed = lost = true;
}

Sharing BufferRegistry::sharing_of(uint64_t home) const {
  if (writer_->homes_lost) return kPeers;
  const auto found = writer_->shared_homes.find(home);
  return home == 0 || found == writer_->shared_homes.end() ? Sharing{0} : found->second;
}

namespace {

bool is_range(const Buffer& buffer) {
  return buffer.size != 0 && buffer.base + buffer.size > buffer.base;
}

// Two neighbours that a launch need not tell apart.
bool alike(const Buffer& a, const Buffer& b) {
  return a.kind == b.kind && a.device == b.device && a.context == b.context && a.owner == b.owner &&
         a.sharing == b.sharing && a.owner_sharing == b.owner_sharing;
}

}  // namespace

void BufferRegistry::add(Buffer buffer) {
  if (!is_range(buffer)) return;
  edit([&](Edit& next) {
    buffer.generation = ++writer_->generations;
    buffer.owner_sharing = sharing_of(buffer.home());
    next.drop(buffer.base, buffer.end());
    next.insert(buffer);
  });
}

void BufferRegistry::put_back(const Buffer& buffer) {
  if (!is_range(buffer)) return;
  edit([&](Edit& next) {
    Buffer again = buffer;
    again.owner_sharing |= sharing_of(buffer.home());
    next.drop(buffer.base, buffer.end());
    next.insert(again);
  });
}

std::optional<Buffer> BufferRegistry::take(uint64_t base) {
  std::optional<Buffer> taken;
  edit([&](Edit& next) {
    Buffer gone;
    if (!next.exactly_at(base, gone)) return;
    taken = gone;
    next.erase(gone);
  });
  return taken;
}

bool BufferRegistry::remove(uint64_t base) {
  return take(base).has_value();
}

void BufferRegistry::map(Buffer buffer) {
  if (!is_range(buffer)) return;
  edit([&](Edit& next) {
    buffer.generation = ++writer_->generations;
    buffer.owner_sharing = sharing_of(buffer.home());
    next.cut(buffer.base, buffer.end(), nullptr);
    Buffer other;
    if (buffer.base != 0 && tree::at_or_below(next.root, buffer.base - 1, other) &&
        other.end() == buffer.base && alike(other, buffer)) {
      next.erase(other);
      buffer.base = other.base;
      buffer.size += other.size;
    }
    if (next.exactly_at(buffer.end(), other) && alike(other, buffer)) {
      next.erase(other);
      buffer.size += other.size;
    }
    next.insert(buffer);
  });
}

std::vector<Buffer> BufferRegistry::unmap(uint64_t begin, uint64_t end) {
  std::vector<Buffer> pieces;
  if (begin < end) edit([&](Edit& next) { next.cut(begin, end, &pieces); });
  return pieces;
}

void BufferRegistry::share(uint64_t begin, uint64_t end, Sharing set) {
  edit([&](Edit& next) {
    for (Buffer buffer; begin < end && next.first_in(begin, end, buffer); begin = buffer.end()) {
      if ((buffer.sharing & set) == set) continue;
      buffer.sharing |= set;
      next.replace(buffer);
    }
  });
}

void BufferRegistry::share_home(uint64_t home, Sharing sharing) {
  if (home == 0) return;
  edit([&](Edit& next) {
    writer_->note(home, sharing);
    next.rebuild([&](Buffer& buffer) {
      if (buffer.home() == home) buffer.owner_sharing = sharing;
      return true;
    });
  });
}

Sharing BufferRegistry::sharing_of_home(uint64_t home) const {
  const std::lock_guard lock(writer_->mutex);
  return sharing_of(home);
}

void BufferRegistry::forget_home(uint64_t home) {
  const std::lock_guard lock(writer_->mutex);
  writer_->note(home, 0);
}

void BufferRegistry::remove_context(uint64_t context) {
  edit([&](Edit& next) {
    writer_->note(context, 0);
    next.rebuild([&](const Buffer& buffer) { return buffer.context != context; });
  });
}

void BufferRegistry::clear() {
  const std::lock_guard lock(writer_->mutex);
  forget_everything();
}

std::optional<Buffer> BufferRegistry::View::find(uint64_t address) const noexcept {
  Buffer found;
  if (!tree::at_or_below(root_, address, found) || address >= found.end()) return std::nullopt;
  return found;
}

std::optional<Buffer> BufferRegistry::find(uint64_t address) const {
  return view().find(address);
}

uint64_t BufferRegistry::losses() const noexcept {
  return losses_.load(std::memory_order_acquire);
}

size_t BufferRegistry::size() const {
  return size_.load(std::memory_order_relaxed);
}

uint64_t BufferRegistry::bytes() const {
  return bytes_.load(std::memory_order_relaxed);
}

size_t BufferRegistry::memory() const {
  const std::lock_guard lock(writer_->mutex);
  return tree::bytes_of(root_.load(std::memory_order_relaxed));
}

}  // namespace nonans::memory
