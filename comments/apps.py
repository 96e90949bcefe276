from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = "Conversation"

    def ready(self) -> None:
        # The library's signals only bring the news; what happens then stands in drafts.py.
        from allauth.account import signals
        from django.contrib.auth.signals import user_logged_in

        from comments import drafts

        signals.user_signed_up.connect(drafts.claim_at_sign_up, dispatch_uid="claim_drafts")
        signals.email_confirmed.connect(drafts.post_at_confirmation, dispatch_uid="post_drafts")
        user_logged_in.connect(drafts.post_at_log_in, dispatch_uid="post_drafts_at_log_in")
