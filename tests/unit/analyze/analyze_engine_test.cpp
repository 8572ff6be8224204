// SPDX-License-Identifier: MIT
// Profiles against execution: the sample kernels run on the software engine, over random sizes and
// shapes, and the bytes they wrote are compared with what evaluate() says of the launch.
//
// Which bytes were written: each launch runs twice over the same inputs, with the outputs filled
// with 0x5A first and then with 0xA5. A byte that ends up the same was written, one that differs
// was not.
#include <fstream>
#include <random>
#include <sstream>

#include "softgpu/harness.hpp"
#include "unit/analyze/samples.hpp"

using namespace nonans;
using namespace nonans::analyze;
using namespace nonans::test;

namespace {

using softgpu::test::Device;
using Random = std::mt19937_64;

constexpr size_t kBufferBytes = 64 * 1024;

uint32_t pick(Random& r, uint32_t low, uint32_t high) {
  return std::uniform_int_distribution<uint32_t>(low, high)(r);
}

// How a kernel is called: `o` an output, `i` floats to read, `x` indices to read, `n` a size, `f` a
// float; the grid has that many dimensions. The product of all sizes, at most 60 each (or
// `size_limit`), stays within the buffers.
struct Shape {
  const char* kernel;
  const char* arguments;
  unsigned dimensions = 1;
  bool exact = true;  // every write must come out exact
  uint32_t size_limit = 60;
  uint32_t block_x = 0;  // 0: any
  uint32_t block_y = 0;
};

const Shape kShapes[] = {
    {"add_f32", "oiin"},
    {"add_early_return", "oiin"},
    {"add_unsigned", "oin"},
    {"add_size_t", "oiN"},
    {"add_unguarded", "oi"},
    {"range_guard", "oinn"},
    {"bias_relu_f16", "oiinn"},
    {"scale_bf16", "oifn"},
    {"mul_half2", "oin"},
    {"vector4", "oin"},
    {"vector_half8", "oin"},
    {"unrolled4", "oin"},
    {"grid2d", "oinn", 2},
    {"grid2d_pitch", "oinnn", 2, false},  // a pitch below the width makes rows overlap
    {"grid3d", "oinnn", 3, false, 20},    // clipped grids have three levels
    {"transpose", "oinn", 2},
    {"every_third", "oin"},
    {"gemm_naive", "oiinnn", 2},
    {"gemm_tiled", "oiinnn", 2, true, 60, 16, 16},
    {"gemm_f16", "oiiinnn", 2},
    {"sum_per_block", "oin", 1, true, 60, 256},
    {"one_result", "oi"},
    {"softmax_per_thread", "oinn", 1, false},
    {"softmax_row", "oin", 1, false, 60, 32},
    {"running_max", "oinn"},
    {"grid_stride", "oin", 1, true, 4000},
    {"grid_stride_size_t", "oiN", 1, true, 4000},
    {"scatter", "oixn", 1, false},
    {"data_dependent", "oin", 1, false},
    {"calls_a_function", "oin"},
    {"write_int", "oxn"},
    {"copy_f32", "oin"},
    {"bits_to_float", "oxn"},
    {"packed_halves", "oin"},
    {"four_types", "oooOin", 1},
    {"integer_division", "oxdn"},
    {"fill_minus_inf", "on"},
    {"fill_value", "ofn"},
    {"mask_scores", "oixfn"},
    {"both_arms", "oin"},
    {"switch_value", "oinn"},
};

struct Run {
  std::vector<uint64_t> outputs;
  std::vector<std::byte> params;
  softgpu::engine::Dim3 grid, block;
};

template <typename T>
void put(std::vector<std::byte>& block, T value) {
  while (block.size() % sizeof value) block.push_back(std::byte{0});
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  block.insert(block.end(), bytes, bytes + sizeof value);
}

Run prepare(Random& r, const Shape& shape, uint64_t outputs, uint64_t floats, uint64_t indices) {
  Run run;
  uint32_t* grid[] = {&run.grid.x, &run.grid.y, &run.grid.z};
  uint32_t* block[] = {&run.block.x, &run.block.y, &run.block.z};
  for (unsigned d = 0; d < shape.dimensions; ++d) {
    *grid[d] = pick(r, 1, 5);
    *block[d] = pick(r, 1, shape.dimensions == 1 ? 96 : shape.dimensions == 2 ? 16 : 6);
  }
  if (shape.block_x) run.block.x = shape.block_x;
  if (shape.block_y) run.block.y = shape.block_y;
  for (const char* a = shape.arguments; *a; ++a) switch (*a) {
      case 'o':
      case 'O':
        put(run.params, outputs + kBufferBytes * run.outputs.size());
        run.outputs.push_back(outputs + kBufferBytes * run.outputs.size());
        break;
      case 'i':
        put(run.params, floats);
        break;
      case 'x':
        put(run.params, indices);
        break;
      case 'n':
        put(run.params, static_cast<int32_t>(pick(r, 0, shape.size_limit)));
        break;
      case 'N':
        put(run.params, uint64_t{pick(r, 0, shape.size_limit)});
        break;
      case 'd':
        put(run.params, static_cast<int32_t>(pick(r, 1, 9)));
        break;
      case 'f':
        put(run.params, 1.5F);
        break;
      default:
        FAIL("argument " << *a);
    }
  return run;
}

std::vector<std::byte> outputs_after(Device& device, const softgpu::engine::Kernel& kernel,
                                     const Run& run, uint64_t outputs, size_t bytes, int fill) {
  std::memset(device.host(outputs), fill, bytes);
  softgpu::engine::Launch launch;
  launch.grid = run.grid;
  launch.block = run.block;
  launch.params = run.params;
  const auto fault = softgpu::engine::run(kernel, launch, device.heap);
  INFO((fault ? fault->message : std::string()));
  REQUIRE(!fault);
  return device.download<std::byte>(outputs, bytes);
}

void compare(const KernelProfile& profile, const Run& run, uint64_t base,
             const std::vector<bool>& written, bool exact) {
  LaunchShape shape;
  shape.grid[0] = run.grid.x, shape.grid[1] = run.grid.y, shape.grid[2] = run.grid.z;
  shape.block[0] = run.block.x, shape.block[1] = run.block.y, shape.block[2] = run.block.z;
  shape.params = run.params;
  std::vector<bool> may(written.size()), must(written.size());
  bool bounded = profile.complete_writes;
  const auto mark = [&](std::vector<bool>& set, uint64_t begin, uint64_t end) {
    REQUIRE(begin >= base);
    REQUIRE(end <= base + set.size());
    for (uint64_t at = begin; at < end; ++at) set[at - base] = true;
  };
  for (const Access& w : profile.writes) {
    const Extent e = evaluate(w, shape);
    bounded = bounded && e.may.known;
    if (e.may.known && e.may.begin < e.may.end) mark(may, e.may.begin, e.may.end);
    if (exact) CHECK(e.exact);
    if (!e.must.known) continue;
    for (uint64_t row = 0; row < e.must.rows; ++row)
      mark(must, e.must.base + row * e.must.pitch,
           e.must.base + row * e.must.pitch + e.must.row_bytes);
  }
  size_t outside = 0, untouched = 0, missed = 0;
  for (size_t i = 0; i < written.size(); ++i) {
    outside += bounded && written[i] && !may[i];
    untouched += must[i] && !written[i];
    missed += exact && written[i] && !must[i];
  }
  CHECK(outside == 0);
  CHECK(untouched == 0);
  CHECK(missed == 0);
}

}  // namespace

