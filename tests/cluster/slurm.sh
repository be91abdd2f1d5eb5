#!/usr/bin/env bash
# Runs on a real Slurm: a controller and four nodes on this machine, of which one dies with its jobs, one is
# declared dead while its jobs go on, and the controller is killed and started again. What is merged has to
# be what one process makes, to the byte. Needs root and Debian's slurm-wlm and munge; takes two minutes.
#
#   tests/cluster/slurm.sh target/debug/proband
set -euo pipefail

proband=$(realpath "$1")
home=$(mktemp -d)
export SLURM_CONF=$home/slurm.conf
# Nothing of a run's name may reach a shell: this one would leave a file `touched`.
runs="$home/it's \$(touch touched) a \"run\", 100%"
mkdir -p "$home"/{log,state,spool/n{1..4}} "$runs"
cd "$home"

say() { printf '%5ss  %s\n' "$SECONDS" "$*"; }

# Ends what this script started, by its id.
stop() {
  local file pid
  for file in "$home"/ctld.pid "$home"/slurmd-n?.pid "$home"/munged.pid; do
    [ -s "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null || true
  done
  for pid in $(jobs_of 'n[1-4]'); do kill -9 "$pid" 2>/dev/null || true; done
  [ "${passed:-}" = yes ] && rm -rf "$home" || say "what it left is in $home"
}

# The processes of jobs on a node: those whose environment names it and our configuration.
jobs_of() {
  local ours
  ours=$(grep -lszx "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ) || true
  [ -z "$ours" ] || grep -lszx "SLURMD_NODENAME=$1" $ours | cut -d / -f 3
}

# The same, and those that watch over them.
all_of() {
  local pid
  for pid in $(jobs_of "$1"); do
    # First who would tell the controller.
    echo "$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/status")" "$pid"
  done
}

configure() {
  cat >"$SLURM_CONF" <<CONF
ClusterName=proband
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$home/munge.socket,cred_expire=5
CredType=cred/munge
MpiDefault=none
SwitchType=switch/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/filetxt
JobCompLoc=$home/log/jobcomp.txt
ReturnToService=2
SlurmctldPort=16817
SlurmctldTimeout=5
SlurmdTimeout=6
MessageTimeout=5
KillWait=2
MinJobAge=3600
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,sched_interval=1
RequeueExit=75
MaxArraySize=1001
StateSaveLocation=$home/state
SlurmctldPidFile=$home/ctld.pid
SlurmctldLogFile=$home/log/ctld.log
SlurmdSpoolDir=$home/spool/%n
SlurmdPidFile=$home/slurmd-%n.pid
SlurmdLogFile=$home/log/slurmd-%n.log
NodeName=n[1-4] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[17001-17004] CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
}

start_munge() {
  head -c 1024 /dev/urandom >"$home/munge.key"
  chmod 400 "$home/munge.key"
  chown -R munge:munge "$home/munge.key"
  chmod 755 "$home"
  install -d -o munge -g munge -m 755 "$home/munge"
  setpriv --reuid munge --regid munge --init-groups /usr/sbin/munged --num-threads 2 \
    --key-file "$home/munge.key" --socket "$home/munge/socket" --pid-file "$home/munge/pid" \
    --log-file "$home/munge/log" --seed-file "$home/munge/seed" --force
  ln -s munge/socket "$home/munge.socket"
  ln -s munge/pid "$home/munged.pid"
}

start_node() { slurmd -N "$1" -f "$SLURM_CONF"; }

await() {
  local seconds=$1 what=$2 began=$SECONDS
  shift 2
  until "$@" 2>/dev/null; do
    if ((SECONDS - began > seconds)); then
      say "not within $seconds s: $what"
      squeue -r || true
      sinfo -N || true
      tail -n 5 "$runs"/*/logs/*.log || true
      exit 1
    fi
    sleep 0.2
  done
}

nodes_are_idle() { [ "$(sinfo -h -t idle -o %D)" = "$1" ]; }
# No job goes on or will, but for those that Slurm holds until somebody releases them.
nobody_waits() {
  local jobs
  jobs=$(squeue -h -r -t PENDING,RUNNING,COMPLETING,REQUEUED,SUSPENDED -o '%i %r') &&
    ! grep -qvi held <<<"${jobs:-held}"
}
shards_done() { (($(ls "$1"/.partial/shards/*/manifest.json | wc -l) >= $2)); }
node_works() { [ -n "$(jobs_of "$1")" ]; }
is_down() { sinfo -h -N -n "$1" -o %T | grep -q '^down'; }

