// What a pickle stores to name it again: values by index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "formats/pickle/limits.h"
#include "formats/pickle/pickle_value.h"

namespace yoloport::formats::pickle {

// Takes memory by what is stored, whatever the indexes are.
class PickleMemo {
 public:
  // Replaces what `index` named before. False when there are kMaxPickleValues entries already.
  bool Store(std::uint64_t index, Value* value);

  // Null when nothing was stored under `index`.
  Value* Find(std::uint64_t index) const;

  std::size_t size() const { return size_; }

 private:
  std::vector<Value*> dense_;               // picklers count from 0 or 1; at least half is in use
  std::map<std::uint64_t, Value*> sparse_;  // indexes far beyond the number of entries
  std::size_t size_ = 0;
};

}  // namespace yoloport::formats::pickle
