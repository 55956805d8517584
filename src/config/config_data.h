// What a Config and its nodes share.
#pragma once

#include "config/source.h"
#include "config/value.h"

namespace yoloport {

struct ConfigData {
  config::Sources sources;
  config::Heap heap{sources};
  config::Value root;  // a dict; a tree: nothing in it is shared
};

}  // namespace yoloport
