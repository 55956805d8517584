// What hostile configs cost: each of these took from ten seconds to minutes, or gigabytes, where
// work was not counted. Errors are told by their message without place and source line.
#include <ctime>

#include "testing/config_texts.h"

namespace yoloport::config {
namespace {

#ifdef YOLOPORT_SANITIZED
constexpr double kMostSeconds = 30;
#else
constexpr double kMostSeconds = 2;
#endif

constexpr const char* kSteps = "evaluating this config takes more than 2000000 steps";
constexpr const char* kDone = "no error";

std::string Repeated(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// `count` times `text` with each '#' replaced by the number.
std::string Numbered(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    for (const char c : text) {
      if (c == '#') {
        all += std::to_string(i);
      } else {
        all += c;
      }
    }
  }
  return all;
}

// The message that `action` fails with; too long a time is a failure of the test.
template <typename Action>
std::string Cost(Action action) {
  const std::clock_t begin = std::clock();
  std::string error = test_support::ErrorOf<Error>(action);
  EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, kMostSeconds);
  error = error.substr(0, error.find('\n'));
  const std::size_t place = error.find(": ");
  return place == std::string::npos ? error : error.substr(place + 2);
}

std::string CostOf(const std::string& text) {
  return Cost([&] { Config::FromText(text, "t.py").ToJson(); });
}

TEST(CostTest, KeysThatCollideInAHash) {
  EXPECT_EQ(CostOf("x = len({(i, -31*i): 0 for i in range(100000)})"), kDone);
  EXPECT_EQ(CostOf("x = len({(i, -31*i): 0 for i in range(180000)})"), kSteps);
  EXPECT_EQ(CostOf("x = len({i * 2**32: 0 for i in range(150000)})"), kDone);
  EXPECT_EQ(CostOf("x = len({f'{i}': 0 for i in range(150000)})"), kDone);
}

TEST(CostTest, ComparingKeysAndValues) {
  EXPECT_EQ(CostOf("a = (1,)*400000\nd = {a: 1}\nx = [d.get(a) for i in range(30000)]"), kSteps);
  EXPECT_EQ(CostOf("a = ('a'*60000,)*10\nd = {a: 1}\nx = [d[a] for i in range(30000)]"), kSteps);
  EXPECT_EQ(CostOf("a = 'a'*60000\nd = {a + str(i): 1 for i in range(100)}\n"
                   "x = [a + '7' in d for i in range(30000)]"),
            kSteps);
  EXPECT_EQ(CostOf("a = ['a'*65000]*1000\nb = ['a'*64999 + 'a']*1000\n"
                   "x = [a == b for i in range(4000)]"),
            kSteps);
  EXPECT_EQ(CostOf("x = len(sorted(['a'*65000 + str(i) for i in range(200)]*70))"), kSteps);
  EXPECT_EQ(
      CostOf("n" + Repeated("m", 60000) + " = 1\nfor i in range(400000): n" + Repeated("m", 60000)),
      kSteps);
}

TEST(CostTest, NamesThatAreNotThere) {
  const std::string names = Numbered("n#=0\n", 60000);
  EXPECT_EQ(CostOf(names + "x = " + Repeated("u", 300000)).substr(0, 15), "the name 'uuuuu");
  EXPECT_EQ(CostOf(names + "x = " + Repeated("u", 60)).substr(0, 15), "the name 'uuuuu");
}

TEST(CostTest, NamesThatComeAndGo) {
  EXPECT_EQ(CostOf(Numbered("n#=0\n", 50000) + Repeated("import b\nb=0\n", 38000)), kDone);
  EXPECT_EQ(CostOf(Repeated("import b\nb=0\n", 38000)), kDone);
  EXPECT_EQ(CostOf(Numbered("n#=0\n", 40000) + Numbered("del n#\n", 40000)), kSteps);
  EXPECT_EQ(CostOf("d = {i: i for i in range(100000)}\nfor i in range(100000): d.pop(i)"), kSteps);
}

TEST(CostTest, CodeThatIsNotRun) {
  const std::string nested = Repeated("f(", 190) + "a" + Repeated(")", 190);
  EXPECT_EQ(CostOf("try:\n  x = " + nested + "\nexcept E: pass"), kDone);
  EXPECT_EQ(CostOf("import f\na = f.a()\n" + Repeated("b = [a + 1, a]\n", 20000)), kDone);
  EXPECT_EQ(CostOf("l = []\ndef f(): l.append(1)\n" + Repeated("x = f()\n", 30000)), kDone);
}

TEST(CostTest, Formats) {
  EXPECT_EQ(CostOf("a = 'a'*65000\nx = len([f'{a:.1}' for i in range(200000)])"), kDone);
  EXPECT_EQ(CostOf("d = {f'k{i}': i for i in range(100000)}\n"
                   "x = len(('{k99999}'*6000).format(**d))"),
            kDone);
  EXPECT_EQ(CostOf("x = len([round(1e-300, 300) for i in range(600000)])"), kSteps);
  EXPECT_EQ(CostOf("x = len([f'{1e308:.900f}' for i in range(30000)])"),
            "the strings of this config take more than 32 MiB");
  EXPECT_EQ(CostOf("a = '0'*65000\nx = len([int(a) + float(a) for i in range(300000)])"), kSteps);
}

TEST(CostTest, SearchesInStrings) {
  const std::string names = "a = 'a'*65000\nb = 'a'*32000 + 'b'\n";
  EXPECT_EQ(CostOf(names + "x = len([b in a for i in range(30000)])"), kSteps);
  EXPECT_EQ(CostOf(names + "x = len([len(a.split(b)) for i in range(30000)])"), kSteps);
  EXPECT_EQ(CostOf(names + "x = len([len(a.replace(b, '')) for i in range(30000)])"), kSteps);
  EXPECT_EQ(CostOf("a = 'a'*65000\nb = 'b'*60000 + 'a'\n"
                   "x = len([a.strip(b) for i in range(30000)])"),
            kSteps);
  EXPECT_EQ(CostOf("a = 'a'*65000\nx = len([a[0:1] for i in range(300000)])"), kSteps);
}

TEST(CostTest, WritingOutWithIndentation) {
  EXPECT_EQ(CostOf("x = " + Repeated("[", 199) + Repeated("0,", 400000) + Repeated("]", 199)),
            "written out, this config takes more than 64.0 MiB");
}

TEST(CostTest, ClausesAreNesting) {
  EXPECT_EQ(CostOf("x = [0 " + Repeated("for a in (1,) ", 60000) + "]"),
            "expressions within one another more than 200 levels deep");
}

class FileCostTest : public test_support::FolderTest {
 protected:
  std::string CostOfFile(const std::string& name, const std::string& text) const {
    const auto path = Write(name, text);
    return Cost([&] { Config::Load(path).ToJson(); });
  }
};

TEST_F(FileCostTest, PlacesInTextsWithTemplates) {
  EXPECT_EQ(CostOfFile("a.py", "x = [" + Repeated("{{$Q:1}},", 80000) + "]"), kDone);
  EXPECT_EQ(CostOfFile("b.py", "x = len('''" + Repeated("{{$Q:1}},", 80000) + "''')"),
            "a string of more than 64 KiB");
}

TEST_F(FileCostTest, TemplatesThatNeverEnd) {
  EXPECT_EQ(CostOfFile("a.py", "# " + Repeated("{{$Q:1", 150000)), kDone);
  EXPECT_EQ(CostOfFile("b.py", "# " + Repeated("{{$Q:1", 150000) + " x}}"), kDone);
  EXPECT_EQ(CostOfFile("c.py", "# " + Repeated("{{ fileDirnam }}", 60000)), kDone);
}

TEST_F(FileCostTest, TextsOfNestedFiles) {
  const std::string deep = std::string(200, 'd') + "/" + std::string(200, 'e') + "/";
  const std::string text = "# " + Repeated("{{fileDirname}}", 2000) + "\n";
  for (int i = 1; i < 8; ++i) {
    Write(deep + std::to_string(i) + ".py", "_base_ = '" + std::to_string(i + 1) + ".py'\n" + text);
  }
  EXPECT_EQ(CostOfFile(deep + "0.py", "_base_ = '1.py'\n" + text),
            "the files of this config, with their templates filled in, take more than 2.0 MiB");
}

TEST_F(FileCostTest, TextsOfAllFilesTogether) {
  for (int i = 1; i < 4; ++i) {
    Write(std::to_string(i) + ".py",
          "_base_ = '" + std::to_string(i + 1) + ".py'\n#" + Repeated("x", 700000));
  }
  EXPECT_EQ(CostOfFile("0.py", "_base_ = '1.py'\n"),
            "the files of this config take more than 2.0 MiB");
}

}  // namespace
}  // namespace yoloport::config
