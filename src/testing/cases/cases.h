// The folders of recorded cases that tests run on: see parity_test.cc for what is in one.
//
// Lists of them throw where they would be empty: no test passes because it had nothing to compare.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport::test_support {

// $YOLOPORT_CASES, or testdata/parity.
std::filesystem::path CasesFolder();

// The cases in it, sorted: networks with recorded detections.
std::vector<std::string> CaseNames();

// Those of them with recorded raw heads, which easydeploy fails to make of some networks.
std::vector<std::string> RecordedHeadsNames();

// All networks in it, sorted.
std::vector<std::string> NetworkNames();

// The config of a case; empty where its checkpoint describes the network.
std::filesystem::path ConfigOf(const std::filesystem::path& folder);

// Names a test after the case that is its parameter.
inline constexpr auto NameOfCase = [](const auto& test) { return test.param; };

// What was recorded of a case: `out_0` .., and `boxes`, `scores`, `labels`.
std::map<std::string, tensor::Tensor> ReadRecordedHeads(const std::filesystem::path& folder);
std::map<std::string, tensor::Tensor> ReadRecordedDetections(const std::filesystem::path& folder);

// The pictures to try them on: $YOLOPORT_PHOTOS (paths with colons between), or the demo's pages.
std::vector<std::filesystem::path> Photos();

}  // namespace yoloport::test_support
