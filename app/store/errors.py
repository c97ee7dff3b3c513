"""What can go wrong with keys and with what is kept, each with its sentence and remedy."""

from app.errors import AppError


class StoreError(AppError):
    """What is kept could not be read or written. Try again; if it stays, run `inhouse doctor`."""


class NotFoundError(StoreError):
    """This does not exist (any more), or it is not yours."""

    status = 404


class ErasedError(StoreError):
    """This was erased together with its owner's key and cannot be read again."""

    status = 410


class AlreadyFinishedError(StoreError):
    """This answer is stored already and is not replaced. Ask again for a new one."""

    status = 409


class UnknownCollectionError(NotFoundError):
    """There is no such collection. Run `inhouse collections list` to see which there are."""


class CollectionNameError(StoreError):
    """A collection needs a name of 1 to 100 characters on one line."""

    status = 422


class CollectionExistsError(StoreError):
    """There is a collection of this name already. Choose another name."""

    status = 409


class UnknownPersonError(NotFoundError):
    """There is no such account. Run `inhouse users list` to see which there are."""


class AccountNameError(StoreError):
    """An account or group needs a name of 1 to 100 characters on one line."""

    status = 422


class NameTakenError(StoreError):
    """There is an account of this name already. Choose another name."""

    status = 409


class LastAdminError(StoreError):
    """This is the last administrator who can sign in. Make somebody else an administrator first."""

    status = 409


class DirectoryInUseError(StoreError):
    """Another Inhouse process owns this data directory. Stop it, or use its address."""

    status = 409


class DiskFullError(StoreError):
    """The disk that holds the data directory is full. Free some space and try again; what was stored is intact."""

    status = 507


class DiskFaultError(StoreError):
    """The disk that holds the data directory cannot be read or written. Check the disk and its permissions."""

    status = 503


class DatabaseBusyError(StoreError):
    """The database was busy for too long. Try again in a minute."""

    status = 503


class DamagedDatabaseError(StoreError):
    """The database is damaged. Stop Inhouse and put back a backup of the data directory."""

    status = 503


class NewerDatabaseError(StoreError):
    """The database was written by a newer Inhouse. Install that version again, or put back an older backup."""

    status = 503


class KeyProblemError(StoreError):
    """The key of this data directory cannot be used."""

    status = 503


class NoKeyringError(KeyProblemError):
    """No system keyring can be used here.

    The full sentence names what was found and the alternatives; see `app.store.keys`.
    """


class KeyringLockedError(KeyProblemError):
    """The system keyring is locked or refused access. Unlock it (log in to the desktop) and start again."""


class MissingKeyError(KeyProblemError):
    """The key of this data directory is missing, and without it nothing in it can be read."""


class WrongKeyError(KeyProblemError):
    """The key does not belong to this data directory. Nothing was changed."""


class WrongPassphraseError(WrongKeyError):
    """The passphrase is wrong. Nothing was changed; try again."""


class PassphraseError(KeyProblemError):
    """A passphrase of at least 12 characters is needed."""


class KeyFileError(KeyProblemError):
    """The key file cannot be used."""


class RecoveryKeyError(KeyProblemError):
    """This is not a recovery key: a character is missing or mistyped. Compare it with what was written down."""

    status = 422


class ForeignFileError(StoreError):
    """This is not a file that Inhouse wrote for this. Nothing was changed."""

    status = 422


class DamagedFileError(StoreError):
    """The file is damaged: it was changed, or a part of it is missing. Nothing was changed; take another copy of it."""

    status = 422


class FileExistsAlreadyError(StoreError):
    """There is a file of this name already; it is not replaced."""

    status = 409


class HeldError(StoreError):
    """A legal hold suspends this: nothing of this person is deleted until it is released."""

    status = 423


class FalseReceiptError(StoreError):
    """This receipt was changed, or no key of this installation signed it."""

    status = 422
