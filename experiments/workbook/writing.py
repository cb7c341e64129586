"""Writes the folder of the workbook. A file that is there is never changed."""

from pathlib import Path

from experiments.errors import UserError

PAGES = Path(__file__).with_name("pages")


def names():
    """The files of the workbook."""
    return sorted(path.name for path in PAGES.iterdir() if path.suffix in (".py", ".md"))


def write(folder):
    """Writes the files that are missing in `folder`.

    Returns:
        Two lists of names: files that were written, and files that were there.

    Raises:
        UserError: It is not possible to write there.
    """
    written, kept = [], []
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name in names():
            try:
                with open(Path(folder) / name, "x", encoding="utf-8", newline="\n") as file:
                    file.write((PAGES / name).read_text(encoding="utf-8"))
            except FileExistsError:
                kept.append(name)
            else:
                written.append(name)
    except OSError as error:
        raise UserError(f"{folder}: the workbook cannot be written: {error.strerror}") from None
    return written, kept
