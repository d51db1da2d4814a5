#!/bin/bash
# nfacctd-until-idle.sh CONF CAPTURE [PROGRAM]: reads a capture, waits until core and plugin have nothing left to do, and ends it.
# When nfacctd ends by itself at the end of a capture, it drops what its plugin has not taken from the ring yet.
"${3:-nfacctd}" -f "$1" -I "$2" &
core=$!
ticks() { # of the core and the processes it has started
  local total=0 stat
  for pid in $core $(</proc/$core/task/$core/children); do
    read -r stat </proc/$pid/stat || continue
    set -- ${stat##*) }
    total=$((total + ${12} + ${13}))
  done 2>/dev/null
  echo $total
}
sleep 3
before=-1
idle=0
while ((idle < 4)); do
  sleep 0.5
  now=$(ticks)
  ((now - before <= 1)) && idle=$((idle + 1)) || idle=0
  before=$now
done
kill -INT $core
wait $core
exit 0
