// What a Config and its nodes share.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "config/source.h"
#include "config/value.h"

namespace yoloport {

struct ConfigData {
  config::Sources sources;
  config::Heap heap{sources};
  config::Value root;  // a dict; a tree: nothing in it is shared
  // Keys that were looked for and are not there, by dict.
  mutable std::map<const config::Value*, std::set<std::string, std::less<>>> missed;
};

}  // namespace yoloport
