#!/usr/bin/env python3
"""Puts what side_by_side.py measured into docs/performance.md: tables, and a plot beside it.

    report.py RESULTS.json docs/performance.md [SECTION]

Replaces what stands between the lines <!-- measured --> and <!-- /measured -->; of a section, for other models than
the zoo's, the latencies between <!-- measured SECTION --> and <!-- /measured SECTION -->.
"""

import json
import pathlib
import sys

EXPORT = {
    "yoloport": lambda r: f"{r['seconds']:.3f} s, {r['peak'] / 1e6:.0f} MB",
    "easydeploy": lambda r: f"{r['easydeploy_seconds']:.1f} s, {r['easydeploy_peak'] / 1e6:.0f} MB",
    "times faster": lambda r: f"{r['times_faster']:.0f}",
    "file": lambda r: f"{r['file'] / 1e6:.1f} MB",
    "peak / file": lambda r: f"{r['peak'] / r['file']:.2f}",
    "time / cp": lambda r: f"{r['times_cp']:.1f}",
}
LATENCY = {
    "end to end": lambda r: f"{r['ours_ms']:.1f}",
    "easydeploy": lambda r: f"{r['easydeploy_ms']:.1f}",
    "ratio": lambda r: f"{r['e2e_to_easydeploy']:.3f}",
    "raw": lambda r: f"{r['ours_raw_ms']:.1f}",
    "easydeploy raw": lambda r: f"{r['easydeploy_raw_ms']:.1f}",
    "raw ratio": lambda r: f"{r['raw_to_easydeploy']:.3f}",
    "end to end / raw": lambda r: f"{r['e2e_to_own_raw']:.3f}",
}
BOTH = {"yoloport": lambda r: str(r["ours"]), "easydeploy": lambda r: str(r["easydeploy"])}
RUNTIMES = {
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO, float32",
    "openvino-bf16": "OpenVINO, bfloat16",
}


def table(title, rows, columns):
    lines = [f"### {title}\n", "| model | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    lines += [f"| {name} | " + " | ".join(text(row) for text in columns.values()) + " |" for name, row in rows.items()]
    return "\n".join(lines) + "\n"


def latencies(results):
    parts = []
    for runtime, title in RUNTIMES.items():
        rows = {name: row[runtime] for name, row in results.items() if runtime in row}
        if rows:
            parts.append(table(f"Latency in {title}, ms", rows, LATENCY))
    found = {name: row["found"] for name, row in results.items()}
    parts.append(table("Detections in the image that was timed", found, BOTH))
    return "\n".join(parts)


def tables(results):
    export = {name: row["export"] for name, row in results.items()}
    export = table("Export, end to end, 640 x 640", export, EXPORT)
    nodes = {name: row["nodes"] for name, row in results.items()}
    nodes = table("Nodes, end to end (easydeploy's simplified)", nodes, BOTH)
    return "\n".join([export, latencies(results), nodes])


def replace(page, section, content):
    begin, end = f"<!-- measured{section} -->\n", f"<!-- /measured{section} -->\n"
    before, rest = page.read_text().split(begin)
    page.write_text(f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}")


def plot(results):
    """Bars: the time of our end-to-end file as a part of easydeploy's, a group a model, a bar a runtime."""
    runtimes = [runtime for runtime in RUNTIMES if all(runtime in row for row in results.values())]
    colours = dict(zip(RUNTIMES, ("#2563eb", "#d97706", "#059669")))
    row, left, width = 14, 130, 420
    height = 50 + len(results) * (len(runtimes) * row + 10)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="100%" height="100%" fill="white"/><line x1="{left + width}" x2="{left + width}" y1="28" '
        f'y2="{height}" stroke="#888"/><text x="{left + width}" y="22" text-anchor="middle">easydeploy = 1</text>',
    ]
    for i, runtime in enumerate(runtimes):
        parts.append(f'<rect x="{10 + i * 150}" y="8" width="10" height="10" fill="{colours[runtime]}"/>'
                     f'<text x="{24 + i * 150}" y="17">{RUNTIMES[runtime]}</text>')
    y = 36
    for name, result in results.items():
        parts.append(f'<text x="{left - 8}" y="{y + len(runtimes) * row / 2 + 4}" text-anchor="end">{name}</text>')
        for runtime in runtimes:
            ratio = result[runtime]["e2e_to_easydeploy"]
            parts.append(f'<rect x="{left}" y="{y}" width="{ratio * width:.1f}" height="{row - 3}" '
                         f'fill="{colours[runtime]}"/><text x="{left + ratio * width - 4:.1f}" y="{y + 9}" '
                         f'fill="white" text-anchor="end">{ratio:.2f}</text>')
            y += row
        y += 10
    return "\n".join(parts) + "\n</svg>\n"


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    results = json.loads(pathlib.Path(sys.argv[1]).read_text())
    page = pathlib.Path(sys.argv[2])
    if len(sys.argv) == 4:
        replace(page, " " + sys.argv[3], latencies(results))
        return
    picture = page.with_name("latency.svg")
    picture.write_text(plot(results))
    replace(page, "", f"{tables(results)}\n![Time of one image, as a part of easydeploy's]({picture.name})\n")


if __name__ == "__main__":
    main()
