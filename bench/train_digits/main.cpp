// SPDX-License-Identifier: MIT
// A training program as there are many: reads data, trains with Adam, prints the loss, does not
// look for NaN. It knows nothing of NoNans and is the same binary with and without it.
//
//   train_digits --lr 0.03                    fp16 activations; dies of an overflow
//   train_digits --lr 0.03 --precision f32    the same run in fp32
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <numbers>
#include <optional>
#include <stdexcept>

#include "dataset.hpp"
#include "driver.hpp"
#include "memory.hpp"
#include "network.hpp"
#include "options.hpp"

extern "C" const unsigned char train_digits_ptx_image[];
extern "C" const unsigned char train_digits_fat_image[];

namespace train {
namespace {

constexpr int kTestSamples = 360;
constexpr int kExitNonFinite = 3;

struct Result {
  int steps = 0;
  std::optional<int> first_nonfinite_step;
  float final_loss = 0.0F;
  bool weights_finite = false;
  double accuracy = 0.0;
  bool finite() const { return weights_finite && !first_nonfinite_step; }
};

// The kernels to load: one of those inside, or a file.
class Image {
 public:
  explicit Image(const std::string& name) {
    if (name == "ptx") {
      data_ = train_digits_ptx_image;
    } else if (name == "fatbin") {
      data_ = train_digits_fat_image;
    } else {
      std::ifstream file(name, std::ios::binary);
      if (!file) throw std::runtime_error(name + ": cannot be read");
      bytes_.assign(std::istreambuf_iterator<char>(file), {});
      bytes_.push_back(0);  // PTX text ends with a zero byte
      data_ = bytes_.data();
    }
  }
  const void* data() const { return data_; }

