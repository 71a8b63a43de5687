#!/usr/bin/env python3
"""small_jobs.py SVI_WORKER [JOBS [TURNS [LANES]]] - how many small jobs (one RadioHound file each, type waterfall) a second go through the
HTTP API of the embedded platform: with `svi-worker serve`, two renderers and LANES lanes (2), and with two Python processes that make the
same calls and draw with matplotlib, in turns. Both are warm: jobs a second are counted from the moment at which all have done some jobs
to the last `completed` that the platform has. Also tells what processor a job costs, by process.

Needs numpy, matplotlib and requests.
"""
import base64
import json
import multiprocessing
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime

PROCESSES = 2
WARM_JOBS = 6 * PROCESSES


def recording():
    import numpy as np
    levels = np.random.default_rng(1).uniform(1e-11, 1e-8, 855).astype("<f4")
    return json.dumps({"data": base64.b64encode(levels.tobytes()).decode(), "type": "float32", "timestamp": "2025-02-04T18:39:11Z",
                       "sample_rate": 48e6, "center_frequency": 802e6, "mac_address": "98f07b24025a", "short_name": "bench",
                       "version": "v0", "metadata": {"data_type": "periodogram", "fmin": 790e6, "fmax": 814e6, "nfft": 2048}}).encode()


def processor_s(pid):
    """What a process has used, of all its threads."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid):
    found = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children") as file:
            found += [int(child) for child in file.read().split()]
    return found


class Platform:
    """An embedded platform with jobs that wait for somebody."""

    def __init__(self, program, folder, broker=None):
        self.program, self.data = program, os.path.join(folder, "platform")
        self.token = subprocess.run([program, "platform", "add-user", "bench", "--data", self.data], check=True, text=True,
                                    stdout=subprocess.PIPE).stdout.strip()
        command = [program, "platform", "--quiet", "--data", self.data, "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command + (["--broker", broker] if broker else []), stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def submit(self, count):
        import requests
        session, jobs = requests.Session(), []
        session.headers["Authorization"] = "Token " + self.token
        for _ in range(count):
            answer = session.post(self.url + "/api/jobs/submit-job/", data={"type": "waterfall"},
                                  files={"file": ("one.rh.json", recording())})
            answer.raise_for_status()
            jobs.append(answer.json()["job_id"])
        return jobs

    def completed(self):
        with sqlite3.connect(f"file:{self.data}/platform.db?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM statuses WHERE status = 'completed'").fetchone()[0]

    def completed_at_s(self):
        with sqlite3.connect(f"file:{self.data}/platform.db?mode=ro", uri=True) as db:
            rows = db.execute("SELECT created_at FROM statuses WHERE status = 'completed' ORDER BY created_at")
            return [datetime.fromisoformat(row[0].replace("Z", "+00:00")).timestamp() for row in rows]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def draw(content, picture):
    """The picture that svi-worker makes, in the way of the platform's worker: title, labels and ticks in its sizes, tight layout."""
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    file = json.loads(content)
    levels = np.frombuffer(base64.b64decode(file["data"]), dtype=file["type"])
    level_dbm = 10 * np.log10(levels) + 30
    bin_mhz = file["sample_rate"] / file["metadata"]["nfft"] / 1e6
    begin_mhz = file["metadata"]["fmin"] / 1e6 - bin_mhz / 2
    figure, axes = plt.subplots(figsize=(10, 10))
    axes.set_title("Waterfall of " + file["short_name"], fontsize=16)
    axes.set_xlabel("Frequency (MHz)", fontsize=14)
    axes.set_ylabel("Time (s)", fontsize=14)
    axes.tick_params(labelsize=12)
    image = axes.imshow(level_dbm[np.newaxis], aspect="auto", cmap="magma", extent=(begin_mhz, begin_mhz + len(levels) * bin_mhz, 1, 0))
    bar = figure.colorbar(image)
    bar.set_label("Power (dBm)", fontsize=14)
    bar.ax.tick_params(labelsize=12)
    figure.tight_layout()
    figure.savefig(picture)
    plt.close(figure)
    return {"min": float(level_dbm.min()), "max": float(level_dbm.max())}


