#include "formats/pickle/unpickler.h"

#include <gtest/gtest.h>

#include <ostream>

#include "formats/pickle/limits.h"
#include "formats/pickle/pickle_globals.h"
#include "testing/files/checkpoint_files.h"
#include "yoloport/error.h"

namespace yoloport::formats::pickle {
namespace {

using test_support::PickleWriter;

constexpr const char* kDamaged = "\nhint: the file is damaged: download or save it again";
constexpr const char* kNotCheckpoint =
    "\nhint: no checkpoint needs as many: the file is not what it seems to be";
constexpr const char* kTooDeep =
    "\nhint: no checkpoint is as deep: the file is not what it seems to be";

// A value in Python's notation; <...> for what is no literal. Bounded, for values with cycles.
std::string Show(const Value& value, int depth = 0) {
  if (depth > 5) return "...";
  const auto join = [&](std::size_t first) {
    std::string out;
    for (std::size_t i = first; i < value.items.size(); ++i) {
      if (!out.empty()) out += ", ";
      out += Show(*value.items[i], depth + 1);
    }
    return out;
  };
  switch (value.kind) {
    case ValueKind::kNone:
      return "None";
    case ValueKind::kBool:
      return value.integer != 0 ? "True" : "False";
    case ValueKind::kInt:
      return std::to_string(value.integer);
    case ValueKind::kBigInt:
      return "<bigint of " + std::to_string(value.text.size()) + ">";
    case ValueKind::kFloat:
      return std::to_string(value.real);
    case ValueKind::kText:
      return "'" + std::string(value.text) + "'";
    case ValueKind::kBytes:
      return "b'" + std::string(value.text) + "'";
    case ValueKind::kList:
      return "[" + join(0) + "]";
    case ValueKind::kTuple:
      return "(" + join(0) + ")";
    case ValueKind::kSet:
      return "{" + join(0) + "}";
    case ValueKind::kDict:
      return "dict(" + join(0) + ")";
    case ValueKind::kGlobal:
      return "<" + std::string(value.text) + ">";
    case ValueKind::kPersistent:
      return "<storage " + join(0) + ">";
    case ValueKind::kObject:
      break;
  }
  std::string out = "<object " + join(0);
  if (value.state != nullptr) out += " state " + Show(*value.state, depth + 1);
  return out + ">";
}

std::string Load(std::string_view bytes) {
  PickleDocument document;
  return Show(Unpickler(document, bytes, 0, "entry 'x', ").Load());
}

std::string Execute(std::string_view instructions, int protocol = 2) {
  return Load(PickleWriter(protocol).Raw(instructions).Done());
}

std::string Error(std::string_view bytes) {
  return test_support::ErrorOf([&] { Load(bytes); });
}

std::string ExecuteError(std::string_view instructions) {
  return Error(PickleWriter().Raw(instructions).Done());
}

using namespace std::string_view_literals;

struct Case {
  std::string_view instructions;
  std::string expected;
};

void PrintTo(const Case& each, std::ostream* out) { *out << each.expected; }

class OpcodeTest : public testing::TestWithParam<Case> {};

TEST_P(OpcodeTest, GivesItsValue) {
  EXPECT_EQ(Execute(GetParam().instructions, 5), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, OpcodeTest,
    testing::Values(Case{"N", "None"}, Case{"\x88", "True"}, Case{"\x89", "False"},
                    Case{"I00\n", "False"}, Case{"I01\n", "True"}, Case{"I-7\n", "-7"},
                    Case{"L123L\n", "123"}, Case{"L99999999999999999999L\n", "<bigint of 20>"},
                    Case{"J\xfe\xff\xff\xff"sv, "-2"}, Case{"K\xff"sv, "255"},
                    Case{"M\x01\x02"sv, "513"}, Case{"\x8a\x00"sv, "0"},
                    Case{"\x8a\x01\x80"sv, "-128"}, Case{"\x8a\x02\x00\x01"sv, "256"},
                    Case{"\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09"sv, "<bigint of 9>"},
                    Case{"\x8b\x01\x00\x00\x00\x05"sv, "5"}, Case{"F1.5\n", "1.500000"},
                    Case{"G\x3f\xf8\x00\x00\x00\x00\x00\x00"sv, "1.500000"}));

INSTANTIATE_TEST_SUITE_P(
    Texts, OpcodeTest,
    testing::Values(Case{"S'ab'\n", "'ab'"}, Case{"S\"a\\n\\x41\\'\\q\"\n", "'a\nA'\\q'"},
                    Case{"T\x02\x00\x00\x00hi"sv, "'hi'"}, Case{"U\x02hi", "'hi'"},
                    Case{"B\x02\x00\x00\x00hi"sv, "b'hi'"}, Case{"C\x02hi", "b'hi'"},
                    Case{"\x8e\x02\x00\x00\x00\x00\x00\x00\x00hi"sv, "b'hi'"},
                    Case{"\x96\x02\x00\x00\x00\x00\x00\x00\x00hi"sv, "b'hi'"},
                    Case{"Vhi\n", "'hi'"}, Case{"X\x02\x00\x00\x00hi"sv, "'hi'"},
                    Case{"\x8c\x02hi", "'hi'"},
                    Case{"\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi"sv, "'hi'"}));

INSTANTIATE_TEST_SUITE_P(
    Containers, OpcodeTest,
    testing::Values(Case{"]", "[]"}, Case{")", "()"}, Case{"}", "dict()"}, Case{"\x8f", "{}"},
                    Case{"(K\1K\2t", "(1, 2)"}, Case{"K\1\x85", "(1)"},
                    Case{"K\1K\2\x86", "(1, 2)"}, Case{"K\1K\2K\3\x87", "(1, 2, 3)"},
                    Case{"(K\1K\2l", "[1, 2]"}, Case{"(K\1K\2d", "dict(1, 2)"},
                    Case{"(K\1K\2\x91", "{1, 2}"}, Case{"]K\1a", "[1]"},
                    Case{"](K\1K\2e", "[1, 2]"}, Case{"}K\1K\2s", "dict(1, 2)"},
                    Case{"}(K\1K\2K\3K\4u", "dict(1, 2, 3, 4)"}, Case{"\x8f(K\1\x90", "{1}"}));

INSTANTIATE_TEST_SUITE_P(StackAndMemo, OpcodeTest,
                         testing::Values(Case{"K\1K\2"
                                              "0",
                                              "1"},
                                         Case{"K\1(0", "1"},
                                         Case{"K\1(K\2K\3"
                                              "1",
                                              "1"},
                                         Case{"K\1"
                                              "2\x86",
                                              "(1, 1)"},
                                         Case{"K\7q\0"
                                              "0h\0"sv,
                                              "7"},
                                         Case{"K\7p5\n0g5\n", "7"},
                                         Case{"K\7r\1\0\0\0"
                                              "0j\1\0\0\0"sv,
                                              "7"},
                                         Case{"K\7\x94K\x08\x94"
                                              "00h\1"sv,
                                              "8"},
                                         Case{"\x95\1\0\0\0\0\0\0\0K\1"sv, "1"}));

INSTANTIATE_TEST_SUITE_P(
    Objects, OpcodeTest,
    testing::Values(
        Case{"cos\nsystem\n", "<os.system>"}, Case{"U\2osU\6system\x93", "<os.system>"},
        Case{"cos\nsystem\nU\2ls\x85R", "<object <os.system>, ('ls')>"},
        Case{"ca\nB\n)\x81", "<object <a.B>, ()>"}, Case{"ca\nB\n)}\x92", "<object <a.B>, ()>"},
        Case{"(ca\nB\nK\1o", "<object <a.B>, (1)>"}, Case{"(K\1ia\nB\n", "<object <a.B>, (1)>"},
        Case{"ca\nB\n)\x81K\5"
             "b",
             "<object <a.B>, () state 5>"},
        Case{"ca\nB\n)\x81(K\1K\2u", "<object <a.B>, (), 1, 2>"},
        Case{"ca\nB\n)\x81K\1a", "<object <a.B>, (), 1>"},
        Case{"ca\nB\n)\x81(K\1K\2e", "<object <a.B>, (), 1, 2>"}, Case{"K\1)R", "<object 1, ()>"},
        Case{"K\1Q", "<storage 1>"}, Case{"ccollections\nOrderedDict\n)R(K\1K\2u}b", "dict(1, 2)"},
        Case{"ccollections\nOrderedDict\n](K\1K\2\x86"
             "e\x85R",
             "dict(1, 2)"},
        Case{"ccollections\ndefaultdict\nc__builtin__\nlist\n\x85RK\1K\2s", "dict(1, 2)"},
        Case{"ctorch\nSize\nK\1K\2\x86\x85R", "(1, 2)"},
        Case{"c__builtin__\nset\n](K\1e\x85R", "[1]"}));

TEST(UnpicklerTest, ReadsFromTheMiddleAndSaysWhereItEnded) {
  const std::string bytes = "xx" + PickleWriter().Raw("K\1").Done() + "rest";
  PickleDocument document;
  Unpickler unpickler(document, bytes, 2, "");
  EXPECT_EQ(Show(unpickler.Load()), "1");
  EXPECT_EQ(unpickler.position(), bytes.size() - 4);
}

TEST(UnpicklerTest, KnowsProtocols2To5) {
  for (const int protocol : {2, 3, 4, 5}) EXPECT_EQ(Execute("N", protocol), "None");
  EXPECT_EQ(Error(PickleWriter(6).Raw("N").Done()),
            std::string("entry 'x', byte 0: PROTO: protocol 6 where 2 to 5 are known") + kDamaged);
  const std::string old =
      "entry 'x', byte 0: this is no pickle of protocol 2 to 5\n"
      "hint: a file saved with pickle_protocol=0 or 1 must be loaded and saved again by torch";
  EXPECT_EQ(Error("(lp0\n."), old);
  EXPECT_EQ(Error("]q\x01."), old);
}

TEST(UnpicklerTest, EachMistakeIsNamedWithItsPlace) {
  const std::vector<Case> cases = {
      {"0", "byte 2: POP: the stack is empty"},
      {"", "byte 2: STOP: the stack is empty"},
      {"(", "byte 3: STOP: the stack is empty"},
      {"K\1(\x85", "byte 5: TUPLE1: the stack is empty"},
      {"2", "byte 2: DUP: the stack is empty"},
      {"q\0"sv, "byte 2: BINPUT: the stack is empty"},
      {"t", "byte 2: TUPLE: there is no MARK on the stack"},
      {"1", "byte 2: POP_MARK: there is no MARK on the stack"},
      {"]e", "byte 3: APPENDS: there is no MARK on the stack"},
      {"h\x05", "byte 2: BINGET: memo entry 5 was never stored"},
      {"g7\n", "byte 2: GET: memo entry 7 was never stored"},
      {"gx\n", "byte 2: GET: 'x' is no memo entry"},
      {"Nr\xff\xff\xff\xff"sv, "byte 3: LONG_BINPUT: memo entry 4294967295 in a pickle of 9 bytes"},
      {"K\1K\2a", "byte 6: APPEND: appends to an int"},
      {"}K\1a", "byte 5: APPEND: appends to a dict"},
      {"N(K\1e", "byte 6: APPENDS: appends to None"},
      {"]K\1K\2s", "byte 7: SETITEM: sets items of a list"},
      {"}(K\1u", "byte 6: SETITEMS: a key without a value"},
      {"(K\1d", "byte 5: DICT: a key without a value"},
      {"ca\nB\n)\x81K\1aK\1K\2s", "byte 16: SETITEM: sets items of a list-like object"},
      {"](K\1\x90", "byte 6: ADDITEMS: adds members to a list"},
      {"K\1K\2b", "byte 6: BUILD: sets the state of an int"},
      {"K\1K\2R", "byte 6: REDUCE: the arguments are an int, not a tuple"},
      {"(o", "byte 3: OBJ: there is no class after the MARK"},
      {"K\1K\2\x93", "byte 6: STACK_GLOBAL: the name of a class is no string"},
      {"I1x\n", "byte 2: INT: '1x' is no number"},
      {"I\n", "byte 2: INT: '' is no number"},
      {"Fx\n", "byte 2: FLOAT: 'x' is no number"},
      {"Sx\n", "byte 2: STRING: 'x' is no quoted string"},
      {"\xfe", "byte 2: unknown instruction '\\xfe'"},
      {"\x95\xff\xff\xff\xff\xff\xff\xff\xff",
       "byte 2: FRAME: wants 18446744073709551615 bytes "
       "where 1 are left"},
      {"X\xff\xff\xff\xff", "byte 2: BINUNICODE: wants 4294967295 bytes where 1 are left"},
      {"T\xff\xff\xff\xff", "byte 2: BINSTRING: wants 4294967295 bytes where 1 are left"},
      {"\x8d\0\0\0\0\0\0\0\x80"sv,
       "byte 2: BINUNICODE8: wants 9223372036854775808 bytes where 1 "
       "are left"},
      {"\x8b\xff\xff\xff\xff", "byte 2: LONG4: wants 4294967295 bytes where 1 are left"},
      {"J\1"sv, "byte 2: BININT: the pickle ends inside this instruction"},
      {"cos\nsystem", "byte 2: GLOBAL: the pickle ends inside this instruction"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(ExecuteError(each.instructions), "entry 'x', " + each.expected + kDamaged);
  }
  EXPECT_EQ(Error("\x80\x02N"),
            std::string("entry 'x', byte 3: the pickle ends without a STOP") + kDamaged);
  EXPECT_EQ(Error(""), std::string("entry 'x', byte 0: the pickle ends without a STOP") + kDamaged);
}

TEST(UnpicklerTest, RefusesWhatNeedsTheWritingProgram) {
  const std::string hint =
      "\nhint: torch does not write such files; load the file where it was written and save it "
      "again";
  EXPECT_EQ(ExecuteError("\x97"),
            "entry 'x', byte 2: NEXT_BUFFER: the value lies in a buffer outside the pickle" + hint);
  EXPECT_EQ(ExecuteError("N\x98"),
            "entry 'x', byte 3: READONLY_BUFFER: the value lies in a buffer "
            "outside the pickle" +
                hint);
  EXPECT_EQ(
      ExecuteError("Pid\n"),
      "entry 'x', byte 2: PERSID: storages are named by tuples, not by a line of text" + hint);
  for (const std::string_view code : {"\x82\1"sv, "\x83\1\0"sv, "\x84\1\0\0\0"sv}) {
    EXPECT_NE(ExecuteError(code).find("extension codes stand for classes that only the writing "
                                      "program knows"),
              std::string::npos);
  }
}

TEST(UnpicklerTest, RefusesAMillionLevels) {
  constexpr std::size_t kLevels = 1'000'000;
  const std::string deep = "values are nested more than 1000 levels deep";
  EXPECT_EQ(ExecuteError(std::string(kLevels, '(')),
            "entry 'x', byte 1002: MARK: " + deep + kTooDeep);
  constexpr std::size_t kLists = kMaxPickleValues - 1;  // more would be too many, not too deep
  EXPECT_EQ(ExecuteError(std::string(kLists, ']') + std::string(kLists - 1, 'a')),
            "entry 'x', byte 501001: APPEND: " + deep + kTooDeep);
  EXPECT_EQ(ExecuteError(")" + std::string(kLevels, '\x85')),
            "entry 'x', byte 1003: TUPLE1: " + deep + kTooDeep);
  EXPECT_NE(ExecuteError("ca\nB\n)\x81q\1" + std::string(kLevels, 'Q')).find(deep),
            std::string::npos);
}

TEST(UnpicklerTest, DepthIsAlsoCountedThroughStates) {
  std::string code;
  for (int i = 0; i < 2000; ++i) code += "ca\nB\n)\x81";
  code += std::string(1999, 'b');
  EXPECT_NE(ExecuteError(code).find("nested more than"), std::string::npos);
}

TEST(UnpicklerTest, SharedValuesAreNotCopied) {
  // Thirty lists, each holding the one before twice: 2^30 leaves for whoever copies.
  std::string code = "]q\1";
  for (int i = 0; i < 30; ++i) code += "0](h\1h\1eq\1";
  EXPECT_EQ(Execute(code).substr(0, 8), "[[[[[[..");
}

TEST(UnpicklerTest, ConstructionsDoNotCopyEither) {
  // One long list of pairs, made a dict a million times.
  std::string code = "](";
  for (int i = 0; i < 1000; ++i) code += "NN\x86";
  code += "eq\1";
  std::string again;
  for (int i = 0; i < 100'000; ++i) again += "ccollections\nOrderedDict\nh\1\x85R0";
  EXPECT_NE(ExecuteError(code + again).find("the pickle copies too much"), std::string::npos);
}

TEST(UnpicklerTest, NamesThatAreUsedAgainCostStepsByTheirLength) {
  const std::string name =
      "U\xff" + std::string(255, 'm') + "q\1U\xff" + std::string(255, 'n') + "q\2";
  std::string again;
  for (int i = 0; i < 200'000; ++i)
    again +=
        "h\1h\2\x93"
        "0";
  EXPECT_NE(ExecuteError(name + again).find("STACK_GLOBAL: the pickle copies too much"),
            std::string::npos);
}

TEST(UnpicklerTest, CapsValuesAndInstructions) {
  EXPECT_EQ(ExecuteError(std::string(kMaxPickleValues + 1, ']')),
            "entry 'x', byte 500002: EMPTY_LIST: the pickle holds more than 500000 values" +
                std::string(kNotCheckpoint));
  EXPECT_EQ(ExecuteError(std::string(kMaxPickleSteps, 'N')),
            "entry 'x', byte 4000001: NONE: the pickle has more than 4000000 instructions" +
                std::string(kNotCheckpoint));
}

TEST(UnpicklerTest, CapsNames) {
  std::string code;
  for (std::size_t i = 0; i <= kMaxPickleNames; ++i) code += "ca\nB" + std::to_string(i) + "\n0";
  EXPECT_NE(ExecuteError(code).find("the pickle names more than 10000 classes"), std::string::npos);
  EXPECT_NE(ExecuteError("ca\n" + std::string(1000, 'x') + "\n").find("a name of 1001 characters"),
            std::string::npos);
}

TEST(UnpicklerTest, ContainersMayHoldThemselves) {
  EXPECT_EQ(Execute("]q\1h\1a"), "[[[[[[...]]]]]]");
  EXPECT_EQ(Execute("}q\1K\1h\1s").substr(0, 15), "dict(1, dict(1,");
}

TEST(PickleMemoTest, KeepsWhatIsStoredUnderAnyIndex) {
  std::vector<Value> values(1000);
  PickleMemo memo;
  // Far ahead at first, then reached by those without gaps, then replaced.
  EXPECT_TRUE(memo.Store(500, &values[0]));
  for (std::size_t i = 1; i < 500; ++i) EXPECT_TRUE(memo.Store(i, &values[i]));
  EXPECT_EQ(memo.Find(0), nullptr);
  EXPECT_EQ(memo.Find(499), &values[499]);
  EXPECT_EQ(memo.Find(500), &values[0]);
  EXPECT_EQ(memo.size(), 500U);
  EXPECT_TRUE(memo.Store(500, &values[500]));
  EXPECT_EQ(memo.Find(500), &values[500]);
  EXPECT_EQ(memo.size(), 500U);
  EXPECT_TRUE(memo.Store(UINT64_MAX, &values[1]));
  EXPECT_EQ(memo.Find(UINT64_MAX), &values[1]);
  EXPECT_EQ(memo.Find(UINT64_MAX - 1), nullptr);
}

TEST(PickleMemoTest, HoldsNoMoreEntriesThanValues) {
  Value value;
  PickleMemo memo;
  for (std::size_t i = 0; i < kMaxPickleValues; ++i) EXPECT_TRUE(memo.Store(7 * i, &value));
  EXPECT_FALSE(memo.Store(1, &value));
  EXPECT_TRUE(memo.Store(7, &value));
}

TEST(PickleGlobalsTest, KnowsOtherSpellings) {
  EXPECT_EQ(FindGlobal("torch.cuda.HalfStorage"), FindGlobal("torch.HalfStorage"));
  EXPECT_EQ(FindGlobal("__builtin__.list"), FindGlobal("builtins.list"));
  EXPECT_EQ(FindGlobal("os.system"), nullptr);
  EXPECT_EQ(FindGlobal("torch.cuda.float32"), nullptr);
}

TEST(PickleValueTest, FindsKeysInWhateverIsLikeADict) {
  PickleDocument document;
  const auto find = [&](std::string_view code) {
    const std::string bytes = PickleWriter().Raw(code).Done();
    const Value* found = FindKey(Unpickler(document, bytes, 0, "").Load(), "k");
    return found == nullptr ? std::string("none") : std::to_string(found->integer);
  };
  EXPECT_EQ(find("}U\1kK\1s"), "1");
  EXPECT_EQ(find("}(U\1kK\1U\1kK\2u"), "2");
  EXPECT_EQ(find("cmmengine.config.config\nConfigDict\n}U\1kK\3s\x85R"), "3");
  EXPECT_EQ(find("ca\nB\n)\x81U\1kK\4s"), "4");
  EXPECT_EQ(find("]"), "none");
  EXPECT_EQ(find("ca\nB\n)\x81"), "none");
}

}  // namespace
}  // namespace yoloport::formats::pickle
