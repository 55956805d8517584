"""A mistake in each line that says so: type checkers must find all of them, and no other."""

import yoloport

yoloport.export("a.py", "a.pth", backend="trt")  # mistake
yoloport.export("a.py", "a.pth", layout="yolo")  # mistake
yoloport.export("a.py", "a.pth", dynamic="depth")  # mistake
yoloport.export("a.py", "a.pth", input="int8")  # mistake
yoloport.export("a.py", "a.pth", half="yes")  # mistake
yoloport.finish("a.onnx", type="yolov4")  # mistake
yoloport.package("a.onnx", "torchserve", output="a")  # mistake
yoloport.Detector("a.onnx", runtime="trt")  # mistake
yoloport.Detector("a.onnx", precision="f16")  # mistake
yoloport.Detector("a.onnx", resize="crop")  # mistake
yoloport.Detector("a.onnx")(None)  # mistake
yoloport.Detector("a.onnx").score_threshold = 0.5  # mistake
yoloport.Detector("a.onnx")("a.jpg").confidence = 1  # mistake
