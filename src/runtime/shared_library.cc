#include "runtime/shared_library.h"

#include <dlfcn.h>

#include <filesystem>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

// The folder of the program or library that this code was linked into.
std::filesystem::path OwnFolder() {
  Dl_info info{};
  const auto* inside = reinterpret_cast<const void*>(&LoadFunction);
  if (::dladdr(inside, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code error;
  const auto path = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::filesystem::path() : path.parent_path();
}

// Sessions and their outputs hold on to the library's code, so nobody closes it.
void* LoadLibrary(const std::string& runtime, const std::string& file) {
  const std::filesystem::path own = OwnFolder();
  std::string problem;
  for (const auto& path : {own / file, own / "../lib" / file, std::filesystem::path(file)}) {
    if (void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    std::error_code error;
    // What is there and cannot be loaded tells more than what is not there.
    if (problem.empty() || std::filesystem::exists(path, error)) problem = ::dlerror();
    if (std::filesystem::exists(path, error)) break;
  }
  throw RuntimeError(
      "the runtime " + runtime + " cannot be loaded: " + Quote(problem, 400),
      "it belongs beside yoloport-detect, and what it needs where the system finds it");
}

}  // namespace

void* LoadFunction(const std::string& runtime, const std::string& file, const char* function) {
  void* const found = ::dlsym(LoadLibrary(runtime, file), function);
  if (found == nullptr) throw RuntimeError("the runtime " + runtime + " is of another yoloport");
  return found;
}

}  // namespace yoloport