# Merged, a run is what one process made of it.
compare() {
  diff -r --exclude=logs --exclude=timings.json "$1" "$2"
  [ -z "$(find "$home" -name touched)" ] || { say 'a name was run by a shell'; exit 1; }
}

trap stop EXIT
configure
start_munge
slurmctld -c -f "$SLURM_CONF"
for node in n1 n2 n3 n4; do start_node $node; done
await 20 'four nodes' nodes_are_idle 4
say 'Slurm is up: four nodes'

"$proband" new trial.toml
cat trial.toml - >adaptive.toml <<'TRIAL'

[accrual]
rate = "20 1/month"

[analysis.fall]
endpoint = "sbp_fall"
sided    = 1
alpha    = 0.025

[look.half]
when = "completed(week 8) >= 30"

[look.end]
when  = "completed(week 8) >= participants"
final = true

[sequential.fall]
efficacy = { spending = "obrien-fleming" }

[adaptation.hopeless]
when = "conditional_power(fall) < 5 %"
do   = "stop"
TRIAL
cohort=(trial.toml --participants 200000 --set output.level=participants)
again=(adaptive.toml --participants 60 --set simulation.replicates=2000 --set output.level=findings)

"$proband" run "${cohort[@]}" --out whole >/dev/null 2>&1
say 'a cohort of 200,000 twins in one process'
run="$runs/cohort"
"$proband" plan "${cohort[@]}" --out "$run"
"$proband" submit "$run" --engine slurm --nodes 4 --tasks 24 --compact
touch submitted
await 30 'first shards' shards_done "$run" 8
await 30 'work on n2' node_works n2
kill -9 "$(cat slurmd-n2.pid)" $(all_of n2)
say 'n2 died with its jobs'
await 30 'work on n3' node_works n3
kill -9 "$(cat slurmd-n3.pid)"
say 'n3 lost its daemon; its jobs go on, and nobody knows'
"$proband" work "$run" --threads 1 2>/dev/null &
await 10 'the controller to have written the jobs down' test state/job_state -nt submitted
kill -9 "$(cat ctld.pid)"
slurmctld -f "$SLURM_CONF"
say 'the controller was killed and started again, and somebody works beside it'
await 40 'n2 and n3 to be declared dead' is_down n2
await 40 'n2 and n3 to be declared dead' is_down n3
start_node n2
start_node n3
wait $!
await 90 'the array and its merge' nobody_waits
if [ ! -e "$run/run.json" ]; then
  # Slurm gave up on a task, or forgot the merge: what is missing is told and submitted again.
  say 'Slurm lost something'
  scontrol update NodeName='n[1-4]' State=RESUME 2>/dev/null || true
  scancel --user root
  await 20 'the queue to be empty' nobody_waits
  "$proband" merge "$run" --compact --resubmit >/dev/null || true
  await 90 'what was missing' nobody_waits
fi
compare whole/MY-TRIAL/* "$run"
say 'merged: the same bytes'
rm -rf whole

"$proband" run "${again[@]}" --out whole >/dev/null 2>&1
say '2,000 repetitions of an adaptive trial in one process'
run="$runs/again"
"$proband" plan "${again[@]}" --out "$run"
jobs=$("$proband" submit "$run" --engine slurm --cores 1 --max-running 8 --tasks 16 --compact --format json |
  sed -n 's/^ *"\([0-9]*\)",\{0,1\}$/\1/p')
scancel "$(tail -n 1 <<<"$jobs")"
await 90 'the array' nobody_waits
truncate -s 100 "$(ls "$run"/.partial/shards/000005/findings.*.parquet)"
code=0
"$proband" merge "$run" --compact --resubmit 2>told || code=$?
cat told
[ $code = 75 ] && grep -q 'shard 5 is damaged' told && grep -q '1 shard in 1 task' told
await 60 'the damaged shard and the merge' nobody_waits
compare whole/MY-TRIAL/* "$run"
say 'a truncated shard was done again, and merged: the same bytes'
passed=yes
