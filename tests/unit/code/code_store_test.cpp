// SPDX-License-Identifier: MIT
// Images as programs hand them over: in memory that is freed, that stays, that was promised to
// stay, in files. What is known of their kernels afterwards.
#include "interpose/code/code_store.hpp"

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "interpose/code/own_memory.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::interpose;

namespace {

std::string ptx(const std::string& kernel, const std::string& constant = "3F800000") {
  return ".version 7.0\n.target sm_75\n.address_size 64\n.visible .entry " + kernel +
         "(.param .u64 out)\n{\n  .reg .b64 %rd<3>;\n  .reg .f32 %f<2>;\n"
         "  ld.param.u64 %rd1, [out];\n  cvta.to.global.u64 %rd2, %rd1;\n  mov.f32 %f1, 0f" +
         constant + ";\n  st.global.f32 [%rd2], %f1;\n  ret;\n}\n";
}

struct Scene {
  KernelTable kernels;
  std::vector<std::string> said;
  CodeStore store;
  explicit Scene(uint64_t most_copied = ImageMemory::kMost)
      : store(
            kernels, [this](std::string_view line) { said.emplace_back(line); }, [] {},
            most_copied) {}

  void load(uint64_t module, const void* bytes, Lifetime lifetime = Lifetime::call,
            uint64_t context = 0) {
    store.loaded(module, {.bytes = bytes, .sm = 80, .context = context, .lifetime = lifetime});
  }
  // What a get-function hook does.
  void find(uint64_t module, uint64_t handle, const std::string& name, uint64_t context = 0) {
    store.bind(module, handle, store.kernel(module, name), context);
  }
};

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("nonans-code-" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path / name, std::ios::binary) << content;
    return (path / name).string();
  }
};

// A page of its own, which can go.
struct Page {
  size_t size;
  char* bytes;
  explicit Page(const std::string& text)
      : size((text.size() + 4096) / 4096 * 4096),
        bytes(static_cast<char*>(
            mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    std::memcpy(bytes, text.data(), text.size());
  }
  void unmap() {
    if (bytes) munmap(bytes, size);
    bytes = nullptr;
  }
  ~Page() { unmap(); }
};

}  // namespace

TEST_CASE("an image in memory that is freed after the load") {
  Scene scene;
  {
    Page page(ptx("scale"));
    scene.load(1, page.bytes);
    page.unmap();
  }
  REQUIRE(scene.store.statistics().copied_bytes > 0);
  REQUIRE(scene.store.statistics().referenced_bytes == 0);
  REQUIRE(scene.store.statistics().held_bytes > 0);
  REQUIRE(scene.store.kernel(1, "scale") != nullptr);
  REQUIRE(scene.store.statistics().held_bytes == 0);  // analysed: not needed any more
  REQUIRE(scene.store.kernel(1, "scale") != nullptr);
  REQUIRE(scene.store.kernel(1, "other") == nullptr);
  REQUIRE(scene.said.empty());
}

TEST_CASE("a large text is packed while it waits") {
  Scene scene;
  const std::string text = ptx("scale") + std::string(1 << 20, '\n');
  scene.load(1, text.c_str());
  REQUIRE(scene.store.statistics().copied_bytes < text.size() / 3);
  REQUIRE(scene.store.kernel(1, "scale") != nullptr);
}

TEST_CASE("an image that is constant data of a library is referenced") {
  void* library = dlopen(IMAGE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library != nullptr);
  const void* const image = dlsym(library, "image_in_library");
  REQUIRE(is_constant_data(image, 64));
  Scene scene;
  scene.load(1, image);
  REQUIRE(scene.store.statistics().held_bytes == 0);
  REQUIRE(scene.store.statistics().referenced_bytes > 0);

  SECTION("and read when it is needed") {
    REQUIRE(scene.store.kernel(1, "of_library") != nullptr);
    dlclose(library);
    REQUIRE(scene.store.kernel(1, "of_library") != nullptr);
    REQUIRE(scene.said.empty());
  }
  SECTION("the library may be closed before: the kernel is unknown, and that is said once") {
    dlclose(library);
    REQUIRE(dlopen(IMAGE_LIBRARY, RTLD_NOW | RTLD_NOLOAD) == nullptr);  // nobody holds it open
    REQUIRE(scene.store.kernel(1, "of_library") == nullptr);
    REQUIRE(scene.store.kernel(1, "of_library") == nullptr);
    REQUIRE(scene.store.statistics().unreadable == 1);
    REQUIRE(scene.said.size() == 1);
    REQUIRE(scene.said[0].find("gone") != std::string::npos);
  }
}

