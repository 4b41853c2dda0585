#!/usr/bin/env bash
# A real one-node Slurm for the tests: munge, controller and a node that claims 4 CPUs, 32 GB and
# one GPU, whatever the machine has.
#
#   cluster.sh start|stop|status
#
# For Debian or Ubuntu, as root; neither systemd nor cgroups are needed, and all traffic stays on
# 127.0.0.1. Everything lies in one folder of its own but for the link /etc/slurm/slurm.conf, which
# programs inside jobs need. Exits with 3 and a sentence where a Slurm cannot be had.
# MOIRESPIN_TEST_SLURM=1 lets `start` install the packages that are missing.
set -euo pipefail

HOME_DIR=/var/lib/moirespin-test-slurm # not /tmp or /run, which may be mounted noexec
CONF=$HOME_DIR/slurm.conf
LINK=/etc/slurm/slurm.conf
PACKAGES=(munge slurm-client slurmctld slurmd)

say() { echo "cluster.sh: $*" >&2; }
refuse() { say "$*"; exit 3; }
fail() { say "$*"; exit 1; }

# running NAME: whether the daemon that we started is alive
running() {
    local pid
    pid=$(cat "$HOME_DIR/$1.pid" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ]
}

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt "$end" ] || return 1
        sleep 0.2
    done
}

# ended PID: gone, or waiting for its parent to notice
ended() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }

idle() { sinfo --noheader --format %T | grep -qx idle; }

check_place() {
    [ "$(id -u)" = 0 ] || refuse "needs root"
    if [ -e $LINK ] || [ -L $LINK ]; then
        [ "$(readlink $LINK)" = $CONF ] || refuse "$LINK belongs to another Slurm"
    fi
    local missing=() package
    for package in "${PACKAGES[@]}"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || refuse "needs apt-get to install ${missing[*]}"
    [ "${MOIRESPIN_TEST_SLURM:-}" = 1 ] ||
        refuse "${missing[*]} not installed; MOIRESPIN_TEST_SLURM=1 lets the tests install them"
    say "installing ${missing[*]}"
    { DEBIAN_FRONTEND=noninteractive apt-get update &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
        </dev/null >"$HOME_DIR/apt.log" 2>&1 || refuse "apt-get failed, see $HOME_DIR/apt.log"
}

configure() {
    mkdir -p "$HOME_DIR"/{controller,node,munge} /etc/slurm
    chmod 755 "$HOME_DIR" "$HOME_DIR/munge"
    [ -s "$HOME_DIR/munge/key" ] || (umask 077 && head -c 1024 /dev/urandom >"$HOME_DIR/munge/key")
    # A device whose name ends in its number; without one slurmd sets no CUDA_VISIBLE_DEVICES.
    ln -sfn /dev/null "$HOME_DIR/gpu0"
    printf 'AutoDetect=off\nNodeName=localhost Name=gpu File=%s/gpu0\n' "$HOME_DIR" >"$HOME_DIR/gres.conf"
    ln -sfn $CONF $LINK
    cat >$CONF <<END
ClusterName=moirespin
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$HOME_DIR/munge/socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=bf_interval=2,sched_min_interval=200000,batch_sched_delay=0
SlurmdParameters=config_overrides
PropagateResourceLimits=NONE
ReturnToService=2
JobRequeue=0
MinJobAge=3600
KillWait=3
CompleteWait=0
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
StateSaveLocation=$HOME_DIR/controller
SlurmdSpoolDir=$HOME_DIR/node
SlurmctldPidFile=$HOME_DIR/slurmctld.pid
SlurmdPidFile=$HOME_DIR/slurmd.pid
SlurmctldLogFile=$HOME_DIR/slurmctld.log
SlurmdLogFile=$HOME_DIR/slurmd.log
GresTypes=gpu
NodeName=localhost NodeAddr=127.0.0.1 CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 \
 ThreadsPerCore=1 RealMemory=32000 Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE DefaultTime=10 State=UP
END
}

start() {
    mkdir -p "$HOME_DIR" 2>/dev/null || true
    check_place
    configure
    running munged || setsid munged --force --socket="$HOME_DIR/munge/socket" \
        --key-file="$HOME_DIR/munge/key" --pid-file="$HOME_DIR/munged.pid" \
        --log-file="$HOME_DIR/munge/log" --seed-file="$HOME_DIR/munge/seed" </dev/null >/dev/null 2>&1 ||
        fail "munged does not start, see $HOME_DIR/munge/log"
    running slurmctld || setsid slurmctld -c -f $CONF </dev/null >/dev/null 2>&1 ||
        fail "slurmctld does not start, see $HOME_DIR/slurmctld.log"
    wait_for 30 scontrol ping || fail "slurmctld does not answer, see $HOME_DIR/slurmctld.log"
    running slurmd || setsid slurmd -N localhost -f $CONF </dev/null >/dev/null 2>&1 ||
        fail "slurmd does not start, see $HOME_DIR/slurmd.log"
    wait_for 30 idle || fail "the node does not become idle, see $HOME_DIR/slurmd.log"
}

stop() {
    [ "$(readlink $LINK 2>/dev/null)" = $CONF ] || return 0
    if running slurmctld; then
        # Jobs outlive slurmd: end them first.
        scancel --user root || true
        wait_for 20 sh -c '! squeue --noheader | grep -q .' || say "some jobs did not end"
    fi
    local name pid
    for name in slurmd slurmctld munged; do
        running $name || continue
        pid=$(cat "$HOME_DIR/$name.pid")
        kill "$pid"
        wait_for 15 ended "$pid" || say "$name does not end"
    done
    rm -f $LINK
}

status() {
    local name
    for name in munged slurmctld slurmd; do
        running $name || { echo "$name is not running"; return 1; }
    done
    sinfo
    squeue
}

case ${1:-} in
    start | stop | status) $1 ;;
    *) fail "usage: cluster.sh start|stop|status" ;;
esac
