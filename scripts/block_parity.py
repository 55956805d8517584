#!/usr/bin/env python3
"""Networks put together of parts that no config of MMYOLO's own has, compared with MMYOLO itself.

    block_parity.py --yoloport build/yoloport [--only REGEX] [--mmpretrain FOLDER] [--mmselfsup FOLDER]
    block_parity.py --record testdata/blocks --mmpretrain FOLDER

Runs in a Python with the real MMYOLO, and for comparing with onnxruntime. A case of CASES is a config of the mmyolo
package with parts replaced: activations, norms, plugins, backbones of other packages, heads with other modules, lists
of necks, other numbers of image channels. Nothing is trained: weights are random, and so are the statistics of norms,
around those that some random images give. Raw outputs of `yoloport export --model-only` must be within 1e-4 of the
largest magnitude of what MMYOLO gives in float64, or, as deep networks of random weights blow up float32's last bits,
within twice the distance of MMYOLO's own float32 outputs. Prints a line a case, with that distance behind the
difference, and exits 1 where one is further away.

With --record nothing is compared: the small cases of RECORDED are written, each a folder of config.py, checkpoint.pth
(float16), inputs.npz (images) and raw.npz (out_0 ..), which tests/parity/blocks_test.cc reads. --mmpretrain and
--mmselfsup are folders of unpacked wheels of MMPretrain, and of MMSelfSup and MMClassification, for cases that need
them.
"""

import argparse
import copy
import importlib
import pathlib
import re
import subprocess
import sys
import tempfile

import mmyolo
import numpy as np
import torch
from mmengine.config import Config, ConfigDict
from mmyolo.registry import MODELS
from mmyolo.utils import register_all_modules
from random_networks import strip
from torch import nn

CONFIGS = pathlib.Path(mmyolo.__file__).parent / ".mim" / "configs"
TOLERANCE = 1e-4
LARGEST_NOISE = 1e-2  # of MMYOLO's own float32: above it nothing is compared
CLASSES = 2

YOLOV5 = "yolov5/yolov5_n-v61_syncbn_fast_8xb16-300e_coco.py"
YOLOV6 = "yolov6/yolov6_n_syncbn_fast_8xb32-300e_coco.py"
YOLOV7 = "yolov7/yolov7_tiny_syncbn_fast_8x16b-300e_coco.py"
YOLOV8 = "yolov8/yolov8_n_syncbn_fast_8xb16-500e_coco.py"
YOLOX = "yolox/yolox_tiny_fast_8xb32-300e-rtmdet-hyp_coco.py"
RTMDET = "rtmdet/rtmdet_tiny_syncbn_fast_8xb32-300e_coco.py"
PPYOLOE = "ppyoloe/ppyoloe_plus_s_fast_8xb8-80e_coco.py"

GN = dict(type="GN", num_groups=4)
IN = dict(type="IN", affine=True)


def styled(part, **styles):
    """`part` of the model with another norm_cfg or act_cfg."""
    return {part: styles}


def replaced(channels, widen=1.0, **backbone):
    """Another backbone, and YOLOv5's neck and head on its channels."""
    return dict(
        backbone=dict(_delete_=True, init_cfg=None, **backbone),
        neck=dict(in_channels=channels, out_channels=channels, widen_factor=widen),
        bbox_head=dict(head_module=dict(in_channels=channels, widen_factor=widen)),
    )


def channel_mapper(channels, width, **more):
    return dict(type="mmdet.ChannelMapper", in_channels=channels, out_channels=width, **more)


def neck_list(channels, width):
    """YOLOv5's neck and a ChannelMapper behind it."""
    pafpn = dict(type="YOLOv5PAFPN", in_channels=channels, out_channels=channels, num_csp_blocks=1, norm_cfg=IN,
                 act_cfg=dict(type="ELU", alpha=0.5))
    return [pafpn, channel_mapper(channels, width, kernel_size=1, act_cfg=dict(type="ReLU6"))]


