"""Which names may be chosen, and when two are the same to the eye."""

import pytest
from django.core.exceptions import ValidationError

from accounts import names
from accounts.models import HeldName, NameTaken, User


def problems(name: str) -> set[str]:
    """Return the codes of what sign-up has against ``name``."""
    found = set()
    for check in names.username_validators:
        try:
            check(name)
        except ValidationError as refusal:
            found |= {error.code for error in refusal.error_list}
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "paypa1"),
        ("paypal", "PayPaI"),
        ("paypal", "раураl"),  # Cyrillic
        ("ada", "аda"),
        ("ada", "αda"),
        ("ada", "ɑda"),
        ("ada", "ᴀᴅᴀ"),
        ("ada", "ⓐⓓⓐ"),
        ("ada", "ａｄａ"),
        ("ada", "𝐚𝐝𝐚"),
        ("ada", "ADA"),
        ("ada", "ádà"),
        ("ada", "a.d_a"),
        ("ada", "a d-a"),
        ("ada", "Ada ✔"),
        ("moderator", "rnoderator"),
        ("whale", "vvhale"),
        ("ida", "lda"),
        ("ida", "1da"),
        ("ida", "ıda"),
        ("bob", "b0b"),
        ("bob", "bоb"),
        ("susan", "5u5an"),
        ("TOP", "ТОР"),  # all Cyrillic
        ("top", "Тор"),
        ("coco", "сосо"),
        ("Straße", "STRASSE"),
        ("lodz", "łódź"),
        ("Ольга", "ольга"),
        ("ольга", "ОЛЬГА"),
        ("e\u0301mile", "émile"),
    ],
)
def test_names_that_look_alike_are_the_same(one, other):
    assert names.skeleton(one) == names.skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada", "adam"),
        ("ada_1", "ada_2"),
        ("anna", "hanna"),
        ("Ольга", "Олег"),
        ("山田", "山本"),
        ("김철수", "김영희"),
        ("محمد", "أحمد"),
        ("नमिता", "नमन"),
        ("👍", "👎"),
    ],
)
def test_different_names_are_not(one, other):
    assert names.skeleton(one) != names.skeleton(other)


@pytest.mark.parametrize(
    "name",
    ["ada", "Ada_Finch", "a.b-c_d", "x9z", "9lives", "Ольга", "Αθηνά", "دانيال", "דניאל",
     "山田太郎", "カタカナ", "山田アイ", "김철수", "Դավիթ", "ნინო", "नमिता",
     "ไทยแลนด์", "José", "Zoë", "Nguyễn",
     "reader42", "reader_2", "editorial", "stafford", "rooted", "modern"],
)  # fmt: skip
def test_plain_names_of_one_alphabet_are_accepted(name):
    assert problems(name) == set()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("раypal", "mixed-script"),
        ("adа", "mixed-script"),
        ("Οlga", "mixed-script"),
        ("ада1λ", "mixed-script"),
        ("김Ада", "mixed-script"),
        ("a\u200bda", "invisible"),
        ("ada\u200d", "invisible"),
        ("ada\u00ad", "invisible"),
        ("\u202eada", "invisible"),
        ("a\u2066da", "invisible"),
        ("ada\u200f", "invisible"),
        ("a\u3164da", "form"),  # a filler: NFKC has another for it
        ("a\u115fda", "marks"),
        ("a\x00da", "invisible"),
        ("ada\n", "invisible"),
        ("ad\ud800a", "invisible"),
        ("ada\ue000", "invisible"),
        ("ada\U000e0041", "invisible"),
        ("ａｄａ", "form"),
        ("ﬁona", "form"),
        ("ada²", "form"),
        ("ａda", "form"),
        ("e\u0301mile", "form"),
        ("a" + "\u0316\u0317\u0318\u0319" + "da", "marks"),
        ("a\u20ddda", "marks"),
        ("a", "min_length"),
        ("", "min_length"),
        ("_ada", "signs"),
        ("ada_", "signs"),
        ("a da", "signs"),
        ("a@da", "signs"),
        ("a/da", "signs"),
        ("ada👍", "signs"),
        ("<b>ada", "signs"),
        ("...", "signs"),
        ("admin", "reserved"),
        ("Admin", "reserved"),
        ("adm1n", "reserved"),
        ("a.d.m.i.n", "reserved"),
        ("moderat0r", "reserved"),
        ("rnoderator", "reserved"),
        ("newsroom_team", "reserved"),
        ("Deleted", "reserved"),
    ],
)
def test_name_that_deceives_is_refused(name, problem):
    assert problem in problems(name)


@pytest.mark.parametrize(
    "name",
    ["Ada Finch", "Dr. Ada", "Ada O’Neill", "Ada 🌊", "Ольга Петрова", "山田 太郎", "J. R. R."],
)
def test_display_name_may_have_spaces_and_signs(name):
    names.refuse_strange_letters(name)
    names.refuse_reserved(name)


@pytest.mark.parametrize(
    "name",
    ["👍", "...", "Ada\u202e", "Ada\u00a0Finch", "\u2800", "Ada\u2800", "Ada\nFinch", "Аda Finch",
     "Newsroom Moderator", "The\u200bEditor", "The Newsroom\u2009Team", "Ada\U000e0041"],
)  # fmt: skip
def test_display_name_that_deceives_is_refused(name):
    with pytest.raises(ValidationError):  # noqa: PT012 - one of the two refuses
        names.refuse_strange_letters(name)
        names.refuse_reserved(name)


def test_skeleton_is_bounded_and_quick_for_any_text():
    assert len(names.skeleton("\ufdfa" * 60)) <= names.SKELETON_LENGTH
    for place in range(0, 0x30000, 31):
        if not 0xD800 <= place <= 0xDFFF:
            names.fold_letter(chr(place))


def test_name_that_looks_like_one_that_is_held_is_refused(make_user):
    make_user("paypal")
    for name in ("paypa1", "PAYPAL", "pay_pal", "раураl"):
        assert not HeldName.is_free(name)
        with pytest.raises(NameTaken):
            User.objects.create_user(name, "other@mail.example")
    assert User.objects.count() == 1  # the refused leave no account behind
    assert HeldName.is_free("paypals")


def test_display_names_are_held_too_against_both_kinds_of_name(make_user):
    ada = make_user("finch", display_name="Ada Finch")
    with pytest.raises(NameTaken):
        make_user("ada_finch")
    with pytest.raises(NameTaken):
        make_user("other", display_name="Αda Finch")
    with pytest.raises(NameTaken):
        make_user("another", display_name="F1nch")
    assert HeldName.is_free("Ada-Finch", person=ada)


def test_old_name_stays_held_when_its_owner_takes_another(make_user):
    ada = make_user("ada_first", display_name="Old Name")
    ada.display_name = "New Name"
    ada.claim_names()
    with pytest.raises(NameTaken):
        make_user("oldname")
    ada.display_name = "Old Name"
    ada.claim_names()


def test_one_name_for_both_is_one_claim(make_user):
    user = make_user("ada_first", display_name="Ada First")
    assert user.held_names.count() == 1


def test_equal_username_is_taken_and_not_an_error(make_user):
    make_user("ada_first")
    with pytest.raises(NameTaken):
        make_user("ADA_FIRST", email="other@mail.example")
