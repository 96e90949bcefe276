"""Settings: read from the environment, safe in development, strict in production.

``ENVIRONMENT=production`` demands a secret and host names and switches on what needs HTTPS.
Everything else has a default with which the project starts on a bare machine.
"""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

from newsroom import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(environment.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()

ENVIRONMENT = environment.text("ENVIRONMENT", "development")
if ENVIRONMENT not in {"development", "production"}:
    raise ImproperlyConfigured("ENVIRONMENT must be development or production.")
DEVELOPMENT = ENVIRONMENT == "development"
DEBUG = DEVELOPMENT and environment.flag("DEBUG")

if DEVELOPMENT:
    SECRET_KEY = environment.text("SECRET_KEY") or environment.kept_secret(VAR_DIR / "secret_key")
    ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
else:
    SECRET_KEY = environment.required("SECRET_KEY")
    ALLOWED_HOSTS = environment.required("ALLOWED_HOSTS").split(",")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

# The paper -------------------------------------------------------------------------------------

SITE_NAME = environment.text("SITE_NAME", "Newsroom")
SITE_TAGLINE = environment.text("SITE_TAGLINE", "News, and the conversation about it")
SITE_CONTACT = environment.text("SITE_CONTACT", "desk@newsroom.example")
# The word on the button with which a reader nods to a comment.
RESPECT_LABEL = environment.text("RESPECT_LABEL", "Respect")
# Address for links in mails and feeds that are written without a request.
SITE_URL = (
    environment.text("SITE_URL", "http://127.0.0.1:8000")
    if DEVELOPMENT
    else environment.required("SITE_URL")
).rstrip("/")

# Rate limits are lifted for load and security tests, and only in development.
LIMITS = not DEVELOPMENT or environment.flag("LIMITS", default=True)
# Before posting, authors of an insult are asked once to think again; see comments/civility.py.
CIVILITY_PROMPT = environment.flag("CIVILITY_PROMPT", default=True)

# Others who look at comments before readers do; see comments/outside.py and docs/operators.md.
AKISMET_KEY = environment.text("AKISMET_KEY")
CHECK_WEBHOOK_URL = environment.text("CHECK_WEBHOOK_URL")
CHECK_WEBHOOK_SECRET = environment.text("CHECK_WEBHOOK_SECRET")
OUTSIDE_TIMEOUT = float(environment.text("OUTSIDE_TIMEOUT", "3"))  # seconds for all of them
# The countries, as two letters each, in which what is decided holds; for statements of reasons.
TERRITORIAL_SCOPE = environment.words("TERRITORIAL_SCOPE")

# Applications ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "newsroom",
    "comments",
    "articles",
    "accounts",
    "newsroom.apps.NewsroomAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_prose_editor",
    "django_tasks",  # goes with the move to Django 6, which has it built in
    "django_tasks_db",
]

MIDDLEWARE = [
    "newsroom.headers.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsroom.requests.RefuseUnreadableRequests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "newsroom.shared_pages.ConditionalPages",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "articles.moved.MovedAddressMiddleware",
]

if DEBUG:
    INSTALLED_APPS.append("debug_toolbar")
    MIDDLEWARE.insert(2, "debug_toolbar.middleware.DebugToolbarMiddleware")
    INTERNAL_IPS = ["127.0.0.1"]

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["newsroom.templatetags.newsroom"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsroom.context.site",
            ],
        },
    }
]
# Django's own form templates are found beside ours, so that a widget can be overridden.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Data ------------------------------------------------------------------------------------------

DATABASE_URL = environment.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'newsroom.sqlite3'}")
DATABASES = {"default": environment.database(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A write transaction takes its lock at the start: two writers wait instead of failing.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: an acknowledged comment survives a loss of power.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            # The server's threads come and go, so connections live in a pool, not in threads.
            "pool": {
                "min_size": environment.number("DATABASE_POOL_MIN", 1),
                "max_size": environment.number("DATABASE_POOL_MAX", 8),
                "timeout": 5,
                # Then whoever asks next begins anew: the pauses between tries double, and with a
                # longer patience the new primary is found minutes after a fail-over.
                "reconnect_timeout": 2,
            },
            # Of several hosts, one that hangs leaves time to ask the next.
            "connect_timeout": 2,
            # A server that vanished without a word is noticed, in milliseconds and seconds.
            "tcp_user_timeout": 5000,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
        }
    )

