// SPDX-License-Identifier: MIT
// Device functions: parameters by value and as registers, recursion, pointers, generic addresses of
// locals, vprintf, assertions, malloc.
#include <unistd.h>

#include "harness.hpp"

using namespace softgpu::test;
using softgpu::engine::FaultKind;

namespace {

std::string module(const std::string& functions, const std::string& body) {
  return ".version 8.0\n.target sm_90\n.address_size 64\n" + functions +
         "\n.visible .entry k(.param .u64 out)\n{\n"
         "  .reg .pred %p<8>; .reg .b32 %t, %r<16>; .reg .b64 %o, %rd<16>;\n"
         "  ld.param.u64 %o, [out];\n  mov.u32 %t, %tid.x;\n  mul.wide.u32 %rd0, %t, 4;\n"
         "  add.s64 %o, %o, %rd0;\n" +
         body + "\n  st.global.u32 [%o], %r0;\n  ret;\n}\n";
}

std::vector<uint32_t> run(const std::string& functions, const std::string& body,
                          uint32_t threads = 32) {
  Device device;
  device.load(module(functions, body));
  const uint64_t out = device.upload(std::vector<uint32_t>(threads));
  device.run("k", {1}, {threads}, out);
  return device.download<uint32_t>(out, threads);
}

const char* kFibonacci = R"(
.func (.param .b32 result) fib(.param .b32 n)
{
  .reg .pred %p; .reg .b32 %r<6>;
  ld.param.u32 %r1, [n];
  setp.lt.u32 %p, %r1, 2;
  @%p bra BASE;
  sub.u32 %r2, %r1, 1;
  { .param .b32 a; .param .b32 r;
    st.param.b32 [a], %r2;
    call.uni (r), fib, (a);
    ld.param.b32 %r3, [r]; }
  sub.u32 %r2, %r1, 2;
  { .param .b32 a; .param .b32 r;
    st.param.b32 [a], %r2;
    call.uni (r), fib, (a);
    ld.param.b32 %r4, [r]; }
  add.u32 %r1, %r3, %r4;
BASE:
  st.param.b32 [result], %r1;
  ret;
}
)";

}  // namespace

TEST_CASE("recursion: every lane has frames of its own") {
  const auto got = run(kFibonacci, R"(
  and.b32 %r1, %t, 7;
  { .param .b32 a; .param .b32 r;
    st.param.b32 [a], %r1;
    call.uni (r), fib, (a);
    ld.param.b32 %r0, [r]; })",
                       64);
  const uint32_t want[] = {0, 1, 1, 2, 3, 5, 8, 13};
  for (uint32_t t = 0; t < 64; ++t) CHECK(got[t] == want[t % 8]);
}

TEST_CASE("calls through pointers go where each lane's pointer goes") {
  const char* functions = R"(
.func (.param .b32 r) twice(.param .b32 a) { .reg .b32 %x; ld.param.b32 %x, [a]; add.u32 %x, %x, %x; st.param.b32 [r], %x; ret; }
.func (.param .b32 r) square(.param .b32 a) { .reg .b32 %x; ld.param.b32 %x, [a]; mul.lo.u32 %x, %x, %x; st.param.b32 [r], %x; ret; }
.global .u64 table[2] = {twice, square};
)";
  const auto got = run(functions, R"(
  and.b32 %r1, %t, 1; mul.wide.u32 %rd1, %r1, 8; mov.u64 %rd2, table; add.s64 %rd1, %rd1, %rd2;
  ld.global.u64 %rd3, [%rd1];
  { .param .b32 a; .param .b32 r;
    st.param.b32 [a], %t;
    proto: .callprototype (.param .b32 _) _ (.param .b32 _);
    call (r), %rd3, (a), proto;
    ld.param.b32 %r0, [r]; })");
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == (t % 2 == 0 ? 2 * t : t * t));
}

