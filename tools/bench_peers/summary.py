"""What bench_peers.sh prints.

summary.py run TOOL EPOCHS WORDS LINES THREADS OUT   one run as a line of JSON, from OUT.log, OUT.usage and OUT.analogy
summary.py table RUNS [--json] NAME=VALUE...         the table of all runs (or JSON); NAME=VALUE: the settings
"""
import json
import re
import statistics
import sys


def last_number(pattern, log):
    """The last number of the log that follows `pattern`."""
    found = re.findall(pattern + r"\s*([0-9.]+)", log)
    if not found:
        raise SystemExit(f"no speed (/{pattern}/) in the log: {log[-200:]!r}")
    return float(found[-1])


def words_per_second(tool, log, words, lines, epochs, threads):
    """Words of the corpus, rare ones too, passed over per second of training alone."""
    if tool in ("conec", "conec-exact", "gensim"):
        seconds = json.loads(log[log.index("{") : log.rindex("}") + 1])["train_seconds"]
        return words * epochs / seconds
    if tool == "fasttext":  # counts line ends as words
        return last_number(r"words/sec/thread:", log) * threads * words / (words + lines)
    if tool == "word2vec":
        return last_number(r"Words/thread/sec:", log) * 1000 * threads
    return last_number(r"Overall speed was", log)


def summarize_run(tool, epochs, words, lines, threads, out):
    with open(out + ".log", encoding="utf-8", errors="replace") as file:
        log = file.read()
    with open(out + ".usage", encoding="utf-8") as file:
        run = json.load(file)
    with open(out + ".analogy", encoding="utf-8") as file:
        accuracy = json.load(file)["total"]["accuracy"]
    rate = words_per_second(tool, log, int(words), int(lines), int(epochs), int(threads))
    run.update(tool=tool, epochs=int(epochs), words_per_second=rate, accuracy=accuracy)
    print(json.dumps(run))


FIGURES = ("words_per_second", "wall_seconds", "cpu_seconds", "peak_rss_kb", "accuracy")


def summaries(runs):
    """One row per tool and number of epochs, in the order of the runs.

    Medians over the repetitions of what depends on the state of the machine, which may change by the minute; the mean
    of the accuracies.
    """
    groups = group_runs(runs)
    rows = []
    for (tool, epochs), group in groups.items():
        row = {"tool": tool, "epochs": epochs, "repetitions": len(group)}
        for figure in FIGURES:
            average = statistics.mean if figure == "accuracy" else statistics.median
            row[figure] = average(run[figure] for run in group)
        peers = groups.get(("gensim", epochs), [])
        row["speed_to_gensim"] = median_ratio(group, peers, lambda run: run["words_per_second"])
        row["wall_to_gensim"] = median_ratio(group, peers, lambda run: 1 / run["wall_seconds"])
        rows.append(row)
    return rows


def group_runs(runs):
    groups = {}
    for run in runs:
        groups.setdefault((run["tool"], run["epochs"]), []).append(run)
    return groups


def median_ratio(group, peers, value):
    """Of the ratios within each round; None without gensim."""
    return statistics.median(value(run) / value(peer) for run, peer in zip(group, peers)) if peers else None


def time_to_accuracy(rows):
    """When each tool has gensim's accuracy after the most epochs: {"accuracy": A, "tools": {tool: row or None}}."""
    gensim = [row for row in rows if row["tool"] == "gensim"]
    if not gensim or len({row["epochs"] for row in rows}) < 2:
        return None
    goal = max(gensim, key=lambda row: row["epochs"])
    result = {"accuracy": goal["accuracy"], "gensim_wall_seconds": goal["wall_seconds"], "tools": {}}
    for tool in dict.fromkeys(row["tool"] for row in rows):
        there = [row for row in rows if row["tool"] == tool and row["accuracy"] >= goal["accuracy"]]
        best = min(there, key=lambda row: row["wall_seconds"], default=None)
        result["tools"][tool] = best and {"epochs": best["epochs"], "wall_seconds": best["wall_seconds"]}
    return result


def ratio(value):
    return "-" if value is None else f"{value:.2f}"


def print_table(rows, settings, goal):
    print(", ".join(f"{name} {value}" for name, value in settings.items()))
    line = "{:<12} {:>6} {:>12} {:>9} {:>9} {:>9} {:>9} {:>10} {:>9}"
    print(line.format("tool", "epochs", "words/s", "wall s", "cpu s", "peak MB", "analogy", "x words/s", "x wall"))
    for row in rows:
        print(
            line.format(
                row["tool"],
                row["epochs"],
                f"{row['words_per_second']:,.0f}",
                f"{row['wall_seconds']:.1f}",
                f"{row['cpu_seconds']:.1f}",
                f"{row['peak_rss_kb'] / 1024:.0f}",
                f"{row['accuracy']:.1f} %",
                ratio(row["speed_to_gensim"]),
                ratio(row["wall_to_gensim"]),
            )
        )
    if goal is None:
        return
    print(f"gensim's accuracy after the most epochs, {goal['accuracy']:.1f} %, is reached by")
    for tool, when in goal["tools"].items():
        if when is None:
            print(f"  {tool}: not here")
            continue
        gain = goal["gensim_wall_seconds"] / when["wall_seconds"]
        print(f"  {tool}: after {when['wall_seconds']:.1f} s (epochs: {when['epochs']}), {gain:.1f} times as fast")


def summarize_all(path, arguments):
    with open(path, encoding="utf-8") as file:
        rows = summaries([json.loads(line) for line in file])
    settings = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    goal = time_to_accuracy(rows)
    if "--json" not in arguments:
        return print_table(rows, settings, goal)
    numbers = {name: json.loads(value) for name, value in settings.items()}
    return print(json.dumps({"settings": numbers, "tools": rows, "time_to_accuracy": goal}, indent=2))


if sys.argv[1] == "run":
    summarize_run(*sys.argv[2:])
else:
    summarize_all(sys.argv[2], sys.argv[3:])
