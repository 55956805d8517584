#include <dlfcn.h>

#include <vector>

#include "base/text.h"
#include "runtime/backends.h"
#include "runtime/openvino_library.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

// The folder of the program or library that this code was linked into.
std::filesystem::path OwnFolder() {
  Dl_info info{};
  const auto* inside = reinterpret_cast<const void*>(&OpenOpenVino);
  if (::dladdr(inside, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code error;
  const auto path = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::filesystem::path() : path.parent_path();
}

// Beside the program as built, in lib/ as installed, or wherever the dynamic linker looks. Never
// unloaded: sessions and their outputs hold on to its code.
void* LoadLibrary() {
  const std::filesystem::path own = OwnFolder();
  std::string problem;
  for (const auto& path : {own / kOpenVinoLibrary, own / "../lib" / kOpenVinoLibrary,
                           std::filesystem::path(kOpenVinoLibrary)}) {
    if (void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    std::error_code error;
    // What is there and cannot be loaded tells more than what is not there.
    if (problem.empty() || std::filesystem::exists(path, error)) problem = ::dlerror();
    if (std::filesystem::exists(path, error)) break;
  }
  throw RuntimeError("the runtime openvino cannot be loaded: " + Quote(problem, 400),
                     "it belongs beside yoloport-detect; build or install yoloport again");
}

}  // namespace

std::unique_ptr<Session> OpenOpenVino(const std::filesystem::path& model,
                                      const SessionOptions& options) {
  static void* const library = LoadLibrary();
  const auto open =
      reinterpret_cast<decltype(&YoloportOpenVinoOpen)>(::dlsym(library, kOpenVinoFunction));
  if (open == nullptr) throw RuntimeError("the runtime openvino is of another yoloport");
  return std::unique_ptr<Session>(open(model, options));
}

}  // namespace yoloport
