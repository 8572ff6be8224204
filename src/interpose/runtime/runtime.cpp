// SPDX-License-Identifier: MIT
#include "interpose/runtime/runtime.hpp"

#include <dlfcn.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "api/generated/real.hpp"
#include "cupti/slot.hpp"
#include "events/quiet_write.hpp"
#include "events/summary.hpp"
#include "interpose/driver_library.hpp"
#include "interpose/graphs/graph_watch.hpp"
#include "interpose/real_dlsym.hpp"
#include "interpose/runtime/entered.hpp"

namespace nonans::interpose {

constinit std::atomic<Runtime*> Runtime::instance_{nullptr};

namespace {

const char* name_of(resolve::Mode mode) {
  switch (mode) {
    case resolve::Mode::off:
      return "off";
    case resolve::Mode::observe:
      return "observe";
    case resolve::Mode::resolve:
      return "resolve";
  }
  return "?";
}

std::string events_path(const Settings& settings) {
  return expand_path(settings.events_path.empty() ? default_events_path() : settings.events_path);
}

// What a launch hook calls must be looked up before: a look-up takes the loader's lock.
void prepare_launch_functions() {
  using api::Fn;
  static constexpr Fn kNeeded[] = {
      Fn::cuCtxGetCurrent,          Fn::cuLaunchKernel,        Fn::cuLaunchKernel_ptsz,
      Fn::cuLaunchKernelEx,         Fn::cuLaunchKernelEx_ptsz, Fn::cuStreamIsCapturing,
      Fn::cuStreamIsCapturing_ptsz, Fn::cuFuncGetModule,       Fn::cuFuncGetName,
      Fn::cuStreamIsCapturing_ptsz, Fn::cuStreamGetCtx_v1,     Fn::cuCtxPushCurrent_v2,
      Fn::cuCtxPopCurrent_v2,       Fn::cuDeviceGetCount,
  };
  real::prepare(kNeeded);
}

int driver_version() noexcept {
  int version = 0;
  if (const auto get_version = real::cuDriverGetVersion()) get_version(&version);
  return version;
}

// Our cuptiSubscribe is the one that the process finds: so it is when we were preloaded, and not
// when we were opened late or linked behind libcupti.
bool profilers_pass_by_here() noexcept {
  void* const process = dlopen(nullptr, RTLD_LAZY);
  if (!process) return false;
  const link_map* const found = module_of(lookup(process, "cuptiSubscribe"));
  dlclose(process);
  return found != nullptr && found == ourselves();
}

cupti::SessionOptions cupti_options(const Settings& settings) {
  const cupti::Use use = settings.cupti == CuptiUse::off      ? cupti::Use::off
                         : settings.cupti == CuptiUse::mapped ? cupti::Use::mapped
                                                              : cupti::Use::load;
  return {.use = use,
          .launches = false,
          .driver_version = driver_version,
          .gives_up = profilers_pass_by_here,
          .find = {}};
}

}  // namespace

void say(std::string_view line) noexcept {
  if (!events::standard_error_is_open()) return;
  char newline = '\n';
  iovec parts[2] = {{const_cast<char*>(line.data()), line.size()}, {&newline, 1}};
  // A full pipe or a closed stderr loses the line; the program's own errno stays.
  const int saved = errno;
  events::write_without_signal(STDERR_FILENO, parts, 2);
  errno = saved;
}

Runtime::Runtime(Settings settings)
    : code(kernels, say, [this] { steps.announce_optimiser(); }),
      cupti(cupti_receiver_, cupti::process_slot(), cupti_options(settings)),
      settings_(std::move(settings)),
      cupti_receiver_(*this),
      file_(events_path(settings_), say),
      notices_(settings_.debug, say),
      graphs_(std::make_unique<graphs::GraphWatch>(*this)),
      directory_(kernels, *graphs_),
      drain_(directory_) {
  drain_.add_sink(&file_);
  drain_.add_sink(&notices_);
}

Runtime::~Runtime() = default;

Runtime* Runtime::start() {
  if (Runtime* running = get()) return running;
  static constinit std::mutex starting;
  static bool decided = false;
  const std::lock_guard lock(starting);
  if (decided) return get();
  decided = true;
  static_cast<void>(events::standard_error_is_open());  // before the program opens more files
  std::vector<std::string> warnings;
  Settings settings = Settings::from_environment(warnings);
  for (const std::string& warning : warnings) say("nonans: " + warning);
  if (settings.mode == resolve::Mode::off) {
    lifecycle::give_up();
    return nullptr;
  }
  if (!lifecycle::add_stop_handler(&Runtime::on_stop)) return nullptr;
  // Reachable to the end, past on_stop(): or a leak checker in the program takes it for a leak.
  static constinit Runtime* volatile made = nullptr;
  made = new Runtime(std::move(settings));
  instance_.store(made, std::memory_order_release);
  return made;
}

void Runtime::on_stop(StopReason why) noexcept {
  Runtime* runtime = instance_.exchange(nullptr, std::memory_order_acq_rel);
  if (!runtime || why == StopReason::fork_child)
    return;  // a child has neither our thread nor our context
  try {
    runtime->summarize();
  } catch (...) {  // out of memory at the very end: the program ends all the same
  }
}

uint64_t Runtime::raw_context_key() noexcept {
  const auto get_current = real::cuCtxGetCurrent();
  CUcontext context = nullptr;
  if (!get_current || get_current(&context) != CUDA_SUCCESS) return 0;
  return handle_key(context);
}

uint64_t Runtime::owner_of(uint64_t context) const noexcept {
  const CUcontext owner = owners_.find(context);
  return owner ? handle_key(owner) : context;
}

uint64_t Runtime::current_context_key() noexcept {
  const uint64_t key = raw_context_key();
  const Runtime* runtime = get();
  return runtime && key != 0 ? runtime->owner_of(key) : key;
}

int32_t Runtime::current_device() noexcept {
  const auto get_device = real::cuCtxGetDevice_v1();
  CUdevice device = 0;
  return get_device && get_device(&device) == CUDA_SUCCESS ? device : memory::kUnknownDevice;
}

ContextState* Runtime::current_context() const noexcept {
  return known_context(reinterpret_cast<CUcontext>(raw_context_key()));
}

ContextState* Runtime::known_context(CUcontext context) const noexcept {
  ContextState* state = context ? contexts_.find(handle_key(context)) : nullptr;
  return state && state->ready() ? state : nullptr;
}

const ContextState* Runtime::context_of_scan_kernel(CUfunction function) const {
  const std::lock_guard lock(mutex_);
  for (const auto& state : states_)
    if (state->ready() && state->scan() == function) return state.get();
  return nullptr;
}

uint32_t Runtime::compute_capability() noexcept {
  CUdevice device = 0;
  const auto current = real::cuCtxGetDevice_v1();
  const auto first = real::cuDeviceGet();
  const auto attribute = real::cuDeviceGetAttribute();
  if ((!current || current(&device) != CUDA_SUCCESS) &&
      (!first || first(&device, 0) != CUDA_SUCCESS))
    return 0;
  int major = 0, minor = 0;
  if (!attribute ||
      attribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device) != CUDA_SUCCESS ||
      attribute(&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device) != CUDA_SUCCESS)
    return 0;
  return static_cast<uint32_t>(10 * major + minor);
}

