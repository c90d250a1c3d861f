"""Write the published order sheets again: `python -m converter.template [FOLDER]`."""

import sys
from pathlib import Path

from converter.mapping.load import shipped_folder
from converter.template.published import rewrite

if __name__ == "__main__":
    for path in rewrite(Path(sys.argv[1]) if sys.argv[1:] else shipped_folder("templates")):
        print(path)
