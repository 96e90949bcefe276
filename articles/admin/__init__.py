"""The article desk in Django's admin: stories, pictures, and the parts of the paper."""

from articles.admin.article import ArticleAdmin
from articles.admin.paper import AuthorAdmin, MovedAddressAdmin, SectionAdmin, TopicAdmin
from articles.admin.picture import ImageAdmin

__all__ = [
    "ArticleAdmin",
    "AuthorAdmin",
    "ImageAdmin",
    "MovedAddressAdmin",
    "SectionAdmin",
    "TopicAdmin",
]