TEST_CASE("data of the program that can be written is copied: it may change") {
  static char image[1024];
  std::strcpy(image, ptx("scale").c_str());
  Scene scene;
  scene.load(1, image);
  std::memset(image, 'x', sizeof image - 1);
  REQUIRE(scene.store.kernel(1, "scale") != nullptr);
}

TEST_CASE("an image that the program promised to preserve") {
  Page page(ptx("scale"));
  Scene scene;
  scene.load(1, page.bytes, Lifetime::preserved);
  REQUIRE(scene.store.statistics().held_bytes == 0);
  REQUIRE(scene.store.statistics().copied_bytes == 0);
  SECTION("is there") {
    REQUIRE(scene.store.kernel(1, "scale") != nullptr);
  }
  SECTION("is gone all the same") {
    page.unmap();
    REQUIRE(scene.store.kernel(1, "scale") == nullptr);
    REQUIRE(scene.store.statistics().unreadable == 1);
  }
  SECTION("was written over: other code is not taken for it") {
    std::memcpy(page.bytes, ptx("scale", "7F800000").data(), ptx("scale").size());
    REQUIRE(scene.store.kernel(1, "scale") == nullptr);
    REQUIRE(scene.store.statistics().unreadable == 1);
  }
  SECTION("is not looked at after the library was unloaded") {
    scene.store.unloading(1);
    page.unmap();
    REQUIRE(scene.store.kernel(1, "scale") == nullptr);
    REQUIRE(scene.store.statistics().unreadable == 0);
  }
}

TEST_CASE("copies are bounded; what is beyond is unknown, said once and counted") {
  const std::string small = ptx("scale");
  Scene scene(2 * small.size());
  scene.load(1, small.c_str());
  scene.load(2, small.c_str());
  scene.load(3, small.c_str());
  scene.load(4, small.c_str());
  REQUIRE(scene.store.statistics().held_bytes == 2 * small.size());
  REQUIRE(scene.store.statistics().no_room == 2);
  REQUIRE(scene.said.size() == 1);
  REQUIRE(scene.store.kernel(3, "scale") == nullptr);
  REQUIRE(scene.store.kernel(1, "scale") != nullptr);
  scene.load(5, small.c_str());  // there is room again
  REQUIRE(scene.store.kernel(5, "scale") != nullptr);
  scene.store.unloading(2);
  REQUIRE(scene.store.statistics().held_bytes == 0);
}

TEST_CASE("an image that is loaded by the name of its file") {
  const Folder folder;
  Scene scene;
  const std::string path = folder.write("a.ptx", ptx("scale"));
  FileVersion version = file_version(path.c_str());
  SECTION("is read at once: the file may be replaced afterwards") {
    scene.store.loaded_file(1, path.c_str(), version, {.sm = 80});
    folder.write("a.ptx", "nothing");
    REQUIRE(scene.store.kernel(1, "scale") != nullptr);
  }
  SECTION("that was replaced while the driver read it is unknown") {
    std::filesystem::rename(folder.write("b.ptx", ptx("scale")), path);
    scene.store.loaded_file(1, path.c_str(), version, {.sm = 80});
    REQUIRE(scene.store.kernel(1, "scale") == nullptr);
    REQUIRE(scene.said.size() == 1);
    REQUIRE(scene.said[0].find("a.ptx changed while it was loaded") != std::string::npos);
  }
  SECTION("that is a pipe by now is not waited for") {
    std::filesystem::remove(path);
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    scene.store.loaded_file(1, path.c_str(), version, {.sm = 80});
    REQUIRE(scene.store.statistics().unreadable == 1);
  }
  SECTION("that is no file") {
    REQUIRE(!file_version(nullptr).known);
    REQUIRE(!file_version((folder.path / "none").c_str()).known);
    REQUIRE(!file_version(folder.path.c_str()).known);
  }
}

TEST_CASE("equal code is analysed once, however often it is loaded") {
  Scene scene;
  const std::string text = ptx("scale"), other = ptx("scale", "40000000");
  scene.load(1, text.c_str(), Lifetime::call, 0xa);
  Kernel* const first = scene.store.kernel(1, "scale");
  REQUIRE(first != nullptr);
  scene.load(2, text.c_str(), Lifetime::call, 0xb);
  REQUIRE(scene.store.kernel(2, "scale") == first);
  scene.load(3, other.c_str());
  REQUIRE(scene.store.kernel(3, "scale") != first);
  for (int i = 0; i < 1000; ++i) {
    scene.load(4, text.c_str());
    REQUIRE(scene.store.kernel(4, "scale") == first);
    scene.store.unloading(4);
  }
}

