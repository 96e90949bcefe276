"""``python -m bench.browser ADDRESS``: what a page weighs, and what Lighthouse says on a phone.

Lighthouse comes from npm, in the version named here, and drives Debian's Chromium. The page is one
of a site that runs, such as the reference page that ``make demo`` names. The exit code is 1 where a
promise is not kept.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

LIGHTHOUSE = "lighthouse@12.8.2"  # the last that runs on Node 20
CHROMIUM = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking "
    "--disable-component-update --disable-sync"
)
# Of a phone's page, in bytes as sent, the HTML's headers included.
LARGEST_PAGE = 14_000
LARGEST_WITHOUT_PICTURES = 60_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.browser", description=__doc__)
    parser.add_argument("address")
    address = parser.parse_args().address
    chromium = shutil.which("chromium")
    if chromium is None or shutil.which("npx") is None:
        print("Chromium and npx are needed: Debian's packages chromium and npm.", file=sys.stderr)
        return 1
    report = lighthouse(address, chromium)
    kept = True
    for name, category in report["categories"].items():
        score = round(100 * (category["score"] or 0))
        kept &= score == 100
        print(f"{name:<20}{score:>8}")
    weights = weigh(report)
    for kind, size in weights.most_common():
        print(f"{kind.lower():<20}{size:>8,} bytes")
    without_pictures = weights.total() - weights["Image"]
    print(f"{'without pictures':<20}{without_pictures:>8,} bytes")
    kept &= weights["Document"] <= LARGEST_PAGE and without_pictures <= LARGEST_WITHOUT_PICTURES
    print("kept" if kept else "MISSED: 100 everywhere, 14 kB of HTML, 60 kB without pictures")
    return 0 if kept else 1


def lighthouse(address: str, chromium: str) -> dict[str, Any]:
    """Return Lighthouse's report on a page, with its phone profile."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "report.json")
        command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json"]
        command += [f"--output-path={file}", f"--chrome-flags={CHROMIUM}"]
        subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": chromium})  # noqa: S603
        return json.loads(file.read_text())


def weigh(report: dict[str, Any]) -> Counter[str]:
    """Return the bytes that came over the wire, by kind."""
    weights: Counter[str] = Counter()
    for request in report["audits"]["network-requests"]["details"]["items"]:
        weights[request["resourceType"]] += request["transferSize"]
    return weights


if __name__ == "__main__":
    sys.exit(main())