resolve::Policy Runtime::policy() const noexcept {
  resolve::Policy policy = settings_.policy;
  policy.repair_f16 = policy.repair_f16 && steps.ended() > 0;
  return policy;
}

void Runtime::see_context() {
  const uint64_t key = raw_context_key();
  if (key == 0 || contexts_.find(key)) return;
  ContextState* state = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (contexts_.find(key)) return;
    const auto id = static_cast<uint32_t>(states_.size() + 1);
    states_.push_back(
        std::make_unique<ContextState>(reinterpret_cast<CUcontext>(key), id, owner_of(key)));
    state = states_.back().get();
    contexts_.set(key, state);  // not ready yet; other threads pass by
  }
  prepare_launch_functions();
  std::string failure;
  if (state->open(failure)) {
    try {
      drain_.add_ring(state->ring());
    } catch (...) {
      state->close();
      throw;
    }
    const std::lock_guard lock(mutex_);
    open_contexts_peak_ = std::max(open_contexts_peak_, ++open_contexts_);
    if (!std::exchange(draining_, true)) drain_.start();
  }
  cupti.look();
  introduce(*state, failure);
}

void Runtime::see_context(CUcontext context) {
  if (contexts_.find(handle_key(context))) return;
  const Entered entered(context);
  if (entered) see_context();
}

