// Files of the safetensors format, as checkpoints.
#include <gtest/gtest.h>

#include "checkpoint/checkpoint.h"
#include "formats/safetensors/limits.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::checkpoint {
namespace {

using test_support::LittleEndian;
using test_support::OpenError;
using test_support::TemporaryFile;

constexpr const char* kDamaged = "\nhint: the file is damaged: download or save it again";
constexpr const char* kIncomplete = "\nhint: the file is incomplete: download or copy it again";

std::string File(const std::string& header, const std::string& data) {
  return LittleEndian(std::uint64_t{header.size()}) + header + data;
}

// An entry "w" with these fields.
std::string One(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "{\"w\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}}";
}

const std::string kHeader = R"({"__metadata__":{"format":"pt","config":"model = 1"},)"
                            R"("b":{"dtype":"F16","shape":[2],"data_offsets":[12,16]},)"
                            R"("a":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]}}  )";
const std::string kData = test_support::FloatBytes({1, 2, 3}) + std::string("\x00\x3c\x00\xc0", 4);

TEST(SafetensorsTest, ReadsTensorsInTheHeadersOrder) {
  const TemporaryFile file(File(kHeader, kData), "model.safetensors");
  const Checkpoint checkpoint = Checkpoint::Open(file.path());
  EXPECT_EQ(checkpoint.format(), "safetensors");
  EXPECT_EQ(checkpoint.meta().config_text, "model = 1");
  ASSERT_EQ(checkpoint.tensors().size(), 2U);
  EXPECT_EQ(checkpoint.tensors()[0].key, "b");
  EXPECT_EQ(checkpoint.tensors()[0].tensor.To(tensor::DType::kFloat32).values<float>()[1], -2);
  EXPECT_EQ(checkpoint.tensors()[1].tensor.shape(), (tensor::Shape{1, 3}));
  EXPECT_EQ(checkpoint.tensors()[1].tensor.To(tensor::DType::kFloat32).values<float>()[2], 3);
}

TEST(SafetensorsTest, AHeaderLengthThatBeginsLikeAPickleIsNoPickle) {
  std::string header = One("F32", "[1]", "[0,4]");
  header.resize(0x180, ' ');  // the file's first byte is 0x80, a pickle's
  const TemporaryFile file(File(header, "1234"));
  EXPECT_EQ(Checkpoint::Open(file.path()).format(), "safetensors");
}

TEST(SafetensorsTest, UnknownElementTypesAreAProblemOfTheirKey) {
  const TemporaryFile file(File(One("F8_E4M3", "[2]", "[0,2]"), "xx"));
  EXPECT_EQ(Checkpoint::Open(file.path()).tensors()[0].problem,
            "a tensor of element type 'F8_E4M3'");
}

TEST(SafetensorsTest, MistakesAreNamed) {
  struct Case {
    std::string header;
    std::string data;
    std::string message;
  };
  const std::string zero = One("F32", "[0]", "[0,0]");
  const std::vector<Case> cases = {
      {One("F32", "[2]", "[0,4]"), "1234", "tensor 'w': 4 bytes where shape 2 of float32 needs 8"},
      {One("F32", "[1]", "[4,0]"), "1234", "tensor 'w': its data ends before it begins"},
      {One("F32", "[1]", "[1,5]"), "12345",
       "tensor 'w': its data begins at byte 1 where the one before ends at 0"},
      {One("F32", "[1]", "[0,4]"), "12345", "it describes 4 bytes of data, the file has 5"},
      {One("F32", "[4611686018427387904,4]", "[0,4]"), "1234",
       "tensor 'w': its shape 4611686018427387904x4 is too large"},
      {One("F32", "[-1]", "[0,4]"), "1234", "did not expect the number -1 under 'w'"},
      {One("F32", "[1.5]", "[0,4]"), "1234", "did not expect a number under 'w'"},
      {One("F32", "[18446744073709551615]", "[0,4]"), "1234", "did not expect a number under 'w'"},
      {One("F32", "[[1]]", "[0,4]"), "1234", "did not expect a list under 'w'"},
      {One("F32", "{}", "[0,4]"), "1234", "did not expect an object under 'w'"},
      {One("F32", "null", "[0,4]"), "1234", "did not expect null under 'w'"},
      {"{\"w\":{\"dtype\":\"F32\"}}", "", "tensor 'w': dtype, shape or data_offsets are missing"},
      {"{\"w\":1}", "", "did not expect a number under 'w'"},
      {"{\"w\":", "", "no well-formed JSON at byte 14"},
      {zero + "x", "", "no well-formed JSON at byte 63"},
      {"{\"w\":{},\"w\":{}}", "", "tensor 'w': dtype, shape or data_offsets are missing"},
      {zero.substr(0, zero.size() - 1) + "," + zero.substr(1), "", "the key 'w' stands twice"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", "", "the key '__metadata__' stands twice"},
      {"{\"__metadata__\":{\"cfg\":\"a\",\"cfg\":\"b\"}}", "",
       "did not expect a second cfg under '__metadata__'"},
      {"{\"__metadata__\":{\"a\":[]}}", "", "did not expect a list under '__metadata__'"},
      {One("F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]"), "1234",
       "tensor 'w' has more than 16 dimensions"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(OpenError(File(each.header, each.data)),
              "safetensors header: " + each.message + kDamaged);
  }
  EXPECT_EQ(
      OpenError(File(One("F32", "[1]", "[0,4]"), "123")),
      std::string("safetensors header: tensor 'w': its data ends at byte 4 of 3") + kIncomplete);
  EXPECT_EQ(OpenError(LittleEndian(std::uint64_t{99}) + "{}"),
            std::string("safetensors header: it is said to have 99 bytes, but only 2 follow") +
                kIncomplete);
  EXPECT_EQ(OpenError(LittleEndian(formats::safetensors::kMaxSafetensorsHeader + 1) + "{}"),
            std::string("safetensors header: it is said to have 33554433 bytes; at most 33554432 "
                        "are supported") +
                kDamaged);
  EXPECT_EQ(OpenError(File("{}", "")), "no weights in it: it has no tensors");
}

TEST(SafetensorsTest, DeepHeadersNeedNoRecursion) {
  EXPECT_NE(OpenError(File("{\"a\":" + std::string(1'000'000, '['), "")), "(no error)");
  EXPECT_NE(OpenError(File(std::string(1'000'000, '{'), "")), "(no error)");
}

TEST(SafetensorsTest, EveryTruncationIsRefused) {
  const std::string file = File(kHeader, kData);
  for (std::size_t length = 0; length < file.size(); ++length) {
    EXPECT_NE(OpenError(file.substr(0, length)), "(no error)") << length;
  }
}

}  // namespace
}  // namespace yoloport::checkpoint
