#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks NVML through nvidia-ml-py what monitors and frameworks ask, and compares with what the driver says.

    softgpu run --devices 2 -- python ask.py

Exit code 0 if all of it holds. nvidia-ml-py loads libnvidia-ml.so.1 by name and looks functions up by the newest
versions of their names; one that it does not find is an error of its own (Function Not Found).
"""
import ctypes
import os

import pynvml as nvml


def refused(call, *arguments):
    """The code of the NVMLError that the call raises."""
    try:
        value = call(*arguments)
    except nvml.NVMLError as error:
        return error.value
    raise AssertionError(f"{call.__name__} answered {value!r}")


def main():
    assert refused(nvml.nvmlDeviceGetCount) == nvml.NVML_ERROR_UNINITIALIZED
    nvml.nvmlInit()
    count = nvml.nvmlDeviceGetCount()
    assert count == int(os.environ["SOFTGPU_DEVICES"])
    assert float(nvml.nvmlSystemGetDriverVersion().split(".")[0]) >= 580
    assert nvml.nvmlSystemGetCudaDriverVersion_v2() == 13000

    # A program that forks after asking NVML must find an unused driver: PyTorch relies on it.
    with open("/proc/self/maps") as maps:
        assert "libcuda.so" not in maps.read(), "NVML loaded the driver"

    cuda = ctypes.CDLL("libcuda.so.1")
    assert cuda.cuInit(0) == 0
    for index in range(count):
        device = nvml.nvmlDeviceGetHandleByIndex(index)
        assert nvml.nvmlDeviceGetIndex(device) == index
        pci = ctypes.create_string_buffer(32)
        assert cuda.cuDeviceGetPCIBusId(pci, len(pci), index) == 0
        info = nvml.nvmlDeviceGetPciInfo(device)
        assert info.busIdLegacy == pci.value.decode(), (info.busIdLegacy, pci.value)
        assert info.busId == "0000" + pci.value.decode()
        uuid = nvml.nvmlDeviceGetUUID(device)
        assert uuid.startswith("GPU-") and len(uuid) == 40
        assert nvml.nvmlDeviceGetIndex(nvml.nvmlDeviceGetHandleByUUID(uuid)) == index
        assert nvml.nvmlDeviceGetIndex(nvml.nvmlDeviceGetHandleByPciBusId(info.busId)) == index
        name = ctypes.create_string_buffer(128)
        assert cuda.cuDeviceGetName(name, len(name), index) == 0
        assert nvml.nvmlDeviceGetName(device) == name.value.decode()
        assert list(nvml.nvmlDeviceGetCudaComputeCapability(device)) == [9, 0]
        assert nvml.nvmlDeviceGetArchitecture(device) == nvml.NVML_DEVICE_ARCH_HOPPER
        memory = nvml.nvmlDeviceGetMemoryInfo(device)
        assert memory.total == 8 << 30 and memory.used == 0
        assert nvml.nvmlDeviceGetMemoryInfo(device, version=nvml.nvmlMemory_v2).free == memory.free
        assert nvml.nvmlDeviceGetComputeRunningProcesses(device) == []
        assert nvml.nvmlDeviceGetGraphicsRunningProcesses(device) == []
        for sensor in (nvml.nvmlDeviceGetPowerUsage, nvml.nvmlDeviceGetEnforcedPowerLimit,
                       nvml.nvmlDeviceGetUtilizationRates, nvml.nvmlDeviceGetFanSpeed, nvml.nvmlDeviceGetEccMode,
                       nvml.nvmlDeviceGetMigMode, nvml.nvmlDeviceGetSerial, nvml.nvmlDeviceGetMinorNumber):
            assert refused(sensor, device) == nvml.NVML_ERROR_NOT_SUPPORTED, sensor.__name__
        assert refused(nvml.nvmlDeviceGetTemperature, device, nvml.NVML_TEMPERATURE_GPU) == nvml.NVML_ERROR_NOT_SUPPORTED
        assert refused(nvml.nvmlDeviceGetNvLinkState, device, 0) == nvml.NVML_ERROR_NOT_SUPPORTED
        values = nvml.nvmlDeviceGetFieldValues(device, [nvml.NVML_FI_DEV_NVLINK_LINK_COUNT, nvml.NVML_FI_DEV_ECC_CURRENT])
        assert [v.nvmlReturn for v in values] == [nvml.NVML_SUCCESS, nvml.NVML_ERROR_NOT_SUPPORTED]

    context, pointer = ctypes.c_void_p(), ctypes.c_uint64()
    last = nvml.nvmlDeviceGetHandleByIndex(count - 1)
    assert cuda.cuCtxCreate_v2(ctypes.byref(context), 0, count - 1) == 0
    assert cuda.cuMemAlloc_v2(ctypes.byref(pointer), ctypes.c_size_t(32 << 20)) == 0
    assert nvml.nvmlDeviceGetMemoryInfo(last).used >= 32 << 20
    process, = nvml.nvmlDeviceGetComputeRunningProcesses(last)
    assert process.pid == os.getpid() and process.usedGpuMemory >= 32 << 20
    assert "python" in nvml.nvmlSystemGetProcessName(process.pid)
    nvml.nvmlShutdown()
    assert refused(nvml.nvmlShutdown) == nvml.NVML_ERROR_UNINITIALIZED


if __name__ == "__main__":
    main()
