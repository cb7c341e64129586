"""One browser for the tests of a file."""

import pytest
from support.chromium import Chromium


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser
