#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "base/shared_library.h"
#include "base/text.h"
#include "video/windows_library.h"
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
  std::uint16_t number = 0;
  const char* end = display.data() + display.size();
  if (std::from_chars(display.data() + colon + 1, end, number).ec != std::errc()) return false;
  if (host.empty() || host == "unix") {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = "/tmp/.X11-unix/X" + std::to_string(number);
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    return CanConnect(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(6000 + number);
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
    throw RuntimeError("there is no display to show a window on: DISPLAY is " +
                       base::Quote(display) + ", and nothing answers there");
  }
}

template <typename Function>
Function* Load(const char* function) {
  return base::LoadFunction<Function>("the module for windows", video::kWindowsLibrary, function);
}

}  // namespace

Window::Window(const std::string& title) : title_(title) {
  CheckDisplay();
  static const auto open = Load<decltype(video::YoloportOpenWindow)>("YoloportOpenWindow");
  open(title_);
}

Window::~Window() {
  static const auto close = Load<decltype(video::YoloportCloseWindow)>("YoloportCloseWindow");
  close(title_);
}

void Window::Show(const Image& image) {
  static const auto show = Load<decltype(video::YoloportShow)>("YoloportShow");
  show(title_, image);
}

Window::Key Window::Wait(int milliseconds) {
  constexpr int kEscape = 27;
  constexpr int kRight = 0xFF53;  // X11's and Qt's numbers
  constexpr int kQtRight = 0x1000014 & 0xFFFF;
  static const auto wait = Load<decltype(video::YoloportWaitKey)>("YoloportWaitKey");
  switch (wait(title_, std::max(1, milliseconds))) {
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
    case video::kWindowClosed:
      return Key::kQuit;
    default:
      return Key::kNone;
  }
}

}  // namespace yoloport