TEST_CASE("structures by value, local arrays, generic addresses of locals") {
  const char* functions = R"(
.func (.param .b32 r) sum(.param .align 8 .b8 s[16], .param .b64 p)
{
  .reg .b32 %x<6>; .reg .b64 %p;
  ld.param.v2.b32 {%x0, %x1}, [s];
  ld.param.b32 %x2, [s+8];
  ld.param.b64 %p, [p];
  ld.u32 %x3, [%p];
  add.u32 %x0, %x0, %x1; add.u32 %x0, %x0, %x2; add.u32 %x0, %x0, %x3;
  st.u32 [%p], 5;
  st.param.b32 [r], %x0;
  ret;
}
)";
  const auto got = run(functions, R"(
  .local .align 8 .b8 depot[16];
  mov.u64 %rd1, depot;
  cvta.local.u64 %rd2, %rd1;
  mul.lo.u32 %r1, %t, 100;
  st.local.u32 [%rd1+4], %r1;
  add.s64 %rd2, %rd2, 4;
  { .param .align 8 .b8 s[16]; .param .b64 p; .param .b32 r;
    st.param.v2.b32 [s], {%t, %t};
    st.param.b32 [s+8], 1000;
    st.param.b64 [p], %rd2;
    call (r), sum, (s, p);
    ld.param.b32 %r0, [r]; }
  ld.local.u32 %r2, [%rd1+4];
  add.u32 %r0, %r0, %r2;)");
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == 102 * t + 1000 + 5);
}

TEST_CASE("parameters and results may be registers") {
  const auto got =
      run(".func (.reg .u32 r) axpy(.reg .u32 a, .reg .u32 x) { mad.lo.u32 r, a, x, 7; ret; }",
          "  call (%r0), axpy, (%t, 3);");
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == 3 * t + 7);
}

TEST_CASE("a call in a branch comes back to its lanes") {
  const auto got = run(kFibonacci, R"(
  mov.u32 %r0, 7777; and.b32 %r1, %t, 1; setp.eq.u32 %p1, %r1, 0;
  @%p1 bra SKIP;
  { .param .b32 a; .param .b32 r;
    st.param.b32 [a], 10;
    call.uni (r), fib, (a);
    ld.param.b32 %r0, [r]; }
SKIP:
  activemask.b32 %r2; setp.ne.u32 %p2, %r2, 0xffffffff; @%p2 mov.u32 %r0, 0;)");
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == (t % 2 == 0 ? 7777U : 55U));
}

TEST_CASE("endless recursion is a stack fault, not a crash") {
  Device device;
  device.load(
      module(".func deep() { .reg .b32 %r; .local .b8 big[256]; mov.u32 %r, 1; st.local.u32 [big], "
             "%r; call deep; ret; }",
             "  call deep;\n  mov.u32 %r0, 1;"));
  const auto fault = device.try_run("k", {1}, {32}, device.upload(std::vector<uint32_t>(32)));
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::hardware_stack_error);
}

TEST_CASE("a pointer to nothing is an invalid pc, an unknown function a load error") {
  Device device;
  device.load(module("", R"(
  proto: .callprototype _ ();
  mov.u64 %rd1, 64;
  call %rd1, (), proto;)"));
  const auto fault = device.try_run("k", {1}, {32}, device.upload(std::vector<uint32_t>(32)));
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::invalid_pc);
  const auto error = device.try_load(module(".extern .func missing();", "  call missing;"));
  REQUIRE(error);
  CHECK(error->message.find("unresolved function 'missing'") != std::string::npos);
}

