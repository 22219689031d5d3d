"""Every setting of Parvis, read from the environment (twelve factors); README and .env.example list the variables."""

from datetime import date
from pathlib import Path

import environ
from celery.schedules import crontab
from cryptography.fernet import Fernet
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.callers import limit, other_origins
from config.databases import databases
from core import logs
from core.embedded import is_embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Safe by default: whatever does not say that it is a demo or a test is production.
MODE = env.str("PARVIS_MODE", default="production")
if MODE not in ("production", "demo", "test"):
    raise ImproperlyConfigured(f"PARVIS_MODE must be production, demo or test, not {MODE!r}.")
PRODUCTION = MODE == "production"
DATA_DIR = Path(env.str("PARVIS_DATA", default="") or BASE_DIR / ".parvis")
CITY_NAME = env.str("PARVIS_CITY", default="Paris")


def whole(name: str, default: int) -> int:
    """A variable that is a whole number."""
    try:
        return env.int(name, default=default)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {env.str(name)!r}.") from None


INSECURE_SECRET = "insecure-secret-for-the-demo-and-the-tests-only"
SECRET_KEY = env.str("SECRET_KEY", default=INSECURE_SECRET)
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "testserver"])
# Where people find Parvis: links in e-mails begin with it.
SITE_URL = env.str("PARVIS_URL", default="") or (
    f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION and ALLOWED_HOSTS else "http://localhost"
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# What opens the files of people under threat: Fernet keys, the first of which seals; apart from SECRET_KEY, so that one can be
# changed without the other. The first key is made before production starts, when manage.py has no settings yet.
MAKE_SEALING_KEY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
INSECURE_SEALING_KEY = "aW5zZWN1cmUtZGVtby1hbmQtdGVzdC1rZXktb25seSE="
SEALING_KEYS = env.list("PARVIS_SEALING_KEYS", default=[]) or ([] if PRODUCTION else [INSECURE_SEALING_KEY])
for key in SEALING_KEYS:
    try:
        Fernet(key)
    except ValueError:
        raise ImproperlyConfigured(
            f"PARVIS_SEALING_KEYS must list Fernet keys, by commas: make one with `{MAKE_SEALING_KEY}`."
        ) from None

if PRODUCTION:
    if not SEALING_KEYS or INSECURE_SEALING_KEY in SEALING_KEYS:
        raise ImproperlyConfigured(
            "PARVIS_SEALING_KEYS must hold keys of your own alone in production, because the files of people under threat are "
            f"sealed with them: make one with `{MAKE_SEALING_KEY}`."
        )
    # Django's own measure (security.W009), which would only warn.
    known = SECRET_KEY.startswith("django-insecure-") or INSECURE_SECRET in SECRET_KEY
    if known or len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        raise ImproperlyConfigured("SECRET_KEY must be set to at least 50 random characters in production.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that Parvis answers to in production, without *.")
    if env.bool("PARVIS_EMBEDDED", default=False) or any(
        is_embedded(env.str(variable, default="")) for variable in ("DATABASE_URL", "REDIS_URL")
    ):
        raise ImproperlyConfigured(
            "Production needs its own servers: set DATABASE_URL and REDIS_URL. The embedded servers are for the demo and the tests."
        )
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production: it shows data and settings in error pages.")
for variable in ("DATABASE_URL", "REDIS_URL"):
    if not env.str(variable, default=""):
        raise ImproperlyConfigured(
            f"{variable} is not set. `make demo` starts servers of its own; production names real ones."
        )

# The day that the reference data and the samples tell of: they are loaded as of then, whatever earlier day the demo shows.
DATA_DAY = date(2015, 6, 1)
# The day that every page, rule, deadline and reminder goes by (core.clock); empty = the real one.
TODAY = env.str("PARVIS_TODAY", default=DATA_DAY.isoformat() if MODE == "demo" else "")
try:
    TODAY = date.fromisoformat(TODAY) if TODAY else None
except ValueError:
    raise ImproperlyConfigured(f"PARVIS_TODAY must be a day such as 2015-06-01, not {TODAY!r}.") from None

# A partnership sleeps when nothing has happened with its city for so many months.
DORMANT_MONTHS = whole("PARVIS_DORMANT_MONTHS", default=18)
if not 6 <= DORMANT_MONTHS <= 120:
    raise ImproperlyConfigured(f"PARVIS_DORMANT_MONTHS must be from 6 to 120, not {DORMANT_MONTHS}.")

INSTALLED_APPS = [
    # Not its default, which would put its own site in the place of ParvisAdminSite.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "import_export",
    "django_countries",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "corsheaders",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "pgtrigger",
    "pghistory",
    "health_check",
    "django_structlog",
    "django_prometheus",
    "core.apps.CoreConfig",
    "core.apps.ParvisAdminConfig",
    "partnerships.apps.PartnershipsConfig",
    "cooperation.apps.CooperationConfig",
    "solidarity.apps.SolidarityConfig",
    "events.apps.EventsConfig",
    "mandate.apps.MandateConfig",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    # Before whatever answers by itself: a refusal too must be readable for who may call from another host.
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.PermissionsPolicyMiddleware",
    "core.middleware.LogMiddleware",
    "core.middleware.SystemsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # After the language, for its page; before whatever asks the database.
    "core.middleware.ReadableTextMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.PrivatePagesMiddleware",
    "core.middleware.QuotaMiddleware",
    "core.middleware.ReaderLanguageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.HistoryContextMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "core.context_processors.house",
            ],
        },
    }
]

