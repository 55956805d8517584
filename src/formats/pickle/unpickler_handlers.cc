// What each pickle instruction does.
#include <array>
#include <charconv>
#include <cstring>

#include "base/text.h"
#include "formats/pickle/limits.h"
#include "formats/pickle/pickle_globals.h"
#include "formats/pickle/unpickler.h"

namespace yoloport::formats::pickle {
namespace {

using base::Quote;

// Python 2's repr escapes. What is no escape stays as it is.
std::string Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    unsigned byte = 0;
    if (c == 'x' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr ==
            text.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else if (c == 'n' || c == 't' || c == 'r') {
      out += c == 'n' ? '\n' : c == 't' ? '\t' : '\r';
    } else {
      if (c != '\\' && c != '\'' && c != '"') out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace

void Unpickler::Proto(const Argument& argument) {
  if (argument.number < 2 || argument.number > 5) {
    Fail("protocol " + std::to_string(argument.number) + " where 2 to 5 are known");
  }
}

void Unpickler::Frame(const Argument& argument) {
  if (argument.number > bytes_.size() - at_) {
    Fail("wants " + std::to_string(argument.number) + " bytes where " +
         std::to_string(bytes_.size() - at_) + " are left");
  }
}

void Unpickler::Stop(const Argument&) { result_ = Pop(); }

void Unpickler::Mark(const Argument&) {
  if (marks_.size() >= kMaxPickleNesting) {
    Fail("values are nested more than " + std::to_string(kMaxPickleNesting) + " levels deep",
         "no checkpoint is as deep: the file is not what it seems to be");
  }
  marks_.push_back(stack_.size());
}

void Unpickler::Drop(const Argument&) {
  const bool at_mark = !marks_.empty() && marks_.back() == stack_.size();
  if (at_mark) {
    marks_.pop_back();
  } else {
    Pop();
  }
}

void Unpickler::DropToMark(const Argument&) { stack_.resize(PopMark()); }
void Unpickler::Duplicate(const Argument&) { Push(Top()); }
void Unpickler::Get(const Argument& argument) { Recall(argument.number); }
void Unpickler::GetLine(const Argument& argument) { Recall(ParseIndex(argument.text)); }
void Unpickler::Put(const Argument& argument) { Store(argument.number); }
void Unpickler::PutLine(const Argument& argument) { Store(ParseIndex(argument.text)); }
void Unpickler::Memoize(const Argument&) { Store(memo_.size()); }

void Unpickler::None(const Argument&) { Push(document_.none()); }
void Unpickler::True(const Argument&) { Push(document_.Bool(true)); }
void Unpickler::False(const Argument&) { Push(document_.Bool(false)); }

void Unpickler::Unsigned(const Argument& argument) {
  PushNew(ValueKind::kInt)->integer = static_cast<std::int64_t>(argument.number);
}

void Unpickler::Signed(const Argument& argument) { Unsigned(argument); }

void Unpickler::IntLine(const Argument& argument) {
  // Protocol 0 writes False and True as these two numbers.
  if (argument.text == "00" || argument.text == "01") {
    Push(document_.Bool(argument.text == "01"));
  } else {
    LongLine(argument);
  }
}

void Unpickler::LongLine(const Argument& argument) {
  std::string_view digits = argument.text;
  if (digits.ends_with('L')) digits.remove_suffix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || end != digits.data() + digits.size()) {
    Fail(Quote(argument.text) + " is no number");
  }
  if (error == std::errc::result_out_of_range) {
    PushBigInt(digits);
  } else {
    PushNew(ValueKind::kInt)->integer = number;
  }
}

void Unpickler::Long(const Argument& argument) {
  const std::string_view bytes = argument.text;
  if (bytes.size() > sizeof(std::int64_t)) {
    PushBigInt(bytes);
    return;
  }
  const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80U) != 0;
  std::int64_t number = negative ? -1 : 0;
  std::memcpy(&number, bytes.data(), bytes.size());
  PushNew(ValueKind::kInt)->integer = number;
}

void Unpickler::PushBigInt(std::string_view text) { PushNew(ValueKind::kBigInt)->text = text; }

void Unpickler::Float(const Argument& argument) {
  PushNew(ValueKind::kFloat)->real = argument.real;
}

void Unpickler::FloatLine(const Argument& argument) {
  const char* end = argument.text.data() + argument.text.size();
  double real = 0;
  if (std::from_chars(argument.text.data(), end, real).ptr != end || argument.text.empty()) {
    Fail(Quote(argument.text) + " is no number");
  }
  PushNew(ValueKind::kFloat)->real = real;
}

void Unpickler::Text(const Argument& argument) { PushNew(ValueKind::kText)->text = argument.text; }

void Unpickler::Bytes(const Argument& argument) {
  PushNew(ValueKind::kBytes)->text = argument.text;
}

void Unpickler::QuotedLine(const Argument& argument) {
  const std::string_view line = argument.text;
  const bool quoted = line.size() >= 2 && line.front() == line.back() &&
                      (line.front() == '\'' || line.front() == '"');
  if (!quoted) Fail(Quote(line) + " is no quoted string");
  const std::string_view inside = line.substr(1, line.size() - 2);
  const bool plain = inside.find('\\') == std::string_view::npos;
  PushNew(ValueKind::kText)->text = plain ? inside : document_.Keep(Unescape(inside));
}

void Unpickler::EmptyList(const Argument&) { PushNew(ValueKind::kList); }
void Unpickler::EmptyTuple(const Argument&) { PushNew(ValueKind::kTuple); }
void Unpickler::EmptyDict(const Argument&) { PushNew(ValueKind::kDict)->state = nullptr; }
void Unpickler::EmptySet(const Argument&) { PushNew(ValueKind::kSet); }

void Unpickler::Tuple(const Argument&) {
  Value* tuple = New(ValueKind::kTuple);
  for (Value* item : PopToMark()) Attach(tuple, item);
  Push(tuple);
}

void Unpickler::PushTuple(std::size_t count) {
  Value* tuple = New(ValueKind::kTuple);
  std::array<Value*, 3> items{};
  for (std::size_t i = count; i-- > 0;) items[i] = Pop();
  tuple->items.reserve(count);
  for (std::size_t i = 0; i < count; ++i) Attach(tuple, items[i]);
  Push(tuple);
}

void Unpickler::Tuple1(const Argument&) { PushTuple(1); }
void Unpickler::Tuple2(const Argument&) { PushTuple(2); }
void Unpickler::Tuple3(const Argument&) { PushTuple(3); }

void Unpickler::List(const Argument&) {
  Value* list = New(ValueKind::kList);
  for (Value* item : PopToMark()) Attach(list, item);
  Push(list);
}

void Unpickler::Dict(const Argument&) {
  Value* dict = New(ValueKind::kDict);
  dict->state = nullptr;
  AppendPairs(dict, PopToMark());
  Push(dict);
}

void Unpickler::FrozenSet(const Argument&) {
  Value* set = New(ValueKind::kSet);
  for (Value* item : PopToMark()) Attach(set, item);
  Push(set);
}

void Unpickler::Append(const Argument&) {
  Value* item = Pop();
  Value* list = Top();
  const bool opaque = list->kind == ValueKind::kObject && !list->has_pairs;
  if (list->kind != ValueKind::kList && !opaque) Fail("appends to " + Describe(*list));
  Attach(list, item);
}

void Unpickler::Appends(const Argument&) {
  const std::vector<Value*> items = PopToMark();
  Value* list = Top();
  const bool opaque = list->kind == ValueKind::kObject && !list->has_pairs;
  if (list->kind != ValueKind::kList && !opaque) Fail("appends to " + Describe(*list));
  for (Value* item : items) Attach(list, item);
}

void Unpickler::SetItem(const Argument&) {
  Value* value = Pop();
  Value* key = Pop();
  AppendPairs(Top(), {key, value});
}

void Unpickler::SetItems(const Argument&) {
  const std::vector<Value*> pairs = PopToMark();
  AppendPairs(Top(), pairs);
}

void Unpickler::AppendPairs(Value* container, const std::vector<Value*>& pairs) {
  if (pairs.size() % 2 != 0) Fail("a key without a value");
  if (container->kind == ValueKind::kObject) {
    constexpr std::size_t kHead = 2;  // callable and arguments
    if (!container->has_pairs && container->items.size() > kHead) {
      Fail("sets items of a list-like object");
    }
    container->has_pairs = true;
  } else if (container->kind != ValueKind::kDict) {
    Fail("sets items of " + Describe(*container));
  }
  for (Value* item : pairs) Attach(container, item);
}

void Unpickler::AddItems(const Argument&) {
  const std::vector<Value*> items = PopToMark();
  Value* set = Top();
  if (set->kind != ValueKind::kSet && set->kind != ValueKind::kObject) {
    Fail("adds members to " + Describe(*set));
  }
  for (Value* item : items) Attach(set, item);
}

Value* Unpickler::MakeGlobal(std::string_view module, std::string_view name) {
  if (module.size() + name.size() >= kMaxPickleNameLength) {
    Fail("a name of " + std::to_string(module.size() + name.size()) + " characters");
  }
  constexpr std::size_t kLettersPerStep = 16;  // the name is copied and compared each time
  Charge((module.size() + name.size()) / kLettersPerStep);
  Value* global = document_.Global(std::string(module).append(".").append(name));
  if (global == nullptr) {
    Fail("the pickle names more than " + std::to_string(kMaxPickleNames) + " classes",
         "no checkpoint needs as many: the file is not what it seems to be");
  }
  return global;
}

void Unpickler::Global(const Argument& argument) {
  Push(MakeGlobal(argument.text, argument.second));
}

void Unpickler::StackGlobal(const Argument&) {
  const Value* name = Pop();
  const Value* module = Pop();
  if (!name->is_text() || !module->is_text()) Fail("the name of a class is no string");
  Push(MakeGlobal(module->text, name->text));
}

void Unpickler::Reduce(const Argument&) {
  Value* arguments = Pop();
  Value* callable = Pop();
  Push(Construct(callable, arguments));
}

void Unpickler::NewObject(const Argument& argument) { Reduce(argument); }

void Unpickler::NewObjectWithKeywords(const Argument& argument) {
  Pop();  // only opaque objects have keyword arguments, and nobody asks for those
  Reduce(argument);
}

void Unpickler::MarkedObject(const Argument&) {
  Value* arguments = New(ValueKind::kTuple);
  std::vector<Value*> items = PopToMark();
  if (items.empty()) Fail("there is no class after the MARK");
  for (std::size_t i = 1; i < items.size(); ++i) Attach(arguments, items[i]);
  Push(Construct(items[0], arguments));
}

void Unpickler::Instance(const Argument& argument) {
  Tuple(argument);
  Value* arguments = Pop();
  Push(Construct(MakeGlobal(argument.text, argument.second), arguments));
}

Value* Unpickler::Construct(Value* callable, Value* arguments) {
  if (arguments->kind != ValueKind::kTuple) {
    Fail("the arguments are " + Describe(*arguments) + ", not a tuple");
  }
  if (callable->kind == ValueKind::kGlobal && callable->known != nullptr) {
    const GlobalKind kind = callable->known->kind;
    if (kind == GlobalKind::kDict || kind == GlobalKind::kDefaultDict) {
      if (Value* dict = ConstructDict(*callable, *arguments)) return dict;
    }
    // The argument stands for its copy: a pickle cannot tell them apart before it changes one.
    const bool one_sequence = arguments->items.size() == 1 && arguments->items[0]->is_sequence();
    if (kind == GlobalKind::kSequence && one_sequence) return arguments->items[0];
    if (kind == GlobalKind::kSequence && arguments->items.empty()) return New(ValueKind::kList);
  }
  Value* object = New(ValueKind::kObject);
  object->state = nullptr;
  Attach(object, callable);
  Attach(object, arguments);
  return object;
}

// Null when the arguments are none that a dict takes.
Value* Unpickler::ConstructDict(const Value& global, const Value& arguments) {
  const std::size_t first = global.known->kind == GlobalKind::kDefaultDict ? 1 : 0;
  Value* dict = New(ValueKind::kDict);
  dict->state = nullptr;
  if (arguments.items.size() <= first) return dict;
  if (arguments.items.size() > first + 1) return nullptr;
  Value* source = arguments.items[first];
  if (source->kind == ValueKind::kDict) return source;
  if (!source->is_sequence()) return nullptr;
  // Python 2 wrote an OrderedDict as a list of pairs. Copying counts as work, so that one list
  // cannot be copied a million times.
  Charge(source->items.size());
  for (const Value* pair : source->items) {
    if (!pair->is_sequence() || pair->items.size() != 2) return nullptr;
    Attach(dict, pair->items[0]);
    Attach(dict, pair->items[1]);
  }
  return dict;
}

void Unpickler::Build(const Argument&) {
  Value* state = Pop();
  Value* object = Top();
  if (object->kind != ValueKind::kObject && object->kind != ValueKind::kDict) {
    Fail("sets the state of " + Describe(*object));
  }
  SetState(object, state);
}

void Unpickler::PersistentId(const Argument&) {
  Value* id = Pop();
  Value* persistent = New(ValueKind::kPersistent);
  Attach(persistent, id);
  Push(persistent);
}

void Unpickler::RefuseExtension(const Argument&) {
  Fail("extension codes stand for classes that only the writing program knows",
       "torch does not write them; load the file where it was written and save it again");
}

void Unpickler::RefuseBuffer(const Argument&) {
  Fail("the value lies in a buffer outside the pickle",
       "torch does not write such files; load the file where it was written and save it again");
}

void Unpickler::RefusePersistentLine(const Argument&) {
  Fail("storages are named by tuples, not by a line of text",
       "torch does not write such files; load the file where it was written and save it again");
}

}  // namespace yoloport::formats::pickle
