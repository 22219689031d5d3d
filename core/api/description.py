"""How the OpenAPI document is written and served: YAML in which what holds no other things takes one line."""

from typing import Any

import orjson
import yaml
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView


class _Plain(yaml.CSafeDumper):
    def ignore_aliases(self, data):
        return True  # not every reader of YAML follows them


class Yaml(OpenApiYamlRenderer):
    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        plain = orjson.loads(orjson.dumps(data, default=str))
        text: Any = yaml.dump(
            plain,
            Dumper=_Plain,
            default_flow_style=None,
            sort_keys=False,
            allow_unicode=True,
            width=120,
            encoding="utf-8",
        )
        return text


class YamlByName(Yaml):
    media_type = "application/yaml"


class Description(SpectacularAPIView):
    renderer_classes = [Yaml, YamlByName, OpenApiJsonRenderer, OpenApiJsonRenderer2]
