// SPDX-License-Identifier: MIT
// A module that is opened with RTLD_DEEPBIND and linked with libcuda: its references are bound to
// the library of that name. It calls the driver while it is being opened, with the loader's lock
// held.
#define VISIBLE __attribute__((visibility("default")))

extern int cuInit(unsigned int);
extern int cuCtxGetCurrent(void**);

static void* context;
static int early_result = -1;

__attribute__((constructor)) static void call_early(void) {
  early_result = cuCtxGetCurrent(&context);
}
VISIBLE void* deep_reference(int which) {
  return which == 0 ? (void*)cuInit : (void*)cuCtxGetCurrent;
}
VISIBLE int deep_early_result(void) {
  return early_result;
}
