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
# The Commission's category of each reason, and its keyword.
CATEGORIES: dict[str, tuple[str, str]] = {
    Reason.ATTACK: (
        "STATEMENT_CATEGORY_CYBER_VIOLENCE", "KEYWORD_CYBER_BULLYING_INTIMIDATION",
    ),
    Reason.HATE: ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "KEYWORD_HATE_SPEECH"),
    Reason.DEFAMATION: ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "KEYWORD_DEFAMATION"),
    Reason.THREAT: (
        "STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_GENERAL_CALL_OR_INCITEMENT_TO_VIOLENCE",
    ),
    Reason.PRIVATE_DATA: (
        "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        "KEYWORD_MISSING_PROCESSING_GROUND",
    ),
    Reason.COPIED: (
        "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", "KEYWORD_COPYRIGHT_INFRINGEMENT",
    ),
    Reason.SCAM: (
        "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING",
    ),
    Reason.DISINFORMATION: (
        "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "KEYWORD_MISINFORMATION_DISINFORMATION",
    ),
    Reason.HARM: ("STATEMENT_CATEGORY_SELF_HARM", "KEYWORD_OTHER"),
    Reason.LANGUAGE: (
        "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "KEYWORD_LANGUAGE_REQUIREMENTS",
    ),
}  # fmt: skip
OTHER = ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "KEYWORD_OTHER")
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


def category(reason: str) -> tuple[str, str]:
    """Return the Commission's category and keyword of a reason; see table 8.4 of its rules."""
    return CATEGORIES.get(reason, OTHER)


def facts(reason: str) -> str:
    """Return the standard account of the facts, without anything about a person."""
    label = Reason(reason).label.lower() if reason in Reason.values else "a breach of the rules"
    return (
        f"A reader's comment under an article was found to be {label}. The text itself was looked "
        "at, in the conversation in which it stands; its author was told why, and can appeal."
    )


def facts_of_person(reason: str) -> str:
    """Return the same of what is decided about somebody's account."""
    label = Reason(reason).label.lower() if reason in Reason.values else "a breach of the rules"
    return (
        f"What a reader wrote in the conversation under articles was found to be {label}, so that "
        "a part of the service is limited for them. They were told why, and can appeal."
    )
