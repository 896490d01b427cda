package host

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/vishvananda/netlink"
)

// The cluster's network. Each Pod has a link of its own to the machine, so that
// all traffic between Pods is routed; Node is the address of the machine itself.
const (
	Network  = "10.231.0.0/16"
	Node     = "10.231.0.1"
	Pods     = "10.231.1.0/24"
	Services = "10.231.128.0/20"
)

// linkName is the link that carries the address Node. Its alias in the kernel is
// the state folder of the cluster that runs.
const linkName = "ambassador0"

// table is the nft table that lets Pods reach beyond the machine.
const table = "ambassador_cluster"

const masquerade = `table ip ` + table + ` {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		ip saddr ` + Pods + ` ip daddr != ` + Network + ` masquerade
	}
}
`

// Owner is the state folder of the cluster that runs on this machine, empty
// where none does.
func Owner() (string, error) {
	link, err := netlink.LinkByName(linkName)
	if missing(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for the link %s: %w", linkName, err)
	}
	return link.Attrs().Alias, nil
}

// AddNetwork makes the cluster's link, owned by a state folder, and the rule by
// which Pods reach beyond the machine.
func AddNetwork(ctx context.Context, owner string) error {
	if err := addLink(owner); err != nil {
		return fmt.Errorf("making the link %s: %w", linkName, err)
	}
	return nft(ctx, masquerade)
}

func addLink(owner string) error {
	link := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: linkName}}
	if err := netlink.LinkAdd(link); err != nil {
		return err
	}
	if err := netlink.LinkSetAlias(link, owner); err != nil {
		return err
	}
	address, err := netlink.ParseAddr(Node + "/32")
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(link, address); err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

// RemoveNetwork undoes AddNetwork, and removes what kube-proxy leaves behind.
func RemoveNetwork(ctx context.Context) error {
	problems := []error{
		dropTable(ctx, "ip", table),
		dropTable(ctx, "ip", "kube-proxy"),
		dropTable(ctx, "ip6", "kube-proxy"),
	}
	link, err := netlink.LinkByName(linkName)
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if !missing(err) {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func missing(err error) bool {
	_, ok := errors.AsType[netlink.LinkNotFoundError](err)
	return ok
}

// dropTable declares the table before it deletes it, so that a missing one is
// no error.
func dropTable(ctx context.Context, family, name string) error {
	script := fmt.Sprintf("table %[1]s %[2]s\ndelete table %[1]s %[2]s\n", family, name)
	return nft(ctx, script)
}

// nft has the kernel carry out a script as one transaction.
func nft(ctx context.Context, script string) error {
	cmd := exec.CommandContext(ctx, "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(script)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, output)
	}
	return nil
}