TEST_CASE("vprintf formats from the argument buffer") {
  const char* functions = R"(
.extern .func (.param .b32 r) vprintf(.param .b64 format, .param .b64 args);
.global .align 1 .b8 text[32] = {37, 100, 32, 37, 53, 46, 50, 102, 32, 37, 115, 32, 37, 108, 108, 117, 33, 10, 0};
.global .align 1 .b8 word[4] = {111, 107, 0};
)";  // "%d %5.2f %s %llu!\n", "ok"
  Device device;
  device.load(module(functions, R"(
  .local .align 8 .b8 buffer[32];
  mov.u64 %rd1, buffer; cvta.local.u64 %rd2, %rd1;
  st.local.u32 [%rd1], -7;
  st.local.u64 [%rd1+8], 0x400921fb54442d18;
  mov.u64 %rd3, word; st.local.u64 [%rd1+16], %rd3;
  st.local.u64 [%rd1+24], 18446744073709551615;
  mov.u64 %rd4, text;
  { .param .b64 f; .param .b64 a; .param .b32 r;
    st.param.b64 [f], %rd4; st.param.b64 [a], %rd2;
    call.uni (r), vprintf, (f, a);
    ld.param.b32 %r0, [r]; })"));
  const uint64_t out = device.upload(std::vector<uint32_t>(1));
  std::fflush(stdout);
  const int saved = dup(1);
  std::FILE* capture = std::tmpfile();
  dup2(fileno(capture), 1);
  const auto fault = device.try_run("k", {1}, {1}, out);
  std::fflush(stdout);
  dup2(saved, 1);
  close(saved);
  REQUIRE(!fault);
  std::rewind(capture);
  char line[100] = {};
  REQUIRE(std::fgets(line, sizeof line, capture) != nullptr);
  std::fclose(capture);
  CHECK(std::string(line) == "-7  3.14 ok 18446744073709551615!\n");
}

TEST_CASE("a failed assertion says what, where and who") {
  const char* functions = R"(
.extern .func __assertfail(.param .b64 m, .param .b64 f, .param .b32 l, .param .b64 fn, .param .b64 s);
.global .align 1 .b8 msg[6] = {120, 32, 62, 32, 48, 0};
.global .align 1 .b8 file[5] = {97, 46, 99, 117, 0};
.global .align 1 .b8 name[2] = {107, 0};
)";
  Device device;
  device.load(module(functions, R"(
  setp.ne.u32 %p1, %t, 9; @%p1 bra OK;
  mov.u64 %rd1, msg; mov.u64 %rd2, file; mov.u64 %rd3, name;
  { .param .b64 m; .param .b64 f; .param .b32 l; .param .b64 fn; .param .b64 s;
    st.param.b64 [m], %rd1; st.param.b64 [f], %rd2; st.param.b32 [l], 12; st.param.b64 [fn], %rd3; st.param.b64 [s], 1;
    call.uni __assertfail, (m, f, l, fn, s); }
OK:
  mov.u32 %r0, 1;)"));
  const auto fault = device.try_run("k", {1}, {32}, device.upload(std::vector<uint32_t>(32)));
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::assertion);
  CHECK(fault->thread.x == 9);
  CHECK(fault->message.starts_with(
      "assertion `x > 0` failed in k at a.cu:12, kernel k, block (0,0,0) thread (9,0,0)"));
}

TEST_CASE("malloc gives ranges with exact bounds and free takes them back") {
  const char* functions = R"(
.extern .func (.param .b64 p) malloc(.param .b64 size);
.extern .func free(.param .b64 p);
)";
  const auto body = [](const std::string& use) {
    return R"(
  { .param .b64 s; .param .b64 p; st.param.b64 [s], 8; call.uni (p), malloc, (s); ld.param.b64 %rd1, [p]; }
  st.u32 [%rd1+4], %t;
  ld.u32 %r0, [%rd1+4];
)" + use + "\n  { .param .b64 p; st.param.b64 [p], %rd1; call.uni free, (p); }\n";
  };
  const auto got = run(functions, body(""));
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == t);
  Device device;
  device.load(module(functions, body("  st.u32 [%rd1+8], 1;")));
  const auto fault = device.try_run("k", {1}, {32}, device.upload(std::vector<uint32_t>(32)));
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::illegal_address);
}
