"""All errors that reading a damaged file raises; commands that read none need not import them."""

import zipfile
import zlib

# Errors of NumPy, JSON and YAML for a file that is cut, is of another kind, is encrypted, is nested
# without end, or asks for more memory than there is.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, NotImplementedError, RecursionError)
DAMAGE += (
    RuntimeError,
    OverflowError,
    EOFError,
    OSError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)
