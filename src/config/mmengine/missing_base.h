// The error of a config whose base is not there.
#pragma once

#include "yoloport/error.h"

namespace yoloport::config::mmengine {

// Told apart because whoever has the config in another form may go on with that.
class MissingBase : public ConfigError {
  using ConfigError::ConfigError;
};

}  // namespace yoloport::config::mmengine
