// Command caddy is the stock Caddy server with its standard modules, built here so that its version is pinned by this
// module's go.mod.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

func main() { caddycmd.Main() }