ACTIVATIONS = [
    dict(type="ReLU"), dict(type="LeakyReLU", negative_slope=0.2), dict(type="PReLU"), dict(type="RReLU"),
    dict(type="ReLU6"), dict(type="ELU", alpha=0.7), dict(type="Sigmoid"), dict(type="Tanh"), dict(type="Swish"),
    dict(type="GELU"), dict(type="GELU", approximate="tanh"), dict(type="HSwish"), dict(type="HSigmoid", bias=2.0,
    divisor=5.0, min_value=0.1, max_value=0.9),
]
PLUGINS = [
    dict(cfg=dict(type="CBAM", reduce_ratio=2), stages=(False, True, True, True)),
    dict(cfg=dict(type="ContextBlock", ratio=1 / 2, fusion_types=("channel_add", "channel_mul")),
         stages=(True, False, False, True)),
]
RESNET = dict(type="mmdet.ResNet", depth=50, out_indices=(1, 2, 3))
SWIN = dict(type="mmdet.SwinTransformer", embed_dims=24, depths=[2, 2, 2, 2], num_heads=[1, 2, 3, 4],
            out_indices=(1, 2, 3))
PVT = dict(type="mmdet.PyramidVisionTransformerV2", embed_dims=32, num_layers=[2, 2, 2, 2], out_indices=(1, 2, 3))
SWIN_CHANNELS = [48, 96, 192]
RESNET_TINY = [32, 64, 128]

