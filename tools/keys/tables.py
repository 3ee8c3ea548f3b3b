"""Puts what the jars say and what extra.json adds into generator/keys/*.json, or compares them.

Called by tools/keys/make, which reads the jars. A table holds every key, or every class, once, with one entry for
each run of pinned versions in which nothing about it changed.
"""

import json
import re
import sys
from pathlib import Path

TABLES = {
    "kafka": ("kafka", "topic", "kafka-classes"),
    "zookeeper": ("zookeeper", "zookeeper-classes"),
}
# How keys are called whose value is the name of a class, and how it looks.
NAMED = re.compile(r"(\.class|[.C]lass\.?[nN]ame|\.reporters)$")
CLASS = re.compile(r"[a-z]\w*(\.[a-z]\w*)+\.[A-Z]\w*")


def main(command, root, *rest):
    root = Path(root)
    pins = json.loads((root / "generator/pins.json").read_text())
    extra = json.loads((root / "tools/keys/extra.json").read_text())
    if command == "versions":
        return print_releases(pins, extra, rest)
    if command == "types":
        return print(*sorted(taken(extra)))
    if command == "exporter":
        [version] = rest
        return print(exporter(extra, version))
    cache = Path(rest[0])
    if command == "write":
        for name, table in make_tables(pins, extra, cache).items():
            path = root / f"generator/keys/{name}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(render(table))
            what = next(what for what in ("keys", "classes") if what in table)
            print(f"{path.relative_to(root)}: {len(table[what])} {what}, {len(table['versions'])} versions")
        return 0
    return check(root, extra, cache, rest[1:])


def print_releases(pins, extra, wanted):
    """The releases to read, all that are pinned or those with a wanted version; a second word is
    the release whose libraries stand in for a release's own."""
    borrowed = extra["zookeeper"]["libraries"]
    found = set()
    for product in TABLES:
        for version in ordered(pins[product]):
            if not wanted or version in wanted:
                lender = borrowed[version]["of"] if product == "zookeeper" and version in borrowed else None
                print(f"{product}-{version}", f"{product}-{lender}" if lender else "")
                found.add(version)
    unknown = set(wanted) - found
    if unknown:
        sys.exit(f"not pinned: {', '.join(sorted(unknown))}")
    return 0


def exporter(extra, version):
    """The version of ZooKeeper whose exporter of metrics stands beside a version's jar, if it has one."""
    if version.startswith("3.5."):
        return ""
    return extra["zookeeper"]["exporters"].get(version, {"of": version})["of"]


def ordered(versions):
    return sorted(versions, key=lambda version: [int(part) for part in version.split(".")])


def make_tables(pins, extra, cache):
    broker, topic, zookeeper = {}, {}, {}
    for version in ordered(pins["kafka"]):
        keys = read(cache, "kafka", version)
        broker[version] = broker_keys(keys, extra["kafka"])
        topic[version] = keys["topic"]
    facts = extra["zookeeper"]
    for version in ordered(pins["zookeeper"]):
        zookeeper[version] = zookeeper_keys(read(cache, "zookeeper", version), facts, version)
    idle = extra["kafka"]["facts"].keys() - {key for keys in broker.values() for key in keys}
    if idle:
        sys.exit(f"extra.json adds to what no Kafka has: {', '.join(sorted(idle))}")
    idle = facts["keys"].keys() - {key for keys in zookeeper.values() for key in keys}
    if idle:
        sys.exit(f"extra.json describes what no ZooKeeper reads: {', '.join(sorted(idle))}")
    return {
        "kafka": table(broker, prefixes=extra["kafka"]["prefixes"]),
        "topic": table(topic),
        "zookeeper": table(zookeeper, prefixes=facts["prefixes"], misnamed=facts["misnamed"]),
    } | make_class_tables(extra, cache, {"kafka": broker, "zookeeper": zookeeper})


def make_class_tables(extra, cache, keys):
    """Which classes the keys could name, with what else replaces one that is gone."""
    classes = {
        product: {version: read(cache, product, version, "classes") for version in of} for product, of in keys.items()
    }
    found = {name for of in classes.values() for version in of.values() for name in version["types"]}
    wrong = [f"no jar has {name}, which extra.json takes" for name in sorted(taken(extra) - found)]
    for product, by_version in keys.items():
        for version, of_version in by_version.items():
            wrong += unnamed(f"{product} {version}", of_version, classes[product][version]["classes"])
    if wrong:
        sys.exit("\n".join(dict.fromkeys(wrong)))
    tables = {}
    for product, of in classes.items():
        by_version = {version: found["classes"] for version, found in of.items()}
        known = {name for of_version in by_version.values() for name in of_version}
        replaced = {name: fact["by"] for name, fact in extra["replaced"].items() if name in known}
        more = {"replaced": replaced} if replaced else {}
        tables[f"{product}-classes"] = table(by_version, what="classes", **more)
    return tables


def taken(extra):
    """Every type that some key takes a class of."""
    zookeeper = [variant for variants in extra["zookeeper"]["keys"].values() for variant in as_list(variants)]
    families = [family for product in TABLES for family in extra[product]["prefixes"].values()]
    facts = [*extra["kafka"]["facts"].values(), *zookeeper, *families]
    return {name for fact in facts for name in fact.get("takes", [])}


