// SPDX-License-Identifier: MIT
// The session: takes CUPTI's place for a subscriber when it may, and tells a receiver what it is
// shown.
//
//   cupti::Session session(receiver, process_slot(), {.use = Use::mapped});
//   session.look();         // a context is new: is there a libcupti, and is the place free?
//   session.code_loaded();  // asks again if there was no libcupti before
//   session.attend();       // takes the place back if the program left it; else one load
//   "CUPTI " + session.words()                                  // "CUPTI on", "CUPTI not loaded",
//   …
//
// Never from a launch hook, and never inside a callback. Safe from any thread; no lock is held, so
// two threads may look for the library at the same time, and one of them attaches. The session and
// its receiver must live as long as the process: callbacks may still run when the place was given
// away.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cupti/receiver.hpp"

namespace nonans::cupti {

class Slot;
struct Library;

enum class Use : uint8_t {
  off,
  mapped,  // only a copy that the program brought
  load,    // or one that the loader finds
};

struct SessionOptions {
  Use use = Use::mapped;
  bool launches = false;
  int (*driver_version)() noexcept = nullptr;  // 13000: which libcupti may be loaded
  // False: the program's own cuptiSubscribe would not pass by us, so the place could not be given
  // up for it, and is not taken.
  bool (*gives_up)() noexcept = nullptr;
  // For tests: where a libcupti comes from, instead of the process.
  std::function<std::optional<Library>(std::string& why)> find;
};

class Session {
 public:
  Session(Receiver& receiver, Slot& slot, SessionOptions options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void look() noexcept;
  void code_loaded() noexcept;
  void attend() noexcept;

  bool attached() const noexcept;
  std::string words() const;

 private:
  const Library* library() noexcept;
  enum class Trouble : uint8_t {
    none,
    not_loaded,  // yet
    unusable,    // for good
    taken,       // somebody else's: asked again when a context is new
    refused,     // for good
  };

  Receiver& receiver_;
  Slot& slot_;
  const SessionOptions options_;
  std::atomic<const Library*> library_{nullptr};  // never freed
  std::atomic<Trouble> trouble_{Trouble::none};
  std::atomic<int> result_{0};                       // CUPTI's, of a refusal
  std::atomic<const std::string*> reason_{nullptr};  // of an unusable library; never freed
};

}  // namespace nonans::cupti
