#include "config/mmengine/merge.h"

#include <optional>

#include "base/text.h"
#include "config/python/python_text.h"
#include "config/python/scalar_text.h"

namespace yoloport::config::mmengine {
namespace {

using python::Entry;
using python::Heap;
using python::Kind;
using python::Position;
using python::Value;

constexpr std::string_view kDelete = "_delete_";
constexpr std::string_view kScope = "_scope_";

class TreeCopier {
 public:
  TreeCopier(Heap& heap, const std::string& scope) : heap_(heap), scope_(scope) {}

  // `add_scope`: no dict around this one has a `type`.
  Value Copy(const Value& value, bool add_scope, int depth) {
    heap_.CheckDepth(depth, value.position());
    switch (value.kind()) {
      case Kind::kString:
        return heap_.String(value.text(), value.position());
      case Kind::kList:
      case Kind::kTuple:
        return CopySequence(value, add_scope, depth);
      case Kind::kRange: {
        const python::Range& range = value.range();
        return heap_.MakeRange(range.start, range.stop, range.step, value.position());
      }
      case Kind::kSet:
      case Kind::kDict:
        return CopyMapping(value, add_scope, depth);
      case Kind::kView:
      case Kind::kIterator:
        return heap_.MakeUnknown(python::KindText(value.kind()), value.position());
      case Kind::kUnknown:
        return heap_.CopyUnknown(value.unknown());
      default:
        return value;
    }
  }

 private:
  Value CopySequence(const Value& value, bool add_scope, int depth) {
    std::vector<Value> items;
    items.reserve(value.items().size());
    heap_.ChargeSteps(value.items().size(), value.position());
    for (const Value& item : value.items()) items.push_back(Copy(item, add_scope, depth + 1));
    return value.Is(Kind::kList) ? heap_.List(std::move(items), value.position())
                                 : heap_.Tuple(std::move(items), value.position());
  }

  Value CopyMapping(const Value& value, bool add_scope, int depth) {
    const Position at = value.position();
    const bool is_set = value.Is(Kind::kSet);
    const bool is_typed = !is_set && value.mapping().Find("type") != nullptr;
    const bool sets_scope = add_scope && is_typed && !scope_.empty();
    const Value result = is_set ? heap_.Set(at) : heap_.ConfigDict(at);
    if (const auto& others = value.mapping().others) {
      result.mapping().others = heap_.CopyUnknown(others->unknown());
    }
    for (const Entry& entry : value.mapping().entries()) {
      const Value key = Copy(entry.key, false, depth + 1);
      heap_.Put(result.mapping(), key, Copy(entry.value, add_scope && !is_typed, depth + 1), at);
    }
    if (sets_scope) SetScope(result);
    return result;
  }

  void SetScope(const Value& dict) {
    const Entry* old = dict.mapping().Find(kScope);
    if (old != nullptr && !old->value.Is(Kind::kNone)) return;
    const Position at = dict.position();
    heap_.Put(dict.mapping(), heap_.String(std::string(kScope), at), heap_.String(scope_, at), at);
  }

