#!/usr/bin/env python3
"""Makes demo/digits.pth: draws the pages, trains with MMYOLO, evaluates, strips the checkpoint.

Run it from the repository's root, in an environment with the real MMYOLO (made with mmyolo 0.6.0,
mmdet 3.3.0, mmcv 2.1.0, mmengine 0.10.7, torch 2.1.2 on the CPU) and scikit-learn:

    python demo/train.py                # everything: about 25 minutes, on one CPU core
    python demo/train.py --pages 600 --epochs 2 --out work_dirs/demo/quick.pth   # does it work?
    python demo/train.py --evaluate     # the AP of demo/digits.pth on 200 held-out pages

Pages and logs go to work_dirs/demo, which git ignores. Pages that are there already are used again.
"""
import argparse
import sys
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import Runner

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from make_pages import make_set  # noqa: E402

WORK = Path('work_dirs/demo')
HELDOUT_PAGES = 200
TRAIN_SEED, HELDOUT_SEED = 11, 12


def make_data(pages_root, train_pages):
    """Draws the pages that are missing; no training pages where train_pages is None."""
    for split, count, seed in (('train', train_pages, TRAIN_SEED),
                               ('heldout', HELDOUT_PAGES, HELDOUT_SEED)):
        if count is None:
            continue
        folder = Path(pages_root) / split
        if len(list(folder.glob('*.jpg'))) == count and folder.with_suffix('.json').exists():
            continue
        digits = make_set(folder, split, count, seed)
        print(f'{count} {split} pages with {digits} digits')


def strip(source, target):
    """Keeps of a training checkpoint what a published one has: the EMA weights and `meta`.

    MMEngine's EMAHook has put the averaged weights into `state_dict` already; the optimizer, the
    schedules, the raw weights and the message hub are of no use without the training.
    """
    checkpoint = torch.load(source, map_location='cpu')
    meta = checkpoint['meta']
    # contiguous copies, so that no tensor drags a larger storage along
    state = type(checkpoint['state_dict'])(
        (key, value.clone().contiguous()) for key, value in checkpoint['state_dict'].items())
    torch.save(dict(meta=meta, state_dict=state), target)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--pages', type=int, default=5000, help='training pages')
    parser.add_argument('--epochs', type=int, help="instead of the config's max_epochs")
    parser.add_argument('--threads', type=int, default=2, help='CPU threads of torch')
    parser.add_argument('--out', default=str(HERE / 'digits.pth'), help='the published checkpoint')
    parser.add_argument('--resume', action='store_true', help='go on with an interrupted training')
    parser.add_argument('--evaluate', action='store_true', help='only measure --out')
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    config = Config.fromfile(HERE / 'config.py')
    config.work_dir = str(WORK)
    config.resume = args.resume
    if args.epochs:
        config.max_epochs = args.epochs
        config.train_cfg.max_epochs = args.epochs
        config.param_scheduler[1].update(end=args.epochs, T_max=args.epochs)
    make_data(config.data_root, None if args.evaluate else args.pages)

    if not args.evaluate:
        Runner.from_cfg(config).train()
        newest = Path((WORK / 'last_checkpoint').read_text().strip())
        strip(newest, args.out)
        print(f'{args.out}: {Path(args.out).stat().st_size} bytes')
    # The published file, not the run's own state, is what gets measured.
    test = Config.fromfile(HERE / 'config.py')
    test.update(work_dir=str(WORK / 'test'), load_from=args.out, custom_hooks=[])
    Runner.from_cfg(test).test()


if __name__ == '__main__':
    main()