TEST_CASE("functions are forgotten with their module, and with their context") {
  Scene scene;
  const std::string text = ptx("scale");
  scene.load(0x10, text.c_str(), Lifetime::call, 0xc1);
  scene.find(0x10, 0xf1, "scale", 0xc1);
  REQUIRE(scene.kernels.find(0xf1) != nullptr);

  SECTION("unloaded") {
    scene.store.unloading(0x10);
    REQUIRE(scene.kernels.find(0xf1) == nullptr);
    REQUIRE(scene.store.kernel(0x10, "scale") == nullptr);
  }
  SECTION("the context went") {
    scene.store.forget_context(0xc1);
    REQUIRE(scene.kernels.find(0xf1) == nullptr);
    REQUIRE(scene.store.kernel(0x10, "scale") == nullptr);
  }
  SECTION("another context went") {
    scene.store.forget_context(0xc2);
    REQUIRE(scene.kernels.find(0xf1) != nullptr);
  }
  SECTION("another module came under the same number, with no unload that we saw") {
    const std::string other = ptx("shift");
    scene.load(0x10, other.c_str(), Lifetime::call, 0xc1);
    REQUIRE(scene.kernels.find(0xf1) == nullptr);
    REQUIRE(scene.store.kernel(0x10, "scale") == nullptr);
    REQUIRE(scene.store.kernel(0x10, "shift") != nullptr);
  }
  SECTION("the number of the function was given to an unknown one") {
    scene.find(0x99, 0xf1, "scale", 0xc1);
    REQUIRE(scene.kernels.find(0xf1) == nullptr);
  }
}

TEST_CASE("a library in several contexts") {
  Scene scene;
  const std::string text = ptx("scale");
  scene.load(0x1b, text.c_str());  // of no context
  scene.find(0x1b, 0x4e, "scale");
  scene.store.bind_same(0xf1, 0x4e, 0xc1);  // cuKernelGetFunction in two contexts
  scene.store.bind_same(0xf2, 0x4e, 0xc2);
  scene.store.alias(0x31, 0x1b, 0xc1);  // cuLibraryGetModule in both
  scene.store.alias(0x32, 0x1b, 0xc2);
  scene.find(0x31, 0xf3, "scale", 0xc1);
  Kernel* const kernel = scene.kernels.find(0x4e);
  REQUIRE(kernel != nullptr);
  for (const uint64_t handle : {0xf1, 0xf2, 0xf3}) REQUIRE(scene.kernels.find(handle) == kernel);

  SECTION("one context goes") {
    scene.store.forget_context(0xc1);
    for (const uint64_t handle : {0xf1, 0xf3}) REQUIRE(scene.kernels.find(handle) == nullptr);
    for (const uint64_t handle : {0x4e, 0xf2}) REQUIRE(scene.kernels.find(handle) == kernel);
    REQUIRE(scene.store.kernel(0x31, "scale") == nullptr);
    REQUIRE(scene.store.kernel(0x32, "scale") == kernel);
    REQUIRE(scene.store.kernel(0x1b, "scale") == kernel);
  }
  SECTION("the library goes, and its modules with it") {
    scene.store.unloading(0x1b);
    for (const uint64_t handle : {0x4e, 0xf1, 0xf2, 0xf3})
      REQUIRE(scene.kernels.find(handle) == nullptr);
    for (const uint64_t module : {0x1b, 0x31, 0x32})
      REQUIRE(scene.store.kernel(module, "scale") == nullptr);
  }
}

TEST_CASE("loads, look-ups and unloads from many threads") {
  Scene scene;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (uint64_t t = 1; t <= 4; ++t)
    threads.emplace_back([&, t] {
      const std::string mine = ptx("k" + std::to_string(t)), common = ptx("common");
      for (int i = 0; i < 50; ++i) {
        scene.load(t, i % 2 ? mine.c_str() : common.c_str(), Lifetime::call, t);
        const std::string name = i % 2 ? "k" + std::to_string(t) : "common";
        scene.find(t, 0x100 + t, name, t);
        if (!scene.kernels.find(0x100 + t)) ++wrong;
        if (i % 3)
          scene.store.unloading(t);
        else
          scene.store.forget_context(t);
        if (scene.kernels.find(0x100 + t)) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  REQUIRE(wrong == 0);
  REQUIRE(scene.store.statistics().held_bytes == 0);
}
