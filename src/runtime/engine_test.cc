// What can be said of engines, devices and versions of TensorRT on a machine without a GPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/sha256.h"
#include "runtime/device.h"
#include "runtime/engine_build.h"
#include "runtime/engine_info.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

namespace fs = std::filesystem;

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(DeviceTest, IsParsed) {
  EXPECT_EQ(ParseDevice("cpu").name(), "cpu");
  EXPECT_EQ(ParseDevice("cuda").name(), "cuda:0");
  EXPECT_EQ(ParseDevice("cuda:3").name(), "cuda:3");
  EXPECT_EQ(ParseDevice("cuda:3").index, 3);
  for (const char* text : {"", "gpu", "cuda:", "cuda:-1", "cuda:1x", "cuda:99999", "CPU"}) {
    EXPECT_EQ(ErrorOf([&] { ParseDevice(text); }),
              "there is no device '" + std::string(text) + "'; devices are cpu, cuda and cuda:N");
  }
}

TEST(TensorRtVersionTest, IsDecoded) {
  EXPECT_EQ(DecodeTensorRtVersion(8601).text(), "8.6.1");
  EXPECT_EQ(DecodeTensorRtVersion(8203).text(), "8.2.3");
  EXPECT_EQ(DecodeTensorRtVersion(100001).text(), "10.0.1");
  EXPECT_EQ(DecodeTensorRtVersion(101303).text(), "10.13.3");
  EXPECT_EQ(DecodeTensorRtVersion(110100).text(), "11.1.0");
}

TEST(PrecisionTest, IsRefusedWhereTensorRtIsWrongOrLacksIt) {
  const std::string plugin =
      "'m.onnx': the plugin EfficientNMS of TensorRT 8.2.3 is wrong in FP16; it is right from 8.4 "
      "on\nhint: build without --fp16, or with a later TensorRT";
  const std::string none =
      "'m.onnx': TensorRT 11.1.0 has no FP16 switch: it computes in the types that the file "
      "states\nhint: export with --half, and build from that file without --fp16";
  const auto check = [](const TensorRtVersion& version, bool fp16, bool half, bool nms) {
    EngineRequest request;
    request.model = "m.onnx";
    request.fp16 = fp16;
    request.half_file = half;
    request.has_efficient_nms = nms;
    return ErrorOf([&] { CheckPrecision(request, version); });
  };
  EXPECT_EQ(check({8, 2, 3}, true, false, true), plugin);
  EXPECT_EQ(check({8, 2, 3}, false, true, true), plugin);
  EXPECT_EQ(check({8, 2, 3}, true, false, false), "no error");
  EXPECT_EQ(check({8, 2, 3}, false, false, true), "no error");
  EXPECT_EQ(check({8, 4, 0}, true, false, true), "no error");
  EXPECT_EQ(check({10, 13, 3}, true, false, true), "no error");
  EXPECT_EQ(check({11, 1, 0}, true, false, true), none);
  EXPECT_EQ(check({11, 1, 0}, false, true, true), "no error");
  EXPECT_EQ(check({11, 1, 0}, true, true, true), "no error");
  EXPECT_EQ(check({11, 1, 0}, false, false, true), "no error");
}

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

const std::string kEngine = "the engine's bytes";

EngineInfo SomeInfo() {
  return {{"10.13.3", "8.9", "NVIDIA L4"},
          base::Sha256Hex(BytesOf(kEngine)),
          "m.onnx",
          "abc",
          "yoloport build-engine m.onnx --fp16 --output m.engine",
          {{"yoloport", R"({"format":1})"}, {"task", "detect \"quoted\"\n"}}};
}

TEST(EngineInfoTest, KnowsTheNamesOfEngines) {
  EXPECT_TRUE(IsEngineFile("a/b.engine"));
  EXPECT_TRUE(IsEngineFile("b.plan"));
  EXPECT_FALSE(IsEngineFile("b.onnx"));
  EXPECT_FALSE(IsEngineFile("engine"));
  EXPECT_EQ(EngineInfoPath("a/b.engine"), "a/b.engine.json");
}

