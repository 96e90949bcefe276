"""The blind second look: how far two moderators agree."""


def choose_due() -> int:
    """Choose, of what was decided since, what somebody else looks at. Returns how many."""
    return 0
