#include "formats/pickle/pickle_globals.h"

#include <array>

namespace yoloport::formats::pickle {
namespace {

using Kind = GlobalKind;
using tensor::DType;

constexpr std::string_view kQuantized = "a quantized tensor";
constexpr std::string_view kComplex = "a complex tensor";

constexpr auto kGlobals = std::to_array<KnownGlobal>({
    {"collections.OrderedDict", Kind::kDict},
    {"collections.defaultdict", Kind::kDefaultDict},
    {"builtins.dict", Kind::kDict},
    {"builtins.list", Kind::kSequence},
    {"builtins.tuple", Kind::kSequence},
    {"builtins.set", Kind::kSequence},
    {"builtins.frozenset", Kind::kSequence},
    {"torch.Size", Kind::kSequence},

    {"torch._utils._rebuild_tensor", Kind::kRebuildTensor},
    {"torch._utils._rebuild_tensor_v2", Kind::kRebuildTensor},
    {"torch._utils._rebuild_tensor_v3", Kind::kRebuildTensorV3},
    {"torch._utils._rebuild_parameter", Kind::kRebuildParameter},
    {"torch._utils._rebuild_parameter_with_state", Kind::kRebuildParameter},
    {"torch.nn.parameter.Parameter", Kind::kRebuildParameter},
    {"torch.nn.parameter.Buffer", Kind::kRebuildParameter},
    {"torch._tensor._rebuild_from_type", Kind::kRebuildFromType},
    {"torch._tensor._rebuild_from_type_v2", Kind::kRebuildFromType},
    {"torch.tensor._rebuild_from_type", Kind::kRebuildFromType},
    {"torch._utils._rebuild_qtensor", Kind::kUnsupportedTensor, {}, kQuantized},
    {"torch._utils._rebuild_sparse_tensor", Kind::kUnsupportedTensor, {}, "a sparse tensor"},
    {"torch._utils._rebuild_sparse_csr_tensor", Kind::kUnsupportedTensor, {}, "a sparse tensor"},
    {"torch._utils._rebuild_nested_tensor", Kind::kUnsupportedTensor, {}, "a nested tensor"},
    {"torch._utils._rebuild_meta_tensor_no_storage",
     Kind::kUnsupportedTensor,
     {},
     "a meta tensor, which has a shape but no values"},
    {"torch._utils._rebuild_device_tensor_from_numpy",
     Kind::kUnsupportedTensor,
     {},
     "a tensor of a special device, saved as a numpy array"},
    {"torch._utils._rebuild_xla_tensor",
     Kind::kUnsupportedTensor,
     {},
     "a tensor of a special device, saved as a numpy array"},
    {"torch._utils._rebuild_wrapper_subclass",
     Kind::kUnsupportedTensor,
     {},
     "a tensor of a wrapper class, which has no values of its own"},

    {"torch.FloatStorage", Kind::kStorage, DType::kFloat32},
    {"torch.DoubleStorage", Kind::kStorage, DType::kFloat64},
    {"torch.HalfStorage", Kind::kStorage, DType::kFloat16},
    {"torch.BFloat16Storage", Kind::kStorage, DType::kBFloat16},
    {"torch.CharStorage", Kind::kStorage, DType::kInt8},
    {"torch.ShortStorage", Kind::kStorage, DType::kInt16},
    {"torch.IntStorage", Kind::kStorage, DType::kInt32},
    {"torch.LongStorage", Kind::kStorage, DType::kInt64},
    {"torch.ByteStorage", Kind::kStorage, DType::kUInt8},
    {"torch.BoolStorage", Kind::kStorage, DType::kBool},
    {"torch.UntypedStorage", Kind::kStorage, DType::kUInt8},
    {"torch.storage.UntypedStorage", Kind::kStorage, DType::kUInt8},
    {"torch.storage._UntypedStorage", Kind::kStorage, DType::kUInt8},
    {"torch.ComplexFloatStorage", Kind::kStorage, {}, kComplex, 8},
    {"torch.ComplexDoubleStorage", Kind::kStorage, {}, kComplex, 16},
    {"torch.QInt8Storage", Kind::kStorage, {}, kQuantized, 1},
    {"torch.QUInt8Storage", Kind::kStorage, {}, kQuantized, 1},
    {"torch.QInt32Storage", Kind::kStorage, {}, kQuantized, 4},
    {"torch.QUInt4x2Storage", Kind::kStorage, {}, kQuantized, 1},
    {"torch.QUInt2x4Storage", Kind::kStorage, {}, kQuantized, 1},

    {"torch.float32", Kind::kDType, DType::kFloat32},
    {"torch.float64", Kind::kDType, DType::kFloat64},
    {"torch.float16", Kind::kDType, DType::kFloat16},
    {"torch.bfloat16", Kind::kDType, DType::kBFloat16},
    {"torch.int8", Kind::kDType, DType::kInt8},
    {"torch.int16", Kind::kDType, DType::kInt16},
    {"torch.int32", Kind::kDType, DType::kInt32},
    {"torch.int64", Kind::kDType, DType::kInt64},
    {"torch.uint8", Kind::kDType, DType::kUInt8},
    {"torch.uint16", Kind::kDType, DType::kUInt16},
    {"torch.uint32", Kind::kDType, DType::kUInt32},
    {"torch.uint64", Kind::kDType, DType::kUInt64},
    {"torch.bool", Kind::kDType, DType::kBool},

    {"torch.device", Kind::kOpaque},
    {"torch.serialization._get_layout", Kind::kOpaque},
    {"torch.per_tensor_affine", Kind::kOpaque},
    {"torch.per_channel_affine", Kind::kOpaque},
    {"_codecs.encode", Kind::kOpaque},
    {"numpy.dtype", Kind::kOpaque},
    {"numpy.ndarray", Kind::kOpaque},
    {"numpy.core.multiarray.scalar", Kind::kOpaque},
    {"numpy.core.multiarray._reconstruct", Kind::kOpaque},
    {"numpy._core.multiarray.scalar", Kind::kOpaque},
    {"numpy._core.multiarray._reconstruct", Kind::kOpaque},
});

// `name` with `prefix` replaced, compared with `candidate` without building a string.
bool EqualsWithPrefix(std::string_view name, std::string_view prefix, std::string_view replacement,
                      std::string_view candidate) {
  if (!name.starts_with(prefix) || !candidate.starts_with(replacement)) return false;
  return name.substr(prefix.size()) == candidate.substr(replacement.size());
}

}  // namespace

const KnownGlobal* FindGlobal(std::string_view name) {
  for (const KnownGlobal& row : kGlobals) {
    if (row.name == name || EqualsWithPrefix(name, "__builtin__.", "builtins.", row.name) ||
        (row.kind == Kind::kStorage && EqualsWithPrefix(name, "torch.cuda.", "torch.", row.name))) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace yoloport::formats::pickle
