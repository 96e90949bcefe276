"""The desk's reasons."""

from django.db import models


class Reason(models.TextChoices):
    """Why a comment was rejected. Its author reads the words."""

    ATTACK = "attack", "Personal attack"
    HATE = "hate", "Hate or discrimination"
    DEFAMATION = "defamation", "Unproven claim about a person"
    THREAT = "threat", "Threat or call to violence"
    PRIVATE_DATA = "private-data", "Somebody’s private data"
    COPIED = "copied", "Copied text"
    SCAM = "scam", "Impersonation or fraud"
    DISINFORMATION = "disinformation", "Misleading claim"
    HARM = "harm", "Danger to self or to minors"
    OFF_TOPIC = "off-topic", "Not about the story"
    ADVERT = "advert", "Advertising"
    LANGUAGE = "language", "Foul language"
    DUPLICATE = "duplicate", "Said already"
