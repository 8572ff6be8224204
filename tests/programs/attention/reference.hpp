// SPDX-License-Identifier: MIT
// Attention of one head on the host, in double, written from the formula: all scores, softmax,
// product; and how far a kernel may be from it that rounds probabilities to 16 bits.
//
// With u the unit roundoff of the 16-bit type and e = 2^-14 for what is lost in fp32 scores and
// ex2:
//
//   out   (u + e) sum_j p_j |v_j|  +  u |out|  +  keys 2^-25 max|v|   (probabilities below fp16's
//                                                                     smallest have an absolute
//                                                                     error)
//
// and for the gradients the same, carried through dS = p (dP - c): see reference.cpp.
#pragma once

#include <vector>

struct Head {
  int queries, keys, width;
  int length;   // keys that exist
  bool causal;  // as in attention.hpp
  std::vector<double> q, k, v, out_gradient;
};

// Each value with the error that is allowed.
struct Bounded {
  std::vector<double> value, bound;
  explicit Bounded(std::size_t count) : value(count), bound(count) {}
};

struct Expected {
  Bounded out, lse, q, k, v;  // lse of a row that sees nothing: -infinity, bound 0
};

Expected expect(const Head& head, double roundoff);
