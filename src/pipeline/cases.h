// The folders of recorded cases that tests run on: see parity_test.cc for what is in one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yoloport {

// $YOLOPORT_CASES, or testdata/parity.
std::filesystem::path CasesFolder();

// The cases in it, sorted: networks with recorded detections.
std::vector<std::string> CaseNames();

// All networks in it, sorted.
std::vector<std::string> NetworkNames();

// The pictures to try them on: $YOLOPORT_PHOTOS (paths with colons between), or the demo's pages.
std::vector<std::filesystem::path> Photos();

}  // namespace yoloport
