"""Bodies that come in chunks, without their length, as gunicorn serves them."""

import http.client
import json
import socket
from collections.abc import Iterator
from io import BytesIO

import pytest
from django.core.exceptions import RequestDataTooBig
from django.test import RequestFactory
from django.test.client import ClientHandler

from core.api.parsers import measured
from core.api.scopes import declared
from core.models import Document
from partnerships.models import Area
from tests import factories as make
from tests.api.conftest import token_for
from tests.api.served import served

MEGABYTE = 1_000_000
AREAS = "/api/v1/areas/"
AREA = b'{"slug": "sahel-invente", "name_fr": "Sahel invent\xc3\xa9", "name_en": "Invented Sahel"}'


@pytest.fixture
def port(transactional_db, tmp_path) -> Iterator[int]:
    with served(tmp_path / "web.log") as port:
        yield port


def sent(port: int, token: str, chunks, address: str = AREAS, kind: str = "application/json") -> tuple[int, dict]:
    parvis = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Content-Type": kind,
        "Host": "localhost",
        "Authorization": f"Bearer {token}",
        "Transfer-Encoding": "chunked",
    }
    parvis.request("POST", address, iter(chunks), headers, encode_chunked=True)
    answer = parvis.getresponse()
    return answer.status, json.loads(answer.read())


def broken(port: int, token: str) -> bytes:
    """What is answered to a chunk without a length."""
    asked = f"POST {AREAS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    asked += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as parvis:
        parvis.sendall(asked.encode())
        return parvis.recv(4096).partition(b"\r\n")[0]


@pytest.mark.walk
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
    assert broken(port, token) == b"HTTP/1.1 400 Bad Request"
    assert Area.objects.count() == 1


@pytest.mark.walk
def test_a_file_in_chunks_is_kept_whole_or_refused(port):
    token, area = token_for(*declared()), make.AreaFactory()
    form = {"content_type": "partnerships.area", "object_id": str(area.pk), "title": "Note inventée"}
    head = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in form.items()
    )
    head += '--x\r\nContent-Disposition: form-data; name="file"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\n'
    megabyte, end = b"inventee " * (MEGABYTE // 9), b"\r\n--x--\r\n"
    multipart = "multipart/form-data; boundary=x"
    status, said = sent(port, token, [head.encode(), *[megabyte] * 12, end], "/api/v1/documents/", multipart)
    assert (status, said.get("size")) == (201, 12 * len(megabyte))
    status, said = sent(port, token, [head.encode(), *[megabyte] * 28, end], "/api/v1/documents/", multipart)
    assert (status, [error["field"] for error in said["errors"]]) == (400, ["file"])
    assert Document.objects.count() == 1


def chunked(body: bytes, **more) -> dict:
    return {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": BytesIO(body)} | more


@pytest.fixture
def short(settings):
    """A document may have 20 bytes, its form 10."""
    settings.DOCUMENT_MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 20, 10


def read(environ, _start_response):
    return [environ["CONTENT_LENGTH"], environ["wsgi.input"].read()]


@pytest.mark.parametrize(("length", "limit"), [(0, 5), (30, 5), (40, 40)])
def test_a_body_has_the_length_that_it_has(short, length, limit):
    assert measured(read, limit)(chunked(b"x" * length), None) == [str(length), b"x" * length]


@pytest.mark.parametrize(("length", "limit"), [(31, 5), (1000, 5), (41, 40)])
def test_of_a_body_that_is_too_long_no_part_is_taken_for_the_whole(short, length, limit):
    stream = BytesIO(b"x" * length)
    with pytest.raises(RequestDataTooBig):
        measured(read, limit)(chunked(b"") | {"wsgi.input": stream}, None)
    assert stream.tell() == max(30, limit) + 1


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_who_sends_it_is_told_so(db, short, kind):
    """A form is cut where its next part might begin, so that it could pass for whole."""
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc\r\n'
    address = "/api/v1/documents/" if kind.startswith("multi") else AREAS
    asked = RequestFactory(HTTP_AUTHORIZATION=f"Bearer {token_for(*declared())}").post(address, b"x", content_type=kind)
    answer = measured(lambda environ, _start: ClientHandler()(environ), 5)(asked.environ | chunked(part * 20), None)
    assert (answer.status_code, json.loads(answer.content)["type"]) == (413, "urn:parvis:problem:too-large")


def test_what_says_its_length_and_what_has_no_end_are_left_alone():
    for environ in ({"wsgi.input_terminated": True, "CONTENT_LENGTH": "5"}, {"HTTP_TRANSFER_ENCODING": "chunked"}):
        stream = BytesIO(b"12345")
        assert measured(lambda found, _start: found, 5)(environ | {"wsgi.input": stream}, None)["wsgi.input"] is stream