# Copies of the database that answer what is only read; see newsroom/replicas.py.
REPLICAS: list[str] = []
REPLICA_MAX_LAG = environment.number("REPLICA_MAX_LAG", 10)  # seconds; who is later is left out
for REPLICA in environment.databases("REPLICA_URLS"):
    if not (environment.text("CACHE_URL") and "pool" in DATABASES["default"].get("OPTIONS", {})):
        raise ImproperlyConfigured(
            "REPLICA_URLS needs PostgreSQL, and a shared cache (CACHE_URL) in which web processes "
            "tell one another what was taken away."
        )
    REPLICAS.append(f"replica{len(REPLICAS) + 1}")
    DATABASES[REPLICAS[-1]] = {
        **REPLICA,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **DATABASES["default"]["OPTIONS"],
            **REPLICA.get("OPTIONS", {}),
            # A replica is never worth waiting for: the primary answers as well.
            "pool": {**DATABASES["default"]["OPTIONS"]["pool"], "timeout": 1},
            "target_session_attrs": "any",
        },
        "TEST": {"MIRROR": "default"},
    }
if REPLICAS:
    DATABASE_ROUTERS = ["newsroom.replicas.Router"]
    MIDDLEWARE.append("newsroom.replicas.ReplicaMiddleware")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if CACHE_URL := environment.text("CACHE_URL"):
    CACHES = {"default": {"BACKEND": "newsroom.redis.PatientCache", "LOCATION": CACHE_URL}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Pages kept by each process, in bytes; 0 for none. What tells whether one still stands.
PAGE_CACHE_BYTES = 0 if DEBUG else environment.number("PAGE_CACHE_BYTES", 8 * 1024 * 1024)
PAGE_STAMPS = "articles.stamps.read"
# Parts of pages kept by each process, in bytes.
FRAGMENT_BYTES = 0 if DEBUG else environment.number("FRAGMENT_BYTES", 4 * 1024 * 1024)

MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "newsroom.stylesheets.PaperStylesheet",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGE_URL = environment.text("STORAGE_URL")
STORAGES = {
    "default": (
        {"BACKEND": "newsroom.bucket.Bucket", "OPTIONS": environment.bucket(STORAGE_URL)}
        if STORAGE_URL
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": (
        {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        if DEBUG
        else {
            "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
            # Beside the folder, not in it: what lies in it is served, and this lists it all.
            "OPTIONS": {"manifest_storage": FileSystemStorage(VAR_DIR)},
        }
    ),
}
WHITENOISE_USE_FINDERS = DEBUG
# What an upload may weigh, in bytes; the whole of a form, files apart.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Time and language -----------------------------------------------------------------------------

LANGUAGE_CODE = environment.text("LANGUAGE_CODE", "en-gb")
TIME_ZONE = environment.text("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True

# Accounts --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "login": "accounts.forms.LoginForm",
    "add_email": "accounts.forms.EmailForm",
    "change_password": "accounts.forms.PasswordForm",
    "set_password": "accounts.forms.FirstPasswordForm",
    "reset_password": "accounts.forms.ResetForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
}
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.AppForm",
    "add_webauthn": "accounts.forms.KeyForm",
    "authenticate_webauthn": "accounts.forms.KeyAnswerForm",
    "login_webauthn": "accounts.forms.KeyLoginForm",
    "reauthenticate_webauthn": "accounts.forms.KeyAgainForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# In the browser that signed up, and there only, the confirmed address logs in.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # else the reset form sends mail to whatever is typed
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = None  # the reader is asked, and the box is unticked
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_USERNAME_VALIDATORS = "accounts.names.username_validators"
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEVELOPMENT else "https"
if not LIMITS:
    ACCOUNT_RATE_LIMITS = False
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number("TRUSTED_PROXY_COUNT", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT
MFA_TOTP_ISSUER = SITE_NAME

# Mail ------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <{SITE_CONTACT}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if EMAIL_URL := environment.text("EMAIL_URL"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    vars().update(environment.mail_server(EMAIL_URL))
else:
    # Every mail is a file, a real message that a mail program opens.
    EMAIL_BACKEND = "newsroom.outbox.OutboxBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10  # seconds, for each answer of the mail server
# With it, whoever runs the mail server tells us of bounces; without it, that address is not there.
MAIL_WEBHOOK_SECRET = environment.text("MAIL_WEBHOOK_SECRET")

# Tasks -----------------------------------------------------------------------------------------

# A queue in the site's own database, which `manage.py work` empties.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Security --------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "newsroom.errors.csrf_failure"
if not DEVELOPMENT:
    SECURE_SSL_REDIRECT = environment.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    if environment.flag("BEHIND_TLS_PROXY"):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Logs: what went wrong, on standard error, without what readers typed.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
