#!/bin/sh
# Written by yoloport {{version}} package --target triton
# of {{file}}: {{type}} ({{detector}}), backend {{backend}}
#
# Makes the engine that Triton loads. An engine fits the TensorRT and the GPU that it was made with:
# run this in the TensorRT container of the server's release. --fp16 is quicker,
# with boxes to half a pixel or so.
set -eu
cd "$(dirname "$0")"
{{#if needs_profile}}
{{#if only_batch_is_open}}
# The largest shape's batch is max_batch_size of config.pbtxt.
{{else}}
{{#if turns}}
# The largest shape's batch is max_batch_size of config.pbtxt. The smallest and the largest hold an image
# that is turned any way.
{{else}}
# The largest shape's batch is max_batch_size of config.pbtxt. Other sizes of image need other shapes here.
{{/if}}
{{/if}}
trtexec --onnx=engine/model.onnx --saveEngine=models/{{name}}/1/model.plan \
  --minShapes={{smallest_shape}} \
  --optShapes={{usual_shape}} \
  --maxShapes={{largest_shape}} "$@"
{{else}}
trtexec --onnx=engine/model.onnx --saveEngine=models/{{name}}/1/model.plan "$@"
{{/if}}
