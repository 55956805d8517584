#!/usr/bin/env python3
"""What the Python package costs over the C++ call, and what two threads of Python reach.

    python_bench.py MODEL.onnx IMAGE [--seconds S] [--rounds N]

Overhead: the median of Detector(array) less the median of Detector::Detect() called in a loop in C++ - of the same
loaded model, one thread, in turns. Threads: images a second of two Python threads over those of one, each with a
session of one thread, in turns. Run it where nothing else does.
"""

import argparse
import statistics
import threading
import time

import cv2

import yoloport
from yoloport import _detector


def overhead(model, image, seconds, rounds):
    """Milliseconds: (of the C++ call, of the Python call, the difference), each a median of medians."""
    detector = yoloport.Detector(model, threads=1)
    once = min(_detector.time_detect(detector._native, image, 5))
    runs = max(20, int(seconds * 1000 / rounds / once / 2))
    pairs = []
    for _ in range(rounds):
        cpp = statistics.median(_detector.time_detect(detector._native, image, runs))
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            detector(image)
            times.append((time.perf_counter() - start) * 1000)
        pairs.append((cpp, statistics.median(times)))
    cpp = statistics.median(pair[0] for pair in pairs)
    python = statistics.median(pair[1] for pair in pairs)
    return cpp, python, statistics.median(pair[1] - pair[0] for pair in pairs)


def throughput(detectors, image, seconds):
    """Images a second of as many threads as there are detectors."""
    counts = [0] * len(detectors)
    end = time.perf_counter() + seconds

    def work(number):
        while time.perf_counter() < end:
            detectors[number](image)
            counts[number] += 1

    start = time.perf_counter()
    workers = [threading.Thread(target=work, args=(number,)) for number in range(len(detectors))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("image")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    image = cv2.imread(options.image)
    cpp, python, more = overhead(options.model, image, options.seconds, options.rounds)
    print(f"C++ {cpp:.3f} ms, Python {python:.3f} ms, overhead {more:.3f} ms")
    detectors = [yoloport.Detector(options.model, threads=1) for _ in range(2)]
    ones, twos, ratios = [], [], []
    for _ in range(options.rounds):
        ones.append(throughput(detectors[:1], image, options.seconds / options.rounds))
        twos.append(throughput(detectors, image, options.seconds / options.rounds))
        ratios.append(twos[-1] / ones[-1])
    print(
        f"one thread {statistics.median(ones):.1f} images/s, two {statistics.median(twos):.1f}, "
        f"{statistics.median(ratios):.2f} times (best round {max(ratios):.2f})"
    )


if __name__ == "__main__":
    main()
