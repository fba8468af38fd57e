#!/usr/bin/env bash
# A real Apache Kafka (KRaft, one node, loopback only) for the bus contract suite:  .ci/kafka.sh FOLDER PORT [LIBS]
# Takes the jars from Maven Central into LIBS (FOLDER/libs unless told), once; prints `ready 127.0.0.1:PORT` and stays in
# the foreground. The process id of the broker is in FOLDER/broker.pid. Stop it by ending this process. Needs java and mvn.
#   KEEP=1       goes on with the data of the time before (else it begins anew)
#   STOP_AT_EOF=1  ends when standard input does, so that it never outlives the process that holds the other end
# Ports: PORT plain text, PORT + 1 the controller's. Where FOLDER/tls has server.pem, expired.pem (key, then certificate)
# and ca.pem: PORT + 2 TLS that asks for a client's certificate, PORT + 3 TLS and SASL (PLAIN, SCRAM-SHA-256 and -512; the
# user is tributary, the password tributary-secret), PORT + 4 TLS with expired.pem.
set -euo pipefail
folder=${1:?usage: kafka.sh FOLDER PORT [LIBS]} port=${2:?usage: kafka.sh FOLDER PORT [LIBS]}
version=4.1.0 controller=$((port + 1)) mutual=$((port + 2)) sasl=$((port + 3)) expired=$((port + 4))
for tool in java mvn; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: the Kafka part cannot run" >&2; exit 69; }
done
mkdir -p "$folder" "${3:-$folder}"
folder=$(cd "$folder" && pwd)
libs=$(cd "${3:-$folder}" && pwd)/libs
cd "$folder"

if [ ! -d "$libs" ]; then
  cat >pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ci</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
  mvn -q -B dependency:copy-dependencies -DoutputDirectory="$libs.part" >&2
  mv "$libs.part" "$libs"
fi

listeners=PLAINTEXT://127.0.0.1:$port protocols=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT security=
if [ -d tls ]; then
  listeners+=,MUTUAL://127.0.0.1:$mutual,SASL://127.0.0.1:$sasl,EXPIRED://127.0.0.1:$expired
  protocols+=,MUTUAL:SSL,SASL:SASL_SSL,EXPIRED:SSL
  module=org.apache.kafka.common.security
  security="ssl.keystore.type=PEM
ssl.keystore.location=$PWD/tls/server.pem
ssl.truststore.type=PEM
ssl.truststore.location=$PWD/tls/ca.pem
listener.name.mutual.ssl.client.auth=required
listener.name.expired.ssl.keystore.type=PEM
listener.name.expired.ssl.keystore.location=$PWD/tls/expired.pem
listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl.plain.sasl.jaas.config=$module.plain.PlainLoginModule required user_tributary=\"tributary-secret\";
listener.name.sasl.scram-sha-256.sasl.jaas.config=$module.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=$module.scram.ScramLoginModule required;"
fi
cat >server.properties <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=$listeners,CONTROLLER://127.0.0.1:$controller
advertised.listeners=$listeners
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=$protocols
log.dirs=$PWD/data
log.retention.check.interval.ms=1000
log.initial.task.delay.ms=500
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=1500
$security
CONF

kafka=(java -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$libs/*")
if [ -z "${KEEP:-}" ]; then
  rm -rf data
  secret=[name=tributary,password=tributary-secret]
  "${kafka[@]}" kafka.tools.StorageTool format -t "A$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 2-22)" \
    -c server.properties --add-scram "SCRAM-SHA-256=$secret" --add-scram "SCRAM-SHA-512=$secret" >format.log 2>&1 ||
    { cat format.log >&2; exit 1; }
fi
"${kafka[@]}" kafka.Kafka server.properties >>kafka.log 2>&1 </dev/null &
broker=$! watcher=
echo "$broker" >broker.pid
trap 'kill $watcher "$broker" 2>/dev/null; wait "$broker" 2>/dev/null || true' EXIT
trap 'exit 0' TERM INT
if [ -n "${STOP_AT_EOF:-}" ]; then
  exec 4<&0
  (while read -r _; do :; done <&4; kill "$$" 2>/dev/null) &
  watcher=$!
  exec 4<&-
fi
for _ in $(seq 240); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "ready 127.0.0.1:$port"; break; fi
  kill -0 "$broker" 2>/dev/null || { tail -n 40 kafka.log >&2; exit 1; }
  sleep 0.25
done
wait "$broker" 2>/dev/null