void Runtime::introduce(const ContextState& state, const std::string& failure) {
  {
    const std::lock_guard lock(mutex_);
    if (failure.empty() ? std::exchange(introduced_, true) : std::exchange(said_failure_, true))
      return;
  }
  if (!failure.empty()) {
    say("nonans 0.1.0: " + std::string(state.id() > 1 ? "a context" : "this program") +
        " runs unwatched: " + failure);
    return;
  }
  if (!hooks_register() && !cupti.attached())
    say("nonans: images and buffers were to come from CUPTI alone (NONANS_SOURCES), which is " +
        cupti.words() + ": no kernel and no buffer is known");
  if (settings_.quiet) return;
  const int version = driver_version();
  char name[128] = "unknown device";
  CUdevice device = 0;
  const auto current = real::cuCtxGetDevice_v1();
  const auto get_name = real::cuDeviceGetName();
  if (current && get_name && current(&device) == CUDA_SUCCESS) get_name(name, sizeof name, device);
  name[sizeof name - 1] = '\0';
  say(std::string("nonans 0.1.0: mode ") + name_of(settings_.mode) + ", driver " +
      std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10) + " (" + name +
      "), CUPTI " + cupti.words() + ", events → " + file_.path());
}

void Runtime::stream_going(CUstream stream, api::StreamFlavour flavour) {
  if (graphs_->any()) graphs_->stream_going(stream, flavour);
  if (ContextState* state = current_context()) state->release_stream(stream, flavour);
}

void Runtime::summarize() {
  drain_.stop();
  if (settings_.quiet) return;
  {
    const std::lock_guard lock(mutex_);
    if (!introduced_) return;
  }
  events::RunStatistics run;
  const auto read = [](const Statistics::Counter& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  run.mode = settings_.mode;
  run.launches = read(statistics.launches);
  run.scanned = read(statistics.scanned);
  run.unprovable = read(statistics.unprovable);
  run.provable_launches = read(statistics.provable_launches);
  run.scanned_bytes = read(statistics.scanned_bytes);
  run.written_bytes = read(statistics.written_bytes);
  run.provable_bytes = read(statistics.provable_bytes);
  for (size_t i = 0; i < resolve::kEvidences; ++i)
    run.outputs_by_evidence[i] = read(statistics.evidence[i]);
  for (size_t i = 0; i < resolve::kLeftReasons; ++i) run.left[i] = read(statistics.left[i]);
  run.left_by_rule = read(statistics.left_by_rule);
  run.host_ns = read(statistics.host_ns);
  run.host_launches = read(statistics.host_launches);
  run.device_bytes = open_contexts_peak_ * ContextState::kDeviceBytes;
  run.pinned_bytes = open_contexts_peak_ * SharedRing::kBytes;
  run.counts = drain_.counts();
  if (file_.written() != 0) run.events_path = file_.path();
  run.events_lost_in_file = file_.lost();
  run.details = settings_.debug >= DebugLevel::info;
  const CodeStatistics loaded = code.statistics();
  run.images = loaded.images;
  run.images_unreadable = loaded.unreadable;
  run.images_not_kept = loaded.no_room;
  run.ptx_referenced = loaded.referenced_bytes;
  run.ptx_copied = loaded.copied_bytes;
  run.cupti_taken = cupti::process_slot().times_taken();
  run.cupti_given = cupti::process_slot().times_given_up();
  run.cupti_images = cupti_receiver_.images();
  run.cupti_buffers = cupti_receiver_.buffers();
  for (const std::string& line : events::summarize(run)) say(line);
}

}  // namespace nonans::interpose
