// SPDX-License-Identifier: MIT
// A CUDA program that runs the chain as a graph of one form. It writes down what it is told about
// its graph and what its sums are; it knows nothing of the library.
//
//   graph_program IMAGE FORM EXECUTIONS AT       a NaN is born in execution AT of EXECUTIONS
#include <cudaTypedefs.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>

#include "chain.hpp"

namespace {

struct Form {
  Program& program;
  Chain& chain;
  unsigned executions, at;

  CUgraph create() {
    CUgraph g = nullptr;
    check(cu(cuGraphCreate)(&g, 0), "cuGraphCreate");
    return g;
  }
  CUgraph explicit_graph(Chain::Add add = add_v2) {
    const CUgraph g = create();
    chain.add_to(g, {}, add);
    return g;
  }
  CUgraphExec instantiate(CUgraph g, unsigned long long flags = 0) {
    CUgraphExec e = nullptr;
    check(cu(cuGraphInstantiateWithFlags)(&e, g, flags), "cuGraphInstantiateWithFlags");
    return e;
  }
  void launch(CUgraphExec e, unsigned times) { launch(e, times, program.stream); }
  void launch(CUgraphExec e, unsigned times, CUstream stream) {
    for (unsigned i = 0; i < times; ++i) check(cu(cuGraphLaunch)(e, stream), "cuGraphLaunch");
  }
  void wait() { program.say("wait", cu(cuCtxSynchronize)()); }
  // All that can be asked, after instantiation, then all executions.
  void run(CUgraph g, unsigned long long flags = 0) {
    const CUgraphExec e = instantiate(g, flags);
    dump(program, g);
    enabled(e, g);
    launch(e, executions);
    wait();
  }
  void enabled(CUgraphExec e, CUgraph g) {
    CUgraphNode nodes[64];
    size_t count = 64;
    check(cu(cuGraphGetNodes)(g, nodes, &count), "cuGraphGetNodes");
    for (size_t i = 0; i < count; ++i) {
      unsigned on = 7;
      const int r = cu(cuGraphNodeGetEnabled)(e, nodes[i], &on);
      program.say("enabled", r) << ' ' << program.name(nodes[i]) << ' ' << on;
    }
  }
  void say_capture(CUstream stream) {
    CUstreamCaptureStatus status{};
    cuuint64_t id = 0;
    CUgraph g = nullptr;
    const CUgraphNode* nodes = nullptr;
    size_t count = 0;
    const int r = reinterpret_cast<PFN_cuStreamGetCaptureInfo_v11030>(
        driver_entry("cuStreamGetCaptureInfo_v2"))(stream, &status, &id, &g, &nodes, &count);
    program.say("capture", r) << ' ' << status << ' ' << program.name(g) << ':';
    for (size_t i = 0; i < count; ++i) std::cout << ' ' << program.name(nodes[i]);
  }
  CUgraph end_capture(CUstream stream) {
    CUgraph g = nullptr;
    say_capture(stream);
    check(cu(cuStreamEndCapture)(stream, &g), "cuStreamEndCapture");
    return g;
  }
  CUgraph captured(CUstreamCaptureMode mode) {
    check(cu(cuStreamBeginCapture)(program.stream, mode), "cuStreamBeginCapture");
    chain.launch(program.stream);
    return end_capture(program.stream);
  }
  std::vector<CUgraph> conditional(CUgraph g, CUgraphConditionalNodeType type, unsigned size,
                                   unsigned value, CUgraphConditionalHandle* out = nullptr,
                                   const Nodes& after = {}) {
    CUgraphConditionalHandle handle = 0;
    check(cu(cuGraphConditionalHandleCreate)(&handle, g, program.context, value,
                                             CU_GRAPH_COND_ASSIGN_DEFAULT),
          "cuGraphConditionalHandleCreate");
    if (out) *out = handle;
    CUgraphNodeParams any{};
    any.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
    any.conditional = {handle, type, size, nullptr, program.context};
    CUgraphNode node = nullptr;
    check(cu(cuGraphAddNode)(&node, g, after.data(), nullptr, after.size(), &any),
          "a conditional node");
    return {any.conditional.phGraph_out, any.conditional.phGraph_out + size};
  }
  CUgraphNode child(CUgraph parent, CUgraph inner) {
    CUgraphNode node = nullptr;
    check(cu(cuGraphAddChildGraphNode)(&node, parent, nullptr, 0, inner), "a child graph");
    return node;
  }
};

void forked(Form& f) {
  CUevent events[2];
  for (CUevent& e : events) check(cu(cuEventCreate)(&e, CU_EVENT_DISABLE_TIMING), "cuEventCreate");
  const CUstream s = f.program.stream, t = f.program.other;
  check(cu(cuStreamBeginCapture)(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "cuStreamBeginCapture");
  f.chain.tick.launch(s);
  check(cu(cuEventRecord)(events[0], s), "cuEventRecord");
  check(cu(cuStreamWaitEvent)(t, events[0], 0), "cuStreamWaitEvent");
  f.chain.born.launch(t);
  f.chain.pass.launch(t);
  f.say_capture(t);
  check(cu(cuEventRecord)(events[1], t), "cuEventRecord");
  check(cu(cuStreamWaitEvent)(s, events[1], 0), "cuStreamWaitEvent");
  f.chain.keep.launch(s);
  f.run(f.end_capture(s));
}

void captured_onto(Form& f) {
  const CUgraph g = f.create();
  CUgraphNode first = nullptr;
  check(cu(cuGraphAddEmptyNode)(&first, g, nullptr, 0), "cuGraphAddEmptyNode");
  check(cu(cuStreamBeginCaptureToGraph)(f.program.stream, g, &first, nullptr, 1,
                                        CU_STREAM_CAPTURE_MODE_RELAXED),
        "cuStreamBeginCaptureToGraph");
  f.chain.launch(f.program.stream);
  f.run(f.end_capture(f.program.stream));
}

void updated(Form& f, bool v1) {
  f.chain.set_at(0);
  const CUgraph g = f.explicit_graph();
  const CUgraphExec e = f.instantiate(g);
  f.launch(e, 1);
  f.chain.set_at(f.at);
  const CUgraph next = f.explicit_graph();
  if (v1) {
    CUgraphNode node = nullptr;
    CUgraphExecUpdateResult result{};
    const int r = reinterpret_cast<PFN_cuGraphExecUpdate_v10020>(driver_entry("cuGraphExecUpdate"))(
        e, next, &node, &result);
    f.program.say("update", r) << ' ' << result << ' ' << f.program.name(node);
  } else {
    CUgraphExecUpdateResultInfo info{};
    const int r = cu(cuGraphExecUpdate)(e, next, &info);
    f.program.say("update", r) << ' ' << info.result << ' ' << f.program.name(info.errorNode);
  }
  dump(f.program, g);
  dump(f.program, next);
  f.launch(e, f.executions - 1);
  f.wait();
}

void parameters_set(Form& f, bool another_buffer) {
  f.chain.set_at(0);
  const CUgraph g = f.create();
  const Nodes nodes = f.chain.add_to(g, {}, add_any_v2);
  const CUgraphExec e = f.instantiate(g);
  f.launch(e, 1);
  f.chain.set_at(f.at);
  if (another_buffer) {
    CUdeviceptr fresh = 0;
    check(cu(cuMemAlloc)(&fresh, kN * sizeof(float)), "cuMemAlloc");
    f.chain.set_out(fresh);
    CUgraphNodeParams pass = f.chain.pass.any_node();
    check(cu(cuGraphExecNodeSetParams)(e, nodes[2], &pass), "cuGraphExecNodeSetParams");
  }
  const CUDA_KERNEL_NODE_PARAMS born = f.chain.born.node();
  check(cu(cuGraphExecKernelNodeSetParams)(e, nodes[1], &born), "cuGraphExecKernelNodeSetParams");
  dump(f.program, g);
  f.launch(e, f.executions - 1);
  f.wait();
}

void disabled(Form& f) {
  const CUgraph g = f.create();
  const Nodes nodes = f.chain.add_to(g, {}, add_v2);
  const CUgraphExec e = f.instantiate(g);
  check(cu(cuGraphNodeSetEnabled)(e, nodes[1], 0), "cuGraphNodeSetEnabled");
  f.enabled(e, g);
  f.launch(e, 5);
  f.wait();
  check(cu(cuGraphNodeSetEnabled)(e, nodes[1], 1), "cuGraphNodeSetEnabled");
  f.enabled(e, g);
  f.launch(e, f.executions - 5);
  f.wait();
}

// Instantiated, then changed and instantiated again: one edge by another, one node gone, one new.
void edited(Form& f) {
  const CUgraph g = f.create();
  Nodes nodes = f.chain.add_to(g, {}, add_v2);
  CUgraphNode spare = nullptr;
  check(add_v2(&spare, g, {nodes[1]}, f.chain.pass), "a node");
  check(cu(cuGraphExecDestroy)(f.instantiate(g)), "cuGraphExecDestroy");
  dump(f.program, g);
  const auto add =
      reinterpret_cast<PFN_cuGraphAddDependencies_v10000>(driver_entry("cuGraphAddDependencies"));
  const auto remove = reinterpret_cast<PFN_cuGraphRemoveDependencies_v10000>(
      driver_entry("cuGraphRemoveDependencies"));
  f.program.say("destroy", cu(cuGraphDestroyNode)(nodes[2]));
  f.program.say("edge", add(g, &spare, &nodes[3], 1));
  f.program.say("no edge", remove(g, &nodes[0], &nodes[1], 1));
  f.program.say("edge again", add(g, &nodes[0], &nodes[1], 1));
  f.run(g);
}

void in_a_loop(Form& f) {
  CUdeviceptr left = 0;
  check(cu(cuMemAlloc)(&left, 4), "cuMemAlloc");
  const CUgraph g = f.create();
  const CUDA_MEMSET_NODE_PARAMS ten{left, 0, 10, 4, 1, 1};
  CUgraphNode start = nullptr;
  check(cu(cuGraphAddMemsetNode)(&start, g, nullptr, 0, &ten, f.program.context), "memset");
  CUgraphConditionalHandle handle = 0;
  const CUgraph body = f.conditional(g, CU_GRAPH_COND_TYPE_WHILE, 1, 1, &handle, {start})[0];
  const Nodes nodes = f.chain.add_to(body, {}, add_v2);
  Kernel again;
  again.function = f.program.function("again");
  again.threads = 1;
  again.values[0] = handle, again.values[1] = left;
  CUgraphNode last = nullptr;
  check(add_v2(&last, body, {nodes[3]}, again), "a node");
  const CUgraphExec e = f.instantiate(g);
  dump(f.program, g);
  dump(f.program, body);
  f.launch(e, (f.executions + 9) / 10);
  f.wait();
}

void with_memory_nodes(Form& f) {
  const CUgraph g = f.create();
  CUDA_MEM_ALLOC_NODE_PARAMS alloc{};
  alloc.poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  alloc.poolProps.location = {CU_MEM_LOCATION_TYPE_DEVICE, {f.program.device}};
  alloc.bytesize = kN * sizeof(float);
  CUgraphNode made = nullptr, freed = nullptr;
  check(cu(cuGraphAddMemAllocNode)(&made, g, nullptr, 0, &alloc), "cuGraphAddMemAllocNode");
  f.chain.set_out(alloc.dptr);
  const Nodes nodes = f.chain.add_to(g, {made}, add_v2);
  check(cu(cuGraphAddMemFreeNode)(&freed, g, &nodes[2], 1, alloc.dptr), "cuGraphAddMemFreeNode");
  f.run(g);
}

void two_executables(Form& f, bool two_streams) {
  const CUgraph g = f.explicit_graph();
  const CUgraphExec a = f.instantiate(g), b = f.instantiate(g);
  dump(f.program, g);
  for (unsigned i = 0; i < f.executions / 2; ++i) {
    f.launch(a, 1);
    // One behind the other: both write the same memory.
    if (two_streams) check(cu(cuStreamSynchronize)(f.program.stream), "cuStreamSynchronize");
    f.launch(b, 1, two_streams ? f.program.other : f.program.stream);
    if (two_streams) check(cu(cuStreamSynchronize)(f.program.other), "cuStreamSynchronize");
  }
  f.wait();
}

void launched_in_two_streams(Form& f) {
  const CUgraph g = f.explicit_graph();
  const CUgraphExec e = f.instantiate(g);
  for (unsigned i = 0; i < f.executions; ++i)
    f.launch(e, 1, i % 2 ? f.program.other : f.program.stream);
  f.wait();
}

void uploaded(Form& f) {
  const CUgraph g = f.explicit_graph();
  CUDA_GRAPH_INSTANTIATE_PARAMS params{};
  params.flags = CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD;
  params.hUploadStream = f.program.stream;
  CUgraphExec e = nullptr;
  f.program.say("instantiate", cu(cuGraphInstantiateWithParams)(&e, g, &params))
      << ' ' << params.result_out;
  f.program.say("upload", cu(cuGraphUpload)(e, f.program.stream));
  cuuint64_t flags = 0;
  f.program.say("flags", cu(cuGraphExecGetFlags)(e, &flags)) << ' ' << flags;
  f.launch(e, f.executions);
  f.wait();
}

const std::map<std::string, std::function<void(Form&)>>& forms() {
  static const std::map<std::string, std::function<void(Form&)>> all{
      {"captured-global", [](Form& f) { f.run(f.captured(CU_STREAM_CAPTURE_MODE_GLOBAL)); }},
      {"captured-thread-local",
       [](Form& f) { f.run(f.captured(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)); }},
      {"captured-relaxed", [](Form& f) { f.run(f.captured(CU_STREAM_CAPTURE_MODE_RELAXED)); }},
      {"captured-onto", captured_onto},
      {"forked", forked},
      {"explicit-v1", [](Form& f) { f.run(f.explicit_graph(add_v1)); }},
      {"explicit-v2", [](Form& f) { f.run(f.explicit_graph(add_v2)); }},
      {"explicit-any", [](Form& f) { f.run(f.explicit_graph(add_any)); }},
      {"explicit-any-v2", [](Form& f) { f.run(f.explicit_graph(add_any_v2)); }},
      {"updated", [](Form& f) { updated(f, false); }},
      {"updated-v1", [](Form& f) { updated(f, true); }},
      {"parameters", [](Form& f) { parameters_set(f, false); }},
      {"parameters-and-buffer", [](Form& f) { parameters_set(f, true); }},
      {"disabled", disabled},
      {"edited", edited},
      {"cloned",
       [](Form& f) {
         CUgraph clone = nullptr;
         const CUgraph g = f.explicit_graph();
         check(cu(cuGraphExecDestroy)(f.instantiate(g)), "cuGraphExecDestroy");
         check(cu(cuGraphClone)(&clone, g), "cuGraphClone");
         check(cu(cuGraphDestroy)(g), "cuGraphDestroy");
         f.run(clone);
       }},
      {"nested",
       [](Form& f) {
         const CUgraph g = f.create();
         f.child(g, f.explicit_graph());
         f.run(g);
       }},
      {"nested-twice",
       [](Form& f) {
         const CUgraph g = f.create(), middle = f.create();
         f.child(middle, f.explicit_graph());
         f.child(g, middle);
         f.run(g);
       }},
      {"if",
       [](Form& f) {
         const CUgraph g = f.create();
         f.chain.add_to(f.conditional(g, CU_GRAPH_COND_TYPE_IF, 1, 1)[0], {}, add_v2);
         f.run(g);
       }},
      {"switch",
       [](Form& f) {
         const CUgraph g = f.create();
         f.chain.add_to(f.conditional(g, CU_GRAPH_COND_TYPE_SWITCH, 3, 2)[2], {}, add_any_v2);
         f.run(g);
       }},
      {"while", in_a_loop},
      {"memory-nodes", with_memory_nodes},
      {"two-executables", [](Form& f) { two_executables(f, false); }},
      {"two-executables-two-streams", [](Form& f) { two_executables(f, true); }},
      {"two-streams", launched_in_two_streams},
      {"uploaded", uploaded},
      {"auto-free",
       [](Form& f) { f.run(f.explicit_graph(), CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH); }},
      {"node-priority",
       [](Form& f) { f.run(f.explicit_graph(), CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY); }},
      {"graph-destroyed",
       [](Form& f) {
         const CUgraph g = f.explicit_graph();
         const CUgraphExec e = f.instantiate(g);
         check(cu(cuGraphDestroy)(g), "cuGraphDestroy");
         f.launch(e, f.executions);
         f.wait();
       }},
  };
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  const auto form = argc == 5 ? forms().find(argv[2]) : forms().end();
  if (form == forms().end()) {
    for (const auto& [name, run] : forms()) std::cout << name << '\n';
    return 2;
  }
  Program program(argv[1]);
  const auto executions = static_cast<unsigned>(std::atoi(argv[3]));
  const auto at = static_cast<unsigned>(std::atoi(argv[4]));
  Chain chain(program, at);
  Form run{program, chain, executions, at};
  form->second(run);
  chain.print();
  std::cout << std::endl;
}
