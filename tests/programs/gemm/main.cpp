// SPDX-License-Identifier: MIT
// program_gemm: matrix products on tensor cores, held against the host.
//
//   program_gemm                                      # the shapes below, both types, both tiles
//   program_gemm --m 300 --n 200 --k 100 --type bf16 --tile large --split 4 --bias --repeat 10
//
// The bound. Products of 16-bit factors are exact in fp32, so what is lost is in the sums: each of
// at most k + 3 additions may lose an ulp (tensor cores may truncate), so
//
//   |c - exact| <= (k + 8) * 2^-23 * (|alpha| * sum_k |a||b| + |beta c| + |bias|)
//
// which is checked for every element, against a sum in double.
#include <cmath>
#include <memory>

#include "gemm.hpp"
#include "support/half.hpp"
#include "support/program.hpp"

namespace {

using program::DeviceArray;

struct Case {
  Product product;
  Tile tile;
  int parts, streams, repeat;
  bool bias;
};

template <typename T>
std::vector<T> random_matrix(program::Random& random, int rows, int columns) {
  std::vector<T> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  for (T& value : values) value = program::narrow<T>(random.signed_unit());
  return values;
}

// The largest error as a share of the bound; above 1 is a failure. NaN compares as one too.
template <typename T>
double worst_error(const Case& run, const std::vector<T>& a, const std::vector<T>& b,
                   const std::vector<float>& bias, const std::vector<float>& before,
                   const std::vector<float>& after) {
  const Product& p = run.product;
  const auto m = static_cast<std::size_t>(p.m), n = static_cast<std::size_t>(p.n),
             k = static_cast<std::size_t>(p.k);
  double worst = 0;
  std::vector<double> sums(n), sizes(n);
  for (std::size_t i = 0; i < m; ++i) {
    std::fill(sums.begin(), sums.end(), 0.0);
    std::fill(sizes.begin(), sizes.end(), 0.0);
    for (std::size_t l = 0; l < k; ++l) {
      const double factor = program::widen(a[i * k + l]);
      for (std::size_t j = 0; j < n; ++j) {
        const double term = factor * program::widen(b[l * n + j]);
        sums[j] += term;
        sizes[j] += std::fabs(term);
      }
    }
    for (std::size_t j = 0; j < n; ++j) {
      const double kept = static_cast<double>(p.beta) * static_cast<double>(before[i * n + j]);
      const double shift = run.bias ? static_cast<double>(bias[j]) : 0.0;
      const double exact = static_cast<double>(p.alpha) * sums[j] + kept + shift;
      const double bound =
          (p.k + 8) * 0x1p-23 *
          (std::fabs(static_cast<double>(p.alpha)) * sizes[j] + std::fabs(kept) + std::fabs(shift));
      const double error = std::fabs(static_cast<double>(after[i * n + j]) - exact);
      if (!(error <= bound)) return std::isfinite(error) && bound > 0 ? error / bound : INFINITY;
      if (bound > 0) worst = std::fmax(worst, error / bound);
    }
  }
  return worst;
}

// Several products of the same factors, each on a stream of its own behind one event, and a last
// event for each that the default stream waits for.
template <typename T>
bool run_case(const char* type, const Case& run) {
  const Product& p = run.product;
  program::Random random(static_cast<std::uint64_t>(p.m * 31 + p.n * 7 + p.k));
  const std::vector<T> a = random_matrix<T>(random, p.m, p.k),
                       b = random_matrix<T>(random, p.k, p.n);
  std::vector<float> before(static_cast<std::size_t>(p.m) * static_cast<std::size_t>(p.n)),
      bias(static_cast<std::size_t>(p.n));
  for (float& value : before) value = random.signed_unit();
  for (float& value : bias) value = random.signed_unit();
  const DeviceArray<T> device_a(a), device_b(b);
  const DeviceArray<float> device_bias(bias);

  const auto count = static_cast<std::size_t>(run.streams);
  std::vector<cudaStream_t> streams(count);
  std::vector<cudaEvent_t> done(count);
  std::vector<std::unique_ptr<DeviceArray<float>>> results, workspaces;
  cudaEvent_t start = nullptr;
  CHECK_CUDA(cudaEventCreateWithFlags(&start, cudaEventDisableTiming));
  for (std::size_t s = 0; s < count; ++s) {
    CHECK_CUDA(cudaStreamCreateWithFlags(&streams[s], cudaStreamNonBlocking));
    CHECK_CUDA(cudaEventCreateWithFlags(&done[s], cudaEventDisableTiming));
    results.push_back(std::make_unique<DeviceArray<float>>(before));
    workspaces.push_back(std::make_unique<DeviceArray<float>>(run.parts > 1 ? before.size() : 0));
  }

  program::Timer timer(nullptr);
  CHECK_CUDA(cudaEventRecord(start, nullptr));
  for (std::size_t s = 0; s < count; ++s) {
    CHECK_CUDA(cudaStreamWaitEvent(streams[s], start, 0));
    const float* shift = run.bias ? device_bias.data() : nullptr;
    for (int i = 0; i < run.repeat; ++i) {
      // Every repetition starts from the same C.
      if (i > 0) {
        CHECK_CUDA(cudaMemcpyAsync(results[s]->data(), before.data(), before.size() * sizeof(float),
                                   cudaMemcpyHostToDevice, streams[s]));
      }
      CHECK_CUDA(run.parts > 1 ? multiply_split<T>(p, run.tile, run.parts, device_a.data(),
                                                   device_b.data(), shift, results[s]->data(),
                                                   workspaces[s]->data(), streams[s])
                               : multiply<T>(p, run.tile, device_a.data(), device_b.data(), shift,
                                             results[s]->data(), streams[s]));
    }
    CHECK_CUDA(cudaEventRecord(done[s], streams[s]));
    CHECK_CUDA(cudaStreamWaitEvent(nullptr, done[s], 0));
  }
  const float milliseconds = timer.stop();

  const std::vector<float> first = results[0]->to_host();
  const double worst = worst_error<T>(run, a, b, bias, before, first);
  bool good = worst <= 1;
  for (std::size_t s = 1; s < count; ++s) {
    // Split products add in the order in which blocks end, so only the bound holds for those.
    const std::vector<float> other = results[s]->to_host();
    good &= run.parts > 1 ? worst_error<T>(run, a, b, bias, before, other) <= 1
                          : std::memcmp(first.data(), other.data(), first.size() * 4) == 0;
  }
  for (std::size_t s = 0; s < count; ++s) {
    CHECK_CUDA(cudaEventDestroy(done[s]));
    CHECK_CUDA(cudaStreamDestroy(streams[s]));
  }
  CHECK_CUDA(cudaEventDestroy(start));

  std::printf("%s %dx%dx%d %s split %d streams %d: %s %s\n", type, p.m, p.n, p.k,
              run.tile == Tile::Large ? "large" : "small", run.parts, run.streams,
              run.parts > 1 ? "in bound" : program::fingerprint(first).c_str(),
              good ? "ok" : "WRONG");
  std::fprintf(stderr, "  %.3f ms, largest error %.3g of the bound\n",
               static_cast<double>(milliseconds), worst);
  return good;
}

bool run_both(const std::string& type, const Case& run) {
  bool good = true;
  if (type != "bf16") good &= run_case<__half>("half", run);
  if (type != "half") good &= run_case<__nv_bfloat16>("bf16", run);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  program::Options options(argc, argv);
  const int m = options.number("--m", 0), n = options.number("--n", 256),
            k = options.number("--k", 256), parts = options.number("--split", 1),
            streams = options.number("--streams", 1), repeat = options.number("--repeat", 1);
  const std::string type = options.text("--type", "both"), tile = options.text("--tile", "small");
  const bool bias = options.flag("--bias");
  options.finish();
  if (parts < 1 || streams < 1 || repeat < 1 || n < 1) {
    std::fprintf(stderr, "sizes, parts, streams and repetitions are at least 1\n");
    return 2;
  }

  bool good = true;
  if (m > 0) {
    good = run_both(type, {{m, n, k, 1.0F, 0.0F},
                           tile == "large" ? Tile::Large : Tile::Small,
                           parts,
                           streams,
                           repeat,
                           bias});
  } else {
    good &= run_both(type, {{128, 128, 128, 1, 0}, Tile::Small, 1, 1, 1, false});
    good &= run_both(type, {{256, 128, 192, 0.5F, 2}, Tile::Large, 1, 1, 1, true});
    good &= run_both(type, {{100, 72, 40, 1, 0}, Tile::Large, 1, 1, 1, true});
    good &= run_both(type, {{65, 33, 77, 1.5F, -1}, Tile::Small, 1, 1, 1, true});
    good &= run_both(type, {{129, 131, 65, 1, 0}, Tile::Large, 1, 1, 1, false});
    good &= run_both(type, {{1, 1, 1, 1, 0}, Tile::Small, 1, 1, 1, false});
    good &= run_both(type, {{64, 96, 512, 1, 1}, Tile::Small, 4, 1, 2, true});
    good &= run_both(type, {{128, 128, 256, 1, 0}, Tile::Large, 3, 2, 1, false});
    good &= run_both(type, {{96, 160, 96, 1, 0}, Tile::Small, 1, 4, 2, true});
  }
  std::printf("%s\n", good ? "all products within the bound" : "WRONG");
  return good ? 0 : 1;
}
