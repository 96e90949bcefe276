"""When somebody is at the desk, and what happens when nobody is."""


def outside_hours() -> str:
    """Return what happens to comments now: a ``DeskSettings.OutsideHours``; "" on duty."""
    return ""


def alarm_due() -> int:
    """Mail the moderators when the oldest comment waits too long. Returns how many mails."""
    return 0
