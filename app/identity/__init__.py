"""Who is calling: sessions of browsers and the token of programs. Knows no page and no store."""
