// The stream on testdata/detect/brightness.onnx: an image's best score is its mean grey level.
#include "yoloport/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "testing/files/tiny_detector.h"
#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

using testing::ElementsAre;

constexpr const char* kModel = "testdata/detect/brightness.onnx";

class GreyImage final : public StreamImage {
 public:
  explicit GreyImage(int index) : number(index) {}

  Image Load() override {
    if (loading) loading(number);
    Image grey(32, 32);
    std::fill_n(grey.data(), grey.stride() * 32, static_cast<std::uint8_t>(number * 5));
    return grey;
  }
  void Finish() override {
    if (finishing) finishing(number);
  }

  int number;
  std::function<void(int)> loading;
  std::function<void(int)> finishing;
};

class StreamTest : public testing::Test {
 protected:
  // Sends images 0, 1 ... through; the numbers of those that came out without an error.
  std::vector<int> Run(int images, const StreamOptions& options = {}) {
    std::vector<int> delivered;
    int number = 0;
    DetectStream(
        Detector(model_, detector_),
        [&]() -> std::unique_ptr<StreamImage> {
          if (number == source_fails_at_) throw ImageError("the source broke");
          if (number == images) return nullptr;
          auto image = std::make_unique<GreyImage>(number++);
          image->loading = loading_;
          image->finishing = finishing_;
          ++taken_;
          most_in_flight_ = std::max(most_in_flight_.load(), taken_ - static_cast<int>(done_));
          return image;
        },
        [&](StreamImage& image) {
          ++done_;
          const int got = static_cast<GreyImage&>(image).number;
          if (image.error) {
            failed_.push_back(got);
            return true;
          }
          EXPECT_NEAR(image.detections.at(0).score, got * 5 / 255.0F, 1e-5);
          delivered.push_back(got);
          return got != stop_at_;
        },
        options);
    return delivered;
  }

  std::string model_ = kModel;
  DetectorOptions detector_;
  std::function<void(int)> loading_;
  std::function<void(int)> finishing_;
  int source_fails_at_ = -1;
  int stop_at_ = -1;
  std::vector<int> failed_;
  int taken_ = 0;
  std::atomic<int> done_ = 0;
  std::atomic<int> most_in_flight_ = 0;
};

std::vector<int> UpTo(int end) {
  std::vector<int> numbers(static_cast<std::size_t>(end));
  for (int i = 0; i < end; ++i) numbers[static_cast<std::size_t>(i)] = i;
  return numbers;
}

TEST_F(StreamTest, DeliversInOrderWhateverTakesLonger) {
  detector_.streams = 3;
  loading_ = [](int number) {
    std::this_thread::sleep_for(std::chrono::milliseconds(number % 3 == 0 ? 4 : 0));
  };
  EXPECT_EQ(Run(40), UpTo(40));
  EXPECT_EQ(Run(0), UpTo(0));
  EXPECT_EQ(Run(40, {.workers = 1}), UpTo(40));
}

TEST_F(StreamTest, WorksOnSeveralImagesAtOnce) {
  std::atomic<int> loading = 0;
  std::atomic<int> most = 0;
  loading_ = [&](int) {
    const int now = ++loading;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    for (int i = 0; i < 200 && most < 3; ++i) {  // until the others have come, too
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    --loading;
  };
  Run(9, {.workers = 3});
  EXPECT_EQ(most, 3);
}

TEST_F(StreamTest, TakesFewImagesBeforeTheyAreDelivered) {
  // The first image takes so long that all others could be taken meanwhile.
  loading_ = [&](int number) {
    if (number == 0) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  };
  EXPECT_EQ(Run(50, {.workers = 2}), UpTo(50));
  EXPECT_LE(most_in_flight_, 5);
}

TEST_F(StreamTest, HasThresholdsOfItsOwn) {
  const Detector detector(kModel);
  const auto count = [&](const Thresholds& thresholds) {
    int number = 0;
    std::size_t found = 0;
    DetectStream(
        detector,
        [&]() -> std::unique_ptr<StreamImage> {
          return number < 50 ? std::make_unique<GreyImage>(number++) : nullptr;
        },
        [&](StreamImage& image) {
          for (const Detection& one : image.detections) found += one.label == 1 ? 1 : 0;
          return true;
        },
        {.thresholds = thresholds});
    return found;
  };
  EXPECT_EQ(count({}), 50);
  EXPECT_EQ(count({.score_threshold = 0.5}), 24);  // 26 * 5 / 255 and more
  EXPECT_THROW(count({.iou_threshold = 0.5}), UsageError);
}

TEST_F(StreamTest, AFailureIsOfItsImageOnly) {
  loading_ = [](int number) {
    if (number == 1) throw ImageError("unreadable");
  };
  finishing_ = [](int number) {
    if (number == 3) throw FileError("unwritable");
  };
  EXPECT_THAT(Run(5), ElementsAre(0, 2, 4));
  EXPECT_THAT(failed_, ElementsAre(1, 3));
}

TEST_F(StreamTest, ABatchIsTheImagesThatCouldBeLoaded) {
  const auto path = std::filesystem::path(testing::TempDir()) /
                    ("stream_test_" + std::to_string(::getpid()) + ".onnx");
  std::ofstream(path, std::ios::binary)
      << test_support::TinyDetector(-1)
             .Metadata("yoloport", contract::ToJson(test_support::TinyInfo()))
             .Serialised();
  model_ = path;
  detector_.batch = 4;
  loading_ = [](int number) {
    if (number == 2) throw ImageError("unreadable");
  };
  EXPECT_THAT(Run(10), ElementsAre(0, 1, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(failed_, ElementsAre(2));
  std::filesystem::remove(path);
}

TEST_F(StreamTest, WhatWasTakenIsDeliveredBeforeTheSourcesError) {
  source_fails_at_ = 7;
  std::string message;
  try {
    Run(20);
  } catch (const ImageError& error) {
    message = error.what();
  }
  EXPECT_EQ(message, "the source broke");
  EXPECT_EQ(done_, 7);
}

TEST_F(StreamTest, StopsWhenNobodyWantsMore) {
  stop_at_ = 5;
  EXPECT_EQ(Run(1000), UpTo(6));
  EXPECT_LT(taken_, 30);
}

TEST_F(StreamTest, AnErrorOfTheReceiverEndsIt) {
  EXPECT_THROW(DetectStream(
                   Detector(kModel), [] { return std::make_unique<GreyImage>(1); },
                   [](StreamImage&) -> bool { throw FileError("full"); }),
               FileError);
}

TEST(ForThroughputTest, SplitsThreadsIntoStreams) {
  const auto split = [](int threads) {
    const DetectorOptions options = ForThroughput({.threads = threads});
    return std::pair(options.streams, options.threads);
  };
  EXPECT_EQ(split(1), std::pair(1, 1));
  EXPECT_EQ(split(2), std::pair(2, 1));
  EXPECT_EQ(split(8), std::pair(4, 2));
  EXPECT_EQ(split(64), std::pair(16, 4));
  EXPECT_EQ(ForThroughput({}).streams * ForThroughput({}).threads <= UsableCores(), true);
}

}  // namespace
}  // namespace yoloport::detect
