"""Files of other programs, made by those programs: what scripts/foreign_parity.py compares `yoloport detect` with.

Networks of random weights see the photos in training mode first, which calibrates their normalization; then the last
convolutions of the head are scaled and shifted until scores and boxes vary as those of a trained network do, with about
WANTED of them above the threshold. Each maker yields (name, file, function that gives the program's own detections).
"""

import os
import pathlib
import subprocess
import sys

os.environ.setdefault("YOLO_AUTOINSTALL", "False")
import cv2
import numpy as np
import torch

CONFIDENCE = 0.25
WANTED = 150  # positions of a photo above the threshold
LOGITS = 4.0  # from the threshold to the best score


def logit(p):
    return float(np.log(p / (1 - p)))


def calibrate(model, batch):
    """Normalization layers, and they alone, learn the mean and variance of this batch."""
    model.eval()
    for norm in (m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        model(batch)
    model.eval()


def spread(model, batch, convs, kind, bins=1):
    """Scales and shifts last convolutions, all of one branch, so that their outputs on the batch vary.

    kind: "class" (about WANTED positions of a photo pass the threshold, and no score rounds to 1), "object" (nearly
    all pass), "distance" (boxes of a few strides; with bins > 1 as distributions), "box" (offsets and sizes, as YOLOX's).
    """
    outputs = []
    hooks = [conv.register_forward_hook(lambda _, __, out: outputs.append(out.detach())) for conv in convs]
    with torch.no_grad():
        model(batch)
    for hook in hooks:
        hook.remove()
    values = torch.cat([out.flatten(2) for out in outputs[: len(convs)]], 2)  # photos x channels x positions
    best = values.amax(1)
    top = best.max().item()
    if kind == "class":
        least = best.flatten().quantile(1 - WANTED / best.shape[1]).item()
        scale = LOGITS / (top - least)
        shift = logit(CONFIDENCE) - least * scale
    elif kind == "object":
        scale, shift = 1.5 / values.abs().max().item(), 3
    elif kind == "box":
        scale, shift = 1.2 / values.abs().max().item(), 0
    else:
        scale = (0.5 if bins == 1 else 1) / values.std().item()
        shift = 2.5 if kind == "distance" and bins == 1 else 0
    with torch.no_grad():
        for conv in convs:
            conv.weight.mul_(scale)
            conv.bias.mul_(scale).add_(shift)
            if kind == "distance" and bins > 1:
                conv.bias.sub_(0.5 * torch.arange(bins).repeat(4))


def stretched(photos, height, width):
    """RGB in 0..1, as N x 3 x H x W."""
    pixels = [cv2.resize(cv2.imread(str(photo)), (width, height))[..., ::-1].transpose(2, 0, 1) for photo in photos]
    return torch.from_numpy(np.ascontiguousarray(pixels)).float() / 255


# --- Ultralytics ---


def ultralytics_network(name, photos, size, norm_bias=0.0):
    """A file of the package, made of a name of its own (yolo11n) with random weights, or of a .pt file as it is."""
    from ultralytics import YOLO

    if name.endswith(".pt"):
        return YOLO(name)
    torch.manual_seed(0)
    yolo = YOLO(f"{name}.yaml", task="detect")
    model, head = yolo.model, yolo.model.model[-1]
    batch = stretched(photos, *size)
    for norm in (m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        torch.nn.init.constant_(norm.bias, norm_bias)
    calibrate(model, batch)
    for prefix in ("", "one2one_"):
        for branch, kind in (("cv2", "distance"), ("cv3", "class")):
            modules = getattr(head, prefix + branch, None)
            if modules is not None:
                spread(model, batch, [level[-1] for level in modules], kind, head.reg_max)
    model.names = {i: f"thing {i}" for i in range(head.nc)}
    return yolo


ULTRALYTICS_VARIANTS = {
    "onnx": {"format": "onnx"},
    "onnx dynamic": {"format": "onnx", "dynamic": True},
    "onnx nms": {"format": "onnx", "nms": True, "conf": CONFIDENCE, "iou": 0.7},
    "onnx end2end": {"format": "onnx", "nms": False},  # the one-to-one head of YOLOv10 and YOLO26
    "onnx unsimplified": {"format": "onnx", "opset": 12, "simplify": False},
    "openvino end2end": {"format": "openvino", "nms": False},
    "openvino": {"format": "openvino"},
    "openvino dynamic": {"format": "openvino", "dynamic": True},
}


def keep_openvino_precise():
    """Its runner leaves the precision to OpenVINO, which takes bfloat16 on processors that have it."""
    import openvino

    if hasattr(openvino.Core, "as_it_was"):
        return
    openvino.Core.as_it_was = openvino.Core.compile_model

    def compile_model(core, model, device_name=None, config=None, **more):
        config = {**(config or {}), "INFERENCE_PRECISION_HINT": "f32"}
        return core.as_it_was(model, "CPU", config, **more)

    openvino.Core.compile_model = compile_model


def ultralytics_detections(file, photos, size):
    from ultralytics import YOLO

    if pathlib.Path(file).is_dir():
        keep_openvino_precise()
    found = {}
    yolo = YOLO(str(file), task="detect")
    for photo in photos:
        boxes = yolo.predict(str(photo), conf=CONFIDENCE, iou=0.7, imgsz=size, rect=False, verbose=False)[0].boxes
        rows = zip(boxes.cls.tolist(), boxes.conf.tolist(), boxes.xyxy.tolist())
        found[photo.name] = [{"label": int(label), "score": score, "box": box} for label, score, box in rows]
    return found


def ultralytics_files(names, photos, out, size, variants):
    for name in names:
        yolo_size = [640, 640] if name.endswith(".pt") else list(size)
        stem = os.path.basename(name).removesuffix(".pt")
        for variant in variants:
            folder = out / f"{stem} {variant}".replace(" ", "_")
            folder.mkdir(exist_ok=True)
            marker = folder / "file.txt"
            if not marker.exists():
                yolo = ultralytics_network(name, photos, yolo_size)
                weights = folder / f"{stem}.pt"
                yolo.ckpt_path = str(weights)
                yolo.save(str(weights)) if not name.endswith(".pt") else weights.write_bytes(open(name, "rb").read())
                made = type(yolo)(str(weights)).export(imgsz=yolo_size, **ULTRALYTICS_VARIANTS[variant])
                marker.write_text(str(made))
            file = folder / pathlib.Path(marker.read_text()).name
            yield f"{stem} {variant}", file, lambda file=file, s=yolo_size: ultralytics_detections(file, photos, s)


# --- YOLOX's repository ---


def yolox_network(name, photos, out):
    """A checkpoint with random weights, as its trainer writes one."""
    from yolox.exp import get_exp

    torch.manual_seed(0)
    exp = get_exp(None, name)
    model = exp.get_model()
    height, width = exp.test_size
    batch = stretched(photos, height, width).flip(1) * 255
    model.head.decode_in_inference = False
    calibrate(model, batch)
    for convs, kind in ((model.head.reg_preds, "box"), (model.head.obj_preds, "object"), (model.head.cls_preds, "class")):
        spread(model, batch, list(convs), kind)
    path = out / f"{name}.pth"
    torch.save({"model": model.state_dict()}, path)
    return path, (height, width)


def yolox_detections(file, photos, size, decoded):
    """Its own preparation and post-processing (tools/demo.py) around the exported file."""
    import onnxruntime
    from yolox.data.data_augment import preproc
    from yolox.utils import demo_postprocess, postprocess

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    found = {}
    for photo in photos:
        image, ratio = preproc(cv2.imread(str(photo)), size)
        rows = session.run(None, {session.get_inputs()[0].name: image[None]})[0]
        rows = rows if decoded else demo_postprocess(rows, size)
        kept = postprocess(torch.from_numpy(rows), rows.shape[2] - 5, CONFIDENCE, 0.45, class_agnostic=True)[0]
        height, width = cv2.imread(str(photo)).shape[:2]
        kept = kept.numpy() if kept is not None else np.zeros((0, 7))
        boxes = (kept[:, :4] / ratio).clip(0, [width, height, width, height])
        found[photo.name] = [
            {"label": int(row[6]), "score": float(row[4] * row[5]), "box": box.tolist()} for row, box in zip(kept, boxes)
        ]
    return found


YOLOX_VARIANTS = {"raw": [], "decoded": ["--decode_in_inference"], "raw dynamic": ["--dynamic", "--no-onnxsim"],
                  "decoded dynamic": ["--dynamic", "--decode_in_inference", "--no-onnxsim"]}


def yolox_files(repository, names, photos, out):
    sys.path.insert(0, str(repository))
    for name in names:
        checkpoint, size = yolox_network(name, photos, out)
        for variant, options in YOLOX_VARIANTS.items():
            file = out / f"{name} {variant}.onnx".replace(" ", "_")
            export = [sys.executable, repository / "tools/export_onnx.py", "-n", name, "-c", checkpoint]
            environment = {**os.environ, "PYTHONPATH": str(repository)}
            subprocess.run([*export, "--output-name", file, *options], check=True, env=environment, capture_output=True)
            decoded = variant.startswith("decoded")
            yield f"{name} {variant}", file, lambda f=file, s=size, d=decoded: yolox_detections(f, photos, s, d)


# --- MMYOLO's easydeploy ---


def easydeploy_detections(file, config, photos):
    """Its image-demo.py without the drawing."""
    from mmcv.transforms import Compose
    from mmdet.utils import get_test_pipeline_cfg
    from mmengine.config import Config, ConfigDict
    from mmyolo.utils import register_all_modules
    from projects.easydeploy.model import ORTWrapper

    register_all_modules()
    model = ORTWrapper(str(file), "cpu")
    settings = Config.fromfile(str(config))
    pipeline = get_test_pipeline_cfg(settings)
    pipeline[0] = ConfigDict({"type": "mmdet.LoadImageFromNDArray"})
    pipeline = Compose(pipeline)
    preparation = settings.model.data_preprocessor
    mean, std = (torch.tensor(preparation[key]).reshape(1, 3, 1, 1) for key in ("mean", "std"))
    found = {}
    for photo in photos:
        bgr = cv2.imread(str(photo))
        image = np.ascontiguousarray(bgr[..., ::-1]) if preparation.bgr_to_rgb else bgr
        data, sample = pipeline(dict(img=image, img_id=0)).values()
        count, boxes, scores, labels = (t[0] for t in model((data[None].float() - mean) / std))
        pad = sample.get("pad_param", np.zeros(4, np.float32))
        boxes = (boxes - torch.tensor([pad[2], pad[0]] * 2)) / torch.tensor(list(sample.scale_factor) * 2)
        height, width = bgr.shape[:2]
        boxes = boxes.clamp(min=0).minimum(torch.tensor([width, height] * 2))
        rows = list(zip(labels.tolist(), scores.tolist(), boxes.tolist()))[: int(count)]
        found[photo.name] = [{"label": int(label), "score": score, "box": box} for label, score, box in rows]
    return found


def easydeploy_files(repository, config, checkpoint, photos, out):
    sys.path.insert(0, str(repository))
    export = [sys.executable, repository / "projects/easydeploy/tools/export_onnx.py", config, checkpoint]
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    subprocess.run([*export, "--work-dir", out, "--device", "cpu"], check=True, env=environment, capture_output=True)
    file = out / pathlib.Path(checkpoint).with_suffix(".onnx").name
    yield f"easydeploy {file.stem}", file, lambda: easydeploy_detections(file, config, photos)


# --- YOLOv5's repository ---


def yolov5_network(repository, name, photos, size, out):
    """A checkpoint with random weights, as its trainer writes one."""
    from models.yolo import DetectionModel

    torch.manual_seed(0)
    model = DetectionModel(repository / f"models/{name}.yaml")
    batch = stretched(photos, *size)
    calibrate(model, batch)
    outputs = []
    hooks = [conv.register_forward_hook(lambda _, __, out: outputs.append(out.detach())) for conv in model.model[-1].m]
    with torch.no_grad():
        model(batch)
    for hook in hooks:
        hook.remove()
    numbers = model.model[-1].no
    values = torch.cat([out.flatten(2).unflatten(1, (3, numbers)) for out in outputs], 3)
    best = values[:, :, 5:].amax(2).flatten(1)  # photos x boxes
    least = best.flatten().quantile(1 - WANTED / 3 / best.shape[1]).item()  # three boxes a position
    scale = torch.full((numbers,), LOGITS / (best.max().item() - least))
    shift = torch.full((numbers,), logit(CONFIDENCE) - least * scale[5].item())
    scale[:5], shift[:4], shift[4] = 1.2 / values[:, :, :5].abs().max().item(), 0, 3
    with torch.no_grad():
        for conv in model.model[-1].m:
            conv.weight.mul_(scale.repeat(3)[:, None, None, None])
            conv.bias.mul_(scale.repeat(3)).add_(shift.repeat(3))
    model.names = [f"thing {i}" for i in range(model.model[-1].nc)]
    path = out / f"{name}.pt"
    torch.save({"model": model}, path)
    return path


def moved_back(boxes, image, size):
    """To the image, as letterbox() moved them: its scale_boxes() takes padding and extents that letterbox() rounds for
    fractions of a pixel, which shifts boxes by up to half a pixel of the input."""
    ratio = min(size[0] / image[0], size[1] / image[1])
    height, width = round(image[0] * ratio), round(image[1] * ratio)
    pad = [round((size[1] - width) / 2 - 0.1), round((size[0] - height) / 2 - 0.1)]
    scale = [width / image[1], height / image[0]]
    boxes = (boxes - torch.tensor(pad * 2)) / torch.tensor(scale * 2)
    return boxes.clamp(min=0).minimum(torch.tensor([image[1], image[0]] * 2))


def yolov5_detections(file, photos, size):
    """Its own preparation and post-processing (detect.py) around the exported file."""
    import onnxruntime
    from utils.augmentations import letterbox
    from utils.general import non_max_suppression

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    found = {}
    for photo in photos:
        image = cv2.imread(str(photo))
        pixels = letterbox(image, size, stride=32, auto=False)[0][..., ::-1].transpose(2, 0, 1)
        rows = session.run(None, {"images": (pixels[None] / 255).astype(np.float32)})[0]
        kept = non_max_suppression(torch.from_numpy(rows), CONFIDENCE, 0.45, max_det=1000)[0]
        boxes = moved_back(kept[:, :4], image.shape[:2], size).tolist()
        found[photo.name] = [
            {"label": int(row[5]), "score": float(row[4]), "box": box} for row, box in zip(kept, boxes)
        ]
    return found


def yolov5_files(repository, names, photos, size, out):
    sys.path.insert(0, str(repository))
    for name in names:
        checkpoint = yolov5_network(repository, name, photos, size, out)
        for variant, options in (("fixed", []), ("dynamic", ["--dynamic"])):
            export = [sys.executable, repository / "export.py", "--weights", checkpoint, "--include", "onnx"]
            subprocess.run(
                [*map(str, export), "--imgsz", *map(str, size), *options], check=True, capture_output=True, cwd=out
            )
            file = checkpoint.with_suffix(".onnx").rename(out / f"{name}_{variant}.onnx")
            yield f"{name} of its repository {variant}", file, lambda f=file: yolov5_detections(f, photos, size)
