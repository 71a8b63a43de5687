"""Messages and brokers as they must not be: each ends in a line of the log, and the worker takes the next job."""
import base64
import json
import os
import pickle
import socket
import threading
import uuid

import fleet

NODE = "svi@a"
TASK = "jobs.tasks.submit_job"


def body_of(args, kwargs=None, embed=None):
    return json.dumps([args, kwargs or {}, embed or {}]).encode()


class Malformed(fleet.Tests):
    @classmethod
    def set_up_fleet(cls):
        cls.node = cls.fleet.serve(NODE, "-c", "1")

    def publish(self, body, headers=None, content_type="application/json", content_encoding="utf-8", **properties):
        """A message with exactly this in it; the task's id."""
        task = str(uuid.uuid4())
        if headers is None:
            headers = {"task": TASK, "id": task}
        with self.fleet.app.connection_for_write() as connection:
            connection.Producer().publish(body, exchange="", routing_key="large_jobs", headers=headers, content_type=content_type,
                                          content_encoding=content_encoding, **properties)
        return task

    def publish_envelope(self, text):
        """Bytes in place of what kombu would have written, where the broker takes any."""
        if self.broker == "redis":
            self.fleet.redis.lpush("large_jobs", text)
        else:
            path = os.path.join(self.fleet.broker.folder, f"0_{uuid.uuid4()}.large_jobs.msg")
            with open(path + ".part", "wb") as out:
                out.write(text)
            os.rename(path + ".part", path)

    def check_dropped(self):
        """The worker says so, in one line."""
        fleet.wait_for(self.complaints, "a complaint")
        self.assertEqual(len(self.complaints()), 1, self.complaints())

    def tearDown(self):
        """After all of them it works, and holds nothing."""
        self.check_alive()
        if self.broker == "redis":
            self.assertEqual(self.fleet.redis.llen("large_jobs"), 0)
            fleet.wait_for(lambda: not self.fleet.redis.hlen("unacked"), "nothing to be held")

    def complaints(self):
        return [line for line in self.new_lines() if ("error " in line or "warning " in line) and " the broker " not in line]

    def new_lines(self):
        return self.node.log().splitlines()[self.lines_before:]

    def check_alive(self):
        job, _ = self.fleet.submit()
        self.fleet.platform.wait_for_status(job, "completed")
        self.assertTrue(self.node.running())

    def setUp(self):
        self.lines_before = len(self.node.log().splitlines())

    def check_raises(self, task, *names):
        if self.fleet.results:
            with self.assertRaises(Exception) as caught:
                self.fleet.app.AsyncResult(task).get(timeout=fleet.PATIENCE_S)
            self.assertIn(type(caught.exception).__name__, names)

    def test_bodies(self):
        for body in (b"", b"{", b"[]", b"null", b"[[1, 2], {}]", b'["a", {}, {}]', b"\xff\xfe\x00", b"[" * 100000,
                     body_of([1, "t"])[:-1], body_of([1 << 70, "t"]), b'{"id": "' + b"x" * 70000 + b'"}'):
            with self.subTest(body=body[:30]):
                self.setUp()
                self.publish(body)
                self.check_dropped()

    def test_arguments(self):
        token = self.fleet.platform.token
        for args, kwargs in (([], {}), ([1], {}), ([-1, token], {}), ([0, token], {}), (["7", token], {}), ([1.5, token], {}),
                             ([None, token], {}), ([[1], token], {}), ([1, 2], {}), ([1, None], {}),
                             ([1, token, "config"], {}), ([1, token, {}, 4], {}), ([1, token], {"nobody": 1}),
                             ([1, token], {"job_id": 1}), ([1, "line\nbreak"], {}), ([1, "x" * 100000], {})):
            with self.subTest(args=str(args)[:50], kwargs=kwargs):
                self.setUp()
                task = self.publish(body_of(args, kwargs))
                self.check_raises(task, "TypeError", "ValueError")
                self.check_dropped()
                self.assertNotIn(token, "".join(self.complaints()))

    def test_headers(self):
        job = body_of([1, self.fleet.platform.token])
        for headers in ({}, {"id": "1"}, {"task": TASK}, {"task": 7, "id": []}, {"task": TASK, "id": "x" * 5000},
                        {"task": "jobs.tasks.nope", "id": str(uuid.uuid4())}):
            with self.subTest(headers=str(headers)[:50]):
                self.setUp()
                self.publish(job, headers)
                self.check_dropped()

    def test_headers_that_are_wrong_but_harmless(self):
        for extra in ({"eta": "tomorrow"}, {"expires": "never"}, {"timelimit": ["a", {}]}, {"timelimit": 7}, {"retries": "many"},
                      {"timelimit": [-1, -1]}, {"stamps": 7}, {"argsrepr": 7}, {"origin": {}}):
            with self.subTest(extra=extra):
                job = self.fleet.platform.add_job()
                self.publish(body_of([job, self.fleet.platform.token]), dict({"task": TASK, "id": str(uuid.uuid4())}, **extra))
                fleet.wait_for(lambda job=job: self.fleet.platform.status(job) == "completed" or len(self.complaints()),
                               "the job's end, or a reason")

    def test_content(self):
        job = body_of([1, self.fleet.platform.token])
        for body, content_type, encoding in ((pickle.dumps([[1, "t"], {}, {}]), "application/x-python-serialize", "binary"),
                                             (b"[1]", "application/x-yaml", "utf-8"), (job, "text/plain", "utf-8"),
                                             (job, "application/json", "utf-16"), (job, "application/json", "rot13")):
            with self.subTest(content_type=content_type, encoding=encoding):
                self.setUp()
                self.publish(body, content_type=content_type, content_encoding=encoding)
                self.check_dropped()

    def test_compressed(self):
        job, _ = self.fleet.submit(compression="zlib")
        fleet.wait_for(lambda: self.complaints() or self.fleet.platform.status(job) == "completed", "its end, or a reason")

    def test_envelopes(self):
        if self.broker == "amqp":
            self.skipTest("AMQP has no envelopes")
        envelope = {"body": base64.b64encode(body_of([1, "t"])).decode(), "content-encoding": "utf-8",
                    "content-type": "application/json", "headers": {"task": TASK, "id": str(uuid.uuid4())},
                    "properties": {"body_encoding": "base64", "delivery_tag": str(uuid.uuid4()), "delivery_info": {
                        "exchange": "", "routing_key": "large_jobs"}, "priority": 0}}
        broken = dict(envelope, body="!!not base64!!")
        if self.broker == "redis":  # in a folder, somebody may be about to write there
            self.publish_envelope(b"")
            self.check_dropped()
        for text in (b"not JSON", b"{}", b"[]", b"null", b'"text"', b"{" * 50000, b"\x00\x01\x02",
                     json.dumps(broken).encode(), json.dumps(dict(envelope, properties=7)).encode(),
                     json.dumps(dict(envelope, headers=[])).encode(), json.dumps(dict(envelope, body=7)).encode(),
                     json.dumps(envelope)[:-5].encode()):
            with self.subTest(text=text[:30]):
                self.setUp()
                self.publish_envelope(text)
                self.check_dropped()

    def test_a_message_of_100_megabytes(self):
        self.publish(b'[["' + b"x" * 100_000_000 + b'"], {}, {}]')
        # A server that writes so much to a busy disk may answer later than a node waits: then what it says of the message is lost.
        fleet.wait_for(lambda: self.complaints() or "lost the broker" in "".join(self.new_lines()), "a complaint")

    def test_config_as_deep_as_it_is(self):
        deep = b"[" * 5000 + b"]" * 5000
        self.publish(b'[[1, "t", {"a": ' + deep + b"}], {}, {}]")
        self.check_dropped()


