// testdata/config: config in, what MMEngine makes of it out (scripts/make_config_golden.py wrote
// it); bad config in, whole error text out; configs whose values are not known.
#include <algorithm>
#include <sstream>

#include "testing/config_texts.h"

namespace yoloport::config {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = "testdata/config";

std::string Contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Names of the configs in a folder, in order.
std::vector<std::string> ConfigsIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool is_config = entry.path().extension() == ".py" || entry.path().extension() == ".json";
    if (is_config && name.find(".expected.") == std::string::npos) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

class GoodConfigTest : public testing::TestWithParam<std::string> {};

TEST_P(GoodConfigTest, IsWhatMmengineReads) {
  const fs::path path = kFolder / GetParam();
  const Config config = Config::Load(path);
  EXPECT_EQ(config.ToJson(2) + "\n", Contents(fs::path(path).replace_extension(".expected.json")));
  EXPECT_EQ(config.ToPython(-1) + "\n",
            Contents(fs::path(path).replace_extension(".expected.txt")));
}

INSTANTIATE_TEST_SUITE_P(Golden, GoodConfigTest, testing::ValuesIn(ConfigsIn(kFolder)), TestName);

class BadConfigTest : public testing::TestWithParam<std::string> {};

TEST_P(BadConfigTest, SaysWhatIsWrong) {
  const fs::path path = kFolder / "bad" / GetParam();
  EXPECT_EQ(test_support::ErrorOf([&] { Config::Load(path); }) + "\n",
            Contents(fs::path(path).replace_extension(".txt")));
}

class UnknownConfigTest : public testing::TestWithParam<std::string> {};

TEST_P(UnknownConfigTest, SaysWhatIsNotKnown) {
  const fs::path path = kFolder / "unknown" / GetParam();
  EXPECT_EQ(Config::Load(path).ToPython(-1) + "\n",
            Contents(fs::path(path).replace_extension(".txt")));
}

INSTANTIATE_TEST_SUITE_P(Golden, UnknownConfigTest,
                         testing::ValuesIn(ConfigsIn(kFolder / "unknown")), TestName);

INSTANTIATE_TEST_SUITE_P(Golden, BadConfigTest, testing::ValuesIn(ConfigsIn(kFolder / "bad")),
                         TestName);

}  // namespace
}  // namespace yoloport::config
