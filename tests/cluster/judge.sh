# For the labs here: counts what passed and failed. To be sourced.
passed=0 failed=0

said() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# The commit and what else the computer has to do, for the table in docs/.
circumstances() { echo "git $(git -C "$here" describe --always --dirty 2>/dev/null), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"; }

judge() { # WHAT COMMAND...: a line, and a count
  local what=$1; shift
  if "$@" >/dev/null; then passed=$((passed + 1)); echo "passed $what"; else failed=$((failed + 1)); echo "failed $what"; fi
}

fixtures() { local name; for name; do printf '|FullyQualifiedName~TwoComputers.%s.' "$name"; done | cut -c2-; }

scenarios() { # FILE STATUS: what tests/ClusterHsm.TwoComputers said, a line for each scenario; how it ended
  local lines
  lines=$(awk '/^(passed|failed|skipped) / { if (line) print line; line = $0; wants = $1 != "passed"; next }
    wants && NF { sub(/^ +/, ""); line = line ": " $0; wants = 0 }
    END { if (line) print line }' "$1")
  echo "$lines"
  passed=$((passed + $(grep -c '^passed ' <<<"$lines"))) failed=$((failed + $(grep -c '^failed ' <<<"$lines")))
  # 2: some failed, which is counted above.
  if ! grep -q '^passed ' <<<"$lines" || { [ "$2" != 0 ] && [ "$2" != 2 ]; }; then
    tail -n 20 "$1"; judge "the scenarios ran to their end" false
  fi
}

verdict() { echo "$passed passed, $failed failed; $SECONDS s"; [ "$failed" = 0 ]; }
