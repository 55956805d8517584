// An ONNX file as a graph, whoever wrote it, and as a file again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "graph/graph.h"
#include "onnx/write/writer.h"

namespace yoloport::onnx::read {

// What a file holds: its graph, and what it says beside that.
struct OnnxFile {
  std::unique_ptr<graph::Graph> graph;
  write::OnnxHeader header;
  std::map<std::string, std::string> metadata;  // metadata_props; the last of a key's
  // What was read: the file itself, then the files in which it keeps weights. The graph keeps them
  // mapped, too.
  std::vector<std::shared_ptr<const base::MappedFile>> sources;
};

// Reads the file at `path` as it is: nodes, values and constants in its order and under its names,
// nothing folded, merged or inferred.
//
// - A value has the type and shape that the file states. Many results have none: then
//   Value::dtype() and shape() throw.
// - Constants of up to 64 KiB that stand before the graph's inputs are held in memory. All others
//   are LazyTensors that view the mapped file: nothing of them is read until somebody asks. The
//   view may be unaligned; Tensor::Dense() aligns it. Elements that the file keeps as numbers of
//   their own (`float_data` ...) are decoded when they are asked for.
// - An initializer that bears an input's name is that input's default.
// - What a Graph has no type for is kept as bytes (graph::Raw): graphs, tensors and lists of texts
//   as attributes, constants of texts, 4 or 8 bits, types other than tensors of a DType. Values
//   that graphs within a node read are listed in Node::captured. Functions, sparse initializers and
//   further fields, such as doc strings, are kept as bytes, too; of tensors they are dropped.
//
// Throws FileError when the file or one with its weights cannot be read, ModelError, beginning with
// the file's name, when it is not an ONNX file, is refused by CheckOnnxStructure(), or is not a
// graph: a name that two values bear or none does, elements that do not fit their shape. Work and
// memory grow with the size of the file, not with what it claims.
OnnxFile ReadOnnx(const std::filesystem::path& path);

// Writes `file` atomically as one file that computes the same; byte for byte what was read, if
// yoloport wrote that and nothing was changed. `path` may be the path that was read. Weights are
// copied from the mapped files one after another. Gives the size in bytes. Throws as
// WriteOnnx(graph ...) does, and FileError when a source changed since it was opened.
std::uint64_t WriteOnnx(const OnnxFile& file, const std::filesystem::path& path);

}  // namespace yoloport::onnx::read
