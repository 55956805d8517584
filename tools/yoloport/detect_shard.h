// Dividing inputs among machines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detect_inputs.h"

namespace yoloport::tool {

// One of `count` parts of the inputs, from 1.
struct Shard {
  int number = 1;
  int count = 1;

  // "-2-of-3" for names of files; "" where nothing is divided.
  std::string suffix() const;
};

// "2/3". Throws UsageError.
Shard ParseShard(const std::string& text);

// Leaves the items of that shard, in their order. Which one an item belongs to depends on its path
// alone: not on other inputs, nor on what the machine is.
void KeepShard(const Shard& shard, std::vector<Item>& items);

// A number that bytes are told apart by; the same on every machine.
class Fingerprint {
 public:
  void Add(std::string_view bytes);
  std::uint64_t value() const;
  std::string hex() const;  // 16 digits

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace yoloport::tool
