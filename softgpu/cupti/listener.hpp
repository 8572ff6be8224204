// SPDX-License-Identifier: MIT
// What the driver calls (driver/trace/listener.hpp), and what each part makes of a call.
//
//   on_call ─ enter ─► before_memory ─► the subscriber
//          └─ exit ──► graph events, synchronization, memory records ─► the subscriber ─► API
//          record
#pragma once

#include "driver/export_table.hpp"

namespace softgpu::cupti {

void on_call(driver::ApiCall& call);                   // calls.cpp
void on_resource(const driver::ResourceEvent& event);  // resources.cpp
void on_activity(const driver::Activity& activity);    // work_records.cpp

// A free looks up what it frees, which is gone at its exit; a destroy is told while the graph is
// there. What they remember stands in the call's notes.
void memory_before(driver::ApiCall& call);  // memory_records.cpp
void memory_after(const driver::ApiCall& call);
void graphs_before(const driver::ApiCall& call);  // graph_events.cpp
void graphs_after(const driver::ApiCall& call);
void synchronization_after(const driver::ApiCall& call);    // synchronization.cpp
void external_correlation_of(const driver::ApiCall& call);  // external_correlation.cpp

// Which of a call's notes means what.
enum Note { kStart, kFreedBytes, kFreedKind, kFreedPool, kFreedContext };

}  // namespace softgpu::cupti
