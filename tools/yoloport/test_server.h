// A server on this machine for tests: sends its bytes to whoever connects, then closes, resets the
// connection or falls silent.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

namespace yoloport::tool {

enum class Ending { kClose, kReset, kSilence };

class TestServer {
 public:
  TestServer(std::string bytes, Ending ending) : bytes_(std::move(bytes)), ending_(ending) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool listens = ::bind(listener_, generic, size) == 0 && ::listen(listener_, 4) == 0 &&
                         ::getsockname(listener_, generic, &size) == 0;
    if (!listens) throw std::runtime_error("cannot listen");
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { Serve(); });
  }
  ~TestServer() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // "127.0.0.1:PORT"
  std::string host() const { return "127.0.0.1:" + port_; }

  // Whether somebody has connected.
  bool was_asked() const { return was_asked_; }

 private:
  void Serve() {
    while (!stopping_) {
      if (!HasInput(listener_)) continue;
      const int client = ::accept(listener_, nullptr, nullptr);
      was_asked_ = true;
      // What speaks HTTP asks first, and resets the connection where nobody reads that.
      char request[4096];
      if (HasInput(client)) static_cast<void>(!::read(client, request, sizeof(request)));
      for (std::size_t sent = 0; sent < bytes_.size();) {
        const ssize_t count =
            ::send(client, bytes_.data() + sent, bytes_.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
      }
      while (ending_ == Ending::kSilence && !stopping_) ::usleep(10000);
      const linger now = {1, 0};
      if (ending_ == Ending::kReset) ::setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      ::close(client);
    }
  }

  static bool HasInput(int descriptor) {
    pollfd input = {descriptor, POLLIN, 0};
    return ::poll(&input, 1, 50) == 1;
  }

  const std::string bytes_;
  const Ending ending_;
  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string port_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> was_asked_ = false;
  std::thread thread_;
};

}  // namespace yoloport::tool
