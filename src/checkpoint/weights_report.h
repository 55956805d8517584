// How weights and network fail to fit, in words.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport {

struct FitReport {
  struct Keyed {
    std::string key;
    Shape shape;
  };
  struct Mismatch {
    std::string key;
    Shape found;
    Shape expected;
  };
  struct Unusable {
    std::string key;
    std::string problem;
  };

  std::vector<Keyed> missing;  // the shape is the network's
  std::vector<Mismatch> mismatched;
  std::vector<Unusable> unusable;
  std::vector<Keyed> unexpected;  // the shape is the checkpoint's
  std::size_t used = 0;           // keys that the network asked for and the checkpoint has

  bool fits() const {
    return missing.empty() && mismatched.empty() && unusable.empty() && unexpected.empty();
  }

  // One line of counts, then up to ten lines of each kind.
  std::string Message() const;

  // The likely cause: another size, another number of classes, another architecture.
  std::string Hint() const;
};

}  // namespace yoloport
