"""Code of the user's own: a file that the command line names, and never one named elsewhere."""

from experiments.own.executing import attributes, executed, forget, module
from experiments.own.naming import (
    NAMED,
    Code,
    class_of_package,
    code_of,
    name,
    name_only,
    of_text,
    read,
    read_all,
)
from experiments.own.places import Fault, at, line_of, place, where

__all__ = [
    "NAMED",
    "Code",
    "Fault",
    "at",
    "attributes",
    "class_of_package",
    "code_of",
    "executed",
    "forget",
    "line_of",
    "module",
    "name",
    "name_only",
    "of_text",
    "place",
    "read",
    "read_all",
    "where",
]
