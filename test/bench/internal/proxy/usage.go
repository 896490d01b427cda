package proxy

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is the processor time that all the proxy's threads have used, user and system. It is the kernel's own count behind
// utime and stime of /proc/<pid>/stat, read in nanoseconds rather than in ticks of 10 ms.
func (r *Running) CPU() (time.Duration, error) {
	var sum time.Duration
	for _, pid := range r.pids {
		var ts unix.Timespec
		if err := unix.ClockGettime(processClock(pid), &ts); err != nil {
			return 0, fmt.Errorf("reading the CPU clock of %s: %w", r.Name, err)
		}
		sum += time.Duration(ts.Nano())
	}
	return sum, nil
}

// processClock is the clock id of another process's CPU time, as clock_getcpuclockid(3) makes it.
func processClock(pid int) int32 {
	const scheduled = 2 // CPUCLOCK_SCHED: the scheduler's exact count
	return int32(^pid<<3 | scheduled)
}

// Resident is the memory that the proxy's processes hold in RAM, in bytes, pages that they share with each other counted
// once: all of the largest process and what is private to the others.
func (r *Running) Resident() (int64, error) {
	var largest, private, privateOfLargest int64
	for _, pid := range r.pids {
		all, own, err := resident(pid)
		if err != nil {
			return 0, fmt.Errorf("reading the memory of %s: %w", r.Name, err)
		}
		private += own
		if all > largest {
			largest, privateOfLargest = all, own
		}
	}
	return largest + private - privateOfLargest, nil
}

// resident returns a process's whole and private resident memory.
func resident(pid int) (all, private int64, err error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 {
			continue
		}
		kib, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "Rss:":
			all += kib << 10
		case "Private_Clean:", "Private_Dirty:":
			private += kib << 10
		}
	}
	return all, private, nil
}

// family is a process and all that descend from it.
func family(pid int) ([]int, error) {
	pids := []int{pid}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, path := range stats {
		child, parent := parentOf(path)
		if parent == pid {
			below, err := family(child)
			if err != nil {
				return nil, err
			}
			pids = append(pids, below...)
		}
	}
	return pids, nil
}

// parentOf reads a process's id and its parent's from its stat file; zeros when it has gone.
func parentOf(path string) (pid, parent int) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, 0
	}
	pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:]) // the name before it may hold anything
	if len(fields) > 1 {
		parent, _ = strconv.Atoi(string(fields[1]))
	}
	return pid, parent
}
