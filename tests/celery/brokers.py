"""Brokers on the loopback: each has a url, Celery's transport options, and can be stopped and started again with its data."""
import os
import shutil
import subprocess

from processes import ENVIRONMENT, Absent, Process, find_program, free_port

RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"
# Stand in every URL and in every task of every test: a log that shows one of them is a fault wherever it comes from.
PASSWORD = "s3cret-Passw0rd.Nobody~Sees"


class Redis:
    name = "redis"

    def __init__(self, folder):
        self.port = free_port()
        self.folder = os.path.join(folder, f"redis-{self.port}")
        os.makedirs(self.folder)
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self.options = {}
        # The password in a file: it is what tests look for in lists of processes.
        configuration = os.path.join(self.folder, "redis.conf")
        with open(configuration, "w", encoding="utf-8") as out:
            out.write(f'bind 127.0.0.1\nport {self.port}\nrequirepass "{PASSWORD}"\ndir "{self.folder}"\nsave ""\nappendonly yes\n'
                      "appendfsync always\n")
        self.process = Process(f"redis-{self.port}", [find_program("redis-server"), configuration], folder)
        self.wait_until_ready()

    def wait_until_ready(self):
        self.process.wait_for_line("Ready to accept connections")

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()

    def start_again(self):
        self.process.start_again()
        self.wait_until_ready()


class RabbitMQ:
    name = "amqp"

    def __init__(self, folder):
        if not os.path.exists(RABBITMQ):
            raise Absent(f"there is no {RABBITMQ} on this machine")
        self.port = free_port()
        self.folder = os.path.join(folder, f"rabbitmq-{self.port}")
        os.makedirs(self.folder)
        self.url = f"amqp://svi:{PASSWORD}@127.0.0.1:{self.port}//"
        self.options = {}
        with open(os.path.join(self.folder, "rabbitmq.conf"), "w", encoding="utf-8") as out:
            out.write(f"listeners.tcp.default = 127.0.0.1:{self.port}\ndefault_user = svi\ndefault_pass = {PASSWORD}\n"
                      "log.console = true\nlog.console.level = info\nlog.file = false\n")
        with open(os.path.join(self.folder, "plugins"), "w", encoding="utf-8") as out:
            out.write("[].\n")
        self.epmd_port = free_port()
        self.environment = {
            "HOME": self.folder,
            "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"svi{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": os.path.join(self.folder, "mnesia"),
            "RABBITMQ_LOG_BASE": self.folder,
            "RABBITMQ_CONFIG_FILE": os.path.join(self.folder, "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_ADVANCED_CONFIG_FILE": os.path.join(self.folder, "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": os.path.join(self.folder, "plugins"),
            "RABBITMQ_PID_FILE": os.path.join(self.folder, "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        }
        self.process = Process(f"rabbitmq-{self.port}", [RABBITMQ], folder, self.environment)
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self):
        self.process.wait_for_line("Server startup complete", 120)

    def control(self, *words):
        subprocess.run([RABBITMQ.replace("-server", "ctl"), "-q", *words], check=True, env=dict(ENVIRONMENT, **self.environment))

    def stop(self):
        self.process.stop()
        self._stop_names()

    def kill(self):
        self.process.kill()

    def start_again(self):
        self.process.start_again()
        self.wait_until_ready()

    def _stop_names(self):
        """Erlang leaves its name server behind, in a session of its own."""
        epmd = shutil.which("epmd")
        if epmd:
            subprocess.run([epmd, "-port", str(self.epmd_port), "-kill"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           check=False, env=dict(ENVIRONMENT, ERL_EPMD_PORT=str(self.epmd_port)))


class Folder:
    name = "folder"

    def __init__(self, folder):
        self.folder = os.path.join(folder, "broker")
        control = os.path.join(self.folder, "control")
        os.makedirs(control)
        self.url = f"filesystem://{self.folder}"
        self.options = {"data_folder_in": self.folder, "data_folder_out": self.folder, "control_folder": control}

    def stop(self):
        pass


BROKERS = {broker.name: broker for broker in (Redis, RabbitMQ, Folder)}
