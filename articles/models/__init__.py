"""What we publish: articles and their life, who wrote them, where they stand, their pictures."""

from articles.models.article import Article, ArticleQuerySet, InvalidMove, NotReady, StaleSave
from articles.models.image import Image
from articles.models.paper import Section, Topic
from articles.models.people import Author, Byline
from articles.models.record import Correction, MovedAddress, Step

__all__ = [
    "Article",
    "ArticleQuerySet",
    "Author",
    "Byline",
    "Correction",
    "Image",
    "InvalidMove",
    "MovedAddress",
    "NotReady",
    "Section",
    "StaleSave",
    "Step",
    "Topic",
]
