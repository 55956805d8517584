#!/usr/bin/env python3
"""Compares two JSON Lines files of `yoloport detect`: compare_runs.py A B --score S --pixels P.

Each detection of A must have a partner of its own in B, of the same label, with a score that differs by
at most S and a box whose corners differ by at most P pixels; and B must hold no others.
"""
import argparse
import json
import sys


def distance(a, b):
    """(score, pixels) between two detections; None for different labels."""
    if a['label'] != b['label']:
        return None
    return abs(a['score'] - b['score']), max(abs(x - y) for x, y in zip(a['box'], b['box']))


def compare(a, b, limits):
    """The number of detections without a partner and the largest (score, pixels) among pairs."""
    rest = list(b)
    worst = [0.0, 0.0]
    lost = 0
    for detection in a:
        pairs = [(distance(detection, other), other) for other in rest]
        pairs = [p for p in pairs if p[0] and p[0][0] <= limits[0] and p[0][1] <= limits[1]]
        if not pairs:
            lost += 1
            continue
        nearest, other = min(pairs, key=lambda pair: pair[0][1])
        rest.remove(other)
        worst = [max(w, n) for w, n in zip(worst, nearest)]
    return lost + len(rest), worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('a')
    parser.add_argument('b')
    parser.add_argument('--score', type=float, required=True)
    parser.add_argument('--pixels', type=float, required=True)
    args = parser.parse_args()
    runs = []
    for path in (args.a, args.b):
        with open(path, encoding='utf-8') as file:
            runs.append([json.loads(line)['detections'] for line in file])
    if len(runs[0]) != len(runs[1]):
        sys.exit(f'{len(runs[0])} images against {len(runs[1])}')
    lost, score, pixels = 0, 0.0, 0.0
    for a, b in zip(*runs):
        alone, worst = compare(a, b, (args.score, args.pixels))
        lost += alone
        score, pixels = max(score, worst[0]), max(pixels, worst[1])
    total = sum(map(len, runs[0]))
    print(f'{total} detections, {lost} without a partner; scores differ by {score:.6f}, boxes by {pixels:.4f} px')
    sys.exit(1 if lost or not total else 0)


if __name__ == '__main__':
    main()
