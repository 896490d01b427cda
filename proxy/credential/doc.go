// Package credential reads what an ambassador spends: it turns the files of Secrets into the header fields and query
// parameters that every forwarded request carries, and replaces them when the files change.
//
// It does not watch files (whoever does calls [Set.Load]), does not touch requests, and never prints a value: values
// live in [Value], whose every textual form is a placeholder.
//
//	<folder>/<secret>/<key> -> read (one generation) -> check -> render each kind -> Attachment
//	Attachment -> atomic pointer -> Set.Current, once a request
//
// # When the files are not right
//
//	a key or its Secret is missing, or goes    requests are refused (Attachment.Missing) until it comes
//	a value is empty, unreadable or invalid    the Secret's last good values go on, all of them; without any: refused
//	allowed-upstreams forbids this upstream    requests are refused (Attachment.Refused)
//
// A Secret is taken as a whole: its values are always of one generation of its files, so that a user name never meets
// the next one's password. That holds where the files are replaced the way the kubelet does it, by one switch of the
// link "..data"; files that are written one by one are taken as they are found.
//
// # Binding
//
// A Secret may hold the key "allowed-upstreams": absolute URLs, one a line; empty lines and lines that start with '#'
// are skipped. Its values are then spent only where the upstream's URL equals one of them or lies below it: same
// scheme, host and port, and a path that starts with the same whole segments. A file that can not be read, holds no
// URL or a line that is none, allows nothing, and so does an upstream whose certificate is not verified. Of an upstream with failover, all
// URLs must be allowed: it is not known beforehand which of them a value will be sent to.
//
// # More kinds
//
// A kind says which keys it reads, which fields and parameters it owns, and renders its values. Kinds that mint
// tokens render what they minted; kinds that sign a request get a function on Attachment, beside the ready bytes.
package credential
