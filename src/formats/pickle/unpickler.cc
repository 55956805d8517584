// The pickle machine's loop: instructions, their operands, its stack and memo. What each
// instruction does is in unpickler_handlers.cc.
#include "formats/pickle/unpickler.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/byte_reader.h"
#include "base/text.h"
#include "formats/pickle/limits.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::formats::pickle {
namespace {

constexpr const char* kDamagedHint = "the file is damaged: download or save it again";
constexpr const char* kNotCheckpointHint =
    "no checkpoint needs as many: the file is not what it seems to be";

}  // namespace

// Every instruction of protocols 0 to 5, in the order of Python's pickletools.
struct OpcodeTable {
  using O = Unpickler::Operand;
  using U = Unpickler;
  static constexpr auto kRows = std::to_array<Unpickler::Opcode>({
      {'I', "INT", O::kLine, &U::IntLine},
      {'J', "BININT", O::kInt32, &U::Signed},
      {'K', "BININT1", O::kUInt8, &U::Unsigned},
      {'M', "BININT2", O::kUInt16, &U::Unsigned},
      {'L', "LONG", O::kLine, &U::LongLine},
      {0x8a, "LONG1", O::kBytes8, &U::Long},
      {0x8b, "LONG4", O::kBytes32, &U::Long},
      {'S', "STRING", O::kLine, &U::QuotedLine},
      {'T', "BINSTRING", O::kBytes32, &U::Text},
      {'U', "SHORT_BINSTRING", O::kBytes8, &U::Text},
      {'B', "BINBYTES", O::kBytes32, &U::Bytes},
      {'C', "SHORT_BINBYTES", O::kBytes8, &U::Bytes},
      {0x8e, "BINBYTES8", O::kBytes64, &U::Bytes},
      {0x96, "BYTEARRAY8", O::kBytes64, &U::Bytes},
      {0x97, "NEXT_BUFFER", O::kNone, &U::RefuseBuffer},
      {0x98, "READONLY_BUFFER", O::kNone, &U::RefuseBuffer},
      {'N', "NONE", O::kNone, &U::None},
      {0x88, "NEWTRUE", O::kNone, &U::True},
      {0x89, "NEWFALSE", O::kNone, &U::False},
      {'V', "UNICODE", O::kLine, &U::Text},
      {0x8c, "SHORT_BINUNICODE", O::kBytes8, &U::Text},
      {'X', "BINUNICODE", O::kBytes32, &U::Text},
      {0x8d, "BINUNICODE8", O::kBytes64, &U::Text},
      {'F', "FLOAT", O::kLine, &U::FloatLine},
      {'G', "BINFLOAT", O::kDouble, &U::Float},
      {']', "EMPTY_LIST", O::kNone, &U::EmptyList},
      {'a', "APPEND", O::kNone, &U::Append},
      {'e', "APPENDS", O::kNone, &U::Appends},
      {'l', "LIST", O::kNone, &U::List},
      {')', "EMPTY_TUPLE", O::kNone, &U::EmptyTuple},
      {'t', "TUPLE", O::kNone, &U::Tuple},
      {0x85, "TUPLE1", O::kNone, &U::Tuple1},
      {0x86, "TUPLE2", O::kNone, &U::Tuple2},
      {0x87, "TUPLE3", O::kNone, &U::Tuple3},
      {'}', "EMPTY_DICT", O::kNone, &U::EmptyDict},
      {'d', "DICT", O::kNone, &U::Dict},
      {'s', "SETITEM", O::kNone, &U::SetItem},
      {'u', "SETITEMS", O::kNone, &U::SetItems},
      {0x8f, "EMPTY_SET", O::kNone, &U::EmptySet},
      {0x90, "ADDITEMS", O::kNone, &U::AddItems},
      {0x91, "FROZENSET", O::kNone, &U::FrozenSet},
      {'0', "POP", O::kNone, &U::Drop},
      {'2', "DUP", O::kNone, &U::Duplicate},
      {'(', "MARK", O::kNone, &U::Mark},
      {'1', "POP_MARK", O::kNone, &U::DropToMark},
      {'g', "GET", O::kLine, &U::GetLine},
      {'h', "BINGET", O::kUInt8, &U::Get},
      {'j', "LONG_BINGET", O::kUInt32, &U::Get},
      {'p', "PUT", O::kLine, &U::PutLine},
      {'q', "BINPUT", O::kUInt8, &U::Put},
      {'r', "LONG_BINPUT", O::kUInt32, &U::Put},
      {0x94, "MEMOIZE", O::kNone, &U::Memoize},
      {0x82, "EXT1", O::kUInt8, &U::RefuseExtension},
      {0x83, "EXT2", O::kUInt16, &U::RefuseExtension},
      {0x84, "EXT4", O::kInt32, &U::RefuseExtension},
      {'c', "GLOBAL", O::kTwoLines, &U::Global},
      {0x93, "STACK_GLOBAL", O::kNone, &U::StackGlobal},
      {'R', "REDUCE", O::kNone, &U::Reduce},
      {'b', "BUILD", O::kNone, &U::Build},
      {'i', "INST", O::kTwoLines, &U::Instance},
      {'o', "OBJ", O::kNone, &U::MarkedObject},
      {0x81, "NEWOBJ", O::kNone, &U::NewObject},
      {0x92, "NEWOBJ_EX", O::kNone, &U::NewObjectWithKeywords},
      {0x80, "PROTO", O::kUInt8, &U::Proto},
      {'.', "STOP", O::kNone, &U::Stop},
      {0x95, "FRAME", O::kUInt64, &U::Frame},
      {'P', "PERSID", O::kLine, &U::RefusePersistentLine},
      {'Q', "BINPERSID", O::kNone, &U::PersistentId},
  });

