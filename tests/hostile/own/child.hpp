// SPDX-License-Identifier: MIT
// A piece of work in a forked child, with what it wrote.
//
//   const Child c = in_child([] { std::printf("hello\n"); });
//   c.out == "hello\n"  c.ended == 0
#pragma once

#include <functional>
#include <string>

namespace hostile {

struct Child {
  int ended = -1;  // 128 + signal if a signal ended it; SIGALRM after half a minute
  std::string out, err;
};

// The child leaves by exit(), so that what runs at exit runs.
Child in_child(const std::function<void()>& work);

}  // namespace hostile
