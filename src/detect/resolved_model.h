// What is known of a model file before it runs: its metadata, and what the caller says of it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contract/model_card.h"
#include "detect/raw_decoder.h"
#include "tasks/detect/host/raw_decode.h"
#include "yoloport/model_description.h"
#include "yoloport/types.h"

namespace yoloport::detect {

struct FileMetadata {
  std::optional<contract::ModelCard> info;  // nothing: there are none, or broken ones
  std::string problem;                      // what is wrong where there is nothing
  std::map<std::string, std::string> keys;  // all that the file has
};

// Of an ONNX file, or of what stands beside an engine. Throws FileError, or ModelError when the
// file is no ONNX file.
FileMetadata ReadFileMetadata(const std::filesystem::path& model);

// Of the metadata of an OpenVINO model, which its session has read.
FileMetadata FileMetadataOf(std::map<std::string, std::string> keys);

struct ResolvedModel {
  std::vector<std::string> classes;  // empty: not known
  std::size_t labels = 0;            // how many the file says it has; 0: it does not say
  std::vector<Rgb> palette;
  Preprocess preprocess;
  bool has_size = false;  // preprocessing's height and width are somebody's word, not a default
  contract::RawHeadInfo head;  // of raw heads; its type is empty where that is not known
  contract::NmsPolicy nms;     // of raw heads; min_box_size of all files
  std::vector<std::string> warnings;
};

// Joins both; what the caller says goes first. Throws UsageError where `said` makes no sense, or
// contradicts the file. `model` is the file's name for messages; `end_to_end` whether the file
// post-processes by itself.
ResolvedModel ResolveModel(const FileMetadata& metadata, ModelDescription said, bool end_to_end,
                           const std::string& model);

// Throws UsageError where an input of these pixels is not made of whole strides of the network,
// with the nearest that is: runtimes say only that some shapes do not match. A file that does not
// say its strides takes any.
void RequireWholeStrides(const ResolvedModel& model, std::int64_t height, std::int64_t width,
                         const std::string& name);

}  // namespace yoloport::detect
