#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/highgui.hpp>

#include "base/text.h"
#include "vision/mat.h"
#include "yoloport/error.h"
#include "yoloport/video.h"

namespace yoloport {
namespace {

bool CanConnect(int family, const sockaddr* address, socklen_t size) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool connected = ::connect(fd, address, size) == 0;
  ::close(fd);
  return connected;
}

// X servers listen under /tmp/.X11-unix or, for another host, on TCP port 6000 + number.
bool XServerAnswers(const std::string& display) {
  const std::size_t colon = display.rfind(':');
  if (colon == std::string::npos) return false;
  const std::string host = display.substr(0, colon);
  const std::string number = std::to_string(std::atoi(display.c_str() + colon + 1));
  if (host.empty() || host == "unix") {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = "/tmp/.X11-unix/X" + number;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    return CanConnect(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(6000 + std::atoi(number.c_str()));
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return false;
  bool connected = false;
  for (const addrinfo* each = found; each != nullptr && !connected; each = each->ai_next) {
    connected = CanConnect(each->ai_family, each->ai_addr, each->ai_addrlen);
  }
  ::freeaddrinfo(found);
  return connected;
}

// The toolkit behind OpenCV ends the process where there is no display, so this must know before.
void CheckDisplay() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (!variable("QT_QPA_PLATFORM").empty()) return;  // whoever sets it knows
  const std::string display = variable("DISPLAY");
  if (display.empty() && !variable("WAYLAND_DISPLAY").empty()) return;
  if (display.empty()) {
    throw RuntimeError("there is no display to show a window on",
                       "DISPLAY is not set; save pictures instead");
  }
  if (!XServerAnswers(display)) {
    throw RuntimeError("there is no display to show a window on: DISPLAY is " + Quote(display) +
                       ", and nothing answers there");
  }
}

}  // namespace

Window::Window(const std::string& title) : title_(title) {
  CheckDisplay();
  try {
    cv::namedWindow(title_, cv::WINDOW_NORMAL | cv::WINDOW_KEEPRATIO | cv::WINDOW_GUI_NORMAL);
  } catch (const cv::Exception& error) {
    throw RuntimeError("no window can be opened: " + error.err);
  }
}

Window::~Window() {
  try {
    cv::destroyWindow(title_);
  } catch (const cv::Exception&) {  // it was closed by hand
  }
}

void Window::Show(const Image& image) {
  cv::resizeWindow(title_, image.width(), image.height());
  cv::imshow(title_, MatView(image.view()));
}

Window::Key Window::Wait(int milliseconds) {
  constexpr int kEscape = 27;
  constexpr int kRight = 0xFF53;  // X11's and Qt's numbers
  constexpr int kQtRight = 0x1000014 & 0xFFFF;
  const int key = cv::waitKeyEx(std::max(1, milliseconds));
  if (cv::getWindowProperty(title_, cv::WND_PROP_VISIBLE) < 1) return Key::kQuit;
  switch (key) {
    case ' ':
    case '\r':
    case '\n':
    case kRight:
    case kQtRight:
      return Key::kNext;
    case 'p':
      return Key::kPause;
    case 'q':
    case kEscape:
      return Key::kQuit;
    default:
      return Key::kNone;
  }
}

}  // namespace yoloport
