// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "events/quiet_write.hpp"
#include "events/sinks.hpp"

namespace nonans::events {
namespace {

// 0, or the errno of the folder that could not be made.
int make_folders_of(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR) {
      // A parent above may be read-only and yet hold the folder; only what is missing is a failure.
      const int error = errno;
      struct stat status;
      if (stat(folder.c_str(), &status) != 0) return error;
    }
  }
  return 0;
}

}  // namespace

JsonlSink::JsonlSink(std::string path, Say say) : path_(std::move(path)), say_(std::move(say)) {}

JsonlSink::~JsonlSink() {
  if (descriptor_ >= 0) close(descriptor_);
}

void JsonlSink::fail(std::string_view what, int error) {
  ++lost_;
  if (said_) return;
  said_ = true;
  say_("nonans: " + std::string(what) + " " + path_ + ": " + std::strerror(error) +
       "; events that do not fit there are only counted");
}

bool JsonlSink::open() {
  if (descriptor_ >= 0) return true;
  if (gave_up_) {
    ++lost_;
    return false;
  }
  int error = make_folders_of(path_);
  if (!error) {
    // Appending, so that ranks that were given one file do not overwrite each other. Non-blocking,
    // so that a FIFO nobody reads is an error and not a stop; no link is followed in a shared
    // folder such as /tmp.
    descriptor_ = ::open(
        path_.c_str(),
        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0644);
    error = errno;
    // Not one of the first three, should the program have closed them: what it writes there would
    // end up between the events.
    if (descriptor_ >= 0 && descriptor_ <= STDERR_FILENO) {
      const int higher = fcntl(descriptor_, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
      error = errno;
      close(descriptor_);
      descriptor_ = higher;
    }
  }
  if (descriptor_ >= 0) return true;
  gave_up_ = true;
  fail("cannot open", error);
  return false;
}

void JsonlSink::on_event(const Event& event) {
  if (!open()) return;
  std::string line = to_json_line(event);
  if (torn_)
    line.insert(line.begin(), '\n');  // ends what was cut off, so that this line stands alone
  size_t done = 0;
  while (done < line.size()) {
    const iovec rest{line.data() + done, line.size() - done};
    const ssize_t count = write_without_signal(descriptor_, &rest, 1);
    if (count > 0) {
      done += static_cast<size_t>(count);
    } else {
      torn_ = torn_ || done > 0;
      fail("cannot write", count < 0 ? errno : ENOSPC);
      return;
    }
  }
  torn_ = false;
  ++written_;
}

}  // namespace nonans::events
