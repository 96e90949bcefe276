"""The picture library: taking pictures in, finding them, putting them into a text."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from articles.admin.lists import DeskAdmin
from articles.forms import ImageForm
from articles.models import Image
from newsroom.admin import OnManyPages

PAGE = 24


def thumbnail(image: Image | None, css_class: str = "thumbnail") -> SafeString:
    """Return a small picture, or words where there is none to show."""
    if image is None or not image.has_file:
        words = "No picture" if image is None else "No file"
        return format_html('<span class="{} empty">{}</span>', css_class, words)
    return format_html(
        '<img class="{}" src="{}" alt="{}" loading="lazy">',
        css_class,
        image.url(image.widths[0]),
        image.alt,
    )


def snippet(image: Image) -> str:
    """Return the HTML that shows the picture in a story's text, as text to be escaped."""
    html = format_html(
        '<figure><img src="{}" alt="{}"><figcaption>{}</figcaption></figure>',
        image.largest_url,
        image.alt,
        image.caption,
    )
    return "".join(html)  # no SafeString any more: it is shown, not obeyed


@admin.register(Image)
class ImageAdmin(OnManyPages, DeskAdmin):
    form = ImageForm
    list_display = ["picture", "name", "credit_line", "lacks", "created_at"]
    list_display_links = ["picture", "name"]
    search_fields = ["title", "alt", "caption", "credit", "agency"]
    readonly_fields = ["picture", "html", "used_in"]
    list_per_page = 30

    def get_fieldsets(self, request: HttpRequest, obj: Image | None = None) -> Any:
        changes = obj is None or self.has_change_permission(request, obj)
        file = [*(["picture"] if obj else []), *(["upload"] if changes else []), "title"]
        fieldsets = [
            (None, {"fields": file}),
            ("For readers", {"fields": ["alt", "is_decorative", "caption", "credit", "agency"]}),
            ("Rights", {"fields": ["copyright_notice", "licence_url", "acquire_licence_url"]}),
            (
                "Centre of attention",
                {
                    "fields": [("focal_x", "focal_y")],
                    "description": "Kept in view where the picture is cropped: from 0 (left, top) "
                    "to 1 (right, bottom).",
                },
            ),
        ]
        if obj:
            fieldsets.append(("Where it is", {"fields": ["used_in", "html"]}))
        return fieldsets

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.is_editable_by(request.user))  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        """A picture that a story shows stays."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.uses().exists())

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if not change:
            obj.uploaded_by = request.user  # type: ignore[assignment]
        if upload := form.cleaned_data.get("upload"):
            obj.take(upload)
        else:
            obj.save()
        if change:
            obj.refresh_articles()

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        obj.discard()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> None:
        for image in queryset:
            image.discard()

    @admin.display(description="Picture")
    def picture(self, image: Image) -> SafeString:
        return thumbnail(image)

    @admin.display(description="Title", ordering="title")
    def name(self, image: Image) -> str:
        return str(image)

    @admin.display(description="Missing")
    def lacks(self, image: Image) -> SafeString:
        lacks = []
        if not image.alt and not image.is_decorative:
            lacks.append(("alternative text",))
        if not image.credit_line:
            lacks.append(("credit",))
        if not image.has_file:
            lacks.append(("file",))
        return format_html_join(" ", '<span class="state state-missing">{}</span>', lacks)

    @admin.display(description="In a story’s text")
    def html(self, image: Image) -> SafeString:
        if not image.has_file:
            return format_html("{}", "Without a file it cannot stand in a text.")
        return format_html(
            '<textarea class="snippet" rows="3" readonly aria-label="HTML">{}</textarea>',
            snippet(image),
        )

    @admin.display(description="Used in")
    def used_in(self, image: Image) -> SafeString:
        rows = image.uses().order_by("-pk").values_list("pk", "headline")[:50]
        items = format_html_join(
            "",
            '<li><a href="{}">{}</a></li>',
            ((reverse("admin:articles_article_change", args=[pk]), name) for pk, name in rows),
        )
        return format_html("<ul>{}</ul>", items) if items else format_html("{}", "No story yet.")

    # The picker

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.picker))
        return [path("picker/", view, name="articles_image_picker"), *super().get_urls()]

    def picker(self, request: HttpRequest) -> HttpResponse:
        """Show the library's pictures to choose from: a page, or for the script the cards alone.

        ``q`` searches, ``before`` (an id) pages on, ``pk`` asks for one picture.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        images = Image.objects.exclude(digest="").order_by("-pk")
        query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
        for word in query.split()[:5]:
            images = images.filter(
                Q(title__icontains=word) | Q(alt__icontains=word)
                | Q(caption__icontains=word) | Q(credit__icontains=word)
            )  # fmt: skip
        for name, lookup in (("before", "pk__lt"), ("pk", "pk")):
            value = request.GET.get(name, "")
            if value.isascii() and value.isdecimal() and len(value) < 18:
                images = images.filter(**{lookup: int(value)})
        found = list(images[: PAGE + 1])
        context: dict[str, Any] = {
            "cards": [
                {"image": image, "thumbnail": thumbnail(image), "snippet": snippet(image)}
                for image in found[:PAGE]
            ],
            "query": query,
            "last": found[PAGE - 1].pk if len(found) > PAGE else None,
        }
        if "cards" in request.GET:
            return render(request, "admin/articles/image/_cards.html", context)
        context |= {
            **self.admin_site.each_context(request),
            "title": "Picture library",
            "opts": self.opts,
            "media": self.media,
            "may_add": self.has_add_permission(request),
        }
        return render(request, "admin/articles/image/picker.html", context)
