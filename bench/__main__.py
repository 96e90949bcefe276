"""``python -m bench``: start all that is needed, measure, write the result down."""

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import front, load, machine, report
from bench.cases import CODINGS, Case, Cases
from bench.figures import Figures
from bench.floors import Floors
from bench.load import NoAnswer, WrongAnswer
from bench.machine import CannotRun, Database
from bench.measure import Meter, Server, memory_of_workers
from bench.visitors import get

RESULTS = Path(__file__).with_name("results")
FULL = {"articles": 100_000, "comments": 10_000_000, "biggest": 1_000_000, "pending": 1_000_000}
# The newsroom in which hardly anything waits, beside the other on the same database server.
# As many wait as one page of the desk shows, so that both pages show as much.
FEW = {"articles": 200, "comments": 5_000, "pending": 20}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000, metavar="N")
    parser.add_argument("--comments", type=int, default=200_000, metavar="M")
    parser.add_argument("--biggest", type=int, default=100_000, metavar="K")
    parser.add_argument("--pending", type=int, default=8_000, metavar="P")
    parser.add_argument(
        "--full", action="store_true",
        help="100,000 articles, 10,000,000 comments, 1,000,000 under one story, as many waiting",
    )  # fmt: skip
    parser.add_argument("--seconds", type=float, default=3, help="that each case is asked for")
    parser.add_argument(
        "--rounds", type=int, default=2, metavar="R",
        help="of what can be asked again; the one that cost least counts",
    )  # fmt: skip
    parser.add_argument(
        "--reuse", type=Path, metavar="FOLDER", help="keep the database there, and use it again"
    )
    parser.add_argument(
        "--through", choices=["nginx"], action="append", default=[],
        help="measure behind the shipped nginx configuration as well",
    )  # fmt: skip
    parser.add_argument(
        "--only", default="", metavar="NAMES", help="cases by their names, with commas between"
    )
    parser.add_argument(
        "--target", metavar="URL", help="a site that runs already: nothing is started or counted"
    )
    parser.add_argument("--page", default="", metavar="PATH", help="its article page")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER")
    options = parser.parse_args()
    if options.full:
        vars(options).update(FULL)
    return options


def main() -> int:
    options = arguments()
    try:
        if options.target:
            from bench import outside

            return outside.measure(options)
        with started(options) as bench:
            measured = bench.measure()
            known = report.about(bench.sizes, bench.version)
    except (CannotRun, WrongAnswer) as error:
        print(f"\nThe benchmark stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("\n" + report.in_one_line(known))
    print(report.table(measured))
    if not options.only:
        for file in report.write(options.results, measured, known):
            print(f"written: {file}")
    return 0


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


@contextmanager
def started(options: argparse.Namespace) -> Iterator["Bench"]:
    """Run all that a measurement needs, in a folder of its own, until the block ends."""
    if not machine.found("wrk"):
        raise CannotRun("wrk is not installed; Debian's package is wrk.")
    with ExitStack() as stack:
        kept = options.reuse
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="newsroom-bench-"))
        folder = Path(scratch)
        home = kept.resolve() if kept else folder
        home.mkdir(parents=True, exist_ok=True)
        database = Database(home)
        stack.enter_context(database.started())
        cache = stack.enter_context(machine.redis(folder))
        if not cache:
            say("There is no Redis here: pages are kept by each process alone.")
        guides = seeded(options, database, home, cache)
        servers = {}
        for name in guides:
            port = machine.free_port()
            env = machine.environment(home / "var", database.url(name), cache, port)
            process = machine.site(env, port, folder / f"{name}.log")
            servers[name] = Server(port, (stack.enter_context(process).pid,))
        env = machine.environment(
            home / "var", database.url(role=machine.LOOKER), cache, servers["newsroom"].port
        )
        os.environ.update(env)
        import django
        from django.db import connections

        django.setup()
        # Where the other newsroom's visitors log in.
        connections.settings["few"] = connections.settings["default"] | {"NAME": "few"}
        yield Bench(options, database, folder, home / "var", guides, servers)


def seeded(
    options: argparse.Namespace, database: Database, home: Path, cache: str
) -> dict[str, dict[str, Any]]:
    """Fill the two newsrooms, unless they are there. Returns the guide to each, by its name."""
    wanted = {name: getattr(options, name) for name in FULL}
    guides = {}
    for name, sizes in (("newsroom", wanted), ("few", FEW)):
        env = machine.environment(home / "var", database.url(name), cache, 8000)
        file = home / f"{name}.json"
        if database.create(name):
            say(f"Filling {name}: {sizes['comments']:,} comments …")
            machine.manage(env, "prepare")
            words = [f"--{key}={value}" for key, value in sizes.items()]
            guide = json.loads(machine.manage(env, "seed_scale", "--yes", "--json", *words))
            file.write_text(json.dumps(guide | {"sizes": sizes, "schema": schema()}))
            database.run("CHECKPOINT", name)
        else:
            say(f"{name} is in {home} already, and is used as it is.")
            machine.manage(env, "prepare")
        guides[name] = json.loads(file.read_text())
        if guides[name]["schema"] != schema():
            raise CannotRun(f"{home} was filled with other migrations. Remove it, or name another.")
    return guides


