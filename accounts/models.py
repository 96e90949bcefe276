"""Who people are: accounts, the names they hold, and what readers may know of them."""

import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, Permission, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts import names
from newsroom import prepared
from newsroom.models import Edition


class NameTaken(ValidationError):
    """A name that somebody holds already, or that reads like one somebody holds."""

    def __init__(self) -> None:
        super().__init__("Somebody here has this name, or one that looks like it.", "taken")


class RenamedRecently(ValidationError):
    """A change of name too soon after the last one."""

    def __init__(self, until: datetime.datetime) -> None:
        day = f"{timezone.localtime(until):%d %B %Y}".lstrip("0")
        super().__init__(f"A name stays for two weeks. You can change yours from {day}.", "recent")


class UserManager(BaseUserManager["User"]):
    @transaction.atomic
    def create_user(
        self, username: str, email: str = "", password: str | None = None, **fields: Any
    ) -> "User":
        """Save a new account and claim its names. Raises ``NameTaken``."""
        user = self.model(username=username, email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        try:
            with transaction.atomic():
                user.save(using=self._db)
        except IntegrityError as error:
            if self.filter(username__iexact=username).exists():
                raise NameTaken from error
            raise
        user.claim_names()
        return user

    def create_superuser(
        self, username: str, email: str = "", password: str | None = None, **fields: Any
    ) -> "User":
        """Save a new account that may do everything. Raises ``NameTaken``."""
        return self.create_user(
            username, email, password, is_staff=True, is_superuser=True, **fields
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A reader, and perhaps more: what anybody may do comes from groups, not from kinds of user."""

    username = models.CharField(
        max_length=names.USERNAME_LENGTH,
        unique=True,
        help_text="The public pseudonym, shown beside comments and in the profile's address.",
        error_messages={"unique": "Somebody here has this name."},
    )
    email = models.EmailField("e-mail address", unique=True, help_text="Never shown to readers.")
    display_name = models.CharField(
        max_length=60, blank=True, help_text="Shown instead of the username, where given."
    )
    bio = models.TextField("about", max_length=500, blank=True)
    hides_comments = models.BooleanField(
        "keep my comments off my public page",
        default=False,
        help_text="They stay under their stories.",
    )
    expertise = models.CharField(
        "verified expert in",
        max_length=80,
        blank=True,
        help_text="Shown as a badge. Say it once the newsroom has checked it.",
    )
    time_zone = models.CharField(
        max_length=40, blank=True, help_text="For the hour of daily mails; empty for the paper's."
    )
    is_staff = models.BooleanField("may enter the admin", default=False)
    is_active = models.BooleanField("active", default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    # A pseudonym is worth something while it lasts.
    RENAME_EVERY = datetime.timedelta(days=14)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_unique_nocase"),
            models.UniqueConstraint(Lower("username"), name="accounts_user_name_unique_nocase"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What readers see beside a comment."""
        return self.display_name or self.username

    @cached_property
    def _perm_cache(self) -> set[str]:
        """What this person may do, of themselves and by their groups.

        Django's backend keeps it under this name, and asks two queries for it; this asks one.
        """
        rows = ALL_GRANTED.all() if self.is_superuser else GRANTED.all(person=self.pk)
        return {f"{app}.{name}" for app, name in rows}

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.username

    def get_absolute_url(self) -> str:
        return reverse("accounts:person", args=[self.username])

    def renamed_until(self) -> datetime.datetime | None:
        """Return until when this person's name stays as it is, or ``None`` if it may change now.

        The names that came with the account were claimed together, and are no change.
        """
        since = self.held_names.aggregate(first=models.Min("since"), last=models.Max("since"))
        if since["first"] == since["last"]:
            return None
        until = since["last"] + self.RENAME_EVERY
        return until if until > timezone.now() else None

    @transaction.atomic
    def rename(self, display_name: str) -> None:
        """Show another name to readers, or the username where ``display_name`` is empty.

        Another spelling of the same name is no change. Raises ``NameTaken``, and
        ``RenamedRecently`` within two weeks of the last change.
        """
        # Two changes at once come one after the other, so that the second is too soon.
        row = User.objects.select_for_update().get(pk=self.pk)
        key = names.skeleton(display_name or row.username)
        is_another = key != names.skeleton(row.name)
        if is_another and (until := row.renamed_until()):
            raise RenamedRecently(until)
        row.display_name = display_name
        row.claim_names()
        if is_another:
            row.held_names.filter(key=key).update(since=timezone.now())
        row.save(update_fields=["display_name"])
        Edition.move()
        self.display_name = display_name

    def claim_names(self) -> None:
        """Hold this person's username and display name against look-alikes.

        A row per skeleton makes the claim the database's, so that of two people who ask at once
        one is refused. Names held before stay held: an old name is no disguise for somebody
        else. Raises ``NameTaken``.
        """
        now = timezone.now()  # one instant for the names of a new account
        # In one order, so that two people who swap names wait for each other and do not lock up.
        for key in sorted({names.skeleton(n) for n in (self.username, self.display_name) if n}):
            try:
                with transaction.atomic():
                    claim, is_new = HeldName.objects.get_or_create(
                        key=key, defaults={"holder": self}
                    )
            except IntegrityError as error:
                raise NameTaken from error
            if claim.holder_id != self.pk:
                raise NameTaken
            if is_new:
                HeldName.objects.filter(key=key).update(since=now)


def _permissions() -> QuerySet[Permission, tuple[str, str]]:
    return Permission.objects.order_by().values_list("content_type__app_label", "codename")


def _granted() -> QuerySet[Permission, tuple[str, str]]:
    own = User.user_permissions.through.objects.filter(user=prepared.number("person"))
    of_groups = Group.permissions.through.objects.filter(group__user=prepared.number("person"))
    return _permissions().filter(
        Q(pk__in=own.values("permission")) | Q(pk__in=of_groups.values("permission"))
    )


GRANTED, ALL_GRANTED = prepared.Query(_granted), prepared.Query(_permissions)


class HeldName(models.Model):
    """A name's skeleton and who holds it."""

    key = models.CharField(max_length=255, primary_key=True)
    holder = models.ForeignKey(User, on_delete=models.CASCADE, related_name="held_names")
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key

    @classmethod
    def is_free(cls, name: str, person: User | None = None) -> bool:
        """Tell whether ``person`` (or a newcomer) may take ``name``."""
        held = cls.objects.filter(key=names.skeleton(name))
        return not (held.exclude(holder=person) if person else held).exists()


class SourceRule(models.Model):
    """Where accounts or posts come from that the desk refuses, or reads before readers do."""

    class Kind(models.TextChoices):
        MAIL = "mail", "Mail domain, with those under it"
        ADDRESS = "address", "Internet address or range"

    class Action(models.TextChoices):
        HOLD = "hold", "Hold every comment for a moderator"
        BLOCK = "block", "Refuse accounts and comments"

    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(
        max_length=100, help_text="Such as example.com, 192.0.2.7 or 192.0.2.0/24."
    )
    action = models.CharField(max_length=6, choices=Action, default=Action.HOLD)
    is_enabled = models.BooleanField("on", default=True)
    note = models.CharField(max_length=300, blank=True, help_text="Why the desk has this rule.")
    expires_at = models.DateTimeField(
        "ends", null=True, blank=True, help_text="Off by itself from then on; empty for never."
    )
    owner = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    hits = models.PositiveIntegerField(default=0, editable=False)
    last_hit_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "source rule"
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="accounts_source_rule_once")
        ]

    def __str__(self) -> str:
        return self.value

    def clean(self) -> None:
        from accounts import sources

        sources.clean(self)
