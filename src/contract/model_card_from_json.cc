// Reading the metadata document, which may be anybody's: every key is checked.
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_text.h"
#include "base/model_ranges.h"
#include "base/text.h"
#include "contract/limits.h"
#include "contract/model_card.h"
#include "contract/model_card_names.h"
#include "yoloport/error.h"

namespace yoloport::contract {
namespace {

using base::kInputSideRange;
using base::Quote;
using base::Range;

// Not ordered_json, which looks keys up one by one.
using Json = nlohmann::json;
using namespace metadata;  // NOLINT: its names alone are meant

[[noreturn]] void Fail(const std::string& key, const std::string& problem) {
  throw ModelError("metadata: " + key + ": " + problem);
}

// An integer, number, flag or text of the document, checked; `key` is its place for messages.
std::int64_t ToInt(const Json& json, const std::string& key, std::int64_t low, std::int64_t high) {
  if (!json.is_number_integer()) Fail(key, "is not an integer");
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{1} << 62) {
    Fail(key, "is too large");
  }
  const auto value = json.get<std::int64_t>();
  if (value < low || value > high) {
    Fail(key, "is " + std::to_string(value) + ", not within " + std::to_string(low) + ".." +
                  std::to_string(high));
  }
  return value;
}

double ToNumber(const Json& json, const std::string& key, const Range& range) {
  if (!json.is_number()) Fail(key, "is not a number");
  const auto value = json.get<double>();
  if (!range.Holds(value)) Fail(key, "is " + json.dump() + ", which is out of range");
  return value;
}

// A whole number of a range.
int ToInt(const Json& json, const std::string& key, const Range& range) {
  return static_cast<int>(ToInt(json, key, static_cast<std::int64_t>(range.low),
                                static_cast<std::int64_t>(range.high)));
}

bool ToFlag(const Json& json, const std::string& key) {
  if (!json.is_boolean()) Fail(key, "is not true or false");
  return json.get<bool>();
}

std::string ToText(const Json& json, const std::string& key) {
  if (!json.is_string()) Fail(key, "is not a string");
  return json.get<std::string>();
}

// Calls `read(element, its key)` for each element of a list, of `count` elements unless that is 0.
template <typename Read>
auto ToList(const Json& json, const std::string& key, std::size_t count, const Read& read) {
  if (!json.is_array()) Fail(key, "is not a list");
  if (count != 0 && json.size() != count) {
    Fail(key,
         "has " + std::to_string(json.size()) + " elements instead of " + std::to_string(count));
  }
  std::vector<decltype(read(json, key))> out;
  for (std::size_t i = 0; i < json.size(); ++i) {
    out.push_back(read(json[i], key + "[" + std::to_string(i) + "]"));
  }
  return out;
}

// A list of N numbers, as the fixed array that holds them.
template <typename T, std::size_t N, typename Read>
std::array<T, N> ToArray(const Json& json, const std::string& key, const Read& read) {
  const auto list = ToList(json, key, N, read);
  std::array<T, N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<T>(list[i]);
  return out;
}

// The members of one JSON object; whoever reads takes each key once, and Finish() refuses the rest.
class Object {
 public:
  Object(const Json& json, std::string place) : json_(json), place_(std::move(place)) {
    if (!json_.is_object()) Fail(place_, "is not an object");
  }

  std::string Key(const std::string& name) const {
    return place_ == "yoloport" ? name : place_ + "." + name;
  }

  bool Has(const std::string& name) const { return json_.contains(name); }

  const Json& Take(const std::string& name) {
    const auto found = json_.find(name);
    if (found == json_.end()) Fail(Key(name), "is missing");
    taken_.insert(name);
    return *found;
  }

  std::int64_t Int(const std::string& name, std::int64_t low, std::int64_t high) {
    return ToInt(Take(name), Key(name), low, high);
  }
  int Int(const std::string& name, const Range& range) {
    return ToInt(Take(name), Key(name), range);
  }
  double Number(const std::string& name, const Range& range) {
    return ToNumber(Take(name), Key(name), range);
  }
  bool Flag(const std::string& name) { return ToFlag(Take(name), Key(name)); }
  std::string Text(const std::string& name) { return ToText(Take(name), Key(name)); }

