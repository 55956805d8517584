#include "yoloport/limits.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace yoloport::about {
namespace {

TEST(LimitsTest, TheDocumentListsThemAll) {
  std::ifstream in("docs/security.md");
  const std::string document{std::istreambuf_iterator<char>(in), {}};
  std::set<std::string> names;
  for (const Limit& limit : Limits()) {
    EXPECT_TRUE(names.insert(limit.what).second) << limit.what;
    const std::string row = "| " + limit.what + " | " + limit.value + " | " + limit.reason + " |";
    EXPECT_NE(document.find(row), std::string::npos) << "missing: " << row;
  }
}

}  // namespace
}  // namespace yoloport::about
