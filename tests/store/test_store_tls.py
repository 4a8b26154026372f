"""PostgreSQL over TLS: a server that cannot prove itself is not told who we are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from certificates import Authority

from bridge.store.database import Database
from bridge.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from store_fixtures import Cluster

Serve = Callable[..., str]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def serve(postgres_cluster: Cluster, authority: Authority) -> Serve:
    """Make the server show a certificate; its URL without parameters."""

    def restart(host: str = "DNS:localhost", days: str = "1") -> str:
        shown = authority.issue(host, days)
        for source, name in ((shown.certificate, "server.crt"), (shown.key, "server.key")):
            target = postgres_cluster.folder / name
            shutil.copy(source, target)
            target.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(target, "postgres", "postgres")
        with (postgres_cluster.folder / "postgresql.conf").open("a") as config:
            config.write("ssl=on\nlog_connections=on\n")
        (postgres_cluster.folder / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n")
        postgres_cluster.stop("fast")
        postgres_cluster.start()
        return f"postgresql://bridge@localhost:{postgres_cluster.port}/postgres"

    return restart


async def test_a_server_with_the_right_certificate_is_used(serve: Serve, authority: Authority) -> None:
    url = f"{serve()}?sslmode=verify-full&sslrootcert={authority.file}"
    async with Database(url) as database, database.read() as connection:
        asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert (await connection.exec_driver_sql(asked)).scalar_one() is True


async def test_every_connection_is_encrypted(serve: Serve, authority: Authority) -> None:
    url = f"{serve()}?sslmode=verify-full&sslrootcert={authority.file}"
    async with Database(url) as database:
        duties = database.duties("me")
        await duties.start()
        duty = duties.duty("mqtt")
        duty.want()
        await duty.taken()
        async with database.read() as connection:
            asked = (
                "SELECT count(*) FROM pg_stat_activity LEFT JOIN pg_stat_ssl USING (pid)"
                " WHERE application_name LIKE 'agent-bridge%%' AND ssl IS NOT TRUE"
            )
            assert (await connection.exec_driver_sql(asked)).scalar_one() == 0
        await duties.close()


WRONG = {
    "other name": ("DNS:other.example", "1", "Hostname mismatch, certificate is not valid for 'localhost'"),
    "expired": ("DNS:localhost", "0", "certificate has expired"),
    "unknown issuer": ("DNS:localhost", "1", "unable to get local issuer certificate"),
}


@pytest.mark.parametrize(("host", "days", "why"), WRONG.values(), ids=WRONG)
async def test_a_server_that_cannot_prove_itself_is_not_talked_to(
    serve: Serve,
    postgres_cluster: Cluster,
    authority: Authority,
    tmp_path: Path,
    host: str,
    days: str,
    why: str,
) -> None:
    trusted = Authority(tmp_path / "other", "Other CA") if "issuer" in why else authority
    url = serve(host, days)
    before = (postgres_cluster.folder / "server.log").read_text().count("connection authorized")
    with pytest.raises(StoreUnavailable, match=why):
        await Database(f"{url}?sslmode=verify-full&sslrootcert={trusted.file}").open()
    after = (postgres_cluster.folder / "server.log").read_text().count("connection authorized")
    assert after == before


async def test_a_server_without_tls_is_not_talked_to_in_clear(
    postgres_cluster: Cluster, authority: Authority
) -> None:
    url = f"{postgres_cluster.url}?sslmode=verify-full&sslrootcert={authority.file}"
    with pytest.raises(StoreUnavailable, match="rejected SSL"):
        await Database(url).open()
