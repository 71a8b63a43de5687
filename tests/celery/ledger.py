"""What the embedded platform has written down of its jobs: every status that was ever posted, and every result that was saved."""
import json
import os
import sqlite3

ENDS = ("completed", "failed")


class Ledger:
    def __init__(self, platform):
        # Opened anew for each question: the platform may be killed, and started again, meanwhile.
        self.path = os.path.join(platform.data, "platform.db")

    def _ask(self, text, *values):
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30) as base:
            return base.execute(text, values).fetchall()

    def statuses(self, job):
        """All of them, oldest first, as (status, info)."""
        return [(status, json.loads(info) if info else {}) for status, info in
                self._ask("SELECT status, info FROM statuses WHERE job = ? ORDER BY id", job)]

    def ended(self, jobs):
        """How many of the jobs have an end now."""
        rows = self._ask("SELECT id FROM jobs WHERE status IN ('completed', 'failed')")
        return len({row[0] for row in rows} & set(jobs))

    def fault(self, job):
        """None where the job is completed, once, with a result that was saved; else what is wrong with it."""
        statuses = self.statuses(job)
        words = [status for status, _ in statuses]
        if not words or words[-1] != "completed":
            return f"job {job}: {statuses}"
        if sum(word in ENDS for word in words) != 1:
            return f"job {job} has more than one end: {statuses}"
        results_id = statuses[-1][1].get("results_id")
        if not self._ask("SELECT 1 FROM results WHERE id = ? AND job = ?", results_id, job):
            return f"job {job}: its results_id {results_id} is no result of its own"
        return None

    def faults(self, jobs):
        return [fault for fault in map(self.fault, jobs) if fault]
