"""Reading WXR: what a file may hold, and what a hostile one may not do."""

import tracemalloc
from pathlib import Path

import pytest

from articles.wordpress import wxr

HEAD = (
    '<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
)
TAIL = "</channel></rss>"


@pytest.fixture
def read(tmp_path: Path):
    def read(text: str | bytes) -> list[wxr.Record]:
        path = tmp_path / "export.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(wxr.read(path))

    return read


def items(records: list[wxr.Record]) -> list[wxr.Item]:
    return [record for record in records if isinstance(record, wxr.Item)]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_every_version_of_the_format_is_known(read, scheme, version):
    head = HEAD.replace(
        "http://wordpress.org/export/1.2/", f"{scheme}://wordpress.org/export/{version}/"
    )
    (item,) = items(read(f"{head}<item><wp:post_id>7</wp:post_id></item>{TAIL}"))
    assert item.get("wp:post_id") == "7"


def test_fields_of_other_vocabularies_are_passed_over(read):
    text = HEAD.replace("<rss", '<rss xmlns:a="http://www.w3.org/2005/Atom"') + (
        '<item><a:link href="x">no</a:link><link>https://a.example/</link>'
        "<title>A <b>nested</b> one</title><wp:post_id>1</wp:post_id></item>" + TAIL
    )
    (item,) = items(read(text))
    assert item.get("link") == "https://a.example/"
    assert item.get("title") == "A  one"


def test_stray_brackets_around_a_creator_are_dropped(read):
    text = f"{HEAD}<item><dc:creator>&gt;ruth</dc:creator><wp:post_id>1</wp:post_id></item>{TAIL}"
    assert items(read(text))[0].creator == "ruth"


@pytest.mark.parametrize(
    ("gmt", "local", "mail", "wanted"),
    [
        ("2020-01-02 03:04:05", "1999-01-01 00:00:00", "", "2020-01-02T03:04:05+00:00"),
        ("0000-00-00 00:00:00", "2020-01-02 03:04:05", "", "2020-01-02T03:04:05+00:00"),
        ("", "", "Thu, 02 Jan 2020 03:04:05 +0100", "2020-01-02T03:04:05+01:00"),
        ("0001-01-01 00:00:00", "9999-12-31 23:59:59", "", None),
        ("nonsense", "", "Mon, 99 Foo 10000000000000000000000", None),
        ("", "", "", None),
    ],
)
def test_date_is_the_first_that_is_one(gmt, local, mail, wanted):
    found = wxr.instant(gmt, local, mail)
    assert (found.isoformat() if found else None) == wanted


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('<!DOCTYPE r [<!ENTITY a "1"><!ENTITY b "&a;&a;">]>', "document type"),
        ('<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd">', "document type"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "document type"),
        ("<!DOCTYPE rss>", "document type"),
    ],
)
def test_document_types_and_entities_are_refused(read, head, said):
    with pytest.raises(wxr.UnreadableExport, match=said):
        read(f"{head}{HEAD}<item><title>&x;</title></item>{TAIL}")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not xml",
        b"\x1f\x8b\x08\x00",
        b"<rss><channel>\x00</channel></rss>",
        b"<rss><channel>\xff\xfe</channel></rss>",
        HEAD.encode(),
        HEAD.encode() + b"<item><title>&nbsp;</title></item>" + TAIL.encode(),
        HEAD.encode() + b"<item><title>&#0;</title></item>" + TAIL.encode(),
        b'<?xml version="1.0" encoding="no-such"?><rss/>',
        b'<?xml version="1.0" encoding="shift_jis"?><rss/>',
    ],
)
def test_what_is_no_sound_xml_is_refused_in_one_sentence(read, text):
    with pytest.raises(wxr.UnreadableExport, match=r"line \d+"):
        read(text)


def test_xml_that_is_no_export_is_refused(read):
    with pytest.raises(wxr.UnreadableExport, match="no WordPress export"):
        read("<rss><channel><item><title>News</title></item></channel></rss>")


def test_hundred_thousand_nested_tags_are_passed_over(read):
    nested = "<x>" * 100_000 + "</x>" * 100_000
    (item,) = items(
        read(f"{HEAD}<item>{nested}<title>{nested}T</title><wp:post_id>1</wp:post_id></item>{TAIL}")
    )
    assert item.get("title") == "T"


