// SPDX-License-Identifier: MIT
// The device that SOFTGPU_CLOCK=model imitates in time: an NVIDIA H100 SXM5. Figures only; what is
// made of them is in cost.hpp.
//
// Sources:
//   [DS]  "NVIDIA H100 Tensor Core GPU Datasheet": peak rates (those "with sparsity" halved),
//   memory
//         bandwidth, NVLink, PCIe.
//   [WP]  "NVIDIA H100 Tensor Core GPU Architecture" (white paper), table of the SXM5 board: 132
//         multiprocessors, 66.9 TFLOPS of FP32, 989.4 TFLOPS of dense FP16 matrix products, L2.
//   [PG]  "CUDA C++ Programming Guide", "Throughput of Native Arithmetic Instructions", column 9.0:
//         results per clock cycle and multiprocessor.
//   [CG]  A. Gray, "Getting Started with CUDA Graphs", NVIDIA technical blog, 2019: a kernel of 2.9
//         us takes 3.8 us in a stream of kernels and 3.4 us in a graph. Measured on a V100; no such
//         figure for the H100 has been published by NVIDIA.
// The clocks follow from [WP]: 66.9e12 = 132 * 128 * 2 * 1.98e9 and 989.4e12 = 132 * 4096 * 1.83e9.
#pragma once

#include <cstdint>

namespace softgpu::model::h100 {

inline constexpr char kName[] = "NVIDIA H100 SXM5";

inline constexpr int kMultiprocessors = 132;           // [WP]
inline constexpr double kClock = 1.98e9;               // Hz, of everything but matrix products
inline constexpr double kMatrixClock = 1.83e9;         // Hz
inline constexpr int kL2Bytes = 50 << 20;              // [WP]
inline constexpr int kMemoryBusBits = 5120;            // [WP]
inline constexpr int kMemoryClockKilohertz = 2619000;  // 2 * 2.619e9 * 5120 / 8 = 3.35e12

// Bytes a second.
inline constexpr double kMemoryBandwidth = 3.35e12;  // [DS]
inline constexpr double kHostBandwidth = 64e9;       // [DS] PCIe Gen5: 128 GB/s, half each way
inline constexpr double kPeerBandwidth = 450e9;      // [DS] NVLink: 900 GB/s, half each way

// Between the end of an operation and the start of the next of its stream, or of a graph.
inline constexpr double kStreamGap = 0.9e-6;  // seconds [CG]
inline constexpr double kGraphGap = 0.5e-6;   // seconds [CG]

// Per clock and multiprocessor.
inline constexpr double kWarpInstructions = 4;  // [WP] four schedulers, one instruction each
inline constexpr double kSharedBytes = 128;     // [PG] 32 banks of four bytes
// Thread instructions [PG]. Packed halves give 256 results, two for each instruction.
inline constexpr double kFloat = 128, kDouble = 64, kInteger = 64, kSpecial = 16, kConvert = 64,
                        kConvertWide = 16, kShuffle = 32;
// Multiplications and additions of matrix products, dense [DS].
inline constexpr double kMatrixHalf = 4096, kMatrixTf32 = 2048, kMatrixByte = 8192,
                        kMatrixDouble = 256;

}  // namespace softgpu::model::h100
