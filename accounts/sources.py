"""Where accounts and comments come from, and what the desk's rules say to that."""

import ipaddress
import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import SourceRule

LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# Half of all people have their mail here: to refuse them is to close the paper.
EVERYBODYS = {
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
    "icloud.com", "me.com", "aol.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "t-online.de",
    "proton.me", "protonmail.com", "mail.ru", "yandex.ru", "qq.com", "163.com", "orange.fr",
    "free.fr", "libero.it", "btinternet.com",
}  # fmt: skip
WIDEST = {4: 8, 6: 19}  # the shortest prefix of a range


def domain_of(value: str) -> str:
    """Return a mail domain as rules keep it. Raises ``ValueError`` for what is none."""
    name = value.strip().rstrip(".").rpartition("@")[2].lower()
    try:
        name = name.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError("This is not a mail domain.") from error
    parts = name.split(".")
    if len(parts) < 2 or not all(LABEL.fullmatch(part) for part in parts):
        raise ValueError("This is not a mail domain, such as example.com.")
    return name


def network_of(value: str) -> str:
    """Return an address or a range as rules keep it. Raises ``ValueError`` for what is none."""
    try:
        network = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError as error:
        raise ValueError("This is no address or range, such as 192.0.2.0/24.") from error
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= 96:
        network = ipaddress.ip_network(f"{mapped}/{network.prefixlen - 96}")
    if network.prefixlen < WIDEST[network.version]:
        raise ValueError(
            f"This range holds a good part of the world; /{WIDEST[network.version]} is the widest."
        )
    return str(network)


def clean(rule: SourceRule) -> None:
    """Bring ``rule`` into the form in which it is kept. Raises ``ValidationError``."""
    try:
        kinds = {SourceRule.Kind.MAIL: domain_of, SourceRule.Kind.ADDRESS: network_of}
        rule.value = kinds[SourceRule.Kind(rule.kind)](rule.value)
    except ValueError as error:
        raise ValidationError({"value": str(error)}) from error
    if rule.action == SourceRule.Action.BLOCK and rule.value in EVERYBODYS:
        raise ValidationError(
            {"value": "Half of all readers have their mail there. Hold their comments instead."}
        )


def rule_for(email: str = "", ip: str | None = None) -> SourceRule | None:
    """Return the strictest rule in force that fits the mail address or the internet address.

    One query.
    """
    fits = Q(pk__in=[])
    for kind, values in _written(email, ip).items():
        fits |= Q(kind=kind, value__in=values)
    in_force = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    return _strictest(SourceRule.objects.filter(fits, in_force, is_enabled=True))


def rule_among(rules: Iterable[SourceRule], email: str, ip: str | None) -> SourceRule | None:
    """Return the same of ``rules``, which are in force. No query."""
    written = _written(email, ip) if rules else {}
    return _strictest(rule for rule in rules if rule.value in written.get(rule.kind, ()))


def _strictest(rules: Iterable[SourceRule]) -> SourceRule | None:
    fitting = list(rules)
    blocking = [rule for rule in fitting if rule.action == SourceRule.Action.BLOCK]
    return next(iter(blocking or fitting), None)


def _written(email: str, ip: str | None) -> dict[str, set[str]]:
    """Return how rules that fit these addresses are written, by their kinds."""
    try:
        parts = domain_of(email).split(".") if email else []
    except ValueError:
        parts = []
    return {
        SourceRule.Kind.MAIL: {".".join(parts[start:]) for start in range(len(parts) - 1)},
        SourceRule.Kind.ADDRESS: set(_ranges(ip)) if ip else set(),
    }


def _ranges(ip: str) -> list[str]:
    """Return every range that holds ``ip``, as rules keep them."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return []
    address = getattr(address, "ipv4_mapped", None) or address
    widest = WIDEST[address.version]
    return [
        str(ipaddress.ip_network((address, length), strict=False))
        for length in range(widest, address.max_prefixlen + 1)
    ]


def count(rule: SourceRule) -> None:
    """Note that ``rule`` spoke."""
    SourceRule.objects.filter(pk=rule.pk).update(hits=F("hits") + 1, last_hit_at=timezone.now())
