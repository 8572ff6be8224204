// SPDX-License-Identifier: MIT
// Between driver_ipc.cpp and the second process (driver_peer.cpp): one request, one answer, over a
// socket, with a descriptor where the request is about one.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace peer {

enum class Ask : uint32_t {
  open_memory,     // data: the handle; a: flags          → pointer
  close_memory,    // a: pointer
  read,            // a: pointer                          → the word there
  fill,            // a: pointer, b: value                   a kernel of one block writes 4 words
  open_event,      // data: the handle                    → event
  record_event,    // a: event
  wait_event,      // a: event                               the peer's stream waits
  query_event,     // a: event
  wait_for_event,  // a: event                               cuEventSynchronize
  query_stream,    //                                        the peer's stream
  wait_for_stream,
  wait_for_word,   // a: pointer, b: value                   the peer's stream waits
  import_memory,   // descriptor; a: size                 → pointer, open to the device
  import_pool,     // descriptor                          → pool
  import_pointer,  // data: the export data; a: pool      → pointer
  allocate,        // a: pool                             → pointer
  free,            // a: pointer                             cuMemFree
  free_async,      // a: pointer
  second_context,  // makes another context current
  leave
};

struct Request {
  Ask ask = Ask::leave;
  uint64_t a = 0, b = 0;
  unsigned char data[64] = {};
};
struct Answer {
  int result = 0;
  uint64_t value = 0;
};

inline bool send(int socket, const Request& request, int descriptor = -1) {
  Request copy = request;
  iovec part{&copy, sizeof copy};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(c), &descriptor, sizeof descriptor);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) == sizeof copy;
}

inline bool receive(int socket, Request& request, int& descriptor) {
  iovec part{&request, sizeof request};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  descriptor = -1;
  if (recvmsg(socket, &message, MSG_WAITALL) != sizeof request) return false;
  if (const cmsghdr* const c = CMSG_FIRSTHDR(&message))
    std::memcpy(&descriptor, CMSG_DATA(c), sizeof descriptor);
  return true;
}

}  // namespace peer
