"""What keeps an installation whole and its people's data theirs: keys rotated, backups, erasure, retention."""
