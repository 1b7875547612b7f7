#!/usr/bin/env python3
"""sweep_test.py FLOTSAM LIBRARY - kills the real program before every call that changes a file, and makes every such call fail.

A bucket of files, an SQLite database, a plan of 12 orphans. For every n: `apply` is killed before its n-th call (or that call
fails with "no space left on device"), then applied again, to the end that an undisturbed run reaches; then `undo` is treated
alike, and the tree must be what it was. Whatever happens, what is no orphan stands untouched after every step.
Prints how many kills and faults were survived.
"""
import collections
import concurrent.futures
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

FLOTSAM, LIBRARY = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
STRIDE = int(os.environ.get("FLOTSAM_CRASH_STRIDE", "1"))
LIVE = [f"media/live{i}.jpg" for i in range(20)]
ORPHANS = [f"media/{folder}x{i}.png" for i in range(4) for folder in ("", "a/", "b/c/")]
CONFIG = """
[store]
url = "file://{root}/bucket"
prefixes = ["media/"]
min_age = "0s"
allow_short_min_age = true
[[references]]
name = "files"
database = "sqlite:{root}/app.db"
query = "SELECT name FROM files"
objects = ["media/{{name}}"]
[guards]
orphan-percent = 90
[state]
dir = "{root}/state"
[delete]
quarantine = "{root}/bucket/.flotsam-quarantine/"
max_rate = 100000
"""


class World:
    """One bucket with its plan."""

    def __init__(self, folder):
        self.root = folder
        for key in LIVE + ORPHANS:
            path = os.path.join(folder, "bucket", key)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write("content of " + key)
        database = sqlite3.connect(os.path.join(folder, "app.db"))
        database.execute("CREATE TABLE files (name TEXT)")
        database.executemany("INSERT INTO files VALUES (?)", [(key[len("media/"):],) for key in LIVE])
        database.commit()
        database.close()
        with open(os.path.join(folder, "flotsam.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(root=folder))
        self.before = self.tree()
        self.plan = os.path.join(folder, "plan")
        code, _ = self.run("scan", "--plan", self.plan)
        assert code == 0, f"scan: exit {code}"

    def run(self, *arguments, **around):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        if around:
            environment["LD_PRELOAD"] = LIBRARY
        environment.update({"NTH_CALL_" + name.upper(): str(value) for name, value in around.items()})
        done = subprocess.run([FLOTSAM, *arguments, "--json", "-q", "-c", os.path.join(self.root, "flotsam.toml")],
                              env=environment, capture_output=True, timeout=120, check=False)
        self.said = done.stderr.decode(errors="replace")
        return done.returncode, done.stdout.decode()

    def apply(self, **around):
        return self.run("apply", self.plan, "--expect", str(len(ORPHANS)), **around)

    def journal(self):
        folder = os.path.join(self.root, "state", "journals")
        return [os.path.join(folder, name) for name in os.listdir(folder) if not name.endswith(".undo.ndjson")][0]

    def undo(self, **around):
        return self.run("undo", self.journal(), **around)

    def tree(self):
        """Content of every file of the scope, by key."""
        found = {}
        for folder, folders, names in os.walk(os.path.join(self.root, "bucket")):
            folders[:] = [name for name in folders if not name.startswith(".flotsam-")]
            for name in names:
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    found[os.path.relpath(path, os.path.join(self.root, "bucket"))] = file.read()
        return found

    def quarantined(self):
        folder = os.path.join(self.root, "bucket", ".flotsam-quarantine")
        return collections.Counter(open(os.path.join(where, name), encoding="utf-8").read()
                                   for where, _, names in os.walk(folder) for name in names)

    def check_nothing_lost(self, when):
        tree = self.tree()
        for key in LIVE:
            assert tree.get(key) == self.before[key], f"{when}: {key} was touched"
        aside = self.quarantined()
        for key in ORPHANS:
            copies = (key in tree) + aside[self.before[key]]
            assert copies == 1, f"{when}: {key} stands {copies} times"
            assert key not in tree or tree[key] == self.before[key], f"{when}: {key} was changed"

    def end_apply(self, when):
        code, out = self.apply()
        assert code == 0, f"{when}: the second apply exits {code}: {out}{self.said}"
        result = json.loads(out)
        assert result["deleted"] == len(ORPHANS) and result["status"] == "ok" and not result["failed"], f"{when}: {out}"
        self.check_nothing_lost(when)
        assert not set(ORPHANS) & set(self.tree()), f"{when}: not all are gone"

    def end_undo(self, when):
        code, out = self.undo()
        assert code == 0, f"{when}: the second undo exits {code}: {out}{self.said}"
        assert self.tree() == self.before, f"{when}: the tree is not what it was"
        assert not self.quarantined(), f"{when}: something is left in the quarantine"


def undisturbed():
    """How many calls there are, of apply and of undo."""
    counts = []
    with tempfile.TemporaryDirectory(prefix="flotsam-crash-") as folder:
        world = World(folder)
        for step, name in ((world.apply, "apply"), (world.undo, "undo")):
            code, out = step(count=os.path.join(folder, "count"))
            assert code == 0, f"{name}: exit {code}: {out}{world.said}"
            with open(os.path.join(folder, "count"), encoding="utf-8") as file:
                counts.append(int(file.read()))
        world.end_undo("undisturbed")
    return counts


def disturb(what, which, number):
    """One run that is disturbed at its number-th call. True where the disturbance was met."""
    when = f"{which} {what} at call {number}"
    around = {what: number} if what == "kill" else {"fail": number, "errno": 28}
    with tempfile.TemporaryDirectory(prefix="flotsam-crash-") as folder:
        world = World(folder)
        if which == "undo":
            world.end_apply(when)
        code, out = (world.apply if which == "apply" else world.undo)(**around)
        if what == "kill":
            assert code in (-9, 0), f"{when}: exit {code}"
        else:
            assert code in (0, 1, 5), f"{when}: exit {code}: {out}{world.said}"
        world.check_nothing_lost(when)
        if which == "apply":
            world.end_apply(when)
        world.end_undo(when)
        return code != 0


def main():
    of_apply, of_undo = undisturbed()
    jobs = [(what, which, number)
            for which, count in (("apply", of_apply), ("undo", of_undo))
            for what in ("kill", "fail")
            for number in range(1, count + 1, STRIDE)]
    met = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for (what, which, _), was_met in zip(jobs, pool.map(lambda job: disturb(*job), jobs)):
            met[what, which] += was_met
    print(f"{of_apply} calls of apply and {of_undo} of undo change files.")
    for what, word in (("kill", "kills"), ("fail", "faults")):
        for which in ("apply", "undo"):
            print(f"{met[what, which]} {word} of {which} survived")
            assert met[what, which] > 10, f"too few {word} of {which} were met: is the library preloaded?"


if __name__ == "__main__":
    main()
