"""The other side of a broker as Python's users know it: kombu, without anything of ours.

    kombu_peer.py check URL OPTIONS                   whether all the others can be done
    kombu_peer.py publish URL OPTIONS QUEUE COUNT [PRIORITY]   COUNT tasks as Celery would write them, numbered from 0
    kombu_peer.py consume URL OPTIONS QUEUE COUNT     prints COUNT messages, one a line, and acknowledges them
    kombu_peer.py let-fall URL OPTIONS QUEUE COUNT    the same, but dies before it acknowledges the last one
    kombu_peer.py sweep URL OPTIONS QUEUE SECONDS     restores what others let fall, until the queue has something; prints how much
    kombu_peer.py call URL OPTIONS METHOD TIMEOUT [NODE]   asks nodes through a mailbox, prints the list of answers
    kombu_peer.py event URL OPTIONS                   prints "ready", then the first event that comes
    kombu_peer.py result URL OPTIONS ID SECONDS       what Celery finds in the result backend: [status, type of the value, value]

OPTIONS are kombu's transport options as JSON. Ends with 77 where kombu is absent, or cannot do this.
"""
import json
import os
import socket
import sys
import time
import uuid

try:
    import kombu
    import kombu.pidbox
except ImportError as reason:
    print(f"kombu cannot be imported: {reason}")
    sys.exit(77)

TIMEOUT_S = 20


def say(value):
    print(value if isinstance(value, str) else json.dumps(value), flush=True)


def needs_fanout(connection):
    if not getattr(connection.default_channel, "supports_fanout", True):
        say(f"kombu {kombu.__version__} has no fanout here")
        sys.exit(77)


def publish(connection, queue, count, priority=0):
    producer = connection.Producer()
    for number in range(int(count)):
        task = str(uuid.uuid4())
        producer.publish(
            [[number, "token", {"width": 10}], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}],
            exchange="", routing_key=queue, serializer="json", delivery_mode=2, priority=int(priority),
            correlation_id=task, reply_to="nobody",
            headers={"lang": "py", "task": "jobs.tasks.submit_job", "id": task, "eta": None, "retries": 0,
                     "timelimit": [900, 600], "ignore_result": False, "stamps": {}})


def consume(connection, queue, count, falls=False):
    left = int(count)

    def show(message):
        nonlocal left
        left -= 1
        say({"body": message.body if isinstance(message.body, str) else bytes(message.body).decode(),
             "content_type": message.content_type, "headers": message.headers,
             "redelivered": bool(message.delivery_info.get("redelivered")),
             "properties": {key: value for key, value in message.properties.items() if key != "application_headers"}})
        if falls and left == 0:
            os._exit(0)
        message.ack()

    wanted = kombu.Queue(queue, kombu.Exchange(""), routing_key=queue, no_declare=True)
    with kombu.Consumer(connection.default_channel, [wanted], on_message=show, auto_declare=False):
        while left > 0:
            connection.drain_events(timeout=TIMEOUT_S)


def let_fall(connection, queue, count):
    consume(connection, queue, count, falls=True)


def sweep(connection, queue, seconds):
    channel = connection.default_channel
    until = time.monotonic() + float(seconds)
    while not channel._size(queue) and time.monotonic() < until:
        channel.qos.restore_visible(interval=1)
    say(channel._size(queue))


def result(connection, task, seconds):
    try:
        import celery
    except ImportError as reason:
        say(f"celery cannot be imported: {reason}")
        sys.exit(77)
    found = celery.Celery("peer", backend=connection.as_uri(include_password=True)).AsyncResult(task)
    try:
        value = found.get(timeout=float(seconds))
    except Exception as failure:  # what the task failed with is raised here
        value = failure
    say([found.status, type(value).__name__, str(value)])


def call(connection, method, timeout, node=None):
    needs_fanout(connection)
    mailbox = kombu.pidbox.Mailbox("celery", type="fanout", accept=["json"], **exclusive())(connection)
    if node:
        say(mailbox.call([node], method, {}, timeout=float(timeout)) or [])
    else:
        say(mailbox.multi_call(method, {}, timeout=float(timeout)) or [])


def exclusive():
    """As Celery 5.4 declares its queues, where the newest kombu would make them exclusive."""
    accepted = kombu.pidbox.Mailbox.__init__.__code__.co_varnames
    return {"queue_exclusive": False} if "queue_exclusive" in accepted else {}


def event(connection):
    needs_fanout(connection)
    # As Celery: see celery.events.event.get_exchange.
    kind = "fanout" if connection.transport.driver_type == "redis" else "topic"
    events = kombu.Exchange("celeryev", type=kind, durable=True)
    queue = kombu.Queue(f"celeryev.{uuid.uuid4()}", events, routing_key="#", auto_delete=True, durable=False,
                        expires=60, message_ttl=5)
    got = []
    with kombu.Consumer(connection.default_channel, [queue], accept=["json"], no_ack=True,
                        callbacks=[lambda body, message: got.append((body, message))]):
        say("ready")
        while not got:
            connection.drain_events(timeout=TIMEOUT_S)
    body, message = got[0]
    say({"body": body, "headers": message.headers, "key": message.delivery_info["routing_key"]})


def main():
    what, url, options, *rest = sys.argv[1:]
    with kombu.Connection(url, transport_options=json.loads(options)) as connection:
        try:
            connection.default_channel
            if what == "check":
                needs_fanout(connection)
            else:
                {"publish": publish, "consume": consume, "let-fall": let_fall, "sweep": sweep, "call": call, "event": event,
                 "result": result}[what](connection, *rest)
        except socket.timeout:
            say("timeout")
            sys.exit(1)


main()
