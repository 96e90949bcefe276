"""The version of what the desk sets."""

from django.db import models
from django.db.models import Subquery


class RuleVersion(models.Model):
    """One row with one word, another after each change of a rule; see ``comments.watched``.

    Whoever keeps the rules in memory reads it with whatever else they ask, and so knows at once.
    """

    word = models.CharField(max_length=32, editable=False)

    def __str__(self) -> str:
        return self.word

    @classmethod
    def current(cls) -> Subquery:
        """Return the word as an expression, for a query that is made anyway."""
        return Subquery(cls.objects.order_by().values("word")[:1])
