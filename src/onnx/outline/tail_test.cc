#include "onnx/outline/tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/mapped_file.h"
#include "testing/files/tiny_onnx.h"
#include "testing/temporary_folder.h"

namespace yoloport::onnx::outline {
namespace {

using test_support::tiny_onnx::kFloat;
using test_support::tiny_onnx::Model;
using testing::ElementsAre;
using testing::IsEmpty;

class TailTest : public test_support::TemporaryFolder {
 protected:
  std::set<std::string> OperatorsOf(const std::string& bytes) const {
    const auto path = folder_ / "m.onnx";
    std::ofstream(path, std::ios::binary) << bytes;
    return OperatorsAfterConvolutions(*base::MappedFile::Open(path));
  }
};

TEST_F(TailTest, StopsAtConvolutions) {
  Model model;
  model.Input("x", kFloat, {1}).Output("y", kFloat, {1}).Output("z", kFloat, {1});
  model.Node("Exp", {"x"}, "a").Node("Conv", {"a"}, "b").Node("Sigmoid", {"b"}, "c");
  model.Node("Concat", {"b", "c", "x"}, "y").Node("Mul", {"y", "c"}, "z");
  model.Node("Softmax", {"c"}, "unused");
  EXPECT_THAT(OperatorsOf(model.Serialised()),
              ElementsAre("Concat", "Concat(Conv,Sigmoid,)", "Mul", "Sigmoid"));
}

TEST_F(TailTest, BrokenFilesAndCirclesEnd) {
  Model model;
  model.Output("y", kFloat, {1}).Node("Add", {"y", "x"}, "x").Node("Sub", {"x"}, "y");
  EXPECT_THAT(OperatorsOf(model.Serialised()), ElementsAre("Add", "Sub"));
  EXPECT_THAT(OperatorsOf("no model"), IsEmpty());
}

}  // namespace
}  // namespace yoloport::onnx::outline
