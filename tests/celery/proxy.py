"""A door between a worker and its broker that can be shut: passes bytes on, and cuts everything at a chosen piece, or for a while."""
import contextlib
import socket
import threading


class Proxy:
    def __init__(self, target_port):
        self.target_port = target_port
        self.lock = threading.Lock()
        self.connections = set()
        self.pieces = 0     # how many have passed, both ways
        self.cut_at = None  # the number of the piece that does not
        self.cuts = 0
        self.refusing = False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.refusing:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                near.close()
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.connections.add((near, far))
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(*ends, (near, far)), daemon=True).start()

    def _pass_on(self, source, target, pair):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                with self.lock:
                    self.pieces += 1
                    cut = self.cut_at is not None and self.pieces >= self.cut_at
                    if cut:
                        self.cut_at = None
                        self.cuts += 1
                if cut:
                    # Half of it arrives: what is written must not be taken for what is whole.
                    target.sendall(piece[:len(piece) // 2])
                    self.cut()
                    return
                target.sendall(piece)
        self._close(pair)

    def _close(self, pair):
        with self.lock:
            self.connections.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self):
        """All connections, now."""
        with self.lock:
            pairs = list(self.connections)
        for pair in pairs:
            self._close(pair)

    def cut_after(self, pieces):
        with self.lock:
            self.cut_at = self.pieces + pieces

    def close(self):
        self.listener.close()
        self.cut()
