// SPDX-License-Identifier: MIT
// A library that carries an image as constant data, as nvcc puts fatbins into objects.
__attribute__((visibility("default"))) const char image_in_library[] =
    ".version 7.0\n.target sm_75\n.address_size 64\n"
    ".visible .entry of_library(.param .u64 out)\n{\n"
    "  .reg .b64 %rd<3>;\n  .reg .f32 %f<2>;\n"
    "  ld.param.u64 %rd1, [out];\n  cvta.to.global.u64 %rd2, %rd1;\n"
    "  mov.f32 %f1, 0f3F800000;\n  st.global.f32 [%rd2], %f1;\n  ret;\n}\n";
