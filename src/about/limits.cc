#include "yoloport/limits.h"

#include "base/text.h"
#include "checkpoint/limits.h"
#include "config/python/limits.h"
#include "contract/foreign/limits.h"
#include "formats/pickle/limits.h"
#include "formats/safetensors/limits.h"
#include "formats/zip/limits.h"
#include "image/limits.h"
#include "models/limits.h"
#include "onnx/outline/limits.h"
#include "tensor/limits.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

using base::SizeText;

template <typename T>
std::string Number(T value) {
  return std::to_string(value);
}

std::vector<Limit> ConfigLimits() {
  using namespace config::python;  // NOLINT: its limits alone are meant
  return {
      {"config: a file", SizeText(kMaxFileBytes), "published ones have up to 30 KB"},
      {"config: files for one config", Number(kMaxFiles), "published ones have up to 6"},
      {"config: all files", SizeText(kMaxTotalFileBytes), "published ones: below 200 KB"},
      {"config: files based on one another", Number(kMaxBaseDepth), "published ones: 6"},
      {"config: nesting of brackets and blocks", Number(kMaxSyntaxDepth), "Python's own limit"},
      {"config: nesting of values", Number(kMaxValueDepth), "published ones: below 20"},
      {"config: values", Number(kMaxValues), "published ones: a few thousand"},
      {"config: evaluation steps", Number(kMaxSteps), "published ones: a few thousand"},
      {"config: one string", SizeText(kMaxStringBytes), "published ones: below 1 KiB"},
      {"config: all strings", SizeText(kMaxTotalStringBytes), "published ones: below 1 MiB"},
      {"config: written out", SizeText(kMaxWrittenBytes), "published ones: below 1 MB"},
      {"config: widen_factor and deepen_factor", "16", "the largest published: 1.33 and 1.25"},
      {"config: classes", Number(models::kMaxClasses), "the largest datasets have 20000"},
  };
}

std::vector<Limit> CheckpointLimits() {
  return {
      {"checkpoint: values of a pickle", Number(formats::pickle::kMaxPickleValues),
       "large ones have 200000"},
      {"checkpoint: instructions of a pickle", Number(formats::pickle::kMaxPickleSteps),
       "8 a value"},
      {"checkpoint: nesting of values", Number(formats::pickle::kMaxPickleNesting),
       "Python's own limit"},
      {"checkpoint: class names", Number(formats::pickle::kMaxPickleNames),
       "real ones have up to 100"},
      {"checkpoint: one class name", SizeText(formats::pickle::kMaxPickleNameLength),
       "real ones: 100 bytes"},
      {"checkpoint: bytes unpacked",
       Number(formats::zip::kMaxInflationRatio) + " times the file + " +
           SizeText(formats::zip::kFreeInflatedBytes),
       "weights shrink by a tenth, pickles to a fifth"},
      {"checkpoint: header of safetensors", SizeText(formats::safetensors::kMaxSafetensorsHeader),
       "300000 tensors"},
      {"checkpoint: keys of a state_dict", SizeText(checkpoint::kMaxKeyBytes),
       "100000 of 160 bytes"},
      {"checkpoint: key of a storage", SizeText(checkpoint::kMaxStorageKeyLength),
       "torch numbers them"},
      {"checkpoint: flags of a tensor", Number(checkpoint::kMaxTensorFlags), "torch writes 2"},
      {"checkpoint: names of the dataset's classes", SizeText(checkpoint::kMaxClassNameBytes),
       "the largest datasets have 20000 classes"},
      {"checkpoint: dimensions of a tensor", Number(tensor::kMaxRank), "detectors have up to 5"},
      {"checkpoint: a tensor of repeated elements", SizeText(checkpoint::kMaxExpandedBytes),
       "strides of 0 let a few bytes stand for any number"},
      {"checkpoint: all tensors",
       Number(checkpoint::kMaxSharing) + " times their storages + " +
           SizeText(checkpoint::kMaxExpandedBytes),
       "few weights share their elements"},
      {"checkpoint: modules of a whole network", Number(checkpoint::kMaxModules),
       "large detectors have 2000"},
      {"checkpoint: nesting of modules", Number(checkpoint::kMaxModuleNesting),
       "detectors have up to 10"},
      {"checkpoint: tensors of modules", Number(checkpoint::kMaxModuleTensors),
       "large detectors have 2000"},
      {"checkpoint: attributes of modules", Number(checkpoint::kMaxModuleEntries),
       "large detectors have 50000"},
      {"checkpoint: weights that are missing", Number(checkpoint::kMaxMissingKeys),
       "large detectors have 2000"},
      {"checkpoint: a tensor that is missing", SizeText(checkpoint::kMaxPlaceholderBytes),
       "the largest weights have 40 MB"},
  };
}

