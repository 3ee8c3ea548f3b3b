"""The values that tools/keys/compare tries for each key, by its type and range."""

from dataclasses import dataclass

LIMITS = {"short": 1 << 15, "int": 1 << 31, "long": 1 << 63}
# What no type tells: values of a form that only the product's code knows.
OF_KEY = {
    "max.connections.per.ip.overrides": [
        *("127.0.0.1", "127.0.0.1:", "127.0.0.1:x", ":5", "127.0.0.1:5", "127.0.0.1:-1", "127.0.0.1:0"),
        *("127.0.0.1:5,127.0.0.2", "127.0.0.1:5,", "::1:5", "127.0.0.1:5:6", "127.0.0.1 : 5", "127.0.0.1:2147483648"),
        *("127.0.0.1:5, 127.0.0.2:6", "no.such.host.invalid:5", ",", "127.0.0.1:5,,127.0.0.2:6"),
    ],
    "early.start.listeners": ["PLAINTEXT", "plaintext", "X", "PLAINTEXT,X", "PLAINTEXT,", "PLAINTEXT, PLAINTEXT"],
    "compression.type": ["none", "zstd", "ZSTD", "gzip", "lz4", "snappy", "uncompressed", "producer", "brotli"],
    "metrics.recording.level": ["INFO", "DEBUG", "TRACE", "info", "debug", "trace", "WARN"],
    "log.message.format.version": ["0.8", "0.10.0", "1.0", "2.7", "2.8", "3.0", "3.9", "4.0", "2.7-IV2", "3.0-IV1"],
    "message.format.version": ["0.8", "0.10.0", "1.0", "2.7", "2.8", "3.0", "3.9", "4.0", "2.7-IV2", "3.0-IV1"],
    "log.message.timestamp.type": ["CreateTime", "LogAppendTime", "createtime", "NoTimestampType"],
    "leader.replication.throttled.replicas": ["*", "0:1", "0:1,1:2", "0", "a:b", "*,0:1", "0:1,"],
    "follower.replication.throttled.replicas": ["*", "0:1", "0:1,1:2", "0", "a:b", "*,0:1", "0:1,"],
    "sasl.kerberos.principal.to.local.rules": ["DEFAULT", "RULE:[1:$1]", "RULE:[1:$1", "RULE"],
    "ssl.principal.mapping.rules": ["DEFAULT", "RULE:^CN=(.*?),.*$/$1/", "RULE:^CN=", "RULE:^CN=(.*?),.*$/$1/U", "X"],
    "zookeeper.ssl.protocol": ["TLSv1.2", "TLS"],
}
# What only matters beside another key.
TOGETHER = {
    "topic": [
        {"remote.storage.enable": "true", "cleanup.policy": "compact"},
        {"local.retention.ms": "10", "retention.ms": "9"},
        {"local.retention.bytes": "10", "retention.bytes": "9"},
        {"segment.jitter.ms": "10", "segment.ms": "9"},
        {"message.format.version": "0.9.0", "message.timestamp.type": "LogAppendTime"},
    ],
    "broker": [
        {"remote.log.storage.system.enable": "true"},
        {"log.local.retention.ms": "10", "log.retention.ms": "9"},
        {"log.local.retention.bytes": "10", "log.retention.bytes": "9"},
        {"log.flush.scheduler.interval.ms": "-1", "log.flush.interval.ms": "0"},
        {"max.connections.per.ip": "0", "max.connections.per.ip.overrides": "127.0.0.1:5"},
        {"socket.connection.setup.timeout.ms": "10", "socket.connection.setup.timeout.max.ms": "9"},
    ],
    "zookeeper": [
        {"minSessionTimeout": "10000", "maxSessionTimeout": "9999"},
        {"quorum.auth.learnerRequireSasl": "true"},
        {"quorum.auth.serverRequireSasl": "true"},
        {"quorum.auth.enableSasl": "true"},
        {"secureClientPortAddress": "10.0.0.1"},
        {"secureClientPort": "2281"},
        {"secureClientPort": "2281", "secureClientPortAddress": "no.such.host.invalid"},
        {"sslQuorum": "true"},
    ],
}
# A key of the spec may have the name of a listener before it.
LISTENER = "listener.name.plaintext."


@dataclass(frozen=True)
class Case:
    where: str
    settings: dict

    @property
    def key(self):
        return " + ".join(self.settings)

    @property
    def value(self):
        return " + ".join(self.settings.values())


def cases(where, keys):
    """Of each key, and of each broker's key for one listener, every value worth a look, once."""
    made = []
    for key, entry in keys.items():
        if entry.get("flag"):
            continue
        tried = of_key(key, entry, keys)
        made += [Case(where, {key: value}) for value in dict.fromkeys(tried)]
        if where == "broker":
            made += [Case(where, {LISTENER + key: value}) for value in dict.fromkeys([*tried[:6], "x"])]
    together = [settings for settings in TOGETHER[where] if settings.keys() <= keys.keys()]
    return made + [Case(where, settings) for settings in [*together, *crossed(keys)]]


def crossed(keys):
    """What has `min` in its name above what has `max` there, off both defaults."""
    for key, entry in keys.items():
        other = key.replace("min", "max")
        if other != key and other in keys and entry["type"] in LIMITS:
            yield {key: "2000", other: "1999"}
            yield {key: "2000", other: "2000"}


def of_key(key, entry, keys):
    kind, default = entry["type"], entry.get("default")
    tried = ["", "x", *OF_KEY.get(key, []), *([default] if default else [])]
    if kind in LIMITS or kind == "double":
        return [*tried, *numbers(key, entry, keys)]
    if kind == "boolean":
        return [*tried, "true", "false", "TRUE", "yes", "1", "true "]
    for value in entry.get("values", []):
        tried += [value, value.lower(), value.upper(), f" {value} "]
    if kind == "class":
        return [*tried, "java.lang.String"]
    if kind == "list" or entry.get("separator"):
        listed = entry.get("values") or [default or "a"]
        tried += [listed[0] + ",x", listed[0] + ",", "," + listed[0], f"{listed[0]}, {listed[-1]}"]
    return tried


def numbers(key, entry, keys):
    limit = LIMITS.get(entry["type"], 1 << 31)
    found = [0, -1, -2, 1, 2, -limit, limit - 1, limit]
    for bound in (entry.get("min"), entry.get("max")):
        if isinstance(bound, int):
            found += [bound - 1, bound, bound + 1]
    # Keys of one family are compared with each other.
    for other, at in keys.items():
        if other.split(".")[:2] == key.split(".")[:2] and number(at.get("default")) is not None:
            default = number(at["default"])
            found += [default - 1, default, default + 1]
    texts = [str(value) for value in dict.fromkeys(found) if -limit <= value <= limit]
    forms = ["0.5", "1.0", "-0.1", "NaN", "1e3"]
    return texts + (forms if entry["type"] == "double" else ["1.5", "+1", " 1 ", "1e3", "0x10", "01"])


def number(text):
    try:
        return int(text)
    except (TypeError, ValueError):
        return None
