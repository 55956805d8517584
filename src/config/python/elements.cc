// The part of operators.h that reaches into containers.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "config/python/limits.h"
#include "config/python/operators.h"
#include "config/python/python_text.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {
namespace {

// The elements [begin, end) of a range, each `step`th, as a range.
Value RangeSlice(Heap& heap, const Range& range, std::int64_t begin, std::int64_t end,
                 std::int64_t step, Position at) {
  bool overflows = __builtin_mul_overflow(begin, range.step, &begin);
  overflows |= __builtin_add_overflow(begin, range.start, &begin);
  overflows |= __builtin_mul_overflow(end, range.step, &end);
  overflows |= __builtin_add_overflow(end, range.start, &end);
  overflows |= __builtin_mul_overflow(step, range.step, &step);
  if (overflows) heap.GiveUp(at, "the result does not fit 64 bits");
  return heap.MakeRange(begin, end, step, at);
}

}  // namespace

std::size_t ListIndex(Heap& heap, const Value& index, std::size_t size, Position at) {
  heap.RequireKnown(index);
  if (!index.IsIntegral()) heap.Fail(at, "an index must be an int, not " + KindText(index.kind()));
  const auto count = static_cast<std::int64_t>(size);
  const std::int64_t value = index.integer();
  if (value >= count || value < -count) {
    heap.Fail(at, "the index " + std::to_string(value) + " is out of range: there are " +
                      std::to_string(size) + " elements");
  }
  return static_cast<std::size_t>(value < 0 ? value + count : value);
}

Value Subscript(Heap& heap, const Value& container, const Value& index, Position at) {
  heap.RequireKnown(container);
  if (container.Is(Kind::kDict)) {
    const Entry* entry = heap.Find(container.mapping(), index, at);
    if (entry != nullptr) return entry->value;
    const std::string key = index.Is(Kind::kString) ? base::Quote(index.text()) : Repr(heap, index);
    heap.Fail(at, "there is no key " + key + " in this dict");
  }
  if (container.IsSequence()) {
    return container.items()[ListIndex(heap, index, container.items().size(), at)];
  }
  if (container.Is(Kind::kString)) {
    heap.ChargeSteps(container.text().size() / kBytesPerPlace, at);
    const std::vector<std::size_t> offsets = CharacterOffsets(container.text());
    const std::size_t i = ListIndex(heap, index, offsets.size() - 1, at);
    return heap.String(container.text().substr(offsets[i], offsets[i + 1] - offsets[i]), at);
  }
  heap.Fail(at, KindText(container.kind()) + " has no elements");
}

Value Slice(Heap& heap, const Value& container, const Value& start, const Value& stop,
            const Value& step, Position at) {
  for (const Value& value : {container, start, stop, step}) heap.RequireKnown(value);
  const bool is_text = container.Is(Kind::kString);
  if (!container.IsSequence() && !is_text) {
    heap.Fail(at, KindText(container.kind()) + " has no slices");
  }
  if (is_text) heap.ChargeSteps(container.text().size() / kBytesPerPlace, at);
  const std::vector<std::size_t> offsets =
      is_text ? CharacterOffsets(container.text()) : std::vector<std::size_t>();
  const auto size =
      static_cast<std::int64_t>(is_text ? offsets.size() - 1 : container.items().size());
  const auto part = [&](const Value& value, std::int64_t otherwise) {
    if (value.Is(Kind::kNone)) return otherwise;
    if (!value.IsIntegral()) heap.Fail(at, "a slice needs ints, not " + KindText(value.kind()));
    return value.integer();
  };
  // Clamped: no published list is longer, and the sums below cannot overflow.
  const std::int64_t stride = std::clamp<std::int64_t>(part(step, 1), -size - 1, size + 1);
  if (stride == 0) heap.Fail(at, "the step of a slice is 0");
  const std::int64_t first = stride > 0 ? 0 : -1;
  const std::int64_t last = stride > 0 ? size : size - 1;
  const auto bound = [&](std::int64_t value) {
    if (value < 0) value = value < -size ? first : value + size;
    return std::clamp(value, first, last);
  };
  const bool down = stride < 0;
  const std::int64_t begin = start.Is(Kind::kNone) ? (down ? last : first) : bound(part(start, 0));
  const std::int64_t end = stop.Is(Kind::kNone) ? (down ? first : last) : bound(part(stop, 0));
  const std::int64_t span = down ? begin - end : end - begin;
  if (span > 0) heap.ChargeSteps(static_cast<std::size_t>(span / std::abs(stride)) + 1, at);
  if (container.Is(Kind::kRange)) {
    return RangeSlice(heap, container.range(), begin, end, part(step, 1), at);
  }
  std::string text;
  std::vector<Value> items;
  for (std::int64_t i = begin; down ? i > end : i < end; i += stride) {
    const auto at_index = static_cast<std::size_t>(i);
    if (is_text) {
      text += container.text().substr(offsets[at_index], offsets[at_index + 1] - offsets[at_index]);
    } else {
      items.push_back(container.items()[at_index]);
    }
  }
  if (is_text) return heap.String(std::move(text), at);
  return container.Is(Kind::kList) ? heap.List(std::move(items), at)
                                   : heap.Tuple(std::move(items), at);
}

}  // namespace yoloport::config::python
