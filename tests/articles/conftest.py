"""What tests of the article desk share: an editor at it, its addresses, its forms."""

import pytest
from django.urls import reverse


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def change_url(article):
    return reverse("admin:articles_article_change", args=[article.pk])


def post_data(response, **changes):
    """What a browser would send back from the form in ``response``."""
    form = response.context["adminform"].form
    data = {
        f"{f.form.add_prefix(f.name)}": f.value()
        for f in form
        if f.value() not in (None, []) and f.value() is not False
    }
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        for part in [formset.management_form, *formset.forms]:
            for field in part:
                value = field.value()
                if value is not None:
                    data[field.html_name] = value
    return data | changes
