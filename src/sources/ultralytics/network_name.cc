// What a network is called, and what it is for.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sources/ultralytics/ultralytics.h"

namespace yoloport::sources::ultralytics {
namespace {

using checkpoint::Module;
using checkpoint::ModuleTree;
using checkpoint::SavedValue;

std::set<std::string_view> TypesOf(const ModuleTree& modules) {
  std::set<std::string_view> types;
  if (!modules.root.Has("model")) return types;
  for (const Module& layer : modules.root["model"].Children()) types.insert(layer.type());
  return types;
}

// By what the layers of its yaml are; names of files say what somebody wrote.
std::string FamilyOf(const ModuleTree& modules) {
  if (IsYolov5(modules)) return "YOLOv5";
  const std::set<std::string_view> types = TypesOf(modules);
  const auto has = [&](std::string_view type) { return types.contains(type); };
  if (has("RTDETRDecoder")) return "RT-DETR";
  if (has("v10Detect")) return "YOLOv10";
  if (has("RepNCSPELAN4") || has("ELAN1")) return "YOLOv9";
  if (has("A2C2f")) return "YOLO12";
  if (has("C3k2")) {
    const Module head = modules.root["model"].Children().back();
    const SavedValue bins = head.Get("reg_max");
    return bins.is_int() && bins.Int() == 1 ? "YOLO26" : "YOLO11";
  }
  if (has("C2f")) return "YOLOv8";
  return has("C3") ? "YOLOv5u" : "YOLO";
}

struct Size {
  double depth;
  double width;
  std::string_view name;
};
// Of files from before they stated a letter.
constexpr auto kYolov5Sizes = std::to_array<Size>(
    {{0.33, 0.25, "n"}, {0.33, 0.5, "s"}, {0.67, 0.75, "m"}, {1, 1, "l"}, {1.33, 1.25, "x"}});

std::string SizeOf(const ModuleTree& modules, const std::string& family) {
  const SavedValue yaml = modules.root.Get("yaml");
  const SavedValue scale = yaml["scale"];
  if (scale.is_text()) {
    const std::string text = scale.Text();
    const bool is_letter = text.size() == 1 && text[0] >= 'a' && text[0] <= 'z';
    return is_letter ? text : "";
  }
  if (family != "YOLOv5" && family != "YOLOv5u" && family != "YOLOv8") return "";
  const auto number = [&](const char* key) -> double {
    const SavedValue value = yaml[key];
    if (!value.exists() || value.is_text() || value.is_list() || value.is_dict()) return 0;
    const std::vector<double> numbers = value.Numbers();
    return numbers.empty() ? 0 : numbers.front();  // a tensor may have none
  };
  const auto* const found =
      std::find_if(kYolov5Sizes.begin(), kYolov5Sizes.end(), [&](const Size& size) {
        return size.depth == number("depth_multiple") && size.width == number("width_multiple");
      });
  return found == kYolov5Sizes.end() ? "" : std::string(found->name);
}

}  // namespace

std::string NameOf(const ModuleTree& modules) {
  std::string family = FamilyOf(modules);
  const std::string size = SizeOf(modules, family);
  std::string ending;
  if (family == "YOLOv5u") {
    family.pop_back();
    ending = "u";
  }
  return family + size + ending;
}

}  // namespace yoloport::sources::ultralytics
