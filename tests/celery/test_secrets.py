"""The token of a job's owner and the broker's password are seen nowhere: not in logs, events, results, answers of remote control,
lists of processes, or names of core files."""
import os
import subprocess

import fleet

NODE = "svi@a"


def tree_of(pid):
    """The process and all its descendants."""
    found = [pid]
    for parent in found:
        for task in os.listdir(f"/proc/{parent}/task"):
            try:
                with open(f"/proc/{parent}/task/{task}/children", encoding="ascii") as children:
                    found += [int(child) for child in children.read().split()]
            except FileNotFoundError:
                pass
    return found


class Secrets(fleet.Tests):
    @classmethod
    def set_up_fleet(cls):
        cls.token = cls.fleet.platform.token
        cls.events = cls.fleet.events() if cls.has_control() else None
        if cls.events:
            cls.addClassCleanup(cls.events.stop)
        # As a careless operator starts it, too: with the password on the command line.
        cls.careless = cls.fleet.serve("svi@careless", "-b", cls.fleet.broker.url, "-Q", "careless")
        cls.node = cls.fleet.serve(NODE)

    @classmethod
    def has_control(cls):
        import kombu
        return cls.broker != "folder" or kombu.VERSION[:2] >= (5, 3)

    def check(self, text, where):
        for what, secret in (("the token", self.token), ("the password", fleet.PASSWORD)):
            at = text.find(secret)
            self.assertEqual(at, -1, f"{what} stands in {where}: …{text[max(at - 100, 0):at]}…")

    def run_all_kinds_of_jobs(self):
        """What is said of a job depends on its end."""
        platform, door = self.fleet.platform, self.fleet.door
        done, _ = self.fleet.submit()
        platform.wait_for_status(done, "completed")
        bad, _ = self.fleet.submit({"fftSize": 7})
        platform.wait_for_status(bad, "failed")
        with door.spoil("/job-metadata/", times=10**6) as rule:
            retried, _ = self.fleet.submit()
            self.node.wait_for_line("retry in")
            rule["times"] = 0
        platform.wait_for_status(retried, "completed")
        with door.hold("/job-metadata/"):
            limited, _ = self.fleet.submit(soft_time_limit=1)
            platform.wait_for_status(limited, "failed")
        for args, kwargs in (((self.token, self.token), {}), ((1, [self.token]), {}), ((1,), {"token": self.token, self.token: 1}),
                             ((-1, self.token, None), {}), ((999999, self.token, None), {}), ((1, self.token + "\n"), {}),
                             ((), {"job_id": done, "token": self.token, "config": {"types": self.token}})):
            # Unlike the task itself, this checks no arguments.
            self.fleet.app.send_task("jobs.tasks.submit_job", args, kwargs, queue="large_jobs")
        self.fleet.app.send_task("jobs.tasks.nope", (1, self.token), {"token": self.token}, queue="large_jobs")
        careless, _ = self.fleet.submit(queue="careless")
        last, _ = self.fleet.submit()
        for job in (careless, last):
            platform.wait_for_status(job, "completed")

    def test_nowhere(self):
        self.run_all_kinds_of_jobs()
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            held, result = self.fleet.submit()
            waiting, _ = self.fleet.submit(countdown=600)
            wait_until_held()
            self.check_processes()
            if self.has_control():
                self.check_answers(result)
        self.fleet.platform.wait_for_status(held, "completed")
        self.assertEqual(self.node.stop(), 0)
        self.assertEqual(self.careless.stop(), 0)
        for process in (self.node, self.careless, self.fleet.platform.process):
            log = process.log()
            self.assertGreater(len(log), 0)
            self.check(log, "the log of " + process.name)
        if self.events:
            ours = [event for event in list(self.events.seen) if event["hostname"].startswith("svi@")]
            self.assertGreater(len([event for event in ours if event["type"].startswith("task-")]), 20)
            self.check(repr(ours), "events")
        if self.fleet.results:
            keys = list(self.fleet.redis.scan_iter("celery-task-meta-*"))
            self.assertGreater(len(keys), 10)
            for key in keys:
                self.check(self.fleet.redis.get(key).decode(), "the result " + key.decode())

    def check_answers(self, result):
        for method, arguments in (("ping", {}), ("active", {}), ("active", {"safe": True}), ("reserved", {}), ("scheduled", {}),
                                  ("registered", {}), ("stats", {}), ("active_queues", {}), ("conf", {"with_defaults": True}),
                                  ("report", {}), ("query_task", {"ids": [result.id]}), ("revoked", {}), ("clock", {}),
                                  ("hello", {"from_node": "svi@nobody", "revoked": {}})):
            for node in (NODE, "svi@careless"):
                answer = self.fleet.ask(method, node, **arguments)
                self.assertIsNotNone(answer, method)
                self.check(repr(answer), f"the answer to {method} of {node}")

    def check_processes(self):
        """What `ps` shows to everybody, and what a renderer, which reads files of strangers, could give away."""
        for node in (self.node, self.careless):
            tree = tree_of(node.pid)
            for pid in tree:
                with open(f"/proc/{pid}/cmdline", "rb") as line:
                    self.check(line.read().decode(errors="replace"), f"the command line of {pid}")
                with open(f"/proc/{pid}/comm", encoding="utf-8") as name:
                    self.check(name.read(), "the name of a core file")
                if pid != node.pid:
                    with open(f"/proc/{pid}/environ", "rb") as variables:
                        self.check(variables.read().decode(errors="replace"), f"the environment of the renderer {pid}")
        self.assertGreater(len(tree_of(self.node.pid)), 1, "there is no renderer")
        listed = subprocess.run(["ps", "axww", "-o", "args"], stdout=subprocess.PIPE, universal_newlines=True, check=False).stdout
        mine = [line for line in listed.splitlines() if "svi-worker" in line]
        self.check("\n".join(mine), "ps")


if __name__ == "__main__":
    fleet.main()
