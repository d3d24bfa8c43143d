"""How large mp's frames are, and how often they go to and fro: seen by a relay of bytes before a server."""

import os
import socket
import threading

from systems import start_client


class Tap:
    """A Unix socket before another; remembers how many bytes passed at once, last, each way, and how often the client
    spoke after the server had."""

    def __init__(self, path, target):
        self.last = {"request": 0, "reply": 0}
        self.turns = 0
        self.address = f"unix:{path}"
        self._way = "reply"
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._target = target.removeprefix("unix:")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        """Every connection of the one client in turn has a pair of threads, which end with it."""
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._target)
            for source, sink, way in ((near, far, "request"), (far, near, "reply")):
                threading.Thread(target=self._forward, args=(source, sink, way), daemon=True).start()

    def _forward(self, source, sink, way):
        try:
            while received := source.recv(1 << 16):
                self.last[way] = len(received)
                if way != self._way:
                    self._way = way
                    self.turns += way == "request"
                sink.sendall(received)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other side ended first, as a client may that is done

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        os.unlink(self._path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def measure_frames(servers, cores):
    """Bytes of request and reply, by workload, with the sequence numbers of a session some time after its start."""
    frames = {}
    for workload in ("get", "set"):
        with Tap(servers.folder / f"tap_{workload}.sock", servers.address("mp")) as tap:
            with start_client("mp", servers, workload, cores, name=f"frames of {workload}", address=tap.address,
                              seconds=0.5) as client:
                client.go()
                client.result(30)
                frames[workload] = dict(tap.last)
    return frames
