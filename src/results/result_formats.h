// What makes one file of many results, format by format.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "yoloport/coco_annotations.h"
#include "yoloport/results.h"

namespace yoloport::results {

// Begin() once, Add() for each result, End() once; what they give is the file, in that order.
class ResultFormatter {
 public:
  virtual ~ResultFormatter() = default;
  virtual std::string Begin() { return {}; }
  virtual void Add(const ImageResult& result, std::string& out) = 0;
  virtual void End(const std::function<void(std::string_view)>& write) { (void)write; }
};

std::unique_ptr<ResultFormatter> MakeFormatter(ResultFormat format,
                                               std::vector<std::string> classes);

// COCO's list of results, with the ids of an annotation file. Images and classes that it does not
// have are left out.
std::unique_ptr<ResultFormatter> MakeCocoResults(CocoAnnotations annotations,
                                                 const std::vector<std::string>& classes);

}  // namespace yoloport::results
