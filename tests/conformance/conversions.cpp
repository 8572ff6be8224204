// SPDX-License-Identifier: MIT
// Checks conversions among fp16, bf16, e4m3, e5m2, tf32, fp32, fp64 and integers over all values of
// 16-bit and over 2^24 values of wider sources, against conversion_reference.hpp.
//
//   conformance_conversions [REGEX] [--driver LIBCUDA] [--bits N]
//
// REGEX chooses forms by their spelling; empty or absent: all. A kernel makes its inputs from the
// thread index and applies up to 16 forms, so that nothing is uploaded; results come back in pieces
// of 2^16 threads. Prints the first wrong value of each wrong form. --bits lowers 2^24 for a quick
// look. Exit status 1 if anything was wrong, 2 if it could not run.
#include <algorithm>
#include <atomic>
#include <regex>
#include <thread>
#include <vector>

#include "conversion_forms.hpp"
#include "driver.hpp"

namespace {

using namespace conformance;

constexpr size_t kFormsPerKernel = 16;
constexpr uint32_t kThreads = 1U << 16;
constexpr unsigned kBlock = 256;

struct Options {
  std::string only, driver = NONANS_CONFORMANCE_DRIVER;
  unsigned bits = 24;
};

bool parse(int argc, char** argv, Options& options) {
  bool seen = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--driver" && i + 1 < argc) {
      options.driver = argv[++i];
    } else if (word == "--bits" && i + 1 < argc) {
      options.bits = static_cast<unsigned>(std::atoi(argv[++i]));
    } else if (!seen && !word.starts_with("--")) {
      options.only = word;
      seen = true;
    } else {
      return false;
    }
  }
  return options.bits >= 10 && options.bits <= 24;
}

struct Batch {
  Source source{};
  unsigned bits = 0;
  std::vector<ConversionForm> forms;
  CUfunction kernel = nullptr;
};

struct Failure {
  uint64_t wrong = 0;  // values
  uint64_t a = 0, b = 0, got = 0;
};

template <class T>
uint64_t load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
uint64_t load(const std::byte* at, unsigned bits) {
  switch (bits) {
    case 8:
      return load<uint8_t>(at);
    case 16:
      return load<uint16_t>(at);
    case 32:
      return load<uint32_t>(at);
    default:
      return load<uint64_t>(at);
  }
}

// Whether the whole result of one thread is right.
bool right(const ConversionForm& form, const Input& input, uint64_t got) {
  const Conversion& c = form.element;
  if (form.shape == Shape::one) {
    return agrees(c, input.a, c.to == Kind::tf32 ? got >> 13 : got);
  }
  const unsigned bits = bits_of(c.to);
  uint64_t upper = input.a, lower = input.b;
  if (form.shape == Shape::from_pair) {
    lower = input.a;
    upper = input.a >> bits_of(c.from);
  }
  return agrees(c, upper, got >> bits) && agrees(c, lower, got & ((uint64_t{1} << bits) - 1));
}

// A result that is right, for messages.
uint64_t wanted(const ConversionForm& form, const Input& input) {
  const Conversion& c = form.element;
  if (form.shape == Shape::one) {
    return expected(c, input.a).bits << (c.to == Kind::tf32 ? 13 : 0);
  }
  const bool two = form.shape == Shape::from_two;
  const uint64_t upper = two ? input.a : input.a >> bits_of(c.from),
                 lower = two ? input.b : input.a;
  return expected(c, upper).bits << bits_of(c.to) | expected(c, lower).bits;
}

class Check {
 public:
  explicit Check(const Options& options) : cu_(options.driver), bits_(options.bits) {
    CUdevice device = 0;
    CUcontext context = nullptr;
    must(cu_.init(0), "cuInit");
    must(cu_.device_get(&device, 0), "cuDeviceGet");
    must(cu_.retain(&context, device), "cuDevicePrimaryCtxRetain");
    must(cu_.set_current(context), "cuCtxSetCurrent");
    must(cu_.alloc(&out_, kFormsPerKernel * kThreads * 8), "cuMemAlloc");
    results_.resize(kFormsPerKernel * kThreads * 8);
    inputs_.resize(kThreads);
  }

  // Adds to the totals; prints what is wrong.
  void run(Source source, const std::vector<ConversionForm>& forms) {
    const unsigned bits = index_bits(source, bits_);
    const uint32_t all = 1U << bits, threads = std::min(all, kThreads);
    std::vector<Batch> batches;
    for (size_t at = 0; at < forms.size(); at += kFormsPerKernel) {
      Batch batch{source, bits, {}, nullptr};
      const auto first = forms.begin() + static_cast<std::ptrdiff_t>(at);
      batch.forms.assign(
          first, first + static_cast<std::ptrdiff_t>(std::min(kFormsPerKernel, forms.size() - at)));
      if (load_kernel(batch)) batches.push_back(std::move(batch));
    }
    std::vector<std::vector<Failure>> failures;
    for (const Batch& batch : batches) failures.emplace_back(batch.forms.size());
    for (uint32_t base = 0; base < all; base += threads) {
      parallel(threads / kBlock, [&](size_t block) {
        for (uint32_t i = 0; i < kBlock; ++i) {
          const auto t = static_cast<uint32_t>(block) * kBlock + i;
          inputs_[t] = input_of(source, base + t, bits);
        }
      });
      for (size_t i = 0; i < batches.size(); ++i) piece(batches[i], base, threads, failures[i]);
    }
    for (size_t i = 0; i < batches.size(); ++i) report(batches[i], failures[i], all);
  }

