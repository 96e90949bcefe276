"""The roles of the staff and what each may do. Migrations make them; tests hold the matrix.

A permission is named ``app.codename``. Rules about single rows (a reporter's own drafts, nobody's
own comments) stand with the models.
"""

EDITORIAL = [
    "articles.add_article", "articles.change_article", "articles.view_article",
    "articles.add_byline", "articles.change_byline", "articles.delete_byline",
    "articles.view_byline", "articles.add_image", "articles.change_image", "articles.view_image",
    "articles.view_author", "articles.view_section", "articles.view_topic", "articles.add_topic",
    "articles.view_series",
    "articles.view_correction", "articles.view_step", "articles.submit_article",
    "articles.view_errorreport",
]  # fmt: skip

EDITOR = [
    *EDITORIAL,
    "articles.review_article", "articles.publish_article", "articles.withdraw_article",
    "articles.kill_article", "articles.delete_article", "articles.delete_image",
    "articles.add_author", "articles.change_author",
    "articles.add_section", "articles.change_section",
    "articles.change_topic", "articles.delete_topic",
    "articles.add_series", "articles.change_series", "articles.delete_series",
    "articles.add_slot", "articles.change_slot", "articles.delete_slot", "articles.view_slot",
    "articles.add_relatedstory", "articles.change_relatedstory", "articles.delete_relatedstory",
    "articles.view_relatedstory",
    "articles.add_correction", "articles.change_errorreport",
    "articles.add_movedaddress", "articles.change_movedaddress", "articles.view_movedaddress",
    "articles.add_policy", "articles.change_policy", "articles.view_policy",
    "comments.view_comment", "comments.pick_comment",
]  # fmt: skip

ROLES: dict[str, list[str]] = {
    "reporter": EDITORIAL,
    "editor": EDITOR,
    # Answers for what goes out: also before an embargo ends.
    "publisher": [*EDITOR, "articles.override_embargo"],
    # Reads what is asked of them, signs it off, and takes away what may not stay.
    "legal": [
        "articles.view_article", "articles.view_image", "articles.view_section",
        "articles.view_author", "articles.view_topic", "articles.view_correction",
        "articles.view_step", "articles.withdraw_article", "articles.kill_article",
    ],
    "moderator": [
        "comments.view_comment", "comments.moderate_comment", "comments.pick_comment",
        "comments.view_decision",
        "comments.view_report", "comments.view_finding",
        "comments.view_promptcount",
        "comments.add_wordrule", "comments.change_wordrule", "comments.delete_wordrule",
        "comments.view_wordrule",
        "comments.impose_sanction", "comments.view_sanction", "comments.answer_legalnotice",
        "comments.view_legalnotice", "comments.view_appeal", "comments.view_batch",
        "comments.add_checkrule", "comments.change_checkrule", "comments.delete_checkrule",
        "comments.view_checkrule",
        "comments.add_messagetemplate", "comments.change_messagetemplate",
        "comments.delete_messagetemplate", "comments.view_messagetemplate",
        "comments.view_terms", "comments.view_desksettings", "comments.view_dutyhours",
        "comments.view_link",
        "accounts.add_sourcerule", "accounts.change_sourcerule", "accounts.delete_sourcerule",
        "accounts.view_sourcerule",
        "articles.view_article", "articles.view_section", "accounts.view_user",
    ],
    "administrator": [],
}  # fmt: skip
# Administrators may do what everybody may, and keep the people.
ROLES["administrator"] = sorted(
    {permission for role in ROLES.values() for permission in role}
    | {
        "accounts.add_user", "accounts.change_user", "accounts.view_user",
        "articles.add_reviewstep", "articles.change_reviewstep", "articles.delete_reviewstep",
        "articles.view_reviewstep",
        "articles.delete_section", "articles.delete_author", "articles.delete_policy",
        "comments.compare_decision", "comments.view_dispatch", "comments.add_terms",
        "comments.change_desksettings", "comments.add_dutyhours", "comments.change_dutyhours",
        "comments.delete_dutyhours",
    }
)  # fmt: skip
