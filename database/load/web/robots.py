"""robots.txt: which addresses of a site may be visited, and how often (RFC 9309)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from yarl import URL

MOST_BYTES = 500 * 2**10  # RFC 9309, 2.5: as much must be read at least
_MOST_RULES = 5_000
_MOST_SECONDS = 60.0  # a longer Crawl-delay would stop a visit rather than slow it
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: str
    allows: bool

    def matches(self, path: str) -> bool:
        """`*` stands for any characters and a `$` at the end for the end; without backtracking."""
        anchored = self.pattern.endswith("$")
        first, *others = self.pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        at = len(first)
        if not others:
            return not anchored or at == len(path)
        *between, last = others
        for part in between:
            at = path.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return path.endswith(last) and len(path) - len(last) >= at if anchored else path.find(last, at) >= 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Robots:
    """What a site asks of one visitor. `delay` is in seconds, 0 where it asks for none."""

    rules: tuple[_Rule, ...] = ()
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def permits(self, url: URL) -> bool:
        """By the longest rule that matches; of two as long, the one that allows."""
        if url.raw_path == "/robots.txt":
            return True
        path = _escaped(url.raw_path_qs)
        matching = [rule for rule in self.rules if rule.matches(path)]
        return not matching or max(matching, key=lambda rule: (len(rule.pattern), rule.allows)).allows


def parse(text: str, agent: str) -> Robots:
    """The rules of all groups that name the agent, or of those for everyone where none does."""
    groups: dict[str, tuple[list[_Rule], list[float]]] = {}
    sitemaps: list[str] = []
    named: list[str] = []
    naming = False
    for line in text.lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "sitemap":
            sitemaps.append(value)
        elif key == "user-agent":
            named = [*named, _token(value)] if naming else [_token(value)]
            naming = True
            groups.setdefault(named[-1], ([], []))
        elif key in ("allow", "disallow", "crawl-delay"):
            naming = False
            for name in named:
                _add(groups[name], key, value)
    rules, delays = groups.get(agent.lower()) or groups.get("*") or ([], [])
    return Robots(
        rules=tuple(rules[:_MOST_RULES]),
        delay=min(max(delays, default=0.0), _MOST_SECONDS),
        sitemaps=tuple(sitemaps),
    )


def _add(group: tuple[list[_Rule], list[float]], key: str, value: str) -> None:
    rules, delays = group
    if key == "crawl-delay":
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
            delays.append(float(value))
    elif value:  # an empty rule matches nothing
        rules.append(_Rule(_escaped(value), key == "allow"))


def _token(value: str) -> str:
    """The product's name, without its version."""
    found = re.match(r"\*|[a-zA-Z_-]+", value)
    return found[0].lower() if found else ""


def _escaped(path: str) -> str:
    """Rules and paths are compared octet by octet, escapes in one spelling."""
    return _ESCAPE.sub(lambda found: _plain(found[0]), quote(path, safe="%/*$?&=:;,@!'()+~#[]"))


def _plain(escape: str) -> str:
    character = chr(int(escape[1:], 16))
    return (
        character if character.isascii() and (character.isalnum() or character in "-._~") else escape.upper()
    )
