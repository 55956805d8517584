// Configs for tests of this folder.
#pragma once

#include <functional>
#include <string>

#include "config/config.h"
#include "yoloport/error.h"

namespace yoloport::models {

// A config's dict `head` of these arguments, written in t.py.
inline config::ConfigNode Head(const std::string& text) {
  return config::Config::FromText("head = dict(" + text + ")", "t.py").root()["head"];
}

// The first line of the ConfigError that `action` throws.
inline std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    const std::string all = error.what();
    return all.substr(0, all.find('\n'));
  }
  return "no error";
}

}  // namespace yoloport::models
