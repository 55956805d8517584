#include "base/shared_library.h"

#include <dlfcn.h>
#include <link.h>

#include <filesystem>
#include <vector>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::base {
namespace {

namespace fs = std::filesystem;

// The folder of the program or library that this code was linked into.
fs::path OwnFolder() {
  Dl_info info{};
  link_map* object = nullptr;
  const auto* inside = reinterpret_cast<const void*>(&OwnFolder);
  if (::dladdr1(inside, &info, reinterpret_cast<void**>(&object), RTLD_DL_LINKMAP) == 0) return {};
  // A program has no name here, and the one it was called by (argv[0]) is no path where PATH was
  // searched for it.
  const bool is_program = object->l_name == nullptr || *object->l_name == '\0';
  std::error_code error;
  const fs::path path = fs::canonical(is_program ? "/proc/self/exe" : object->l_name, error);
  return error ? fs::path() : path.parent_path();
}

// What it holds stays in use for as long as the process runs, so nobody closes it.
void* LoadLibrary(const std::string& what, const std::string& file) {
  std::vector<fs::path> places = {file};
  // Where it is not known these would be in the current folder, which is anybody's.
  if (const fs::path own = OwnFolder(); !own.empty()) {
    places = {own / file, own / "yoloport" / file,
              own / "../" YOLOPORT_LIBRARY_FOLDER "/yoloport" / file, file};
  }
  std::string problem;
  for (const fs::path& path : places) {
    if (void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    std::error_code error;
    // What is there and cannot be loaded tells more than what is not there.
    if (problem.empty() || fs::exists(path, error)) problem = ::dlerror();
    if (fs::exists(path, error)) break;
  }
  throw RuntimeError(
      what + " cannot be loaded: " + Quote(problem, 400),
      "it belongs beside the program, or into lib/yoloport as installed, and what it needs where "
      "the system finds it");
}

}  // namespace

void* LoadFunction(const std::string& what, const std::string& file, const char* function) {
  void* const found = ::dlsym(LoadLibrary(what, file), function);
  if (found == nullptr) throw RuntimeError(what + " cannot be loaded: it is of another yoloport");
  return found;
}

}  // namespace yoloport::base
