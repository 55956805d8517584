// Checkpoints made to cost as much as the limits allow: entries 74 to 80 of the catalogue in
// docs/security.md.
#include <cstring>

#include "bad_inputs/bad_input.h"
#include "bad_inputs/costly_names.h"
#include "formats/pickle/limits.h"
#include "formats/safetensors/limits.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::bad_inputs {
namespace {

using test_support::LittleEndian;
using test_support::Outcome;
using test_support::PickleWriter;

using namespace std::string_literals;

constexpr std::size_t kMillion = 1'000'000;

class CostlyCheckpoint : public BadInput {
 protected:
  // An archive of a megabyte whose large entries are deflated: it may unpack to 96.
  static std::string Deflated(
      const std::string& pickle,
      const std::vector<test_support::StorageData>& data = test_support::SmallData()) {
    auto entries = test_support::TorchEntries(pickle, data);
    for (test_support::ZipSpec& entry : entries) entry.deflated = entry.data.size() > 1000;
    entries.push_back({.name = "top/pad", .data = std::string(900'000, '\0')});
    return test_support::ZipFile(entries);
  }

  void ExpectCheapCheckpoint(const std::string& contents, const std::string& message) const {
    Write("model.pth", contents);
    ExpectCheaplyRefused({"inspect", "model.pth"}, message);
    ExpectCheaplyRefused({"export", "config.py", "model.pth"}, message);
  }
};

TEST_F(CostlyCheckpoint, E74MemoIndexes) {
  constexpr std::size_t kText = 94 * kMillion;
  PickleWriter one;
  one.Text(std::string(kText, 'x')).Raw("r").Raw(LittleEndian(std::uint32_t{kText}));
  ExpectCheapCheckpoint(
      Deflated(one.Done()),
      "error: 'model.pth': no weights: the file holds a string\n"
      "hint: a checkpoint written by MMYOLO's training, or a state_dict, is needed\n");
  PickleWriter many;
  many.Raw("]");
  for (std::uint32_t i = 0; i <= formats::pickle::kMaxPickleValues; ++i)
    many.Raw("r").Raw(LittleEndian(i * 3 + 90));
  ExpectCheapCheckpoint(
      Deflated(many.Done()),
      "error: 'model.pth': entry 'top/data.pkl', byte 2500003: LONG_BINPUT: the pickle stores more "
      "than 500000 memo entries\n"
      "hint: no checkpoint needs as many: the file is not what it seems to be\n");
}

TEST_F(CostlyCheckpoint, E75KeysThatCollide) {
  PickleWriter writer;
  writer.Raw("}").Text("w").Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Raw("s(");
  for (const std::string& name : CollidingNames(78'000)) writer.Text(name).Raw("N");
  Write("model.pth", test_support::TorchZip(writer.Raw("u").Done(), test_support::SmallData()));
  const Outcome outcome = RunCheaply({"inspect", "model.pth"});
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find("\n78001 tensors\n"), std::string::npos);
}

TEST_F(CostlyCheckpoint, E76NamesThatAreUsedAgain) {
  // A thousand letters, looked up for each of a million instructions.
  PickleWriter names;
  names.Text("m"s + std::string(500, 'x')).Raw("q\1").Text(std::string(490, 'y')).Raw("q\2");
  for (int i = 0; i < 100'000; ++i)
    names.Raw(
        "h\1h\2\x93"
        "0");
  ExpectCheapCheckpoint(Deflated(names.Done()),
                        "error: 'model.pth': entry 'top/data.pkl', byte 370239: STACK_GLOBAL: the "
                        "pickle copies too much\n"
                        "hint: no checkpoint needs as many: the file is not what it seems to be\n");
}

TEST_F(CostlyCheckpoint, E77DictsAndStoragesThatTensorsShare) {
  // One dict of flags with 100,000 entries behind each of 20,000 tensors.
  PickleWriter flags;
  flags.Raw("}(");
  for (int i = 0; i < 100'000; ++i) flags.Raw("NN");
  flags.Raw("uq\1}(");
  std::string tensor = PickleWriter().Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Done().substr(2);
  tensor.resize(tensor.size() - 3);  // without "tR" and STOP
  for (int i = 0; i < 1000; ++i) flags.Text("w" + std::to_string(i)).Raw(tensor).Raw("h\1tR");
  ExpectCheapCheckpoint(
      Deflated(flags.Raw("u").Done()),
      "error: 'model.pth': tensor 'w0': it has 100000 flags; at most 16 are supported\n"
      "hint: the file is damaged: download or save it again\n");
  // Keys of storages that are long, and compared for each tensor.
  const std::string key(60'000, 'k');
  PickleWriter keys;
  keys.Raw("}").Text("w").Tensor("FloatStorage", key, 6, 0, {6}, {1}).Raw("s");
  ExpectCheapCheckpoint(
      Deflated(keys.Done(), {{key, test_support::FloatBytes({0, 1, 2, 3, 4, 5})}}),
      "error: 'model.pth': tensor 'w': its storage has no well-formed id\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(CostlyCheckpoint, E78OneStorageForAllWeights) {
  // 60 MB of zeros, deflated, seen by 100 tensors: a file of 6 GB for whoever writes them.
  constexpr std::int64_t kElements = 15 * kMillion;
  PickleWriter writer;
  writer.Raw("}(");
  for (int i = 0; i < 100; ++i) {
    writer.Text("w" + std::to_string(i));
    writer.Tensor("FloatStorage", "0", kElements, 0, {kElements}, {1});
  }
  ExpectCheapCheckpoint(
      Deflated(writer.Raw("u").Done(), {{"0", std::string(4 * kElements, '\0')}}),
      "error: 'model.pth': the tensors have 5.6 GiB in all, but the file holds only 57.2 MiB of "
      "data for them\n"
      "hint: no checkpoint repeats its weights as often: the file is not what it seems to be\n");
}

TEST_F(CostlyCheckpoint, E79TextsThatGrowWhenTheyAreShown) {
  PickleWriter key;
  key.Raw("}").Text(std::string(40 * kMillion, '\1'));
  key.Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Raw("s");
  ExpectCheapCheckpoint(Deflated(key.Done()),
                        "error: 'model.pth': the keys of the state_dict have more than 16.0 MiB\n"
                        "hint: no checkpoint needs as much: the file is not what it seems to be\n");
  PickleWriter meta;
  meta.Raw("}").Text("state_dict").Raw("}").Text("w");
  meta.Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Raw("ss");
  meta.Text("meta").Raw("}").Text("time").Text(std::string(90 * kMillion, '\1')).Raw("ss");
  Write("model.pth", Deflated(meta.Done()));
  const Outcome outcome = RunCheaply({"inspect", "model.pth", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("\"time\": \"\""), std::string::npos);
}

TEST_F(CostlyCheckpoint, E79ListsOfTensors) {
  PickleWriter writer;
  writer.Raw("}").Text("w").Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Raw("s(");
  writer.Text(std::string(200, '\1')).Raw("N");
  for (int i = 0; i < 250'000; ++i) writer.Text(std::to_string(i)).Raw("N");
  Write("model.pth", Deflated(writer.Raw("u").Done()));
  for (const auto& arguments :
       {std::vector<std::string>{"inspect", "model.pth"}, {"inspect", "model.pth", "--json"}}) {
    const Outcome outcome = RunCheaply(arguments);
    EXPECT_EQ(outcome.err, "");
    EXPECT_NE(outcome.out.find("249999"), std::string::npos);
  }
}

TEST_F(CostlyCheckpoint, E80HeadersOfSafetensors) {
  const auto file = [](const std::string& header) {
    return LittleEndian(std::uint64_t{header.size()}) + header;
  };
  std::string empty = "{";
  while (empty.size() < formats::safetensors::kMaxSafetensorsHeader - 20) {
    empty.append("\"").append(std::to_string(empty.size())).append("\":{},");
  }
  empty.back() = '}';
  ExpectCheapCheckpoint(
      file(empty),
      "error: 'model.pth': safetensors header: tensor '2': dtype, shape or data_offsets are "
      "missing\n"
      "hint: the file is damaged: download or save it again\n");
  std::string whole = "{";
  while (whole.size() < formats::safetensors::kMaxSafetensorsHeader - 100) {
    whole.append("\"").append(std::to_string(whole.size()));
    whole += R"(":{"dtype":"I8","shape":[0],"data_offsets":[0,0]},)";
  }
  whole += R"("__metadata__":{}})";
  Write("model.pth", file(whole));
  const Outcome outcome = RunCheaply({"inspect", "model.pth"});
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find(" tensors\n"), std::string::npos);
  ExpectCheapCheckpoint(file("{\"a\":" + std::string(kMillion, '[')),
                        "error: 'model.pth': safetensors header: did not expect a list under 'a'\n"
                        "hint: the file is damaged: download or save it again\n");
}

}  // namespace
}  // namespace yoloport::bad_inputs
