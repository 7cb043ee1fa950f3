# SPDX-License-Identifier: MPL-2.0

"""The fixtures of real servers and the proxies in front of them."""

import threading
import time
from collections.abc import Callable

import psycopg
import pytest
import redis
import requests
from mypy_boto3_s3 import S3Client
from tests.support import servers
from tests.support.proxy import Fault, HttpProxy, Proxy
from tests.support.servers import Server


def test_every_test_has_an_empty_database(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone() == (0,)


def test_a_server_that_was_stopped_starts_again_with_its_data() -> None:
    with servers.postgres() as server:
        with psycopg.connect(servers.postgres_url(server)) as connection:
            connection.execute("CREATE TABLE kept (number integer)")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(servers.postgres_url(server))
        server.start()
        with psycopg.connect(servers.postgres_url(server)) as connection:
            assert connection.execute("SELECT * FROM kept").fetchall() == []


def test_the_store_evicts_and_the_cache_does_not(redis_url: str, redis_store_url: str) -> None:
    policies = {}
    for url in (redis_url, redis_store_url):
        with redis.Redis.from_url(url) as client:
            policies[url] = client.config_get("maxmemory-policy")["maxmemory-policy"]
    assert policies == {redis_url: "noeviction", redis_store_url: "allkeys-lru"}


def test_anyone_may_read_a_public_bucket(
    make_bucket: Callable[..., str], s3_client: S3Client
) -> None:
    public, private = make_bucket(public=True), make_bucket()
    for bucket in (public, private):
        s3_client.put_object(Bucket=bucket, Key="key", Body=b"text")
    endpoint = s3_client.meta.endpoint_url
    assert requests.get(f"{endpoint}/{public}/key", timeout=10).content == b"text"
    assert requests.get(f"{endpoint}/{private}/key", timeout=10).status_code == 403


def test_a_proxy_refuses_pauses_and_recovers(
    redis_server: Server, make_proxy: Callable[[int], Proxy]
) -> None:
    proxy = make_proxy(redis_server.port)
    url = servers.redis_url(redis_server, proxy.port)
    with redis.Redis.from_url(url, socket_timeout=0.2, retry=None) as client:
        assert client.ping()
        proxy.refuse()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        proxy.listen()
        assert client.ping()
        proxy.pause()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        proxy.resume()
        assert client.ping()


def test_a_proxy_cuts_an_answer(redis_server: Server, make_proxy: Callable[[int], Proxy]) -> None:
    proxy = make_proxy(redis_server.port)
    proxy.cut_after = 3
    client = redis.Redis.from_url(servers.redis_url(redis_server, proxy.port), retry=None)
    with client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_an_http_proxy_logs_requests_and_answers_some_itself(s3_proxy: HttpProxy) -> None:
    s3_proxy.add(Fault(status=503, times=1, when=lambda request: "one" in request.path))
    paths = ("/public-x/one", "/public-x/two", "/public-x/one")
    statuses = [requests.get(s3_proxy.url + path, timeout=10).status_code for path in paths]
    assert statuses == [503, 404, 404]
    assert [request.path for request in s3_proxy.requests] == list(paths)
    assert s3_proxy.most_at_once() == 1


def test_an_http_proxy_knows_what_ran_at_once(s3_proxy: HttpProxy) -> None:
    s3_proxy.pause()
    url = f"{s3_proxy.url}/public-x/one"
    clients = [
        threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 10}) for _ in range(3)
    ]
    for client in clients:
        client.start()
    while len(s3_proxy.requests) < 3:
        time.sleep(0.001)
    s3_proxy.resume()
    for client in clients:
        client.join()
    assert s3_proxy.most_at_once() == 3


def test_an_http_proxy_cuts_in_the_middle_of_a_body(
    make_bucket: Callable[..., str], s3_client: S3Client, s3_proxy: HttpProxy
) -> None:
    bucket = make_bucket(public=True)
    s3_client.put_object(Bucket=bucket, Key="key", Body=b"x" * 100_000)
    s3_proxy.add(Fault(cut_after=1000))
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(f"{s3_proxy.url}/{bucket}/key", timeout=10)
    s3_proxy.clear()
    assert len(requests.get(f"{s3_proxy.url}/{bucket}/key", timeout=10).content) == 100_000
