"""`scripts/test`: every check and every test, from a bare clone to one closing line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from scripts.start import messages
from scripts.start.checking import checks, run_checks
from scripts.start.chromium import prepare_chromium
from scripts.start.client import Client
from scripts.start.console import Console
from scripts.start.errors import CommandError
from scripts.start.node import Node
from scripts.start.outcomes import Outcome, from_junit, from_vitest, total
from scripts.start.preparation import Preparation
from scripts.start.progress import step

BROWSER_TESTS = "tests/browser"


def main(console: Console, arguments: list[str]) -> int:
    """Run everything, whatever fails on the way; status 1 if anything did."""
    parser = argparse.ArgumentParser(prog="scripts/test", description="Run every check and every test.")
    parser.parse_args(arguments)
    stages = Stages(Preparation(console))
    try:
        stages.everything()
    except CommandError as error:
        stages.failed("preparation", error)
    console.line()
    console.say(messages.SUMMARY)
    for outcome in stages.outcomes:
        note = f"  ({outcome.note})" if outcome.note else ""
        console.line(f"  {outcome.name}: {outcome.counts if outcome.counted else 'ok'}{note}")
    all_of_them = total(stages.outcomes)
    console.line(all_of_them.counts)
    return 1 if all_of_them.failed else 0


class Stages:
    """One run through the stages, each leaving its outcome."""

    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._places = preparation.places
        self._tools = preparation.tools
        self._console = preparation.console
        self.outcomes: list[Outcome] = []

    def everything(self) -> None:
        """Prepare, then every stage. Raises CommandError if the preparation fails, Stopped."""
        self._preparation.python(dev=True)
        client, node = self._preparation.client(build=False)
        broken = run_checks(checks(self._places, node, fix=False), self._places, self._tools)
        self.outcomes.append(Outcome(name="checks", failed=len(broken), note=", ".join(broken)))
        self.pytest("python", "tests", f"--ignore={BROWSER_TESTS}", environ=node.environ)
        self.vitest(node)
        if self.build(client):
            self.browser(node)

    def pytest(self, name: str, *arguments: str, environ: Mapping[str, str]) -> None:
        """Python tests, shown as they run."""
        report = self._places.leftovers / f"pytest-{name}.xml"
        report.unlink(missing_ok=True)
        status = self._tools.show(
            [self._places.python, "-m", "pytest", *arguments, f"--junitxml={report}"], environ=environ
        )
        text = report.read_text(encoding="utf-8") if report.exists() else ""
        self.outcomes.append(from_junit(name, text, status))

    def vitest(self, node: Node) -> None:
        """The client's unit tests."""
        log = self._places.log("client-tests")
        with step(self._console, self._console.text(messages.RUNNING, tool="npm test"), log):
            status = self._tools.status(
                [*node.npm, "test"], log=log, environ=node.environ, folder=self._places.frontend
            )
        said = log.read_text(encoding="utf-8", errors="replace")
        if status:
            self._console.line(said)
        self.outcomes.append(from_vitest("client", said, status))

    def build(self, client: Client) -> bool:
        """The client's build; whether there is one for the browser tests to open."""
        try:
            client.build()
        except CommandError as error:
            self.failed("client build", error)
            return False
        self.outcomes.append(Outcome(name="client build"))
        return True

    def browser(self, node: Node) -> None:
        """The tests in a browser, or why there are none."""
        try:
            chromium = prepare_chromium(self._places, self._tools)
        except CommandError as error:
            reason = self._console.text(error.sentence, **error.values)
            self.outcomes.append(Outcome(name="browser", skipped=1, note=reason))
            return
        self.pytest("browser", BROWSER_TESTS, environ={**node.environ, "CHROMIUM": chromium})

    def failed(self, name: str, error: CommandError) -> None:
        """Say what failed and count it."""
        self._console.failure(error)
        self.outcomes.append(Outcome(name=name, failed=1))
