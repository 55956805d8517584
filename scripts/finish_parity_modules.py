"""Modules of one's own, as people register them with MMYOLO: for finish_parity.py, whose configs import them."""

import torch
from mmyolo.registry import MODELS
from torch import nn


@MODELS.register_module()
class GlobalContext(nn.Module):
    """An attention block for a backbone's plugins: where to look, what is there, and how much it counts."""

    def __init__(self, in_channels, ratio=4):
        super().__init__()
        self.where = nn.Conv2d(in_channels, 1, 1)
        hidden = max(in_channels // ratio, 8)
        self.what = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1), nn.LayerNorm([hidden, 1, 1]), nn.GELU(), nn.Conv2d(hidden, in_channels, 1)
        )

    def forward(self, x):
        batch, channels, height, width = x.shape
        attention = self.where(x).view(batch, height * width, 1).softmax(1)
        context = torch.matmul(x.view(batch, channels, height * width), attention).unsqueeze(-1)
        return x * torch.sigmoid(self.what(context))


@MODELS.register_module()
class GatedNeck(nn.Module):
    """A neck of one's own: each level is mixed with its neighbors, by gates that see both."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(count, out_channels[0], 1) for count in in_channels)
        self.gates = nn.ModuleList(nn.Conv2d(2 * out_channels[0], out_channels[0], 1) for _ in in_channels[1:])
        self.out = nn.ModuleList(
            nn.Sequential(nn.Conv2d(out_channels[0], count, 3, padding=1, bias=False), nn.BatchNorm2d(count), nn.Mish())
            for count in out_channels
        )

    def forward(self, features):
        levels = [lateral(feature) for lateral, feature in zip(self.lateral, features)]
        for i in range(len(levels) - 1, 0, -1):
            above = nn.functional.interpolate(levels[i], size=levels[i - 1].shape[2:], mode="bilinear", align_corners=False)
            gate = torch.sigmoid(self.gates[i - 1](torch.cat([levels[i - 1], above], 1)))
            levels[i - 1] = gate * levels[i - 1] + (1 - gate) * above
        return tuple(out(level) for out, level in zip(self.out, levels))
