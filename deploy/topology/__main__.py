"""The command: build, look, stop."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy import topology
from deploy.topology.machines import BASE, CannotRun, Site
from deploy.topology.promises import look_at_all
from deploy.topology.report import failures, say


def bench(site: Site) -> None:
    target = f"http://127.0.0.1:{site.front}"
    say(f"The benchmark, through nginx at {target}")
    command = [sys.executable, "-m", "bench", "--target", target]
    subprocess.run([*command, "--page", site.guide["reference"]], cwd=BASE, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=str(topology.__doc__).partition("\n")[0])
    parser.add_argument("--bench", action="store_true", help="then run the benchmark through it")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="build it there, and keep logs")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="newsroom-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        site = Site(folder.resolve())
        try:
            site.start()
            if options.bench:
                bench(site)
            look_at_all(site)
        finally:
            site.stop()
    except CannotRun as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    say(f"{len(failures)} promises broken" if failures else "All promises hold.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