# NAME: (config, changes of the model, of what makes it small, image size)
SMALL = 0.125
CASES = {
    **{
        f"activation_{act['type']}{i}": (YOLOV5, {**styled("backbone", act_cfg=act), **styled("neck", act_cfg=act)})
        for i, act in enumerate(ACTIVATIONS)
    },
    "activation_prelu_channels": (RTMDET, styled("neck", act_cfg=dict(type="PReLU", num_parameters=1))),
    "activation_repvgg": (YOLOV6, {
        "backbone": dict(block_cfg=dict(type="RepVGGBlock", act_cfg=dict(type="PReLU"))),
        "neck": dict(block_cfg=dict(type="RepVGGBlock", act_cfg=dict(type="ELU")))}),
    "activation_attention": (PPYOLOE, {"backbone": dict(attention_cfg=dict(act_cfg=dict(type="PReLU")))}),
    "activation_heads": (YOLOV8, {"bbox_head": dict(head_module=dict(act_cfg=dict(type="GELU")))}),
    "norm_gn": (YOLOV5, {**styled("backbone", norm_cfg=GN), **styled("neck", norm_cfg=GN)}),
    "norm_gn_rtmdet": (RTMDET, {"bbox_head": dict(head_module=dict(norm_cfg=GN)), **styled("neck", norm_cfg=GN)}),
    "norm_gn_repvgg": (YOLOV6, {"backbone": dict(block_cfg=dict(type="RepVGGBlock", norm_cfg=GN)), **styled("neck", norm_cfg=GN)}),
    "norm_gn_focus": (YOLOX, styled("backbone", norm_cfg=GN)),
    "norm_in": (YOLOV8, {**styled("backbone", norm_cfg=IN), **styled("neck", norm_cfg=dict(type="IN"))}),
    "norm_in_tracked": (YOLOV7, styled("backbone", norm_cfg=dict(type="IN", track_running_stats=True))),
    "norm_bn_defaults": (YOLOV5, styled("backbone", norm_cfg=dict(type="BN", affine=False))),
    "norm_none": (YOLOV5, styled("backbone", norm_cfg=None)),
    "norm_frozen": (YOLOV5, styled("neck", norm_cfg=dict(type="mmdet.FrozenBN"))),
    "head_yolov5_module_yolov7": (YOLOV5, {"bbox_head": dict(head_module=dict(type="YOLOv7HeadModule"))}),
    "head_yolov7_module_yolov5": (YOLOV7, {"bbox_head": dict(head_module=dict(type="YOLOv5HeadModule"))}),
    "head_yolov8_module_yolov6": (YOLOV8, {"bbox_head": dict(head_module=dict(type="YOLOv6HeadModule", reg_max=16))}),
    "head_yolov6_module_yolov8": (YOLOV6, {"bbox_head": dict(head_module=dict(type="YOLOv8HeadModule", reg_max=16))}),
    "backbone_yolov6_neck_yolov5": (YOLOV5, {
        "backbone": dict(type="YOLOv6EfficientRep", act_cfg=dict(type="ReLU"), widen_factor=SMALL)}),
    "backbone_yolov8_neck_yolov5": (YOLOV5, {"backbone": dict(type="YOLOv8CSPDarknet")}),
    "necks": (YOLOV5, {"neck": neck_list([128, 256, 512], 64), "bbox_head": dict(head_module=dict(
        in_channels=64, widen_factor=1.0)), "backbone": dict(widen_factor=0.5)}),
    "necks_more_levels": (YOLOV8, {
        "neck": [channel_mapper([64, 128, 256], 32, norm_cfg=dict(type="BN")), channel_mapper([32] * 3, 48, norm_cfg=GN)],
        "bbox_head": dict(head_module=dict(in_channels=[48] * 3, widen_factor=1.0)), "backbone": dict(widen_factor=0.25)}),
    "plugins": (YOLOV5, {"backbone": dict(plugins=PLUGINS, widen_factor=0.25), "neck": dict(widen_factor=0.25),
                         "bbox_head": dict(head_module=dict(widen_factor=0.25))}),
    "plugins_yolov8": (YOLOV8, {"backbone": dict(plugins=[dict(cfg=dict(type="ContextBlock", ratio=1 / 4,
                                                                        pooling_type="avg")), PLUGINS[0]])}),
    "gray_yolov5": (YOLOV5, {"backbone": dict(input_channels=1)}),
    "gray_resnet": (YOLOV5, replaced(RESNET_TINY, **{**RESNET, "depth": 18, "base_channels": 16, "in_channels": 1})),
    "resnet50": (YOLOV5, replaced([128, 256, 512], **{**RESNET, "base_channels": 16})),
    "resnet18": (YOLOV5, replaced(RESNET_TINY, **{**RESNET, "depth": 18, "base_channels": 16})),
    "resnet101_caffe": (YOLOV5, replaced([64, 128, 256], **{**RESNET, "depth": 101, "base_channels": 8,
                                                            "style": "caffe"})),
    "resnet_avg_down": (YOLOV5, replaced([128, 256, 512], **{**RESNET, "base_channels": 16, "avg_down": True})),
    "resnet_deep_stem_gn": (YOLOV5, replaced([128, 256, 512], **{**RESNET, "base_channels": 16, "deep_stem": True,
                                                                 "norm_cfg": GN})),
    "resnet_dilated": (YOLOV5, replaced(RESNET_TINY, **{**RESNET, "depth": 34, "base_channels": 16,
                                                        "dilations": (1, 1, 2, 2)})),
    "resnet_plugins": (YOLOV5, replaced([128, 256, 512], **{**RESNET, "base_channels": 16, "plugins": [
        dict(cfg=dict(type="ContextBlock", ratio=1 / 4), stages=(False, True, True, True), position="after_conv3")]})),
    "resnet_v1d": (YOLOV5, replaced([128, 256, 512], **{**RESNET, "type": "mmdet.ResNetV1d", "base_channels": 16})),
    "resnext": (YOLOV5, replaced([256, 512, 1024], **{**RESNET, "type": "mmdet.ResNeXt", "base_channels": 32,
                                                      "groups": 8, "base_width": 4})),
    "pvt_v2": (YOLOV5, replaced([64, 160, 256], **PVT)),
    "pvt_v2_no_bias": (YOLOV8, replaced([64, 160, 256], **{**PVT, "qkv_bias": False, "sr_ratios": [4, 2, 1, 1],
                                                          "act_cfg": dict(type="ReLU")})),
    "pvt_v1": (YOLOV5, replaced([64, 160, 256], **{**PVT, "type": "mmdet.PyramidVisionTransformer",
                                                   "use_abs_pos_embed": False})),
    "swin": (YOLOV5, replaced(SWIN_CHANNELS, **SWIN)),
    "swin_window5": (YOLOV8, {"backbone": dict(_delete_=True, **SWIN, window_size=5, patch_norm=False, qkv_bias=False),
                              "neck": dict(in_channels=SWIN_CHANNELS, out_channels=SWIN_CHANNELS, widen_factor=1.0),
                              "bbox_head": dict(head_module=dict(in_channels=SWIN_CHANNELS, widen_factor=1.0))}),
}
MMPRETRAIN_CASES = {
    "mobilenet_small": (YOLOV5, replaced([24, 48, 96], type="mmpretrain.MobileNetV3", arch="small",
                                         out_indices=(3, 8, 11))),
    "mobilenet_large": (YOLOV5, replaced([40, 112, 160], type="mmpretrain.MobileNetV3", arch="large",
                                         out_indices=(6, 12, 15))),
    "convnext_atto": (YOLOV5, replaced([80, 160, 320], type="mmpretrain.ConvNeXt", arch="atto", out_indices=(1, 2, 3),
                                       gap_before_final_norm=False, layer_scale_init_value=1.0)),
    "convnext_v2": (YOLOV5, replaced([24, 48, 96], type="mmpretrain.ConvNeXt", out_indices=(1, 2, 3), use_grn=True,
                                     arch=dict(depths=[1, 1, 2, 1], channels=[12, 24, 48, 96]),
                                     gap_before_final_norm=False, layer_scale_init_value=0.0, linear_pw_conv=False)),
    "mmpretrain_resnet": (YOLOV5, replaced([128, 256, 512], type="mmpretrain.ResNet", depth=50, stem_channels=16,
                                           base_channels=16, out_indices=(1, 2, 3))),
    "mmpretrain_resnet34": (YOLOV5, replaced(RESNET_TINY, type="mmpretrain.ResNet", depth=34, stem_channels=8,
                                             base_channels=16, out_indices=(1, 2, 3), style="caffe")),
    "convnext_v1": (YOLOV5, replaced([24, 48, 96], type="mmpretrain.ConvNeXt", out_indices=(1, 2, 3),
                                     arch=dict(depths=[1, 1, 2, 1], channels=[12, 24, 48, 96]), use_grn=False,
                                     gap_before_final_norm=False, layer_scale_init_value=1.0)),
    **{
        f"mobilenet_{arch}": (YOLOV5, replaced(channels, type="mmpretrain.MobileNetV3", arch=arch, out_indices=(3, 8, 11)))
        for arch, channels in {"small_075": [24, 40, 72], "small_050": [16, 24, 48]}.items()
    },
    **{
        f"efficientnet_{size}": (YOLOV5, replaced(channels, type="mmpretrain.TIMMBackbone", out_indices=(2, 3, 4),
                                                  model_name=f"efficientnet_{size}", features_only=True))
        for size, channels in {"b0": [40, 112, 320], "b1": [40, 112, 320], "b3": [48, 136, 384]}.items()
    },
    "efficientnet_shallow": (YOLOV5, {
        **replaced([16, 24, 40], type="mmpretrain.TIMMBackbone", model_name="efficientnet_b0", features_only=True,
                   out_indices=(0, 1, 2), bn_eps=1e-3),
        "bbox_head": dict(prior_generator=dict(strides=[2, 4, 8]), head_module=dict(
            in_channels=[16, 24, 40], widen_factor=1.0, featmap_strides=[2, 4, 8]))}),
}
MMSELFSUP_CASES = {  # its outputs are counted from the stem
    f"mmselfsup_resnet{depth}": (YOLOV5, replaced(channels, type="mmselfsup.ResNet", depth=depth, stem_channels=8,
                                                  base_channels=16, out_indices=(2, 3, 4)))
    for depth, channels in {18: RESNET_TINY, 50: [128, 256, 512]}.items()
}
TINY = dict(widen_factor=0.03125)
RECORDED = {
    # Activations, norms, plugins, a list of necks, another head module, gray images: one case of all.
    "parts": (YOLOV5, {
        "backbone": dict(input_channels=1, plugins=[
            dict(cfg=dict(type="CBAM", reduce_ratio=2), stages=(False, True, False, False)),
            dict(cfg=dict(type="ContextBlock", ratio=1 / 2), stages=(False, False, True, False))],
            norm_cfg=dict(type="GN", num_groups=2), act_cfg=dict(type="PReLU"), **TINY),
        "neck": [dict(type="YOLOv5PAFPN", in_channels=[256, 512, 1024], out_channels=[256, 512, 1024], num_csp_blocks=1,
                      norm_cfg=IN, act_cfg=dict(type="ELU", alpha=0.5), **TINY),
                 channel_mapper([8, 16, 32], 8, kernel_size=1, act_cfg=dict(type="ReLU6"))],
        "bbox_head": dict(head_module=dict(type="YOLOv7HeadModule", in_channels=8, widen_factor=1.0))}),
    "resnet": (YOLOV5, replaced([16, 32, 64], depth=50, base_channels=2, stem_channels=4, out_indices=(1, 2, 3),
                                type="mmdet.ResNet", avg_down=True, deep_stem=True)),
    "swin": (YOLOV5, replaced([8, 16, 32], type="mmdet.SwinTransformer", embed_dims=4, depths=[1, 1, 2, 1],
                              num_heads=[1, 1, 2, 2], window_size=3, out_indices=(1, 2, 3))),
    "pvt": (YOLOV5, replaced([8, 16, 24], type="mmdet.PyramidVisionTransformerV2", embed_dims=4,
                             num_layers=[1, 1, 1, 1], num_heads=[1, 2, 4, 6], sr_ratios=[4, 2, 2, 1],
                             mlp_ratios=[2, 2, 2, 2], out_indices=(1, 2, 3))),
    "styles": (YOLOV8, {
        "backbone": dict(norm_cfg=dict(type="IN", track_running_stats=True), act_cfg=dict(type="GELU"), plugins=[
            dict(cfg=dict(type="ContextBlock", ratio=1 / 4, pooling_type="avg"), stages=(False, False, True, True))], **TINY),
        "neck": dict(norm_cfg=dict(type="BN", affine=False), act_cfg=dict(type="Swish"), **TINY),
        "bbox_head": dict(head_module=dict(act_cfg=dict(type="HSwish"), reg_max=8, **TINY))}),
    "convnext": (YOLOV5, replaced([8, 16, 32], type="mmpretrain.ConvNeXt", out_indices=(1, 2, 3), use_grn=True,
                                  arch=dict(depths=[1, 1, 1, 1], channels=[4, 8, 16, 32]), linear_pw_conv=False,
                                  gap_before_final_norm=False, layer_scale_init_value=0.5)),
    "mmpretrain_resnet": (YOLOV5, replaced([8, 16, 32], type="mmpretrain.ResNet", depth=18, stem_channels=4,
                                           base_channels=4, out_indices=(1, 2, 3))),
}


