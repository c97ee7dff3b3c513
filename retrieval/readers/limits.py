"""What one file may cost. Far above any honest document, far below what harms the machine."""

FILE_BYTES = 200 * 2**20
"""Larger files are refused before they are parsed."""
INFLATED_BYTES = 300 * 2**20
"""What all parts of a package (DOCX, ZIP and the like) may hold together."""
PART_BYTES = 100 * 2**20
"""What one part of a package may hold."""
INFLATION_RATIO = 200
"""Honest XML deflates by 10 to 40; only parts above 1 MiB are held to this."""
CHARACTERS = 20_000_000
"""About 10,000 printed pages; the rest is left out with a warning."""
PAGES = 5_000
"""The rest is left out with a warning."""
SECONDS = 120.0
"""After this long the pages read so far are kept, with a warning."""
DEPTH = 200
"""Nesting of HTML elements or tables; deeper content is flattened into its parent's text or left out."""
TOTAL_SECONDS = 720.0
"""After this long the process that reads the file is killed, whatever it says; recognising scanned pages counts too."""
MEMORY_BYTES = 2 * 2**30
"""Of the process that reads the file."""
BLOCKS = 1_000_000
"""The rest is left out with a warning."""
HEAD_BYTES = 64 * 2**20
"""Of what the reading process says of a document besides its text; a million blocks are 30 MB."""
TEXT_BYTES = 4 * CHARACTERS
"""UTF-8 needs at most four bytes a character."""
PARTS = 10_000
"""Files within one file, on all levels together: attachments of mail, files of an archive."""
NESTING = 8
"""How deep files may lie within files."""
WARNINGS = 100
"""Kept of one document."""
STRINGS = 3_000_000
"""Of a workbook, each written once; the rest is left out with a warning."""
DOTS_PER_INCH = 300
"""Of a page that is recognised; Tesseract's best figures are at 300."""
PAGE_PIXELS = 25_000_000
"""Of a page that is recognised: A3 at 300 dots per inch has 17 million. Larger pages are drawn more coarsely."""
IMAGE_PIXELS = 400_000_000
"""Of one picture in a page; A0 at 300 dots per inch has 140 million. Larger ones are not unpacked."""
PAGE_SECONDS = 90.0
"""For recognising one page, which takes two on a quiet machine."""
RECOGNITION_SECONDS = 600.0
"""After this long the pages not yet recognised are reported as unread."""
DRAWN_PIXELS = 12_000_000
"""Of a page that is shown: A4 at 300 dots per inch has 9 million."""
GRID_SECONDS = 20.0
"""For what the rules on the pages of a PDF draw; after that tables are told by the places of their words only."""
