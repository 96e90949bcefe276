"""What a comment is written in."""

import pytest

from comments import language

SENTENCES = {
    "en": "The wall was too low, and nobody had looked at it for ten years.",
    "de": "Die Mauer ist zu niedrig, und niemand hat sie sich angesehen.",
    "fr": "Le mur est trop bas, et les gens de la ville ne sont pas contents.",
    "es": "El muro es bajo y los vecinos no están contentos con esta obra.",
    "it": "Il muro non è abbastanza alto, come sono tutti quelli della città.",
    "pt": "O muro é muito baixo e não foi visto por ninguém, mas isso está mal.",
    "nl": "Het is niet hoog genoeg, en dat zijn de buren ook met ons eens.",
    "sv": "Muren är för låg och det är inte bra att den har stått så.",
    "fi": "Muuri on liian matala ja se ei ole hyvä, mutta niin se vain on.",
    "pl": "Mur jest za niski i nie ma go już od dawna, ale to się zmieni.",
    "ru": "Стена слишком низкая, и никто её не видел.",
    "uk": "Стіна занадто низька, і ніхто її не бачив.",
    "el": "Ο τοίχος είναι πολύ χαμηλός.",
    "ja": "壁が低すぎると思います。",
    "ar": "الجدار منخفض جدا",
}


@pytest.mark.parametrize(("code", "sentence"), SENTENCES.items())
def test_language_is_told(code, sentence):
    assert language.of(sentence) == code


@pytest.mark.parametrize(
    "sentence", ["", "ok", "Lol!!!", "12 + 30 = 42", "Pellworth Quay Road", "?"]
)
def test_nothing_is_claimed_where_nobody_can_tell(sentence):
    assert language.of(sentence) == ""


def test_comment_knows_what_it_is_written_in(db, make_comment):
    assert make_comment(body=SENTENCES["de"]).language == "de"
