// SPDX-License-Identifier: MIT
// program_attention: attention and its gradients, held against the formula on the host.
//
//   program_attention                                   # the cases below, fp16 and bf16
//   program_attention --queries 200 --keys 200 --width 128 --causal --type bf16 --heads 8
//   program_attention --careless                        # rows that see no key become NaN, as in
//   practice;
//                                                       # tells how many, and exits with 1 if there
//                                                       are none
#include <cmath>

#include "attention.hpp"
#include "reference.hpp"
#include "support/half.hpp"
#include "support/program.hpp"

namespace {

using program::DeviceArray;

struct Case {
  int batch, heads, queries, keys, width;
  bool causal, careless;
  std::vector<int> lengths;  // none: all keys exist
};

template <typename T>
std::vector<T> random_values(program::Random& random, int rows, int width, float size) {
  std::vector<T> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
  for (T& value : values) value = program::narrow<T>(size * random.signed_unit());
  return values;
}

template <typename T>
std::vector<double> part(const std::vector<T>& values, int index, int rows, int width) {
  const auto count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(width);
  const auto* from = values.data() + static_cast<std::size_t>(index) * count;
  std::vector<double> widened(count);
  for (std::size_t i = 0; i < count; ++i) widened[i] = program::widen(from[i]);
  return widened;
}

// The largest error as a share of its bound; infinite where a bound of 0 is missed, or for NaN.
double worst(const std::vector<double>& got, const Bounded& expected) {
  double share = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i] == expected.value[i]) continue;
    const double error = std::fabs(got[i] - expected.value[i]);
    if (!(error <= 1e30) || expected.bound[i] == 0) return INFINITY;
    share = std::fmax(share, error / expected.bound[i]);
  }
  return share;
}

template <typename T>
std::size_t count_nan(const std::vector<T>& values) {
  std::size_t count = 0;
  for (const T value : values) count += std::isnan(program::widen(value)) ? 1 : 0;
  return count;
}

