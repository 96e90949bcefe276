"""The picture library: taking pictures in, finding them, putting them into a text."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_safe

from articles import pictures
from articles.admin import desk
from articles.admin.lists import DeskAdmin
from articles.forms import ImageForm, ManyImagesForm
from articles.models import Author, Image
from articles.models.image import StillUsed
from newsroom import rows
from newsroom.admin import LONGEST_SEARCH, OnManyPages

PAGE = 24
USES_SHOWN = 50
MOST_AT_ONCE = 40  # files of one form
# What the library can be narrowed to: the name in the address, and the one on the page.
VIEWS = {
    "": "All",
    "mine": "Uploaded by me",
    "alt": "Without alternative text",
    "credit": "Without credit",
    "permission": "Without permission",
    "stale": "Replaced, words to check",
    "unused": "Not used",
    "record": "Without a file",
}


def thumbnail(image: Image | None, css_class: str = "thumbnail") -> SafeString:
    """Return a small picture, or words where there is none to show."""
    if image is None or not image.has_file:
        words = "No picture" if image is None else "No file"
        return format_html('<span class="{} empty">{}</span>', css_class, words)
    width = image.widths[0]
    return format_html(
        '<img class="{}" src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
        css_class,
        image.url(width),
        image.alt,
        width,
        round(width * image.height / image.width) if image.width else width,
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


def _stay(request: HttpRequest) -> None:
    """Have the form shown again after it is saved."""
    sent: Any = request.POST.copy()
    sent["_continue"] = "1"
    request.POST = sent


def field_names(names: list[str]) -> str:
    """Return what fields of a picture are called, as a list in words."""
    labels = [str(Image._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]
    return get_text_list(labels, "and")


@admin.register(Image)
class ImageAdmin(OnManyPages, DeskAdmin):
    form = ImageForm
    search_fields = Image.SEARCHED
    readonly_fields = ["focus", "html", "used_in"]

    class Media:
        css = {"all": ["css/picture-desk.css"]}
        js = ["js/picture-desk.js"]

    def get_fieldsets(self, request: HttpRequest, obj: Image | None = None) -> Any:
        changes = obj is None or self.has_change_permission(request, obj)
        aside = {"classes": ["aside"]}
        fieldsets: list[Any] = []
        if obj is not None:
            point = [("focal_x", "focal_y")] if changes and obj.has_file else []
            fieldsets.append(("Picture", {"fields": ["focus", *point], **aside}))
        if changes:
            fieldsets.append(("File", {"fields": ["upload"], **aside}))
        if obj is not None:
            fieldsets.append(("Where it is", {"fields": ["used_in", "html"], **aside}))
        fieldsets += [
            ("For readers", {"fields": ["alt", "is_decorative", "caption", "credit", "agency"]}),
            ("For finding it", {"fields": ["title"]}),
            ("Rights", {"fields": ["creator", "copyright_notice", "licence_url",
                                   "acquire_licence_url", "is_from_source", "permission"]}),
        ]  # fmt: skip
        return fieldsets

    # Who may do what

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.is_editable_by(request.user))  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        """A picture that a story or an author shows stays."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.is_used)

    def get_form(
        self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.failure = getattr(request, "storage_failure", "")
        return form

    # Saving

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            with pictures.all_or_nothing():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except pictures.NotStored as error:
            # Nothing is saved: the form comes back with everything that was typed.
            request.storage_failure = str(error)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if not change:
            obj.uploaded_by = request.user  # type: ignore[assignment]
        photo: pictures.Photo | None = form.photo
        obj.has_stale_words = bool(photo and obj.has_file and "alt" not in form.changed_data)
        if photo:
            replaced = obj.has_file
            filled = obj.take_photo(photo)
            request.picture_words = told_of(obj, photo, filled, replaced)  # type: ignore[attr-defined]
        elif change:
            obj.save_words()
        else:
            obj.save()
        if change:
            obj.refresh_articles()

    def words_after_saving(self, request: HttpRequest, obj: Image, is_new: bool) -> str:
        words = super().words_after_saving(request, obj, is_new)
        told: list[str] = getattr(request, "picture_words", [])
        return format_html("{} {}", words, " ".join(told)) if told else words

    def response_add(
        self, request: HttpRequest, obj: Image, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to the picture itself: what its file filled in, and its crops, ask for a look."""
        if not {IS_POPUP_VAR, "_addanother"} & set(request.POST):
            _stay(request)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Image) -> HttpResponse:
        if obj.has_stale_words and "_continue" not in request.POST:
            _stay(request)
        return super().response_change(request, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except StillUsed as error:
            self.message_user(request, str(error), messages.WARNING)
            return HttpResponseRedirect(reverse("admin:articles_image_change", args=[object_id]))

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        obj.discard()

    # What the form shows beside its fields

    @admin.display(description="Centre of attention")
    def focus(self, image: Image) -> SafeString:
        """The picture with its focal point, and the three crops around it."""
        if not image.has_file or not image.width:
            return format_html("{}", "There is no file yet.")
        crops = []
        for ratio in pictures.RATIOS:
            (left, top, right, bottom), size = pictures.crop_box(image, ratio)
            box = f"{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}"
            crops.append({"ratio": ratio, "box": box, "width": size[0], "height": size[1]})
        context = {
            "image": image,
            "url": image.url(image.widths[min(1, len(image.widths) - 1)]),
            "x": f"{image.focal_x * image.width:.1f}",
            "y": f"{image.focal_y * image.height:.1f}",
            "radius": f"{max(image.width, image.height) / 40:.1f}",
            "crops": crops,
        }
        return render_to_string("admin/articles/image/_focus.html", context)

    @admin.display(description="In a story’s text")
    def html(self, image: Image) -> SafeString:
        if not image.has_file:
            return format_html("{}", "Without a file it cannot stand in a text.")
        return format_html(
            '<textarea class="snippet" rows="3" readonly aria-label="HTML">{}</textarea>',
            snippet(image),
        )

    @admin.display(description="Used in")
    def used_in(self, image: Any) -> SafeString:
        # Found by ``render_change_form``, which knows who asks.
        return render_to_string("admin/articles/image/_uses.html", {"uses": image.shown_uses})

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Image | None = None,
    ) -> HttpResponse:
        if obj is not None:
            obj.shown_uses = uses(obj, request)  # type: ignore[attr-defined]
            context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, add, change, form_url, obj)

    # The library

    def get_urls(self) -> list[URLPattern]:
        picker = self.admin_site.admin_view(require_safe(self.picker))
        upload = self.admin_site.admin_view(
            require_http_methods(["GET", "HEAD", "POST"])(self.upload)
        )
        return [
            path("picker/", picker, name="articles_image_picker"),
            path("upload/", upload, name="articles_image_upload"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the library to be worked in: every picture leads to its form."""
        return require_safe(self._library)(request, "admin/articles/image/library.html")

    def picker(self, request: HttpRequest) -> HttpResponse:
        """Show the library's pictures to choose from: a page, or for the script the cards alone.

        ``pk`` asks for one picture, the rest as in the library.
        """
        alone = "cards" in request.GET
        name = "_choice.html" if alone else "picker.html"
        return self._library(request, f"admin/articles/image/{name}", of_files=True)

    def _library(self, request: HttpRequest, template: str, of_files: bool = False) -> HttpResponse:
        """``q`` searches, ``show`` narrows; ``before`` and ``after`` (ids) turn the pages.

        Nothing is counted and nothing skipped, so that the last page costs what the first does.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        show = request.GET.get("show", "")
        show = show if show in VIEWS and not (of_files and show == "record") else ""
        images = self._found(request, query, show)
        if of_files:
            images = images.with_file()
            if (pk := rows.number(request.GET.get("pk", ""))) is not None:
                images = images.filter(pk=pk)
        before = rows.number(request.GET.get("before", ""))
        after = rows.number(request.GET.get("after", ""))
        if after is not None:
            page = list(images.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
            is_more, page = len(page) > PAGE, page[:PAGE][::-1]
            older, newer = bool(page), is_more
        else:
            older_ones = images if before is None else images.filter(pk__lt=before)
            page = list(older_ones.order_by("-pk")[: PAGE + 1])
            older, page = len(page) > PAGE, page[:PAGE]
            newer = before is not None and bool(page)
        views = [(name, label) for name, label in VIEWS.items() if not of_files or name != "record"]
        context = {
            **self.admin_site.each_context(request),
            "title": "Picture library",
            "opts": self.opts,
            "media": self.media,
            "may_add": self.has_add_permission(request),
            "cards": [
                {"image": image, "thumbnail": thumbnail(image), "snippet": snippet(image)}
                for image in page
            ],
            "query": query,
            "show": show,
            "views": views,
            "older": page[-1].pk if older else None,
            "newer": page[0].pk if newer else None,
            "turned": before is not None or after is not None,
        }
        return render(request, template, context)

    def _found(self, request: HttpRequest, query: str, show: str) -> Any:
        images = Image.objects.containing(query)
        match show:
            case "mine":
                return images.filter(uploaded_by=request.user.pk)
            case "alt":
                return images.without_alt()
            case "credit":
                return images.without_credit()
            case "permission":
                return images.without_permission()
            case "stale":
                return images.filter(has_stale_words=True)
            case "unused":
                return images.unused()
            case "record":
                return images.filter(digest="")
        return images

    # Several at once

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take in several files; each becomes a picture, or is named with what is wrong with it.

        The script sends them one by one, with ``alone``, and gets each one's line back.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ManyImagesForm(request.POST if request.method == "POST" else None)
        files = request.FILES.getlist("files")
        taken: list[dict[str, Any]] = []
        if request.method == "POST" and form.is_valid():
            if not files:
                form.add_error(None, "Choose one file or more.")
            elif len(files) > MOST_AT_ONCE:
                form.add_error(None, f"At most {MOST_AT_ONCE} files go in at once.")
            else:
                taken = [self._take_one(request, form.cleaned_data, file) for file in files]
        context = {"taken": taken, "form": form}
        if "alone" in request.POST:
            return render(request, "admin/articles/image/_taken.html", context)
        context |= {
            **self.admin_site.each_context(request),
            "title": "Upload several pictures",
            "opts": self.opts,
            "media": self.media,
            "most": MOST_AT_ONCE,
        }
        return render(request, "admin/articles/image/upload.html", context)

    def _take_one(self, request: HttpRequest, common: dict[str, Any], file: Any) -> dict[str, Any]:
        name = pictures.name_of(file.name)
        by: Any = request.user
        image = Image(**common, uploaded_by=by)
        try:
            photo = pictures.read(file)
            filled = image.take_photo(photo)
        except ValidationError as error:
            return {"name": file.name, "problem": " ".join(error.messages)}
        except pictures.NotStored as error:
            return {"name": file.name, "problem": str(error)}
        if not image.title:
            image.title = name
            image.save(update_fields=["title"])
        self.log_addition(request, image, [{"added": {}}])
        told = told_of(image, photo, filled, replaced=False)
        return {
            "name": file.name,
            "image": image,
            "thumbnail": thumbnail(image),
            "told": " ".join(told),
        }


def told_of(image: Image, photo: pictures.Photo, filled: list[str], replaced: bool) -> list[str]:
    """Return what an editor has to know of a file that was just taken in, a sentence each."""
    told = []
    if filled:
        told.append(f"Read from the file: {field_names(filled)}.")
    others = [
        name for name, words in photo.words.items()
        if name not in filled and words != getattr(image, name)
    ]  # fmt: skip
    if replaced:
        told.append("It is another picture now: look whether its words are still true.")
        differing = [f"{field_names([name])} “{photo.words[name]}”" for name in others]
        if differing:
            told.append(f"The new file says: {get_text_list(differing, 'and')}.")
    elif others:
        told.append(f"Yours stays, though the file says otherwise: {field_names(others)}.")
    if photo.is_moving:
        told.append("It moves: readers see its first frame.")
    same = Image.objects.filter(digest__startswith=f"{image.pixel_digest}-").exclude(pk=image.pk)
    if twin := same.first():
        told.append(f"The library had this picture already: “{twin}”.")
    return told


def uses(image: Image, request: HttpRequest) -> dict[str, Any]:
    """Return where a picture is used: stories this person may read, how many others, authors."""
    user: Any = request.user
    stories = image.uses()
    readable = stories.readable_at_desk(user)
    shown = list(
        readable.select_related("section").defer("body", "body_html").order_by("-pk")[:USES_SHOWN]
    )
    lines = [
        {
            "story": story,
            "state": desk.state(story),
            "place": "lead picture" if story.lead_image_id == image.pk else "in the text",
        }
        for story in shown
    ]
    hidden = stories.exclude(pk__in=readable.values("pk"))[: USES_SHOWN + 1].count()
    authors = Author.objects.filter(portrait=image)[:USES_SHOWN]
    return {"lines": lines, "hidden": hidden, "authors": list(authors)}
