// SPDX-License-Identifier: MIT
// A function that two libraries define, as an interposer and the interposed do. NEXT_VALUE tells
// them apart.
__attribute__((visibility("default"))) int next_probe(void) {
  return NEXT_VALUE;
}
