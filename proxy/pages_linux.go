package proxy

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// releasePages hands back the pages of the program's code and constants that are in memory by now, half of which only the
// start needed: tables of packages, code that ran once, and what the kernel mapped around these. Those that are needed again
// come back one by one from the page cache. It is of no use to anybody but for what the process takes, so it may fail.
func releasePages() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 6 && fields[5] == program && fields[1][1] == '-' {
			release(fields[0])
		}
	}
}

// release hands back the pages of a range of addresses in /proc/self/maps, which must be of a file and never written to.
func release(addresses string) {
	var start, end uintptr
	if n, _ := fmt.Sscanf(addresses, "%x-%x", &start, &end); n == 2 && start < end {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_DONTNEED)
	}
}
