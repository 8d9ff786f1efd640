"""MongoDB's wire protocol, as far as a proxy needs it: messages, the command in one, a reply to it.

https://github.com/mongodb/specifications/blob/master/source/message/OP_MSG.md
"""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson import decode, encode
from bson.codec_options import CodecOptions, DatetimeConversion

OP_REPLY = 1
OP_QUERY = 2004
OP_MSG = 2013

CHECKSUM_PRESENT = 1
MORE_TO_COME = 2

LARGEST = 48_000_000 + 65_536
BODY, SEQUENCE = 0, 1

HEADER = struct.Struct("<iiii")
INT32 = struct.Struct("<i")
FIXED_SIZES = {0x01: 8, 0x07: 12, 0x08: 1, 0x09: 8, 0x10: 4, 0x12: 8}  # BSON types whose values have one size
STRING = 0x02

CODEC: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)

_request_ids = itertools.count(1_000_000_000)


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message; `payload` is what follows the header of 16 bytes."""

    request_id: int
    response_to: int
    op_code: int
    payload: bytes

    def to_bytes(self) -> bytes:
        size = HEADER.size + len(self.payload)
        return HEADER.pack(size, self.request_id, self.response_to, self.op_code) + self.payload

    @property
    def flags(self) -> int:
        return int.from_bytes(self.payload[:4], "little") if self.op_code == OP_MSG else 0

    @property
    def more_to_come(self) -> bool:
        """In a request: no reply is wanted. In a reply: another one follows unasked."""
        return bool(self.flags & MORE_TO_COME)


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """The next message; None where the peer has closed the connection."""
    try:
        size, request_id, response_to, op_code = HEADER.unpack(await reader.readexactly(HEADER.size))
        if not HEADER.size <= size <= LARGEST:
            return None
        payload = await reader.readexactly(size - HEADER.size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Message(request_id=request_id, response_to=response_to, op_code=op_code, payload=payload)


@dataclass(frozen=True, kw_only=True)
class Command:
    """The body of a command, undecoded, and the documents that came beside it, by their field's name."""

    name: str
    body: bytes
    sequences: Mapping[str, list[bytes]]

    def decoded(self) -> dict[str, Any]:
        """The whole command: sequences are where they would be in the body."""
        command = decode(self.body, CODEC)
        for name, documents in self.sequences.items():
            command[name] = [decode(document, CODEC) for document in documents]
        return command


def command_of(message: Message) -> Command | None:
    """The command in a request; None where there is none."""
    if message.op_code == OP_QUERY:
        return _query_command(message.payload)
    if message.op_code != OP_MSG:
        return None
    payload = message.payload
    end = len(payload) - (4 if message.flags & CHECKSUM_PRESENT else 0)
    at, body, sequences = 4, b"", dict[str, list[bytes]]()
    while at < end:
        kind = payload[at]
        size = INT32.unpack_from(payload, at + 1)[0]
        section = payload[at + 1 : at + 1 + size]
        at += 1 + size
        if kind == BODY:
            body = section
        elif kind == SEQUENCE:
            name_end = section.index(0, 4)
            sequences[section[4:name_end].decode()] = list(_documents(section[name_end + 1 :]))
    return Command(name=first_name(body), body=body, sequences=sequences) if body else None


def _query_command(payload: bytes) -> Command | None:
    """Drivers still say hello in the old way: a query of the collection `$cmd`."""
    name_end = payload.index(0, 4)
    if not payload[4:name_end].endswith(b".$cmd"):
        return None
    body = payload[name_end + 9 :]
    return Command(name=first_name(body), body=body[: INT32.unpack_from(body)[0]], sequences={})


def _documents(data: bytes) -> list[bytes]:
    documents, at = [], 0
    while at < len(data):
        size = INT32.unpack_from(data, at)[0]
        documents.append(data[at : at + size])
        at += size
    return documents


def first_name(document: bytes) -> str:
    """The name of the first field: of a command, the command's name."""
    return document[5 : document.index(0, 5)].decode() if len(document) > 5 else ""


def document_id(document: bytes) -> Any:
    """The `_id` of an undecoded document, without decoding the rest where it stands first and is simple."""
    if first_name(document) == "_id":
        start = 5 + len("_id") + 1
        size = FIXED_SIZES.get(document[4])
        if document[4] == STRING:
            size = 4 + INT32.unpack_from(document, start)[0]
        if size is not None:
            element = document[4 : start + size]
            return decode(INT32.pack(len(element) + 5) + element + b"\0", CODEC)["_id"]
    return decode(document, CODEC).get("_id")


def request(message: Message, command: Mapping[str, Any]) -> Message:
    """Another command in the place of the one in a message."""
    payload = INT32.pack(0) + bytes([BODY]) + encode(command)
    return Message(
        request_id=message.request_id, response_to=message.response_to, op_code=OP_MSG, payload=payload
    )


def reply(to: Message, document: Mapping[str, Any]) -> Message:
    """The reply to a request that came as OP_MSG."""
    payload = INT32.pack(0) + bytes([BODY]) + encode(document)
    return Message(request_id=next(_request_ids), response_to=to.request_id, op_code=OP_MSG, payload=payload)


def document_of(message: Message) -> dict[str, Any]:
    """The document in a reply."""
    if message.op_code == OP_REPLY:
        return decode(message.payload[20:], CODEC)
    command = command_of(message)
    assert command is not None
    return command.decoded()


def with_document(message: Message, document: Mapping[str, Any]) -> Message:
    """A reply with another document in it; its flags stay, but for the checksum."""
    if message.op_code == OP_REPLY:
        payload = message.payload[:20] + encode(document)
    else:
        payload = INT32.pack(message.flags & ~CHECKSUM_PRESENT) + bytes([BODY]) + encode(document)
    return Message(
        request_id=message.request_id,
        response_to=message.response_to,
        op_code=message.op_code,
        payload=payload,
    )
