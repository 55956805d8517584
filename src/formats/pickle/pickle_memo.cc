#include "formats/pickle/pickle_memo.h"

#include "formats/pickle/limits.h"

namespace yoloport::formats::pickle {

bool PickleMemo::Store(std::uint64_t index, Value* value) {
  constexpr std::size_t kSlack = 64;
  const bool is_new = Find(index) == nullptr;
  if (is_new && size_ >= kMaxPickleValues) return false;
  if (is_new) ++size_;
  if (index < dense_.size() || index < 2 * size_ + kSlack) {
    if (index >= dense_.size()) dense_.resize(static_cast<std::size_t>(index) + 1);
    dense_[static_cast<std::size_t>(index)] = value;
  } else {
    sparse_[index] = value;
  }
  return true;
}

Value* PickleMemo::Find(std::uint64_t index) const {
  // What is in `dense_` is newer than what `sparse_` holds under the same index.
  if (index < dense_.size() && dense_[static_cast<std::size_t>(index)] != nullptr) {
    return dense_[static_cast<std::size_t>(index)];
  }
  const auto found = sparse_.find(index);
  return found == sparse_.end() ? nullptr : found->second;
}

}  // namespace yoloport::formats::pickle
