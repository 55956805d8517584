#include <opencv2/core.hpp>
#include <opencv2/highgui.hpp>

#include "image/mat.h"
#include "video/windows_library.h"
#include "yoloport/error.h"

namespace yoloport::video {

void YoloportOpenWindow(const std::string& title) {
  try {
    cv::namedWindow(title, cv::WINDOW_NORMAL | cv::WINDOW_KEEPRATIO | cv::WINDOW_GUI_NORMAL);
  } catch (const cv::Exception& error) {
    throw RuntimeError("no window can be opened: " + error.err);
  }
}

void YoloportShow(const std::string& title, const Image& image) {
  cv::resizeWindow(title, image.width(), image.height());
  cv::imshow(title, image::MatView(image.view()));
}

int YoloportWaitKey(const std::string& title, int milliseconds) {
  const int key = cv::waitKeyEx(milliseconds);
  return cv::getWindowProperty(title, cv::WND_PROP_VISIBLE) < 1 ? kWindowClosed : key;
}

void YoloportCloseWindow(const std::string& title) {
  try {
    cv::destroyWindow(title);
  } catch (const cv::Exception&) {  // it was closed by hand
  }
}

}  // namespace yoloport::video
