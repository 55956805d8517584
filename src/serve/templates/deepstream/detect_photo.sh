#!/bin/sh
# Written by yoloport {{version}} package --target deepstream
# of {{file}}: {{type}} ({{detector}}), backend {{backend}}
#
# Draws what is found in a JPEG photo: detect_photo.sh PHOTO.jpg OUT.jpg, in a DeepStream container.
set -eu
photo=$(realpath "$1")
out=$(realpath "$2")
cd "$(dirname "$0")"
exec gst-launch-1.0 nvstreammux name=mux batch-size=1 width={{frame_width}} height={{frame_height}} ! \
  nvinfer config-file-path=config_infer.txt ! nvvideoconvert ! nvdsosd ! nvvideoconvert ! \
  'video/x-raw(memory:NVMM),format=I420' ! nvjpegenc ! filesink location="$out" \
  filesrc location="$photo" ! jpegparse ! nvv4l2decoder ! mux.sink_0
