// Comparing values: ==, <, in, is.
#include <algorithm>
#include <cmath>
#include <string>

#include "config/python/iteration.h"
#include "config/python/operators.h"
#include "config/python/python_text.h"

namespace yoloport::config::python {
namespace {

bool IsNan(const Value& value) { return value.Is(Kind::kDouble) && std::isnan(value.number()); }

class Comparer {
 public:
  Comparer(Heap& heap, Position at) : heap_(heap), at_(at) {}

  bool AreEqual(const Value& a, const Value& b, int depth) {
    heap_.CheckDepth(depth, at_);
    heap_.ChargeSteps(1, at_);
    if (a.IsNumber() && b.IsNumber()) return std::is_eq(OrderOfNumbers(a, b));
    heap_.RequireKnown(a);
    heap_.RequireKnown(b);
    RefuseViews(a, b);
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
      case Kind::kNone:
      case Kind::kEllipsis:
        return true;
      case Kind::kString:
        if (a.text().size() != b.text().size()) return false;
        heap_.ChargeBytes(a.text().size(), at_);
        return a.text() == b.text();
      case Kind::kList:
      case Kind::kTuple:
      case Kind::kRange:
        return a.identity() == b.identity() || SequencesEqual(a, b, depth);
      default:
        return a.identity() == b.identity() || MappingsEqual(a, b, depth);
    }
  }

  // What containers ask of their elements: an object is equal to itself, even not-a-number.
  bool AreSameOrEqual(const Value& a, const Value& b, int depth) {
    if (IsNan(a) && IsNan(b)) {
      heap_.GiveUp(at_, "whether one nan is the other depends on how Python stores them");
    }
    return AreEqual(a, b, depth);
  }

  // a op b, where `op` is one of < <= > >=.
  bool AreOrdered(Op op, const Value& a, const Value& b, int depth) {
    heap_.CheckDepth(depth, at_);
    heap_.ChargeSteps(1, at_);
    heap_.RequireKnown(a);
    heap_.RequireKnown(b);
    if (a.IsNumber() && b.IsNumber()) return Fits(op, OrderOfNumbers(a, b));
    if (a.Is(Kind::kString) && b.Is(Kind::kString)) {
      heap_.ChargeBytes(std::min(a.text().size(), b.text().size()), at_);
      return Fits(op, a.text() <=> b.text());
    }
    const bool are_rows =
        (a.Is(Kind::kList) && b.Is(Kind::kList)) || (a.Is(Kind::kTuple) && b.Is(Kind::kTuple));
    const bool are_sets = IsSetLike(a) && IsSetLike(b);
    if (are_sets) heap_.GiveUp(at_, "comparing sets");
    if (!are_rows) {
      heap_.Fail(at_, KindText(a.kind()) + " and " + KindText(b.kind()) + " have no order");
    }
    const std::size_t common = std::min(a.items().size(), b.items().size());
    for (std::size_t i = 0; i < common; ++i) {
      const Value& left = a.items()[i];
      const Value& right = b.items()[i];
      if (!AreSameOrEqual(left, right, depth + 1)) return AreOrdered(op, left, right, depth + 1);
    }
    return Fits(op, a.items().size() <=> b.items().size());
  }

 private:
  static bool Fits(Op op, std::partial_ordering order) {
    switch (op) {
      case Op::kLess:
        return std::is_lt(order);
      case Op::kLessEqual:
        return std::is_lteq(order);
      case Op::kGreater:
        return std::is_gt(order);
      default:
        return std::is_gteq(order);
    }
  }

  static bool IsSetLike(const Value& value) {
    return value.Is(Kind::kView) || value.Is(Kind::kSet);
  }

  // Views are equal to sets or by what object they are, iterators only so.
  void RefuseViews(const Value& a, const Value& b) {
    const bool are_iterators = a.Is(Kind::kIterator) && b.Is(Kind::kIterator);
    const bool are_views = IsSetLike(a) && IsSetLike(b) && !(a.Is(Kind::kSet) && b.Is(Kind::kSet));
    if (!are_iterators && !are_views) return;
    heap_.GiveUp(at_, "comparing " + KindText(a.kind()) + " and " + KindText(b.kind()));
  }

  bool SequencesEqual(const Value& a, const Value& b, int depth) {
    if (a.items().size() != b.items().size()) return false;
    for (std::size_t i = 0; i < a.items().size(); ++i) {
      if (!AreSameOrEqual(a.items()[i], b.items()[i], depth + 1)) return false;
    }
    return true;
  }

