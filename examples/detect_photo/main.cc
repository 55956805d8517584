// What is in a photo: detect_photo MODEL.onnx PHOTO [OUT]
//
// Prints a line for each object - class, score and box in pixels - and, given OUT, writes the photo
// with the boxes drawn.
#include <yoloport/detector.h>
#include <yoloport/error.h>
#include <yoloport/image.h>

#include <iostream>

namespace {

void Run(const char* model, const char* photo, const char* out) {
  const yoloport::Detector detector(model);
  yoloport::Image image = yoloport::ReadImage(photo);
  // Any pixels will do that a view can describe: rows of 8-bit blue, green, red, or of grey.
  const yoloport::ImageView view = {image.data(), image.width(), image.height(), 3, image.stride()};
  const auto found = detector.Detect(view);
  for (const yoloport::Detection& d : found) {
    std::cout << yoloport::ClassName(detector.classes(), d.label) << ' ' << d.score;
    for (const float coordinate : d.box) std::cout << ' ' << coordinate;
    std::cout << '\n';
  }
  if (out == nullptr) return;
  yoloport::DrawDetections(image, found, detector.classes(), detector.palette());
  yoloport::WriteImage(image, out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: detect_photo MODEL.onnx PHOTO [OUT]\n";
    return 2;
  }
  try {
    Run(argv[1], argv[2], argc > 3 ? argv[3] : nullptr);
  } catch (const yoloport::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
