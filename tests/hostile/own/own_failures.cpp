// SPDX-License-Identifier: MIT
// The workload again and again, and each time another one of libnonans's own requests is refused:
// a driver call, or an allocation.
//
//   own_failures IMAGE workload                    once, with nothing refused
//   own_failures IMAGE calls before|after CODE     the n-th driver call that libnonans makes
//   own_failures IMAGE allocations once|forever -  its n-th allocation, or all from the n-th on
//   … N                                            for this n alone, and shows what it wrote
//
// Run with libnonans.so preloaded, on the fault-injecting driver (and failing_malloc.so). Whatever
// is refused, the program must see the same results of all calls, and values that are those of a
// run without the library or those of one with it; what libnonans made must be gone at the end; and
// it may say that something is not watched once.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "child.hpp"
#include "driver.hpp"
#include "failing_malloc.h"
#include "workload.hpp"

namespace {

using namespace hostile;

std::string image;

// Behind the workload: what is left of libnonans's doings, and how many there were.
void print_leftovers() {
  const Faults faults;
  if (const char* name = faults.last_refused()) std::fprintf(stderr, "refused %s\n", name);
  faults.clear();
  constexpr const char* kKinds[FAULTY_KINDS] = {"memory", "registration", "module", "stream",
                                                "event",  "graph",        "context"};
  for (int kind = 0; kind < FAULTY_KINDS; ++kind)
    if (const long n = faults.live(static_cast<faulty_kind>(kind)))
      std::printf("left %ld %s\n", n, kKinds[kind]);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("memfd:nonans") != std::string::npos) std::printf("left a mapping\n");
  std::printf("locked %ld\ncalls %ld\n", faults.locked(nullptr),
              faults.calls(nullptr, FAULTY_LIBRARY));
}

Child run_with(const faulty_plan& plan) {
  return in_child([&] {
    const Faults faults;
    resolver();
    faults.set(plan);
    run_workload(image);
    print_leftovers();
  });
}

failing_malloc_count_fn allocations_made = nullptr;
failing_malloc_set_fn refuse_allocations = nullptr;

Child run_without_memory(long nth, bool forever) {
  return in_child([&] {
    refuse_allocations(nth, forever);
    run_workload(image);
    const long made = allocations_made();
    refuse_allocations(0, 0);
    print_leftovers();
    std::printf("allocations %ld\n", made);
  });
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}
// The lines of the workload, without what print_leftovers() adds.
std::vector<std::string> words_of_work(const Child& child) {
  return words_of(
      child.out.substr(0, std::min(child.out.find("left "), child.out.find("locked "))));
}
long number_after(const Child& child, const std::string& name) {
  const size_t at = child.out.rfind("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stol(child.out.substr(at + name.size() + 2));
}

// What may be said of a failure: one line, and no line twice.
std::string complaint_about_lines(const std::string& err) {
  std::istringstream lines(err);
  std::set<std::string> seen;
  int unwatched = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("refused ", 0) == 0) continue;
    if (line.rfind("nonans", 0) != 0) return "strange line: " + line;
    if (!seen.insert(line).second) return "said twice: " + line;
    unwatched += line.find("unwatched") != std::string::npos;
  }
  return unwatched > 1 ? "more than one notice:\n" + err : "";
}

// How many launches were looked at, and what was found there and done about it.
std::string summary_of(const Child& child) {
  const size_t at = child.err.find(" launches: ");
  return at == std::string::npos
             ? ""
             : child.err.substr(at, child.err.find("nonans: events: ", at) - at);
}

// Who cannot learn whether a primary context has ended leaves the ring of records mapped: the
// device might still write there. It stands alone then, as objects are printed before it.
bool may_keep_ring(const Child& child, const std::string& what) {
  return child.err.find("refused cuDevicePrimaryCtxGetState") != std::string::npos ||
         what.rfind("allocations", 0) == 0;
}

struct Runs {
  std::vector<std::string> plain, watched;
  std::string summary;  // of a run in which nothing is refused
  int failures = 0, runs = 0, unrepaired = 0;

