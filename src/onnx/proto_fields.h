// Field numbers of onnx.proto, for those who read and write its wire format.
#pragma once

#include <cstdint>

namespace yoloport {

namespace model_proto {
inline constexpr std::uint64_t kIrVersion = 1, kProducerName = 2, kProducerVersion = 3, kGraph = 7,
                               kOpsetImport = 8, kMetadataProps = 14;
}
namespace opset_proto {
inline constexpr std::uint64_t kDomain = 1, kVersion = 2;
}
namespace graph_proto {
inline constexpr std::uint64_t kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12,
                               kValueInfo = 13;
}
namespace node_proto {
inline constexpr std::uint64_t kOutput = 2, kType = 4, kAttribute = 5, kDomain = 7;
}
namespace attribute_proto {
inline constexpr std::uint64_t kName = 1, kFloat = 2, kInt = 3;
}
namespace tensor_proto {
inline constexpr std::uint64_t kDims = 1, kDataType = 2, kName = 8, kRawData = 9;
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

}  // namespace yoloport
