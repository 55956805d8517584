// A file from its graph: what it says about itself, and the writing of it. For whoever makes
// end-to-end files: export, and finish.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "contract/model_card.h"
#include "export/plan.h"
#include "graph/graph.h"
#include "graph/head.h"
#include "onnx/write/writer.h"

namespace yoloport::exporting {

// What a file is to say about itself, but for the names of the detector and its classes, the
// palette and the checkpoint.
contract::ModelCard DescribeFile(const Plan& plan, const graph::HeadOutput& network,
                                 const Preprocess& preprocess);

// `names`, which are stated, if they are `count`; else class_0, class_1 ..., and a note.
std::vector<std::string> ClassNames(std::vector<std::string> names, std::size_t count,
                                    Notes& notes);

// Throws CheckpointError that lists `warnings` of the options' checkpoint, if there are any.
void RefuseWarnings(const ExportOptions& options, const std::vector<std::string>& warnings);

// What a file is written with beside its graph.
struct FileParts {
  onnx::write::OnnxHeader header;
  std::map<std::string, std::string> metadata = {};  // of others, under keys that are not ours
  // SHA-256 of the options' checkpoint, asked for last; throws where what was read cannot be
  // trusted.
  std::function<std::string()> digest;
};

// Writes the file, and what its layout wants beside it: all of them or none.
ExportReport WriteFile(const Plan& plan, const graph::Graph& graph, contract::ModelCard card,
                       const FileParts& parts, Notes notes);

}  // namespace yoloport::exporting
