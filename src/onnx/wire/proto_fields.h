// Field numbers of onnx.proto: the only place that knows them. Numbers never change once they are
// given out, so files of any version are read with these.
#pragma once

#include <cstdint>

namespace yoloport::onnx::wire {

namespace model_proto {
inline constexpr std::uint64_t kIrVersion = 1, kProducerName = 2, kProducerVersion = 3, kGraph = 7,
                               kOpsetImport = 8, kMetadataProps = 14, kFunctions = 25,
                               kLast = 26;  // configuration, since ONNX 1.19
}
namespace opset_proto {
inline constexpr std::uint64_t kDomain = 1, kVersion = 2;
}
namespace function_proto {
inline constexpr std::uint64_t kName = 1, kInput = 4, kOutput = 5, kNode = 7;
}
namespace graph_proto {
inline constexpr std::uint64_t kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12,
                               kValueInfo = 13, kSparseInitializer = 15;
}
namespace node_proto {
inline constexpr std::uint64_t kInput = 1, kOutput = 2, kName = 3, kType = 4, kAttribute = 5,
                               kDomain = 7;
}
namespace attribute_proto {
inline constexpr std::uint64_t kName = 1, kFloat = 2, kInt = 3, kString = 4, kTensor = 5,
                               kGraph = 6, kFloats = 7, kInts = 8, kTensors = 10, kGraphs = 11,
                               kType = 20, kSparseTensor = 22, kSparseTensors = 23;
// Values of kType.
inline constexpr std::int64_t kIsFloat = 1, kIsInt = 2, kIsString = 3, kIsFloats = 6, kIsInts = 7;
}  // namespace attribute_proto
namespace tensor_proto {
inline constexpr std::uint64_t kDims = 1, kDataType = 2, kFloatData = 4, kInt32Data = 5,
                               kInt64Data = 7, kName = 8, kRawData = 9, kDoubleData = 10,
                               kUInt64Data = 11, kExternalData = 13, kDataLocation = 14;
}
namespace sparse_tensor_proto {
inline constexpr std::uint64_t kValues = 1, kIndices = 2;
}
namespace value_proto {
inline constexpr std::uint64_t kName = 1, kType = 2;
}
namespace type_proto {
inline constexpr std::uint64_t kTensor = 1;
}
namespace tensor_type_proto {
inline constexpr std::uint64_t kElement = 1, kShape = 2;
}
namespace shape_proto {
inline constexpr std::uint64_t kDim = 1;
}
namespace dim_proto {
inline constexpr std::uint64_t kValue = 1, kParam = 2;
}
namespace entry_proto {
inline constexpr std::uint64_t kKey = 1, kValue = 2;
}

}  // namespace yoloport::onnx::wire