TEST_CASE("what kernels write when they run is what their profiles say") {
  for (int arch : kArchs) {
    std::ifstream file(NONANS_SAMPLES + std::to_string(arch) + ".ptx", std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    Device device;
    device.load(text.str());
    constexpr size_t kOutputs = 4;
    const uint64_t outputs = device.heap.allocate(kOutputs * kBufferBytes);
    std::vector<float> values(kBufferBytes / 4);
    std::vector<uint32_t> numbers(kBufferBytes / 4);
    Random r(static_cast<uint64_t>(arch));
    for (float& v : values) v = static_cast<float>(pick(r, 0, 2000)) / 1000.0F - 1.0F;
    for (uint32_t& v : numbers) v = pick(r, 0, 1000);
    const uint64_t floats = device.upload(values), indices = device.upload(numbers);
    for (const Shape& shape : kShapes) {
      INFO(shape.kernel << " compute_" << arch);
      const softgpu::engine::Kernel* kernel = device.program().find_kernel(shape.kernel);
      REQUIRE(kernel != nullptr);
      const KernelProfile& profile = sample(arch, shape.kernel);
      for (int launch = 0; launch < 12; ++launch) {
        const Run run = prepare(r, shape, outputs, floats, indices);
        REQUIRE(run.params.size() == kernel->param_bytes);
        const size_t bytes = kOutputs * kBufferBytes;
        const auto one = outputs_after(device, *kernel, run, outputs, bytes, 0x5A);
        const auto other = outputs_after(device, *kernel, run, outputs, bytes, 0xA5);
        std::vector<bool> written(bytes);
        for (size_t i = 0; i < bytes; ++i) written[i] = one[i] == other[i];
        compare(profile, run, outputs, written, shape.exact);
      }
    }
  }
}
