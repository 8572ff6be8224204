// SPDX-License-Identifier: MIT
// Contexts and streams coming and going. A context is prepared as soon as it is current on a thread
// that calls one of these (or a memory or module function); what lives in it is given back before
// the driver takes it down.
#include <optional>

#include "api/generated/hooks.hpp"
#include "api/generated/real.hpp"
#include "interpose/hooks/quietly.hpp"

namespace nonans::interpose::hooks {
namespace {

CUresult seen(CUresult result) noexcept {
  if (result == CUDA_SUCCESS) quietly([](Runtime& runtime) { runtime.see_context(); });
  return result;
}

}  // namespace

// The runtime starts with the first context, not here: many programs call cuInit only to count
// devices.
CUresult cuInit(const HookCall&, PFN_cuInit_v2000 real, unsigned int Flags) {
  return real(Flags);
}

// Creating a context makes it current.
CUresult cuCtxCreate_v2(const HookCall&, PFN_cuCtxCreate_v3020 real, CUcontext* pctx,
                        unsigned int flags, CUdevice_v1 dev) {
  return seen(real(pctx, flags, dev));
}

CUresult cuCtxCreate_v3(const HookCall&, PFN_cuCtxCreate_v11040 real, CUcontext* pctx,
                        CUexecAffinityParam* paramsArray, int numParams, unsigned int flags,
                        CUdevice_v1 dev) {
  return seen(real(pctx, paramsArray, numParams, flags, dev));
}

CUresult cuCtxCreate_v4(const HookCall&, PFN_cuCtxCreate_v12050 real, CUcontext* pctx,
                        CUctxCreateParams* ctxCreateParams, unsigned int flags, CUdevice dev) {
  return seen(real(pctx, ctxCreateParams, flags, dev));
}

CUresult cuCtxSetCurrent(const HookCall&, PFN_cuCtxSetCurrent_v4000 real, CUcontext ctx) {
  return seen(real(ctx));
}

CUresult cuCtxDestroy_v2(const HookCall&, PFN_cuCtxDestroy_v4000 real, CUcontext ctx) {
  quietly([&](Runtime& runtime) { runtime.context_going(ctx); });
  return real(ctx);
}

// Retaining does not make the context current: it is prepared when it is first used.
CUresult cuDevicePrimaryCtxRetain(const HookCall&, PFN_cuDevicePrimaryCtxRetain_v7000 real,
                                  CUcontext* pctx, CUdevice_v1 dev) {
  const CUresult result = real(pctx, dev);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) { runtime.primary_retained(dev, *pctx); });
  return result;
}

CUresult cuDevicePrimaryCtxRelease_v2(const HookCall&, PFN_cuDevicePrimaryCtxRelease_v11000 real,
                                      CUdevice_v1 dev) {
  quietly([&](Runtime& runtime) { runtime.primary_releasing(dev); });
  const CUresult result = real(dev);
  if (result == CUDA_SUCCESS) quietly([&](Runtime& runtime) { runtime.primary_released(dev); });
  return result;
}

CUresult cuDevicePrimaryCtxReset_v2(const HookCall&, PFN_cuDevicePrimaryCtxReset_v11000 real,
                                    CUdevice_v1 dev) {
  quietly([&](Runtime& runtime) { runtime.primary_ending(dev); });
  const CUresult result = real(dev);
  if (result == CUDA_SUCCESS) quietly([&](Runtime& runtime) { runtime.primary_gone(dev, true); });
  return result;
}

// A context may become current by these alone, pushed by a thread that did not make it, or because
// the one above it was popped.
CUresult cuCtxPushCurrent_v2(const HookCall&, PFN_cuCtxPushCurrent_v4000 real, CUcontext ctx) {
  return seen(real(ctx));
}

CUresult cuCtxPopCurrent_v2(const HookCall&, PFN_cuCtxPopCurrent_v4000 real, CUcontext* pctx) {
  return seen(real(pctx));
}

CUresult cuCtxAttach(const HookCall&, PFN_cuCtxAttach_v2000 real, CUcontext* pctx,
                     unsigned int flags) {
  const CUresult result = real(pctx, flags);
  if (result == CUDA_SUCCESS && pctx)
    quietly([&](Runtime& runtime) { runtime.context_attached(*pctx); });
  return result;
}

CUresult cuCtxDetach(const HookCall&, PFN_cuCtxDetach_v2000 real, CUcontext ctx) {
  quietly([&](Runtime& runtime) { runtime.context_detaching(ctx); });
  return real(ctx);
}

// The primary context's handle is not in the answer; retained and released, it is as it was, since
// the new green context holds it. Both are prepared now. They share memory and code, and loading
// code may wait for what runs there: left until one of them is first current, it could wait for
// work in the other that the calling thread itself holds back.
CUresult cuGreenCtxCreate(const HookCall&, PFN_cuGreenCtxCreate_v12040 real, CUgreenCtx* phCtx,
                          CUdevResourceDesc desc, CUdevice_v1 dev, unsigned int flags) {
  const CUresult result = real(phCtx, desc, dev, flags);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      const auto retain = real::cuDevicePrimaryCtxRetain();
      const auto release = real::cuDevicePrimaryCtxRelease_v2();
      CUcontext primary = nullptr;
      if (!retain || !release || retain(&primary, dev) != CUDA_SUCCESS) return;
      release(dev);
      runtime.green_created(*phCtx, dev, primary);
      runtime.see_context(primary);
    });
  return result;
}

CUresult cuCtxFromGreenCtx(const HookCall&, PFN_cuCtxFromGreenCtx_v12040 real, CUcontext* pContext,
                           CUgreenCtx hCtx) {
  const CUresult result = real(pContext, hCtx);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.green_converted(hCtx, *pContext);
      runtime.see_context(*pContext);
    });
  return result;
}

CUresult cuGreenCtxDestroy(const HookCall&, PFN_cuGreenCtxDestroy_v12040 real, CUgreenCtx hCtx) {
  std::optional<CUdevice> device;
  quietly([&](Runtime& runtime) { device = runtime.green_going(hCtx); });
  const CUresult result = real(hCtx);
  if (result == CUDA_SUCCESS && device)
    quietly([&](Runtime& runtime) { runtime.primary_released(*device); });
  return result;
}

CUresult cuStreamDestroy_v2(const HookCall& call, PFN_cuStreamDestroy_v4000 real,
                            CUstream hStream) {
  quietly([&](Runtime& runtime) { runtime.stream_going(hStream, call.stream); });
  return real(hStream);
}

}  // namespace nonans::interpose::hooks
