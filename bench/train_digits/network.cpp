// SPDX-License-Identifier: MIT
#include "network.hpp"

#include <cuda_fp16.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace train {
namespace {

// The logits are brought back to the scale of the classes here, once, because nothing before does.
constexpr float kLogitScale = 1.0F / 1024.0F;
constexpr float kBeta1 = 0.9F, kBeta2 = 0.999F, kEpsilon = 1e-8F;
constexpr unsigned kBlock1d = 128, kBlock2d = 16;

unsigned blocks(int count, unsigned size) {
  return (static_cast<unsigned>(count) + size - 1) / size;
}
size_t floats(int count) {
  return static_cast<size_t>(count) * sizeof(float);
}

}  // namespace

Network::Network(const Driver& cuda, const void* image, CUstream stream, Memory& memory,
                 const Options& options, int max_samples)
    : cuda_(cuda), stream_(stream), half_(options.precision == "f16"), batch_(options.batch) {
  cuda.check(cuda.ModuleLoadData(&module_, image), "cuModuleLoadData");
  std::string suffix = half_ ? "_f16" : "_f32";
  hidden_ = function("gemm_bias_relu" + suffix);
  logits_ = function("gemm_bias_logits" + suffix);
  weight_grad_ = function("gemm_weight_grad" + suffix);
  relu_grad_ = function("gemm_relu_grad" + suffix);
  loss_ = function("softmax_cross_entropy");
  loss_grad_ = function("softmax_cross_entropy_grad");
  bias_grad_ = function("bias_grad");
  adam_ = function("adam");

  int rows = std::max(batch_, max_samples);
  for (int i = 0; i < kLayers; ++i) {
    Layer& layer = layers_[i];
    layer.inputs = kWidths[i];
    layer.outputs = kWidths[i + 1];
    layer.w = parameter(memory, layer.inputs * layer.outputs);
    layer.b = parameter(memory, layer.outputs);
    size_t element = i + 1 < kLayers ? activation_bytes() : sizeof(float);
    layer.y = memory.allocate(static_cast<size_t>(rows * layer.outputs) * element);
    layer.gy = memory.allocate(floats(batch_ * layer.outputs));
  }
  losses_ = memory.allocate(floats(batch_));
}

Network::~Network() {
  cuda_.ModuleUnload(module_);
}

CUfunction Network::function(const std::string& name) const {
  CUfunction found = nullptr;
  cuda_.check(cuda_.ModuleGetFunction(&found, module_, name.c_str()), name.c_str());
  return found;
}

Network::Parameter Network::parameter(Memory& memory, int count) const {
  Parameter p;
  p.count = count;
  for (CUdeviceptr* address : {&p.value, &p.grad, &p.m, &p.v}) {
    *address = memory.allocate(floats(count));
  }
  return p;
}

// Uniform weights with the variance 2 / inputs (He et al. 2015), zero biases.
void Network::initialise(Random& random) {
  for (Layer& layer : layers_) {
    float bound = std::sqrt(6.0F / static_cast<float>(layer.inputs));
    std::vector<float> values(static_cast<size_t>(layer.w.count));
    for (float& value : values) value = random.uniform(-bound, bound);
    cuda_.check(cuda_.MemcpyHtoD(layer.w.value, values.data(), floats(layer.w.count)),
                "cuMemcpyHtoD");
  }
}

template <typename... Arguments>
void Network::launch_1d(CUfunction kernel, int count, Arguments... arguments) {
  void* addresses[] = {&arguments...};
  cuda_.check(cuda_.LaunchKernel(kernel, blocks(count, kBlock1d), 1, 1, kBlock1d, 1, 1, 0, stream_,
                                 addresses, nullptr),
              "cuLaunchKernel");
}

template <typename... Arguments>
void Network::launch_2d(CUfunction kernel, int rows, int cols, Arguments... arguments) {
  void* addresses[] = {&arguments...};
  cuda_.check(cuda_.LaunchKernel(kernel, blocks(cols, kBlock2d), blocks(rows, kBlock2d), 1,
                                 kBlock2d, kBlock2d, 1, 0, stream_, addresses, nullptr),
              "cuLaunchKernel");
}