  bool MappingsEqual(const Value& a, const Value& b, int depth) {
    if (a.mapping().size() != b.mapping().size()) return false;
    for (const Entry& entry : a.mapping().entries()) {
      const Entry* other = heap_.Find(b.mapping(), entry.key, at_);
      if (other == nullptr || !AreSameOrEqual(entry.value, other->value, depth + 1)) return false;
    }
    return true;
  }

  Heap& heap_;
  Position at_;
};

bool Visits(Heap& heap, const Value& container, const Value& item, Position at) {
  Loop loop(heap, container, at);
  for (Value element; loop.Next(element);) {
    if (SameOrEqual(heap, element, item, at)) return true;
  }
  return false;
}

bool ViewContains(Heap& heap, const View& view, const Value& item, Position at) {
  const Mapping& mapping = view.dict.mapping();
  if (view.part == DictPart::kKeys) return heap.Find(mapping, item, at) != nullptr;
  if (!item.Is(Kind::kTuple) || item.items().size() != 2) return false;
  const Entry* entry = heap.Find(mapping, item.items()[0], at);
  return entry != nullptr && SameOrEqual(heap, entry->value, item.items()[1], at);
}

bool Contains(Heap& heap, const Value& container, const Value& item, Position at) {
  switch (container.kind()) {
    case Kind::kUnknown:
      heap.Unsure(container);
    case Kind::kDict:
    case Kind::kSet:
      return heap.Find(container.mapping(), item, at) != nullptr;
    case Kind::kView:
      return container.view().part == DictPart::kValues
                 ? Visits(heap, container, item, at)
                 : ViewContains(heap, container.view(), item, at);
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kRange:
    case Kind::kIterator:
      return Visits(heap, container, item, at);
    case Kind::kString:
      heap.RequireKnown(item);
      if (!item.Is(Kind::kString)) {
        heap.Fail(at, "only a str can be 'in' a str, not " + KindText(item.kind()));
      }
      heap.ChargeBytes(container.text().size() + item.text().size(), at);
      return FindText(container.text(), item.text(), 0) != std::string::npos;
    default:
      heap.Fail(at, "nothing can be 'in' " + KindText(container.kind()));
  }
}

bool Same(Heap& heap, const Value& left, const Value& right, Position at) {
  heap.RequireKnown(left);
  heap.RequireKnown(right);
  const auto is_constant = [](const Value& value) {
    return value.Is(Kind::kNone) || value.Is(Kind::kBool) || value.Is(Kind::kEllipsis);
  };
  if (is_constant(left) || is_constant(right)) {
    return left.kind() == right.kind() && Equal(heap, left, right, at);
  }
  heap.GiveUp(at, "'is' compares with None, True and False only");
}

}  // namespace

std::partial_ordering OrderOfNumbers(const Value& a, const Value& b) {
  if (a.IsIntegral() && b.IsIntegral()) return a.integer() <=> b.integer();
  if (!a.IsIntegral() && !b.IsIntegral()) return a.number() <=> b.number();
  if (b.IsIntegral()) {
    const std::partial_ordering order = OrderOfNumbers(b, a);
    if (std::is_lt(order)) return std::partial_ordering::greater;
    return std::is_gt(order) ? std::partial_ordering::less : order;
  }
  const double real = b.number();
  if (std::isnan(real)) return std::partial_ordering::unordered;
  if (real >= 0x1p63) return std::partial_ordering::less;
  if (real < -0x1p63) return std::partial_ordering::greater;
  const auto whole = static_cast<std::int64_t>(real);
  if (a.integer() != whole) return a.integer() <=> whole;
  return static_cast<double>(whole) <=> real;
}

bool Equal(Heap& heap, const Value& a, const Value& b, Position at) {
  return Comparer(heap, at).AreEqual(a, b, 0);
}

bool SameOrEqual(Heap& heap, const Value& a, const Value& b, Position at) {
  return Comparer(heap, at).AreSameOrEqual(a, b, 0);
}

bool Compare(Heap& heap, Op op, const Value& left, const Value& right, Position at) {
  switch (op) {
    case Op::kEqual:
      return Equal(heap, left, right, at);
    case Op::kNotEqual:
      return !Equal(heap, left, right, at);
    case Op::kIs:
      return Same(heap, left, right, at);
    case Op::kIsNot:
      return !Same(heap, left, right, at);
    case Op::kIn:
      return Contains(heap, right, left, at);
    case Op::kNotIn:
      return !Contains(heap, right, left, at);
    default:
      return Comparer(heap, at).AreOrdered(op, left, right, 0);
  }
}

}  // namespace yoloport::config::python
