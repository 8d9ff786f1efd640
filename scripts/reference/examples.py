"""A call as a command line and as a program."""

from __future__ import annotations

import json
import shlex

from scripts.reference.calls import FIELDS, FILE, FORM, JSON, Call, Json

SERVER = "http://localhost:8000"
WIDTH = 88  # columns of a program


def curl(call: Call) -> str:
    """For a shell of POSIX."""
    words = ["curl"]
    if call.reply == "lines":
        words.append("-N")
    if call.method != "GET" and not (call.method == "POST" and call.media):
        words += ["-X", call.method]
    words.append(shlex.quote(f"{SERVER}{call.address}"))
    if call.media == JSON:
        words += ["-H", shlex.quote(f"Content-Type: {JSON}"), "-d", shlex.quote(_text(call.body))]
    if call.media == FORM:
        fields = [*(f"{name}={value}" for name, value in FIELDS.items()), f"file=@{FILE}"]
        words += [word for field in fields for word in ("-F", shlex.quote(field))]
    if call.reply == "bytes":
        words += ["-o", saved_as(call)]
    return " ".join(words)


def python(call: Call) -> str:
    """With the package `requests`."""
    address = json.dumps(f"{SERVER}{call.address}")
    arguments = [address]
    if call.media == JSON:
        arguments.append(f"json={_literal(call.body)}")
    if call.media == FORM:
        arguments += [f"data={_text(FIELDS)}", f'files=[("file", Path("{FILE}").open("rb"))]']
    if call.reply == "lines":
        arguments.append("stream=True")
    line = f"answer = requests.{call.method.lower()}({', '.join(arguments)})"
    if len(line) > WIDTH or "\n" in line:
        line = f"answer = requests.{call.method.lower()}(\n    " + ",\n    ".join(arguments) + ",\n)"
    needs_path = call.media == FORM or call.reply == "bytes"
    return "\n".join(
        (
            *(("from pathlib import Path", "") if needs_path else ()),
            "import requests",
            "",
            line,
            *_after(call),
        )
    )


def saved_as(call: Call) -> str:
    """A name for the bytes that come back."""
    last = call.path.rpartition("/")[2]
    if last.startswith("{page}"):
        return "page.png"
    return FILE if last == "file" else {"docs": "docs.html"}.get(last, "start.js")


def _after(call: Call) -> tuple[str, ...]:
    match call.reply:
        case "lines":
            return ("for line in answer.iter_lines():", "    print(line.decode())")
        case "json":
            return ("print(answer.json())",)
        case "text":
            return ("print(answer.text)",)
        case "bytes":
            return (f'Path("{saved_as(call)}").write_bytes(answer.content)',)
        case "nothing":
            return ("print(answer.status_code)",)


def _literal(body: Json | None) -> str:
    """As an argument, with a line for each field where one line is too short."""
    text = _text(body)
    if body is None or len(text) <= WIDTH:
        return text
    fields = [f"        {_text(name)}: {_text(value)},\n" for name, value in body.items()]
    return "{\n" + "".join(fields) + "    }"


def _text(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)
