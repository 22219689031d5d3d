"""One factory a model: minimal valid rows, with names that nobody takes for real ones."""

from tests.factories.cooperation import *
from tests.factories.core import *
from tests.factories.events import *
from tests.factories.mandate import *
from tests.factories.partnerships import *
from tests.factories.protection import *
from tests.factories.solidarity import *