# No fewer than threads: each keeps one between what is asked again (`core.api.again`).
POOL = max(whole("DATABASE_POOL", 8), whole("WEB_THREADS", 4))
DATABASES = databases(env, size=None if MODE == "test" else POOL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # redis-py and Celery name the same unix socket with two different schemes.
        "LOCATION": REDIS_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db="),
        "KEY_PREFIX": env.str("REDIS_PREFIX", default="parvis"),
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": env.str("REDIS_PREFIX", default="parvis") + ":",
    "visibility_timeout": 3600,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    # What an emergency access itself could not send at once.
    "tell-protection-officers": {"task": "solidarity.protection.tasks.tell_protection_officers", "schedule": 300.0},
    # Somebody who was away for a week is not asked to do it two thousand times: a run that nobody took is forgotten.
    "remind": {"task": "core.tasks.remind", "schedule": 300.0, "options": {"expires": 290}},
    "deliver-webhooks": {"task": "core.tasks.deliver_webhooks", "schedule": 30.0, "options": {"expires": 25}},
    # What nobody took when it was asked for, and what a worker that died has left.
    "write-exports": {"task": "core.tasks.write_exports", "schedule": 30.0, "options": {"expires": 25}},
    "clear-exports": {"task": "core.tasks.clear_exports", "schedule": crontab(minute=40)},
    "forget": {"task": "core.tasks.forget", "schedule": crontab(minute=25)},
    "expire-agreements": {"task": "partnerships.tasks.expire_agreements", "schedule": crontab(hour=3, minute=10)},
    "take-readings": {"task": "mandate.tasks.take_readings", "schedule": crontab(hour=4, minute=20)},
}

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "core.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "core.accounts.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# Failed sign-ins. An address is stopped long before an account is, so that one stranger cannot lock out whose e-mail
# address she knows; many strangers together can, but for ten minutes at most after they stop.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,20/h/ip,30/10m/key"}
# How many proxies add the address of whom they speak for to X-Forwarded-For: behind an unnamed one, all people share
# the limits of one address.
ALLAUTH_TRUSTED_PROXY_COUNT = whole("TRUSTED_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Parvis"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
# Single sign-on exists as soon as the city's identity provider is named.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "city",
                "name": env.str("OIDC_NAME", default="City account"),
                "client_id": env.str("OIDC_CLIENT_ID", default=""),
                "secret": env.str("OIDC_CLIENT_SECRET", default=""),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False
S3_BUCKET = env.str("DOCUMENTS_S3_BUCKET", default="")
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # The folder above may be open to everybody; documents are not.
        "OPTIONS": {
            "location": DATA_DIR / "documents",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
    if not S3_BUCKET
    else {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("DOCUMENTS_S3_ENDPOINT", default="") or None,
            "access_key": env.str("DOCUMENTS_S3_KEY", default="") or None,
            "secret_key": env.str("DOCUMENTS_S3_SECRET", default="") or None,
            "default_acl": None,
            "file_overwrite": False,
        },
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Messages to systems of the house itself (private addresses, http): in the demo and the tests only.
WEBHOOKS_TO_PRIVATE = not PRODUCTION
DOCUMENT_MAX_BYTES = whole("DOCUMENT_MAX_MB", 25) * 1024 * 1024

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
if PRODUCTION and "smtp" not in EMAIL_CONFIG["EMAIL_BACKEND"]:
    raise ImproperlyConfigured("EMAIL_URL must name a mail server in production: links to reset passwords go by mail.")
globals().update(**EMAIL_CONFIG)
if MODE == "demo" and not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "core.mailbox.Mailbox"  # which one can open in the browser
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Parvis <parvis@localhost>")

if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = (
        ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
    )
    SECURE_HSTS_SECONDS = whole("SECURE_HSTS_SECONDS", 31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^health/"]
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Unfold's Alpine evaluates expressions and its widgets set styles; no page but the admin gets this.
ADMIN_CSP = {
    "script-src": [SELF, UNSAFE_EVAL, NONCE],
    "style-src": [SELF, UNSAFE_INLINE],
    "connect-src": [SELF],
    "font-src": [SELF],
}

PGHISTORY_APPEND_ONLY = True
PGHISTORY_ADMIN_ALL_EVENTS = False

# A minute: of a person, or a client without a number of its own (a stranger: a tenth); tries of a client for a token.
API_REQUESTS_PER_MINUTE = limit(env, "API_REQUESTS_PER_MINUTE", 600)
API_TOKENS_PER_MINUTE = limit(env, "API_TOKENS_PER_MINUTE", 20)
globals().update(other_origins(env, production=PRODUCTION))
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.MayDo"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.PerCaller"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.Json"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.Json"],
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.NumberedPages",
    "DEFAULT_FILTER_BACKENDS": ["core.api.filters.Filters", "core.api.filters.Ordering"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ParvisSchema",
    "EXCEPTION_HANDLER": "core.api.problems.problem_details",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parvis",
    "DESCRIPTION": "The international action of a city: partner cities, agreements, networks and the people who make them live.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "DEFAULT_GENERATOR_CLASS": "core.api.schema.ParvisGenerator",
    "POSTPROCESSING_HOOKS": [
        "core.api.schema.named_enums",
        "core.api.schema.complete",
        "core.api.schema_limits.limits_told",
    ],
}
# Named because a model of Parvis points to it.
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "SCOPES_BACKEND_CLASS": "core.api.scopes.AppScopes",
    "OAUTH2_VALIDATOR_CLASS": "core.oauth.Validator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # RFC 9700, the security practice of OAuth 2.0: what the next major version will do anyway.
    **{
        f"COMPLIANT_BCP_RFC9700_{practice}": True
        for practice in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
        )
    },
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    # The only grant: client credentials.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
}