def as_list(variants):
    return variants if isinstance(variants, list) else [variants]


def unnamed(release, keys, classes):
    """Keys of which extra.json does not say what class they take, and defaults that are no such class."""
    wrong = []
    for name, key in keys.items():
        defaults = CLASS.findall(key.get("default") or "") and (key["default"]).split(",")
        if not key.get("takes") and (key["type"] == "class" or NAMED.search(name) or defaults):
            wrong.append(f"extra.json does not say what class {name} takes")
        for default in defaults:
            if not set(key.get("takes", [])) & set(classes.get(default, {}).get("is", [])):
                wrong.append(f"{release}: {default}, the default of {name}, is none that it takes")
    return wrong


def broker_keys(found, extra):
    """The keys of a broker's ConfigDef with what extra.json adds to some, and keys that stand in no ConfigDef."""
    keys = {name: key | extra["facts"].get(name, {}) for name, key in found["broker"].items()}
    return keys | extra["keys"]


def read(cache, product, version, what="keys"):
    return json.loads((cache / f"{product}-{version}" / f"{what}.json").read_text())


def zookeeper_keys(found, facts, version):
    """The jar says which keys exist in a version, extra.json what they mean.

    A key or property that extra.json neither describes nor sets aside stops the program, so that
    a new one of a new version is not overlooked.
    """
    keys, unused = {}, set()
    parsed, properties = set(found["parser"]), set(found["properties"])
    for key, variants in facts["keys"].items():
        fact = variant(variants, version)
        name = fact.get("flag", f"zookeeper.{key}")
        if key in parsed:
            keys[key] = {"kind": "config"} | fact
        elif name in properties:
            keys[key] = {"kind": "system"} | fact
        unused.add(name)
    aside = {name for names in facts["ignored"].values() for name in names}
    missing = parsed - keys.keys() - aside
    missing |= {name for name in properties - unused - aside if name.removeprefix("zookeeper.") not in parsed}
    if missing:
        sys.exit(f"ZooKeeper {version} reads what extra.json does not describe: {', '.join(sorted(missing))}")
    return keys


def variant(variants, version):
    """A fact, or the last of several whose `since` is not after the version."""
    if isinstance(variants, dict):
        return variants
    chosen = [fact for fact in variants if "since" not in fact or ordered([fact["since"], version])[0] == fact["since"]]
    return {name: value for name, value in chosen[-1].items() if name != "since"}


def table(by_version, what="keys", **more):
    versions = list(by_version)
    names = sorted({name for found in by_version.values() for name in found})
    return {"versions": versions} | more | {what: {name: runs(name, by_version, versions) for name in names}}


def runs(name, by_version, versions):
    entries, before = [], None
    for version in versions:
        now = by_version[version].get(name)
        if now is not None and now == before:
            entries[-1]["until"] = version
        elif now is not None:
            entries.append({"since": version, "until": version} | now)
        before = now
    for entry in entries:
        if entry["until"] == versions[-1]:
            entry["until"] = None
    return entries


def render(content):
    """One key a line, so that a difference shows which key changed."""
    parts = []
    for name, value in content.items():
        if isinstance(value, dict):
            lines = ",\n".join(f"    {json.dumps(key)}: {json.dumps(entry)}" for key, entry in value.items())
            parts.append(f"  {json.dumps(name)}: {{\n{lines}\n  }}")
        else:
            parts.append(f"  {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def check(root, extra, cache, releases):
    failures = 0
    for release in releases:
        product, version = release.split("-")
        found = read(cache, product, version)
        if product == "kafka":
            expected = {"kafka": broker_keys(found, extra["kafka"]), "topic": found["topic"]}
        else:
            expected = {"zookeeper": zookeeper_keys(found, extra["zookeeper"], version)}
        expected[f"{product}-classes"] = read(cache, product, version, "classes")["classes"]
        for name, keys in expected.items():
            what = "classes" if name.endswith("-classes") else "keys"
            committed = at_version(json.loads((root / f"generator/keys/{name}.json").read_text()), version, what)
            differences = compare(committed, keys)
            failures += bool(differences)
            print(f"{product} {version}, keys/{name}.json: {len(keys)} {what}, {len(differences) or 'no'} differences")
            for line in differences:
                print(f"  {line}")
    return 1 if failures else 0


def at_version(content, version, what):
    """The keys or classes of one version, as the program that uses the table sees them."""
    versions = content["versions"]
    at, keys = versions.index(version), {}
    for name, entries in content[what].items():
        for entry in entries:
            last = len(versions) - 1 if entry["until"] is None else versions.index(entry["until"])
            if versions.index(entry["since"]) <= at <= last:
                keys[name] = {key: value for key, value in entry.items() if key not in ("since", "until")}
    return keys


def compare(committed, found):
    lines = [f"{name}: in the jar, not in the table" for name in sorted(found.keys() - committed.keys())]
    lines += [f"{name}: in the table, not in the jar" for name in sorted(committed.keys() - found.keys())]
    for name in sorted(found.keys() & committed.keys()):
        if found[name] != committed[name]:
            lines.append(f"{name}: the jar says {json.dumps(found[name])}, the table {json.dumps(committed[name])}")
    return lines


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
