"""A small WordPress export, written by a test with only what matters to it spelled out."""

from pathlib import Path
from typing import Any

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old paper</title><link>https://old.example</link>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://old.example</wp:base_blog_url>
"""
TAIL = "</channel></rss>"


def cdata(text: Any) -> str:
    return "<![CDATA[" + str(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def fields(prefix: str, values: dict[str, Any]) -> str:
    return "".join(
        f"<{prefix}{name}>{cdata(value)}</{prefix}{name}>" for name, value in values.items()
    )


def comment(id: Any = 1, content: str = "Well said.", parent: Any = 0, **values: Any) -> str:
    values = {
        "comment_id": id,
        "comment_author": "Ada",
        "comment_author_email": "ada@example.org",
        "comment_author_url": "",
        "comment_author_IP": "192.0.2.7",
        "comment_date": "2020-01-02 10:00:00",
        "comment_date_gmt": f"2020-01-02 10:00:{int(id) % 60:02}" if str(id).isdigit() else "",
        "comment_content": content,
        "comment_approved": "1",
        "comment_type": "comment",
        "comment_parent": parent,
        "comment_user_id": 0,
    } | {f"comment_{name}": value for name, value in values.items()}
    return f"<wp:comment>{fields('wp:', values)}</wp:comment>"


def item(
    id: Any = 1,
    *inside: str,
    title: str = "A story",
    body: str = "Words.",
    link: str = "",
    excerpt: str = "",
    **values: Any,
) -> str:
    values = {
        "post_id": id,
        "post_date": "2020-01-01 09:00:00",
        "post_date_gmt": "2020-01-01 09:00:00",
        "comment_status": "open",
        "post_name": f"story-{id}",
        "status": "publish",
        "post_type": "post",
        "post_password": "",
        "is_sticky": 0,
    } | values
    return (
        f"<item><title>{cdata(title)}</title><link>{link}</link><dc:creator>ruth</dc:creator>"
        f"<content:encoded>{cdata(body)}</content:encoded>"
        f"<excerpt:encoded>{cdata(excerpt)}</excerpt:encoded>"
        f"{fields('wp:', values)}{''.join(inside)}</item>"
    )


def meta(key: str, value: Any) -> str:
    return f"<wp:postmeta>{fields('wp:', {'meta_key': key, 'meta_value': value})}</wp:postmeta>"


def export(folder: Path, *inside: str, name: str = "export.xml") -> Path:
    path = folder / name
    path.write_text(HEAD + "\n".join(inside) + TAIL)
    return path
