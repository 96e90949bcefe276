"""What findings and reasons mean, in words for authors: the same facts as the desk has."""

from comments.models import Finding, Reason

# The rule behind each reason of the desk.
RULES: dict[str, str] = {
    Reason.ATTACK: "Argue with what was said, not with who said it.",
    Reason.HATE: "Nobody is put down here for where they come from, what they believe or whom "
    "they love.",
    Reason.DEFAMATION: "A claim about a person needs something to stand on that others can check.",
    Reason.THREAT: "No threats, and no calls to hurt anybody.",
    Reason.PRIVATE_DATA: "Other people’s addresses, numbers and private lives stay out of the "
    "conversation.",
    Reason.COPIED: "Say it in your own words; a sentence or two of others, with where it is from, "
    "is enough.",
    Reason.SCAM: "Speak as yourself, and draw nobody into a deal.",
    Reason.DISINFORMATION: "Say how you know. What misleads others about facts is not published.",
    Reason.HARM: "Nothing that could lead somebody to harm themselves, or that harms the young.",
    Reason.OFF_TOPIC: "Talk about the story. A detour is fine; a different destination is not.",
    Reason.ADVERT: "Nothing to sell.",
    Reason.LANGUAGE: "Say it without the swear words, and it can stand.",
    Reason.DUPLICATE: "Once is enough: the same point stands in this conversation already.",
}
# What a check found, by its name. A check that is not named here speaks for itself.
FOUND: dict[str, str] = {
    "first-comment": "It is your first comment here. A person reads everybody’s first one.",
    "premoderated": "A person reads every comment under this story before it is published.",
    "links": "It carries several links",
    "private-data": "It seems to show a mail address or a telephone number",
    "word-list": "It contains words that a person looks at before readers do.",
    "late-edit": "Readers have seen the text as it was, for longer than its first five minutes.",
    "reported": "Readers reported it to the desk.",
    "machine": "It was sent the way machines send, so a person has a look.",
    "similar": "It says what others have said in the same words.",
    "surge": "So much is said under this story just now that a person reads each comment first.",
    "record": "Several of your comments were rejected lately, so a person reads the next ones.",
    "premoderated-person": "A moderator reads each of your comments before readers do.",
    "source": "A person reads what comes from where you write.",
    "off-duty": "Nobody is at the desk now. It is read when somebody is.",
    "outside": "A check could not say that all is well, so a person has a look.",
    "legal": "Somebody says that it is against the law. A moderator looks at it.",
}
# Whose matched words its author is shown. The word list stays at the desk.
SHOWN = {"links", "private-data"}
LONGEST = 80  # letters of a match


def found(finding: Finding) -> str:
    """Return why a comment waits, as a sentence for its author."""
    words = FOUND.get(finding.check_name)
    if words is None:
        words = finding.reason[:1].upper() + finding.reason[1:]
    if finding.check_name in SHOWN and finding.matches:
        words += ": " + ", ".join(f"“{str(match)[:LONGEST]}”" for match in finding.matches[:5])
    return words if words.endswith((".", "!", "?")) else f"{words}."


def rule(reason: str) -> str:
    """Return the rule that a reason of the desk rests on; empty where there is no reason."""
    return RULES.get(reason, "")
