// Package proxy starts the proxies that are compared, each pinned to one core, and reads from the kernel what they use.
// What each one is told stands in configs/, as the files that the program itself would read.
//
//	Setup (ports, certificate, folder) -> configs/* filled in -> taskset -c CORE program -> Running -> CPU, Resident, Stop
package proxy