  template <typename Enum>
  Enum Choice(const std::string& name, Names names) {
    const std::string text = Text(name);
    std::vector<std::string> known;
    for (const char* each : names) {
      if (text == each) return static_cast<Enum>(known.size());
      known.emplace_back(each);
    }
    Fail(Key(name), "is " + Quote(text) + ", not one of " + base::JoinText(known));
  }

  void Finish() const {
    for (const auto& [name, value] : json_.items()) {
      if (!taken_.contains(name)) Fail(Key(Quote(name)), "is not known");
    }
  }

 private:
  const Json& json_;
  std::string place_;
  std::set<std::string> taken_;
};

std::array<float, 3> ReadTriple(Object& object, const std::string& name, const Range& range) {
  return ToArray<float, 3>(
      object.Take(name), object.Key(name),
      [&](const Json& each, const std::string& key) { return ToNumber(each, key, range); });
}

Preprocess ReadPreprocess(const Json& json) {
  Object object(json, "recipe");
  Preprocess preprocess;
  preprocess.height = object.Int("height", kInputSideRange);
  preprocess.width = object.Int("width", kInputSideRange);
  preprocess.resize = object.Choice<ResizeKind>("resize", kResizeNames);
  preprocess.shrink = object.Choice<Interpolation>("shrink", kInterpolationNames);
  preprocess.enlarge = object.Choice<Interpolation>("enlarge", kInterpolationNames);
  preprocess.rounding = object.Choice<Rounding>("rounding", kRoundingNames);
  preprocess.allow_scale_up = object.Flag("allow_scale_up");
  if (object.Has("long_edge")) {
    preprocess.long_edge = object.Int("long_edge", kInputSideRange);
    preprocess.short_edge = object.Int("short_edge", kInputSideRange);
    if (preprocess.short_edge > preprocess.long_edge)
      Fail("recipe.short_edge", "is above long_edge");
  }
  preprocess.pad_side = object.Choice<PadSide>("pad_side", kPadSideNames);
  if (object.Has("pad_to")) preprocess.pad_to = object.Choice<PadTo>("pad_to", kPadToNames);
  if (object.Has("pad_domain")) {
    preprocess.pad_domain = object.Choice<PadDomain>("pad_domain", kPadDomainNames);
  }
  const bool pads_pixels = preprocess.pad_domain == PadDomain::kPixel;
  preprocess.pad_value = ReadTriple(object, "pad_value",
                                    pads_pixels ? base::kPadValueRange : base::kInputPaddingRange);
  if (object.Has("half_padding")) preprocess.half_padding = object.Flag("half_padding");
  if (object.Has("one_scale")) preprocess.one_scale = object.Flag("one_scale");
  if (object.Has("orientation")) {
    preprocess.orientation = object.Choice<Orientation>("orientation", kOrientationNames);
  }
  preprocess.rgb = object.Flag("rgb");
  preprocess.mean = ReadTriple(object, "mean", base::kMeanRange);
  preprocess.std = ReadTriple(object, "std", base::kStdRange);
  preprocess.type = object.Choice<InputType>("type", kInputTypeNames);
  preprocess.layout = object.Choice<InputLayout>("layout", kInputLayoutNames);
  if (object.Has("channels")) preprocess.channels = object.Int("channels", {1, 1});
  object.Finish();
  return preprocess;
}

void ReadThresholds(const Json& json, ModelCard& card) {
  Object object(json, "thresholds");
  constexpr auto kAny = std::numeric_limits<std::int64_t>::max();
  card.nms.score_threshold = object.Number("score", base::kThresholdRange);
  card.nms.iou_threshold = object.Number("iou", base::kThresholdRange);
  card.nms.pre_topk = object.Int("pre_topk", 1, kAny);
  card.nms.keep_topk = object.Int("keep_topk", 1, kAny);
  card.nms.class_agnostic = object.Flag("class_agnostic");
  card.nms.multi_label = object.Flag("multi_label");
  card.runtime_thresholds = object.Flag("runtime");
  if (object.Has("min_box_size")) {
    card.nms.min_box_size = object.Number("min_box_size", base::kMinBoxSizeRange);
  }
  object.Finish();
}

std::optional<SourceFile> ReadSource(const Json& json, const std::string& key) {
  if (json.is_null()) return std::nullopt;
  Object object(json, key);
  SourceFile source{object.Text("name"), object.Text("sha256")};
  object.Finish();
  return source;
}

void ReadClasses(Object& object, ModelCard& card) {
  card.classes = ToList(object.Take("classes"), "classes", 0, ToText);
  if (card.classes.empty()) Fail("classes", "is empty");
  const auto colour = [](const Json& each, const std::string& key) {
    return ToArray<int, 3>(each, key, [](const Json& value, const std::string& place) {
      return ToInt(value, place, 0, 255);
    });
  };
  card.palette = ToList(object.Take("palette"), "palette", 0, colour);
  if (!card.palette.empty() && card.palette.size() != card.classes.size()) {
    Fail("palette", "has " + std::to_string(card.palette.size()) + " colours for " +
                        std::to_string(card.classes.size()) + " classes");
  }
}

void ReadPriors(Object& object, ModelCard& card) {
  const auto stride = [](const Json& each, const std::string& key) {
    return ToArray<int, 2>(each, key, [](const Json& value, const std::string& place) {
      return ToInt(value, place, base::kStrideRange);
    });
  };
  const auto anchor = [](const Json& each, const std::string& key) {
    return ToArray<double, 2>(each, key, [](const Json& value, const std::string& place) {
      return ToNumber(value, place, base::kAnchorRange);
    });
  };
  const auto level = [&](const Json& each, const std::string& key) {
    return ToList(each, key, 0, anchor);
  };
  card.strides = ToList(object.Take("strides"), "strides", 0, stride);
  card.anchors = ToList(object.Take("anchors"), "anchors", 0, level);
  if (!card.anchors.empty() && card.anchors.size() != card.strides.size()) {
    Fail("anchors", "has " + std::to_string(card.anchors.size()) + " levels for " +
                        std::to_string(card.strides.size()) + " strides");
  }
  card.prior_offset = object.Number("prior_offset", base::kPriorOffsetRange);
  card.reg_max = object.Int("reg_max", base::kRegMaxRange);
}

void CheckFormat(Object& object) {
  const std::int64_t format = object.Int("format", 1, std::numeric_limits<std::int64_t>::max());
  if (format > kFormat) {
    throw ModelError("metadata: format: is " + std::to_string(format) + "; this yoloport reads " +
                         std::to_string(kFormat),
                     "the file was made by a later yoloport; use that one or export again");
  }
}

}  // namespace

