// What a class without a name is called, by those who write files and those who run them.
#include "yoloport/image.h"

namespace yoloport {

std::string ClassName(std::span<const std::string> classes, int label) {
  if (label >= 0 && static_cast<std::size_t>(label) < classes.size()) return classes[label];
  return "class_" + std::to_string(label);
}

}  // namespace yoloport
