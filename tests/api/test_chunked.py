"""Bodies that come in chunks, without their length, as gunicorn serves them."""

import http.client
import json
import socket
from collections.abc import Iterable, Iterator
from io import BytesIO

import pytest

from core.api.parsers import measured
from partnerships.models import Area
from tests.api.conftest import token_for
from tests.api.served import served

AREAS = "/api/v1/areas/"
AREA = b'{"slug": "sahel-invente", "name_fr": "Sahel invent\xc3\xa9", "name_en": "Invented Sahel"}'


@pytest.fixture
def port(transactional_db, tmp_path) -> Iterator[int]:
    with served(tmp_path / "web.log") as port:
        yield port


def sent(port: int, token: str, chunks: Iterable[bytes]) -> tuple[int, dict]:
    parvis = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Content-Type": "application/json",
        "Host": "localhost",
        "Authorization": f"Bearer {token}",
        "Transfer-Encoding": "chunked",
    }
    parvis.request("POST", AREAS, iter(chunks), headers, encode_chunked=True)
    answer = parvis.getresponse()
    return answer.status, json.loads(answer.read())


def test_a_body_in_chunks_is_read_like_any_other(port):
    token = token_for("partnerships:read", "partnerships:write")
    status, said = sent(port, token, [AREA[:50], AREA[50:]])
    assert (status, said.get("name_fr")) == (201, "Sahel inventé")
    assert Area.objects.get().slug == "sahel-invente"
    assert sent(port, token, [AREA])[0] == 400  # the slug is taken
    assert sent(port, token, [])[0] == 400
    status, said = sent(port, token, [b" " * 1_000_000] * 12)
    assert (status, said["type"]) == (413, "urn:parvis:problem:too-large")
    assert sent(port, "unknown", [AREA])[0] == 401
    assert Area.objects.count() == 1


def test_a_chunk_that_cannot_be_read_is_refused(port):
    asked = f"POST {AREAS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token_for('partnerships:write')}\r\n"
    asked += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as parvis:
        parvis.sendall(asked.encode())
        assert parvis.recv(4096).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(("length", "read"), [(0, b""), (9, b"x" * 9), (10, b"x" * 10), (50, b"x" * 11)])
def test_no_more_is_read_than_shows_that_it_is_too_long(length, read):
    def application(environ, _start_response):
        return [environ["CONTENT_LENGTH"].encode(), environ["wsgi.input"].read()]

    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": BytesIO(b"x" * length)}
    assert measured(application, 10)(environ, None) == [str(len(read)).encode(), read]


def test_what_says_its_length_and_what_has_no_end_are_left_alone():
    given = [{"wsgi.input_terminated": True, "CONTENT_LENGTH": "5"}, {"HTTP_TRANSFER_ENCODING": "chunked"}]
    for environ in given:
        stream = BytesIO(b"12345")
        assert measured(lambda found, _start: found, 10)(environ | {"wsgi.input": stream}, None)["wsgi.input"] is stream