ModelCard ModelCardFromJson(std::string_view json, const std::string& file) {
  try {
    return ModelCardFromJson(json);
  } catch (const ModelError& error) {
    throw ModelError(file + ": " + error.message(), error.hint());
  }
}

ModelCard ModelCardFromJson(std::string_view text) {
  if (base::IsNestedDeeper(text, kMaxMetadataDepth)) {
    throw ModelError("metadata: is nested deeper than " + std::to_string(kMaxMetadataDepth));
  }
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw ModelError("metadata: is not JSON: " + Quote(text, 60));
  Object object(json, "yoloport");
  CheckFormat(object);
  ModelCard card;
  card.type = object.Text("type");
  card.detector = object.Text("detector");
  card.backend = object.Text("backend");
  card.end_to_end = object.Flag("end_to_end");
  if (object.Has("layout")) {
    card.layout = object.Choice<OutputLayout>("layout", kOutputLayoutNames);
  }
  card.batch = static_cast<int>(object.Int("batch", -1, 1 << 16));
  if (card.batch == 0) Fail("batch", "is 0");
  ReadClasses(object, card);
  ReadPriors(object, card);
  card.preprocess = ReadPreprocess(object.Take("recipe"));
  ReadThresholds(object.Take("thresholds"), card);
  card.config = ReadSource(object.Take("config"), "config");
  card.checkpoint = ReadSource(object.Take("checkpoint"), "checkpoint");
  card.yoloport_version = object.Text("yoloport_version");
  object.Finish();
  return card;
}

}  // namespace yoloport::contract
