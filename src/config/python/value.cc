#include "config/python/value.h"

#include "config/python/iteration.h"

namespace yoloport::config::python {

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kDouble:
      return "float";
    case Kind::kString:
      return "str";
    case Kind::kEllipsis:
      return "ellipsis";
    case Kind::kUnknown:
      return "unknown value";
    case Kind::kList:
      return "list";
    case Kind::kTuple:
      return "tuple";
    case Kind::kRange:
      return "range";
    case Kind::kSet:
      return "set";
    case Kind::kDict:
      return "dict";
    case Kind::kView:
      return "view of a dict";
    case Kind::kIterator:
      return "iterator";
  }
  return "?";
}

std::string KindText(Kind kind) {
  if (kind == Kind::kNone) return "None";
  const bool has_vowel = kind == Kind::kInt || kind == Kind::kIterator || kind == Kind::kEllipsis ||
                         kind == Kind::kUnknown;
  return (has_vowel ? "an " : "a ") + std::string(KindName(kind));
}

Value Value::Bool(bool value, Position at) {
  Value result(Kind::kBool, at);
  result.integer_ = value ? 1 : 0;
  return result;
}

Value Value::Int(std::int64_t value, Position at) {
  Value result(Kind::kInt, at);
  result.integer_ = value;
  return result;
}

Value Value::Double(double value, Position at) {
  Value result(Kind::kDouble, at);
  result.double_ = value;
  return result;
}

Value Value::At(Position position) const {
  Value result = *this;
  result.position_ = position;
  return result;
}

double Value::number() const {
  return kind_ == Kind::kDouble ? double_ : static_cast<double>(integer_);
}

Unknown* Value::RecordOfOthers() const {
  if (kind_ == Kind::kIterator) return static_cast<const Reachable*>(iterator_)->unknown;
  const Value& dict = view_->dict;
  return dict.Is(Kind::kUnknown) ? &dict.unknown() : nullptr;
}

Unknown& Value::unknown() const {
  switch (kind_) {
    case Kind::kUnknown:
      return *unknown_;
    case Kind::kList:
      return *sequence_->unknown;
    case Kind::kDict:
    case Kind::kSet:
      return *mapping_->unknown;
    default:
      return *RecordOfOthers();
  }
}

bool IsTrue(Heap& heap, const Value& value) {
  switch (value.kind()) {
    case Kind::kUnknown:
      heap.Unsure(value);
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return value.integer() != 0;
    case Kind::kDouble:
      return value.number() != 0;
    case Kind::kString:
      return !value.text().empty();
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kRange:
      return !value.items().empty();
    case Kind::kSet:
    case Kind::kDict:
      return value.mapping().size() != 0;
    case Kind::kView:
      return value.view().dict.mapping().size() != 0;
    case Kind::kIterator:
    case Kind::kEllipsis:
      return true;
  }
  return false;
}

}  // namespace yoloport::config::python
