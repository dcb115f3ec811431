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
            attempt.settimeout(max(end - time.monotonic(), 0.001))
            attempt.connect(daemon)
            # It listens long before it is whole, but speaks first, and only once it is: RFC 9113
            # 3.4. Then the other socket is there as well.
            if attempt.recv(1):
                break
    except OSError as error:
        reason = error
    else:
        reason = "it hung up"
    if time.monotonic() > end:
        sys.exit(f"{daemon}: {reason}")
    time.sleep(0.02)
os.unlink(traces)
open(traces, "x").close()
