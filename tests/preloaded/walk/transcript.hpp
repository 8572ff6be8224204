// SPDX-License-Identifier: MIT
// What a program is told by the driver, as lines that two runs of it must agree on.
//
//   Transcript t;
//   t.say("cuGraphCreate", result) << " " << t.name(graph);
//   dump(t, graph);
//
// A line holds results, counts and handles, a handle as the number in which it was first seen.
// Addresses and times are left out: they are nobody's promise.
#pragma once

#include <iosfwd>
#include <map>
#include <string>

#include "e2e/resolve/driver.hpp"

class Transcript {
 public:
  // Begins a line: the name of the call and what it returned. The line ends with the next one.
  std::ostream& say(const char* what, int result);
  std::string name(CUgraphNode n) { return number(n, 'n'); }
  std::string name(CUgraph g) { return number(g, 'g'); }
  std::string name(CUgraphExec e) { return number(e, 'e'); }
  // Functions are written by their names.
  void know(CUfunction f, const char* name) { functions_[f] = name; }
  const char* name_of(CUfunction f) const;

 private:
  std::string number(const void* handle, char kind);
  std::map<const void*, std::string> names_;
  std::map<CUfunction, std::string> functions_;
};

// Everything that a graph says of itself: nodes, edges, dependencies, parameters, child graphs.
void dump(Transcript& transcript, CUgraph graph);
