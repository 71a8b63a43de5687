#!/usr/bin/env python3
"""small_jobs.py SVI_WORKER [JOBS [TURNS]] - how many small jobs (one RadioHound file each, type waterfall) a second go through the HTTP
API of the embedded platform: with `svi-worker serve` and two lanes, and with two Python processes that make the same calls and draw
with matplotlib, in turns. Both are warm. Jobs a second are counted between the first and the last `completed` that the platform has.

Needs numpy, matplotlib and requests.
"""
import base64
import json
import multiprocessing
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime

LANES = 2


def recording():
    import numpy as np
    levels = np.random.default_rng(1).uniform(1e-11, 1e-8, 855).astype("<f4")
    return json.dumps({"data": base64.b64encode(levels.tobytes()).decode(), "type": "float32", "timestamp": "2025-02-04T18:39:11Z",
                       "sample_rate": 48e6, "center_frequency": 802e6, "mac_address": "98f07b24025a", "short_name": "bench",
                       "version": "v0", "metadata": {"data_type": "periodogram", "fmin": 790e6, "fmax": 814e6, "nfft": 2048}}).encode()


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

    def completed_at_s(self):
        with sqlite3.connect(f"file:{self.data}/platform.db?mode=ro", uri=True) as db:
            rows = db.execute("SELECT created_at FROM statuses WHERE status = 'completed' ORDER BY created_at")
            return [datetime.fromisoformat(row[0].replace("Z", "+00:00")).timestamp() for row in rows]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def draw(content, picture):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    file = json.loads(content)
    levels = np.frombuffer(base64.b64decode(file["data"]), dtype=file["type"])
    level_dbm = 10 * np.log10(levels) + 30
    figure, axes = plt.subplots(figsize=(10, 10))
    image = axes.imshow(level_dbm[np.newaxis], aspect="auto", cmap="magma")
    figure.colorbar(image)
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


def rate(times):
    return (len(times) - 1) / (times[-1] - times[0])


def python_rate(program, count):
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(program, folder)
        jobs, begin = platform.submit(count), multiprocessing.Barrier(LANES)
        workers = [multiprocessing.Process(target=work_in_python, args=(platform.url, platform.token, jobs[i::LANES], begin))
                   for i in range(LANES)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        times = platform.completed_at_s()
        platform.stop()
    return rate(times)


def own_rate(program, count):
    with tempfile.TemporaryDirectory() as folder:
        queue = os.path.join(folder, "queue")
        os.mkdir(queue)
        platform = Platform(program, folder, "filesystem://" + queue)
        platform.submit(count)
        serve = subprocess.Popen([program, "serve", "--quiet", "--broker", "filesystem://" + queue, "--api-url", platform.url,
                                  "--work", os.path.join(folder, "work"), "--concurrency", str(LANES), "--renderers", str(LANES)])
        until = time.monotonic() + 600
        while len(platform.completed_at_s()) < count and time.monotonic() < until and serve.poll() is None:
            time.sleep(0.2)
        times = platform.completed_at_s()
        serve.terminate()
        serve.wait()
        platform.stop()
    # A renderer compiles, or loads, what it needs with its first picture.
    return rate(times[LANES:])


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    turns = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    own_rate(program, 4 * LANES)
    pairs = [(python_rate(program, max(count // 20, 10)), own_rate(program, count)) for _ in range(turns)]
    print("| Python and matplotlib, jobs/s | svi-worker serve, jobs/s | ratio |\n| --- | --- | --- |")
    print(f"| {statistics.median(a for a, _ in pairs):.2f} | {statistics.median(b for _, b in pairs):.1f} | "
          f"{statistics.median(b / a for a, b in pairs):.1f} |")


if __name__ == "__main__":
    main()
