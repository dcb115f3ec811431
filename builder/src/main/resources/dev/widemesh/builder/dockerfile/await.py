# Waits until buildkitd answers, at most SECONDS; and takes from steps the one socket of it that
# they would be given: a file of nothing is mounted instead.
# await.py SOCKET TRACE-SOCKET SECONDS
import os
import socket
import sys
import time

daemon, traces, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
end = time.monotonic() + seconds
while True:
    try:
        with socket.socket(socket.AF_UNIX) as attempt:
            attempt.connect(daemon)
        break
    except OSError as error:
        if time.monotonic() > end:
            sys.exit(f"{daemon}: {error.strerror}")
        time.sleep(0.02)
os.unlink(traces)
open(traces, "x").close()
