"""A real OpenID Connect provider in one file: Django with django-oauth-toolkit, its own sign-in page, two people.

Run as a program in a process of its own, with the folder `app.install.peer` fetched on the path. It reads one line of
JSON from standard input: {"port", "redirect", "after", "secret", "key", "groups"}, and prints one when it serves.
"""

import json
import logging
import sys
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

GIVEN: dict[str, Any] = json.loads(sys.stdin.readline())
PASSWORD = "stones of venice"
PAGE = """<!doctype html><title>Contoso</title><h1>Contoso</h1><form method="post">{% csrf_token %}{{ form }}
<button>Sign in</button></form>"""
APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"]
TEMPLATES = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": False,
    "OPTIONS": {
        "context_processors": ["django.template.context_processors.request"],
        "loaders": [
            ("django.template.loaders.locmem.Loader", {"registration/login.html": PAGE}),
            "django.template.loaders.app_directories.Loader",
        ],
    },
}
PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": GIVEN["key"],
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_ISS_ENDPOINT": f"http://localhost:{GIVEN['port']}",
    "OAUTH2_VALIDATOR_CLASS": f"{__name__}.validator",
    "SCOPES": {"openid": "Who you are", "profile": "Your name", "email": "Your mail"},
    "PKCE_REQUIRED": True,
    "ALLOWED_SCHEMES": ["http", "https"],
}

settings.configure(
    SECRET_KEY="of a test",
    ALLOWED_HOSTS=["localhost"],
    INSTALLED_APPS=APPS,
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ROOT_URLCONF=__name__,
    TEMPLATES=[TEMPLATES],
    LOGIN_URL="/login/",
    USE_TZ=True,
    MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "sessions", "oauth2_provider")),  # made at once: 4 s less
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    OAUTH2_PROVIDER=PROVIDER,
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models need settings
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402

urlpatterns = [path("login/", LoginView.as_view()), path("", include("oauth2_provider.urls"))]


class validator(OAuth2Validator):  # type: ignore[misc]  # noqa: N801 - found by this name
    """Says who somebody is, and in which groups."""

    oidc_claim_scope = None
    """Every claim for every scope."""

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Return the claims of whoever has signed in."""
        groups = GIVEN["groups"].get(request.user.username, [])
        return {"sub": f"contoso-{request.user.pk}", "preferred_username": request.user.username, "groups": groups}


class Quiet(WSGIRequestHandler):
    """Writes no line for every request."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def fill() -> None:
    """Make the tables, the people and the one client."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    for name in GIVEN["groups"]:
        User.objects.create_user(name, password=PASSWORD)
    Application.objects.create(
        client_id="inhouse",
        client_secret=GIVEN["secret"],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=GIVEN["redirect"],
        post_logout_redirect_uris=GIVEN["after"],
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )


def serve() -> None:
    """Serve until the process is ended."""
    WSGIServer.allow_reuse_address = True
    with make_server("127.0.0.1", GIVEN["port"], get_wsgi_application(), handler_class=Quiet) as server:
        sys.stdout.write(json.dumps({"serves": True}) + "\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    sys.modules["provider_site"] = sys.modules[__name__]
    logging.disable(logging.WARNING)
    fill()
    serve()
