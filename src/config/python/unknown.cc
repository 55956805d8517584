// Unknown values, and what becomes unknown with them.
#include <set>
#include <utility>

#include "base/text.h"
#include "config/python/iteration.h"
#include "config/python/limits.h"
#include "config/python/value.h"

namespace yoloport::config::python {

// Goes along all that can be reached from a value, by a stack of its own: what evaluation makes may
// be nested to any depth, and may hold itself.
class Reach {
 public:
  explicit Reach(Heap& heap, const Value& from) : heap_(heap), at_(from.position()) { Add(from); }

  bool Next(Value& value) {
    if (waiting_.empty()) return false;
    value = waiting_.back();
    waiting_.pop_back();
    return true;
  }

  // What `value` holds comes next, also where it is unknown.
  void AddParts(const Value& value) {
    switch (value.kind_) {
      case Kind::kList:
      case Kind::kTuple:
        for (const Value& item : value.sequence_->items) Add(item);
        break;
      case Kind::kDict:
        for (const Entry& entry : value.mapping_->entries()) Add(entry.value);
        break;
      case Kind::kView:
        Add(value.view_->dict);
        break;
      case Kind::kIterator:
        Add(value.iterator_->source());
        for (const Value& inner : value.iterator_->inner()) Add(inner);
        break;
      default:
        break;
    }
    if (!value.Is(Kind::kUnknown)) return;
    for (const Value& source : value.unknown().sources) Add(source);
  }

  // The object behind the handle, or nullptr for what nobody can change.
  static Reachable* ObjectOf(const Value& value) {
    switch (value.kind_) {
      case Kind::kList:
      case Kind::kTuple:
        return value.sequence_;
      case Kind::kDict:
      case Kind::kSet:
        return value.mapping_;
      case Kind::kIterator:
        return value.iterator_;
      default:
        return nullptr;
    }
  }

  static bool IsIterator(const Value& value) { return value.kind_ == Kind::kIterator; }
  static const void* Identity(const Value& value) { return value.sequence_; }

 private:
  void Add(const Value& value) {
    if (value.kind_ < Kind::kUnknown || value.kind_ == Kind::kRange) return;
    heap_.ChargeSteps(1, at_);
    waiting_.push_back(value);
  }

  Heap& heap_;
  Position at_;
  std::vector<Value> waiting_;
};

Value Heap::MakeUnknown(const Cause* cause, std::vector<Value> sources) {
  ChargeValues(kValuesPerUnknown + sources.size(), cause->at);
  Unknown& made = unknowns_.emplace_back();
  made.cause = cause;
  made.sources = std::move(sources);
  Value result(Kind::kUnknown, cause->at);
  result.unknown_ = &made;
  return result;
}

Value Heap::MakeUnknown(std::string why, Position at) {
  causes_.push_back({at, std::move(why)});
  return MakeUnknown(&causes_.back(), {});
}

Value Heap::MakeImported(std::string origin, Nature nature, Position at) {
  ChargeBytes(origin.size(), at);
  Value result = MakeUnknown(base::Quote(origin) + " is imported, and nothing of it is run", at);
  result.unknown().nature = nature;
  result.unknown().origin = std::move(origin);
  return result;
}

Value Heap::CopyUnknown(const Unknown& unknown) {
  Value result = MakeUnknown(unknown.cause->text, unknown.cause->at);
  result.unknown().nature = unknown.nature;
  result.unknown().origin = unknown.origin;
  return result;
}

// Marks the object behind a handle; false where it was marked before.
bool Heap::MarkLoose(const Value& value) {
  Reachable* object = Reach::ObjectOf(value);
  if (object == nullptr && !value.Is(Kind::kUnknown)) return true;  // a view: it leads to its dict
  bool& is_loose = object != nullptr ? object->is_loose : value.unknown().is_loose;
  return !std::exchange(is_loose, true);
}

void Heap::MakeUnsure(const Value& container, const Value& why) {
  Reachable* object = Reach::ObjectOf(container);
  if (object == nullptr || container.Is(Kind::kTuple) || object->unknown != nullptr) return;
  object->unknown = MakeUnknown(why.unknown().cause, {container}).unknown_;
}

void Heap::Blur(const Value& container, const Value& why, const Value& added) {
  MakeUnsure(container, why);
  const Reachable* object = Reach::ObjectOf(container);
  if (object == nullptr || object->unknown == nullptr) return;
  if (object->is_loose) return LetGo(added, why);
  ChargeValues(1, container.position());
  object->unknown->sources.push_back(added);
}

void Heap::LetGo(const Value& value, const Value& why) {
  Reach reach(*this, value);
  for (Value at; reach.Next(at);) {
    if (!MarkLoose(at)) continue;
    reach.AddParts(at);
    MakeUnsure(at, why);
  }
}

void Heap::BlurIterators(const Value& value, const Value& why) {
  if (iterators_.empty()) return;
  std::set<const void*> seen;
  Reach reach(*this, value);
  for (Value at; reach.Next(at);) {
    if (!seen.insert(Reach::Identity(at)).second) continue;
    reach.AddParts(at);
    if (Reach::IsIterator(at)) MakeUnsure(at, why);
  }
}

void Heap::Unsure(const Value& unknown) {
  ChargeSteps(kStepsPerUnknown, unknown.position());
  throw Unevaluated(unknown);
}

void Heap::Unsure(Unknown& unknown, Position at) {
  Value value(Kind::kUnknown, at);
  value.unknown_ = &unknown;
  Unsure(value);
}

void Heap::GiveUp(Position at, std::string why) { Unsure(MakeUnknown(std::move(why), at)); }

}  // namespace yoloport::config::python
