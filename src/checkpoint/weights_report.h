// How weights and network fail to fit, in words.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport::checkpoint {

struct FitReport {
  struct Keyed {
    std::string key;
    tensor::Shape shape;
  };
  struct Mismatch {
    std::string key;
    tensor::Shape found;
    tensor::Shape expected;
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
  bool has_more_blocks = false;   // some of `unexpected` belong to blocks that the network lacks
  // The network comes from the file itself: it has to use all of it.
  bool is_of_file = false;

  bool HasMistakes() const { return !missing.empty() || !mismatched.empty() || !unusable.empty(); }

  // MMYOLO passes over what the network does not have, too. Further blocks of a list that it has
  // are those of a larger network, of which a part computes nonsense.
  bool fits() const {
    return !HasMistakes() && !has_more_blocks && (!is_of_file || unexpected.empty());
  }

  // One line of counts, then up to ten lines of each kind.
  std::string Message() const;

  // What is said of `unexpected` where the rest fits.
  std::string Surplus() const;

  // The likely cause: another size, another number of classes, another architecture.
  std::string Hint() const;
};

// The numbered blocks of a network, by the keys that it uses: "stage1.0.conv.weight" is in block 0
// of the list "stage1".
class BlockLists {
 public:
  void Add(std::string_view key);  // which must outlive this

  // Whether `key` is in a block of one of the lists, but in none of its blocks.
  bool IsOfAnotherBlock(std::string_view key) const;

 private:
  std::set<std::string_view> lists_;   // "stage1."
  std::set<std::string_view> blocks_;  // "stage1.0."
};

}  // namespace yoloport::checkpoint
