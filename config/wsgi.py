import gc
import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
through_django = get_wsgi_application()
# Imported once Django has loaded its apps.
measured = import_string("core.api.parsers.measured")(through_django, import_string("core.api.bulk.BODY_BYTES"))
application = import_string("core.api.again.Again")(measured)

# What is loaded by now stays: looking through all of it again takes a fifth of a second, in the middle of somebody's request.
gc.collect()
gc.freeze()
# A page makes tens of thousands of objects and drops nearly all of them: they are looked through less often.
gc.set_threshold(50_000, 20, 100)
