"""llama.cpp's own server on a model: `python native.py MODEL STREAMS CONTEXT` prints its address and serves.

Each further line of its input is answered with the CPU seconds it has used; it ends with its input. Needs nothing but
the package that `app.install.peer` fetched.
"""

import sys
import time

import xllamacpp


def main() -> None:
    """Serve until the input ends."""
    model, streams, context_tokens = sys.argv[1:]
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.n_parallel = int(streams)
    parameters.n_ctx = int(streams) * int(context_tokens)
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 2
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)  # noqa: T201
    for _ in sys.stdin:
        print(time.process_time(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
