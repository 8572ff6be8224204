// SPDX-License-Identifier: MIT
// Catch2 2.x wants its main compiled once somewhere; 3.x brings one in a library.
#if !__has_include(<catch2/catch_test_macros.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
