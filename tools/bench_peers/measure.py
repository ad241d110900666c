"""measure.py LOG USAGE COMMAND...: runs the command with all its output in LOG, and writes what it took to USAGE (JSON).

Exits as the command does.
"""
import json
import os
import subprocess
import sys
import time


def main():
    log_path, usage_path, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    start = time.monotonic()
    with open(log_path, "wb") as log:
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        except OSError as error:
            log.write(str(error).encode())
            sys.exit(1)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    code = os.waitstatus_to_exitcode(status)
    result = {"wall_seconds": wall, "cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_rss_kb": usage.ru_maxrss}
    with open(usage_path, "w", encoding="utf-8") as file:
        json.dump(result, file)
    sys.exit(code if code >= 0 else 128 - code)


main()
