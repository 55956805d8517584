#include "onnx/write/writer.h"

#include <cassert>
#include <utility>

#include "base/atomic_file.h"
#include "base/text.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/wire_edit.h"
#include "onnx/write/encode.h"
#include "tensor/arithmetic.h"
#include "yoloport/error.h"

namespace yoloport::onnx::write {
namespace {

using graph::Graph;
using tensor::Tensor;

constexpr std::uint64_t kLargestMessage = (std::uint64_t{1} << 31) - 1;  // protobuf's limit

void CheckSize(std::uint64_t bytes) {
  if (bytes <= kLargestMessage) return;
  throw ModelError("the model would take " + base::SizeText(bytes) +
                   "; an ONNX file holds at most 2 GiB");
}

// The elements of a constant or of an input's default.
Tensor Elements(const Graph::ValueData& value) {
  if (value.default_value) return *value.default_value;
  if (const auto* tensor = std::get_if<Tensor>(&value.constant)) return *tensor;
  Tensor tensor = std::get<graph::LazyTensor>(value.constant).make();
  assert(tensor.dtype() == value.dtype && tensor.shape() == value.shape);
  return tensor;
}

// A part of the file: bytes, and behind them the elements of a value that are asked for when their
// turn has come.
struct Piece {
  std::string bytes;
  int elements_of = -1;
};

// A GraphProto in pieces. Weights stand behind everything else; which is told by how they are held,
// not by their size, so that another --keep-topk moves nothing.
class GraphPieces {
 public:
  GraphPieces(const Graph& graph, const OnnxHeader& header) : graph_(graph) {
    Add(EncodeNodes(graph));
    std::string name;
    wire::AppendBytes(name, wire::graph_proto::kName, header.graph_name);
    Add(name);
    // An initializer that bears an input's name is its default value.
    for (const int id : graph.inputs()) {
      if (graph.value(id).default_value) AddInitializer(id);
    }
    for (const int id : graph.constants()) {
      if (!IsBehind(id)) AddInitializer(id);
    }
    Add(EncodeTypes(graph));
    Add(header.graph_rest);
    for (const int id : graph.constants()) {
      if (IsBehind(id)) AddInitializer(id);
    }
  }

  std::uint64_t size() const { return size_; }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  bool IsBehind(int id) const {
    const auto* lazy = std::get_if<graph::LazyTensor>(&graph_.value(id).constant);
    return lazy != nullptr && !lazy->is_inline;
  }

  void Add(std::string_view bytes) {
    if (pieces_.empty() || pieces_.back().elements_of >= 0) pieces_.emplace_back();
    pieces_.back().bytes += bytes;
    size_ += bytes.size();
  }

  void AddInitializer(int id) {
    const Graph::ValueData& value = graph_.value(id);
    if (const auto* raw = std::get_if<graph::Raw>(&value.constant)) {
      Add(wire::BytesHeader(wire::graph_proto::kInitializer, raw->bytes.size()));
      return Add(raw->bytes);
    }
    const std::uint64_t bytes = static_cast<std::uint64_t>(tensor::ElementCount(value.shape)) *
                                tensor::ElementSize(value.dtype);
    const std::string tensor =
        EncodeTensorHeader(value) + wire::BytesHeader(wire::tensor_proto::kRawData, bytes);
    Add(wire::BytesHeader(wire::graph_proto::kInitializer, tensor.size() + bytes) + tensor);
    pieces_.back().elements_of = id;
    size_ += bytes;
  }

  const Graph& graph_;
  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
};

void AddNonFinite(const std::string& name, const Tensor& elements, std::vector<NonFinite>& odd) {
  if (const std::size_t count = tensor::CountNonFinite(elements); count > 0)
    odd.push_back({name, count});
}

// Small ones go out together: a network has hundreds, and asking the system takes longer.
void WritePieces(const Graph& graph, const GraphPieces& pieces, std::string before,
                 base::AtomicFile& file, std::vector<NonFinite>* odd) {
  constexpr std::size_t kEnough = std::size_t{1} << 16;
  std::string pending = std::move(before);
  for (const Piece& piece : pieces.pieces()) {
    pending += piece.bytes;
    if (piece.elements_of < 0) continue;
    const Graph::ValueData& value = graph.value(piece.elements_of);
    const Tensor elements = Elements(value);
    const auto bytes = elements.bytes();
    if (odd != nullptr && !value.default_value) AddNonFinite(value.name, elements, *odd);
    if (pending.size() + bytes.size() <= kEnough) {
      pending.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      continue;
    }
    file.Write(std::exchange(pending, {}));
    file.Write(bytes);
  }
  file.Write(pending);
}

}  // namespace

std::uint64_t WriteOnnx(const Graph& graph, const OnnxHeader& header,
                        const std::filesystem::path& path, const MetadataSource& metadata,
                        Scan scan) {
  const GraphPieces pieces(graph, header);
  std::string start = EncodeModelStart(graph, header);
  start += wire::BytesHeader(wire::model_proto::kGraph, pieces.size());
  const std::uint64_t before_metadata = start.size() + pieces.size();
  CheckSize(before_metadata);
  base::AtomicFile file(path);
  std::vector<NonFinite> odd;
  WritePieces(graph, pieces, std::move(start), file, scan == Scan::kNonFinite ? &odd : nullptr);
  std::string last;
  if (metadata) {
    // Fields of a message may come in any order: these follow the graph.
    for (const auto& [key, value] : metadata(odd)) last += EncodeMetadata(key, value);
  }
  CheckSize(before_metadata + last.size());
  file.Write(last);
  file.Commit();
  return before_metadata + last.size();
}

}  // namespace yoloport::onnx::write
