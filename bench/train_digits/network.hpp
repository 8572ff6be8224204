// SPDX-License-Identifier: MIT
// The network, 64 -> 64 -> 64 -> 10 with ReLU, and one step of its training: which kernel runs on
// which buffers.
//
//   Network net(cuda, image, stream, memory, options);
//   net.initialise(random);
//   float loss = net.step(x, labels, rate, t);  // device addresses of a batch; t counts from 1
//   std::vector<int> digits = net.classify(x, 360);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataset.hpp"
#include "driver.hpp"
#include "memory.hpp"
#include "options.hpp"

namespace train {

class Network {
 public:
  // `max_samples`: the most samples ever given to classify().
  Network(const Driver& cuda, const void* image, CUstream stream, Memory& memory,
          const Options& options, int max_samples);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  void initialise(Random& random);
  // Mean loss of the batch, before its update.
  float step(CUdeviceptr x, CUdeviceptr labels, float rate, int t);
  std::vector<int> classify(CUdeviceptr x, int samples);
  // All weights and biases, layer by layer.
  std::vector<float> weights() const;

  // Bytes of one activation, and x in that precision.
  size_t activation_bytes() const { return half_ ? 2 : 4; }
  std::vector<unsigned char> as_activations(const std::vector<float>& x) const;

 private:
  static constexpr int kLayers = 3;
  static constexpr int kWidths[kLayers + 1] = {kPixels, 64, 64, kClasses};

  // A parameter with its gradient and the two moments of Adam.
  struct Parameter {
    int count = 0;
    CUdeviceptr value = 0, grad = 0, m = 0, v = 0;
  };
  struct Layer {
    int inputs = 0, outputs = 0;
    Parameter w, b;
    CUdeviceptr y = 0;   // what the layer makes
    CUdeviceptr gy = 0;  // gradient of the loss by it
  };

  CUfunction function(const std::string& name) const;
  Parameter parameter(Memory& memory, int count) const;
  template <typename... Arguments>
  void launch_1d(CUfunction kernel, int count, Arguments... arguments);
  template <typename... Arguments>
  void launch_2d(CUfunction kernel, int rows, int cols, Arguments... arguments);
  void forward(CUdeviceptr x, int samples);
  void backward(CUdeviceptr x, CUdeviceptr labels);
  void update(Parameter& parameter, float rate, int t);

  const Driver& cuda_;
  CUstream stream_;
  bool half_;
  int batch_;
  CUmodule module_ = nullptr;
  CUfunction hidden_, logits_, weight_grad_, relu_grad_, loss_, loss_grad_, bias_grad_, adam_;
  Layer layers_[kLayers];
  CUdeviceptr losses_ = 0;
};

}  // namespace train
