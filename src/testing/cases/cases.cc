#include "testing/cases/cases.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "testing/files/npz.h"
#include "yoloport/error.h"

namespace yoloport::test_support {

namespace fs = std::filesystem;

namespace {

template <typename Keep>
std::vector<std::string> FoldersWhere(Keep keep) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(CasesFolder())) {
    if (keep(entry.path())) names.push_back(entry.path().filename());
  }
  if (names.empty()) throw Error("no such cases in " + CasesFolder().native());
  std::sort(names.begin(), names.end());
  return names;
}

// The file with a name of ours, or else easydeploy's; which of them need not exist.
fs::path OneOf(const fs::path& folder, const char* name, const char* other_name) {
  return fs::exists(folder / name) ? folder / name : folder / other_name;
}

fs::path HeadsFile(const fs::path& folder) {
  return OneOf(folder, "raw.npz", "easydeploy_model_only.npz");
}

fs::path DetectionsFile(const fs::path& folder) {
  return OneOf(folder, "detections.npz", "easydeploy_onnxruntime.npz");
}

}  // namespace

fs::path CasesFolder() {
  const char* folder = std::getenv("YOLOPORT_CASES");
  return folder != nullptr ? folder : "testdata/parity";
}

std::vector<std::string> CaseNames() {
  return FoldersWhere([](const fs::path& folder) { return fs::exists(DetectionsFile(folder)); });
}

std::vector<std::string> RecordedHeadsNames() {
  return FoldersWhere([](const fs::path& folder) {
    return fs::exists(DetectionsFile(folder)) && fs::exists(HeadsFile(folder));
  });
}

std::vector<std::string> NetworkNames() {
  return FoldersWhere([](const fs::path& folder) { return fs::exists(folder / "checkpoint.pth"); });
}

fs::path ConfigOf(const fs::path& folder) {
  const fs::path config = folder / "config.py";
  return fs::exists(config) ? config : fs::path();
}

std::map<std::string, tensor::Tensor> ReadRecordedHeads(const fs::path& folder) {
  return ReadNpz(HeadsFile(folder));
}

std::map<std::string, tensor::Tensor> ReadRecordedDetections(const fs::path& folder) {
  return ReadNpz(DetectionsFile(folder));
}

std::vector<fs::path> Photos() {
  const char* listed = std::getenv("YOLOPORT_PHOTOS");
  std::stringstream list(listed != nullptr ? listed : "demo/page1.png:demo/page2.png");
  std::vector<fs::path> paths;
  for (std::string path; std::getline(list, path, ':');) paths.emplace_back(path);
  return paths;
}

}  // namespace yoloport::test_support
