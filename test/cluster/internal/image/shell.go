package image

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// busybox is Debian's static one: a shell and its tools in one file.
const busybox = "/bin/busybox"

// library is an absolute path in the output of ldd.
var library = regexp.MustCompile(`/\S+`)

// nameServices are what the C library loads to look up names, unseen by ldd.
var nameServices = []string{"libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"}

// shell is an image with busybox and this machine's curl, as main containers
// have them that a person looks around in.
func shell(ctx context.Context) (Image, error) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		return Image{}, fmt.Errorf("curl is missing: apt-get install curl: %w", err)
	}
	libraries, err := libraries(ctx, curl)
	if err != nil {
		return Image{}, err
	}
	applets, err := applets(ctx)
	if err != nil {
		return Image{}, err
	}
	files := append([]File{{Path: "/usr/bin/curl", From: curl}, {Path: busybox, From: busybox}}, libraries...)
	return Image{
		References: []string{Curl},
		Files:      append(files, applets...),
		Entrypoint: []string{"/bin/sh", "-c"},
	}, nil
}

func libraries(ctx context.Context, program string) ([]File, error) {
	output, err := exec.CommandContext(ctx, "ldd", program).Output()
	if err != nil {
		return nil, fmt.Errorf("listing the libraries of %s: %w", program, err)
	}
	var files []File
	folder := ""
	for _, path := range library.FindAllString(string(output), -1) {
		files = append(files, File{Path: path, From: path})
		if strings.HasPrefix(filepath.Base(path), "libc.so") {
			folder = filepath.Dir(path)
		}
	}
	for _, name := range nameServices {
		path := filepath.Join(folder, name)
		files = append(files, File{Path: path, From: path})
	}
	return files, nil
}

// applets are links to busybox by the name of each of its tools, but for wget,
// whose static build crashes when it looks up a name.
func applets(ctx context.Context) ([]File, error) {
	output, err := exec.CommandContext(ctx, busybox, "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("busybox is missing: apt-get install busybox-static: %w", err)
	}
	var links []File
	for tool := range strings.FieldsSeq(string(output)) {
		if tool != "wget" && tool != "busybox" {
			links = append(links, File{Path: "/bin/" + tool, Link: busybox})
		}
	}
	return links, nil
}
