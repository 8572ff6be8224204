// SPDX-License-Identifier: MIT
// Where events go: a file of JSON lines, and sentences on stderr.
//
//   JsonlSink file(expand_path(default_events_path()), say);        // nothing is opened yet
//   NoticeSink notices(DebugLevel::warn, say);
//
// `say` gets one line without its newline, "nonans: …", and must not throw; the runtime writes it
// to stderr. Used from one thread at a time (the drain sees to it).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "events/drain.hpp"
#include "settings/settings.hpp"

namespace nonans::events {

using Say = std::function<void(std::string_view line)>;

// Appends one line per event. The folders and the file are made at the first event. What cannot be
// written (read-only folder, full disk) is counted; it is said once, and the program goes on.
class JsonlSink final : public Sink {
 public:
  JsonlSink(std::string path, Say say);
  ~JsonlSink() override;
  JsonlSink(const JsonlSink&) = delete;
  JsonlSink& operator=(const JsonlSink&) = delete;

  void on_event(const Event& event) override;
  const std::string& path() const { return path_; }
  uint64_t written() const { return written_; }
  uint64_t lost() const { return lost_; }

 private:
  bool open();
  void fail(std::string_view what, int error);

  std::string path_;
  Say say_;
  int descriptor_ = -1;
  bool gave_up_ = false;  // it could not be opened: not tried again
  bool torn_ = false;     // the last line went in halfway
  bool said_ = false;
  uint64_t written_ = 0, lost_ = 0;
};

// Says what matters while the program runs. warn: each (kernel, argument, value class) once, where
// values were born or changed; info: the same for every event; trace: every event. At most ten
// lines a second and burst, then one line that says how many were held back.
class NoticeSink final : public Sink {
 public:
  NoticeSink(DebugLevel level, Say say);
  void on_event(const Event& event) override;

 private:
  bool worth_saying(const Event& event);

  DebugLevel level_;
  Say say_;
  std::map<std::tuple<std::string, int, int, Resolution>, uint64_t> seen_;
  uint64_t window_start_ns_ = 0;
  uint64_t in_window_ = 0;
  uint64_t held_back_ = 0;
};

}  // namespace nonans::events
