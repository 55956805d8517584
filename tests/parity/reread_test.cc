// Every kind of file that yoloport writes, read into a graph and written again: the same bytes.
#include <gtest/gtest.h>

#include <set>
#include <span>

#include "onnx/read/reader.h"
#include "testing/cases/cases.h"
#include "testing/temporary_folder.h"
#include "yoloport/error.h"
#include "yoloport/export.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;

class RereadTest : public test_support::TemporaryFolder {
 protected:
  // False where these options do not go together.
  bool TryExport(ExportOptions options) const {
    options.output = folder_ / "model.onnx";
    try {
      Export(options);
    } catch (const UsageError&) {
      return false;
    }
    return true;
  }

  void ExpectSameBytes(const std::string& what) const {
    const fs::path copy = folder_ / "copy.onnx";
    const std::uint64_t size =
        onnx::read::WriteOnnx(onnx::read::ReadOnnx(folder_ / "model.onnx"), copy);
    EXPECT_EQ(size, fs::file_size(copy));
    EXPECT_TRUE(test_support::Contents(folder_ / "model.onnx") == test_support::Contents(copy))
        << what;
  }
};

TEST_F(RereadTest, EveryBackendLayoutAndVariant) {
  using Change = std::pair<const char*, void (*)(ExportOptions&)>;
  const std::vector<Change> variants = {
      {"plain", [](ExportOptions&) {}},
      {"batch", [](ExportOptions& o) { o.batch = 3; }},
      {"dynamic", [](ExportOptions& o) { o.dynamic_batch = o.dynamic_size = true; }},
      {"dynamic batch", [](ExportOptions& o) { o.dynamic_batch = true; }},
      {"thresholds", [](ExportOptions& o) { o.runtime_thresholds = true; }},
      {"half", [](ExportOptions& o) { o.half = o.class_agnostic = true; }},
      {"raw heads", [](ExportOptions& o) { o.model_only = true; }},
      {"opset 17", [](ExportOptions& o) { o.opset = 17; }},
      {"ultralytics", [](ExportOptions& o) { o.layout = "ultralytics"; }},
      {"mmdeploy", [](ExportOptions& o) { o.layout = "mmdeploy"; }},
      {"efficientnms", [](ExportOptions& o) { o.layout = "efficientnms"; }},
  };
  const std::set<std::string> raw_like_ncnn = {"horizonx3", "rknn",        "ax620a", "coreml",
                                               "pplnn",     "torchscript", "tvm"};
  std::size_t exported = 0;
  for (const std::string& backend : ExportBackends()) {
    const std::size_t tried = raw_like_ncnn.contains(backend) ? 1 : variants.size();
    for (const auto& [name, change] : std::span(variants).first(tried)) {
      ExportOptions options = {.config = "demo/config.py", .checkpoint = "demo/digits.pth"};
      options.height = options.width = 64;
      options.backend = backend;
      change(options);
      if (!TryExport(options)) continue;
      ++exported;
      ExpectSameBytes(backend + ", " + name);
    }
  }
  EXPECT_GT(exported, 2 * ExportBackends().size());
}

TEST_F(RereadTest, EveryRecordedNetwork) {
  for (const std::string& name : test_support::NetworkNames()) {
    for (const bool model_only : {true, false}) {
      ExportOptions options = {.config = test_support::CasesFolder() / name / "config.py",
                               .checkpoint = test_support::CasesFolder() / name / "checkpoint.pth"};
      options.height = 128;
      options.width = 192;
      options.model_only = model_only;
      ASSERT_TRUE(TryExport(options)) << name;
      ExpectSameBytes(name);
    }
  }
}

}  // namespace
}  // namespace yoloport