def build_config(base, changes):
    config = Config.fromfile(CONFIGS / base)
    model = config.model
    for part in (model.backbone, model.neck, model.bbox_head.head_module):
        part.widen_factor = SMALL
    model.bbox_head.head_module.num_classes = CLASSES
    for part, change in copy.deepcopy(changes).items():
        if isinstance(change, list):
            model[part] = change
        else:
            replace_styles(change)
            merged = Config(dict(part=model[part]))
            merged.merge_from_dict(dict(part=change))
            model[part] = merged.part
    strip(model, "init_cfg")
    strip(model, "_delete_")
    model.train_cfg = None
    classes = tuple(f"class_{i}" for i in range(CLASSES))
    channels = image_channels(model)
    pipeline = config.test_pipeline
    if channels == 1:
        pipeline[0].color_type = "grayscale"
        model.data_preprocessor.update(mean=[0.0], std=[255.0], bgr_to_rgb=False)
    return Config(dict(default_scope="mmyolo", model=model, metainfo=dict(classes=classes), test_pipeline=pipeline))


def image_channels(model):
    return model.backbone.get("input_channels", model.backbone.get("in_channels", 3))


def replace_styles(change):
    """Lets norm_cfg and act_cfg replace what is there, whose arguments are others."""
    for key, value in change.items():
        if isinstance(value, dict):
            if key in ("norm_cfg", "act_cfg"):
                value["_delete_"] = True
            replace_styles(value)


