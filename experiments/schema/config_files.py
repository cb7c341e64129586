"""Files of configuration, read by Hydra within limits: none stands for gigabytes.

Hydra copies what a YAML alias stands for, so that a file of a kilobyte can fill the memory. Nothing
of Hydra's can be set against it, so its class for folders of files is replaced while it runs.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hydra._internal.core_plugins import file_config_source
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigLoadError, ConfigResult
from yaml import YAMLError

from experiments.schema.config_limits import MOST_BYTES, MOST_VALUES
from experiments.tracking import documents


class FileConfigSource(file_config_source.FileConfigSource):
    """A folder of YAML files, as Hydra reads it; a file beyond the limits is an error.

    It has the name of Hydra's class: Joblib's processes are handed Hydra's state, and see by the
    name whether the class is registered.
    """

    def load_config(self, config_path: str) -> ConfigResult:
        path = Path(
            os.path.realpath(os.path.join(self.path, self._normalize_file_name(config_path)))
        )
        try:
            documents.check_values(
                documents.limited(path, MOST_BYTES, "a configuration has"), MOST_VALUES
            )
        except ValueError as error:
            raise ConfigLoadError(f"{path} is refused: {error}") from None
        except (YAMLError, OSError):
            pass  # Hydra says what is wrong
        return super().load_config(config_path)


@contextmanager
def within_limits() -> Iterator[None]:
    """Inside, Hydra reads folders of files by the class above, whichever option names them."""
    Plugins.instance()  # registers Hydra's own class, once in a process
    classes, scheme = SourcesRegistry.instance().types, FileConfigSource.scheme()
    before, classes[scheme] = classes[scheme], FileConfigSource
    try:
        yield
    finally:
        classes[scheme] = before