template <typename T>
bool run_case(const char* type, double roundoff, const Case& run) {
  const int heads = run.batch * run.heads, q_rows = heads * run.queries, k_rows = heads * run.keys;
  program::Random random(static_cast<std::uint64_t>(run.queries * 1000 + run.keys + run.width));
  const auto q = random_values<T>(random, q_rows, run.width, 2);
  const auto k = random_values<T>(random, k_rows, run.width, 2);
  const auto v = random_values<T>(random, k_rows, run.width, 1);
  const auto g = random_values<T>(random, q_rows, run.width, 1);
  const DeviceArray<T> device_q(q), device_k(k), device_v(v), device_g(g), out(q.size());
  const DeviceArray<float> lse(static_cast<std::size_t>(q_rows)), products(lse.size()),
      dq(q.size()), dk(k.size()), dv(v.size());
  const DeviceArray<int> lengths(run.lengths);

  cudaStream_t stream = nullptr;
  CHECK_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  const Attention<T> attention{run.batch,
                               run.heads,
                               run.queries,
                               run.keys,
                               run.width,
                               run.causal,
                               run.careless,
                               device_q.data(),
                               device_k.data(),
                               device_v.data(),
                               run.lengths.empty() ? nullptr : lengths.data(),
                               out.data(),
                               lse.data()};
  const Gradients<T> gradients{device_g.data(), dq.data(), dk.data(), dv.data(), products.data()};
  program::Timer timer(stream);
  CHECK_CUDA(forward(attention, stream));
  CHECK_CUDA(backward(attention, gradients, stream));
  const float milliseconds = timer.stop();
  CHECK_CUDA(cudaStreamDestroy(stream));

  const auto host_out = out.to_host();
  const auto host_lse = lse.to_host(), host_dq = dq.to_host(), host_dk = dk.to_host(),
             host_dv = dv.to_host();
  std::printf("%s %d x %d heads, %d queries, %d keys, width %d%s%s:", type, run.batch, run.heads,
              run.queries, run.keys, run.width, run.causal ? ", causal" : "",
              run.lengths.empty() ? "" : ", padded");
  if (run.careless) {
    const std::size_t nan = count_nan(host_out);
    std::printf(" %zu of %zu are NaN\n", nan, host_out.size());
    return nan > 0;
  }

  double shares[5] = {};
  for (int head = 0; head < heads; ++head) {
    const int batch = head / run.heads;
    const Head one{run.queries,
                   run.keys,
                   run.width,
                   run.lengths.empty() ? run.keys : run.lengths[static_cast<std::size_t>(batch)],
                   run.causal,
                   part(q, head, run.queries, run.width),
                   part(k, head, run.keys, run.width),
                   part(v, head, run.keys, run.width),
                   part(g, head, run.queries, run.width)};
    const Expected expected = expect(one, roundoff);
    const double now[5] = {worst(part(host_out, head, run.queries, run.width), expected.out),
                           worst(part(host_lse, head, run.queries, 1), expected.lse),
                           worst(part(host_dq, head, run.queries, run.width), expected.q),
                           worst(part(host_dk, head, run.keys, run.width), expected.k),
                           worst(part(host_dv, head, run.keys, run.width), expected.v)};
    for (int i = 0; i < 5; ++i) shares[i] = std::fmax(shares[i], now[i]);
  }
  bool good = true;
  for (const double share : shares) good &= share <= 1;
  std::printf(" %s %s %s %s %s\n", program::fingerprint(host_out).c_str(),
              program::fingerprint(host_dq).c_str(), program::fingerprint(host_dk).c_str(),
              program::fingerprint(host_dv).c_str(), good ? "ok" : "WRONG");
  std::fprintf(stderr, "  %.1f ms; of the bounds: out %.2g, lse %.2g, dQ %.2g, dK %.2g, dV %.2g\n",
               static_cast<double>(milliseconds), shares[0], shares[1], shares[2], shares[3],
               shares[4]);
  return good;
}

bool run_both(const std::string& type, const Case& run) {
  bool good = true;
  if (type != "bf16") good &= run_case<__half>("half", 0x1p-11, run);
  if (type != "half") good &= run_case<__nv_bfloat16>("bf16", 0x1p-8, run);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  program::Options options(argc, argv);
  const int queries = options.number("--queries", 0), keys = options.number("--keys", 128),
            width = options.number("--width", 64), batch = options.number("--batch", 1),
            heads = options.number("--heads", 2);
  const std::string type = options.text("--type", "both");
  const bool causal = options.flag("--causal"), careless = options.flag("--careless");
  options.finish();
  if (keys < 1 || batch < 1 || heads < 1 || (width != 64 && width != 128)) {
    std::fprintf(stderr, "sizes are at least 1, and --width is 64 or 128\n");
    return 2;
  }

  bool good = true;
  if (queries > 0) {
    good = run_both(type, {batch, heads, queries, keys, width, causal, careless, {}});
  } else if (careless) {
    good &= run_both(type, {3, 2, 64, 96, 64, false, true, {96, 0, 10}});
    good &= run_both(type, {1, 2, 96, 40, 128, true, true, {}});
  } else {
    good &= run_both(type, {1, 2, 64, 64, 64, false, false, {}});
    good &= run_both(type, {1, 2, 100, 100, 64, true, false, {}});
    good &= run_both(type, {1, 2, 70, 130, 128, false, false, {}});
    good &= run_both(type, {1, 1, 128, 128, 128, true, false, {}});
    good &= run_both(type, {3, 2, 64, 96, 64, false, false, {96, 0, 10}});
    good &= run_both(type, {1, 2, 96, 40, 64, true, false, {}});
  }
  std::printf("%s\n", !good      ? "WRONG"
                      : careless ? "rows that see no key are NaN"
                                 : "all within the bound");
  return good ? 0 : 1;
}
