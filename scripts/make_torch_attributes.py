#!/usr/bin/env python3
"""Makes testdata/graph/torch_attributes.txt: the attributes that torch's ONNX exporter writes.

    python scripts/make_torch_attributes.py > testdata/graph/torch_attributes.txt

Runs in a Python with torch and onnx (the file was made with torch 2.1.2). For each operator that yoloport writes
and torch has a counterpart of, a small module is exported in each opset from 11 to 17. A line is an operator with the
attributes of its node, in the opsets before it: "11-13 Reshape". graph/ops_attributes_test.cc builds the same nodes.
"""

import io
import sys
import warnings

import numpy
import onnx
import torch
from torch import nn

OPSETS = range(11, 18)


class Function(nn.Module):
    """A module that calls a function."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


# The node that is looked for, and a module on 1 x 8 x 16 x 16 that torch exports to it.
MODULES = [
    ("Conv", nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=2)),
    ("Conv", nn.Conv2d(8, 4, 1)),
    ("ConvTranspose", nn.ConvTranspose2d(8, 4, 2, stride=2)),
    ("MaxPool", nn.MaxPool2d(5, stride=1, padding=2)),
    ("GlobalAveragePool", nn.AdaptiveAvgPool2d(1)),
    ("AveragePool", nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)),
    ("InstanceNormalization", nn.InstanceNorm2d(8, eps=0.5)),
    ("Resize", nn.Upsample(scale_factor=2, mode="nearest")),
    ("Add", Function(lambda x: x + x)),
    ("Sub", Function(lambda x: x - x)),
    ("Mul", Function(lambda x: x * x)),
    ("Div", Function(lambda x: x / x)),
    ("Max", Function(lambda x: torch.maximum(x, x))),
    ("Min", Function(lambda x: torch.minimum(x, x))),
    ("Greater", Function(lambda x: x > x)),
    ("Equal", Function(lambda x: x == x)),
    ("Where", Function(lambda x: torch.where(x > 0, x, x))),
    ("Abs", Function(torch.abs)),
    ("Relu", nn.ReLU()),
    ("LeakyRelu", nn.LeakyReLU(0.1)),
    ("LeakyRelu", nn.LeakyReLU(0.01)),
    ("Elu", nn.ELU(0.5)),
    ("PRelu", nn.PReLU(8)),
    ("Sigmoid", nn.Sigmoid()),
    ("HardSigmoid", nn.Hardsigmoid()),
    ("Tanh", nn.Tanh()),
    ("Exp", Function(torch.exp)),
    ("Erf", Function(torch.erf)),
    ("Softplus", nn.Softplus()),
    ("Sqrt", Function(torch.sqrt)),
    ("Softmax", nn.Softmax(3)),
    ("Pow", Function(lambda x: x.pow(2))),
    ("MatMul", Function(lambda x: x @ x)),
    ("Clip", nn.ReLU6()),
    ("Cast", Function(lambda x: x.half())),
    ("ReduceMax", Function(lambda x: x.amax(1))),
    ("ReduceMax", Function(lambda x: x.amax(1, keepdim=True))),
    ("ReduceMin", Function(lambda x: x.amin(1))),
    ("ReduceSum", Function(lambda x: x.sum(1))),
    ("ReduceSum", Function(lambda x: x.sum(1, keepdim=True))),
    ("ReduceMean", Function(lambda x: x.mean(1))),
    ("ReduceMean", Function(lambda x: x.mean(1, keepdim=True))),
    ("ArgMax", Function(lambda x: x.argmax(1))),
    ("TopK", Function(lambda x: x.topk(3, 2))),
    ("Concat", Function(lambda x: torch.cat([x, x], 1))),
    ("Reshape", Function(lambda x: x.reshape(1, -1, 4))),
    ("Transpose", Function(lambda x: x.permute(0, 2, 3, 1))),
    ("Split", Function(lambda x: x.split([3, 5], 1))),
    ("Slice", Function(lambda x: x[:, 1:3])),
    ("Pad", Function(lambda x: nn.functional.pad(x, (0, 2, 0, 1)))),
    ("Expand", Function(lambda x: x.expand(3, 8, 16, 16))),
    ("Gather", Function(lambda x: x.index_select(1, torch.tensor([1, 2])))),
    ("GatherElements", Function(lambda x: x.gather(2, (x > 0).long()))),
]


def text(attribute):
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return f'{attribute.name}="{value.decode()}"'
    if isinstance(value, float):
        return f"{attribute.name}={numpy.float32(value)}"  # in as few digits as tell it
    if isinstance(value, int):
        return f"{attribute.name}={value}"
    return f"{attribute.name}=[{','.join(map(str, value))}]"


def line_of(op, module, opset):
    file = io.BytesIO()
    torch.onnx.export(module.eval(), torch.rand(1, 8, 16, 16), file, opset_version=opset)
    graph = onnx.load_from_string(file.getvalue()).graph
    node = next((node for node in graph.node if node.op_type == op), None)
    if node is None:
        sys.exit(f"torch writes no {op} for {module} in opset {opset}")
    return " ".join([op, *map(text, sorted(node.attribute, key=lambda attribute: attribute.name))])


def main():
    warnings.filterwarnings("ignore")
    for op, module in MODULES:
        lines = [line_of(op, module, opset) for opset in OPSETS]
        begin = 0
        for end in range(1, len(lines) + 1):
            if end == len(lines) or lines[end] != lines[begin]:
                print(f"{OPSETS[begin]}-{OPSETS[end - 1]} {lines[begin]}")
                begin = end


if __name__ == "__main__":
    main()
