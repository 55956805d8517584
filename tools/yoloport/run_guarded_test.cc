#include <gtest/gtest.h>

#include <new>

#include "cli.h"
#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

int LackMemory() { throw std::bad_alloc(); }
int LackMemoryWhereNothingMayBeThrown() noexcept { return LackMemory(); }

TEST(RunGuardedTest, ErrorsBecomeExitCodes) {
  EXPECT_EQ(RunGuarded([] { return 7; }), 7);
  EXPECT_EQ(RunGuarded([]() -> int { throw UsageError("usage"); }), kWrongUsage);
  EXPECT_EQ(RunGuarded([]() -> int { throw ModelError("model"); }), kFailed);
  EXPECT_EQ(RunGuarded(LackMemory), kFailed);
}

// As libraries do in destructors: the language would end the process by a signal.
TEST(RunGuardedDeathTest, ALackOfMemoryIsAnErrorEverywhere) {
  EXPECT_EXIT(RunGuarded(LackMemoryWhereNothingMayBeThrown), testing::ExitedWithCode(kFailed),
              "^error: out of memory\n$");
}

}  // namespace
}  // namespace yoloport::tool
