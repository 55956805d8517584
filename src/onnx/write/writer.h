// Writing a graph as an ONNX file, and checking it with the ONNX project's own checker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace yoloport::onnx::write {

// An operator set that a file says it uses; "" is ONNX's own.
struct OpsetImport {
  std::string domain;
  std::int64_t version = 1;
};

// What an ONNX file says beside its graph.
struct OnnxHeader {
  std::string producer_version;
  std::string graph_name;
  std::string producer_name = "yoloport";
  // Of a file that was read. Without these the writer states what goes with the graph's opset.
  std::optional<std::int64_t> ir_version = {};
  std::vector<OpsetImport> imports = {};
  // Further fields of the model and of its graph - functions, doc strings ... - as they stand
  // there.
  std::string model_rest = {};
  std::string graph_rest = {};
};

// A constant whose elements are not all numbers.
struct NonFinite {
  std::string name;
  std::size_t count = 0;  // of elements that are NaN or infinite
};

// Gives a file's metadata_props, in the order of the keys; is told what of the constants is NaN or
// infinite.
using MetadataSource =
    std::function<std::map<std::string, std::string>(const std::vector<NonFinite>& odd)>;

// Whether the writer looks for elements that are NaN or infinite: that takes reading all weights.
enum class Scan { kNonFinite, kNothing };

// Checks `graph` with the checker and the strict shape inference of libonnx, without its weights:
// operators exist in the graph's opset, attributes and types fit, shapes of outputs agree with the
// graph's own. Throws ModelError, which would be a mistake in yoloport, with libonnx's words.
void CheckOnnx(const graph::Graph& graph);

// Writes `graph` atomically; weights are computed and written one after another, never all held at
// once. The same graph, header and metadata always give the same bytes. Returns the size in bytes.
// Throws FileError when writing fails, ModelError past the 2 GiB that one ONNX file can hold.
// `metadata`, if given, is called when the graph is written and before the file appears: it may say
// what took as long to find out. What it throws keeps the file from appearing.
std::uint64_t WriteOnnx(const graph::Graph& graph, const OnnxHeader& header,
                        const std::filesystem::path& path, const MetadataSource& metadata = nullptr,
                        Scan scan = Scan::kNonFinite);

// Checks a whole file, weights included, with libonnx: for tests. Throws ModelError.
void CheckOnnxFile(const std::filesystem::path& path);

}  // namespace yoloport::onnx::write
