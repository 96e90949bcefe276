"""The article desk in Django's admin: stories, pictures, and the parts of the paper."""

from articles.admin.article import ArticleAdmin
from articles.admin.error_report import ErrorReportAdmin
from articles.admin.front import SlotAdmin
from articles.admin.paper import (
    AuthorAdmin,
    MovedAddressAdmin,
    SectionAdmin,
    SeriesAdmin,
    TopicAdmin,
)
from articles.admin.picture import ImageAdmin
from articles.admin.policy import PolicyAdmin
from articles.admin.review import ReviewStepAdmin

__all__ = [
    "ArticleAdmin",
    "AuthorAdmin",
    "ErrorReportAdmin",
    "ImageAdmin",
    "MovedAddressAdmin",
    "PolicyAdmin",
    "ReviewStepAdmin",
    "SectionAdmin",
    "SeriesAdmin",
    "SlotAdmin",
    "TopicAdmin",
]