  Heap& heap_;
  const std::string& scope_;
};

std::string ShownKey(Heap& heap, const Value& key) {
  return key.Is(Kind::kString) ? base::Quote(key.text()) : python::Repr(heap, key);
}

// Digits only, as Python's str.isdigit.
std::optional<std::size_t> ListKey(const Value& key) {
  if (!key.Is(Kind::kString) || key.text().empty()) return std::nullopt;
  if (key.text().find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const auto index = python::ParseInt(key.text());
  return index ? static_cast<std::size_t>(*index) : SIZE_MAX;
}

class Merger {
 public:
  Merger(Heap& heap, ListKeys list_keys) : heap_(heap), list_keys_(list_keys) {}

  Value Run(const Value& child, const Value& base, int depth) {
    heap_.CheckDepth(depth, child.position());
    return base.Is(Kind::kList) ? MergeIntoList(child, base, depth)
                                : MergeIntoDict(child, base, depth);
  }

 private:
  Value MergeIntoList(const Value& child, const Value& base, int depth) {
    std::vector<Value> items = base.items();
    for (const Entry& entry : child.mapping().entries()) {
      const auto index = ListKey(entry.key);
      const Position at = entry.key.position();
      if (!index) {
        heap_.Fail(at, "the key " + ShownKey(heap_, entry.key) + " meets a list in the base",
                   "elements of a list are chosen by number");
      }
      if (*index >= items.size()) {
        heap_.Fail(at, "the index " + entry.key.text() + " is out of range: the list has " +
                           std::to_string(items.size()) + " elements");
      }
      Value& item = items[*index];
      // MMEngine can only merge dicts here; replacing a plain element is what it was meant to do.
      item = entry.value.Is(Kind::kDict) ? Merged(entry, item, depth) : entry.value;
    }
    return heap_.List(std::move(items), base.position());
  }

  Value MergeIntoDict(const Value& child, const Value& base, int depth) {
    const Value result = heap_.ConfigDict(child.position());
    const std::optional<Value>& others = base.mapping().others;
    result.mapping().others = others;
    for (const Entry& entry : base.mapping().entries()) {
      heap_.Put(result.mapping(), entry.key, entry.value, child.position());
    }
    for (const Entry& entry : child.mapping().entries()) {
      const Entry* old = heap_.Find(result.mapping(), entry.key, entry.key.position());
      const bool is_dict = entry.value.Is(Kind::kDict);
      Value value = is_dict && old != nullptr ? Merged(entry, old->value, depth) : entry.value;
      if (is_dict && old == nullptr && others) value = *others;  // over whatever was there
      heap_.Put(result.mapping(), entry.key, value, entry.key.position());
    }
    return result;
  }

  // The dict of `entry` over `old`. `_delete_` is taken out here and only here: where a key is new,
  // MMEngine leaves it in.
  Value Merged(const Entry& entry, const Value& old, int depth) {
    const Entry* deletes = entry.value.mapping().Find(kDelete);
    if (deletes != nullptr && deletes->value.Is(Kind::kUnknown)) return deletes->value;
    const Value child = deletes == nullptr ? entry.value : WithoutDelete(entry.value);
    if (deletes != nullptr && python::IsTrue(heap_, deletes->value)) return child;
    if (old.Is(Kind::kUnknown)) return old;
    const bool fits =
        old.Is(Kind::kDict) || (old.Is(Kind::kList) && list_keys_ == ListKeys::kAllowed);
    if (!fits) {
      heap_.Fail(entry.key.position(),
                 ShownKey(heap_, entry.key) + " is a dict here and " +
                     python::KindText(old.kind()) + " in the base, at " +
                     heap_.sources().Place(old.position()),
                 list_keys_ == ListKeys::kAllowed ? "give a value for all of it: KEY=VALUE"
                                                  : "to replace it, add _delete_=True to the dict");
    }
    return Run(child, old, depth + 1);
  }

  Value WithoutDelete(const Value& dict) {
    const Value result = heap_.ConfigDict(dict.position());
    for (const Entry& entry : dict.mapping().entries()) {
      if (entry.key.Is(Kind::kString) && entry.key.text() == kDelete) continue;
      heap_.Put(result.mapping(), entry.key, entry.value, dict.position());
    }
    return result;
  }

  Heap& heap_;
  ListKeys list_keys_;
};

}  // namespace

Value CopyTree(Heap& heap, const Value& value) {
  const std::string no_scope;
  return TreeCopier(heap, no_scope).Copy(value, false, 0);
}

Value CopyWithScope(Heap& heap, const Value& value, const std::string& scope) {
  return TreeCopier(heap, scope).Copy(value, true, 0);
}

Value Merge(Heap& heap, const Value& child, const Value& base, ListKeys list_keys) {
  return Merger(heap, list_keys).Run(child, base, 0);
}

}  // namespace yoloport::config::mmengine