  void compare(const Child& child, const std::string& what) {
    ++runs;
    const std::vector<std::string> words = words_of_work(child);
    std::string wrong;
    bool all_repaired = true;
    if (child.ended != 0) wrong = "ended with " + std::to_string(child.ended);
    if (words.size() != plain.size()) wrong += "; other calls";
    for (size_t i = 0; wrong.empty() && i < words.size(); ++i) {
      if (words[i] != plain[i] && words[i] != watched[i])
        wrong = "word " + std::to_string(i) + " is " + words[i] + ", not " + plain[i];
      all_repaired = all_repaired && words[i] == watched[i];
    }
    const size_t left = child.out.find("left ");
    if (wrong.empty() && left != std::string::npos &&
        !(may_keep_ring(child, what) && child.out.compare(left, 15, "left a mapping\n") == 0))
      wrong = child.out.substr(left);
    if (wrong.empty() && number_after(child, "locked") != 0) wrong = "a lock was held";
    if (wrong.empty()) wrong = complaint_about_lines(child.err);
    // Who loses a repair says so: a notice, or other numbers in the summary.
    if (wrong.empty() && !all_repaired && child.err.find("unwatched") == std::string::npos &&
        summary_of(child) == summary)
      wrong = "a repair is missing, and nothing is said:\n" + child.err;
    unrepaired += !all_repaired;
    if (wrong.empty()) return;
    ++failures;
    const size_t name = child.err.find("refused ");
    std::printf("failed: %s (%s): %s\n", what.c_str(),
                name == std::string::npos
                    ? ""
                    : child.err.substr(name + 8, child.err.find('\n', name) - name - 8).c_str(),
                wrong.c_str());
  }
};

Child refuse(const std::vector<std::string>& how, long n) {
  if (how[0] == "allocations") return run_without_memory(n, how[1] == "forever");
  return run_with(
      {nullptr, FAULTY_LIBRARY, n, how[1] == "after" ? 1 : 0, std::atoi(how[2].c_str())});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  image.assign(std::istreambuf_iterator<char>(file), {});
  if (std::strcmp(argv[2], "workload") == 0) {
    run_workload(image);
    print_leftovers();
    return 0;
  }
  if (argc < 5) return 2;
  const std::vector<std::string> how(argv + 2, argv + 5);
  const bool of_memory = how[0] == "allocations";
  allocations_made =
      reinterpret_cast<failing_malloc_count_fn>(dlsym(RTLD_DEFAULT, "failing_malloc_count"));
  refuse_allocations =
      reinterpret_cast<failing_malloc_set_fn>(dlsym(RTLD_DEFAULT, "failing_malloc_set"));
  if (of_memory && refuse_allocations == nullptr) return 2;

  setenv("NONANS_MODE", "off", 1);
  Runs runs;
  runs.plain = words_of_work(run_with({"none", FAULTY_LIBRARY, 0, 0, 0}));
  unsetenv("NONANS_MODE");
  const Child watched =
      of_memory ? run_without_memory(0, false) : run_with({"none", FAULTY_LIBRARY, 0, 0, 0});
  runs.watched = words_of_work(watched);
  runs.summary = summary_of(watched);
  if (runs.plain.size() != runs.watched.size() || runs.plain == runs.watched) {
    std::printf("failed: the workload alone: %s\n%s\n", watched.out.c_str(), watched.err.c_str());
    return 1;
  }
  runs.compare(watched, "nothing refused");
  const long own = number_after(watched, of_memory ? "allocations" : "calls");
  if (argc == 6) {
    const Child child = refuse(how, std::atol(argv[5]));
    std::printf("%s%s", child.out.c_str(), child.err.c_str());
    runs.compare(child, argv[5]);
    return runs.failures == 0 ? 0 : 1;
  }
  // Each of the driver calls. Of the allocations all of the first few, then fewer and fewer: they
  // are thousands, most of them the parser's.
  for (long n = 1; n <= own; n += of_memory ? 1 + n / 24 : 1)
    runs.compare(refuse(how, n), how[0] + " " + std::to_string(n));
  std::printf("%ld own, %d runs, %d without a repair, %d failures\n", own, runs.runs,
              runs.unrepaired, runs.failures);
  return runs.failures == 0 ? 0 : 1;
}
