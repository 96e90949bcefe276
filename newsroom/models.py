"""The edition: a number that moves whenever something changes that stands on many pages."""

from django.db import models
from django.db.models import F, Subquery, Value
from django.db.models.functions import Coalesce


class Edition(models.Model):
    """One row with one number. A page kept for readers is of one edition.

    What stands on one story's pages alone moves that story's ``page_version`` instead, so that
    the others stay as they are. The edition moves with sections, names, pictures and with what is
    published: seldom, next to comments.
    """

    THE_ONE = 1

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"Edition {self.number}"

    @classmethod
    def move(cls) -> None:
        """Have every kept page made anew. Part of the caller's transaction, like what it is for."""
        if not cls.objects.filter(pk=cls.THE_ONE).update(number=F("number") + 1):
            Edition.objects.bulk_create([Edition(pk=cls.THE_ONE, number=1)], ignore_conflicts=True)

    @classmethod
    def current(cls) -> Coalesce:
        """Return the number as an expression, for the query that reads what a page shows."""
        one = cls.objects.filter(pk=cls.THE_ONE).values("number")
        return Coalesce(Subquery(one), Value(0), output_field=models.PositiveBigIntegerField())