@torch.no_grad()
def randomize(model, images):
    """Random weights; norms see the images once, and then their statistics are moved."""
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.dim() >= 2 and isinstance(module, (nn.Conv2d, nn.Linear, nn.ConvTranspose2d)):
                nn.init.kaiming_normal_(parameter)
            elif name == "weight" and parameter.dim() == 1 and not isinstance(module, nn.PReLU):
                nn.init.uniform_(parameter, 0.5, 1.5)
            else:
                parameter += 0.2 * torch.randn_like(parameter)
    calm(model)
    norms = [module for module in model.modules() if getattr(module, "running_var", None) is not None]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    model(images, mode="tensor")
    model.eval()
    for norm in norms:
        norm.running_mean += 0.1 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
        norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)
        norm.running_var.clamp_(min=0.01)  # a channel that hardly varies would be blown up, with its last bits


def calm(model):
    """Makes the branches of residual blocks small: over many of them float32's last bits grow, in torch itself."""
    for module in model.modules():
        norm = {"InvertedResidual": "bn3", "Bottleneck": "bn3", "BasicBlock": "bn2"}.get(type(module).__name__)
        if getattr(module, norm or "", None) is not None:
            getattr(module, norm).weight.data *= 0.3


@torch.no_grad()
def raw_outputs(model, images):
    """One array a level, as easydeploy's --model-only has them (see make_parity_data.py)."""
    module = model.bbox_head.head_module
    kind = type(model.bbox_head).__name__
    if kind in ("YOLOv5Head", "YOLOv7Head"):
        stems = getattr(module, "main_convs_pred", None) or module.convs_pred
        features = model.neck(model.backbone(images))
        return [stem(feature) for stem, feature in zip(stems, features)]
    if kind in ("PPYOLOEHead", "YOLOv8Head"):
        module.reg_max = 0  # leaves the distributions as they are
    return [torch.cat(level, 1) for level in zip(*model(images, mode="tensor"))]