void Network::forward(CUdeviceptr x, int samples) {
  for (int i = 0; i < kLayers; ++i) {
    Layer& layer = layers_[i];
    launch_2d(i + 1 < kLayers ? hidden_ : logits_, samples, layer.outputs, x, layer.w.value,
              layer.b.value, layer.y, samples, layer.outputs, layer.inputs);
    x = layer.y;
  }
}

void Network::backward(CUdeviceptr x, CUdeviceptr labels) {
  Layer& last = layers_[kLayers - 1];
  launch_2d(loss_grad_, batch_, last.outputs, last.y, labels, last.gy, batch_, last.outputs,
            kLogitScale);
  for (int i = kLayers - 1; i >= 0; --i) {
    Layer& layer = layers_[i];
    CUdeviceptr input = i > 0 ? layers_[i - 1].y : x;
    launch_2d(weight_grad_, layer.inputs, layer.outputs, input, layer.gy, layer.w.grad, batch_,
              layer.outputs, layer.inputs);
    launch_1d(bias_grad_, layer.outputs, layer.gy, layer.b.grad, batch_, layer.outputs);
    if (i > 0) {
      launch_2d(relu_grad_, batch_, layer.inputs, layer.gy, layer.w.value, input, layers_[i - 1].gy,
                batch_, layer.outputs, layer.inputs);
    }
  }
}

void Network::update(Parameter& p, float rate, int t) {
  float rate1 = static_cast<float>(rate / (1.0 - std::pow(kBeta1, t)));
  float correction2 = static_cast<float>(1.0 / (1.0 - std::pow(kBeta2, t)));
  launch_1d(adam_, p.count, p.value, p.m, p.v, p.grad, p.count, rate1, kBeta1, kBeta2, correction2,
            kEpsilon);
}

float Network::step(CUdeviceptr x, CUdeviceptr labels, float rate, int t) {
  forward(x, batch_);
  launch_1d(loss_, batch_, layers_[kLayers - 1].y, labels, losses_, batch_, kClasses, kLogitScale);
  backward(x, labels);
  for (Layer& layer : layers_) {
    update(layer.w, rate, t);
    update(layer.b, rate, t);
  }
  cuda_.check(cuda_.StreamSynchronize(stream_), "cuStreamSynchronize");
  std::vector<float> losses(static_cast<size_t>(batch_));
  cuda_.check(cuda_.MemcpyDtoH(losses.data(), losses_, floats(batch_)), "cuMemcpyDtoH");
  float sum = 0.0F;
  for (float loss : losses) sum += loss;
  return sum / static_cast<float>(batch_);
}

std::vector<int> Network::classify(CUdeviceptr x, int samples) {
  forward(x, samples);
  cuda_.check(cuda_.StreamSynchronize(stream_), "cuStreamSynchronize");
  std::vector<float> logits(static_cast<size_t>(samples * kClasses));
  cuda_.check(cuda_.MemcpyDtoH(logits.data(), layers_[kLayers - 1].y, floats(samples * kClasses)),
              "cuMemcpyDtoH");
  std::vector<int> digits;
  for (auto row = logits.begin(); row != logits.end(); row += kClasses) {
    digits.push_back(static_cast<int>(std::max_element(row, row + kClasses) - row));
  }
  return digits;
}

std::vector<float> Network::weights() const {
  std::vector<float> all;
  for (const Layer& layer : layers_) {
    for (const Parameter* p : {&layer.w, &layer.b}) {
      std::vector<float> values(static_cast<size_t>(p->count));
      cuda_.check(cuda_.MemcpyDtoH(values.data(), p->value, floats(p->count)), "cuMemcpyDtoH");
      all.insert(all.end(), values.begin(), values.end());
    }
  }
  return all;
}

std::vector<unsigned char> Network::as_activations(const std::vector<float>& x) const {
  std::vector<unsigned char> bytes(x.size() * activation_bytes());
  if (!half_) {
    std::memcpy(bytes.data(), x.data(), bytes.size());
    return bytes;
  }
  for (size_t i = 0; i < x.size(); ++i) {
    __half value = __float2half(x[i]);
    std::memcpy(bytes.data() + 2 * i, &value, 2);
  }
  return bytes;
}

}  // namespace train
