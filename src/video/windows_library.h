// What libyoloport_windows.so gives to window.cc: OpenCV's windows, which load a window toolkit.
// There must be a display. All functions must be called on the main thread.
#pragma once

#include <string>

#include "yoloport/image.h"

namespace yoloport::video {

inline constexpr const char* kWindowsLibrary = "libyoloport_windows.so";

// Throws RuntimeError when that is not possible.
extern "C" void YoloportOpenWindow(const std::string& title);
extern "C" void YoloportShow(const std::string& title, const Image& image);
// The key that was pressed, as cv::waitKeyEx() gives it; -1: none. kWindowClosed: the window is
// gone.
inline constexpr int kWindowClosed = -2;
extern "C" int YoloportWaitKey(const std::string& title, int milliseconds);
// Nothing happens where it is gone already.
extern "C" void YoloportCloseWindow(const std::string& title);

}  // namespace yoloport::video