 private:
  std::vector<unsigned char> bytes_;
  const void* data_ = nullptr;
};

// The primary context of device 0, current as long as this lives, and a stream in it.
class Session {
 public:
  explicit Session(const Driver& cuda) : cuda_(cuda) {
    cuda.check(cuda.Init(0), "cuInit");
    cuda.check(cuda.DeviceGet(&device_, 0), "cuDeviceGet");
    CUcontext context = nullptr;
    cuda.check(cuda.PrimaryCtxRetain(&context, device_), "cuDevicePrimaryCtxRetain");
    cuda.check(cuda.CtxSetCurrent(context), "cuCtxSetCurrent");
    cuda.check(cuda.StreamCreate(&stream_, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  }
  ~Session() {
    cuda_.StreamDestroy(stream_);
    cuda_.PrimaryCtxRelease(device_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  CUstream stream() const { return stream_; }
  std::string device_name() const {
    char name[256] = "";
    cuda_.check(cuda_.DeviceGetName(name, sizeof name, device_), "cuDeviceGetName");
    return name;
  }

 private:
  const Driver& cuda_;
  CUdevice device_ = 0;
  CUstream stream_ = nullptr;
};

// A data set on the device. The order of the samples is the host's business.
class DeviceData {
 public:
  DeviceData(const Driver& cuda, Memory& memory, const Network& net, int samples)
      : cuda_(cuda),
        row_bytes_(net.activation_bytes() * kPixels),
        x_(memory.allocate(row_bytes_ * static_cast<size_t>(samples))),
        labels_(memory.allocate(sizeof(int32_t) * static_cast<size_t>(samples))) {}

  void upload(const Dataset& data, const Network& net) {
    std::vector<unsigned char> bytes = net.as_activations(data.x);
    cuda_.check(cuda_.MemcpyHtoD(x_, bytes.data(), bytes.size()), "cuMemcpyHtoD");
    cuda_.check(cuda_.MemcpyHtoD(labels_, data.labels.data(), data.labels.size() * sizeof(int32_t)),
                "cuMemcpyHtoD");
  }
  CUdeviceptr x(int sample) const { return x_ + row_bytes_ * static_cast<size_t>(sample); }
  CUdeviceptr labels(int sample) const {
    return labels_ + sizeof(int32_t) * static_cast<size_t>(sample);
  }

 private:
  const Driver& cuda_;
  size_t row_bytes_;
  CUdeviceptr x_, labels_;
};

// printf gives NaN the sign that happens to stand in it.
std::string text_of(float loss) {
  if (std::isnan(loss)) return "nan";
  char text[32];
  std::snprintf(text, sizeof text, "%g", static_cast<double>(loss));
  return text;
}

float rate_at(const Options& o, int step) {
  double part = static_cast<double>(step - 1) / o.steps;
  return static_cast<float>(o.learning_rate * 0.5 * (1.0 + std::cos(std::numbers::pi * part)));
}

double share_correct(const std::vector<int>& digits, const std::vector<int32_t>& labels) {
  int correct = 0;
  for (size_t i = 0; i < labels.size(); ++i) correct += digits[i] == labels[i] ? 1 : 0;
  return static_cast<double>(correct) / static_cast<double>(labels.size());
}

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

void write_result(const std::string& path, const Result& r) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) throw std::runtime_error(path + ": cannot be written");
  std::string first = r.first_nonfinite_step ? std::to_string(*r.first_nonfinite_step) : "null";
  char loss[32] = "null";
  if (std::isfinite(r.final_loss)) {
    std::snprintf(loss, sizeof loss, "%.6g", static_cast<double>(r.final_loss));
  }
  std::fprintf(file,
               "{\"finite\": %s, \"first_nonfinite_step\": %s, \"final_loss\": %s, "
               "\"accuracy\": %.6f, \"steps\": %d}\n",
               r.finite() ? "true" : "false", first.c_str(), loss, r.accuracy, r.steps);
  if (std::fclose(file) != 0) throw std::runtime_error(path + ": cannot be written");
}

void write_raw(const std::string& path, const std::vector<float>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
  if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
}

Result train(const Options& o, Network& net, DeviceData& on_device, const Dataset& data,
             Random& random) {
  Result result;
  int next = data.samples();
  for (int step = 1; step <= o.steps; ++step) {
    if (next + o.batch > data.samples()) {  // a new epoch, in a new order
      on_device.upload(pick(data, shuffled(data.samples(), random), 0, data.samples()), net);
      next = 0;
    }
    float loss = net.step(on_device.x(next), on_device.labels(next), rate_at(o, step), step);
    next += o.batch;
    result.steps = step;
    result.final_loss = loss;
    bool first_bad = !std::isfinite(loss) && !result.first_nonfinite_step;
    if (first_bad) result.first_nonfinite_step = step;
    if (o.log_every > 0 && (step % o.log_every == 0 || step == 1 || first_bad)) {
      std::printf("step %4d  loss %s\n", step, text_of(loss).c_str());
      std::fflush(stdout);
    }
    if (first_bad && o.stop_on_nan) break;
  }
  return result;
}

int run(const Options& o) {
  Driver cuda;
  Session session(cuda);
  Random random(o.seed);
  auto [training, test] = split(read_digits(o.data), kTestSamples, random);
  if (o.batch > training.samples())
    throw std::runtime_error("--batch exceeds the training samples");

  Image image(o.image);
  Memory memory(cuda, o.pool);
  Network net(cuda, image.data(), session.stream(), memory, o, test.samples());
  DeviceData training_data(cuda, memory, net, training.samples());
  DeviceData test_data(cuda, memory, net, test.samples());
  net.initialise(random);
  test_data.upload(test, net);
  std::printf("device %s, %s activations, learning rate %g, seed %llu\n",
              session.device_name().c_str(), o.precision.c_str(),
              static_cast<double>(o.learning_rate), static_cast<unsigned long long>(o.seed));

  Result result = train(o, net, training_data, training, random);
  result.accuracy = share_correct(net.classify(test_data.x(0), test.samples()), test.labels);
  std::vector<float> weights = net.weights();
  result.weights_finite = all_finite(weights);
  std::printf("test accuracy %.4f after %d steps, final loss %s, weights %s\n", result.accuracy,
              result.steps, text_of(result.final_loss).c_str(),
              result.weights_finite ? "finite" : "NOT finite");
  if (!o.json.empty()) write_result(o.json, result);
  if (!o.save_weights.empty()) write_raw(o.save_weights, weights);
  return o.stop_on_nan && result.first_nonfinite_step ? kExitNonFinite : 0;
}

}  // namespace
}  // namespace train

int main(int argc, char** argv) {
  train::Options options = train::parse_options(argc, argv);
  try {
    return train::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train_digits: %s\n", error.what());
    return 1;
  }
}
