/* The signal-file protocol of protocol.md, for the Spin model checker. 'check' beside this file runs every row of its table.
 *
 *   spin -DLEASE -DQUIESCE -DLOCKLOSS -a protocol.pml && gcc -O2 -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -m100000 -E
 *
 * One file, NODES nodes (a monitor and a reader each), MIG migrators. Each rule is a switch, so that its absence can be shown to fail; a
 * test (ModelTests) holds these lines against the code, protocol.md and 'check':
 *   LEASE       R1, R2, R4c
 *   QUIESCE     R3, R4b
 *   CONTBEFORE  R2 with the clock read before the grant (wrong)
 *   NOCONT      without R2
 *   NOEPOCH     without R5
 *   NOVALIDATE  without R6
 *   LOCKLOSS    the environment may silently drop the quiesce lock of any node
 * Always in force: R4a, R5, R6, R8. Not in the model: R7, R9, R10, R11.
 * What a process may leave undone needs no choice of its own: a history in which it is not scheduled again is looked at as well.
 * POLLS and READS say how often the first node polls and reads, POLLS2 and READS2 the second, MAXT how far the clock runs, L the lease.
 */
#ifndef NODES
#define NODES 1
#endif
#ifndef MIG
#define MIG 1
#endif
#ifndef POLLS
#define POLLS 3
#endif
#ifndef READS
#define READS 2
#endif
#ifndef POLLS2
#define POLLS2 POLLS
#endif
#ifndef READS2
#define READS2 READS
#endif
#ifndef MAXT
#define MAXT 7          /* ticks modelled */
#endif
#ifndef L
#define L 2             /* lease, in ticks */
#endif

bool sigX[MIG], quiX[MIG], quiS[NODES];
bool stub, fileX; byte fileS;
bool relaxed[NODES], has[NODES]; byte lease[NODES], epoch[NODES], hasEpoch[NODES], now;

#if MIG == 1
#define anySigX (sigX[0])
#define anyQuiX (quiX[0])
#else
#define anySigX (sigX[0] || sigX[1])
#define anyQuiX (quiX[0] || quiX[1])
#endif

#if NODES == 1
#define anyQuiS (quiS[0])
#else
#define anyQuiS (quiS[0] || quiS[1])
#endif

#ifdef LEASE
#define LEASE_RUNS (now < lease[n])
#else
#define LEASE_RUNS (true)
#endif

proctype Clock() { do :: now < MAXT -> now++ :: now >= MAXT -> break od }

proctype Monitor(byte n) {
  byte t0; bool granted; byte rounds;
  do
  :: rounds < (n == 0 -> POLLS : POLLS2) ->
     rounds++;
     t0 = now;
     granted = !anySigX;
     if
     :: granted ->
#ifdef QUIESCE
        if
        :: !quiS[n] -> atomic { if :: !anyQuiX -> quiS[n] = true :: else -> granted = false fi }
        :: else
        fi;
#endif
        if
        :: granted ->
#if defined(LEASE) && defined(CONTBEFORE)
           atomic { if :: relaxed[n] && t0 >= lease[n] -> epoch[n]++; has[n] = false :: else fi; lease[n] = t0 + L; relaxed[n] = true }
#elif defined(LEASE) && !defined(NOCONT)
           atomic { if :: relaxed[n] && now >= lease[n] -> epoch[n]++; has[n] = false :: else fi; lease[n] = t0 + L; relaxed[n] = true }
#else
           atomic { lease[n] = t0 + L; relaxed[n] = true }
#endif
        :: else
        fi
     :: else ->
        relaxed[n] = false;
        atomic { epoch[n]++; has[n] = false };
        quiS[n] = false
     fi
  :: break
  od;
  atomic { relaxed[n] = false; quiS[n] = false }      /* stopped or crashed */
}

proctype Reader(byte n) {
  bool ok, tookHole, mark; byte e, k;
  do
  :: k < (n == 0 -> READS : READS2) ->
     k++;
     atomic { e = epoch[n]; ok = relaxed[n] && LEASE_RUNS };
     if
     :: ok && has[n] && hasEpoch[n] == e ->     /* relaxed hit */
        tookHole = stub;
#ifndef NOVALIDATE
        atomic { ok = relaxed[n] && LEASE_RUNS && epoch[n] == e };
#endif
        if :: ok -> assert(!tookHole) :: else fi
     :: ok && !(has[n] && hasEpoch[n] == e) ->  /* relaxed miss */
        mark = stub;
        if
        :: !mark ->
#ifdef NOEPOCH
           atomic { has[n] = true; hasEpoch[n] = epoch[n] }
#else
           atomic { has[n] = true; hasEpoch[n] = e }
#endif
        :: else
        fi
     :: !ok ->                                  /* strict */
        atomic { !fileX -> fileS++ };
        mark = stub;
        if :: !mark -> tookHole = stub; assert(!tookHole) :: else fi;
        fileS--
     fi
  :: else -> break
  od
}

proctype Migrator(byte m) {
  byte t1;
  atomic { !sigX[m] -> sigX[m] = true };
  t1 = now;
#ifdef QUIESCE
  atomic { !anyQuiS -> quiX[m] = true };
#endif
#ifdef LEASE
  (now >= t1 + L);
#endif
  atomic { !fileX && fileS == 0 -> fileX = true };
  stub = true;
  fileX = false;
  if :: quiX[m] = false; sigX[m] = false :: sigX[m] = false; quiX[m] = false fi;
  atomic { !fileX && fileS == 0 -> fileX = true }; stub = false; fileX = false   /* recalled */
}

#ifdef LOCKLOSS
proctype FailOver(byte n) { quiS[n] = false }
#endif

#ifdef LOCKLOSS
#define FAILOVER run FailOver(i);
#else
#define FAILOVER
#endif

init {
  byte i;
  atomic {
    run Clock();
    i = 0; do :: i < NODES -> run Monitor(i); run Reader(i); FAILOVER i++ :: else -> break od;
    i = 0; do :: i < MIG -> run Migrator(i); i++ :: else -> break od
  }
}