def work_in_python(url, token, jobs, begin):
    import requests
    session = requests.Session()
    session.headers["Authorization"] = "Token " + token
    status = url + "/api/jobs/update-job-status/"
    with tempfile.TemporaryDirectory() as folder:
        picture = os.path.join(folder, "waterfall.png")
        draw(recording(), picture)
        begin.wait()
        for job in jobs:
            session.post(status, json={"job": job, "status": "running"}).raise_for_status()
            about = session.get(f"{url}/api/jobs/job-metadata/{job}/").json()["data"]
            content = session.get(f"{url}/api/jobs/job-file/{about['local_files'][0]['id']}/?file_type=local").content
            summary = draw(content, picture)
            save = f"{url}/api/jobs/save-job-data/{job}/"
            with open(picture, "rb") as file:
                ids = session.post(save, files={"waterfall.png": file}).json()["data"]["file_ids"]
            session.post(save, json={"json_data": summary}).raise_for_status()
            session.post(status, json={"job": job, "status": "completed",
                                       "info": {"results_id": ids["waterfall.png"]}}).raise_for_status()


def python_rate(program, count):
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(program, folder)
        jobs, begin = platform.submit(count), multiprocessing.Barrier(PROCESSES + 1)
        workers = [multiprocessing.Process(target=work_in_python, args=(platform.url, platform.token, jobs[i::PROCESSES], begin))
                   for i in range(PROCESSES)]
        for worker in workers:
            worker.start()
        begin.wait()
        begin_s = time.time()
        for worker in workers:
            worker.join()
        times = platform.completed_at_s()
        platform.stop()
    return count / (times[-1] - begin_s)


def wait_for(platform, serve, count):
    until = time.monotonic() + 600
    while platform.completed() < count:
        if serve.poll() is not None or time.monotonic() > until:
            sys.exit("small_jobs.py: svi-worker serve did not do its jobs")
        time.sleep(0.5)  # the end is in the database: each look costs processor that the measured lack


def own_rate(program, count, lanes):
    """Jobs a second, and ms of processor a job: renderers, serve, platform."""
    with tempfile.TemporaryDirectory() as folder:
        queue = os.path.join(folder, "queue")
        os.mkdir(queue)
        platform = Platform(program, folder, "filesystem://" + queue)
        platform.submit(WARM_JOBS)
        serve = subprocess.Popen([program, "serve", "--quiet", "--broker", "filesystem://" + queue, "--api-url", platform.url,
                                  "--work", os.path.join(folder, "work"), "--concurrency", str(lanes), "--renderers",
                                  str(PROCESSES)])
        wait_for(platform, serve, WARM_JOBS)
        # It is stopped while jobs come in, so that none of the two takes time from the other.
        os.kill(serve.pid, signal.SIGSTOP)
        platform.submit(count)
        processes = [children(serve.pid), [serve.pid], [platform.process.pid]]
        before_s = [sum(map(processor_s, group)) for group in processes]
        begin_s = time.time()
        os.kill(serve.pid, signal.SIGCONT)
        wait_for(platform, serve, WARM_JOBS + count)
        costs_ms = [1000 * (sum(map(processor_s, group)) - before) / count for group, before in zip(processes, before_s)]
        times = platform.completed_at_s()
        serve.terminate()
        serve.wait()
        platform.stop()
    return count / (times[-1] - begin_s), costs_ms


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    turns = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    lanes = int(sys.argv[4]) if len(sys.argv) > 4 else PROCESSES
    pairs = [(python_rate(program, max(count // 20, 20)), *own_rate(program, count, lanes)) for _ in range(turns)]
    median = statistics.median
    print("| Python and matplotlib, jobs/s | svi-worker serve, jobs/s | ratio | renderers, ms a job | serve | platform |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(f"| {median(row[0] for row in pairs):.2f} | {median(row[1] for row in pairs):.1f} | "
          f"{median(row[1] / row[0] for row in pairs):.1f} | " + " | ".join(f"{median(row[2][i] for row in pairs):.1f}" for i in range(3))
          + " |")


if __name__ == "__main__":
    main()