  size_t forms = 0;
  uint64_t values = 0, wrong = 0;

 private:
  void must(CUresult code, const char* what) {
    if (code == CUDA_SUCCESS) return;
    std::fprintf(stderr, "%s: %s\n", what, cu_.name(code).c_str());
    std::exit(2);
  }

  // A module with all forms; if one of them is unknown, each of the others alone in the batch.
  bool load_kernel(Batch& batch) {
    CUmodule module = nullptr;
    const auto loads = [&](std::span<const ConversionForm> some) {
      return cu_.load(&module, kernel_of(batch.source, some, batch.bits, kThreads).c_str()) ==
             CUDA_SUCCESS;
    };
    if (!loads(batch.forms)) {
      std::vector<ConversionForm> known;
      for (const ConversionForm& form : batch.forms) {
        if (loads({&form, 1})) {
          known.push_back(form);
          continue;
        }
        std::printf("%s: the driver does not load it\n", form.spelling.c_str());
        ++forms;
        ++wrong;
      }
      batch.forms = known;
      if (known.empty() || !loads(batch.forms)) return false;
    }
    must(cu_.function(&batch.kernel, module, "k"), "cuModuleGetFunction");
    return true;
  }

  void piece(const Batch& batch, uint32_t base, uint32_t threads, std::vector<Failure>& failures) {
    void* arguments[] = {&out_, &base};
    must(cu_.launch(batch.kernel, threads / kBlock, 1, 1, kBlock, 1, 1, 0, nullptr, arguments,
                    nullptr),
         "cuLaunchKernel");
    must(cu_.synchronize(), "cuCtxSynchronize");
    must(cu_.download(results_.data(), out_, batch.forms.size() * kThreads * 8), "cuMemcpyDtoH");
    parallel(batch.forms.size(), [&](size_t n) {
      const ConversionForm& form = batch.forms[n];
      const std::byte* const from = results_.data() + n * kThreads * 8;
      Failure& failure = failures[n];
      for (uint32_t t = 0; t < threads; ++t) {
        const uint64_t got = load(from + t * (form.result_bits / 8), form.result_bits);
        if (right(form, inputs_[t], got)) continue;
        if (failure.wrong++ == 0) failure = {1, inputs_[t].a, inputs_[t].b, got};
      }
    });
  }

  void report(const Batch& batch, const std::vector<Failure>& failures, uint64_t count) {
    for (size_t n = 0; n < failures.size(); ++n) {
      const ConversionForm& form = batch.forms[n];
      ++forms;
      values += count * (form.shape == Shape::one ? 1 : 2);
      if (failures[n].wrong == 0) continue;
      ++wrong;
      const Failure& f = failures[n];
      const unsigned width =
          bits_of(form.element.from) * (form.shape == Shape::from_pair ? 2U : 1U);
      const uint64_t a = f.a & (~uint64_t{0} >> (64 - width));
      std::printf("%s: %llu wrong; first a = %#llx, b = %#llx: got %#llx, expected %#llx\n",
                  form.spelling.c_str(), static_cast<unsigned long long>(f.wrong),
                  static_cast<unsigned long long>(a), static_cast<unsigned long long>(f.b),
                  static_cast<unsigned long long>(f.got),
                  static_cast<unsigned long long>(wanted(form, {f.a, f.b})));
    }
  }

  // do_one(0) … do_one(count - 1) on all cores.
  template <class F>
  static void parallel(size_t count, const F& do_one) {
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      for (size_t i = next++; i < count; i = next++) do_one(i);
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) others.emplace_back(work);
    work();
  }

  Driver cu_;
  unsigned bits_;
  CUdeviceptr out_ = 0;
  std::vector<std::byte> results_;
  std::vector<Input> inputs_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr, "usage: %s [REGEX] [--driver LIBCUDA] [--bits 10..24]\n", argv[0]);
    return 2;
  }
  const std::regex only(options.only);
  Check check(options);
  const std::vector<ConversionForm> all = conversion_forms();
  for (const Source source : kSources) {
    std::vector<ConversionForm> forms;
    for (const ConversionForm& form : all) {
      if (form.source == source && std::regex_search(form.spelling, only)) forms.push_back(form);
    }
    if (!forms.empty()) check.run(source, forms);
  }
  std::printf("conversions: %zu forms, %llu values, %llu wrong\n", check.forms,
              static_cast<unsigned long long>(check.values),
              static_cast<unsigned long long>(check.wrong));
  return check.wrong == 0 ? 0 : 1;
}
