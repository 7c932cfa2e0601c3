# SPDX-License-Identifier: MIT
"""Drives a demo with Python's http.client: http_client.py URL [FACTOR]

Exits with 1 at the first wrong answer.
"""
import http.client
import json
import socket
import sys
import urllib.parse

HOST = urllib.parse.urlsplit(sys.argv[1]).netloc
FACTOR = int(sys.argv[2]) if len(sys.argv) > 2 else 1


def connect():
    return http.client.HTTPConnection(HOST, timeout=20)


def ask(connection, method, path, body=None, headers=None, **more):
    connection.request(method, path, body=body, headers=headers or {}, **more)
    answer = connection.getresponse()
    return answer, answer.read()


def equal(got, expected, what):
    if got != expected:
        raise AssertionError(f"{what}: expected {expected!r:.200}, got {got!r:.200}")


def keep_alive():
    """100 requests on a connection, all on one socket."""
    for _ in range(10 * FACTOR):
        connection = connect()
        connection.connect()
        name = connection.sock.getsockname()
        for i in range(100):
            answer, body = ask(connection, "GET", f"/inspect?n={i}")
            equal((answer.status, answer.version), (200, 11), "status and version")
            equal(json.loads(body)["query"], {"n": str(i)}, "the query")
            if connection.sock is None or connection.sock.getsockname() != name:
                raise AssertionError(f"the connection was closed after {i + 1} requests")
        connection.close()
    print(f"note: {1000 * FACTOR} requests on {10 * FACTOR} connections")


def chunked_uploads():
    connection = connect()
    pieces = [b"x" * (i + 1) for i in range(2000)]
    total = sum(map(len, pieces))
    _, body = ask(connection, "POST", "/upload", iter(pieces))
    equal(json.loads(body), {"bytes": total}, "an iterable, counted")
    _, body = ask(connection, "POST", "/echo", iter(pieces))
    equal(body, b"".join(pieces), "an iterable, echoed")
    _, body = ask(connection, "POST", "/upload", iter([]))
    equal(json.loads(body), {"bytes": 0}, "an empty iterable")
    # What the client has no function for: extensions and trailers.
    connection.putrequest("POST", "/echo")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(b"5;name=value\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n")
    equal(connection.getresponse().read(), b"hello", "chunks with extensions and trailers")
    equal(ask(connection, "GET", "/plaintext")[1], b"Hello, World!", "the next request")
    connection.close()


def heads():
    connection = connect()
    for _ in range(50):
        answer, body = ask(connection, "HEAD", "/plaintext")
        equal((answer.status, answer.getheader("Content-Length"), body), (200, "13", b""), "HEAD")
        equal(ask(connection, "GET", "/plaintext")[1], b"Hello, World!", "GET after HEAD")
    connection.close()


def large_bodies():
    connection = connect()
    large = bytes(range(256)) * 32768
    _, body = ask(connection, "POST", "/echo", large, {"Content-Type": "application/octet-stream"})
    equal(body == large, True, "8 MiB echoed")
    chunks = 500 * FACTOR
    connection.request("GET", f"/stream?chunks={chunks}&size=100000")
    answer = connection.getresponse()
    equal(answer.getheader("Transfer-Encoding"), "chunked", "the framing")
    got = 0
    while piece := answer.read(65536):
        got += len(piece)
    equal(got, chunks * 100000, "bytes streamed")
    equal(ask(connection, "GET", "/json")[1], b'{"message":"Hello, World!"}', "the next request")
    connection.close()


def trailers_read():
    """http.client reads a trailer section up to its end: nothing may be left on the connection."""
    connection = connect()
    for _ in range(100):
        answer, body = ask(connection, "GET", "/stream?chunks=2&size=10")
        equal(body, b"abcdefghij" * 2, "chunks")
        equal(answer.isclosed(), True, "the answer's end was seen")
    connection.sock.setblocking(False)
    try:
        left = connection.sock.recv(1)
        raise AssertionError(f"bytes after the last chunk: {left!r}")
    except BlockingIOError:
        pass
    connection.close()


def http_10():
    connection = connect()
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"
    answer, body = ask(connection, "GET", "/stream?chunks=5&size=1000")
    equal(len(body), 5000, "a stream that ends with the connection")
    equal(answer.getheader("Transfer-Encoding"), None, "Transfer-Encoding under 1.0")
    connection.close()


def errors_keep_the_connection():
    connection = connect()
    connection.connect()
    name = connection.sock.getsockname()
    for method, path, status in (("GET", "/nowhere", 404), ("PUT", "/plaintext", 405), ("GET", "/later?ms=x", 400)):
        equal(ask(connection, method, path)[0].status, status, f"{method} {path}")
    equal(ask(connection, "GET", "/plaintext")[1], b"Hello, World!", "after errors")
    equal(connection.sock.getsockname(), name, "the socket")
    connection.close()


def half_closed():
    """A client that has ended its direction still gets its answers."""
    with socket.create_connection(tuple(HOST.rsplit(":", 1)), timeout=20) as plain:
        plain.sendall(b"GET /later?ms=50 HTTP/1.1\r\nHost: a\r\n\r\nGET /json HTTP/1.1\r\nHost: a\r\n\r\n")
        plain.shutdown(socket.SHUT_WR)
        got = b""
        while piece := plain.recv(4096):
            got += piece
    equal(got.count(b"HTTP/1.1 200"), 2, "answers after the half-close")


for part in (keep_alive, chunked_uploads, heads, large_bodies, trailers_read, http_10,
             errors_keep_the_connection, half_closed):
    try:
        part()
    except (AssertionError, OSError, ValueError, http.client.HTTPException) as error:
        print(f"http.client, {part.__name__}: {error!r}", file=sys.stderr)
        sys.exit(1)
