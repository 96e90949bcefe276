"""What search knows of an article beside its words."""

from django.db import models

from articles.models.article import Article
from articles.models.paper import Section


class Wording(models.Model):
    """An article's row in the index of words, narrow enough to be sorted by the hundred thousand.

    The database keeps it, and the words themselves, in step by triggers: see
    ``articles.wording``. Nothing here says what readers may see, which ``Article`` alone knows;
    it is where search looks for what to ask about.
    """

    # No constraint and no cascade: the triggers take the row away with its article.
    article = models.OneToOneField(
        Article, models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    section = models.ForeignKey(
        Section, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    published_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"the words of article {self.pk}"
