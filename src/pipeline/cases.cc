#include "pipeline/cases.h"

#include <algorithm>
#include <cstdlib>

namespace yoloport {

namespace fs = std::filesystem;

fs::path CasesFolder() {
  const char* folder = std::getenv("YOLOPORT_CASES");
  return folder != nullptr ? folder : "testdata/parity";
}

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(CasesFolder())) {
    if (fs::exists(entry.path() / "detections.npz") ||
        fs::exists(entry.path() / "easydeploy_onnxruntime.npz")) {
      names.push_back(entry.path().filename());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace yoloport