def make(name, base, changes, size, folder, half=False):
    """Writes config and checkpoint; gives images and MMYOLO's raw outputs, in float32 and float64."""
    torch.manual_seed(sum(map(ord, name)))
    config = build_config(base, changes)
    model = MODELS.build(ConfigDict(copy.deepcopy(config.model)))
    channels = image_channels(config.model)
    randomize(model, torch.rand(4, channels, *size))
    images = torch.rand(1, channels, *size).half().float()
    if half:
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(tensor.half().float())
    raw = raw_outputs(model, images)
    config.dump(folder / "config.py")
    state = {key: value.half() if half and value.is_floating_point() else value
             for key, value in model.state_dict().items()}
    torch.save(dict(meta={}, state_dict=state), folder / "checkpoint.pth")
    exact = raw_outputs(model.double(), images.double())
    return images.numpy(), [level.numpy() for level in raw], [level.numpy() for level in exact]


def compare(name, case, yoloport):
    """The largest differences from MMYOLO's raw outputs, ours and its own in float32; or what went wrong."""
    import onnxruntime

    size = (64, 96)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        images, single, expected = make(name, *case, size, folder)
        file = folder / "raw.onnx"
        command = [yoloport, "export", folder / "config.py", folder / "checkpoint.pth", "--model-only", "--quiet",
                   "--img-size", *map(str, size), "--output", file]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            return run.stderr.strip()
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        actual = session.run(None, {"images": images})
    for one, other in zip(expected, actual, strict=True):
        if one.shape != other.shape:
            return f"{other.shape} for {one.shape}"
    return difference(actual, expected), difference(single, expected)


def difference(actual, expected):
    return max(float(abs(one - other).max() / abs(one).max()) for one, other in zip(expected, actual))


def record(folder):
    for name, case in RECORDED.items():
        path = folder / name
        path.mkdir(parents=True, exist_ok=True)
        images, raw, _ = make(name, *case, (32, 64), path, half=True)
        np.savez(path / "inputs.npz", images=images)
        np.savez(path / "raw.npz", **{f"out_{i}": level for i, level in enumerate(raw)})
        print(name, sum(file.stat().st_size for file in path.iterdir()), "bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--yoloport", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--mmpretrain", type=pathlib.Path)
    parser.add_argument("--mmselfsup", type=pathlib.Path)
    parser.add_argument("--record", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    register_all_modules()
    cases = dict(CASES)
    if args.mmpretrain:
        sys.path.insert(0, str(args.mmpretrain))
        importlib.import_module("mmpretrain.models.backbones")
        cases.update(MMPRETRAIN_CASES)
    if args.mmselfsup:
        sys.path.insert(0, str(args.mmselfsup))
        importlib.import_module("mmselfsup.models.backbones")
        cases.update(MMSELFSUP_CASES)
    if args.record:
        return record(args.record)
    failed = 0
    for name, case in cases.items():
        if not re.search(args.only, name):
            continue
        try:
            result = compare(name, case, args.yoloport)
        except Exception as error:  # MMYOLO's; the others go on
            result = f"MMYOLO: {type(error).__name__}: {str(error)[:200]}"
        if isinstance(result, str):
            is_wrong, shown = True, result
        else:
            worst, own = result
            is_wrong, shown = own > LARGEST_NOISE or worst > max(TOLERANCE, 2 * own), f"{worst:.1e} ({own:.1e})"
        failed += is_wrong
        print("FAILED" if is_wrong else "ok", name, shown, flush=True)
    print(f"{failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
