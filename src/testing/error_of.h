// What an action that must fail says.
#pragma once

#include <string>

namespace yoloport::test_support {

// The message, without its hint, of the error of type E that `action` throws.
template <typename E, typename Action>
std::string MessageOf(const Action& action) {
  try {
    action();
  } catch (const E& error) {
    return error.message();
  }
  return "no error";
}

}  // namespace yoloport::test_support
