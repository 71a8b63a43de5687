"""A door before the platform: the place where tests stop a job."""
import contextlib
import http.client
import http.server
import re
import threading
import uuid

from processes import PATIENCE_S


class Door:
    """Passes requests on to the platform, unless it is told to hold or to spoil some."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.lock = threading.Condition()
        self.held, self.spoiled, self.seen = [], [], []
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Otherwise an answer waits for the acknowledgement of its header.
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *_):
                pass

            def _pass_on(self):
                door.pass_on(self)

            do_GET = do_POST = do_HEAD = _pass_on

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                """A worker that is killed leaves its connection."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def pass_on(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        with self.lock:
            self.seen.append((request.command, request.path, body))
            for rule in self.spoiled:
                if rule["times"] and re.search(rule["path"], request.path) and rule["body"] in body:
                    rule["times"] -= 1
                    self._answer(request, rule["status"], [], b'{"detail": "spoiled"}')
                    return
            for rule in [rule for rule in self.held if re.search(rule["path"], request.path)]:
                rule["count"] += 1
                self.lock.notify_all()
                self.lock.wait_for(lambda rule=rule: rule not in self.held)
        upstream = http.client.HTTPConnection("127.0.0.1", self.target_port, timeout=60)
        headers = {key: value for key, value in request.headers.items() if key.lower() not in ("connection", "expect")}
        try:
            upstream.request(request.command, request.path, body or None, headers)
            answer = upstream.getresponse()
            self._answer(request, answer.status, answer.getheaders(), answer.read())
        finally:
            upstream.close()

    @staticmethod
    def _answer(request, status, headers, body):
        request.send_response_only(status)
        for key, value in headers:
            if key.lower() not in ("connection", "content-length", "transfer-encoding"):
                request.send_header(key, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
        request.wfile.flush()

    @contextlib.contextmanager
    def hold(self, path):
        """Requests whose path matches are held until the block ends. Gives a function that waits until a number are held."""
        rule = {"path": path, "count": 0, "id": uuid.uuid4()}
        with self.lock:
            self.held.append(rule)

        def wait_until_held(count=1, patience_s=PATIENCE_S):
            with self.lock:
                if not self.lock.wait_for(lambda: rule["count"] >= count, patience_s):
                    raise AssertionError(f"waited {patience_s} s in vain for {count} requests of {path}, not {rule['count']}")
        try:
            yield wait_until_held
        finally:
            with self.lock:
                self.held.remove(rule)
                self.lock.notify_all()

    @contextlib.contextmanager
    def spoil(self, path, times, status=503, body=b""):
        """The next requests whose path and body match are answered with an error, and go no further."""
        rule = {"path": path, "times": times, "status": status, "body": body}
        with self.lock:
            self.spoiled.append(rule)
        try:
            yield rule
        finally:
            with self.lock:
                self.spoiled.remove(rule)

    def close(self):
        with self.lock:
            self.held.clear()
            self.lock.notify_all()
        self.server.shutdown()
        self.server.server_close()
