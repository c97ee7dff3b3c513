"""What holds for every test."""

from hypothesis import settings

settings.register_profile("inhouse", deadline=None)  # tests assert behaviour, never time
settings.load_profile("inhouse")
