// Reading Python pickles as data: protocols 2 to 5, without executing anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pickle/pickle_memo.h"
#include "formats/pickle/pickle_value.h"

namespace yoloport::formats::pickle {

// The machine that a pickle is a program for. One instance reads one pickle, up to and including
// its STOP; values go into `document`, texts are views into `bytes`.
//
// Classes and functions stay names. Constructing something gives a kObject that carries the name,
// the arguments and the state, except for dicts and sequences (GlobalKind), which become just that.
//
// Everything wrong with a pickle - an unknown instruction, an empty stack, a missing mark, a memo
// entry that was never stored, a length past the end, no STOP, one of the caps in limits.h - is a
// CheckpointError "PLACEbyte N: INSTRUCTION: what".
class Unpickler {
 public:
  // Reads from `bytes[at...]`. `place` begins messages: "entry 'x/data.pkl', " or "".
  Unpickler(PickleDocument& document, std::string_view bytes, std::size_t at, std::string place)
      : document_(document), bytes_(bytes), at_(at), begin_(at), place_(std::move(place)) {}

  const Value& Load();

  // After Load(): where the pickle ended.
  std::size_t position() const { return at_; }

 private:
  friend struct OpcodeTable;

  // What follows an instruction's code byte.
  enum class Operand : std::uint8_t {
    kNone,
    kUInt8,
    kUInt16,
    kInt32,
    kUInt32,
    kUInt64,
    kDouble,    // 8 bytes, big-endian
    kLine,      // text up to a newline
    kTwoLines,  // the same twice
    kBytes8,    // text after its length in 1, 4 or 8 bytes
    kBytes32,
    kBytes64,
  };
  struct Argument {
    std::uint64_t number = 0;
    double real = 0;
    std::string_view text;
    std::string_view second;
  };
  using Handler = void (Unpickler::*)(const Argument&);
  struct Opcode {
    unsigned char code;
    std::string_view name;
    Operand operand;
    Handler handler;
  };

  // Reading instructions.
  void Step();
  void Charge(std::size_t steps);  // for work beyond the instruction itself
  Argument ReadArgument(Operand operand);
  template <typename T>
  T ReadNumber();
  std::string_view ReadText(std::uint64_t length);
  std::string_view ReadLine();
  [[noreturn]] void Fail(const std::string& what, std::string hint = {}) const;

  // The stack, the marks on it, and the memo.
  void Push(Value* value) { stack_.push_back(value); }
  Value* Pop();
  Value* Top();
  std::size_t PopMark();  // the stack position that was marked
  std::vector<Value*> PopToMark();
  Value* New(ValueKind kind);
  Value* PushNew(ValueKind kind);
  void Attach(Value* container, Value* item);
  void SetState(Value* object, Value* state);
  void Store(std::uint64_t index);
  void Recall(std::uint64_t index);
  std::uint64_t ParseIndex(std::string_view text) const;
  void PushTuple(std::size_t count);
  Value* MakeGlobal(std::string_view module, std::string_view name);
  Value* Construct(Value* callable, Value* arguments);
  Value* ConstructDict(const Value& global, const Value& arguments);
  void AppendPairs(Value* container, const std::vector<Value*>& pairs);
  void PushBigInt(std::string_view text);

  // One handler an instruction, or one for several alike.
  void Proto(const Argument&);
  void Frame(const Argument&);
  void Stop(const Argument&);
  void Mark(const Argument&);
  void Drop(const Argument&);
  void DropToMark(const Argument&);
  void Duplicate(const Argument&);
  void Get(const Argument&);
  void GetLine(const Argument&);
  void Put(const Argument&);
  void PutLine(const Argument&);
  void Memoize(const Argument&);
  void None(const Argument&);
  void True(const Argument&);
  void False(const Argument&);
  void Unsigned(const Argument&);
  void Signed(const Argument&);
  void IntLine(const Argument&);
  void LongLine(const Argument&);
  void Long(const Argument&);
  void Float(const Argument&);
  void FloatLine(const Argument&);
  void Text(const Argument&);
  void Bytes(const Argument&);
  void QuotedLine(const Argument&);
  void EmptyList(const Argument&);
  void EmptyTuple(const Argument&);
  void EmptyDict(const Argument&);
  void EmptySet(const Argument&);
  void Tuple(const Argument&);
  void Tuple1(const Argument&);
  void Tuple2(const Argument&);
  void Tuple3(const Argument&);
  void List(const Argument&);
  void Dict(const Argument&);
  void FrozenSet(const Argument&);
  void Append(const Argument&);
  void Appends(const Argument&);
  void SetItem(const Argument&);
  void SetItems(const Argument&);
  void AddItems(const Argument&);
  void Global(const Argument&);
  void StackGlobal(const Argument&);
  void Reduce(const Argument&);
  void NewObject(const Argument&);
  void NewObjectWithKeywords(const Argument&);
  void MarkedObject(const Argument&);
  void Instance(const Argument&);
  void Build(const Argument&);
  void PersistentId(const Argument&);
  void RefuseExtension(const Argument&);
  void RefuseBuffer(const Argument&);
  void RefusePersistentLine(const Argument&);

  PickleDocument& document_;
  std::string_view bytes_;
  std::size_t at_;
  std::size_t begin_;
  std::string place_;
  std::size_t instruction_at_ = 0;
  const Opcode* opcode_ = nullptr;
  std::size_t steps_ = 0;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;
  PickleMemo memo_;
  Value* result_ = nullptr;
};

}  // namespace yoloport::formats::pickle
