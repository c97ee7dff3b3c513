"""What can keep somebody from coming in through the provider, each with its sentence.

Nothing a provider or a browser sent stands in a sentence, but for names and addresses that were checked.
"""

from app.errors import AppError


class SingleSignOnError(AppError):
    """Signing in through the provider did not work. Begin again."""

    status = 401


class NoProviderError(AppError):
    """Inhouse is not set up to let people in through a provider. An administrator sets `oidc_issuer`."""

    status = 404


class ProviderDownError(SingleSignOnError):
    """The sign-in provider cannot be reached. Try again later; who has a password here signs in with it."""

    status = 503


class ProviderCertificateError(SingleSignOnError):
    """The sign-in provider's certificate is not trusted. An administrator names the right one in `oidc_ca_file`."""

    status = 503


class ProviderWrongError(SingleSignOnError):
    """What the sign-in provider answers is not OpenID Connect. An administrator runs `inhouse doctor`."""

    status = 502


class ClientRefusedError(SingleSignOnError):
    """The sign-in provider does not accept this Inhouse. An administrator checks `oidc_client_id` and its secret."""

    status = 502


class SecretError(SingleSignOnError):
    """The secret for the sign-in provider cannot be read. An administrator runs `inhouse doctor`."""

    status = 503


class BegunElsewhereError(SingleSignOnError):
    """This sign-in was begun in another browser, is finished already, or took longer than ten minutes. Begin again."""


class ProviderRefusedError(SingleSignOnError):
    """The sign-in provider did not let you in. Begin again, or ask an administrator."""


class ForgedTokenError(SingleSignOnError):
    """What the sign-in provider sent cannot be trusted: its signature is not the provider's. Nobody was signed in."""


class OutdatedTokenError(SingleSignOnError):
    """What the sign-in provider sent has run out, or a clock is wrong. Begin again."""


class ForeignTokenError(SingleSignOnError):
    """What the sign-in provider sent was meant for somebody else. Nobody was signed in; begin again."""


class GroupsMissingError(SingleSignOnError):
    """The sign-in provider does not say which groups you are in, and your rights follow from them."""

    status = 403


class GroupsError(SingleSignOnError):
    """The groups the sign-in provider names cannot be kept. An administrator lists in `oidc_groups` which count."""

    status = 403


class NoAccountError(SingleSignOnError):
    """You have no account here yet. Ask an administrator for one."""

    status = 403


class DisabledError(SingleSignOnError):
    """Your account here is disabled. Ask an administrator."""

    status = 403