def test_endless_tag_is_refused_before_it_fills_the_memory(read, monkeypatch):
    monkeypatch.setattr(wxr, "MAX_TOKEN", 1024 * 1024)
    with pytest.raises(wxr.UnreadableExport, match="single tag"):
        read(HEAD + '<item a="' + "x" * 5_000_000 + '"/>' + TAIL)


def test_field_longer_than_we_take_is_cut_and_said(read):
    long = "<content:encoded>" + "x" * (wxr.LONG + 10) + "</content:encoded>"
    (item,) = items(read(f"{HEAD}<item>{long}<wp:post_id>1</wp:post_id></item>{TAIL}"))
    assert len(item.get("content:encoded")) == wxr.LONG
    assert item.cut == ["content:encoded"]


def test_comments_beyond_the_bound_are_counted_not_kept(read, monkeypatch):
    monkeypatch.setattr(wxr, "MAX_COMMENTS", 3)
    comments = "".join(
        f"<wp:comment><wp:comment_id>{n}</wp:comment_id></wp:comment>" for n in range(5)
    )
    (item,) = items(read(f"{HEAD}<item>{comments}</item>{TAIL}"))
    assert len(item.comments) == 3
    assert item.comments_left_out == 2


def test_only_the_meta_we_know_is_kept(read):
    meta = (
        "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>9</wp:meta_value>"
        "</wp:postmeta><wp:postmeta><wp:meta_key>evil</wp:meta_key>"
        '<wp:meta_value>O:8:"stdClass":0:{}</wp:meta_value></wp:postmeta>'
    )
    (item,) = items(read(f"{HEAD}<item>{meta}<wp:post_id>1</wp:post_id></item>{TAIL}"))
    assert dict(item.meta) == {"_thumbnail_id": ["9"]}


OURS = "<wp:meta_key>_newsroom</wp:meta_key><wp:meta_value>{}</wp:meta_value>"


def test_what_our_export_says_beside_is_read_whole(read):
    long = "x" * (wxr.SHORT + 1)
    meta = OURS.format(long)
    records = read(
        HEAD.replace("<rss", '<rss xmlns:newsroom="urn:newsroom:export:1"')
        + f"<wp:author><wp:author_login>r</wp:author_login><newsroom:own>{long}</newsroom:own>"
        + "</wp:author>"
        + f"<wp:tag><wp:tag_slug>t</wp:tag_slug><wp:termmeta>{meta}</wp:termmeta></wp:tag>"
        + "<newsroom:gone>/gone/</newsroom:gone>"
        + f"<item><wp:post_id>1</wp:post_id><wp:postmeta>{meta}</wp:postmeta><wp:comment>"
        + f"<wp:comment_id>2</wp:comment_id><wp:commentmeta>{meta}</wp:commentmeta>"
        + "<wp:commentmeta><wp:meta_key>akismet</wp:meta_key><wp:meta_value>y</wp:meta_value>"
        + f"</wp:commentmeta></wp:comment></item>{TAIL}"
    )
    _, author, tag, gone, item = records
    assert (author.own, tag.own, item.own, item.comments[0].own) == (long, long, long, long)
    assert gone == wxr.Gone("/gone/")
    assert item.meta == {}


def test_terms_that_plug_ins_declare_are_passed_over_but_series(read):
    term = (
        "<wp:term><wp:term_taxonomy>{0}</wp:term_taxonomy>"
        "<wp:term_slug>{0}</wp:term_slug></wp:term>"
    )
    records = read(f"{HEAD}{term.format('nav_menu')}{term.format('series')}{TAIL}")
    assert [one.domain for one in records if isinstance(one, wxr.Term)] == ["series"]


def test_memory_does_not_grow_with_the_file(tmp_path):
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.xml"
        body = f"<content:encoded>{'word ' * 2000}</content:encoded>"
        with path.open("w") as file:
            file.write(HEAD)
            for number in range(count):
                file.write(f"<item><wp:post_id>{number}</wp:post_id>{body}</item>")
            file.write(TAIL)
        tracemalloc.start()
        assert sum(isinstance(record, wxr.Item) for record in wxr.read(path)) == count
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(1000) < 2 * peak(100)


def test_depth_of_threads_counts_levels_and_survives_circles():
    def comment(id: str, parent: str) -> wxr.Comment:
        return wxr.Comment(id, "", "", "", None, "", "1", "", parent)

    assert wxr.thread_depth([]) == 0
    assert wxr.thread_depth([comment("1", ""), comment("3", "2"), comment("2", "1")]) == 3
    assert wxr.thread_depth([comment("1", "2"), comment("2", "1")]) in {1, 2}