UNFOLD = {
    "SITE_TITLE": "Parvis",
    "SITE_HEADER": "Parvis",
    "SITE_SUBHEADER": _("International relations"),
    "SITE_SYMBOL": "public",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "core.admin.sidebar.favicon"}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_LANGUAGES": True,
    "ENVIRONMENT": "core.admin.start.fixed_day",
    "LANGUAGES": {"action": "core.admin.sidebar.language_address"},
    "ACCOUNT": {"navigation": "core.admin.sidebar.account_links"},
    "DASHBOARD_CALLBACK": "core.admin.start.start_page",
    "SIDEBAR": {
        "show_search": True,
        "command_search": False,
        "show_all_applications": False,
    },
    "TABS": "core.admin.listing.tabs",
    "STYLES": ["core.admin.sidebar.style"],
    "SCRIPTS": ["core.admin.sidebar.script"],
    # The blue of the pages; Unfold's own is purple.
    "COLORS": {
        "primary": {
            "50": "#eef4fb",
            "100": "#d8e6f5",
            "200": "#b4cfec",
            "300": "#84b0de",
            "400": "#4f8acb",
            "500": "#2b6bb3",
            "600": "#1d5496",
            "700": "#194579",
            "800": "#173a64",
            "900": "#152f50",
            "950": "#0d1e35",
        }
    },
}
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True
IMPORT_EXPORT_USE_TRANSACTIONS = True

DJANGO_STRUCTLOG_CELERY_ENABLED = True
# What follows in an address is a secret: whoever has it reads an agenda, or stops a reminder. The logs leave it out.
SECRET_PATHS = ("/agenda/calendars/", "/protection/", "/reminders/mute/")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO" if MODE != "test" else "WARNING")
LOGGING = logs.configuration(LOG_LEVEL, SECRET_PATHS)
logs.configure()
