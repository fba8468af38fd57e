#!/usr/bin/env bash
# A real Apache Kafka (KRaft, one node, loopback only) for the bus contract suite:  .ci/kafka.sh FOLDER PORT
# Takes the jars from Maven Central into FOLDER/libs, once; prints `ready 127.0.0.1:PORT` and stays in the foreground.
# Stop it by ending this process. Needs java and mvn. PORT + 1 is the controller's.
set -euo pipefail
folder=${1:?usage: kafka.sh FOLDER PORT} port=${2:?usage: kafka.sh FOLDER PORT}
version=4.1.0 controller=$((port + 1))
for tool in java mvn; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: the Kafka part cannot run" >&2; exit 69; }
done
mkdir -p "$folder"
cd "$folder"

if [ ! -d libs ]; then
  cat >pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ci</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
  mvn -q -B dependency:copy-dependencies -DoutputDirectory=libs.part >&2
  mv libs.part libs
fi

rm -rf data
cat >server.properties <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$PWD/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
CONF
kafka=(java -Xmx512m -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp 'libs/*')
"${kafka[@]}" kafka.tools.StorageTool format -t "$("${kafka[@]}" kafka.tools.StorageTool random-uuid)" -c server.properties >&2
"${kafka[@]}" kafka.Kafka server.properties >kafka.log 2>&1 &
broker=$!
trap 'kill "$broker" 2>/dev/null; wait "$broker"' EXIT
trap 'exit 0' TERM INT
for _ in $(seq 120); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "ready 127.0.0.1:$port"; break; fi
  kill -0 "$broker" 2>/dev/null || { cat kafka.log >&2; exit 1; }
  sleep 0.5
done
wait "$broker"
