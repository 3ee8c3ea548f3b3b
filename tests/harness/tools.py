"""The command-line tools of a release. Maven has the jars of a release and not its scripts, so these are made here."""

# script → its class, as in the release
KAFKA = {
    "kafka-acls": "kafka.admin.AclCommand",
    "kafka-broker-api-versions": "kafka.admin.BrokerApiVersionsCommand",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-console-producer": "kafka.tools.ConsoleProducer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
}
# those that were elsewhere before 3.9
OLD_KAFKA = {
    "kafka-console-consumer": "kafka.tools.ConsoleConsumer",
    "kafka-consumer-groups": "kafka.admin.ConsumerGroupCommand",
    "kafka-topics": "kafka.admin.TopicCommand",
}
# what a command that ends soon starts with the least work
FLAGS = "-Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def of_kafka(version: str, jars: str) -> dict[str, str]:
    """File → script, with the jars of this folder."""
    old = OLD_KAFKA if tuple(map(int, version.split("."))) < (3, 9) else {}
    return {f"{tool}.sh": java(jars, main) for tool, main in {**KAFKA, **old}.items()}


def of_zookeeper(jars: str) -> dict[str, str]:
    return {"zkCli.sh": java(jars, "org.apache.zookeeper.ZooKeeperMain")}


def java(jars: str, main: str) -> str:
    return f'#!/bin/sh\nexec "$JAVA_HOME/bin/java" {FLAGS} -cp "{jars}/*" {main} "$@"\n'
