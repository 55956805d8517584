#include "sources/mmengine/nested_detector.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "yoloport/error.h"

namespace yoloport::sources::mmengine {
namespace {

using config::ConfigNode;

ConfigNode Model(const std::string& text) {
  return config::Config::FromText("model = dict(" + text + ")", "t.py").root()["model"];
}

// The first line of the error that looking for the detector gives.
std::string ErrorOf(const std::string& text) {
  try {
    std::vector<std::string> notes;
    FindDetector(Model(text), {}, notes);
  } catch (const ConfigError& error) {
    const std::string all = error.what();
    return all.substr(0, all.find('\n'));
  }
  return "no error";
}

// The detector of `model`, about which there is nothing to note.
ConfigNode DetectorOf(const ConfigNode& model, const config::ConfigOptions& options = {}) {
  std::vector<std::string> notes;
  ConfigNode detector = FindDetector(model, options, notes).model;
  EXPECT_EQ(notes, std::vector<std::string>());
  return detector;
}

TEST(NestedDetectorTest, ADetectorIsItself) {
  EXPECT_EQ(DetectorOf(Model("type='YOLODetector'")).path(), "model");
}

TEST(NestedDetectorTest, TheDetectorOfTestTimeAugmentation) {
  std::vector<std::string> notes;
  const ConfigNode detector =
      FindDetector(
          Model("type='mmdet.DetTTAModel', tta_cfg=dict(), module=dict(type='YOLODetector')"), {},
          notes)
          .model;
  EXPECT_EQ(detector.path(), "model.module");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].starts_with("t.py:1:19: of DetTTAModel the detector in it")) << notes[0];
  EXPECT_EQ(ErrorOf("type='DetTTAModel', module=dict(), data_preprocessor=dict(type='X')"),
            "t.py:1:67: 'model.data_preprocessor': a DetTTAModel with a data_preprocessor of its "
            "own is not supported");
  EXPECT_EQ(ErrorOf("type='DetTTAModel', module=dict(), tta=1"),
            "t.py:1:49: 'model.tta' is not understood: it would change the network");
}

TEST(NestedDetectorTest, SemiSupervisedDetectorsAreRefused) {
  EXPECT_EQ(ErrorOf("type='mmdet.SemiBaseDetector', detector=dict(type='YOLODetector')"),
            "t.py:1:19: 'model.type': 'SemiBaseDetector' trains a detector twice, as teacher and "
            "student, which is not supported");
}

TEST(NestedDetectorTest, TheDetectorOfATracker) {
  std::vector<std::string> notes;
  const DetectorConfig found = FindDetector(
      Model("type='mmdet.ByteTrack', tracker=dict(), detector=dict(type='YOLOX'), cmc=None"), {},
      notes);
  EXPECT_EQ(found.model.path(), "model.detector");
  EXPECT_EQ(found.preprocessed.path(), "model");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].starts_with("t.py:1:19: of ByteTrack the detector in it")) << notes[0];
  EXPECT_EQ(ErrorOf("type='SORT', detector=dict(type='YOLOX'), mask_head=dict()"),
            "t.py:1:56: 'model.mask_head' is not understood: it would change the network");
}

TEST(NestedDetectorTest, AStudentStatedInPlace) {
  const ConfigNode student =
      DetectorOf(Model("_scope_='mmrazor', type='FpnTeacherDistill', teacher=dict(x=1),"
                       "architecture=dict(type='mmyolo.YOLODetector')"));
  EXPECT_EQ(student.path(), "model.architecture");
}

TEST(NestedDetectorTest, AStudentNamedByItsConfig) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "yoloport_student";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "s.py") << "model = dict(type='YOLODetector', own=1)";
  config::ConfigOptions options;
  options.packages["mmyolo"] = folder;
  options.overrides = {"model.teacher=None"};  // of the outer config: not for the student's
  const ConfigNode student =
      DetectorOf(Model("type='mmrazor.SingleTeacherDistill', distiller=dict(),"
                       "architecture=dict(cfg_path='mmyolo::s.py')"),
                 options);
  EXPECT_EQ(student["own"].AsInt(), 1);
  EXPECT_EQ(student.files(), std::vector<std::filesystem::path>{folder / "s.py"});
  EXPECT_EQ(student.size(), 2U);
  std::filesystem::remove_all(folder);
}

TEST(NestedDetectorTest, SaysWhatItCannotDo) {
  EXPECT_EQ(ErrorOf("type='FpnTeacherDistill'"),
            "t.py:1:9: 'model': the key 'architecture' is missing");
  EXPECT_EQ(ErrorOf("type='FpnTeacherDistill', architecture=dict(cfg_path='s.py')"),
            "t.py:1:67: 'model.architecture.cfg_path': a config is named PACKAGE::PATH");
  EXPECT_EQ(ErrorOf("type='FpnTeacherDistill', architecture=dict(cfg_path='mmyolo::s.py')"),
            "t.py:1:67: this config belongs to the package 'mmyolo', which was not found");
  EXPECT_EQ(ErrorOf("type='FpnTeacherDistill', neck=dict(), architecture=dict(type='Y')"),
            "t.py:1:40: 'model.neck' is not understood: it would change the network");
}

}  // namespace
}  // namespace yoloport::sources::mmengine
