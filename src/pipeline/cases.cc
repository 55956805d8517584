#include "pipeline/cases.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace yoloport {

namespace fs = std::filesystem;

namespace {

template <typename Keep>
std::vector<std::string> FoldersWhere(Keep keep) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(CasesFolder())) {
    if (keep(entry.path())) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

fs::path CasesFolder() {
  const char* folder = std::getenv("YOLOPORT_CASES");
  return folder != nullptr ? folder : "testdata/parity";
}

std::vector<std::string> CaseNames() {
  return FoldersWhere([](const fs::path& folder) {
    return fs::exists(folder / "detections.npz") ||
           fs::exists(folder / "easydeploy_onnxruntime.npz");
  });
}

std::vector<std::string> NetworkNames() {
  return FoldersWhere([](const fs::path& folder) { return fs::exists(folder / "checkpoint.pth"); });
}

std::vector<fs::path> Photos() {
  const char* listed = std::getenv("YOLOPORT_PHOTOS");
  std::stringstream list(listed != nullptr ? listed : "demo/page1.png:demo/page2.png");
  std::vector<fs::path> paths;
  for (std::string path; std::getline(list, path, ':');) paths.emplace_back(path);
  return paths;
}

}  // namespace yoloport