def schema() -> str:
    """Return what changes when a migration of the site's does."""
    known = hashlib.blake2s(digest_size=8)
    for path in sorted(machine.BASE.glob("*/migrations/*.py")):
        known.update(path.read_bytes())
    return known.hexdigest()


@dataclass
class Bench:
    """A site that runs, and all that is to be measured on it."""

    options: argparse.Namespace
    database: Database
    folder: Path  # for what lies about while it measures
    var: Path
    guides: dict[str, dict[str, Any]]
    servers: dict[str, Server]

    def __post_init__(self) -> None:
        self.guide, self.site = self.guides["newsroom"], self.servers["newsroom"]
        self.guide["count"] = max(map(int, self.guide["pages"]))
        self.meter = Meter(self.database, self.folder, self.options.seconds)
        self.cases = Cases(self.guide, self.options.seconds, self.database.run)
        self.measured: dict[str, Figures] = {}
        self.workers = os.cpu_count() or 1

    @property
    def sizes(self) -> dict[str, int]:
        return self.guide["sizes"]

    @property
    def version(self) -> str:
        return str(self.database.rows("SHOW server_version")[0][0]).split()[0]

    def measure(self) -> dict[str, Figures]:
        """Measure all cases: what is read first, then what writes, then memory."""
        reference = load.ask(
            self.site.port, get(self.guide["reference"], Accept_Encoding="gzip"), 200
        )
        reading = [
            case for case in self.cases.reading(reference.headers.get("etag", ""))
            if self._is_wanted(case)
        ]  # fmt: skip
        from comments.models import Comment

        desks = [
            self.cases.desk(Comment.objects.using(database).pending().count(), database == "few")
            for database in ("default", "few")
        ]
        reading += [case for case in desks if self._is_wanted(case)]
        # First what leaves the pages as they are: an ETag is good for nothing once they moved.
        self._measure([case for case in reading if not case.count])
        self._measure([case for case in reading if case.count])
        if "nginx" in self.options.through:
            self._behind_nginx()
        for group in (self.cases.writing, self.cases.deciding):
            for case in group():
                if self._is_wanted(case):
                    self._measure([case])
        self.measured["workers"] = memory_of_workers(self.site)
        return self.measured

    def _is_wanted(self, case: Case) -> bool:
        names = self.options.only.split(",") if self.options.only else []
        return not names or case.name in names

    def _measure(self, cases: list[Case], at: Server | None = None) -> None:
        """Measure cases, each with its floors right after it."""
        servers = {
            case.name: at or (self.servers["few"] if case.few else self.site) for case in cases
        }
        answers = {}
        for case in cases:
            if answer := self.meter.first(case, servers[case.name]):
                answers[case.name] = answer
            else:
                words = "the database holds nothing of that kind"
                self.measured[case.name] = Figures(case.title, skipped=words)
        floors = Floors(self.folder / "floors", self.workers)
        with floors.standing(answers):
            # Round by round, so that what disturbs the machine for a while disturbs no case each
            # time.
            for turn in range(self.options.rounds):
                for case in cases:
                    if case.name in answers and not (turn and case.is_list):
                        say(f"{case.title} …")
                        server, answer = servers[case.name], answers[case.name]
                        try:
                            figures = self.meter.measure(case, server, answer, floors)
                        except NoAnswer as error:
                            figures = Figures(case.title, skipped=str(error))
                        self._keep(case, figures)

    def _keep(self, case: Case, figures: Figures) -> None:
        """Note what was measured, unless an earlier round did with less."""
        known = self.measured.get(case.name)
        if known is None or (figures.cpu_ms or 0) < (known.cpu_ms or 0):
            self.measured[case.name] = figures

    def _behind_nginx(self) -> None:
        try:
            with front.nginx(self.folder / "front", self.var, self.site, self.workers) as server:
                self._measure(list(self.cases.behind_nginx()), server)
        except CannotRun as error:
            for name in CODINGS:
                self.measured[f"nginx-{name}"] = Figures(
                    f"Behind nginx, {name}", skipped=str(error)
                )


if __name__ == "__main__":
    sys.exit(main())
