"""Forms of the accounts' pages."""

from allauth.account import forms as allauth


class SignupForm(allauth.SignupForm):
    """Sign-up: an address for us, a name for readers, a password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Name"
        self.fields["username"].help_text = (
            "What readers see beside your comments. It need not be your real name."
        )
        self.fields["email"].help_text = "Never shown. We send one message to check that it works."


class LoginForm(allauth.LoginForm):
    """Log-in by name or address."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Name or e-mail address"
