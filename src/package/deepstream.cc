// DeepStream: a configuration of its element nvinfer.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "package/safe_text.h"
#include "package/targets.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

bool IsOneNumber(const std::array<float, 3>& values) {
  return values[0] == values[1] && values[1] == values[2];
}

// The bounding-box parser reads count, boxes, scores and classes by their places, and nvinfer gives
// floats with one scale for all channels.
void CheckFits(const ServedModel& model) {
  const std::string name = Quote(model.file.native());
  if (!model.is_for_tensorrt()) {
    throw UsageError(
        name + ": is for the backend " + model.info.backend + "; DeepStream runs TensorRT",
        "export it with --backend tensorrt8 --layout efficientnms");
  }
  if (model.info.recipe.type != InputType::kFloat) {
    throw UsageError(
        name + ": takes 8-bit images, and DeepStream's nvinfer gives floats",
        "export it with --backend tensorrt8 --layout efficientnms and without --input");
  }
  if (!IsOneNumber(model.info.recipe.std)) {
    throw UsageError(
        name +
            ": divides each channel by a number of its own, and DeepStream's "
            "nvinfer has one for all",
        "export it with --backend tensorrt8 --layout efficientnms, which normalises in "
        "the graph");
  }
}

std::string InferConfig(const ServedModel& model, const PackagePlan& plan) {
  const ImageRecipe& recipe = model.info.recipe;
  const std::int64_t file_batch = model.input.dims.front();
  const std::int64_t batch = file_batch < 0 ? plan.max_batch : file_batch;
  const bool letterbox = recipe.resize == ResizeKind::kLetterbox;
  std::string text = Heading(model, "deepstream", "#");
  text +=
      "\n[property]\ngpu-id=0\nonnx-file=model.onnx\n"
      "# Made on the first start, which takes minutes; a file that is there is loaded.\n";
  text += fmt::format("model-engine-file=model.onnx_b{}_gpu0_fp32.engine\n", batch);
  text += fmt::format("labelfile-path=labels.txt\nnum-detected-classes={}\n",
                      model.info.classes.size());
  text += fmt::format(
      "# {}\nbatch-size={}\n",
      file_batch < 0 ? "At most; sources in a pipeline are a good number." : "The file's own.",
      batch);
  if (model.input.dims[2] < 0 || model.input.dims[3] < 0) {
    text += fmt::format(
        "# The file takes other sizes, too: multiples of the largest stride.\n"
        "infer-dims=3;{};{}\n",
        recipe.height, recipe.width);
  }
  text +=
      "# 0: float32. 2: float16, quicker, with boxes to half a pixel or so; the engine's name "
      "then\n"
      "# ends with _fp16.engine.\n"
      "network-mode=0\n"
      "# A detector, on whole frames.\n"
      "network-type=0\nprocess-mode=1\ngie-unique-id=1\ninterval=0\n\n";
  text += fmt::format(
      "# How images are prepared. 0: red first, 1: blue first\n"
      "model-color-format={}\n",
      recipe.rgb ? 0 : 1);
  text += fmt::format("# net-scale-factor * (pixel - offset)\nnet-scale-factor={:.17g}\n",
                      1.0 / recipe.std[0]);
  if (recipe.mean != std::array<float, 3>{0, 0, 0}) {
    text += fmt::format("offsets={:.9g};{:.9g};{:.9g}\n", recipe.mean[0], recipe.mean[1],
                        recipe.mean[2]);
  }
  text += fmt::format("# Padding is black here{}\nmaintain-aspect-ratio={}\nsymmetric-padding={}\n",
                      letterbox ? fmt::format(", and {:g} in training: a small difference at the "
                                              "image's edges.",
                                              recipe.pad_value[0])
                                : ".",
                      letterbox ? 1 : 0, letterbox && recipe.pad_side == PadSide::kCenter ? 1 : 0);
  text +=
      "\n# The outputs are the four that this parser of DeepStream's own reads by their places:\n"
      "# count, boxes in pixels, scores, classes.\n"
      "parse-bbox-func-name=NvDsInferParseCustomEfficientNMS\n"
      "custom-lib-path=/opt/nvidia/deepstream/deepstream/lib/libnvds_infercustomparser.so\n"
      "# 4: no clustering, for the file has NMS\ncluster-mode=4\n";
  text += fmt::format(
      "\n[class-attrs-all]\n# The file leaves out what scores at or below {:g}; "
      "this may be higher.\npre-cluster-threshold={:g}\ntopk={}\n",
      model.info.nms.score_threshold, model.info.nms.score_threshold, model.info.nms.keep_topk);
  return text;
}

std::string ShowPhoto(const ServedModel& model) {
  const ImageRecipe& recipe = model.info.recipe;
  return "#!/bin/sh\n" + Heading(model, "deepstream", "#") +
         "#\n# Draws what is found in a JPEG photo: detect_photo.sh PHOTO.jpg OUT.jpg, in a "
         "DeepStream container.\n"
         "set -eu\nphoto=$(realpath \"$1\")\nout=$(realpath \"$2\")\ncd \"$(dirname \"$0\")\"\n" +
         fmt::format(
             "exec gst-launch-1.0 nvstreammux name=mux batch-size=1 width={} height={} ! \\\n"
             "  nvinfer config-file-path=config_infer.txt ! nvvideoconvert ! "
             "nvdsosd ! nvvideoconvert ! \\\n"
             "  'video/x-raw(memory:NVMM),format=I420' ! nvjpegenc ! filesink "
             "location=\"$out\" \\\n"
             "  filesrc location=\"$photo\" ! jpegparse ! nvv4l2decoder ! mux.sink_0\n",
             std::max(recipe.width, 1280), std::max(recipe.height, 720));
}

// nvinfer knows one way of fitting a frame into the input: as large as it holds.
void NoteEdges(const ImageRecipe& recipe, Notes& notes) {
  if (recipe.long_edge == 0) return;
  notes.push_back(fmt::format(
      "the config resizes images to at most {} pixels along the longer edge and {} along the "
      "shorter "
      "one; DeepStream makes them as large as the input of {} x {} (width x height) holds",
      recipe.long_edge, recipe.short_edge, recipe.width, recipe.height));
}

}  // namespace

void AddDeepstream(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
                   Notes& notes) {
  CheckFits(model);
  folder.Copy("model.onnx", model.file);
  folder.Write("labels.txt", LabelLines(model.info.classes));
  folder.Write("config_infer.txt", InferConfig(model, plan));
  folder.WriteProgram("detect_photo.sh", ShowPhoto(model));
  const std::string min_box = MinBoxText(model);
  folder.Write("README.md",
               "# " + plan.name +
                   " in DeepStream\n\n"
                   "`config_infer.txt` is for the element nvinfer: name it as `config-file` of "
                   "`[primary-gie]` in a configuration of `deepstream-app`, or as "
                   "`config-file-path` in a pipeline of GStreamer. The engine is made on the first "
                   "start.\n\n"
                   "    ./detect_photo.sh photo.jpg found.jpg\n\n"
                   "draws what is found in a photo. Its lines say what each key is for.\n" +
                   (min_box.empty() ? "" : "\n" + min_box.substr(0, min_box.size() - 1)));
  NoteMinBox(model, notes);
  NoteEdges(model.info.recipe, notes);
  notes.emplace_back("DeepStream makes the engine on its first start, which takes minutes");
}

}  // namespace yoloport