class Brokers(fleet.Tests):
    """A broker that will not have us, or is none: it is tried again for ever, without a word of the password."""

    def start(self, url, **environment):
        return self.fleet.serve("svi@b", "--result-backend", "none", wait=False,
                                environment=dict({"CELERY_BROKER_URL": url}, **environment))

    def check_goes_on(self, node):
        node.wait_for_line("no connection to the broker")
        self.assertTrue(node.running())
        self.assertNotIn("wr0ng", node.log())
        self.assertNotIn(fleet.PASSWORD, node.log())
        node.stop()

    def test_wrong_password(self):
        if self.broker == "folder":
            self.skipTest("a folder has no password")
        node = self.start(self.fleet.broker.url.replace(fleet.PASSWORD, "wr0ng"))
        self.check_goes_on(node)

    def test_nobody_there(self):
        if self.broker == "folder":
            self.skipTest("a folder has no port")
        node = self.start(self.fleet.broker.url.replace(str(self.fleet.broker.port), str(fleet.free_port())))
        self.check_goes_on(node)

    def test_another_protocol(self):
        if self.broker == "folder":
            self.skipTest("a folder has no protocol")
        with socket.create_server(("127.0.0.1", 0)) as server:
            def answer():
                while True:
                    try:
                        peer, _ = server.accept()
                        with peer:
                            peer.recv(100)
                            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 100)
                    except OSError:
                        return
            threading.Thread(target=answer, daemon=True).start()
            node = self.start(self.fleet.broker.url.replace(str(self.fleet.broker.port), str(server.getsockname()[1])))
            self.check_goes_on(node)

    def test_folder_that_cannot_be_written(self):
        if self.broker != "folder":
            self.skipTest("this is no folder")
        node = self.start("filesystem:///proc/nothing", SVI_BROKER_OPTIONS="{}")
        self.check_goes_on(node)


if __name__ == "__main__":
    fleet.main()