  static constexpr std::uint8_t kUnknown = 0xFF;

  static constexpr std::array<std::uint8_t, 256> MakeIndex() {
    std::array<std::uint8_t, 256> index{};
    index.fill(kUnknown);
    for (std::size_t i = 0; i < kRows.size(); ++i) {
      index[kRows[i].code] = static_cast<std::uint8_t>(i);
    }
    return index;
  }
  static const Unpickler::Opcode* Find(unsigned char code);
};

const Unpickler::Opcode* OpcodeTable::Find(unsigned char code) {
  static constexpr std::array<std::uint8_t, 256> kIndex = MakeIndex();
  return kIndex[code] == kUnknown ? nullptr : &kRows[kIndex[code]];
}

const Value& Unpickler::Load() {
  // Protocols 0 and 1 do not name themselves; torch has never written them by default.
  if (at_ < bytes_.size() && static_cast<unsigned char>(bytes_[at_]) != 0x80) {
    instruction_at_ = at_;
    Fail("this is no pickle of protocol 2 to 5",
         "a file saved with pickle_protocol=0 or 1 must be loaded and saved again by torch");
  }
  while (result_ == nullptr) Step();
  return *result_;
}

void Unpickler::Step() {
  opcode_ = nullptr;
  instruction_at_ = at_;
  if (at_ >= bytes_.size()) Fail("the pickle ends without a STOP");
  const auto code = static_cast<unsigned char>(bytes_[at_++]);
  opcode_ = OpcodeTable::Find(code);
  if (opcode_ == nullptr) Fail("unknown instruction " + base::Quote({bytes_.data() + at_ - 1, 1}));
  if (++steps_ > kMaxPickleSteps) {
    Fail("the pickle has more than " + std::to_string(kMaxPickleSteps) + " instructions",
         kNotCheckpointHint);
  }
  const Argument argument = ReadArgument(opcode_->operand);
  (this->*opcode_->handler)(argument);
}

void Unpickler::Charge(std::size_t steps) {
  steps_ += steps;
  if (steps_ > kMaxPickleSteps) Fail("the pickle copies too much", kNotCheckpointHint);
}

Unpickler::Argument Unpickler::ReadArgument(Operand operand) {
  Argument argument;
  switch (operand) {
    case Operand::kNone:
      break;
    case Operand::kUInt8:
      argument.number = ReadNumber<std::uint8_t>();
      break;
    case Operand::kUInt16:
      argument.number = ReadNumber<std::uint16_t>();
      break;
    case Operand::kInt32:  // sign-extended; Signed() takes it back
      argument.number = static_cast<std::uint64_t>(std::int64_t{ReadNumber<std::int32_t>()});
      break;
    case Operand::kUInt32:
      argument.number = ReadNumber<std::uint32_t>();
      break;
    case Operand::kUInt64:
      argument.number = ReadNumber<std::uint64_t>();
      break;
    case Operand::kDouble:
      argument.real = std::bit_cast<double>(__builtin_bswap64(ReadNumber<std::uint64_t>()));
      break;
    case Operand::kLine:
      argument.text = ReadLine();
      break;
    case Operand::kTwoLines:
      argument.text = ReadLine();
      argument.second = ReadLine();
      break;
    case Operand::kBytes8:
      argument.text = ReadText(ReadNumber<std::uint8_t>());
      break;
    case Operand::kBytes32:
      argument.text = ReadText(ReadNumber<std::uint32_t>());
      break;
    case Operand::kBytes64:
      argument.text = ReadText(ReadNumber<std::uint64_t>());
      break;
  }
  return argument;
}

