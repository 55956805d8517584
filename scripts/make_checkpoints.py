#!/usr/bin/env python3
"""Writes testdata/checkpoint/*.pth with a real torch, and what they hold as *.txt.

    python scripts/make_checkpoints.py testdata/checkpoint

Made with torch 2.1.2. The files are small: they exist so that the reader is tested on what torch
itself writes; bad files are made by the tests.
"""
import collections
import pathlib
import sys
import zlib

import torch


def weights():
    """One tensor of each kind that a state_dict may hold."""
    torch.manual_seed(1)
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    return collections.OrderedDict([
        ('conv.weight', torch.randn(4, 3, 3, 3)),
        ('conv.bias', torch.nn.Parameter(torch.randn(4))),
        ('bn.num_batches_tracked', torch.tensor(7)),
        ('half', torch.tensor([1.0, -2.0, 65504.0, 6e-8, float('inf')]).half()),
        ('bfloat', torch.tensor([1.0, -2.0, 3e38]).bfloat16()),
        ('double', torch.tensor([0.1, 1e300], dtype=torch.float64)),
        ('int8', torch.tensor([-128, 127], dtype=torch.int8)),
        ('int16', torch.tensor([-32768, 32767], dtype=torch.int16)),
        ('int32', torch.tensor([-2**31, 2**31 - 1], dtype=torch.int32)),
        ('uint8', torch.tensor([0, 255], dtype=torch.uint8)),
        ('bool', torch.tensor([True, False, True])),
        ('shared', base),
        ('transposed', base.t()),
        ('slice', base[1:3, ::2]),
        ('expanded', base[0, :1].expand(5)),
        ('empty', torch.zeros(0, 3)),
        ('scalar', torch.tensor(1.5)),
    ])


def unsupported():
    return collections.OrderedDict([
        ('good', torch.ones(2)),
        ('quantized', torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)),
        ('sparse', torch.eye(2).to_sparse()),
        ('complex', torch.ones(2, dtype=torch.complex64)),
        ('meta', torch.ones(2, device='meta')),
        ('number', 3),
    ])


def checkpoint(state_dict):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(3))], lr=0.1, momentum=0.9)
    return dict(
        meta=dict(
            epoch=12, iter=3400, cfg='model = dict(type="YOLODetector")\n', time='20240101_000000',
            experiment_name='tiny', mmyolo_version='0.6.0', mmengine_version='0.10.7',
            dataset_meta=dict(classes=('cat', 'hot dog'), palette=[(220, 20, 60), (0, 255, 1)])),
        state_dict=state_dict,
        optimizer=optimizer.state_dict())


def line(key, tensor):
    data = tensor.detach().contiguous()
    if data.dtype == torch.bfloat16:
        data = data.view(torch.int16)
    shape = 'x'.join(map(str, tensor.shape)) or 'scalar'
    name = str(tensor.dtype).removeprefix('torch.')
    return f'{key} {name} {shape} {zlib.crc32(data.numpy().tobytes()):08x}\n'


def main(folder):
    folder = pathlib.Path(folder)
    full = checkpoint(weights())
    torch.save(full, folder / 'zip.pth')
    torch.save(full, folder / 'legacy.pth', _use_new_zipfile_serialization=False)
    for protocol in (3, 4, 5):
        torch.save(full, folder / f'protocol{protocol}.pth', pickle_protocol=protocol)
    torch.save(checkpoint(unsupported()), folder / 'unsupported.pth')
    torch.save(torch.nn.Linear(2, 3), folder / 'whole_model.pth')
    torch.jit.script(torch.nn.Linear(2, 3)).save(str(folder / 'torchscript.pth'))
    (folder / 'tensors.txt').write_text(''.join(line(k, v) for k, v in weights().items()))


if __name__ == '__main__':
    main(sys.argv[1])
