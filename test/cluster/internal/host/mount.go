package host

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

// mountPlace is the place of a mount among the fields of a mountinfo line.
const mountPlace = 4

// unescape turns mountinfo's octal escapes back into the bytes of a path.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// Unmount detaches every mount below the folders, the newest first.
func Unmount(folders ...string) error {
	mounts, err := mountsBelow(folders)
	if err != nil {
		return fmt.Errorf("reading mounts: %w", err)
	}
	var problems []error
	for _, mount := range slices.Backward(mounts) {
		// EINVAL: it went with the mount above it.
		if err := syscall.Unmount(mount, syscall.MNT_DETACH); err != nil && !errors.Is(err, syscall.EINVAL) {
			problems = append(problems, fmt.Errorf("unmounting %s: %w", mount, err))
		}
	}
	return errors.Join(problems...)
}

func mountsBelow(folders []string) ([]string, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var mounts []string
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) <= mountPlace {
			continue
		}
		place := unescape.Replace(fields[mountPlace])
		if slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(place, folder+"/") }) {
			mounts = append(mounts, place)
		}
	}
	return mounts, scanner.Err()
}
