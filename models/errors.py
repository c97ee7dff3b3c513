"""What can go wrong with models and weights, each with its sentence and remedy."""


class ModelError(Exception):
    """The model failed. Try again; if it stays, run `inhouse doctor`."""

    status = 500


class ModelMissingError(ModelError):
    """The model file is not there. Run `inhouse models fetch NAME`."""

    status = 503


class ModelFileDamagedError(ModelError):
    """The model file is damaged: its checksum is not the published one. Run `inhouse models fetch NAME` again."""

    status = 503


class PromptTooLongError(ModelError):
    """The prompt is longer than the model can read."""

    status = 413


class EngineBusyError(ModelError):
    """Too many questions are waiting. Try again in a minute."""

    status = 429


class EngineClosedError(ModelError):
    """The engine was closed. Start the product again."""

    status = 503


class EngineMissingError(ModelError):
    """The engine, llama.cpp, is missing or damaged. Run `make run` (`py -m app.install run`), which builds it."""

    status = 503


class EngineCrashedError(ModelError):
    """The engine died of a fault while it wrote. It is being started again; ask once more in a few seconds."""

    status = 503


class EmbedderCrashedError(ModelError):
    """The embedding model died of a fault. It is started again with the next text; try once more."""

    status = 503


class NotEmbedderError(ModelError):
    """This model makes no embeddings. `inhouse models list` shows what kind of model each is."""

    status = 422


class NotRerankerError(ModelError):
    """This model puts no texts in order. `inhouse models list` shows what kind of model each is."""

    status = 422


class NotCheckerError(ModelError):
    """This model cannot judge statements. Name another one (`checker`), or take that line out of inhouse.toml."""

    status = 422


class UnknownVocabularyError(ModelError):
    """The vocabulary of this model is of an unknown kind. Choose another model."""

    status = 422


class TemplateBrokenError(ModelError):
    """The model's chat template cannot be used. Choose another model file."""

    status = 503


class EngineRestartingError(ModelError):
    """The engine is being started again after a fault. Ask once more in a minute."""

    status = 503


class ServerFailedError(ModelError):
    """The model server broke off in the middle of the answer. Ask again."""

    status = 502


class ServersDownError(ModelError):
    """None of the model servers answers. Ask again in a minute; if it stays, tell whoever runs them."""

    status = 503


class InvalidRequestError(ModelError):
    """The model cannot be asked this way: a value is outside what it accepts."""

    status = 422


class NotEnoughMemoryError(ModelError):
    """There is not enough memory for the model. Choose a smaller model or fewer context tokens."""

    status = 503


class UnknownModelError(ModelError):
    """There is no model of this name. `inhouse models list` shows the names there are."""

    status = 404


class FetchError(ModelError):
    """The model could not be fetched. Check the network, then run the same command again; it goes on from here."""

    status = 503


class DiskFullError(ModelError):
    """The disk is too full for the model. Free some space, then run the same command again; it goes on from here."""

    status = 507


class NotErasedError(ModelError):
    """What the engine saved of conversations cannot be removed. Check the disk, then try again."""

    status = 500
