"""Write the published order sheets again: `python -m converter.sheet_template [FOLDER]`."""

import sys
from pathlib import Path

from converter.mapping.shipped import shipped_folder
from converter.sheet_template.published import rewrite

if __name__ == "__main__":
    for path in rewrite(Path(sys.argv[1]) if sys.argv[1:] else shipped_folder("templates")):
        print(path)
