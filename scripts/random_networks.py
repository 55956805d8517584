"""Networks of random weights, for scripts that compare with the programs they come from."""

import torch
from torch.nn.modules.batchnorm import _BatchNorm


def strip(node, key):
    """Takes `key` away everywhere below `node`, part of a config."""
    if isinstance(node, dict):
        node.pop(key, None)
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        for child in node:
            strip(child, key)


@torch.no_grad()
def calibrate(model, batches, run=lambda model, batch: model(batch, mode="tensor")):
    """BatchNorm statistics: the plain average over the batches; `run` hands the network one of them."""
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm)]
    usual = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    for batch in batches:
        run(model, batch)
    model.eval()
    for norm, momentum in zip(norms, usual):
        norm.momentum = momentum
