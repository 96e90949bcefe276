"""Mail that came back, and complaints about it: what mail servers say, as stops of an address.

Three ways lead here: what a server answers while we send, a report that comes by mail later
(RFC 3464 for bounces, RFC 5965 for complaints), and a list that a provider posts.
"""

import email
import email.policy
import json
import re
from collections.abc import Iterator
from email.message import Message
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from comments import text
from comments.models import MailStop

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
MOST = 500  # entries of a list, recipients of a report
LONGEST_ADDRESS = 254  # characters, as accounts keep them


class Unreadable(ValueError):
    """What was sent to us is no report of a bounce or a complaint."""


class Bounce(NamedTuple):
    address: str
    kind: str
    detail: str = ""

    def record(self) -> MailStop:
        return MailStop.record(self.address, self.kind, self.detail)


def kind_of(said: str, code: int = 0) -> str:
    """Return whether a server's answer speaks of an address for good (hard) or for now (soft).

    Its enhanced status (RFC 3463) counts, or without one its three-digit code. A full mailbox
    (5.2.2) empties, and a server's policy against us (5.7) does not make the address a bad one.
    """
    match = STATUS.search(said)
    grade, subject, detail = match.groups() if match else (str(code)[:1], "", "")
    if grade != "5" or subject in {"7", "3"} or (subject, detail) == ("2", "2"):
        return MailStop.Kind.SOFT
    if not match and code not in {550, 551, 553}:
        return MailStop.Kind.SOFT
    return MailStop.Kind.HARD


def from_list(body: bytes) -> list[Bounce]:
    """Read a JSON list of objects with ``address``, ``kind`` and perhaps ``detail``.

    Raises ``Unreadable``, which says what is wrong; then nothing of it counts.
    """
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("This is not JSON.") from error
    if not isinstance(entries, list):
        raise Unreadable("A list is needed: [{address, kind, detail}, …].")
    if len(entries) > MOST:
        raise Unreadable(f"At most {MOST} at once, please.")
    return [_entry(entry) for entry in entries]


def _entry(entry: object) -> Bounce:
    if not isinstance(entry, dict):
        raise Unreadable("Each entry is an object with address and kind.")
    kind, detail = entry.get("kind"), entry.get("detail", "")
    if kind not in MailStop.Kind.values:
        raise Unreadable(f"A kind is one of {', '.join(MailStop.Kind.values)}.")
    if not isinstance(detail, str):
        raise Unreadable("A detail is text.")
    return Bounce(_valid(entry.get("address")), kind, detail)


def from_message(raw: bytes) -> list[Bounce]:
    """Read a bounce or a complaint as it came by mail. Raises ``Unreadable``."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    found = [bounce for part in message.walk() for bounce in _of_part(part)]
    if not found:
        raise Unreadable("This message reports neither a bounce nor a complaint.")
    return found[:MOST]


def _of_part(part: Message) -> Iterator[Bounce]:
    kind = part.get_content_type()
    if kind == "message/delivery-status":
        # A block of fields about the message, then one for each recipient.
        for block in part.get_payload():
            if isinstance(block, Message):
                yield from _of_recipient(block)
    elif kind == "message/feedback-report":
        yield from _of_complaint(part)


def _of_recipient(block: Message) -> Iterator[Bounce]:
    if str(block.get("Action", "")).strip().lower() != "failed":
        return
    address = _typed(block.get("Final-Recipient") or block.get("Original-Recipient"))
    status = str(block.get("Status", ""))
    said = f"{status} {_typed(block.get('Diagnostic-Code'))}"
    if address:
        yield Bounce(_valid(address), kind_of(said), said)


def _of_complaint(part: Message) -> Iterator[Bounce]:
    payload = part.get_payload()
    first = payload[0] if isinstance(payload, list) and payload else None
    fields = first if isinstance(first, Message) else email.message_from_string(str(payload))
    if str(fields.get("Feedback-Type", "")).strip().lower() not in {"abuse", "fraud"}:
        return
    for address in fields.get_all("Original-Rcpt-To", []):
        yield Bounce(_valid(str(address)), MailStop.Kind.COMPLAINT, "reported as spam")


def _typed(value: object) -> str:
    """Return what follows the type in ``rfc822;somebody@example.org``."""
    return str(value or "").partition(";")[2].strip()


def _valid(address: object) -> str:
    bare = str(address).strip().strip("<>").strip() if isinstance(address, str) else ""
    try:
        # Half a letter, which JSON can write, is none, and no database keeps it.
        if len(bare) > LONGEST_ADDRESS or text.DROPPED.search(bare):
            raise ValidationError("This is no address.")
        validate_email(bare)
    except ValidationError as error:
        raise Unreadable("An address is missing, or is none.") from error
    return bare
