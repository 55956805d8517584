// Files that other programs made, as the detector takes them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "contract/foreign/recognize.h"
#include "runtime/session.h"
#include "yoloport/model_description.h"

namespace yoloport::detect {

// Where Ultralytics keeps the metadata of an OpenVINO model.
std::filesystem::path MetadataFileOf(const std::filesystem::path& model);

// What a file without yoloport's own document is. `keys` are its metadata; of an OpenVINO model
// that has none, those of the file beside it count. Nothing is read of the file unless its outputs
// are rows of numbers. Throws as contract::foreign::Recognize() does.
std::optional<contract::foreign::Recognized> RecognizeForeign(
    const std::filesystem::path& model, const runtime::Session& session,
    const std::map<std::string, std::string>& keys, const ModelDescription& said);

}  // namespace yoloport::detect
