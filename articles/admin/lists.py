"""Lists that open as fast with a million rows as with ten."""

from newsroom.admin import GuardedAdmin


class DeskAdmin(GuardedAdmin):
    """What every list of the article desk has in common."""

    list_per_page = 50

    class Media:
        css = {"all": ["css/tokens.css", "css/article-desk.css"]}
