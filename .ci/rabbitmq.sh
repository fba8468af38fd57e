#!/usr/bin/env bash
# A real RabbitMQ (one node, loopback only) for the bus contract suite:
#   .ci/rabbitmq.sh FOLDER PORT [--keep] [--tls CERT KEY CA] [--user NAME:PASSWORD]
# Needs Debian's rabbitmq-server, whose own service is neither used nor touched. Prints `ready 127.0.0.1:PORT` and stays in
# the foreground; ending this process stops the broker and its epmd. FOLDER/broker.pid is the broker's own process.
# --keep: the data of the time before. --tls: amqps on PORT + 3 with these PEM files. --user: instead of guest:guest, on
# fresh data only. PORT + 1 is the node's for other nodes, PORT + 2 its epmd's.
set -euo pipefail
usage='usage: rabbitmq.sh FOLDER PORT [--keep] [--tls CERT KEY CA] [--user NAME:PASSWORD]'
folder=${1:?$usage} port=${2:?$usage}
shift 2
keep=no tls=() user=guest:guest
while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=yes; shift ;;
    --tls) tls=("$(realpath "$2")" "$(realpath "$3")" "$(realpath "$4")"); shift 4 ;;
    --user) user=$2; shift 2 ;;
    *) echo "$usage" >&2; exit 64 ;;
  esac
done
shopt -s nullglob
# The program itself: Debian's command of that name insists on the user and the folders of the service.
programs=(/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server)
[ ${#programs[@]} -gt 0 ] || { echo 'rabbitmq-server is missing: the RabbitMQ part cannot run' >&2; exit 69; }

mkdir -p "$folder"
cd "$folder"
if [ "$keep" = no ]; then rm -rf data log home; fi
rm -f broker.pid
mkdir -p data log home
echo '[].' >plugins
: >environment
cat >rabbitmq.conf <<CONF
listeners.tcp.1 = 127.0.0.1:$port
loopback_users = none
default_user = ${user%%:*}
default_pass = ${user#*:}
disk_free_limit.absolute = 100MB
log.file.level = warning
CONF
if [ ${#tls[@]} -gt 0 ]; then
  cat >>rabbitmq.conf <<CONF
listeners.ssl.1 = 127.0.0.1:$((port + 3))
ssl_options.certfile = ${tls[0]}
ssl_options.keyfile = ${tls[1]}
ssl_options.cacertfile = ${tls[2]}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
CONF
fi

export HOME=$PWD/home ERL_EPMD_PORT=$((port + 2)) ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP=$PWD/log/crash.dump
export RABBITMQ_CONF_ENV_FILE=$PWD/environment RABBITMQ_CONFIG_FILE=$PWD/rabbitmq.conf
export RABBITMQ_ENABLED_PLUGINS_FILE=$PWD/plugins RABBITMQ_MNESIA_BASE=$PWD/data RABBITMQ_LOG_BASE=$PWD/log
export RABBITMQ_NODENAME=tributary-$port@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$port
export RABBITMQ_DIST_PORT=$((port + 1)) RABBITMQ_PID_FILE=$PWD/broker.pid
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'

epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" >log/epmd.log 2>&1 &
epmd=$!
"${programs[-1]}" >log/console.log 2>&1 &
broker=$!
# The shell above the broker passes TERM on and waits for it; killed, it takes nobody along, so the pid file is asked too.
stop() {
  kill "$broker" 2>/dev/null || true
  wait "$broker" || true
  if [ -s broker.pid ]; then kill "$(cat broker.pid)" 2>/dev/null || true; fi
  kill "$epmd" 2>/dev/null || true
  wait "$epmd" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 0' TERM INT
for _ in $(seq 480); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "ready 127.0.0.1:$port"; break; fi
  kill -0 "$broker" 2>/dev/null || { cat log/console.log >&2; exit 1; }
  sleep 0.25
done
wait "$broker"
