#include "detect/foreign_file.h"

#include "base/mapped_file.h"
#include "base/model_ranges.h"
#include "base/text.h"
#include "onnx/outline/tail.h"
#include "runtime/engine_info.h"
#include "runtime/ir_file.h"
#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

namespace foreign = contract::foreign;
using base::Quote;

// The mapping of a metadata.yaml; nothing where there is no such file.
std::map<std::string, foreign::Literal> ReadMetadataFile(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  const auto file = base::MappedFile::Open(path);
  std::map<std::string, foreign::Literal> metadata;
  try {
    const foreign::Literal document = foreign::ParseYaml(file->text());
    if (document.dict() == nullptr) throw ModelError("is not a mapping");
    for (const auto& [key, value] : *document.dict()) {
      if (key.text() != nullptr) metadata.insert_or_assign(*key.text(), value);
    }
  } catch (const ModelError& problem) {
    throw ModelError(Quote(path.native()) + ": " + problem.message(),
                     "the file is damaged; export the model again");
  }
  file->CheckUnchanged();
  return metadata;
}

// A side of the input; -1 where it is open, or beyond any that is run.
std::int64_t SideOf(const runtime::Session& session, std::size_t axis) {
  const auto& inputs = session.inputs();
  if (inputs.size() != 1 || inputs[0].shape.size() != 4) return -1;
  const std::int64_t side = inputs[0].shape[axis];
  return static_cast<double>(side) <= base::kInputSideRange.high ? side : -1;
}

}  // namespace

std::filesystem::path MetadataFileOf(const std::filesystem::path& model) {
  return model.parent_path() / "metadata.yaml";
}

std::optional<foreign::Recognized> RecognizeForeign(const std::filesystem::path& model,
                                                    const runtime::Session& session,
                                                    const std::map<std::string, std::string>& keys,
                                                    const ModelDescription& said) {
  foreign::Outline outline;
  outline.file = Quote(model.native());
  outline.height = SideOf(session, 2);
  outline.width = SideOf(session, 3);
  for (const runtime::ValueInfo& output : session.outputs()) {
    outline.outputs.push_back({output.name, output.shape});
  }
  for (const auto& [key, value] : keys) outline.metadata.emplace(key, foreign::Literal{value});
  const bool is_ir = runtime::IsIrFile(model);
  if (is_ir && keys.empty()) outline.metadata = ReadMetadataFile(MetadataFileOf(model));
  if (!is_ir && !runtime::IsEngineFile(model)) {
    outline.last_operators = [&model] {
      return onnx::outline::OperatorsAfterConvolutions(*base::MappedFile::Open(model));
    };
  }
  return foreign::Recognize(outline, said);
}

}  // namespace yoloport::detect