TEST(EngineInfoTest, ComesBackAsItWas) {
  const EngineInfo info = SomeInfo();
  const std::string json = ToJson(info);
  const EngineInfo read = EngineInfoFromJson(json);
  EXPECT_EQ(ToJson(read), json);
  EXPECT_EQ(read.machine.gpu, "NVIDIA L4");
  EXPECT_EQ(read.command, info.command);
  EXPECT_EQ(read.metadata, info.metadata);
}

TEST(EngineInfoTest, WhatIsNoInfoIsRefused) {
  const auto error = [](const std::string& text) {
    return ErrorOf([&] { EngineInfoFromJson(text); });
  };
  EXPECT_EQ(error(""), "engine info: is no JSON object");
  EXPECT_EQ(error("[1]"), "engine info: is no JSON object");
  EXPECT_EQ(error("{}"), "engine info: format: is missing");
  EXPECT_EQ(error(R"({"format":"1"})"), "engine info: format: is not an integer");
  EXPECT_EQ(error(R"({"format":2})"), "engine info: format: is 2; this yoloport reads 1");
  EXPECT_EQ(error(R"({"format":1,"tensorrt":10})"), "engine info: tensorrt: is not a text");
  std::string json = ToJson(SomeInfo());
  json.replace(json.find("\"detect"), std::string(R"("detect \"quoted\"\n")").size(), "7");
  EXPECT_EQ(error(json), "engine info: metadata.task: is not a text");
}

TEST(EngineInfoTest, NoEndOfADocumentIsMistakenForAnother) {
  const std::string json = ToJson(SomeInfo());
  for (std::size_t size = 0; size + 2 < json.size(); ++size) {
    EXPECT_THROW(EngineInfoFromJson(json.substr(0, size)), ModelError) << size;
  }
}

TEST(EngineInfoTest, IsReadFromBesideTheEngine) {
  const fs::path engine =
      fs::path(testing::TempDir()) / ("info" + std::to_string(::getpid()) + ".engine");
  EXPECT_FALSE(ReadEngineInfo(engine).has_value());
  std::ofstream(EngineInfoPath(engine)) << ToJson(SomeInfo());
  EXPECT_EQ(ReadEngineInfo(engine)->model, "m.onnx");
  std::ofstream(EngineInfoPath(engine)) << "{}";
  EXPECT_EQ(ErrorOf([&] { ReadEngineInfo(engine); }),
            "'" + engine.native() +
                ".json': engine info: format: is missing\n"
                "hint: build the engine again with yoloport build-engine");
  fs::remove(EngineInfoPath(engine));
}

TEST(EngineInfoTest, AMismatchIsSaidInWords) {
  const std::string rebuild =
      "\nhint: an engine fits one version of TensorRT and one kind of GPU; build it here: "
      "yoloport build-engine m.onnx --fp16 --output m.engine";
  const auto check = [](const EngineMachine& here, const std::string& bytes) {
    return ErrorOf([&] { CheckEngine("m.engine", SomeInfo(), BytesOf(bytes), here); });
  };
  EXPECT_EQ(check({"10.13.3", "8.9", "NVIDIA L4"}, kEngine), "no error");
  EXPECT_EQ(check({"10.13.3", "8.9", "NVIDIA GeForce RTX 4090"}, kEngine), "no error");
  EXPECT_EQ(check({"11.1.0", "8.9", "NVIDIA L4"}, kEngine),
            "'m.engine': was built with TensorRT '10.13.3'; this machine has TensorRT '11.1.0'" +
                rebuild);
  EXPECT_EQ(check({"10.13.3", "9.0", "NVIDIA H100"}, kEngine),
            "'m.engine': was built for a GPU of compute capability '8.9' ('NVIDIA L4'); this one "
            "has '9.0' ('NVIDIA H100')" +
                rebuild);
  EXPECT_EQ(check({"10.13.3", "8.9", "NVIDIA L4"}, kEngine.substr(1)),
            "'m.engine': is not the engine that 'm.engine.json' was written for\n"
            "hint: one of the two was replaced or is incomplete; build both again: yoloport "
            "build-engine m.onnx --fp16 --output m.engine");
}

}  // namespace
}  // namespace yoloport::runtime
