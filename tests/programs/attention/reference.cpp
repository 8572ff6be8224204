// SPDX-License-Identifier: MIT
#include "reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace {

constexpr double kFloatLoss = 0x1p-14, kTiny = 0x1p-25;

std::size_t at(int row, int width, int column) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
         static_cast<std::size_t>(column);
}

double dot(const std::vector<double>& x, int i, const std::vector<double>& y, int j, int width,
           bool absolute) {
  double sum = 0;
  for (int d = 0; d < width; ++d) {
    const double term = x[at(i, width, d)] * y[at(j, width, d)];
    sum += absolute ? std::fabs(term) : term;
  }
  return sum;
}

// The probabilities of one row; all 0 when it sees nothing. Returns its lse.
double softmax(const Head& head, int query, double scale, std::vector<double>& p) {
  const double none = -std::numeric_limits<double>::infinity();
  double top = none, sum = 0;
  for (int j = 0; j < head.keys; ++j) {
    const bool seen = j < head.length && (!head.causal || j <= query + head.keys - head.queries);
    p[static_cast<std::size_t>(j)] =
        seen ? scale * dot(head.q, query, head.k, j, head.width, false) : none;
    top = std::max(top, p[static_cast<std::size_t>(j)]);
  }
  for (double& score : p) {
    score = std::isinf(score) ? 0 : std::exp(score - top);
    sum += score;
  }
  if (sum == 0) return none;
  for (double& score : p) score /= sum;
  return top + std::log(sum);
}

}  // namespace

Expected expect(const Head& head, double u) {
  const int width = head.width;
  const auto elements = [&](int rows) { return at(rows, width, 0); };
  Expected e{Bounded(elements(head.queries)), Bounded(static_cast<std::size_t>(head.queries)),
             Bounded(elements(head.queries)), Bounded(elements(head.keys)),
             Bounded(elements(head.keys))};
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  double largest = 0;
  for (const double v : head.v) largest = std::max(largest, std::fabs(v));
  for (const double g : head.out_gradient) largest = std::max(largest, std::fabs(g));

  std::vector<double> p(static_cast<std::size_t>(head.keys));
  for (int i = 0; i < head.queries; ++i) {
    const double lse = softmax(head, i, scale, p);
    const auto row = static_cast<std::size_t>(i);
    e.lse.value[row] = lse;
    e.lse.bound[row] = std::isinf(lse) ? 0 : kFloatLoss * (1 + std::fabs(lse));
    // out, and c of the row with what rounding out to 16 bits loses of it.
    double c = 0, c_loss = 0;
    for (int d = 0; d < width; ++d) {
      double sum = 0, size = 0;
      for (int j = 0; j < head.keys; ++j) {
        const double term = p[static_cast<std::size_t>(j)] * head.v[at(j, width, d)];
        sum += term;
        size += std::fabs(term);
      }
      const double bound =
          (u + kFloatLoss) * size + u * std::fabs(sum) + head.keys * kTiny * largest;
      e.out.value[at(i, width, d)] = sum;
      e.out.bound[at(i, width, d)] = std::isinf(lse) ? 0 : bound;
      const double g = head.out_gradient[at(i, width, d)];
      c += g * sum;
      c_loss += std::fabs(g) * (bound + kFloatLoss * std::fabs(sum));
    }
    for (int j = 0; j < head.keys; ++j) {
      const double pj = p[static_cast<std::size_t>(j)];
      if (pj == 0) continue;
      const double dp = dot(head.out_gradient, i, head.v, j, width, false);
      const double dp_size = dot(head.out_gradient, i, head.v, j, width, true);
      const double ds = pj * (dp - c);
      const double p_loss = (u + kFloatLoss) * pj + kTiny;
      const double ds_loss = (u + kFloatLoss) * std::fabs(ds) +
                             pj * (c_loss + kFloatLoss * (dp_size + std::fabs(c))) + kTiny;
      for (int d = 0; d < width; ++d) {
        const std::size_t qi = at(i, width, d), kj = at(j, width, d);
        e.q.value[qi] += scale * ds * head.k[kj];
        e.q.bound[qi] += scale * ds_loss * std::fabs(head.k[kj]);
        e.k.value[kj] += scale * ds * head.q[qi];
        e.k.bound[kj] += scale * ds_loss * std::fabs(head.q[qi]);
        e.v.value[kj] += pj * head.out_gradient[qi];
        e.v.bound[kj] += p_loss * std::fabs(head.out_gradient[qi]);
      }
    }
  }
  return e;
}
