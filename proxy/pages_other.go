//go:build !linux

package proxy

func releasePages() {}
