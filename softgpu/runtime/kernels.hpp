// SPDX-License-Identifier: MIT
// What a program registered: its kernels and variables by host address; and kernels found by name.
//
// nvcc puts the device code of each source file into the program as a fatbin, with code that runs
// before main() and registers the fatbin and, for each kernel and variable in it, the address that
// stands for it on the host. Nothing is loaded then. The first use of one of them loads its fatbin
// as a CUlibrary, which belongs to no context; the first launch in a context asks for its
// CUfunction there.
//
// Thread-safe. Pointers stay valid until the fatbin is unregistered.
#pragma once

#include <cstddef>

#include "runtime/driver.hpp"

namespace softgpu::runtime {

struct Binary;

// __cudaRegisterFatBinary and what follows it. Names and addresses are the program's and are not
// copied.
Binary* add_binary(const void* fatbin);
void add_function(Binary* binary, const void* host, const char* name);
void add_variable(Binary* binary, const void* host, const char* name, size_t size);
// A __managed__ variable: `slot` holds the pointer that host code goes through.
void add_managed(Binary* binary, void** slot, const char* name, size_t size);
// Forgets the fatbin and all that is in it. With no driver (null) nothing is unloaded.
void remove_binary(Binary* binary, const Driver* driver);

// Loads the fatbin, once. Needs no context.
cudaError_t load_binary(const Driver& driver, Binary* binary);
// And points its managed variables at their memory.
cudaError_t load_managed(const Driver& driver, Binary* binary);

// The kernel that a host address stands for; a cudaKernel_t stands for itself.
// cudaErrorInvalidDeviceFunction: neither. Needs no context.
cudaError_t find_kernel(const Driver& driver, const void* function, CUkernel& out);

// Its function in the current context.
cudaError_t find_function(const Driver& driver, const void* function, CUfunction& out);
cudaError_t find_function(const Driver& driver, CUkernel kernel, CUfunction& out);

// What the program would call this function by: the host address if it was registered, else its
// cudaKernel_t. Either argument may be null.
void* host_address(CUfunction function, CUkernel kernel);

// The variable that a host address stands for, in the current context. cudaErrorInvalidSymbol:
// there is none.
cudaError_t find_symbol(const Driver& driver, const void* symbol, CUdeviceptr& address,
                        size_t& size);

// Kernels that the program got by name (cudaLibraryGetKernel), so that find_kernel() knows them.
void remember_kernel(CUkernel kernel);

// Functions of contexts, and managed variables, are asked for again: after a reset of a device or
// an unload.
void forget_functions();

}  // namespace softgpu::runtime
