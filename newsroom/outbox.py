"""Mail in development: every message is a file under ``var/mail``, as it would be sent.

Django writes its text as it is (8bit), the plain part first, so that a link can be copied from the
file; only a line longer than mail allows would be wrapped.
"""

import hashlib
import re
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

_serial = count()


class OutboxBackend(BaseEmailBackend):
    """Writes each message to its own ``.eml`` file, newest last by name.

    A message that lies there already, by its Message-ID, is not written again: a mail that is
    tried twice is one mail, as it is in the mail programs of people.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            to = re.sub(r"[^\w.@+-]", "_", message.to[0] if message.to else "nobody")[:80]
            written = message.message()
            key = hashlib.sha256(f"{to} {written['Message-ID']}".encode()).hexdigest()[:16]
            if any(folder.glob(f"*-{key}-*.eml")):
                continue
            name = f"{time.time_ns()}-{next(_serial):04}-{key}-{to}.eml"
            # Written aside and moved: whoever watches the folder never reads half a message.
            aside = folder / f".{name}"
            aside.write_bytes(written.as_bytes())
            aside.replace(folder / name)
        return len(email_messages)