template <typename T>
T Unpickler::ReadNumber() {
  base::ByteReader reader(std::as_bytes(std::span(bytes_)), at_);
  T value{};
  if (!reader.Read(value)) Fail("the pickle ends inside this instruction");
  at_ = reader.position();
  return value;
}

std::string_view Unpickler::ReadText(std::uint64_t length) {
  if (length > bytes_.size() - at_) {
    Fail("wants " + std::to_string(length) + " bytes where " + std::to_string(bytes_.size() - at_) +
         " are left");
  }
  const std::string_view text = bytes_.substr(at_, static_cast<std::size_t>(length));
  at_ += text.size();
  return text;
}

std::string_view Unpickler::ReadLine() {
  const std::size_t end = bytes_.find('\n', at_);
  if (end == std::string_view::npos) Fail("the pickle ends inside this instruction");
  const std::string_view line = bytes_.substr(at_, end - at_);
  at_ = end + 1;
  return line;
}

void Unpickler::Fail(const std::string& what, std::string hint) const {
  std::string message = place_ + "byte " + std::to_string(instruction_at_) + ": ";
  if (opcode_ != nullptr) message.append(opcode_->name).append(": ");
  throw CheckpointError(message + what, hint.empty() ? kDamagedHint : std::move(hint));
}

Value* Unpickler::Pop() {
  Value* top = Top();
  stack_.pop_back();
  return top;
}

Value* Unpickler::Top() {
  const std::size_t bottom = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= bottom) Fail("the stack is empty");
  return stack_.back();
}

std::size_t Unpickler::PopMark() {
  if (marks_.empty()) Fail("there is no MARK on the stack");
  const std::size_t mark = marks_.back();
  marks_.pop_back();
  return mark;
}

std::vector<Value*> Unpickler::PopToMark() {
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(PopMark());
  std::vector<Value*> values(first, stack_.end());
  stack_.erase(first, stack_.end());
  return values;
}

Value* Unpickler::New(ValueKind kind) {
  Value* value = document_.New(kind);
  if (value == nullptr) {
    Fail("the pickle holds more than " + std::to_string(kMaxPickleValues) + " values",
         kNotCheckpointHint);
  }
  return value;
}

Value* Unpickler::PushNew(ValueKind kind) {
  Push(New(kind));
  return stack_.back();
}

// Containers are filled from the inside out, so that this sees how deep they are nested. (A
// container that gets items after it was put into another one is deeper than its parent knows. That
// is harmless: nothing here follows values to their ends.)
void Unpickler::Attach(Value* container, Value* item) {
  if (item->depth >= container->depth) {
    if (item->depth + std::size_t{1} > kMaxPickleNesting) {
      Fail("values are nested more than " + std::to_string(kMaxPickleNesting) + " levels deep",
           "no checkpoint is as deep: the file is not what it seems to be");
    }
    container->depth = static_cast<std::uint16_t>(item->depth + 1);
  }
  container->items.push_back(item);
}

void Unpickler::SetState(Value* object, Value* state) {
  Attach(object, state);  // for the check of nesting
  object->items.pop_back();
  object->state = state;
}

void Unpickler::Store(std::uint64_t index) {
  // A pickler numbers what it stores from 0, so that no index can reach the number of bytes.
  if (index >= bytes_.size() - begin_) {
    Fail("memo entry " + std::to_string(index) + " in a pickle of " +
         std::to_string(bytes_.size() - begin_) + " bytes");
  }
  if (!memo_.Store(index, Top())) {
    Fail("the pickle stores more than " + std::to_string(kMaxPickleValues) + " memo entries",
         kNotCheckpointHint);
  }
}

void Unpickler::Recall(std::uint64_t index) {
  Value* value = memo_.Find(index);
  if (value == nullptr) Fail("memo entry " + std::to_string(index) + " was never stored");
  Push(value);
}

std::uint64_t Unpickler::ParseIndex(std::string_view text) const {
  const auto index = ParseNumber<std::uint64_t>(text);
  if (!index) Fail(base::Quote(text) + " is no memo entry");
  return *index;
}

}  // namespace yoloport::formats::pickle