std::vector<Limit> ModelLimits() {
  return {
      {"ONNX: opset that is run", "1 to " + Number(onnx::outline::kNewestOpset),
       "the newest that is known"},
      {"ONNX: graphs within graphs", Number(onnx::outline::kMaxGraphDepth),
       "real ones have up to 3"},
      {"metadata of other programs: a text", SizeText(contract::foreign::kMaxLiteralBytes),
       "a thousand class names take 20 KB"},
      {"metadata of other programs: nesting", Number(contract::foreign::kMaxLiteralDepth),
       "real ones have up to 3"},
      {"metadata of other programs: values", Number(contract::foreign::kMaxLiteralValues),
       "a thousand classes are 2000"},
      {"ONNX: a file that is written", "2.0 GiB", "what one protocol buffers message can hold"},
      {"image: pixels", Number(kMaxImagePixels), "768 MiB decoded"},
      {"image: pixels of a side", Number(image::kMaxImageSide), "OpenCV's own limit"},
      {"image: pixels of a small file",
       Number(image::kFreeImagePixels) + ", or " + Number(image::kMaxPixelsPerByte) + " a byte",
       "photos have 2 to 20 a byte"},
      {"image: memory of a decoder",
       SizeText(image::kFreeDecoderBytes) + ", or " + Number(image::kMaxDecoderBytesPerByte) +
           " a byte",
       "2 GiB at most"},
      {"image: encoded bytes", SizeText(image::kMaxImageFileBytes), "OpenCV counts in 31 bits"},
      {"image: scans of a JPEG", Number(image::kMaxJpegScans), "progressive ones have about 10"},
      {"image: EXIF segments of a JPEG", Number(image::kMaxJpegExifSegments),
       "cameras write 1 or 2"},
      {"image: passes times pixels of a decoder",
       Number(image::kFreeDecodedPixels) + ", more above " + SizeText(image::kSmallImageBytes),
       "a photo takes 2 to 11 passes, as JPEG 2000 up to 480"},
      {"detector: numbers of a batch of images", Number(kMaxInputElements),
       "32 images of 1280 x 1280, 640 MiB"},
      {"list of inputs: files and folders looked at", Number(kMaxListEntries),
       "COCO has 330000 images"},
      {"list of inputs: addresses and cameras", Number(kMaxListSources),
       "each is opened, one after another"},
      {"option: --opset", Number(kLowestOpset) + " to " + Number(kHighestOpset),
       "what libonnx can check"},
      {"option: --img-size", "1 to " + Number(kLargestSide), "detectors are trained up to 1280"},
      {"option: --batch-size", "1 to " + Number(kLargestBatch), "beyond, memory decides"},
      {"option: --pre-topk and --keep-topk", "1 to " + Number(kLargestTopk),
       "640 x 640 pixels have 25200 positions"},
  };
}

}  // namespace

std::vector<Limit> Limits() {
  std::vector<Limit> all = ConfigLimits();
  for (const auto& more : {CheckpointLimits(), ModelLimits()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace yoloport
