"""What `make run` and `make test` do before anything is installed: standard library only, imported by nothing.

Every module here parses on Python 3.8, so that an unsupported Python is told so in a sentence. Each step leaves
its result behind and is skipped when that is still good, so a second run is quick and an interrupted one goes on.
"""
