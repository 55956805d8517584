// What a Config and its nodes share.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/python/source.h"
#include "config/python/value.h"

namespace yoloport::config {

struct ConfigData {
  python::Sources sources;
  python::Heap heap{sources};
  std::vector<std::string> notes;
  python::Value root;  // a dict; a tree: nothing in it is shared
  // Keys that were looked for and are not there, by dict.
  mutable std::map<const python::Value*, std::set<std::string, std::less<>>> missed;
};

}  // namespace yoloport::config
