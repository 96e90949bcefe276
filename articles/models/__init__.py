"""What we publish: articles and their life, who wrote them, where they stand, their pictures."""

from articles.models.article import (
    Article,
    ArticleQuerySet,
    InvalidMove,
    NotAllowed,
    NotReady,
    StaleSave,
)
from articles.models.editing import Autosave, Presence, PreviewLink
from articles.models.error_report import ErrorReport
from articles.models.front import RelatedStory, Slot
from articles.models.image import Image
from articles.models.paper import Section, Series, Topic
from articles.models.people import Author, Byline
from articles.models.policy import Policy
from articles.models.record import (
    Correction,
    MovedAddress,
    Original,
    ReviewStep,
    SignOff,
    Step,
)
from articles.models.revision import Revision
from articles.models.wording import Wording

__all__ = [
    "Article",
    "ArticleQuerySet",
    "Author",
    "Autosave",
    "Byline",
    "Correction",
    "ErrorReport",
    "Image",
    "InvalidMove",
    "MovedAddress",
    "NotAllowed",
    "NotReady",
    "Original",
    "Policy",
    "Presence",
    "PreviewLink",
    "RelatedStory",
    "ReviewStep",
    "Revision",
    "Section",
    "Series",
    "SignOff",
    "Slot",
    "StaleSave",
    "Step",
    "Topic",
    "Wording",
]
