// SPDX-License-Identifier: MIT
// as_nobody PROGRAM [ARGUMENT…]: as a user without rights, so that a set-user-ID bit counts.
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
  const unsigned nobody = 65534;
  if (argc < 2 || setgid(nobody) != 0 || setuid(nobody) != 0) return 126;
  execv(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
