"""The documents of an installation: learned, watched, exported, learned anew, and answers somebody approved."""
