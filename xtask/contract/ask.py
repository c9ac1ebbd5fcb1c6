"""Holds a running console to its own description, as each account of a demo.

python ask.py URL ACCOUNTS.json [ACCOUNT ...]

Each account asks the routes that its permissions open: thoroughly those that nobody asked before,
the others a few times. What a route may answer is what the description says and nothing else.
"""

import http.cookiejar
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

BASE = "/api/console/v1"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Examples a route and account: the whole run stays below two minutes.
EXAMPLES = "2"
# Signing in and out is tested by its own tests; asked at random it would only end the session.
LEFT_OUT = ("/session",)


def fetch(url, body=None):
    """The answer's JSON, and the session's cookie if it sets one."""
    request = urllib.request.Request(url, headers={"content-type": "application/json"})
    if body is not None:
        request.data = json.dumps(body).encode()
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(request, timeout=30) as answer:
        told = json.load(answer)
    return told, next((f"{one.name}={one.value}" for one in jar), "")


def part_of(description, keep):
    """The description with those routes only, and how many they are."""
    paths = {}
    for path, operations in description["paths"].items():
        kept = {method: one for method, one in operations.items() if keep(method, path, one.get("x-permission"))}
        if kept:
            paths[path] = kept
    return {**description, "paths": paths}, sum(len(kept) for kept in paths.values())


def ask(part, url, cookie, word, phases):
    """Runs schemathesis over a part of the description; its words when something is broken."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "openapi.json")
        file.write_text(json.dumps(part))
        run = subprocess.run(
            [
                pathlib.Path(sys.executable).with_name("schemathesis"), "run", file, "--url", url,
                "-H", f"cookie: {cookie}", "-H", f"x-csrf-token: {word}",
                "--checks", CHECKS, "--phases", phases, "--max-examples", EXAMPLES,
                "--rate-limit", "90/s", "--workers", "1", "--request-timeout", "30",
                "--continue-on-failure", "--generation-deterministic",
                "--suppress-health-check", "all", "--no-color",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    return "" if run.returncode == 0 else run.stdout + run.stderr


def main():
    url, accounts, *only = sys.argv[1:]
    people = json.loads(pathlib.Path(accounts).read_text())
    people = [one for one in people if not only or one["account"] in only]
    # Those with the narrowest scope first: what is theirs is the hardest to get right.
    people.sort(key=lambda one: one["account"].startswith(("citizen", "hospital", "department")), reverse=True)
    description, _ = fetch(url + BASE + "/openapi.json")
    asked, failed, roles = set(), [], set()
    for one in people:
        # Two of the same roles see the same routes.
        if tuple(one["roles"]) in roles:
            continue
        roles.add(tuple(one["roles"]))
        body = {"account": one["account"], "password": one["password"]}
        session, cookie = fetch(url + BASE + "/session", body)

        def mine(path, permission):
            left_out = path.removeprefix(BASE).startswith(LEFT_OUT)
            return not left_out and (permission is None or permission in session["permissions"])

        before = set(asked)
        fresh = part_of(description, lambda method, path, it: mine(path, it) and (method, path) not in before)
        again = part_of(description, lambda method, path, it: it and mine(path, it) and (method, path) in before)
        print(f"{one['account']}: {fresh[1]} routes, {again[1]} again", flush=True)
        for (part, routes), phases in ((fresh, "examples,coverage,fuzzing"), (again, "fuzzing")):
            broken = routes and ask(part, url, cookie, session["csrf"], phases)
            if broken:
                failed.append(one["account"])
                print(broken, flush=True)
        asked |= {(method, path) for path, kept in fresh[0]["paths"].items() for method in kept}
    wanted, _ = part_of(description, lambda method, path, it: not path.removeprefix(BASE).startswith(LEFT_OUT))
    never = {(method, path) for path, kept in wanted["paths"].items() for method in kept} - asked
    if not only:
        for method, path in sorted(never):
            print(f"nobody of the demo may ask {method} {path}")
    if failed:
        print("the description is broken for: " + ", ".join(dict.fromkeys(failed)))
    return 1 if failed else 0


sys.exit(main())
